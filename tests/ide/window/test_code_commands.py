"""Code actions in the window: a menu of what can be done at the caret, and a C function from a line of Python."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from ide.code_commands import CodeCommands, SignatureField
from ide.composition import Ide
from ide.editor.editor import CodeEditor
from tests.ide.window import disk_threads
from tests.ide.window.conftest import PATIENT, Windows
from tests.toolchains.natmods import module, write_project
from toolchains.edits import Fix

_C = module(before="#define LIMIT 12 // é\n")
_PY = '"""é"""\nimport ujson\n\n\ndef double(n: int) -> int:\n    return n * 2\n\n\nprint(ujson.dumps(1))\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_project(tmp_path / "élève", {"small.c": _C, "main.py": _PY})


def _at(ide: Ide, qtbot: QtBot, path: Path, what: str) -> CodeEditor:
    ide.editors.open(path)
    qtbot.waitUntil(lambda: ide.editors.current_path() == path, timeout=PATIENT)
    view = ide.editors.current()
    assert view is not None
    text = view.document.text()
    view.go_to(text.count("\n", 0, text.index(what)) + 1)
    return view


def _found(commands: CodeCommands, qtbot: QtBot, view: CodeEditor) -> Sequence[Fix]:
    found: list[Sequence[Fix]] = []
    commands.find(view, found.append)
    qtbot.waitUntil(lambda: bool(found), timeout=PATIENT)
    return found[0]


def test_what_can_be_done_at_the_caret(windows: Windows, qtbot: QtBot, folder: Path) -> None:
    ide = windows.open(folder)
    qtbot.waitUntil(lambda: ide.project.project is not None, timeout=PATIENT)
    commands = CodeCommands(ide.ctx)
    view = _at(ide, qtbot, folder / "small.c", "LIMIT")
    (fix,) = _found(commands, qtbot, view)
    assert str(fix.title) == "Let Python see LIMIT"
    commands.apply(fix)
    assert "    mp_store_global(MP_QSTR_LIMIT, mp_obj_new_int(LIMIT));\n" in view.document.text()
    view = _at(ide, qtbot, folder / "main.py", "import ujson")
    (fix,) = _found(commands, qtbot, view)
    commands.apply(fix)
    assert "json.dumps" in view.document.text()
    assert "ujson" not in view.document.text()
    view = _at(ide, qtbot, folder / "main.py", "return n")
    viper, in_c = _found(commands, qtbot, view)
    assert str(in_c.title) == "Write double in C, in small.c"
    commands.apply(viper)
    assert "def double_viper(n: int) -> int:\n    return int(n * 2)\n" in view.document.text()
    commands.apply(in_c)
    assert "static mp_obj_t small_double(mp_obj_t n_in)" in str(ide.editors.text_of(folder / "small.c"))
    assert (folder / "small.c").read_text("utf-8") == _C  # on the screen first


def _menu() -> QMenu | None:
    popup = QApplication.activePopupWidget()
    return popup if isinstance(popup, QMenu) else None


def test_the_menu_does_not_wait_for_the_disk(
    windows: Windows, qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "other.py").write_text("import small\n", "utf-8")
    ide = windows.open(folder)
    qtbot.waitUntil(lambda: ide.project.project is not None, timeout=PATIENT)
    _at(ide, qtbot, folder / "main.py", "return n")
    for document in [one for one in ide.editors.documents if one.path == folder / "small.c"]:
        ide.editors.drop(document.views[0])  # the window opens it by itself
    qtbot.waitUntil(lambda: not ide.ctx.jobs.running, timeout=PATIENT)
    touched = disk_threads.watch(monkeypatch, folder)
    assert ide.commands.run("code.actions")
    qtbot.waitUntil(lambda: _menu() is not None, timeout=PATIENT)
    menu = _menu()
    assert menu is not None
    in_c = menu.actions()[-1]
    assert in_c.text() == "Write double in C, in small.c"
    menu.close()
    in_c.trigger()  # small.c is opened for it
    qtbot.waitUntil(lambda: "small_double" in str(ide.editors.text_of(folder / "small.c")), timeout=PATIENT)
    assert {"other.py", "small.c"} <= {name for name, _main in touched}
    assert not [name for name, main in touched if main]


def test_no_menu_for_a_place_that_was_left(windows: Windows, qtbot: QtBot, folder: Path) -> None:
    ide = windows.open(folder)
    qtbot.waitUntil(lambda: ide.project.project is not None, timeout=PATIENT)
    view = _at(ide, qtbot, folder / "main.py", "return n")
    qtbot.waitUntil(lambda: not ide.ctx.jobs.running, timeout=PATIENT)
    assert ide.commands.run("code.actions")
    view.go_to(1)
    qtbot.waitUntil(lambda: not ide.ctx.jobs.running, timeout=PATIENT)
    assert _menu() is None


def test_a_function_from_its_signature(windows: Windows, qtbot: QtBot, folder: Path) -> None:
    ide = windows.open(folder)
    qtbot.waitUntil(lambda: ide.project.project is not None, timeout=PATIENT)
    view = _at(ide, qtbot, folder / "small.c", "LIMIT")
    assert ide.commands.run("code.add_function")
    (field,) = ide.editors.findChildren(SignatureField)
    qtbot.keyClicks(field.field, "def add(a: int, b: Nonsense) -> int")
    qtbot.keyClick(field.field, Qt.Key.Key_Return)
    assert view.document.text() == _C  # the sentence is a notice, the field stays
    assert field.isVisible()
    field.field.setText("def add(a: int, b: int) -> int")
    qtbot.keyClick(field.field, Qt.Key.Key_Return)
    assert "static mp_obj_t small_add(mp_obj_t a_in, mp_obj_t b_in)" in view.document.text()
    assert not field.isVisible()
