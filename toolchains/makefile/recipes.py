"""From a project with a Makefile to its recipe."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from toolchains.build_records import BuildRequest
from toolchains.contents import MISSING
from toolchains.errors import ProjectError
from toolchains.jobs import JobContext
from toolchains.makefile import kept
from toolchains.makefile.answers import Answers
from toolchains.makefile.asking import Asking
from toolchains.makefile.consent import Consents
from toolchains.makefile.errors import Command, NeedsConsent, Place, TooMuch
from toolchains.makefile.kept import Kept
from toolchains.makefile.made import MadeAgain
from toolchains.makefile.module import Module
from toolchains.makefile.reader import Reader
from toolchains.makefile.running import run_command
from toolchains.makefile.variables import Variables
from toolchains.makefile.world import Question, World
from toolchains.paths import Paths
from toolchains.recipe import CONFIG, Recipe
from toolchains.text import _

_MOST_ROUNDS = 8


def recipe_of_makefile(ctx: JobContext, request: BuildRequest) -> Recipe:
    """The recipe of a project with a Makefile.

    Raises :class:`~toolchains.makefile.errors.MakefileError` and its leaves; :class:`NeedsConsent` when commands would
    have to be run that the person did not agree to; ``SdkIncomplete`` when the tree lacks what the Makefile uses.
    """
    found = _read(ctx, request, kept.given(request), Consents(ctx.host, request.project.root))
    if found.asked is not _NEVER:
        kept.keep(ctx, request, found)
    for line in found.infos:
        ctx.log(line)
    return found.recipe


_NEVER: Mapping[Question, str] = {("never", ""): ""}


class _Again(Exception):
    """Commands were run: what they printed may lead elsewhere."""


def _read(ctx: JobContext, request: BuildRequest, given: Mapping[str, str], consents: Consents) -> Kept:
    ran: dict[str, str] = {}
    for _round in range(_MOST_ROUNDS):
        with suppress(MadeAgain, _Again):
            return _read_once(ctx, request, given, consents, ran)
    place = Place(request.project.makefile or "Makefile", 1)
    raise TooMuch(place, _("its rules make files again each time, without end."))


def _read_once(
    ctx: JobContext, request: BuildRequest, given: Mapping[str, str], consents: Consents, ran: dict[str, str]
) -> Kept:
    world = kept.world_of(request)

    def allowed(command: Command) -> bool:
        return request.wishes.allow_run or consents.allowed(command)

    def run(command: Command) -> str | None:
        if not allowed(command):
            return None
        consents.allow([command])
        environment = _with_compiler(ctx, request, reader.environment())
        return run_command(ctx, command, request.project.root, world, environment)

    def overridden(name: str, value: str) -> None:
        if name in request.wishes.variables:
            consents.remember(name, value, request.wishes.variables[name])

    asking = Asking(world, Answers(ctx, request.compiler, request.arch, world), ran, consents.answer, overridden)
    reader = reader_of(ctx, request, given, asking)
    try:
        reader.read(request.project.makefile or "Makefile")
        recipe = Module(reader, request, run, Paths.of(ctx.host).cache).recipe()
    except RecursionError:
        raise TooMuch(reader.expander.place, _("this is nested too deeply.")) from None
    except ProjectError:
        # What a command that was not run would have said, or made, may be all that is wrong.
        if not asking.needed:
            raise
    if asking.needed:
        refused = [command for command in asking.needed if not allowed(command)]
        if refused:
            raise NeedsConsent(refused)
        # Those of rules follow when all that they are made of is known.
        ran.update((one.text, run(one) or "") for one in asking.needed if one.makes is None)
        raise _Again
    recipe = replace(recipe, described=tuple(_included(world)))
    return Kept(recipe, tuple(asking.infos), _NEVER if ran else world.asked, dict(reader.variables.asked))


def _with_compiler(ctx: JobContext, request: BuildRequest, environment: Mapping[str, str]) -> Mapping[str, str]:
    """The environment, in which ``$(CROSS)ar`` and the like of a GCC that we brought are found, too."""
    folder = os.path.dirname(request.compiler.command[0])
    if request.compiler.kind != "gcc" or not folder:
        return environment
    path = environment.get("PATH", ctx.host.environ.get("PATH", ""))
    return {**environment, "PATH": f"{path}{os.pathsep}{folder}" if path else folder}


def _included(world: World) -> Iterator[str]:
    """The makefiles that were read, but for the tree's own."""
    for (kind, name), answer in world.asked.items():
        if kind == "content" and answer != MISSING and not os.path.isabs(world.names.real(name)):
            yield name


def reader_of(ctx: JobContext, request: BuildRequest, given: Mapping[str, str], asking: Asking) -> Reader:
    """What reads the Makefile, with all variables that are set before the first line."""
    reader = Reader(asking, Variables(lambda name: kept.outside(ctx, request, name)), on_step=ctx.check)
    reader.give(given, "command line")
    reader.give(_ours(request, asking.world), "ours")
    return reader


def _ours(request: BuildRequest, world: World) -> dict[str, str]:
    """What Natmod Studio chooses, whatever the Makefile says."""
    return {
        "MPY_DIR": world.names.sdk,
        "ARCH": request.arch.name,
        "BUILD": "build",
        "CONFIG_H": CONFIG,
    }
