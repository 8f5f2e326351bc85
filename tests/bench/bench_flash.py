"""Flashing beside esptool itself, on emulated chips whose line runs at a fixed rate; and twelve boards at once.

    python -m tests.bench.bench_flash [--rounds 3] [--kilobytes 1000] [--baud 460800] [--boards 12]

One run, the same emulated chip (an ESP32-C3, ESP32 with --chip), the chips in a process of their own. esptool is called
as a person would: ``write-flash`` with the rate. "start" is what esptool needs to say its version. Goals of issue 6:

- a full write by us, at most 1.05 of esptool's time plus one start (without the proof that MicroPython answers, which
  esptool does not give; the time with it is shown, too);
- the second write of the same image, at most 0.2 of the first;
- putting back what is on the board but for one byte, as a restore does (nothing is remembered), at most 0.2 of that;
- twelve boards at once (detected, written, proved), at most twice the time of one.

Medians in seconds; afterwards every flash holds the image, or the run is worth nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ide.board.flash import many
from ide.board.flash.on_chip import Chip
from ide.board.flash.picks import Pick
from ide.board.flash.records import ChipFacts, FlashFile, FlashJob, Security
from ide.board.flash.write import write
from tests.fakes import images
from tests.fakes.rom_chip import RomChip
from tests.fakes.rom_table import rows
from toolchains.jobs import JobContext
from toolchains.text import _
from toolchains.toolbox import Toolbox

_ESPTOOL = (sys.executable, "-m", "esptool")


def _serve(pipe: Connection, chip: str, baud: int, count: int) -> None:
    """A process of chips: tells their ports, then does what it is told, until nothing comes."""
    with contextlib.ExitStack() as stack:
        macs = [f"24:6f:28:00:01:{number:02x}" for number in range(count)]
        chips = [stack.enter_context(RomChip(chip, baud=baud, mac=mac)) for mac in macs]
        pipe.send([one.port for one in chips])
        while (image := pipe.recv()) is not None:
            pipe.send([one.flash[one.row.boot : one.row.boot + len(image)] == image for one in chips])
            for one in chips:
                one.flash[:] = b"\xff" * len(one.flash)
                one.reset()


@contextlib.contextmanager
def _chips(chip: str, baud: int, count: int) -> Iterator[tuple[list[str], Callable[[bytes], bool]]]:
    """Ports of so many chips, and a function that says whether all hold an image, and blanks them."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, chip, baud, count))
    process.start()

    def all_hold(image: bytes) -> bool:
        ours.send(image)
        return all(ours.recv())

    try:
        yield ours.recv(), all_hold
    finally:
        ours.send(None)
        process.join()


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


class Bench:
    """One image, its file, and how it is written in each way."""

    def __init__(self, toolbox: Toolbox, options: Any, folder: Path) -> None:
        self.toolbox, self.options = toolbox, options
        self.image = images.firmware(options.chip, size=options.kilobytes * 1000)
        self.file = FlashFile(rows()[options.chip].boot, folder / "firmware.bin")
        self.file.path.write_bytes(self.image)
        self.met = True

    def esptool(self, port: str) -> None:
        """As a person calls it."""
        words = ("--chip", self.options.chip, "--port", port, "--baud", str(self.options.baud), "write-flash")
        command = (*_ESPTOOL, *words, hex(self.file.address), str(self.file.path))
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def ours(self, port: str, *, proof: bool = False) -> None:
        """As ``natmod flash write`` does."""
        job = FlashJob(port, self.options.chip, (self.file,), baud=self.options.baud)
        write(JobContext(self.toolbox.host), self.toolbox, job, reconnect=proof)

    def put_back(self, port: str) -> None:
        """As ``natmod flash restore`` does with what it has to write: blocks, each compared with the flash first."""
        host = self.toolbox.host
        mac, known = "24:6f:28:00:01:00", Security(known=True)
        facts = ChipFacts(self.options.chip, "", None, 4 << 20, 0, "", mac, None, known, ())
        chip = Chip(JobContext(host), self.toolbox, port, port, facts)
        chip.write([(self.file.address, self.image)], reconnect=False)

    def everybody(self, ports: list[str]) -> None:
        """As the table of many boards does."""
        job = FlashJob("", self.options.chip, (self.file,))
        pick = Pick("the same for all", _("The same for all."), job)
        plan = many.Plan(tuple(ports), lambda *_facts: pick, erase="keep", baud=self.options.baud, smoke=False)
        bad = [row for row in many.flash_all(JobContext(self.toolbox.host), self.toolbox, plan) if not row.good]
        if bad:
            raise SystemExit(f"{bad[0].port}: {bad[0].error}")

    def forget(self) -> None:
        """Nobody has seen these boards before."""
        for place in (self.toolbox.paths.data / "flashed").glob("*/*"):
            place.unlink()

    def compare(self, name: str, took: float, most: float, goal: str) -> None:
        """A line of the result."""
        met = took <= most
        self.met &= met
        print(f"{name:44} {took:6.2f} s   {goal}: at most {most:6.2f} s{'' if met else '   MISSED'}")


