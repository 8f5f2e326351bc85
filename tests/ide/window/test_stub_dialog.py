"""The dialog of signatures: a list that is edited in place, its C code live, and one button that writes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from ide import stub_table
from ide.composition import Ide
from ide.stub_dialog import StubDialog
from ide.words import words
from tests.ide.window.conftest import PATIENT, Windows
from tests.ide.window.test_accessible import nameless
from tests.ide.window.test_widths import LANGUAGES, cut_off, settled

_PYI = '''"""Sums."""
from typing import Final

LIMIT: Final = 12


# two of them
def add(
    a: int, b: int = 0,
) -> int:
    """The sum."""


class Pile:
    def __init__(self, start: int = 0): ...
    def push(self, n: int) -> None: ...
'''


# --- the list, without a window -------------------------------------------------------------------------------------


def test_a_file_becomes_declarations_and_is_a_file_again() -> None:
    sheet = stub_table.split(_PYI)
    assert [stub_table.line_of(text) for text in sheet.texts] == [
        "LIMIT: Final = 12",
        "def add(a: int, b: int=0) -> int",
        "class Pile",
    ]
    assert sheet.head.startswith('"""Sums."""')
    assert sheet.texts[1].startswith("# two of them\n")
    assert stub_table.split(sheet.text()) == sheet


def test_another_line_leaves_the_rest_alone() -> None:
    _limit, add, pile = stub_table.split(_PYI).texts
    assert stub_table.with_line(add, "def plus(a: float)") == '# two of them\ndef plus(a: float):\n    """The sum."""'
    assert "def push" in stub_table.with_line(pile, "class Heap")
    assert stub_table.with_line("def f() -> int: ...", "def g()") == "def g(): ..."
    assert stub_table.with_line("A = 1", "A = 'é'") == "A = 'é'"
    assert stub_table.with_line("# why\ndef f(", "f(a: int)") == "# why\ndef f(a: int): ..."


@pytest.mark.parametrize("text", ["f", "f(a: int) -> int", "def f(a: int) -> int", "def f(a: int) -> int:", "class A"])
def test_what_is_typed_gets_its_body(text: str) -> None:
    made = stub_table.completed(text)
    assert stub_table.parsed(made) is not None
    assert made == text or made.endswith(": ...")


def test_one_that_is_no_python_harms_no_other(tmp_path: Path) -> None:
    sheet = stub_table.Sheet("", ("def bad(", "def good(a: int) -> int: ...", "async def slow(): ..."))
    found = stub_table.outcome(sheet, "sums", "natmod", tmp_path)
    assert [problem is None for problem in found.problems] == [False, True, False]
    assert "sums_good(" in found.c
    assert found.fix is None


@pytest.mark.parametrize("text", ["\0", "(" * 5000, "é" * 300_000, "", "import os", "x; y = 1"])
def test_rubbish_is_told_and_nothing_else(text: str, tmp_path: Path) -> None:
    found = stub_table.outcome(stub_table.split(text), "sums", "usermod", tmp_path)
    assert found.fix is None or found.fix.edits


def test_a_name_that_is_none_is_said(tmp_path: Path) -> None:
    found = stub_table.outcome(stub_table.split(_PYI), "été", "natmod", tmp_path)
    assert "cannot be a module's name" in str(found.general)
    assert found.fix is None


# --- in the window ---------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "élève" / "sums"
    made.mkdir(parents=True)
    (made / "main.py").write_text("print(1)\n", "utf-8")
    return made


@pytest.fixture
def ide(windows: Windows, folder: Path) -> Ide:
    return windows.open(folder)


@pytest.fixture
def dialog(ide: Ide, qtbot: QtBot) -> Iterator[StubDialog]:
    assert ide.commands.run("project.stubs")
    (made,) = ide.window.findChildren(StubDialog)
    qtbot.waitUntil(lambda: "mpy_init" in made.page.code.text(), timeout=PATIENT)
    yield made
    qtbot.waitUntil(lambda: not ide.jobs.running, timeout=PATIENT)
    made.reject()


def _add(dialog: StubDialog, qtbot: QtBot, line: str) -> None:
    """As a person does: the button, the line, Enter."""
    dialog.page.add_function.click()
    fields = dialog.page.list.findChildren(QLineEdit)
    field = fields[-1]
    field.selectAll()
    qtbot.keyClicks(field, line)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.page.list.state() != dialog.page.list.State.EditingState)


def test_it_begins_empty_and_says_what_to_do(dialog: StubDialog, folder: Path) -> None:
    assert dialog.page.empty.isVisible()
    assert dialog.page.name.text() == "sums"
    assert not dialog.page.write.isEnabled()
    assert not dialog.isModal()


def test_a_line_becomes_c_and_its_problem_is_said_below_it(dialog: StubDialog, qtbot: QtBot) -> None:
    page = dialog.page
    _add(dialog, qtbot, "def add(a: int, b: int) -> int")
    qtbot.waitUntil(lambda: "sums_add(" in page.code.text() and page.write.isEnabled(), timeout=PATIENT)
    assert not page.empty.isVisible()
    assert "sums.c (new)" in page.preview.text()
    page.model.setData(page.model.index(0), "def add(a: int, b: Nonsense) -> int")
    qtbot.waitUntil(lambda: page.model.problem(0) is not None, timeout=PATIENT)
    assert "\n" in str(page.model.data(page.model.index(0)))
    assert not page.write.isEnabled()
    page.whole.setPlainText('def add(a: int) -> int:\n    """Only one."""')
    qtbot.waitUntil(lambda: page.write.isEnabled() and "Only one." in page.code.text(), timeout=PATIENT)
    page.kind.setCurrentIndex(1)
    qtbot.waitUntil(lambda: "MP_REGISTER_MODULE" in page.code.text(), timeout=PATIENT)
    assert "usermod/sums/micropython.cmake (new)" in page.preview.text()


def test_what_is_being_typed_stays_while_the_c_code_comes(dialog: StubDialog, qtbot: QtBot) -> None:
    page = dialog.page
    page.add_function.click()
    field = page.list.findChildren(QLineEdit)[-1]
    assert field.height() >= field.sizeHint().height()
    field.selectAll()
    qtbot.keyClicks(field, "def half")
    page.model.tell((stub_table.name_problem("é"),))
    qtbot.waitUntil(lambda: "sums_function(" in page.code.text() and page.model.problem(0) is None, timeout=PATIENT)
    assert field.text() == "def half"
    qtbot.keyClicks(field, "(a: int) -> int")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "sums_half(" in page.code.text(), timeout=PATIENT)


def test_it_is_written_kept_and_taken_back(dialog: StubDialog, ide: Ide, qtbot: QtBot, folder: Path) -> None:
    page, c_path = dialog.page, folder / "sums.c"
    _add(dialog, qtbot, "add(a: int, b: int) -> int")
    qtbot.waitUntil(page.write.isEnabled, timeout=PATIENT)
    page.write.click()
    qtbot.waitUntil(page.undo.isVisible, timeout=PATIENT)
    qtbot.waitUntil(lambda: "has this already" in page.preview.text(), timeout=PATIENT)
    assert not page.write.isEnabled()
    assert (folder / "natmod.toml").is_file()
    assert "def add(" in (folder / "sums.pyi").read_text("utf-8")
    qtbot.waitUntil(lambda: ide.editors.text_of(c_path) is not None, timeout=PATIENT)
    text = c_path.read_text("utf-8")
    head, mark, rest = text.partition("// --- your code: add ---\n")
    assert mark
    c_path.write_text(f"{head}{mark}    // é, mine\n{rest}", "utf-8")
    page.model.setData(page.model.index(0), "def add(a: int, b: int = 4) -> int")
    qtbot.waitUntil(lambda: "part that you wrote is kept" in page.preview.text(), timeout=PATIENT)
    page.write.click()
    qtbot.waitUntil(lambda: "b: int = 4" in c_path.read_text("utf-8"), timeout=PATIENT)
    assert "// é, mine" in c_path.read_text("utf-8")
    qtbot.waitUntil(lambda: page.undo.isVisible() and "Wrote" in page.said.text(), timeout=PATIENT)
    page.undo.click()
    qtbot.waitUntil(lambda: "what they were" in page.said.text(), timeout=PATIENT)
    assert c_path.read_text("utf-8") == f"{head}{mark}    // é, mine\n{rest}"


def test_a_file_of_the_persons_own_is_never_lost(dialog: StubDialog, qtbot: QtBot, folder: Path) -> None:
    page = dialog.page
    (folder / "sums.c").write_text("int mine;\n", "utf-8")
    _add(dialog, qtbot, "add(a: int) -> int")
    qtbot.waitUntil(page.force.isVisible, timeout=PATIENT)
    assert not page.write.isEnabled()
    assert "was not made by natmod stub" in page.preview.text()
    assert "--force" not in page.preview.text()
    page.force.setChecked(True)
    qtbot.waitUntil(page.write.isEnabled, timeout=PATIENT)
    page.write.click()
    qtbot.waitUntil(lambda: (folder / "sums.c.old").is_file() and page.undo.isVisible(), timeout=PATIENT)
    assert (folder / "sums.c.old").read_text("utf-8") == "int mine;\n"


def test_files_of_signatures(dialog: StubDialog, qtbot: QtBot, tmp_path: Path) -> None:
    page, path = dialog.page, tmp_path / "heap é" / "heap.pyi"
    _add(dialog, qtbot, "add(a: int) -> int")
    path.parent.mkdir()
    path.write_text(_PYI, "utf-8")
    dialog.open_pyi(path)
    qtbot.waitUntil(lambda: page.model.rowCount() == 3, timeout=PATIENT)
    qtbot.waitUntil(lambda: "heap_add(" in page.code.text(), timeout=PATIENT)
    dialog.save_pyi(tmp_path / "copy.pyi")
    qtbot.waitUntil(lambda: "Wrote copy.pyi" in page.said.text(), timeout=PATIENT)
    assert stub_table.split((tmp_path / "copy.pyi").read_text("utf-8")) == stub_table.split(_PYI)
    page.list.setFocus()
    page.remove.click()
    assert page.model.rowCount() == 2
    page.undo.click()
    assert page.model.rowCount() == 3
    dialog.open_pyi(tmp_path / "none.pyi")
    qtbot.waitUntil(lambda: "none.pyi" in page.said.text(), timeout=PATIENT)


def test_it_is_opened_once_and_what_was_typed_is_there_again(ide: Ide, qtbot: QtBot) -> None:
    ide.commands.run("project.stubs")
    ide.commands.run("project.stubs")
    (dialog,) = ide.window.findChildren(StubDialog)
    dialog.page.add_class.click()
    dialog.reject()
    qtbot.waitUntil(lambda: ide.window.findChildren(StubDialog) == [], timeout=PATIENT)
    ide.commands.run("project.stubs")
    (dialog,) = ide.window.findChildren(StubDialog)
    assert dialog.page.model.texts[0].startswith("class Thing:")
    qtbot.waitUntil(lambda: not ide.jobs.running and dialog.page.write.isEnabled(), timeout=PATIENT)
    dialog.reject()


def test_the_keyboard_gets_everywhere(dialog: StubDialog) -> None:
    assert nameless(dialog) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_is_cut_off(language: str, dialog: StubDialog, qtbot: QtBot) -> None:
    words.use(language)
    dialog.page.add_function.click()
    dialog.page.whole.setPlainText("def add(a: Nonsense) -> int: ...")
    qtbot.waitUntil(lambda: dialog.page.model.problem(0) is not None, timeout=PATIENT)
    dialog.page.undo.show()
    dialog.page.force.show()
    settled(dialog)
    assert list(cut_off(dialog)) == []
    assert dialog.width() <= 1280
    assert dialog.height() <= 720
