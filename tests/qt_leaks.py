"""What of Qt a test may leave behind: windows, running timers, running threads. Nothing is imported where Qt is not.

Only objects that Python knows are seen (``gc``); Qt's own, such as a caret that blinks, belong to a widget and go with
it. ``running_timers`` also serves the tests that an idle window never wakes.
"""

from __future__ import annotations

import gc
import sys
from typing import Any

#: Windows that Qt makes for itself, and keeps.
_QTS_OWN = ("QTipLabel", "QComboBoxPrivateContainer", "QDesktopWidget")


def leftovers() -> dict[int, str]:
    """What is there now, by address: to compare with what was there before a test. Empty while Qt is not loaded."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    app = widgets.QApplication.instance() if widgets is not None else None
    if app is None:
        return {}
    _delete_what_is_to_be_deleted()
    found = _windows(app)
    for thing in _suspects():
        words = _words_of(thing)
        if words:
            found[id(thing)] = words
    return found


def new_since(before: dict[int, str]) -> list[str]:
    """What is there now and was not then, in words. Looks twice: what only waits for the collector is no leak."""
    if not set(leftovers()) - set(before):
        return []
    gc.collect()
    return sorted(words for address, words in leftovers().items() if address not in before)


def running_timers() -> list[str]:
    """The timers that run now, as their interval and owner."""
    return [words for words in leftovers().values() if words.startswith("timer")]


def _delete_what_is_to_be_deleted() -> None:
    """``deleteLater`` waits for an event loop of the level that it was called in; after a test there is none."""
    core: Any = sys.modules["PySide6.QtCore"]
    core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete.value)


def _windows(app: Any) -> dict[int, str]:
    names = ((window, window.metaObject().className()) for window in app.topLevelWidgets())
    return {_address(w): f"window {name} {w.windowTitle()!r}" for w, name in names if name not in _QTS_OWN}


def _address(thing: Any) -> int:
    """Of the C++ object: its Python face comes and goes."""
    return int(sys.modules["shiboken6"].getCppPointer(thing)[0])


def _suspects() -> list[Any]:
    """The objects that may run. By type first: there are 60 000 objects, of few types."""
    core: Any = sys.modules["PySide6.QtCore"]
    valid = sys.modules["shiboken6"].isValid
    everything = gc.get_objects()
    kinds = (core.QTimer, core.QThread, core.QSocketNotifier)
    types = {kind for kind in set(map(type, everything)) if issubclass(kind, kinds)}
    return [thing for thing in everything if type(thing) in types and valid(thing)]


def _words_of(thing: Any) -> str:
    """What runs, in words; empty for what does not run."""
    core: Any = sys.modules["PySide6.QtCore"]
    if isinstance(thing, core.QTimer):
        return f"timer of {thing.interval()} ms, owner {thing.parent()}" if thing.isActive() else ""
    if isinstance(thing, core.QThread):
        return f"thread {thing}" if thing.isRunning() and thing != core.QThread.currentThread() else ""
    return f"socket notifier {thing.socket()}, owner {thing.parent()}" if thing.isEnabled() else ""
