"""What it costs a board to be asked how it is, and us to read a heap block by block.

    python -m tests.bench.bench_memory [--boards sim:rv32,sim:unix] [--rounds 30]

For each board: the round trip and the board's own time of the memory strip's question, with files and without; garbage
that one ask leaves on the board's heap; the share of the board's time at one ask in five seconds (goal: under 2 %). The
same by mpremote, as a command, stands beside it. Then the heap's map of that board, and of an ESP32-S3 with 8 MB of
PSRAM (made here, as ``py/gc.c`` prints it): read, measured, compared. Prints figures; asserts no time.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from ide.board.link import Board
from ide.board.memory import heap_map, vitals
from ide.board.memory.heap_map import HeapMap
from ide.board.memory.mem_info import MemInfoReader
from ide.board.memory.vitals import Vitals
from tests.ide.board.memory.test_mem_info import printed
from tests.sims import sim_board
from toolchains.jobs import JobContext

_EVERY_S = 5.0
_PSRAM = 8 << 20
_PIECE = 4096
_MPREMOTE = "import micropython; micropython.mem_info()"


def _row(title: str, seconds: list[float]) -> None:
    low, median, high = min(seconds), statistics.median(seconds), max(seconds)
    print(f"  {title:<52} min {low * 1e3:8.2f} ms   median {median * 1e3:8.2f} ms   max {high * 1e3:8.2f} ms")


def _asks(ctx: JobContext, board: Board, rounds: int) -> None:
    for files in (False, True):
        found = [vitals.ask(ctx, board, filesystem=files) for _round in range(rounds)]
        words = "with files" if files else "without files"
        _row(f"round trip, {words}", [one.round_trip_s for one in found])
        _row(f"of which the board worked, {words}", [one.board_s or 0.0 for one in found])
        share = statistics.median(one.round_trip_s for one in found) / _EVERY_S
        print(
            f"  {'share of its time, once in 5 s, waiting counted, too':<52} {share:.2%}   garbage {_garbage(found)} B"
        )


def _garbage(found: list[Vitals]) -> int:
    """What one ask leaves on the heap until it is collected: the usual step from one answer to the next."""
    used = [one.heap_used or 0 for one in found]
    steps = [after - before for before, after in pairwise(used) if after > before]
    return round(statistics.median(steps)) if steps else 0


def _mpremote(port: str) -> None:
    """The nearest that there is: a command that connects and prints mem_info."""
    argv = [sys.executable, "-m", "mpremote", "connect", f"port:{port}", "resume", "exec", _MPREMOTE]
    taken = []
    for _round in range(3):
        began = time.perf_counter()
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        taken.append(time.perf_counter() - began)
        assert "GC: total" in done.stdout, done.stdout + done.stderr
    _row("mpremote resume exec mem_info, as a command", taken)


def _map_of(ctx: JobContext, board: Board) -> None:
    began = time.perf_counter()
    heap = heap_map.take(ctx, board)
    _row(f"heap map of {heap.n_blocks} blocks, from the board", [time.perf_counter() - began])


def _psram() -> None:
    print("an ESP32-S3 with 8 MB of PSRAM, its heap full of small objects (the worst to print)")
    rng = random.Random(0)
    first = b"".join(rng.choices((b"h", b"h=", b"S===", b".", b"D="), k=_PSRAM // 16))[: _PSRAM // 16]
    second = bytes(ord(".") if rng.random() < 0.01 else byte for byte in first)
    texts = [printed([(0x3C170F00, blocks)]) for blocks in (first, second)]
    print(f"  {len(texts[0]) / 1e6:.2f} MB of text, {len(texts[0]) / 11_520:.0f} s at 115200 baud")
    readers = [MemInfoReader(), MemInfoReader()]
    pieces = []
    for reader, text in zip(readers, texts, strict=True):
        for at in range(0, len(text), _PIECE):
            began = time.perf_counter()
            reader.feed(text[at : at + _PIECE])
            pieces.append(time.perf_counter() - began)
    _row("reading a piece of 4 kB as it comes", pieces)
    infos = []
    _row(
        "putting the map together", [_timed(lambda reader=reader: infos.append(reader.result())) for reader in readers]
    )
    heaps = [HeapMap(0.0, info) for info in infos]
    _row("counting kinds and runs", [_timed(lambda heap=heap: (heap.blocks_of, heap.fragmentation)) for heap in heaps])
    _row("comparing two maps (1 % of the blocks differ)", [_timed(lambda: heap_map.compare(*heaps))])


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--boards", default="sim:rv32,sim:unix")
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {options.rounds} rounds")
    for address in options.boards.split(","):
        print(address)
        with tempfile.TemporaryDirectory() as folder, sim_board(address, Path(folder) / "h") as sim:
            ctx = JobContext(sim.toolbox.host)
            sim.link.identity(ctx)
            _asks(ctx, sim.link, options.rounds)
            _map_of(ctx, sim.link)
            sim.link.close()
            _mpremote(sim.lease.port)
            sim.reopen()
    _psram()


if __name__ == "__main__":
    main()
