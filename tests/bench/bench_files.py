"""Files to and from a board beside mpremote, on the same simulated board in one run; and over a line of 115200 baud.

    python -m tests.bench.bench_files [--board sim:rv32] [--rounds 3]

Goals of issue 7: upload of 100 kB of Python text at least 3 times, of random bytes at least 2 times as fast as
``mpremote cp``, download at least 2 times; a sync of 200 unchanged files at most 0.3 of mpremote's time; on a pty
throttled to 115200 baud at least 85 % of the line rate for random bytes (65 % where the board has no
``sys.stdin.buffer``), and twice the line rate for text.

Both are whole commands, start of the process included (``natmod cp``, ``mpremote cp``), and ours a second time as a
call in a running process, as the window does it. Medians in seconds. What was sent is compared with what lies there.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from ide.board import mount
from ide.board.files import sync, transfer
from ide.board.files.records import Upload
from ide.board.link import Board, open_link
from tests.fakes.difficult_line import DifficultLine
from tests.homes import CHECKOUT
from tests.sims import SimBoard, sim_board
from toolchains.jobs import JobContext

SIZE = 102_400
#: Bytes a second of 115200 baud, 8N1.
LINE_RATE = 11_520
#: A whole command, as a person types it.
Command = Callable[[], None]
UNCHANGED = 200
_numbers = itertools.count()


def text_of(size: int) -> bytes:
    """Python as people write it: ours."""
    found = b""
    for path in sorted((CHECKOUT / "toolchains").glob("*.py")):
        found += path.read_bytes()
        if len(found) >= size:
            break
    return found[:size]


def seconds(work: Callable[[], object], rounds: int) -> float:
    """The median time of some calls."""
    taken = []
    for _round in range(rounds):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def row(title: str, ours: float, theirs: float, goal: str, call: float | None = None) -> None:
    """One line: seconds of both, and the ratio."""
    inside = "" if call is None else f"   in a running process {call:6.2f} s ({theirs / call:5.1f} x)"
    ratio = f"{theirs / ours:5.2f} x as fast, {ours / theirs:.2f} of its time"
    print(f"{title:<24} natmod {ours:6.2f} s   mpremote {theirs:6.2f} s   {ratio}   goal {goal}{inside}", flush=True)


def run(*argv: str) -> None:
    """A command as a person types it, with what Python compiled the first time, whatever this machine is set to."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environ["PYTHONPYCACHEPREFIX"] = os.path.join(tempfile.gettempdir(), "nm-bench-pycache")
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, env=environ)


def natmod(sim: SimBoard, *args: str) -> Callable[[], None]:
    """``natmod VERB … --board PORT``."""
    return lambda: run(sys.executable, "-m", "ide.cli", *args, "--board", sim.lease.port)


def mpremote(sim: SimBoard, *args: str) -> Callable[[], None]:
    """``mpremote connect PORT …``."""
    return lambda: run(sys.executable, "-m", "mpremote", "connect", sim.lease.port, *args)


def with_port_free(sim: SimBoard, ours: Command, theirs: Command, rounds: int) -> tuple[float, float]:
    """Time processes that open the board's port: ours, theirs, ours, theirs …, so that both meet the same machine."""
    sim.link.close()
    taken: tuple[list[float], list[float]] = ([], [])
    try:
        for round_ in range(rounds + 1):
            for work, times in zip((ours, theirs), taken, strict=True):
                took = seconds(work, 1)
                times += [took] if round_ else []  # the first time is another one: Python compiles
        print("   rounds, natmod/mpremote: " + "  ".join(f"{o:.2f}/{t:.2f}" for o, t in zip(*taken, strict=True)))
        return statistics.median(taken[0]), statistics.median(taken[1])
    finally:
        sim.reopen().identity(JobContext())


