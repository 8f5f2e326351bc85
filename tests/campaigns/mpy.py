"""Mangled .mpy files: real ones of every version with bytes changed, and bytes that were never one.

Promised: a file is read, or refused with a sentence; nothing else is ever raised, and neither time nor memory depends
on what the file claims. What was read is the same when it is read again, and every board says yes or why not.
"""

from __future__ import annotations

import random
import shutil
import tempfile
import time
import tracemalloc
from pathlib import Path

from tests.toolchains.mpys import real_files, vuint
from toolchains.errors import MpyError
from toolchains.mpy_loads import Loader, check_loads, remarks
from toolchains.mpyfile import MpyFile, read

#: Inputs of one trial: a seed stands for as many files, so that the 25 of CI are thousands.
INPUTS = 1000

_SLOWEST_S, _MOST_MEMORY = 2.0, 20 << 20
_BOARDS = (0, 11014, 0x2F06, 0x32F06, 0x0306, 0x2306, 0x2806, 0x2A05, 0x0B05, 0x1204)
_VERSIONS, _CHIPS = ("", "1.18", "1.23.0", "1.27.0-preview", "x.y"), (None, "esp32c3", "esp32p4")
#: Numbers that tempt a reader: nothing, one, the limits of one, two, five groups of bits, and far too many.
_NUMBERS = (b"\x00", b"\x01", b"\x7f", vuint(0x3FFF), vuint(2**31), vuint(2**35 - 1), b"\xff" * 40, b"\x80" * 9)
_room = Path()
_real: list[bytes] = []


def setup() -> None:
    """Make the files that are mangled."""
    global _room
    _room = Path(tempfile.mkdtemp(prefix="natmod-campaign-"))
    _real[:] = real_files(_room).values()


def teardown() -> None:
    """Remove them."""
    shutil.rmtree(_room)


def trial(rng: random.Random) -> str:
    """Many files; the label is what became of the last one. Now and then the memory is watched, which is slow."""
    outcome = ""
    for number in range(INPUTS):
        outcome = _one(rng, _input(rng), watched=number % 100 == 0)
    return outcome


def _one(rng: random.Random, data: bytes, *, watched: bool) -> str:
    if watched:
        tracemalloc.start()
    began = time.process_time()
    try:
        mpy = read(data)
    except MpyError as error:
        assert error.code == "mpy.malformed", data
        assert str(error).startswith("This .mpy file cannot be read: "), data
        return "refused"
    finally:
        seconds = time.process_time() - began
        peak = 0
        if watched:
            _now, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert seconds < _SLOWEST_S, f"{seconds:.1f} s for {data!r}"
        assert peak < _MOST_MEMORY, f"{peak} B for {data!r}"
    _expect_sense(mpy, data)
    return _expect_an_answer(mpy, rng)


def _expect_sense(mpy: MpyFile, data: bytes) -> None:
    assert mpy == read(data)
    assert mpy.file_size == len(data)
    assert 0 <= mpy.trailing <= len(data)
    assert mpy.text + mpy.rodata <= len(data)
    assert (mpy.version, mpy.small_int_bits) == (data[1], data[3])
    assert mpy.to_json()["schema"] == 1


def _expect_an_answer(mpy: MpyFile, rng: random.Random) -> str:
    board = Loader(rng.choice(_BOARDS), rng.choice(_VERSIONS), rng.choice(_CHIPS))
    for remark in remarks(mpy, board):
        assert str(remark)
    try:
        check_loads(mpy, board)
    except MpyError as error:
        assert error.code == "mpy.not-loadable"
        assert str(error)
        return "read: the board would refuse it"
    return "read: the board would load it"


# --- inputs --------------------------------------------------------------------------------------------------------


def _input(rng: random.Random) -> bytes:
    kind = rng.random()
    if kind < 0.05:
        return rng.randbytes(rng.randrange(200))
    if kind < 0.2:
        head = bytes([ord("M"), rng.choice([5, 5, 6, 6, 6, rng.randrange(256)]), rng.randrange(256), 31, 32])
        return head[: rng.choice([4, 5])] + _noise(rng)
    return _mangled(rng, bytearray(rng.choice(_real)))


def _noise(rng: random.Random) -> bytes:
    """Bytes that are mostly small, as the numbers and kinds of a file are, so that they are read far."""
    return bytes(rng.choice((0, 1, 2, 3, 4, 8, 10, 16, 0x80, 0xFF, rng.randrange(256))) for _n in range(300))


def _mangled(rng: random.Random, data: bytearray) -> bytes:
    for _change in range(rng.choice([1, 1, 1, 2, 3, 8])):
        # The beginning of a file has the most to say.
        at = rng.randrange(min(len(data), 40)) if rng.random() < 0.3 and data else rng.randrange(len(data) + 1)
        how = rng.randrange(8)
        if how == 0:
            del data[at:]
        elif how == 1:
            del data[at : at + rng.randrange(1, 20)]
        elif how == 2:
            data[at:at] = rng.randbytes(rng.randrange(1, 20))
        elif how == 3:
            data[at : at + 1] = rng.choice(_NUMBERS)
        elif how == 4:  # a part of another file
            other = rng.choice(_real)
            start = rng.randrange(len(other))
            data[at : at + rng.randrange(50)] = other[start : start + rng.randrange(50)]
        elif how == 5:  # the same again and again
            data[at:at] = data[at : at + rng.randrange(1, 8)] * rng.randrange(1, 200)
        elif at < len(data):
            data[at] = rng.randrange(256) if how == 6 else data[at] ^ 1 << rng.randrange(8)
    return bytes(data)
