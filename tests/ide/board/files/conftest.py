"""Boards with an empty filesystem, and what other code than ours finds on them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

import pytest

from ide.board.link import Board
from tests.conftest import RecordingContext
from tests.sims import WIPE, SimBoard, sim_board
from toolchains.jobs import JobContext

_WALK = """
import os, hashlib, binascii
def content(path):
    if os.stat(path)[6] <= 2000:
        with open(path, "rb") as f:
            return f.read()
    h = hashlib.sha256()
    with open(path, "rb") as f:
        while 1:
            b = f.read(1000)
            if not b:
                return binascii.hexlify(h.digest())
            h.update(b)
def walk(folder, found):
    for name in os.listdir(folder or "/"):
        path = folder + "/" + name
        if os.stat(path)[0] & 0x4000:
            walk(path, found)
        else:
            found[path] = content(path)
    return found
"""


@pytest.fixture(scope="package", params=["sim:unix", "sim:rv32"])
def sim(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimBoard]:
    with sim_board(request.param, tmp_path_factory.mktemp("b")) as board:
        yield board


@pytest.fixture
def board(sim: SimBoard, ctx: RecordingContext) -> Board:
    if not sim.link.alive:
        sim.reopen()
    sim.link.exec(ctx, WIPE)
    return sim.link


@pytest.fixture
def on_board(board: Board, ctx: JobContext) -> Callable[[], dict[str, bytes]]:
    """What lies on the board, by its own reading, each as :func:`seen` has it."""

    def files() -> dict[str, bytes]:
        found = board.ask(ctx, "walk('', {})", _WALK, isolated=True)
        assert isinstance(found, dict)
        return found

    return files


def seen(data: bytes) -> bytes:
    """A file's content as ``on_board`` tells it: large ones as their sha256."""
    return data if len(data) <= 2000 else hashlib.sha256(data).hexdigest().encode()
