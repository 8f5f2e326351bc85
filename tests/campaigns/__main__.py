"""``python3 studio.py campaign NAME [--count N] [--seed S]``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests import processes
from tests.campaigns import runner
from tests.homes import borrow
from tests.tools.streams import show


def main(args: Sequence[str]) -> int:
    """Run a campaign in a home of its own; 1 when it found a fault or left a process behind."""
    parser = argparse.ArgumentParser(prog="studio.py campaign", description="Break things on purpose, and look.")
    parser.add_argument("name", choices=runner.names())
    parser.add_argument("--count", type=int, metavar="N", help="how many trials (200; of some campaigns more)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the first one's seed (%(default)s)")
    options = parser.parse_args(args)
    with TemporaryDirectory(prefix="nm-") as folder:
        home = Path(folder)
        borrow(home)
        os.environ.update(NATMOD_HOME=folder, NATMOD_SIM_LINGER="0")
        count = options.count or runner.usual_count(options.name)
        report = runner.run(options.name, count=count, seed=options.seed, tell=show)
        left = processes.wait_until_none(lambda: processes.with_home(home), 5.0)
        for process in left:
            process.kill()
            report.labels["LEFT BEHIND"] += 1
            show(f"left behind: {process}")
    for line in report.lines():
        show(line)
    return int(bool(report.faults or left))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