def _one_board(bench: Bench, rounds: int) -> None:
    start = statistics.median(
        _seconds(lambda: subprocess.run([*_ESPTOOL, "version"], check=True, stdout=subprocess.DEVNULL)) for _ in "123"
    )
    times: dict[str, list[float]] = {name: [] for name in ("esptool", "ours", "again", "back", "proved")}
    with _chips(bench.options.chip, bench.options.baud, 1) as ((port,), all_hold):
        for _ in range(rounds):
            times["esptool"].append(_seconds(lambda: bench.esptool(port)))
            assert all_hold(bench.image)
            times["ours"].append(_seconds(lambda: bench.ours(port)))
            times["again"].append(_seconds(lambda: bench.ours(port)))
            assert all_hold(bench.image)
            bench.esptool(port)
            bench.image = bytes([*bench.image[:-1], bench.image[-1] ^ 1])
            times["back"].append(_seconds(lambda: bench.put_back(port)))
            assert all_hold(bench.image)
            bench.image = bench.file.path.read_bytes()
            bench.forget()
            times["proved"].append(_seconds(lambda: bench.ours(port, proof=True)))
            assert all_hold(bench.image)
            bench.forget()
    esptool, ours, again, back, proved = (statistics.median(times[name]) for name in times)
    print(f"start {start:.2f} s, esptool {esptool:.2f} s; ours with the proof {proved:.2f} s")
    bench.compare("full write, ours", ours, 1.05 * esptool + start, "1.05 of esptool + start")
    bench.compare("the same image again, ours", again, 0.2 * ours, "0.2 of the first")
    bench.compare("put back, one byte differs", back, 0.2 * ours, "0.2 of the first")


def _many_boards(bench: Bench, count: int) -> None:
    with _chips(bench.options.chip, bench.options.baud, 1) as (ports, all_hold):
        one = _seconds(lambda: bench.everybody(ports))
        assert all_hold(bench.image)
    bench.forget()
    with _chips(bench.options.chip, bench.options.baud, count) as (ports, all_hold):
        all_of_them = _seconds(lambda: bench.everybody(ports))
        assert all_hold(bench.image)
    bench.forget()
    print(f"one board in the table of many {one:.2f} s")
    bench.compare(f"{count} boards at once", all_of_them, 2 * one, "twice one")


def main() -> int:
    """Run all; 1 if a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chip", default="esp32c3", choices=sorted(rows()))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kilobytes", type=int, default=1000)
    parser.add_argument("--baud", type=int, default=460800)
    parser.add_argument("--boards", type=int, default=12)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="natmod-bench-") as temporary:
        os.environ["NATMOD_HOME"] = temporary
        with Toolbox.current() as toolbox:
            bench = Bench(toolbox, options, Path(temporary))
            _one_board(bench, options.rounds)
            _many_boards(bench, options.boards)
    return int(not bench.met)


if __name__ == "__main__":
    sys.exit(main())