def compare(sim: SimBoard, folder: Path, rounds: int) -> None:
    """Whole commands, ours and mpremote's."""
    ctx = JobContext(sim.toolbox.host)
    print(f"{sim.address}, {SIZE} bytes, median of {rounds}; {sim.link.identity(ctx).release}")
    for title, data, goal in (
        ("upload of text", text_of(SIZE), "3 x"),
        ("upload of random bytes", random.Random(1).randbytes(SIZE), "2 x"),
    ):
        source = folder / "a file.bin"
        source.write_bytes(data)
        # mpremote skips what is there with the same hash unless it is told not to; so do we.
        ours, theirs = with_port_free(
            sim,
            natmod(sim, "cp", "--force", str(source), ":/ours.bin"),
            mpremote(sim, "cp", "--force", str(source), ":/theirs.bin"),
            rounds,
        )
        for name in ("/ours.bin", "/theirs.bin"):
            assert transfer.read_file(ctx, sim.link, name).data == data, name
        call = seconds(lambda data=data: _upload_again(ctx, sim.link, data), rounds)
        row(title, ours, theirs, goal, call)
    target = folder / "back.bin"
    fetched = folder / "theirs.bin"
    ours, theirs = with_port_free(
        sim,
        natmod(sim, "cp", ":/ours.bin", str(target)),
        mpremote(sim, "cp", "--force", ":/theirs.bin", str(fetched)),
        rounds,
    )
    assert target.read_bytes() == fetched.read_bytes() == data
    call = seconds(lambda: transfer.read_file(ctx, sim.link, "/ours.bin"), rounds)
    row("download", ours, theirs, "2 x", call)


def _upload_again(ctx: JobContext, board: Board, data: bytes) -> None:
    """Always under a new name: what is there already is not sent."""
    transfer.upload(ctx, board, [Upload(data, f"/call{next(_numbers)}")])


def compare_sync(sim: SimBoard, folder: Path, rounds: int) -> None:
    """Two hundred files that are there already."""
    ctx = JobContext(sim.toolbox.host)
    project = folder / "project"
    rng = random.Random(3)
    for number in range(UNCHANGED):
        path = project / f"part{number % 8}" / f"file{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text_of(20_000)[: rng.randrange(200, 4000)])
    sync.apply(ctx, sim.link, sync.plan(ctx, sim.link, project, "/project"))
    ours, theirs = with_port_free(
        sim, natmod(sim, "sync", str(project), ":/project"), mpremote(sim, "cp", "-r", str(project), ":/"), rounds
    )
    plan = sync.plan(ctx, sim.link, project, "/project")
    assert len(plan.of("same")) == UNCHANGED
    assert not plan.changes
    call = seconds(lambda: sync.plan(ctx, sim.link, project, "/project"), rounds)
    row("sync, 200 unchanged", ours, theirs, "0.30 of its time", call)


def throttled(sim: SimBoard, rounds: int) -> None:
    """What of the line rate comes through, from the call to the file under its name."""
    ctx = JobContext(sim.toolbox.host)
    sim.link.close()
    random_bytes, text = random.Random(2).randbytes(SIZE), text_of(SIZE)
    print(f"over a pty of 115200 baud ({LINE_RATE} bytes a second each way)")
    try:
        with DifficultLine(sim.lease.port, rate=LINE_RATE) as line:
            board = open_link(ctx, line.port)
            try:
                board.identity(ctx)
                _rate("upload of random bytes", lambda: _upload_again(ctx, board, random_bytes), "85 %", rounds)
                _rate("upload of text", lambda: _upload_again(ctx, board, text), "200 %", rounds)
                transfer.upload(ctx, board, [Upload(random_bytes, "/random"), Upload(text, "/text")])
                _rate("download of text", lambda: transfer.read_file(ctx, board, "/text"), "none", rounds)
                _rate("download of random bytes", lambda: transfer.read_file(ctx, board, "/random"), "none", rounds)
                with _without_buffer():
                    _rate("random, no stdin.buffer", lambda: _upload_again(ctx, board, random_bytes), "65 %", rounds)
            finally:
                board.close()
    finally:
        sim.reopen()


def _rate(title: str, work: Callable[[], object], goal: str, rounds: int) -> None:
    taken = seconds(work, rounds)
    rate = SIZE / taken
    print(f"{title:<24} {taken:6.2f} s   {rate / 1000:6.1f} kB/s   {rate / LINE_RATE:.0%} of the line   goal {goal}",
          flush=True)  # fmt: skip


def _without_buffer() -> mock._patch[Callable[..., str]]:
    """Boards that have no ``sys.stdin.buffer``, such as those with small ports."""
    whole = mount.device_code
    assert '"buffer"' in whole(("frames",)), "the board's code no longer asks for sys.stdin.buffer by that name"
    return mock.patch.object(mount, "device_code", lambda parts: whole(parts).replace('"buffer"', '"none"'))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--board", default="sim:rv32")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nm-") as folder, sim_board(options.board, Path(folder) / "home") as sim:
        sim.link.identity(JobContext())
        throttled(sim, 1)
        compare(sim, Path(folder), options.rounds)
        compare_sync(sim, Path(folder), options.rounds)


if __name__ == "__main__":
    main()
