"""From a project with a Makefile to its recipe; remembered while nothing that was read or asked has changed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from toolchains.build_records import BuildRequest
from toolchains.contents import MEMO, MISSING
from toolchains.errors import ProjectError
from toolchains.jobs import JobContext
from toolchains.makefile.answers import Answers
from toolchains.makefile.asking import Asking
from toolchains.makefile.consent import Consents
from toolchains.makefile.errors import Command, NeedsConsent, Place, TooMuch
from toolchains.makefile.made import MadeAgain
from toolchains.makefile.module import Module
from toolchains.makefile.reader import Reader
from toolchains.makefile.running import run_command
from toolchains.makefile.variables import Variables
from toolchains.makefile.world import Names, Question, World
from toolchains.paths import Paths
from toolchains.project import ProjectFileError
from toolchains.project_flags import variable_problem
from toolchains.recipe import CONFIG, Recipe
from toolchains.text import _

#: Variables of the environment that are about compilers for this computer, or that make treats in its own way.
_NOT_FROM_OUTSIDE = ("CFLAGS", "CPPFLAGS", "LDFLAGS", "CXXFLAGS", "SRC", "MOD")
_MOST_KEPT = 64
_MOST_ROUNDS = 8


@dataclass(frozen=True)
class _Kept:
    """A recipe with all that it depends on."""

    recipe: Recipe
    infos: tuple[str, ...]
    asked: Mapping[Question, str]
    environment: Mapping[str, str | None]


_kept: dict[tuple[object, ...], _Kept] = {}


def recipe_of_makefile(ctx: JobContext, request: BuildRequest) -> Recipe:
    """The recipe of a project with a Makefile.

    Raises :class:`~toolchains.makefile.errors.MakefileError` and its leaves; :class:`NeedsConsent` when commands would
    have to be run that the person did not agree to; ``SdkIncomplete`` when the tree lacks what the Makefile uses.
    """
    given = _given(request)
    consents = Consents(ctx.host, request.project.root)
    key = _key(request, given, MEMO.of(consents.path))
    kept = _kept.get(key)
    if kept is None or not _holds(ctx, kept, request):
        kept = _read(ctx, request, given, consents)
        if kept.asked is not _NEVER:
            if len(_kept) >= _MOST_KEPT:
                _kept.clear()
            _kept[key] = kept
    for line in kept.infos:
        ctx.log(line)
    return kept.recipe


_NEVER: Mapping[Question, str] = {("never", ""): ""}


def _given(request: BuildRequest) -> dict[str, str]:
    """The person's variables: of natmod.toml, then of the command line."""
    given = {**request.project.make, **request.wishes.variables}
    for name in given:
        problem = variable_problem(name)
        if problem is not None:
            raise ProjectFileError(request.project.root / (request.project.makefile or "Makefile"), None, problem)
    return given


def _key(request: BuildRequest, given: Mapping[str, str], answers: str) -> tuple[object, ...]:
    project, compiler = request.project, request.compiler
    return (
        str(project.root),
        project.makefile,
        request.arch.name,
        str(request.sdk.path),
        compiler.command,
        compiler.identity,
        request.wishes.allow_run,
        tuple(sorted(given.items())),
        answers,
    )


def _holds(ctx: JobContext, kept: _Kept, request: BuildRequest) -> bool:
    same = all(_outside(ctx, request, name) == value for name, value in kept.environment.items())
    return same and _world(request).holds(kept.asked)


def _world(request: BuildRequest) -> World:
    root = request.project.root
    return World(root, Names(root, request.sdk.path.absolute()))


def _outside(ctx: JobContext, request: BuildRequest, name: str) -> str | None:
    """A variable of the environment, unless it is meant for compilers of this computer."""
    if name == "PWD":  # make is run in the project's folder
        return _world(request).names.root
    if name not in ctx.host.environ or name in _NOT_FROM_OUTSIDE:
        return None
    return ctx.host.environ[name] if name == "PATH" or variable_problem(name) is None else None


class _Again(Exception):
    """Commands were run: what they printed may lead elsewhere."""


def _read(ctx: JobContext, request: BuildRequest, given: Mapping[str, str], consents: Consents) -> _Kept:
    ran: dict[str, str] = {}
    for _round in range(_MOST_ROUNDS):
        with suppress(MadeAgain, _Again):
            return _read_once(ctx, request, given, consents, ran)
    place = Place(request.project.makefile or "Makefile", 1)
    raise TooMuch(place, _("its rules make files again each time, without end."))


def _read_once(
    ctx: JobContext, request: BuildRequest, given: Mapping[str, str], consents: Consents, ran: dict[str, str]
) -> _Kept:
    world = _world(request)

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
    return _Kept(recipe, tuple(asking.infos), _NEVER if ran else world.asked, dict(reader.variables.asked))


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
    reader = Reader(asking, Variables(lambda name: _outside(ctx, request, name)), on_step=ctx.check)
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
