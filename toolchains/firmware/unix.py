"""The firmware of ``sim:unix``: MicroPython's unix port in a variant of ours that behaves as a board does.

How to run it (for the keeper): on a pty as standard input, output and error, in the folder that is to be the board's
root, ``PROGRAM -X heapsize=1M -c "import simulator; simulator.run()"``. It sets the terminal up by itself (raw mode)
and needs no controlling terminal: Ctrl-C comes in as a byte. Ctrl-D is a soft reset inside the same process (execv):
the keeper restarts nothing. It ends when the other side of the pty closes, and only then, unless a native module
crashes it; a hard reset is to kill it and start it again. The variant itself is ``resources/simulator/unix``.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from toolchains.errors import ToolMissing
from toolchains.firmware.cache import Product, cached, furniture
from toolchains.firmware.make import FirmwareNotHere, Recipe, Staging, prepare, staging, variables
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.sdk_tree import SdkTree
from toolchains.text import _
from toolchains.zig import Zig

NAME = "sim:unix"

_NEEDED = (
    "py/mkenv.mk",
    "py/mkrules.mk",
    "extmod/extmod.mk",
    "extmod/asyncio/manifest.py",
    "lib/littlefs/lfs2.c",
    "ports/unix/Makefile",
    "ports/unix/variants/mpconfigvariant_common.h",
    "shared/runtime/pyexec.c",
    "shared/runtime/sys_stdio_mphal.c",
    "mpy-cross/mpy_cross/__init__.py",
    "tools/makemanifest.py",
)
_TRIAL = (
    b"#include <stdio.h>\n#include <termios.h>\n#include <math.h>\nint main(int n, char **a) { return sin(n) > 2; }\n"
)
_TARGET = "x86_64-linux-gnu"
_HEADERS = (_TARGET, "x86-linux-gnu", "generic-glibc")
_KERNEL_HEADERS = ("x86-linux-any", "any-linux-any")


def build(ctx: JobContext, sdk: SdkTree, paths: Paths, host: Host) -> Path:
    """The MicroPython program, from the cache or built: with the system's GCC (10 s), else with zig (40 s).

    Raises SdkIncomplete, ToolMissing (make, zig), FirmwareBuildFailed, FirmwareNotHere (not on x86-64 Linux).
    """
    if (host.system, host.machine) != ("linux", "x86_64"):
        raise FirmwareNotHere(NAME, _("It exists for Linux on x86-64 only."))

    def build_to(output: Path) -> None:
        sdk.require(*_NEEDED)
        prepare(ctx, NAME, host)
        title = _("Build the simulated unix board, MicroPython {version}, once", version=sdk.version)
        with ctx.step(title), staging(paths) as stage:
            _recipe(ctx, host, stage, sdk).run(ctx, stage, sdk, output)

    return cached(ctx, Product("unix", sdk, "micropython", parts=("ports/unix",)), paths, build_to)


def _recipe(ctx: JobContext, host: Host, stage: Staging, sdk: SdkTree) -> Recipe:
    tree = stage.link("tree", sdk.path)
    values = {
        **variables(host, stage),
        "VARIANT_DIR": str(stage.link("variant", furniture("unix"))),
        **(_gcc() if _gcc_works(ctx, host) else _zig(host, stage)),
        "CWARN": "-w",
        "LDFLAGS_ARCH": "-Wl,--gc-sections",
        "LDFLAGS_EXTRA": "-s",
        "STRIP": "",
        "SIZE": "true",
    }
    return Recipe(NAME, tree / "ports" / "unix", values, stage.build / "micropython")


def _gcc_works(ctx: JobContext, host: Host) -> bool:
    """Whether there is a GCC with a C library to compile and link against (Debian's gcc alone brings no headers)."""
    if host.which("gcc") is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        argv = ["gcc", "-x", "c", "-", "-o", str(Path(folder, "trial")), "-lm"]
        return ctx.run(argv, stdin=_TRIAL, check=False).returncode == 0


def _gcc() -> dict[str, str]:
    return {"CC": "gcc"}


def _zig(host: Host, stage: Staging) -> dict[str, str]:
    """zig as a plain clang for the sources, and as a C compiler with a C library of its own for the one link."""
    zig = Zig.bundled(host)
    if zig is None:
        raise ToolMissing("gcc", command="python -m pip install ziglang")
    folder = stage.link("zig", zig.program.parent)
    libc = [f"{folder}/lib/libc/include/{name}" for name in _HEADERS]
    kernel = [f"{folder}/lib/libc/include/{name}" for name in _KERNEL_HEADERS]
    includes = " ".join(f"-isystem {name}" for name in (*libc, f"{folder}/lib/include", *kernel))
    return {
        "CC": f"{folder}/zig clang --target={_TARGET} -nostdinc {includes}",
        "LINKER": f"{folder}/zig cc -target {_TARGET}",
        # The garbage collector's x86 assembler wants rbp for itself.
        "CFLAGS_EXTRA": "-fomit-frame-pointer",
    }
