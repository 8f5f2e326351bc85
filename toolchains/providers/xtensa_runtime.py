"""libgcc and newlib's libm for xtensawin, compiled file by file with the compiler that :mod:`.xtensa_tree` makes.

Neither configure nor make runs: only what a native module can use is built, some 370 small files in a few seconds.
newlib's functions are built without its error handling (``_IEEE_LIBM``), which a module could not link.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from toolchains.jobs import JobContext
from toolchains.paths import resources
from toolchains.providers.xtensa_data import XtensaFailed, data
from toolchains.text import _


@dataclass(frozen=True)
class Sources:
    """Unpacked sources: GCC's ``libgcc`` and ``include``, newlib's tree, and QEMU's opcode table."""

    gcc: Path
    newlib: Path
    table: Path


def put_headers(sources: Sources, include: Path) -> None:
    """newlib's headers, as its own installation would lay them out."""
    libc = sources.newlib / "newlib" / "libc"
    shutil.copytree(libc / "include", include)
    shutil.copytree(libc / "machine" / "xtensa" / "include", include, dirs_exist_ok=True)
    shutil.copytree(libc / "machine" / "xtensa" / "sys", include / "sys", dirs_exist_ok=True)
    shutil.copy(resources() / "xtensa" / "newlib.h", include)
    # newlib leaves this one to the board's own files; the compiler itself knows all that is in it.
    core = sources.gcc / "libgcc" / "config" / "xtensa" / "xtensa-config-builtin.h"
    shutil.copy(core, include / "xtensa" / "config" / "core-isa.h")


@dataclass(frozen=True)
class _Unit:
    """One object of a library: the source, the flags for it alone, and the object's name."""

    source: Path
    flags: tuple[str, ...]
    name: str


def build_runtime(ctx: JobContext, sources: Sources, prefix: Path, lib: Path, work: Path) -> None:
    """Put ``libgcc.a`` and ``libm.a`` into ``lib``. ``prefix`` with ``gcc`` and ``ar`` appended are the programs."""
    libraries = {"libgcc.a": _libgcc(sources), "libm.a": _libm(sources)}
    units = [unit for group in libraries.values() for unit in group]
    work.mkdir(parents=True)
    with ctx.step(_("Build libgcc and the maths library for the ESP32")):
        _compile(ctx, f"{prefix}gcc", units, work)
        lib.mkdir()
        for name, group in libraries.items():
            objects = [unit.name for unit in sorted(group, key=lambda unit: unit.name)]
            # D: no times and no users, so that the same sources give the same bytes.
            ctx.run((f"{prefix}ar", "rcsD", lib / name, *objects), cwd=work)


def _compile(ctx: JobContext, gcc: str, units: Sequence[_Unit], work: Path) -> None:
    numbers = count(1)

    def one(unit: _Unit) -> None:
        argv = (gcc, *data()["runtime_flags"], _own_sections(unit), *unit.flags, "-c", unit.source, "-o", unit.name)
        done = ctx.run(argv, cwd=work, env={"LC_ALL": "C"}, check=False)
        if done.returncode:
            raise XtensaFailed(_("{name} does not compile for the ESP32.", name=unit.source.name), detail=done.text)
        ctx.progress(next(numbers), len(units), "")

    pool = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="runtime")
    try:
        for _done in pool.map(one, units):
            pass
    finally:
        pool.shutdown(cancel_futures=True)


def _own_sections(unit: _Unit) -> str:
    """Give an object's sections names that no other has: mpy_ld.py knows a constant of Xtensa code by its section's
    name and the offset in it, whatever the file (micropython issue #19276), and would mix up those of two members.
    """
    name = unit.name.removesuffix(".o")
    return f"-Wa,--rename-section,.text=.text.{name}:.rodata=.rodata.{name}"


def _libgcc(sources: Sources) -> list[_Unit]:
    """As libgcc/Makefile.in does it: the same source again and again, each time for another function."""
    folder = sources.gcc / "libgcc"
    config = folder / "config" / "xtensa"
    includes = (resources() / "xtensa" / "libgcc", folder, sources.gcc / "include", config)
    flags = ("-DIN_GCC", "-DIN_LIBGCC2", "-Dinhibit_libc", "-fbuilding-libgcc", *(f"-I{path}" for path in includes))
    recipe = (config / "t-xtensa").read_text("utf-8").replace("\\\n", " ")
    assembler = re.findall(r"^LIB1ASMFUNCS\s*\+?=(.*)$", recipe, re.M)
    names = [name for line in assembler for name in line.split()]
    source = config / "lib1funcs.S"
    return [
        *(_Unit(source, (*flags, f"-DL{name}"), f"lib1{name}.o") for name in names),
        *(_Unit(folder / "libgcc2.c", (*flags, f"-DL{name}"), f"lib2{name}.o") for name in _c_names(names)),
    ]


def _c_names(taken: Sequence[str]) -> list[str]:
    return [name for name in data()["libgcc2"] if name not in taken]


def _libm(sources: Sources) -> list[_Unit]:
    libm = sources.newlib / "newlib" / "libm"
    left_out = data()["libm_left_out"]
    flags = ("-D_LIBM", "-D_IEEE_LIBM", f"-I{libm / 'common'}")
    files = [path for folder in ("common", "math") for path in sorted((libm / folder).glob("*.c"))]
    # The one in the folder of the machine stands for it: the float unit takes square roots itself.
    kept = [path for path in files if path.name not in (*left_out, "ef_sqrt.c")]
    ours = _Unit(resources() / "xtensa" / "errno.c", (), "errno.o")
    return [*(_Unit(path, flags, f"{path.parent.name}-{path.stem}.o") for path in kept), ours]
