"""Cards beside the text: what is known of a word, what is wrong with it, the form of a call."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from ide.editor.intelligence.hover import Hover
from ide.editor.intelligence.signature import Arguments
from ide.editor.lsp.records import Edit, Remark, Signature
from ide.editor.scintilla import M
from tests.ide.editor.intelligence.conftest import Helped
from tests.ide.editor.intelligence.scripted import item

_FORMS = (Signature("mp_obj_new_str(const char *data, size_t len) -> mp_obj_t", "A string.\nMore.", (15, 31)),)


def _says(card: Hover | Arguments) -> str:
    return card.card.label.text() if card.visible else ""


def test_what_is_known_of_a_word_by_mouse_and_by_key(helped: Helped) -> None:
    helped.source.known = "#define <b>mp_obj_get_int</b>\n" + "line\n" * 100
    sci = helped.open("x = mp_obj_|get_int(1); // word\n")
    helped.desk.commands.run("code.hover")
    assert _says(helped.help.hover).startswith("#define <b>mp")
    assert helped.source.asked[0].at == (0, 4)
    assert helped.help.hover.card.height() < helped.desk.area.height()
    helped.press(Qt.Key.Key_Escape)
    assert _says(helped.help.hover) == ""
    x, y = (sci.send(message, 0, 6) for message in (M.PointXFromPosition, M.PointYFromPosition))
    sci.dwellStart.emit(x + 1, y + 3)
    assert _says(helped.help.hover)
    sci.dwellEnd.emit(x, y)
    assert _says(helped.help.hover) == ""
    comment = sci.send(M.PointXFromPosition, 0, 30)
    sci.dwellStart.emit(comment, y + 3)
    assert _says(helped.help.hover) == "", "a word of a comment is no name"
    helped.source.known = ""
    helped.desk.commands.run("code.hover")
    assert "Nothing" in _says(helped.help.hover)
    helped.type("a")
    assert _says(helped.help.hover) == ""


def test_a_remark_is_said_with_its_fix_and_the_key_for_it(helped: Helped) -> None:
    sci = helped.open("é; x = stdlen(1)|;\n")
    fix = ("change 'stdlen' to 'strlen'", {helped.desk.root / "a.c": (Edit((0, 8), (0, 14), "strlen"),)})
    helped.source.remarks = (Remark((0, 8), (0, 14), "error", "No such name <b>.", "", "clangd", (fix,)),)
    x, y = (sci.send(message, 0, 9) for message in (M.PointXFromPosition, M.PointYFromPosition))
    sci.dwellStart.emit(x + 1, y + 3)
    assert _says(helped.help.hover) == "No such name <b>.\n: change 'stdlen' to 'strlen'"
    assert helped.source.asked == []


def test_the_form_of_a_call_follows_the_caret(helped: Helped) -> None:
    helped.source.forms = _FORMS
    helped.open("|;\n")
    helped.type("if (x) mp_obj_new_str(")
    assert helped.source.count("signatures") == 1
    assert "<b><u>const char *data</u></b>" in _says(helped.help.arguments)
    assert "A string." in _says(helped.help.arguments)
    helped.source.forms = (Signature("f(int <a>)", "", (90, 99)),)
    helped.type("p")
    assert "f(int &lt;a&gt;)" in _says(helped.help.arguments)
    helped.source.forms = ()
    helped.type(")")
    assert _says(helped.help.arguments) == ""
    helped.source.forms = _FORMS
    helped.desk.commands.run("code.arguments")
    assert _says(helped.help.arguments)
    helped.press(Qt.Key.Key_Escape)
    assert _says(helped.help.arguments) == ""
    helped.desk.commands.run("code.arguments")
    helped.press(Qt.Key.Key_Left)
    assert _says(helped.help.arguments)
    helped.press(Qt.Key.Key_Down)
    assert _says(helped.help.arguments) == "", "whoever goes to another line is done with the call"


@pytest.mark.parametrize("lines", [3, 200])
def test_a_chosen_function_shows_its_form_and_both_are_seen(helped: Helped, lines: int) -> None:
    names = [item("mp_obj_new_str", "function", "(x)"), *(item(f"mp_{number}") for number in range(20))]
    helped.source.forms, helped.source.items = _FORMS, names
    helped.open("\n" * lines + "|;")
    helped.type("mp")
    helped.press(Qt.Key.Key_Tab)
    assert helped.line() == "mp_obj_new_str(|);"
    assert _says(helped.help.arguments)
    helped.type("mp")
    helped.type("_")
    assert helped.shown()
    card = helped.help.arguments.card.geometry()
    assert not helped.popup.geometry().intersects(card)
    assert not helped.popup.line_rect(helped.desk.sci.caret()).intersects(card)
    helped.press(Qt.Key.Key_Escape)
    assert (helped.shown(), bool(_says(helped.help.arguments))) == ([], True)
