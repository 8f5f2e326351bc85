"""What a Makefile came to, kept from one reading to the next with all that it depends on.

In this process, and in the cache for the next one: to load what reads Makefiles and to read one again takes as long as
a small file takes to compile. An entry counts as long as every answer that led to it is still the same.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from toolchains.build_records import BuildRequest
from toolchains.contents import MEMO, digest_of
from toolchains.jobs import JobContext
from toolchains.makefile.consent import Consents
from toolchains.makefile.world import Names, Question, World
from toolchains.paths import Paths
from toolchains.project import ProjectFileError
from toolchains.project_flags import variable_problem
from toolchains.recipe import Recipe

#: Variables of the environment that are about compilers for this computer, or that make treats in its own way.
_NOT_FROM_OUTSIDE = ("CFLAGS", "CPPFLAGS", "LDFLAGS", "CXXFLAGS", "SRC", "MOD")
_MOST_KEPT = 64


@dataclass(frozen=True)
class Kept:
    """A recipe with all that it depends on."""

    recipe: Recipe
    infos: tuple[str, ...]
    asked: Mapping[Question, str]
    environment: Mapping[str, str | None]


_kept: dict[tuple[object, ...], Kept] = {}


def known(ctx: JobContext, request: BuildRequest) -> Kept | None:
    """What was found earlier for the same request, if it still holds."""
    key = _key(ctx, request)
    kept = _kept.get(key) or _load(ctx, request, key)
    if kept is None or not _holds(ctx, kept, request):
        return None
    _kept[key] = kept
    return kept


def keep(ctx: JobContext, request: BuildRequest, kept: Kept) -> None:
    """Keep what was found now."""
    if len(_kept) >= _MOST_KEPT:
        _kept.clear()
    key = _key(ctx, request)
    _kept[key] = kept
    if kept.recipe.notes:  # sentences in the language of the moment
        return
    entry = {
        "key": _digest(key),
        "recipe": {name: value for name, value in asdict(kept.recipe).items() if name not in ("root", "notes")},
        "infos": kept.infos,
        "asked": [[*question, answer] for question, answer in kept.asked.items()],
        "environment": kept.environment,
    }
    path = _path(ctx, request)
    with suppress(OSError):  # a cache that cannot be written only costs time
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".recipe-", dir=path.parent)
        with open(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
            json.dump(entry, file)
        ctx.host.replace(Path(name), path)


def given(request: BuildRequest) -> dict[str, str]:
    """The person's variables: of natmod.toml, then of the command line."""
    found = {**request.project.make, **request.wishes.variables}
    for name in found:
        problem = variable_problem(name)
        if problem is not None:
            raise ProjectFileError(request.project.root / (request.project.makefile or "Makefile"), None, problem)
    return found


def world_of(request: BuildRequest) -> World:
    """What a Makefile of this project asks the computer."""
    root = request.project.root
    return World(root, Names(root, request.sdk.path.absolute()))


def outside(ctx: JobContext, request: BuildRequest, name: str) -> str | None:
    """A variable of the environment, unless it is meant for compilers of this computer."""
    if name == "PWD":  # make is run in the project's folder
        return world_of(request).names.root
    if name not in ctx.host.environ or name in _NOT_FROM_OUTSIDE:
        return None
    return ctx.host.environ[name] if name == "PATH" or variable_problem(name) is None else None


def _holds(ctx: JobContext, kept: Kept, request: BuildRequest) -> bool:
    same = all(outside(ctx, request, name) == value for name, value in kept.environment.items())
    return same and world_of(request).holds(kept.asked)


def _key(ctx: JobContext, request: BuildRequest) -> tuple[object, ...]:
    project, compiler = request.project, request.compiler
    return (
        str(project.root),
        project.makefile,
        request.arch.name,
        str(request.sdk.path),
        compiler.command,
        compiler.identity,
        request.wishes.allow_run,
        tuple(sorted(given(request).items())),
        MEMO.of(Consents(ctx.host, project.root).path),
    )


# --- from one process to the next -----------------------------------------------------------------------------------


def _path(ctx: JobContext, request: BuildRequest) -> Path:
    """One file for a project and architecture: a new reading takes the place of an older one."""
    name = digest_of(str(request.project.root), request.project.makefile, request.arch.name)
    return Paths.of(ctx.host).cache / "recipes" / f"{name[:24]}.json"


def _digest(key: tuple[object, ...]) -> str:
    return digest_of(key, _reader())


@cache
def _reader() -> tuple[tuple[str, int, int], ...]:
    """The files of the reader itself: another one may come to another recipe."""
    with os.scandir(Path(__file__).parent) as entries:
        stats = [(entry.name, entry.stat()) for entry in entries if entry.name.endswith(".py")]
    return tuple(sorted((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats))


def _load(ctx: JobContext, request: BuildRequest, key: tuple[object, ...]) -> Kept | None:
    try:
        entry = json.loads(_path(ctx, request).read_text("utf-8", "surrogateescape"))
        if entry["key"] != _digest(key):
            return None
        asked = {(kind, name): answer for kind, name, answer in entry["asked"]}
        return Kept(_recipe(request, entry["recipe"]), tuple(entry["infos"]), asked, entry["environment"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _recipe(request: BuildRequest, plain: Mapping[str, Any]) -> Recipe:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}
    values["own_flags"] = {name: tuple(flags) for name, flags in plain["own_flags"].items()}
    return Recipe(root=request.project.root, **values)
