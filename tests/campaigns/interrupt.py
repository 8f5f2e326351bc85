"""Ctrl-C, a request to end, or a kill, at any moment of ``natmod run``: the next run is right and nothing is left.

The real command, the real compiler, the real ``sim:rv32``. Each trial works on a project of its own.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from tests import homes, processes
from tests.e2e.command import copy_example, environment, natmod, start_argv
from toolchains.host import Host
from toolchains.jobs import JobContext

_SIGNALS = (signal.SIGINT, signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
_BOARD = ("--board", "sim:rv32")
#: A whole run takes half as long on two idle cores; busy machines take longer.
_LATEST_S = 0.6
_CLEAN_S = 10.0


def setup() -> None:
    """Make what every trial shares: the SDK tree and the simulator's firmware."""
    from toolchains.firmware import rv32
    from toolchains.sdk import SdkStore

    ctx, paths = JobContext(), homes.shared_paths()
    rv32.build(ctx, SdkStore(paths).ensure(ctx), paths, Host.current())


def trial(rng: random.Random) -> str:
    """Start a run, hurt it, run again."""
    folder = Path(tempfile.mkdtemp(prefix="natmod-int-"))
    before = {name: os.environ.get(name) for name in ("NATMOD_HOME", "NATMOD_SIM_LINGER")}
    os.environ.update(NATMOD_HOME=str(folder / "home"), NATMOD_SIM_LINGER="0")
    try:
        homes.borrow(folder / "home")
        return _trial(rng, folder)
    finally:
        for left in processes.with_home(folder / "home"):
            left.kill()
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        shutil.rmtree(folder, ignore_errors=True)


def _trial(rng: random.Random, folder: Path) -> str:
    project = copy_example("factorial", folder)
    number = rng.choice(_SIGNALS)
    label = _hurt_a_run(project, number, rng.random() * _LATEST_S)
    said = natmod("run", project, *_BOARD)
    if "factorial(10) = 3628800" not in said.out:
        raise AssertionError(f"after {label} the next run says: {said.out}{said.err}")
    half = [path.name for path in project.rglob("*") if path.name.endswith((".new", ".tmp", ".part"))]
    if half:
        raise AssertionError(f"after {label} half files are left: {half}")
    left = processes.wait_until_none(lambda: processes.with_home(folder / "home"), _CLEAN_S)
    if left:
        raise AssertionError(f"after {label} these still run: {', '.join(map(str, left))}")
    return label


def _hurt_a_run(project: Path, number: signal.Signals, after: float) -> str:
    """Send a signal ``after`` seconds; what became of the run. A traceback of ours is a fault."""
    pipe = subprocess.PIPE
    child = subprocess.Popen(
        start_argv("run", project, *_BOARD), stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, env=environment()
    )
    try:
        _out, err = child.communicate(timeout=after)
    except subprocess.TimeoutExpired:
        child.send_signal(number)
        _out, err = child.communicate(timeout=60)
    # While Python itself starts, a Ctrl-C shows its own files; never ours.
    if b"Traceback" in err and b"ide/cli" in err:
        raise AssertionError(f"{number.name} after {after:.3f} s: {err.decode()}")
    if child.returncode not in (0, 130, -number, 1):
        raise AssertionError(f"{number.name} after {after:.3f} s: exit code {child.returncode}, {err.decode()}")
    return f"{number.name} -> exit {child.returncode}"
