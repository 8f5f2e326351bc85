"""From exec to a window that can be used, ours beside Thonny's, in one run on one X server. Warm; asserts no time.

    python -m tests.bench.bench_start [--rounds 9]

Usable: the window is in _NET_CLIENT_LIST (so it is mapped) with its full title, which ours gets when the editor has
painted the project's file. Rounds alternate, so that a busy moment of the computer meets both. Then the memory of each
program with all its processes, with one file open, ten seconds after the start. Thonny is installed from PyPI into an
environment of the bench's own, in the folder for caches of the tests; without it ours is measured alone.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests import homes, xserver
from toolchains.paths import examples

THONNY = "thonny==5.0.1"
_WATCHER = ("python-xlib==0.33",)
_START_S, _END_S, _MEMORY_AFTER_S = 60.0, 10.0, 10.0


@dataclass(frozen=True)
class Program:
    """What is started, and what its title ends or begins with once it can be used."""

    name: str
    argv: tuple[str, ...]
    environ: Mapping[str, str]
    title: str
    seconds: list[float] = field(default_factory=list)
    #: Of a processor, in all its processes: says more than the clock on a computer that is busy otherwise.
    busy: list[float] = field(default_factory=list)


class Watcher:
    """Titles of windows, as they come."""

    def __init__(self, python: Path, shown: xserver.Display) -> None:
        argv = [str(python), str(Path(__file__).with_name("title_watcher.py")), shown.name]
        self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self._lines.put(line)

    def wait(self, title: str, seconds: float = _START_S) -> tuple[float, int]:
        """When (CLOCK_MONOTONIC) a window got a title with these words, and its id."""
        end = time.monotonic() + seconds
        while True:
            try:
                said = json.loads(self._lines.get(timeout=max(0.0, end - time.monotonic())))
            except queue.Empty:
                raise SystemExit(f"no window with {title!r} in its title after {seconds:.0f} s") from None
            if title in said["title"]:
                return said["t"], said["window"]

    def close_window(self, window: int) -> None:
        """As a click on its cross."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{window}\n")
        self._process.stdin.flush()

    def end(self) -> None:
        """End the watcher."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        self._reader.join()


def environment() -> tuple[Path, bool]:
    """The Python of the bench's own environment, made once, and whether Thonny is in it."""
    folder = homes.shared_home() / "bench-thonny"
    python = folder / "bin" / "python"
    if not (folder / "done").exists():
        venv.create(folder, with_pip=True, clear=True, symlinks=True)
        pip = [python, "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *_WATCHER], check=True)
        if subprocess.run([*pip, THONNY], check=False).returncode == 0:
            (folder / "done").touch()
    can_tk = subprocess.run([python, "-c", "import thonny, tkinter"], capture_output=True, check=False)
    return python, can_tk.returncode == 0


def _ours(folder: Path, project: Path, *, board: bool) -> Program:
    home = folder / ("home-board" if board else "home")
    homes.borrow(home)
    (home / "config").mkdir(exist_ok=True)
    if not board:
        (home / "config" / "settings.toml").write_text("[board]\nconnect = false\n", "utf-8")
    argv = (sys.executable, "-P", "-m", "ide.app", str(project))
    return Program("Natmod Studio", argv, {"NATMOD_HOME": str(home), "NATMOD_SIM_LINGER": "0"}, " – Natmod Studio")


def _thonny(folder: Path, python: Path, file: Path) -> Program:
    home = folder / "thonny"
    home.mkdir()
    (home / "configuration.ini").write_text("[general]\nlanguage = en_US\n", "utf-8")  # no first-run dialog
    return Program(
        "Thonny 5.0.1", (str(python), "-m", "thonny", str(file)), {"THONNY_USER_DIR": str(home)}, "Thonny  -"
    )


@contextmanager
def _running(program: Program, shown: xserver.Display, watcher: Watcher) -> Iterator[tuple[float, int]]:
    """The program until it can be used: the seconds that took, and its process id. It is closed like a person would."""
    environ = {**shown.environ(), **program.environ}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a person does not have it, and warm means compiled
    start = time.monotonic()
    process = subprocess.Popen(
        program.argv, env=environ, cwd=homes.CHECKOUT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        seen, window = watcher.wait(program.title)
        yield seen - start, process.pid
        time.sleep(0.5)  # what comes after the first picture is over, or at least begun
        watcher.close_window(window)
        process.wait(_END_S)
    finally:
        if process.poll() is None:
            print(f"{program.name} did not end when its window was closed")
            process.kill()
            process.wait()


def _tree(pid: int) -> list[int]:
    """The process and all that it started."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents.setdefault(int(stat.read_text().rpartition(")")[2].split()[1]), []).append(int(stat.parent.name))
        except OSError:
            continue
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found


def _processor(pid: int) -> float:
    """The seconds of a processor that a process has used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pids: Sequence[int]) -> tuple[float, float]:
    """Resident and proportional memory of processes, in MB."""
    rss = pss = 0
    for pid in pids:
        try:
            words = Path(f"/proc/{pid}/smaps_rollup").read_text().split()
        except OSError:
            continue
        rss += int(words[words.index("Rss:") + 1])
        pss += int(words[words.index("Pss:") + 1])
    return rss / 1024, pss / 1024


def _show_memory(name: str, pid: int) -> None:
    (rss, pss), (all_rss, all_pss) = memory([pid]), memory(_tree(pid))
    print(f"{name:<34} RSS {rss:5.0f} MB   PSS {pss:5.0f} MB   with its children {all_rss:.0f} and {all_pss:.0f}")


def measure(programs: list[Program], rounds: int, shown: xserver.Display, watcher: Watcher) -> None:
    """Fill in the seconds of each round; the first start of each warms up."""
    for number in range(rounds + 1):
        for program in programs:
            with _running(program, shown, watcher) as (seconds, pid):
                busy = sum(map(_processor, _tree(pid)))
                if number:
                    program.seconds.append(seconds)
                    program.busy.append(busy)


def report(programs: list[Program]) -> None:
    """Print the rows and the ratio."""
    for program in programs:
        for what, taken in (("", program.seconds), (", of a processor", program.busy)):
            row = f"min {min(taken):.3f} s   median {statistics.median(taken):.3f} s   max {max(taken):.3f} s"
            print(f"{program.name + what:<34} {row}   n={len(taken)}")
    if len(programs) == 2:
        ours, theirs = (statistics.median(program.seconds) for program in programs)
        print(f"{'ours / Thonny':<34} {ours / theirs:.2f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    lacking = xserver.missing()
    if lacking:
        raise SystemExit(f"this needs: {', '.join(lacking)}")
    python, has_thonny = environment()
    with tempfile.TemporaryDirectory() as name, xserver.display() as shown:
        folder = Path(name)
        project = folder / "factorial"
        shutil.copytree(examples() / "factorial", project, ignore=shutil.ignore_patterns(".natmod"))
        programs = [_ours(folder, project, board=False)]
        if has_thonny:
            programs.append(_thonny(folder, python, project / "main.py"))
        else:
            print(f"skipped: {THONNY} (not to be had, or this Python has no tkinter)")
        watcher = Watcher(python, shown)
        try:
            print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
            measure(programs, options.rounds, shown, watcher)
            report(programs)
            for program in [*programs, _ours(folder, project, board=True)]:
                with _running(program, shown, watcher) as (_seconds, pid):
                    time.sleep(_MEMORY_AFTER_S)
                    connected = " with its board" if "home-board" in program.environ.get("NATMOD_HOME", "") else ""
                    _show_memory(program.name + connected, pid)
        finally:
            watcher.end()


if __name__ == "__main__":
    main()
