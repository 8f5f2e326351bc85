"""An Xtensa core with register windows and a float unit, emulated by QEMU: programs and native modules run on it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from toolchains.compiler_probe import Compiler

_PARTS = Path(__file__).parent / "toolchains" / "xtensa_sim"
_MACHINE = ("-M", "sim", "-cpu", "de233_fpu", "-m", "64M", "-semihosting")
_QUIET = ("-display", "none", "-monitor", "none", "-serial", "none")


def run(compiler: Compiler, folder: Path, sources: Sequence[str]) -> list[int]:
    """What the program of these ``sources`` of ``xtensa_sim`` prints: a number a line. ``folder`` is for its files."""
    qemu = shutil.which("qemu-system-xtensa")
    if qemu is None:
        pytest.skip("qemu-system-xtensa is not installed")
    program = folder / "program.elf"
    flags = ["-O1", "-fno-builtin", "-nostdlib", "-Wl,--no-warn-rwx-segments", f"-I{folder}", "-T", _PARTS / "sim.ld"]
    files = [_PARTS / source for source in ("start.S", *sources)]
    _checked([*compiler.command, *flags, f"-Wa,-I{folder}", "-o", program, *files, "-lm", "-lgcc"])
    said = _checked([qemu, *_MACHINE, *_QUIET, "-kernel", program])
    return [int(line, 16) for line in said.split()]


def run_module(compiler: Compiler, folder: Path, mpy: bytes) -> list[int]:
    """What a module's function prints for the arguments in ``board.c``, see there."""
    (folder / "module.mpy").write_bytes(mpy)
    return run(compiler, folder, ["board.c", "module.S"])


def _checked(argv: Sequence[object]) -> str:
    words = [str(word) for word in argv]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
