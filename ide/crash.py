"""When our own code fails: everything is kept, what happened is written down and shown, and the window goes on."""

from __future__ import annotations

import faulthandler
import logging
import platform
import sys
import threading
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO

from ide.notify import Action, Notices
from toolchains.text import _

_log = logging.getLogger(__name__)


class CrashHandler:
    """Takes what nobody caught, from the window's thread and from workers. ``keep`` saves unsaved text."""

    def __init__(self, folder: Path, notices: Notices, keep: Callable[[], None], show: Callable[[Path], None]) -> None:
        self._folder, self._notices, self._keep, self._show = folder, notices, keep, show
        self._before = sys.excepthook
        self._threads_before = threading.excepthook
        self._faults: IO[str] | None = None
        self._busy = False
        #: Crashes of workers, to be shown by :meth:`drain` on the window's thread.
        self._waiting: list[str] = []
        self.ring: Callable[[], None] = lambda: None

    def install(self) -> None:
        """Take over from Python's own hooks."""
        sys.excepthook = self._caught
        threading.excepthook = self._caught_in_thread

    def watch_faults(self) -> None:
        """Faults in native code (a segmentation fault) write their stack to a file, where one can be written."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._faults = (self._folder / "faults.txt").open("a", encoding="utf-8")
        except OSError as error:
            _log.warning("no file for faults: %s", error)
            return
        faulthandler.enable(self._faults)

    def remove(self) -> None:
        """Give the hooks back."""
        sys.excepthook, threading.excepthook = self._before, self._threads_before
        if self._faults is not None:
            faulthandler.disable()
            self._faults.close()
            self._faults = None

    def caught(self, error: BaseException) -> None:
        """An error that is a fault of ours, on the window's thread."""
        self._caught(type(error), error, error.__traceback__)

    def _caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._before(kind, error, trace)
            return
        self._tell("".join(traceback.format_exception(kind, error, trace)))

    def _caught_in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._waiting.append("".join(traceback.format_exception(args.exc_value)))
            self.ring()

    def drain(self) -> bool:
        """Show what crashed in workers; whether there was something."""
        waiting, self._waiting = self._waiting, []
        for account in waiting:
            self._tell(account)
        return bool(waiting)

    def _tell(self, account: str) -> None:
        _log.error("%s", account)
        if self._busy:  # a fault while telling of a fault: the log has it
            return
        self._busy = True
        try:
            self._keep()
        finally:  # whatever else fails, it is said
            path = self._write(account)
            show = () if path is None else (Action(_("Show what happened"), lambda: self._show(path)),)
            self._notices.tell(
                _("Natmod Studio made a mistake. Your files and unsaved text are kept; you can go on working."),
                kind="error", detail=account, actions=show,
            )  # fmt: skip
            self._busy = False

    def _write(self, account: str) -> Path | None:
        """Where the account is now; None where it cannot be written."""
        path = self._folder / f"crash-{datetime.now():%Y%m%d-%H%M%S}.txt"
        head = f"Natmod Studio on {platform.platform()}, Python {platform.python_version()}\n\n"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            path.write_text(head + account, "utf-8")
        except OSError as error:
            _log.warning("no account of the crash: %s", error)
            return None
        return path
