"""The one door from a project to its recipe, however the project is described."""

from __future__ import annotations

from toolchains.build_records import BuildRequest
from toolchains.jobs import JobContext
from toolchains.recipe import Recipe, recipe_of


def recipe_for(ctx: JobContext, request: BuildRequest) -> Recipe:
    """The recipe of what is asked for. Raises the errors of the room that reads the project."""
    if request.project.makefile is None:
        return recipe_of(request.project, request.arch, request.sdk, request.compiler, request.wishes)
    from toolchains.makefile import kept  # a project without a Makefile should not pay for it

    known = kept.known(ctx, request)
    if known is not None:
        for line in known.infos:
            ctx.log(line)
        return known.recipe
    from toolchains.makefile.recipes import recipe_of_makefile  # 25 ms, for a Makefile that is new or has changed

    return recipe_of_makefile(ctx, request)
