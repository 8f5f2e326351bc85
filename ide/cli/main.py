"""The ``natmod`` command: reads the verb, prepares a job, maps errors to one sentence and an exit code."""

from __future__ import annotations

import gc
import io
import signal
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``natmod`` with ``argv`` (default: the process's own); the exit code."""
    args = list(sys.argv[1:] if argv is None else argv)
    if args[:1] == ["--worker"]:
        from ide.cli.worker import run_worker

        return run_worker(args[1:])
    # While the program is loaded there is nothing to undo: a Ctrl-C may end it at once. As an exception it would come
    # out of half-made modules in many shapes (Python 3.11 wraps it in a RuntimeError). The verb then takes over.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")  # a file name that the code page of a pipe lacks
    gc.disable()  # what is loaded stays: looking for garbage in it costs a short command 17 ms; the verb turns it on
    from ide.cli.run import run_verb

    return run_verb(args)
