"""What a compiler can do, found out by running it: never by its name alone."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toolchains.chips import Arch
from toolchains.contents import MEMO, digest_of
from toolchains.errors import StudioError, ToolFailed, ToolMissing
from toolchains.jobs import Completed, JobContext
from toolchains.plain import run_compiler
from toolchains.text import Text, _
from toolchains.zig import Zig

#: The headers that py/dynruntime.h and ordinary C code ask for.
_HEADERS = ["assert", "errno", "limits", "math", "stdarg", "stdbool", "stddef", "stdint", "stdio", "stdlib", "string"]
_SOURCE = "".join(f"#include <{name}.h>\n" for name in _HEADERS) + "int natmod_probe(int x) { return x + 1; }\n"

_TIMEOUT_S = 60.0
_PICOLIBC = "picolibc.specs"


@dataclass(frozen=True)
class Compiler:
    """A compiler that was tried for one architecture.

    ``command`` and ``cflags`` together, followed by a project's flags, compile a file. ``libgcc`` and ``libm`` serve
    symbols that the code needs at run time (zig has a library of its own instead). ``origin`` says where it was found:
    ``PATH``, ``store``, ``ziglang``, or who keeps it. ``identity`` changes whenever its output might. ``natmod``: the
    first and the last MicroPython whose linker reads its objects, where that is known.
    """

    arch: str
    kind: str
    command: tuple[str, ...]
    version: str
    origin: str
    cflags: tuple[str, ...]
    libgcc: Path | None
    libm: Path | None
    identity: str
    natmod: tuple[str, str] | None = None

    @property
    def program(self) -> str:
        """The program's name without folder and suffix (``riscv64-unknown-elf-gcc``)."""
        return Path(self.command[0]).stem if self.command[0].endswith(".exe") else Path(self.command[0]).name

    def __str__(self) -> str:
        return f"{self.program} {self.version}"


class Unfit(Exception):
    """Why a program does not serve. Becomes a candidate's ``problem``; it never reaches a person as an error."""

    def __init__(self, problem: Text) -> None:
        super().__init__(problem)
        self.problem = problem


def probe_zig(ctx: JobContext, zig: Zig, arch: Arch) -> Compiler:
    """The bundled zig as a compiler for ``arch``; :class:`Unfit` if it is none."""
    version = _run(ctx, [zig.program, "version"]).text.strip()
    command, flags = zig.command(arch), zig.flags(arch)
    _compile(ctx, (*command, *flags), arch)
    identity = digest_of("zig", version, command[1:], arch.zig_cflags)
    return Compiler(arch.name, "zig", command, version, "ziglang", flags, None, None, identity)


def probe_gcc(ctx: JobContext, program: Path, arch: Arch, origin: str, zig: Zig | None) -> Compiler:
    """``program`` as a compiler for ``arch``; :class:`Unfit` if it is none.

    A bare-metal GCC without a C library's headers gets those of zig's wheel.
    """
    banner = _run(ctx, [program, "--version"]).text
    machine = _run(ctx, [program, "-dumpmachine"]).text.strip()
    version = _version(ctx, program, banner)
    flags = (*arch.cflags, *_picolibc(ctx, program, arch))
    try:
        _compile(ctx, (str(program), *flags), arch)
    except Unfit:
        headers = zig.headers(arch) if zig is not None else ()
        if not headers:
            raise
        _compile(ctx, (str(program), *flags, *headers), arch)
        flags = (*flags, *headers)
    c_library = "libc.a" if any("picolibc" in flag for flag in flags) or "-musl" in machine else "libm.a"
    libgcc = _library(ctx, program, flags, "--print-libgcc-file-name", arch)
    libm = _library(ctx, program, flags, f"--print-file-name={c_library}", arch)
    inner = compiler_proper(ctx, program)
    identity = digest_of("gcc", banner, machine, flags, program.name, MEMO.of(program), MEMO.of(inner) if inner else "")
    return Compiler(arch.name, "gcc", (str(program),), version, origin, flags, libgcc, libm, identity)


def compiler_proper(ctx: JobContext, program: Path) -> Path | None:
    """GCC's ``cc1``, which does the work: an update may exchange it under the same version and the same driver."""
    found = Path(_run(ctx, [program, "-print-prog-name=cc1"]).text.strip())
    return found if found.is_absolute() else None


