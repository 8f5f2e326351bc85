"""The ``natmod`` command: reads the verb, prepares a job, maps errors to one sentence and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``natmod`` with ``argv`` (default: the process's own); the exit code."""
    args = list(sys.argv[1:] if argv is None else argv)
    if args[:1] == ["--worker"]:
        from ide.cli.worker import run_worker

        return run_worker(args[1:])
    try:
        from ide.cli.run import run_verb

        return run_verb(args)
    except KeyboardInterrupt:  # while the program was still being loaded
        return 130
