"""A toolchain without what no native module needs: C++, other languages, the libraries of other processors.

GCC itself says which of its libraries it would use (``-print-multi-lib``, and what the probe found), so nothing is
guessed from names; the rest is the list in ``resources/slim.json``. The slim copy must compile before it is kept.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from toolchains.chips import Arch
from toolchains.compiler_probe import Compiler, Unfit, probe_gcc
from toolchains.errors import CompilerError, disk_errors
from toolchains.jobs import JobContext
from toolchains.paths import resources
from toolchains.plain import run_compiler
from toolchains.text import Text, _
from toolchains.zig import Zig, compiler_data

#: What makes up a library of the root multilib; all else there (headers, specs, linker scripts) is for every one.
_LIBRARY = (".a", ".o", ".la")
_ROOT = PurePosixPath(".")


class SlimFailed(CompilerError):
    """The slim copy is not the compiler that it was. ``fields["folder"]`` is the toolchain."""

    code = "compiler.slim"

    def __init__(self, folder: Path, why: Text, detail: str = "") -> None:
        super().__init__(
            _("The toolchain in {folder} cannot be made smaller.", folder=folder),
            why=why,
            next_step=_("Leave --slim out: then it is packed as it is."),
            detail=detail,
            folder=str(folder),
        )


@dataclass(frozen=True)
class Slimmed:
    """Bytes on disk before and after, and the names of the sets of libraries that stayed."""

    before: int
    after: int
    multilibs: tuple[str, ...]


def slim(ctx: JobContext, folder: Path, arches: Sequence[Arch]) -> Slimmed:
    """Take out of ``folder``, a copy that nobody else uses, what modules for ``arches`` do not need.

    Raises :class:`SlimFailed` if it then compiles otherwise, or holds no GCC for any of these.
    """
    with disk_errors(folder):
        before = size_of(folder)
        served = dict(_compilers(ctx, folder, arches))
        if not served:
            raise SlimFailed(folder, _("It holds no GCC for {arches}.", arches=", ".join(one.name for one in arches)))
        known, kept = _multilibs(ctx, folder, served)
        _remove_listed(ctx, folder)
        _remove_multilibs(ctx, folder, known, kept)
        _remove_empty(folder)
        _prove(ctx, folder, served)
        return Slimmed(before, size_of(folder), tuple(sorted(str(one) for one in kept)))


def size_of(folder: Path) -> int:
    """Bytes of all files below ``folder``; a file with several names counts once."""
    seen: dict[tuple[int, int], int] = {}
    for path in _files(folder):
        stat = path.lstat()
        seen[stat.st_dev, stat.st_ino or hash(path)] = stat.st_size
    return sum(seen.values())


def _files(folder: Path) -> Iterator[Path]:
    for root, _folders, names in os.walk(folder):
        yield from (Path(root, name) for name in names)


# --- what is needed -------------------------------------------------------------------------------------------------


def _compilers(ctx: JobContext, folder: Path, arches: Iterable[Arch]) -> Iterator[tuple[str, Compiler]]:
    """Each architecture's compiler in the folder, as the finder would take it."""
    zig = Zig.bundled(ctx.host)
    for arch in arches:
        for name in compiler_data()["arches"][arch.name]["order"]:
            file = f"{name}{ctx.host.exe_suffix}"
            programs = [path for path in sorted(folder.glob(f"**/bin/{file}")) if path.is_file()]
            fit = next((found for path in programs if (found := _probed(ctx, path, arch, zig)) is not None), None)
            if fit is not None:
                yield arch.name, fit
                break


def _probed(ctx: JobContext, program: Path, arch: Arch, zig: Zig | None) -> Compiler | None:
    try:
        return probe_gcc(ctx, program, arch, "store", zig)
    except Unfit as unfit:
        ctx.log(f"{program}: {unfit.problem}")
        return None


def _multilibs(
    ctx: JobContext, folder: Path, served: dict[str, Compiler]
) -> tuple[set[PurePosixPath], set[PurePosixPath]]:
    """The folders of all sets of libraries that these compilers know, and those that are used."""
    known, kept = {_ROOT}, set[PurePosixPath]()
    for compiler in served.values():
        lines = _said(ctx, compiler.command[0], "-print-multi-lib").splitlines()
        known |= {PurePosixPath(line.partition(";")[0]) for line in lines if line}
        kept.add(PurePosixPath(_said(ctx, *compiler.command, *compiler.cflags, "-print-multi-directory").strip()))
    for compiler in served.values():  # Debian's RISC-V finds its libm elsewhere than its libgcc
        for library in filter(None, (compiler.libgcc, compiler.libm)):
            if library.resolve().is_relative_to(folder.resolve()):
                kept.add(_owner(PurePosixPath(library.resolve().parent.as_posix()), known))
    return known, kept


def _said(ctx: JobContext, *argv: str) -> str:
    return run_compiler(ctx, argv).text


def _owner(folder: PurePosixPath, known: Iterable[PurePosixPath]) -> PurePosixPath:
    """The set of libraries that an absolute or relative folder belongs to: the longest name that it ends with."""
    parts = folder.parts
    fitting = (one for one in known if one.parts and parts[-len(one.parts) :] == one.parts)
    return max(fitting, key=lambda one: len(one.parts), default=_ROOT)


# --- taking away ----------------------------------------------------------------------------------------------------


@cache
def _leave_out() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((resources() / "slim.json").read_text("utf-8"))["leave_out"]
    return rows


def _remove_listed(ctx: JobContext, folder: Path) -> None:
    for pattern in (pattern for row in _leave_out() for pattern in row["patterns"]):
        for path in list(folder.glob(pattern)):
            ctx.check()
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def _remove_multilibs(
    ctx: JobContext, folder: Path, known: Iterable[PurePosixPath], kept: Iterable[PurePosixPath]
) -> None:
    """Remove the sets that are not kept, wherever they lie: GCC's own, the C library's, Debian's several of those."""
    sets = [Path(root) for root, _folders, names in os.walk(folder) if any(map(_is_library, names))]
    owners = {place: _owner(PurePosixPath(place.as_posix()), known) for place in sets}
    bases = {place.parents[len(owner.parts) - 1] for place, owner in owners.items() if owner != _ROOT}
    for place, owner in owners.items():
        ctx.check()
        if owner in kept or (owner == _ROOT and place not in bases):
            continue
        for path in list(place.iterdir()):
            if not path.is_dir() and (owner != _ROOT or _is_library(path.name)):
                path.unlink()


def _is_library(name: str) -> bool:
    return name.endswith(_LIBRARY)


def _remove_empty(folder: Path) -> None:
    for root, folders, _names in os.walk(folder, topdown=False):
        for name in folders:
            path = Path(root, name)
            if path.is_symlink():
                if not path.exists():
                    path.unlink()
            elif not any(path.iterdir()):
                path.rmdir()
    for path in list(_files(folder)):  # names of what was taken away
        if path.is_symlink() and not path.exists():
            path.unlink()


def _prove(ctx: JobContext, folder: Path, served: dict[str, Compiler]) -> None:
    """The same answers as before, and it still compiles."""
    from toolchains.chips import arch

    for name, before in served.items():
        try:
            after = probe_gcc(ctx, Path(before.command[0]), arch(name), "store", Zig.bundled(ctx.host))
        except Unfit as unfit:
            raise SlimFailed(
                folder, _("It then no longer compiles for {arch}.", arch=name), str(unfit.problem)
            ) from unfit
        if after != before:
            raise SlimFailed(
                folder, _("It then compiles for {arch} in another way.", arch=name), f"{before!r}\n{after!r}"
            )
