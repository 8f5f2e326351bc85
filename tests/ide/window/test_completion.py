"""Names while typing, in the whole window with the real clangd."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ide.editor.intelligence.assist import Assist
from tests.ide.window.conftest import PATIENT, Windows
from toolchains.sdk_tree import SdkTree


def test_a_call_is_written_by_its_first_letters(windows: Windows, sdk_tree: SdkTree, qtbot: QtBot) -> None:
    ide = windows.open(windows.example("text_search"))
    source = ide.folder / "text_search.c"
    ide.editors.open(source)
    qtbot.waitUntil(lambda: ide.editors.current_path() == source)
    view = ide.editors.current()
    assert view is not None
    qtbot.waitUntil(lambda: ide.ctx.intelligence.source_for(view.document) is not None, timeout=PATIENT)
    sci, found = view.sci, view.findChild(Assist)
    assert isinstance(found, Assist)
    completer, arguments = found.completer, found.arguments
    start = sci.text().encode().index(b"    get_piece(wanted_in, wanted);")
    sci.insert(start, "\n")
    sci.go_to(start)
    sci.take_focus()

    def type_until(text: str, name: str) -> list[str]:
        for letter in text:
            qtbot.keyClicks(sci, letter)
        names: list[str] = []

        def there() -> bool:
            names[:] = [one.label for one in completer.popup.model.items] if completer.visible else []
            return name in names

        qtbot.waitUntil(there, timeout=PATIENT)
        return names

    names = type_until("    mp_obj_new_str", "mp_obj_new_str_from_cstr")
    assert names[0] == "mp_obj_new_str"
    assert len(set(names)) == len(names)
    kinds = [one.unlinkable for one in completer.popup.model.items]
    assert kinds == sorted(kinds), "what does not link is last"
    completer.popup.step(names.index("mp_obj_new_str_from_cstr"))
    assert "does not offer mp_obj_new_str_from_cstr" in completer.popup.about.text()
    completer.popup.step(-names.index("mp_obj_new_str_from_cstr"))
    qtbot.keyClick(sci, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: arguments.visible, timeout=PATIENT)
    assert "<b><u>const char *data</u></b>" in arguments.card.label.text()
    type_until("wanted.", "data")
    qtbot.keyClick(sci, Qt.Key.Key_Tab)
    assert sci.line_text(sci.line_of(sci.caret())) == "    mp_obj_new_str(wanted->data)"
    assert sci.hasFocus()
    qtbot.keyClicks(sci, ";")
    type_until(" prin", "printf")
    assert [one.unlinkable for one in completer.popup.model.items if one.label == "printf"] == [True]
