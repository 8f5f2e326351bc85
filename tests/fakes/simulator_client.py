"""A program that uses a simulated board, for campaigns to kill: ``python -m tests.fakes.simulator_client SPEC ROUNDS``.

Each round it takes a lease, opens the port, has a word with the board, and sometimes resets it. That the board is taken
away under it is no fault, it comes back for another one; anything else ends it with a traceback.
"""

from __future__ import annotations

import fcntl
import os
import random
import select
import sys
import termios
import time

from ide.board import simulator
from ide.board.lease import Lease, SimulatorEnded
from ide.board.machines import MachineSpec
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths

_ANSWER_S = 10.0


class Taken(Exception):
    """The board was taken away in the middle of a word."""


def talk(lease: Lease) -> None:
    """Type a line, wait for the next prompt."""
    try:
        port = os.open(lease.port, os.O_RDWR | os.O_NOCTTY)
    except OSError as error:
        raise Taken from error
    try:
        take_turns(port, lease)
        os.write(port, b"\r\x031+1\r")
        said, end = b"", time.monotonic() + _ANSWER_S
        while b"1+1\r\n" not in said or not said.endswith(b"\n>>> "):
            if not select.select([port], [], [], 0.5)[0]:
                if not lease.alive:
                    raise Taken
                os.write(port, b"\r\x031+1\r")  # another client may have pressed the reset button
                if time.monotonic() > end:
                    raise AssertionError(f"the board is silent after {said[-200:]!r}")
                continue
            data = os.read(port, 4096)
            if not data:
                raise Taken
            said = (said + data)[-10_000:]
    except (OSError, termios.error) as error:
        raise Taken from error
    finally:
        os.close(port)


def take_turns(port: int, lease: Lease) -> None:
    """Two that read one port would each get half: lock it, as pyserial does, until it is closed."""
    while True:
        try:
            fcntl.flock(port, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not lease.alive:
                raise Taken from None
            time.sleep(0.01)
        else:
            termios.tcflush(port, termios.TCIFLUSH)
            return


def round_trip(spec: MachineSpec, rng: random.Random) -> None:
    """Take a lease, use the board, give it up."""
    host = Host.current()
    paths = Paths.from_environment(host.environ)
    with simulator.lease_machine(JobContext(host), host, simulator.run_folder(paths, "rv32", host), spec) as lease:
        try:
            talk(lease)
            if rng.random() < 0.3:
                lease.hard_reset()
        except (Taken, SimulatorEnded):
            return


def main(argv: list[str]) -> None:
    """``SPEC ROUNDS SEED``."""
    rng = random.Random(argv[2])
    for _round in range(int(argv[1])):
        round_trip(MachineSpec.from_text(argv[0]), rng)


if __name__ == "__main__":
    main(sys.argv[1:])
