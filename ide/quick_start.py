"""What makes the window open sooner; measured with ``tests.bench.bench_start``. To be called before Qt is imported."""

from __future__ import annotations

import builtins
import gc
import importlib

#: Modules without Qt that the first picture needs. PySide6's hook (below) and its lazily made types cost a module that
#: is imported before it nothing.
_WITHOUT_QT = (
    "ide.commands",
    "ide.context",
    "ide.editor.languages",
    "ide.editor.textfile",
    "ide.gallery",
    "ide.job_queue",
    "ide.panel",
    "ide.problem_sources",
    "ide.run_events",
    "ide.run_words",
    "ide.session_state",
    "ide.settings",
    "toolchains.languages",
    "toolchains.plugins",
)


def begin() -> None:
    """Import what comes before Qt, then Qt; no garbage is collected until :func:`end`.

    PySide6 puts a hook into ``import`` that reads the source of every module, to see whether it says ``from __feature__
    import snake_case`` (shibokensupport/feature.py). Ours do not; the hook is taken out again.
    """
    gc.disable()
    for name in _WITHOUT_QT:
        importlib.import_module(name)
    import_before = builtins.__import__
    importlib.import_module("PySide6.QtCore")
    builtins.__import__ = import_before


def end() -> None:
    """The first picture is on the screen."""
    gc.enable()
