"""From an edit to running code: `natmod run` as a command, and the pipeline in a running process.

    python -m tests.bench.bench_run [--board sim:rv32] [--rounds 20]

Both sides in one run: beside our rounds stands mpremote doing the put-and-run part alone (mount, import) on the same
board. Prints min and median; asserts no time.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ide.board.boards import Boards
from ide.board.pipeline import RunRequest, build_put_run
from toolchains.jobs import JobContext
from toolchains.paths import examples
from toolchains.toolbox import Toolbox


def show(title: str, seconds: list[float]) -> float:
    """Print one row; the median."""
    median = statistics.median(seconds)
    print(f"{title:<58} min {min(seconds) * 1000:7.1f} ms   median {median * 1000:7.1f} ms   n={len(seconds)}")
    return median


def timed(rounds: int, work: Callable[[int], float | None]) -> list[float]:
    """Seconds of each round: what ``work`` returns, or the time it took."""
    taken = []
    for number in range(rounds):
        start = time.perf_counter()
        inner = work(number)
        taken.append(time.perf_counter() - start if inner is None else inner)
    return taken


def natmod(*args: str) -> None:
    """Run the command as a person would."""
    subprocess.run([sys.executable, "-m", "ide.cli", *args], check=True, stdout=subprocess.DEVNULL)


def edit(source: Path, number: int) -> None:
    """Change one constant of the C source, as a learner would."""
    text = source.read_text("utf-8").split("// round")[0]
    source.write_text(f"{text}// round\nint natmod_bench_round = {number} - {number};\n", "utf-8")


def edit_to_output(toolbox: Toolbox, project: Path, board: str, rounds: int) -> list[float]:
    """Seconds from saving the C file to the first byte that the program prints, in a running process."""
    with Boards(toolbox) as boards:

        def one(number: int) -> float:
            seen: list[float] = []
            start = time.perf_counter()
            edit(project / "factorial.c", number)
            build_put_run(
                JobContext(),
                boards,
                RunRequest(project, board=board),
                on_output=lambda _data: seen.append(time.perf_counter()),
            )
            return seen[0] - start

        one(-1)
        taken = timed(rounds, one)
    return taken


def mpremote_run(port: str, folder: Path, rounds: int) -> list[float] | None:
    """Seconds for mpremote to mount the folder with the built module and import the script; None without mpremote."""
    if shutil.which("mpremote") is None:
        return None
    argv = ["mpremote", "connect", port, "mount", str(folder), "exec", "import main"]
    return timed(rounds, lambda _n: subprocess.run(argv, check=True, stdout=subprocess.DEVNULL) and None)


def memory() -> None:
    """Print the peak resident memory of this process and of its biggest child."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'resident memory of the engine (peak, goal 120 MB)':<58} {own:.0f} MB")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--board", default="sim:rv32")
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Toolbox.current() as toolbox:
        project = Path(folder) / "factorial"
        shutil.copytree(examples() / "factorial", project, ignore=shutil.ignore_patterns(".natmod"))
        natmod("run", str(project), "--board", options.board)
        ours = show(
            "natmod run, warm, process start included (goal 1000)",
            timed(options.rounds, lambda _n: natmod("run", str(project), "--board", options.board)),
        )
        show(
            "running process: edit to first output (goal 250)",
            edit_to_output(toolbox, project, options.board, options.rounds),
        )
        memory()
        compare_with_mpremote(toolbox, project, options, ours)


def compare_with_mpremote(toolbox: Toolbox, project: Path, options: argparse.Namespace, ours: float) -> None:
    """mpremote's put and run (no build) beside ours (build, put and run)."""
    from ide.board import simulator

    built = next((project / ".natmod").glob("*/factorial.mpy"))
    served = project.parent / "served"
    served.mkdir()
    shutil.copy(built, served)
    shutil.copy(project / "main.py", served)
    with simulator.lease(JobContext(), toolbox, options.board) as lease:
        theirs = mpremote_run(lease.port, served, options.rounds)
    if theirs is None:
        print("mpremote is not installed: no comparison")
        return
    median = show("mpremote: mount and import only, no build", theirs)
    print(f"{'ratio ours (with the build) to mpremote (without)':<58} {ours / median:.2f}")


if __name__ == "__main__":
    main()
