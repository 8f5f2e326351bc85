"""The one door from a project to its recipe, however the project is described."""

from __future__ import annotations

from toolchains.build_records import BuildRequest
from toolchains.jobs import JobContext
from toolchains.recipe import Recipe, recipe_of


def recipe_for(ctx: JobContext, request: BuildRequest) -> Recipe:
    """The recipe of what is asked for. Raises the errors of the room that reads the project."""
    if request.project.makefile is not None:
        from toolchains.makefile.recipes import recipe_of_makefile  # 25 ms that a project without one should not pay

        return recipe_of_makefile(ctx, request)
    return recipe_of(request.project, request.arch, request.sdk, request.compiler, request.wishes)
