"""Files over a line that splits, delays, drops, repeats, corrupts, mixes in what others print, resets or vanishes.

Promised: an upload or a download ends verified, or with a clear error and the old file as it was; none ends with a
wrong file, here or on the board; nothing but a temporary file is left. What is only slow or in pieces always succeeds.
"""

from __future__ import annotations

import contextlib
import hashlib
import random
import tempfile
from pathlib import Path

from ide.board.errors import BoardExecError
from ide.board.file_session import TEMPORARY
from ide.board.files import browse, change, transfer
from ide.board.files.records import Upload
from ide.board.link import Board, open_link
from tests.fakes.difficult_line import DifficultLine, Faults
from tests.fakes.hostile_names import HOSTILE_NAMES
from tests.sims import SimBoard
from tests.two_boards import setup, sims, teardown
from toolchains.errors import BoardError
from toolchains.jobs import JobContext

__all__ = ["COUNT", "setup", "teardown", "trial"]  # setup and teardown are those of the boards

COUNT = 1000

#: Not on the computer under which the board is simulated: sim:unix keeps its files there, as they are called.
_FOLDER = "/camp"
_SIZES = (0, 1, 63, 64, 255, 256, 257, 511, 512, 513, 4095, 4096, 4097, 8191, 8192, 8193)


def trial(rng: random.Random) -> str:
    """One file, one way, with one kind of trouble."""
    sim = sims[rng.choice(("unix", "rv32"))]
    kind = rng.choice(tuple(_TROUBLE))
    faults = _TROUBLE[kind](rng)
    path = f"{_FOLDER}/{rng.choice(HOSTILE_NAMES)}"
    way = rng.choice((_up, _up, _down))
    label = way(rng, sim, path, faults)
    if kind in ("slow", "pieces"):
        assert label.endswith("verified"), f"{kind}: {label}"
    return f"{kind:>8}: {label}"


_TROUBLE = {
    "slow": lambda rng: Faults(delay=0.05, split=0.1),
    "pieces": lambda rng: Faults(split=1.0),
    "loss": lambda rng: Faults(drop=_rate(rng), split=0.2, delay=0.02),
    "repeats": lambda rng: Faults(repeat=_rate(rng), split=0.2),
    "noise": lambda rng: Faults(corrupt=_rate(rng), split=0.2),
    "others": lambda rng: Faults(foreign=3 * _rate(rng), split=0.2),
    "all": lambda rng: Faults(*(_rate(rng) / 2 for _ in range(6))),
    "reset": lambda rng: Faults(reset_after=rng.randrange(100, 20_000)),
    "vanish": lambda rng: Faults(vanish_after=rng.randrange(100, 20_000), split=0.1),
}


def _rate(rng: random.Random) -> float:
    return rng.choice((0.003, 0.01, 0.03))


def _content(rng: random.Random) -> bytes:
    size = rng.choice((*_SIZES, rng.randrange(20_000), rng.randrange(40_000)))
    if rng.random() < 0.3:
        return (b"def f(x):\n    return x * 42  # \x03\x04\r\n" * (size // 30 + 1))[:size]
    return rng.choice((rng.randbytes(size), bytes(range(256)) * (size // 256), b"\x03\x04\x1b\x0d" * (size // 4)))


def _up(rng: random.Random, sim: SimBoard, path: str, faults: Faults) -> str:
    ctx = JobContext(sim.toolbox.host)
    old = _content(rng) if rng.random() < 0.7 else None
    new = _content(rng)
    _prepare(ctx, sim.link, path, old)
    label = "up verified"
    with _line(rng, sim, faults) as board:
        try:
            report = transfer.upload(ctx, board, [Upload(new, path)])
            assert report.files[0].sha256 == hashlib.sha256(new).hexdigest()
        except BoardError as error:
            label = f"up refused ({_name(error)})"
    there = _files(ctx, sim.reopen())
    found = there.pop(path, None)
    assert found == new if label == "up verified" else found in (old, new), "a wrong file"
    assert all(name.startswith(f"{_FOLDER}/{TEMPORARY}") for name in there), there.keys()
    assert label != "up verified" or not there, there.keys()
    return label


def _down(rng: random.Random, sim: SimBoard, path: str, faults: Faults) -> str:
    ctx = JobContext(sim.toolbox.host)
    data, old = _content(rng), b"what was here before"
    _prepare(ctx, sim.link, path, data)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "file")
        place.write_bytes(old)
        label = "down verified"
        with _line(rng, sim, faults) as board:
            try:
                transfer.download_as(ctx, board, path, place)
            except BoardError as error:
                label = f"down refused ({_name(error)})"
        assert [each.name for each in Path(folder).iterdir()] == ["file"], "something is left here"
        # A board that is lost after its last byte is an error, too; the file was verified before it got its name.
        assert place.read_bytes() in ((data,) if label == "down verified" else (old, data)), "a wrong file here"
    assert _files(ctx, sim.reopen()) == {path: data}
    return label


@contextlib.contextmanager
def _line(rng: random.Random, sim: SimBoard, faults: Faults):
    """The board behind the difficult line, which is a good one until the board has said who it is."""
    sim.link.close()
    try:
        with DifficultLine(sim.lease.port, reset=sim.lease.hard_reset) as line:
            board = open_link(JobContext(sim.toolbox.host), line.port, hard_reset=sim.lease.hard_reset)
            try:
                board.identity(JobContext())
                line.worsen(faults, rng)
                yield board
            finally:
                board.close()
    finally:
        sim.reopen()


def _name(error: BoardError) -> str:
    assert str(error), "no sentence"
    if isinstance(error, BoardExecError):
        assert error.interrupted or "MemoryError" in error.traceback, error.traceback
    return type(error).__name__


def _prepare(ctx: JobContext, board: Board, path: str, data: bytes | None) -> None:
    """A folder with this file in it alone, or with none."""
    if browse.kinds(ctx, board, [_FOLDER])[_FOLDER]:
        change.remove(ctx, board, [_FOLDER], recursive=True)
    change.make_folder(ctx, board, _FOLDER)
    if data is not None:
        transfer.upload(ctx, board, [Upload(data, path)])
        # By other code than ours: what the board itself reads.
        assert _files(ctx, board) == {path: data}


_READ = """
import os
def files(folder):
    return {folder + '/' + name: open(folder + '/' + name, 'rb').read() for name in os.listdir(folder)}
"""


def _files(ctx: JobContext, board: Board) -> dict[str, bytes]:
    found = board.ask(ctx, f"files({_FOLDER!r})", _READ)
    assert isinstance(found, dict)
    return found