def watched(ctx: JobContext, program: Path, flags: Sequence[str]) -> tuple[str, ...]:
    """``cc1``, and the folders where GCC looks for libraries and specs: when one changes, it is probed again."""
    try:
        inner = compiler_proper(ctx, program)
    except Unfit:
        return ()
    return (*([str(inner)] if inner else ()), *_watched_folders(ctx, program, flags))


def _watched_folders(ctx: JobContext, program: Path, flags: Sequence[str]) -> tuple[str, ...]:
    try:
        text = _run(ctx, [program, *flags, "-print-search-dirs"]).text
    except Unfit:
        return ()
    found = re.search(r"^libraries: =?(.*)$", text, re.M)
    folders = found[1].split(os.pathsep) if found else []
    return tuple(dict.fromkeys(os.path.normpath(folder) for folder in folders if folder))


def _run(ctx: JobContext, argv: Sequence[str | Path], stdin: bytes | None = None) -> Completed:
    try:
        return run_compiler(ctx, argv, stdin=stdin, timeout=_TIMEOUT_S)
    except (ToolFailed, ToolMissing) as error:
        raise Unfit(_("it does not run: {reason}", reason=_first_line(error))) from error


def _first_line(error: StudioError) -> str:
    lines = [line for line in error.detail.splitlines() if line.strip()]
    wanted = [line for line in lines if "error" in line.lower()] or lines
    return wanted[0].strip() if wanted else str(error)


def _version(ctx: JobContext, program: Path, banner: str) -> str:
    numbers = _run(ctx, [program, "-dumpfullversion", "-dumpversion"]).text.strip()
    # Espressif and crosstool-NG say more in the banner: (crosstool-NG esp-14.2.0_20251107).
    special = re.search(r"crosstool-NG\s+(?:crosstool-ng-)?([\w.-]+)\)", banner)
    return special[1] if special else numbers


def _picolibc(ctx: JobContext, program: Path, arch: Arch) -> tuple[str, ...]:
    """As dynruntime.mk: picolibc is chosen wherever a RISC-V compiler finds it."""
    if not arch.name.startswith("rv"):
        return ()
    found = _run(ctx, [program, f"--print-file-name={_PICOLIBC}"]).text.strip()
    return () if found == _PICOLIBC else (f"-specs={found}",)


def _compile(ctx: JobContext, command: Sequence[str], arch: Arch) -> None:
    """Compile the probe and look at the object that came out."""
    with tempfile.TemporaryDirectory(prefix="natmod-probe-") as folder:
        output = Path(folder) / "probe.o"
        argv = [*command, "-std=c99", "-Os", "-fpic", "-x", "c", "-", "-c", "-o", str(output)]
        try:
            run_compiler(ctx, argv, stdin=_SOURCE.encode(), timeout=_TIMEOUT_S)
        except (ToolFailed, ToolMissing) as error:
            problem = _("it cannot compile for {arch}: {reason}", arch=arch.name, reason=_first_line(error))
            raise Unfit(problem) from error
        _check_object(output.read_bytes() if output.is_file() else b"", arch)


def _check_object(data: bytes, arch: Arch) -> None:
    if data[:4] != b"\x7fELF":
        raise Unfit(_("it makes no ELF objects"))
    machine = int.from_bytes(data[18:20], "little")
    if machine != arch.elf_machine or data[4] != arch.bits // 32:
        raise Unfit(_("it compiles for another processor than {arch}", arch=arch.name))


def _library(ctx: JobContext, program: Path, flags: Sequence[str], question: str, arch: Arch) -> Path | None:
    """The library that the compiler names for these flags, if it exists and is for the right processor.

    Debian's GCC 12 for RISC-V names its 64-bit libgcc for some 32-bit flags (no-hardware.md section 4).
    """
    answer = Path(_run(ctx, [program, *flags, question]).text.strip())
    try:
        library = answer.resolve(strict=True)
        with library.open("rb") as file:
            start = file.read(1 << 16)
    except OSError:
        return None
    member = start.find(b"\x7fELF")
    if not start.startswith(b"!<arch>\n") or member < 0:
        return library  # a linker script that names others (glibc's libm.a)
    right = start[member + 4] == arch.bits // 32
    return library if right else None
