"""Typing: indents, brackets, comments, carets, Chinese, problems in the text."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication

from ide.editor import marks, typed
from ide.editor.languages import all_languages, guess_indent, language, language_of
from ide.editor.look import PROBLEM_MASK, SQUIGGLES
from ide.editor.scintilla import M, Sci
from ide.problems import Problem
from ide.themes import themes
from tests.ide.editor.conftest import Desk


def _type(desk: Desk, text: str) -> None:
    for char in text:
        if char == "\n":
            desk.qtbot.keyClick(desk.sci, Qt.Key.Key_Return)
        else:
            desk.qtbot.keyClicks(desk.sci, char)


@pytest.mark.parametrize(
    ("name", "keys", "text"),
    [
        (
            "a.c",
            "void f(void) {\nint x;\nif (x) {\nx = 1;",
            "void f(void) {\n    int x;\n    if (x) {\n        x = 1;\n    }\n}",
        ),
        (
            "a.py",
            "def f(x):\nif x:\nreturn 1\nelse:\npass\ny",
            "def f(x):\n    if x:\n        return 1\n    else:\n        pass\n    y",
        ),
        ("a.txt", "  a\nb", "  a\n  b"),
        ("Makefile", "all:\n", "all:\n"),
    ],
)
def test_the_next_line_is_indented(desk: Desk, name: str, keys: str, text: str) -> None:
    desk.view(name, "")
    _type(desk, keys)
    assert desk.sci.text() == text


def test_a_closing_brace_goes_below_its_line(desk: Desk) -> None:
    desk.settings.set("editor.complete_brackets", False)
    desk.view("a.c", "")
    _type(desk, "int f(void) {\nif (1) {\nx;\n}\n}")
    assert desk.sci.text() == "int f(void) {\n    if (1) {\n        x;\n    }\n}"


def test_brackets_are_closed_and_typed_over(desk: Desk) -> None:
    desk.view("a.c", "")
    _type(desk, 'f("a", x[1])')
    assert desk.sci.text() == 'f("a", x[1])'
    desk.view("b.c", "word")
    desk.sci.send(M.GotoPos, 0)
    _type(desk, "(")
    assert desk.sci.text() == "(word"
    desk.view("c.py", "")
    _type(desk, "# don't (")
    assert desk.sci.text() == "# don't ()"
    desk.settings.set("editor.complete_brackets", False)
    desk.view("d.c", "")
    _type(desk, "f(")
    assert desk.sci.text() == "f("


def test_the_indent_of_a_file_is_kept(desk: Desk) -> None:
    desk.view("a.c", "void f(void) {\n\tx;\n\ty;\n}\n")
    desk.sci.send(M.GotoPos, desk.sci.line_end(0))
    _type(desk, "\nz;")
    assert desk.sci.line_text(1) == "\tz;"
    assert guess_indent("a\n  b\n  c\n    d\n", 4) == (False, 2)
    assert guess_indent("", 4) == (False, 4)
    assert guess_indent("a\n        b\n", 4) == (False, 8)


def test_the_line_end_of_a_file_is_kept(desk: Desk) -> None:
    view = desk.view("a.c", "a\r\nb\r\n")
    desk.sci.send(M.GotoPos, 1)
    _type(desk, "\nc")
    desk.saved(desk.area.save)
    assert view.document.path.read_bytes() == b"a\r\nc\r\nb\r\n"
    desk.commands.run("edit.eol_lf")
    desk.saved(desk.area.save)
    assert view.document.path.read_bytes() == b"a\nc\nb\n"


def test_the_encoding_is_changed(desk: Desk) -> None:
    view = desk.view("a.c", "// é\n".encode("latin-1"))
    desk.commands.run("edit.encoding_utf8_bom")
    assert desk.tabs() == ["\u25cf a.c"]
    desk.saved(desk.area.save)
    assert view.document.path.read_bytes() == "// é\n".encode("utf-8-sig")


def test_an_encoding_guessed_wrong_is_set_right(desk: Desk) -> None:
    view = desk.view("a.c", "// 延迟\n".encode("gb18030"))
    assert desk.sci.text() != "// 延迟\n"
    desk.commands.run("edit.read_as_gb18030")
    desk.qtbot.waitUntil(lambda: desk.sci.text() == "// 延迟\n")
    assert desk.tabs() == ["a.c"]
    assert view.document.form.name == "GB18030"
    desk.commands.run("edit.read_as_utf8")
    desk.notice("is not in this encoding: UTF-8")
    desk.sci.append("x")
    desk.commands.run("edit.read_as_big5")
    desk.notice("Save a.c first")


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("a.c", "  a;\n\n    b;\n", "  // a;\n\n  //   b;\n"),
        ("a.py", "a\nb\n", "# a\n# b\n"),
        ("a.json", "{}\n", "{}\n"),
    ],
)
def test_lines_become_comments_and_back(desk: Desk, name: str, before: str, after: str) -> None:
    desk.view(name, before)
    desk.commands.run("edit.select_all")
    desk.commands.run("edit.toggle_comment")
    assert desk.sci.text() == after
    desk.commands.run("edit.select_all")
    desk.commands.run("edit.toggle_comment")
    assert desk.sci.text() == before


def test_lines_are_moved_doubled_and_indented(desk: Desk) -> None:
    desk.view("a.c", "a\nb\nc\n")
    desk.commands.run("edit.move_line_down")
    assert desk.sci.text() == "b\na\nc\n"
    desk.commands.run("edit.move_line_up")
    desk.commands.run("edit.duplicate_line")
    assert desk.sci.text() == "a\na\nb\nc\n"
    desk.commands.run("edit.select_all")
    desk.commands.run("edit.indent")
    assert desk.sci.text() == "    a\n    a\n    b\n    c\n"
    desk.commands.run("edit.outdent")
    assert desk.sci.text() == "a\na\nb\nc\n"


def test_several_carets_type_at_once(desk: Desk) -> None:
    desk.view("a.c", "one two\none two\none\n")
    desk.commands.run("edit.add_caret_below")
    desk.commands.run("edit.add_caret_below")
    _type(desk, "x")
    assert desk.sci.text() == "xone two\nxone two\nxone\n"
    desk.commands.run("edit.undo")
    desk.sci.send(M.SetEmptySelection, 4)
    for _again in range(3):
        desk.commands.run("edit.select_next_occurrence")
    _type(desk, "2")
    assert desk.sci.text() == "one 2\none 2\none\n"
    desk.sci.send(M.SetEmptySelection, desk.sci.position_of(2, 1))
    desk.commands.run("edit.add_caret_above")
    _type(desk, "-")
    assert desk.sci.text() == "-one 2\n-one 2\none\n"


def test_a_rectangle_is_selected_and_typed_over(desk: Desk) -> None:
    desk.view("a.c", "abcd\nabcd\n")
    desk.sci.send(M.SetRectangularSelectionAnchor, 1)
    desk.sci.send(M.SetRectangularSelectionCaret, 8)
    _type(desk, "x")
    assert desk.sci.text() == "axd\naxd\n"


def test_braces_find_their_partner(desk: Desk) -> None:
    desk.view("a.c", "f(x) }\n")
    sci = desk.sci
    sci.send(M.GotoPos, 2)
    typed.match_braces(sci)
    assert sci.send(M.BraceMatch, 1, 0) == 3


def test_folding(desk: Desk) -> None:
    desk.view("a.c", "void f(void) {\n    x;\n}\nint y;\n")
    desk.sci.send(M.GotoPos, desk.sci.position_of(2, 5))
    desk.sci.send(M.Colourise, 0, -1)
    desk.commands.run("view.fold")
    assert not desk.sci.send(M.GetLineVisible, 1)
    desk.area.open(desk.root / "a.c", 2)
    desk.qtbot.waitUntil(lambda: bool(desk.sci.send(M.GetLineVisible, 1)))
    desk.commands.run("view.fold_all")
    assert not desk.sci.send(M.GetLineVisible, 1)
    desk.commands.run("view.unfold_all")
    assert desk.sci.send(M.GetLineVisible, 1)


# --- Chinese -------------------------------------------------------------------------------------------------------


def test_chinese_is_composed_at_the_caret(desk: Desk) -> None:
    desk.view("a.py", "# \n")
    sci: Sci = desk.sci
    sci.send(M.GotoPos, 2)
    before = sci.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle)
    QApplication.sendEvent(sci, QInputMethodEvent("ㄋㄧˇ", []))
    assert sci.text() == "# ㄋㄧˇ\n"
    QApplication.sendEvent(sci, QInputMethodEvent("你好", []))
    assert sci.text() == "# 你好\n"
    event = QInputMethodEvent("", [])
    event.setCommitString("你好")
    QApplication.sendEvent(sci, event)
    assert sci.text() == "# 你好\n"
    assert sci.place() == (1, 5)
    after = sci.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle)
    assert after.left() > before.left()
    assert after.height() > 0
    desk.saved(desk.area.save)
    assert (desk.root / "a.py").read_text("utf-8") == "# 你好\n"


def test_a_composition_that_is_given_up_leaves_nothing(desk: Desk) -> None:
    desk.view("a.py", "x\n")
    QApplication.sendEvent(desk.sci, QInputMethodEvent("ni", []))
    QApplication.sendEvent(desk.sci, QInputMethodEvent("", []))
    assert desk.sci.text() == "x\n"


def test_chinese_is_found(desk: Desk) -> None:
    desk.view("a.py", "# 延遲 100 毫秒\n")
    desk.commands.run("edit.find")
    event = QInputMethodEvent("", [])
    event.setCommitString("毫秒")
    QApplication.sendEvent(desk.area.find_bar.text, event)
    assert desk.sci.selected() == "毫秒"


# --- problems ------------------------------------------------------------------------------------------------------


def _problem(desk: Desk, line: int, column: int | None, severity: str = "error", words: str = "bad") -> Problem:
    return Problem(severity, words, desk.root / "a.c", line, column)


def test_problems_are_marked_where_they_are(desk: Desk) -> None:
    view = desk.view("a.c", "int é = value;\nint y;\nreturn\n")
    desk.area.set_problems([
        _problem(desk, 1, 9), _problem(desk, 2, None, "warning", "unused"), _problem(desk, 3, 7, "note"),
    ])  # fmt: skip
    sci = view.sci
    assert marks.places(sci) == [(0, "error"), (1, "warning"), (2, "note")]
    value = sci.position_of(1, 9)
    start, end = (sci.send(message, SQUIGGLES["error"], value) for message in (M.IndicatorStart, M.IndicatorEnd))
    assert sci.slice(start, end) == "value"
    assert marks.said(sci, 0) == "bad"
    assert marks.said(sci, 1) == "unused"
    desk.area.set_problems([])
    assert marks.places(sci) == []
    assert marks.said(sci, 0) == ""


def test_a_mark_moves_with_its_line_and_goes_when_the_line_is_mended(desk: Desk) -> None:
    view = desk.view("a.c", "int x\nint y;\n")
    desk.area.set_problems([_problem(desk, 1, 6), _problem(desk, 2, 1, "warning")])
    desk.sci.insert(0, "\n")
    desk.qtbot.waitUntil(lambda: marks.places(view.sci) == [(1, "error"), (2, "warning")])
    desk.sci.insert(desk.sci.line_end(1), ";")
    desk.qtbot.waitUntil(lambda: marks.places(view.sci) == [(2, "warning")])


def test_a_problem_beyond_the_end_is_at_the_end(desk: Desk) -> None:
    view = desk.view("a.c", "int x\n")
    desk.area.set_problems([_problem(desk, 99, 99), _problem(desk, 1, 99)])
    assert [line for line, _severity in marks.places(view.sci)] == [0, 1]
    desk.view("empty.c", "")
    marks.show(desk.sci, [_problem(desk, 1, 1)])
    assert desk.sci.send(M.MarkerGet, 0) & PROBLEM_MASK


def test_the_overview_leads_to_problems(desk: Desk) -> None:
    view = desk.view("a.c", "int x;\n" * 400)
    desk.area.set_problems([_problem(desk, 200, 5)])
    strip = view.overview
    strip.grab()
    middle = strip.rect().center()
    desk.qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=middle)
    assert desk.sci.place()[0] == 200


# --- look ----------------------------------------------------------------------------------------------------------


def test_zoom_and_presentation_hold_for_every_text(desk: Desk) -> None:
    one, other = desk.view("a.c", "x\n"), desk.view("b.c", "x\n")
    plain = one.sci.send(M.TextHeight, 0)
    desk.commands.run("view.zoom_in")
    assert one.sci.send(M.GetZoom) == other.sci.send(M.GetZoom) == 1
    desk.commands.run("view.zoom_reset")
    assert one.sci.send(M.TextHeight, 0) == plain
    shown: list[bool] = []
    desk.area.presented.connect(shown.append)
    desk.commands.run("view.presentation")
    assert 1.4 * plain <= one.sci.send(M.TextHeight, 0) <= 1.6 * plain + 2
    assert desk.view("c.c", "x\n").sci.send(M.TextHeight, 0) == one.sci.send(M.TextHeight, 0)
    desk.commands.run("view.presentation")
    assert one.sci.send(M.TextHeight, 0) == plain
    assert shown == [True, False]


def test_a_zoom_of_one_text_is_that_of_all(desk: Desk) -> None:
    view = desk.view("a.c", "x\n")
    other = desk.view("b.c", "x\n")
    view.sci.setZoom(3)
    desk.qtbot.waitUntil(lambda: other.sci.send(M.GetZoom) == 3)


def test_the_theme_changes_at_once(desk: Desk) -> None:
    view = desk.view("a.c", "int x;\n")
    light = view.sci.send(M.StyleGetBack, 32)
    themes.use("dark")
    assert view.sci.send(M.StyleGetBack, 32) != light
    themes.use("light")
    assert view.sci.send(M.StyleGetBack, 32) == light


@pytest.mark.parametrize("name", [one.id for one in all_languages()])
def test_every_language_has_a_lexer_that_colours(desk: Desk, name: str) -> None:
    samples = {
        "c": "int x = 1; // y\n", "python": "def f(): pass  # x\n", "makefile": "A := $(B)\nall: x\n\techo\n# c\n",
        "toml": "[a]\nb = 1 # c\n", "json": '{"a": 1}\n', "markdown": "# Title\n*x* `y`\n", "assembly": "mov r0, #1\n",
        "diff": "--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n", "plain": "x\n",
    }  # fmt: skip
    one = language(name)
    suffix = one.suffixes[0] if one.suffixes else ".txt"
    view = desk.view(f"a{suffix}", samples[name])
    assert view.document.language is one
    view.sci.send(M.Colourise, 0, -1)
    styles = {view.sci.send(M.GetStyleAt, at) for at in range(view.sci.length())}
    coloured = {number for numbers in one.styles.values() for number in numbers}
    assert (styles & coloured) or name == "plain"


def test_languages_are_known_by_name() -> None:
    assert language_of(None).id == "plain"
    with pytest.raises(KeyError):
        language("klingon")
