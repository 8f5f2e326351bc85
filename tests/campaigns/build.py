"""Builds that are killed at a random moment, whole or in part: the next build has the right bytes, nothing is left.

Labels say what was killed, and whether the build still ended well.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests import homes, processes
from tests.toolchains.natmods import module, write_project
from toolchains import natmod, project
from toolchains.chips import arch
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.natmod import BuildRequest
from toolchains.toolbox import Toolbox

_ARCH = "rv32imc"
#: A whole `natmod build` takes about this long on two idle cores, in seconds; busy machines take longer.
_LONGEST_S = 0.4
_GONE_S = 10.0


class _Bench:
    """What the trials share: a toolbox, a folder of their own, and the right bytes of each variant."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="natmod-campaign-"))
        self.home = self.folder / "home"
        homes.borrow(self.home)
        self.host = Host("linux", "x86_64", {**os.environ, "NATMOD_HOME": str(self.home)})
        self.toolbox = Toolbox.of(self.host)
        self.ctx = JobContext(self.host)
        self.sdk = self.toolbox.sdks.ensure(self.ctx)
        self.compiler = self.toolbox.compilers.choose(self.ctx, arch(_ARCH), "zig").compiler
        self.right = {variant: self._clean(variant) for variant in range(3)}

    def build(self, folder: Path) -> bytes:
        """Build in this process."""
        request = BuildRequest(project.load(folder), arch(_ARCH), self.sdk, self.compiler)
        return natmod.build(self.ctx, request, self.toolbox.linkers).path.read_bytes()

    def _clean(self, variant: int) -> bytes:
        folder = write_variant(self.folder / f"clean{variant}", variant)
        return self.build(folder)

    def close(self) -> None:
        """End the warm child and remove all files."""
        self.toolbox.close()
        shutil.rmtree(self.folder, ignore_errors=True)


_bench: _Bench | None = None


def setup() -> None:
    """Make the right bytes of all variants once."""
    global _bench
    _bench = _Bench()


def teardown() -> None:
    """Leave nothing."""
    if _bench is not None:
        _bench.close()


def write_variant(folder: Path, variant: int) -> Path:
    """A project of three C files, a header and a Python file, whose content depends on ``variant``."""
    files = {
        "small.c": module("    return mp_obj_new_int(one(mp_obj_get_int(x)) + two(VALUE));", '#include "value.h"\n'),
        "one.c": f"int one(int x) {{ return x * {variant + 3}; }}\n",
        "two.c": '#include "value.h"\nint two(int x) { return x ^ VALUE; }\n',
        "value.h": f"#define VALUE {variant * 1000}\n// MP_QSTR_variant_{variant}\nint one(int);\nint two(int);\n",
        "more.py": f"def more():\n    return {variant}\n",
    }
    return write_project(folder, files, 'sources = ["small.c", "one.c", "two.c"]\npython = ["more.py"]')


def trial(rng: random.Random) -> str:
    """Kill something in a build of a project that was built before, or not; then build and compare."""
    assert _bench is not None
    folder = _bench.folder / "trial"
    shutil.rmtree(folder, ignore_errors=True)
    before, after = rng.randrange(3), rng.randrange(3)
    if rng.random() < 0.7:
        assert _bench.build(write_variant(folder, before)) == _bench.right[before]
    write_variant(folder, after)
    name, strike = rng.choice(list(_STRIKES.items()))
    ended = _killed_build(folder, rng.random() * _LONGEST_S, strike)
    assert _bench.build(folder) == _bench.right[after], "wrong bytes after a kill"
    left = [path.name for path in folder.rglob(".tmp-*")]
    assert not left, f"left behind: {left}"
    return f"{name}: {ended}"


def _killed_build(folder: Path, after_s: float, strike: Callable[[subprocess.Popen[bytes]], None]) -> str:
    assert _bench is not None
    argv = [sys.executable, "-m", "ide.cli", "build", str(folder), "--arch", _ARCH, "--compiler", "zig"]
    with subprocess.Popen(
        argv, env=dict(_bench.host.environ), cwd=homes.CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        try:
            process.wait(after_s)
            return "too late"
        except subprocess.TimeoutExpired:
            strike(process)
        _out, said = process.communicate()
    # While Python itself starts, a Ctrl-C shows its own files; never ours.
    assert b"Traceback" not in said or b"ide/cli" not in said, said.decode()
    assert b"own linker" not in said, said.decode()
    own = _bench.toolbox.linkers.get(_bench.sdk).pid
    left = processes.wait_until_none(lambda: [one for one in _started() if one.pid != own], _GONE_S)
    assert not left, f"still running: {left}"
    return "ended well" if process.returncode == 0 else "stopped"


def _started() -> list[processes.Process]:
    assert _bench is not None
    return processes.with_home(_bench.home)


def _kill_all(process: subprocess.Popen[bytes]) -> None:
    process.kill()


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)


def _kill_named(word: str) -> Callable[[subprocess.Popen[bytes]], None]:
    """Kill the build's children whose command has ``word``; none may be there at that moment."""

    def strike(process: subprocess.Popen[bytes]) -> None:
        assert _bench is not None
        own = _bench.toolbox.linkers.get(_bench.sdk).pid
        end = time.monotonic() + 1
        while time.monotonic() < end and process.poll() is None:
            found = [one for one in _started() if word in one.command and one.pid not in (own, process.pid)]
            for one in found:
                one.kill()
            if found:
                return
            time.sleep(0.002)

    return strike


_STRIKES: dict[str, Callable[[subprocess.Popen[bytes]], None]] = {
    "whole build killed": _kill_all,
    "linker killed": _kill_named("--worker link"),
    "compiler killed": _kill_named("clang"),
    "Ctrl-C": _interrupt,
}
