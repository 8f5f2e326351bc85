"""esptool waits for ever for the first word of its flash program: a run that is silent there is ended."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ide.board.flash.progress import Heard
from toolchains.host import Host

#: Loading the flash program at the loader's speed takes one or two seconds, and it says hello at once.
STUB_S = 12.0
#: How :mod:`ide.board.flash.failures` knows it.
_WORDS = "Failed to start stub flasher: not a word in {seconds:.0f} seconds."


@contextmanager
def guarded(host: Host, process: subprocess.Popen[bytes], heard: Heard) -> Iterator[None]:
    """Meanwhile, end ``process`` when it says nothing for 12 s after "Running stub flasher"."""
    over = threading.Event()
    watch = threading.Thread(target=_watch, args=(over, host, process, heard, STUB_S), name="esptool's silence")
    watch.start()
    try:
        yield
    finally:
        over.set()
        watch.join()


def _watch(over: threading.Event, host: Host, process: subprocess.Popen[bytes], heard: Heard, seconds: float) -> None:
    lines, since = -1, time.monotonic()
    while not over.wait(0.5):
        if heard.stage != "stub" or heard.heard != lines:
            lines, since = heard.heard, time.monotonic()
        elif time.monotonic() - since > seconds:
            heard.error.append(_WORDS.format(seconds=seconds))
            host.kill_tree(process)
            return
