"""Find, replace, go to: in a text and in the project."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidgetItem

from ide.editor.find_bar import FindBar
from ide.editor.find_files import FindFiles
from ide.editor.goto import GoTo
from ide.editor.languages import language
from ide.editor.scintilla import M
from ide.editor.symbols import symbols_of
from ide.panels.search import PANEL
from tests.ide.editor.conftest import Desk

TEXT = "int count;\nint é = count; // Count\ncounter();\n"


def _bar(desk: Desk, text: str = TEXT, *, replace: bool = False) -> FindBar:
    desk.view("a.c", text)
    desk.commands.run("edit.replace" if replace else "edit.find")
    return desk.area.find_bar


def _selection(desk: Desk) -> tuple[int, int]:
    return desk.sci.place(desk.sci.send(M.GetSelectionStart))


def test_typing_goes_to_the_first_place_and_enter_to_the_next(desk: Desk) -> None:
    bar = _bar(desk)
    desk.qtbot.keyClicks(bar.text, "count")
    assert _selection(desk) == (1, 5)
    assert bar.count.text() == "1 of 4"
    places = []
    for _again in range(4):
        desk.qtbot.keyClick(bar.text, Qt.Key.Key_Return)
        places.append(_selection(desk))
    assert places == [(2, 9), (2, 19), (3, 1), (1, 5)]
    desk.qtbot.keyClick(bar.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert _selection(desk) == (3, 1)
    assert desk.sci.selected() == "count"


def test_escape_goes_back_to_the_text_and_f3_goes_on(desk: Desk) -> None:
    bar = _bar(desk)
    desk.qtbot.keyClicks(bar.text, "count")
    desk.qtbot.keyClick(bar.text, Qt.Key.Key_Escape)
    assert bar.isHidden()
    desk.commands.run("edit.find_next")
    assert _selection(desk) == (2, 9)
    desk.commands.run("edit.find_previous")
    assert _selection(desk) == (1, 5)


@pytest.mark.parametrize(
    ("text", "switches", "said"),
    [
        ("count", ("case",), "1 of 3"),
        ("count", ("word",), "1 of 3"),
        (r"^\w+ count", ("regex",), "1 of 1"),
        (r"count\w+\(", ("regex",), "1 of 1"),
        ("(", ("regex",), "This regular expression cannot be read: missing ), unterminated subpattern at position 0."),
        ("nowhere", (), "not found"),
        ("", (), ""),
    ],
)
def test_ways_to_find(desk: Desk, text: str, switches: tuple[str, ...], said: str) -> None:
    bar = _bar(desk)
    for switch in switches:
        getattr(bar, switch).setChecked(True)
    bar.text.setText(text)
    assert bar.count.text() == said


def test_the_selected_word_is_what_is_looked_for(desk: Desk) -> None:
    desk.view("a.c", TEXT)
    desk.sci.send(M.SetSel, 0, 3)
    desk.commands.run("edit.find")
    assert desk.area.find_bar.text.text() == "int"
    assert desk.area.find_bar.count.text() == "1 of 2"


def test_a_long_line_does_not_end_the_program(desk: Desk) -> None:
    bar = _bar(desk, "ab" * 200_000 + "\nabc\n")
    bar.regex.setChecked(True)
    bar.text.setText("(a|b)+c")
    assert _selection(desk) == (2, 1)


def test_replacing_one_and_all(desk: Desk) -> None:
    bar = _bar(desk, replace=True)
    bar.case.setChecked(True)
    bar.text.setText("count")
    bar.fresh.setText("né")
    bar.replace()
    assert desk.sci.text().startswith("int né;\nint é = count;")
    assert _selection(desk) == (2, 9)
    bar.replace_all()
    assert desk.sci.text() == "int né;\nint é = né; // Count\nnéer();\n"
    assert bar.count.text() == "2 places replaced"
    desk.sci.send(M.Undo)
    assert desk.sci.text() == "int né;\nint é = count; // Count\ncounter();\n"


def test_replacing_with_groups(desk: Desk) -> None:
    bar = _bar(desk, "f(é, 2); f(b, 4);\n", replace=True)
    bar.regex.setChecked(True)
    bar.text.setText(r"f\((\w+), (\d)\)")
    bar.fresh.setText(r"g(\2, \1)")
    bar.replace()
    assert desk.sci.text() == "g(2, é); f(b, 4);\n"
    bar.fresh.setText(r"\3")
    bar.replace_all()
    assert "This replacement cannot be read" in bar.count.text()
    bar.fresh.setText("")
    bar.replace_all()
    assert desk.sci.text() == "g(2, é); ;\n"


def test_replacing_only_in_the_selection(desk: Desk) -> None:
    desk.view("a.c", "x\nx\nx\nx\n")
    desk.sci.send(M.SetSel, 2, 6)
    desk.commands.run("edit.replace")
    bar = desk.area.find_bar
    assert bar.inside.isChecked()
    bar.text.setText("x")
    bar.fresh.setText("longer")
    bar.replace_all()
    assert desk.sci.text() == "x\nlonger\nlonger\nx\n"


def test_the_count_follows_what_is_typed_and_the_text_in_front(desk: Desk) -> None:
    bar = _bar(desk)
    bar.text.setText("count")
    desk.sci.append("count\n")
    desk.qtbot.waitUntil(lambda: bar.count.text() == "1 of 5")
    desk.view("b.c", "count\n")
    assert bar.count.text() == "1 place"
    desk.commands.run("file.close")
    assert bar.count.text() == "1 of 5"


# --- go to ---------------------------------------------------------------------------------------------------------

C_SOURCE = """#include "x.h"
#define LARGEST 3
struct point { int x; };
static mp_obj_t add(mp_obj_t a,
                    mp_obj_t b)
{
    if (a) { return b; }
    for (;;) { }
    return a;
}
int declared(int x);
"""


def test_the_names_in_c_and_python() -> None:
    found = [(one.name, one.line) for one in symbols_of(C_SOURCE, language("c"))]
    assert found == [("LARGEST", 2), ("point", 3), ("add", 4)]
    text = "class A:\r\n    def f(self):\r\n        pass\r\nasync def g():\r\n    pass\r\n"
    found = [(one.name, one.line, one.depth) for one in symbols_of(text, language("python"))]
    assert found == [("A", 1, 0), ("f", 2, 1), ("g", 4, 0)]
    assert [one.name for one in symbols_of("# One\n## Two\n", language("markdown"))] == ["One", "Two"]
    assert [one.name for one in symbols_of("[a]\nb=1\n[[c.d]]\n", language("toml"))] == ["[a]", "[[c.d]]"]
    assert [one.name for one in symbols_of("A := 1\nall: x\n", language("makefile"))] == ["all"]
    assert symbols_of("x", language("plain")) == []


def _go(desk: Desk, command: str, keys: str) -> None:
    desk.commands.run(command)
    box = desk.area.findChildren(GoTo)[-1]
    box.field.setText(keys)
    desk.qtbot.keyClick(box.field, Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: not desk.area.findChildren(GoTo))


def test_going_to_lines_and_names(desk: Desk) -> None:
    desk.view("a.c", C_SOURCE)
    _go(desk, "edit.goto_line", "3:8")
    assert desk.sci.place() == (3, 8)
    _go(desk, "edit.goto_symbol", "ad")
    assert desk.sci.place() == (4, 1)
    _go(desk, "edit.goto_line", "9999")
    assert desk.sci.place() == (12, 1)
    desk.commands.run("edit.goto_symbol")
    [box] = desk.area.findChildren(GoTo)
    assert box.list.count() == 3
    desk.qtbot.keyClick(box.field, Qt.Key.Key_Down)
    assert box.list.currentRow() == 1
    desk.qtbot.keyClick(box.field, Qt.Key.Key_Escape)
    desk.qtbot.waitUntil(lambda: not desk.area.findChildren(GoTo))


# --- in the project ------------------------------------------------------------------------------------------------


@pytest.fixture
def panel(desk: Desk) -> FindFiles:
    desk.file("a.c", "int count;\nint counter;\n")
    desk.file("lib/b.py", "count = 1  # é\n".encode("latin-1"))
    desk.file("build/c.c", "count\n")
    panel = PANEL.create(desk.ctx)
    assert isinstance(panel, FindFiles)
    desk.qtbot.addWidget(panel)
    panel.resize(900, 300)
    panel.show()
    return panel


def _rows(panel: FindFiles) -> list[str]:
    tops = [panel.tree.topLevelItem(index) for index in range(panel.tree.topLevelItemCount())]
    return [row.text(0) for top in tops for row in [top, *(top.child(at) for at in range(top.childCount()))]]


def _search(desk: Desk, panel: FindFiles, text: str) -> None:
    panel.text.setText(text)
    panel.search()
    desk.qtbot.waitUntil(lambda: str(panel._said) != "Searching.")


def _row(panel: FindFiles, top: int, at: int) -> QTreeWidgetItem:
    return panel.tree.topLevelItem(top).child(at)


def test_places_in_the_project_lead_to_their_lines(desk: Desk, panel: FindFiles) -> None:
    _search(desk, panel, "count")
    assert _rows(panel) == ["a.c  (2)", "1: int count;", "2: int counter;", "lib/b.py  (1)", "1: count = 1  # é"]
    assert panel.answer.text() == "3 places in 2 files."
    panel.tree.grab()
    panel.tree.itemActivated.emit(_row(panel, 0, 1), 0)
    desk.qtbot.waitUntil(lambda: desk.area.current_path() == desk.root / "a.c" and desk.sci.place() == (2, 5))
    panel.only.setText("*.py")
    _search(desk, panel, "count")
    assert panel.answer.text() == "1 place in 1 file."
    _search(desk, panel, "nowhere")
    assert panel.answer.text() == "Not found in 1 file."


def test_a_wrong_expression_is_said_in_the_panel(desk: Desk, panel: FindFiles) -> None:
    panel.regex.setChecked(True)
    _search(desk, panel, "(")
    assert panel.answer.text().startswith("This regular expression cannot be read")


def test_the_selection_is_taken_along(desk: Desk, panel: FindFiles) -> None:
    desk.view("a.c", "int count;\nint counter;\n")
    desk.sci.send(M.SetSel, 4, 9)
    desk.commands.run("edit.find_in_files")
    assert panel.text.text() == "count"
    assert desk.shown == ["search"]


def test_replacing_is_seen_before_it_is_done(desk: Desk, panel: FindFiles) -> None:
    view = desk.open(desk.root / "a.c")
    panel.replacing.setChecked(True)
    panel.fresh.setText("number")
    _search(desk, panel, "count")
    assert [_row(panel, 0, at).text(1) for at in range(2)] == ["int number;", "int numberer;"]
    _row(panel, 0, 1).setCheckState(0, Qt.CheckState.Unchecked)
    assert (desk.root / "lib/b.py").read_bytes() == b"count = 1  # \xe9\n"
    panel.replace()
    desk.qtbot.waitUntil(lambda: panel.answer.text() == "2 places replaced.")
    assert view.sci.text() == "int number;\nint counter;\n"
    assert view.document.dirty
    assert (desk.root / "lib/b.py").read_bytes() == b"number = 1  # \xe9\n"
    view.sci.send(M.Undo)
    assert view.sci.text() == "int count;\nint counter;\n"


def test_what_was_not_previewed_is_searched_first(desk: Desk, panel: FindFiles) -> None:
    panel.replacing.setChecked(True)
    panel.fresh.setText("one")
    _search(desk, panel, "count")
    panel.fresh.setText("other")
    panel.replace()
    desk.qtbot.waitUntil(lambda: len(_rows(panel)) == 5)
    assert _row(panel, 0, 0).text(1) == "int other;"
    assert (desk.root / "lib/b.py").read_bytes() == b"count = 1  # \xe9\n"


def test_files_changed_since_the_search_are_named(desk: Desk, panel: FindFiles) -> None:
    panel.replacing.setChecked(True)
    panel.fresh.setText("number")
    _search(desk, panel, "count")
    desk.file("a.c", "other\n")
    panel.replace()
    desk.notice("were left alone: a.c")
    assert (desk.root / "a.c").read_text() == "other\n"
