"""Kill clients, keeper and machine of a simulated board at any moment: nothing stays behind, the next user is served.

The machine is the fake one. ``NATMOD_CAMPAIGN_FIRMWARE`` (the path of a firmware.elf) makes it a real QEMU.
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
from pathlib import Path

from ide.board import simulator
from ide.board.machines import MachineSpec
from ide.board.runtime import RunFolder
from tests import homes, processes
from tests.fakes import machine, simulator_client
from toolchains.host import Host
from toolchains.paths import Paths

_CLEAN_S = 10.0
_CLIENT_S = 60.0
_QUIET = ("-machine", "virt", "-bios", "none", "-display", "none", "-nodefaults", "-no-user-config")


def trial(rng: random.Random) -> str:
    """Some clients, some violence."""
    home = Path(tempfile.mkdtemp(prefix="natmod-keeper-"))
    before = os.environ.get("NATMOD_HOME")
    os.environ["NATMOD_HOME"] = str(home)
    try:
        return _trial(rng, home)
    finally:
        if before is None:
            del os.environ["NATMOD_HOME"]
        else:
            os.environ["NATMOD_HOME"] = before
        for left in processes.with_home(home):
            left.kill()
        shutil.rmtree(home, ignore_errors=True)


def _trial(rng: random.Random, home: Path) -> str:
    host = Host.current()
    folder = simulator.run_folder(Paths.from_environment(host.environ), "rv32", host)
    spec = _spec()
    clients = [_client(spec, rng) for _number in range(rng.randint(1, 3))]
    hurt = {_hurt(rng, folder, clients) for _number in range(rng.randint(1, 4))}
    _wait_for(clients)
    simulator_client.round_trip(spec, random.Random(0))
    _expect_nothing_left(home, folder)
    return "killed " + ", ".join(sorted(hurt))


def _spec() -> MachineSpec:
    firmware = os.environ.get("NATMOD_CAMPAIGN_FIRMWARE")
    argv = ("qemu-system-riscv32", *_QUIET, "-kernel", firmware) if firmware else machine.command()
    return MachineSpec("sim:rv32", "qemu", argv, "campaign", linger=0.0)


def _client(spec: MachineSpec, rng: random.Random) -> subprocess.Popen[bytes]:
    words = (spec.to_text(), str(rng.randint(1, 4)), str(rng.random()))
    return subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.simulator_client", *words],
        cwd=homes.CHECKOUT,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    )


def _hurt(rng: random.Random, folder: RunFolder, clients: list[subprocess.Popen[bytes]]) -> str:
    """Kill somebody, at a random moment; who it was."""
    victim = rng.choice(("client", "keeper", "machine"))
    if rng.random() < 0.8:  # in the thick of it
        _wait_for_a_keeper(folder, clients)
    time.sleep(rng.choice((0.001, 0.02, 0.1, 0.4)) * rng.random())
    if victim == "client":
        rng.choice(clients).kill()
        return victim
    card = folder.read_card()
    pids = [card.pid] if card is not None else []
    how = rng.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM))
    for pid in _children(pids) if victim == "machine" else pids:
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            return "nobody"
    return victim if pids else "nobody"


def _wait_for_a_keeper(folder: RunFolder, clients: list[subprocess.Popen[bytes]]) -> None:
    while folder.read_card() is None and any(client.poll() is None for client in clients):
        time.sleep(0.002)


def _children(parents: list[int]) -> list[int]:
    found = []
    for parent in parents:
        try:
            found += [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
        except OSError:
            continue
    return found


def _wait_for(clients: list[subprocess.Popen[bytes]]) -> None:
    for client in clients:
        _out, err = client.communicate(timeout=_CLIENT_S)
        assert client.returncode in (0, -signal.SIGKILL), err.decode("utf-8", "replace")


def _expect_nothing_left(home: Path, folder: RunFolder) -> None:
    left = processes.wait_until_none(lambda: processes.with_home(home), _CLEAN_S)
    assert not left, "processes left: " + "; ".join(map(str, left))
    files = [str(path.relative_to(home)) for path in home.rglob("*") if path.name != "state"]
    assert not files, f"files left: {files}"
    assert not folder.path.exists()
