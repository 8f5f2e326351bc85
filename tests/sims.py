"""Simulated boards for tests that need one for longer than one test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ide.board import simulator
from ide.board.lease import Lease
from ide.board.link import Board, open_link
from tests import homes
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.toolbox import Toolbox

#: For a board: remove every file and folder.
WIPE = """
import os
def wipe(folder):
    for name in os.listdir(folder or "/"):
        path = folder + "/" + name
        if os.stat(path)[0] & 0x4000:
            wipe(path)
            os.rmdir(path)
        else:
            os.remove(path)
wipe("")
"""


@dataclass
class SimBoard:
    """A simulated board that runs, and the connection to it."""

    address: str
    lease: Lease
    link: Board
    toolbox: Toolbox

    def reopen(self) -> Board:
        """A new connection, in place of the one that broke."""
        self.link.close()
        self.link = open_link(JobContext(self.toolbox.host), self.lease.port, hard_reset=self.lease.hard_reset)
        return self.link


@contextmanager
def sim_board(address: str, home: Path, version: str = "1.26.1") -> Iterator[SimBoard]:
    """A board of this kind with a keeper of its own, in the folder ``home``; it ends with the block."""
    homes.borrow(home)
    current = Host.current()
    environ = {**os.environ, "NATMOD_HOME": str(home), simulator.LINGER_VARIABLE: "0"}
    host = Host(current.system, current.machine, environ)
    ctx = JobContext(host)
    with Toolbox.of(host) as toolbox:
        lease = simulator.lease(ctx, toolbox, address, toolbox.sdks.ensure(ctx, version))
        try:
            board = SimBoard(address, lease, open_link(ctx, lease.port, hard_reset=lease.hard_reset), toolbox)
            try:
                yield board
            finally:
                board.link.close()
        finally:
            lease.close()
