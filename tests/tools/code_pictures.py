"""Pictures of help while typing: names that fit, and a mistake with what mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from ide.editor.intelligence.assist import Assist
from ide.editor.intelligence.spot import at_of
from ide.panels.compiled.widget import CompiledPanel
from tests.tools.patience import wait_until

if TYPE_CHECKING:
    from ide.editor.editor import CodeEditor
    from tests.tools.photographer import Photographer

NAMES = ("completion", "completion-dark", "completion-contrast", "squiggle", "assembly", "treemap")
_SOURCE, _LINE = "factorial.c", "    return mp_obj_new_int("
_WIDE, _HIGH = 1000, 620
_TYPED, _MISTAKE = "    mp_obj_t made = mp_obj_new_", "mp_obj_new_imt"


def code_pictures(photographer: Photographer) -> None:
    """The C file, as somebody writes in it; in the end it is as it was."""
    ide = photographer.ide
    ide.editors.open(ide.folder / _SOURCE)
    wait_until(lambda: ide.editors.current_path() == ide.folder / _SOURCE)
    view = ide.editors.current()
    assert view is not None
    wait_until(lambda: ide.ctx.intelligence.source_for(view.document) is not None)
    before = view.sci.text()
    _completion(photographer, view)
    view.sci.replace(0, view.sci.length(), before)
    _squiggle(photographer, view)
    view.sci.replace(0, view.sci.length(), before)
    photographer.run()
    _compiled(photographer)


def _assist(view: CodeEditor) -> Assist:
    found = view.findChild(Assist)
    assert isinstance(found, Assist)
    return found


def _completion(photographer: Photographer, view: CodeEditor) -> None:
    sci, help_ = view.sci, _assist(view)
    start = sci.text().encode().index(_LINE.encode())
    sci.insert(start, "\n")
    sci.go_to(start)
    sci.take_focus()
    wait_until(sci.hasFocus)
    for letter in _TYPED:
        event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, letter)
        QApplication.postEvent(sci, event)
    for theme in ("light", "dark", "contrast"):
        photographer.ide.commands.run(f"view.theme_{theme}")
        wait_until(lambda: help_.completer.visible and help_.completer.popup.model.rowCount() > 1)
        photographer.shoot("completion" if theme == "light" else f"completion-{theme}")
    photographer.ide.commands.run("view.theme_light")
    help_.dismiss()


def _squiggle(photographer: Photographer, view: CodeEditor) -> None:
    sci = view.sci
    start = sci.text().encode().index(_LINE.encode()) + _LINE.index("mp_")
    sci.replace(start, start + len("mp_obj_new_int"), _MISTAKE)
    sci.go_to(start + 3)
    intelligence, document = photographer.ide.ctx.intelligence, view.document
    wait_until(lambda: any(one.fixes for one in intelligence.remarks_at(document, at_of(sci, start + 3))))
    photographer.ide.commands.run("code.hover")
    wait_until(lambda: _assist(view).hover.visible)
    photographer.shoot("squiggle")
    _assist(view).dismiss()


def _compiled(photographer: Photographer) -> None:
    """The panel Compiled in a window of its own, as somebody has it who reads assembly."""
    ide = photographer.ide
    ide.docks.show_panel("compiled")
    dock = ide.docks.docks["compiled"]
    wait_until(lambda: dock.made)
    panel = dock.findChild(CompiledPanel)
    assert isinstance(panel, CompiledPanel)
    dock.setFloating(True)
    dock.resize(_WIDE, _HIGH)
    line = panel.assembly.source.text().split("\n").index(_LINE + "result);")
    wait_until(lambda: panel.assembly.listing is not None)
    panel.assembly.source.take_focus()
    panel.assembly.source.go_to(panel.assembly.source.line_start(line))
    photographer.shoot("assembly", dock)
    panel.pages.setCurrentWidget(panel.bytes)
    wait_until(lambda: bool(panel.bytes.parts))
    photographer.shoot("treemap", dock)
    panel.pages.setCurrentWidget(panel.assembly)
    dock.setFloating(False)
