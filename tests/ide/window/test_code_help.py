"""Code help in the whole window, with the real clangd and ruff."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ide.composition import Ide
from ide.editor.editor import CodeEditor
from ide.editor.goto import Places
from ide.editor.intelligence.navigate import RenameField
from ide.editor.intelligence.session import SETTING
from ide.problems import Problem
from tests.ide.window.conftest import PATIENT, Windows
from toolchains.sdk_tree import SdkTree


@pytest.fixture
def ide(windows: Windows, sdk_tree: SdkTree) -> Ide:
    """A window on the first example, whose MicroPython is here."""
    return windows.open(windows.example("factorial"))


def opened(ide: Ide, qtbot: QtBot, name: str) -> CodeEditor:
    """A file, once somebody answers for it."""
    path = ide.folder / name
    ide.editors.open(path)
    qtbot.waitUntil(lambda: ide.editors.current_path() == path)
    view = ide.editors.current()
    assert view is not None
    qtbot.waitUntil(lambda: ide.ctx.intelligence.source_for(view.document) is not None, timeout=PATIENT)
    return view


def live(ide: Ide, path: Path | None) -> list[Problem]:
    """What is said of a file while somebody types."""
    return [one for one in ide.problems.all() if one.live and one.path == path]


def test_mistakes_and_what_does_not_link_are_marked_and_mended(ide: Ide, qtbot: QtBot) -> None:
    view = opened(ide, qtbot, "factorial.c")
    path, sci, intelligence = view.document.path, view.sci, ide.ctx.intelligence
    text = sci.text()
    sci.insert(sci.send(2006), "\nmp_obj_t broken(void) {\n    return mp_obj_new_imt(1);\n}\n")
    qtbot.waitUntil(lambda: any("mp_obj_new_imt" in one.message for one in live(ide, path)), timeout=PATIENT)
    assert {one.line for one in live(ide, path)} == {text.count("\n") + 3}
    at = (text.count("\n") + 2, 13)
    qtbot.waitUntil(lambda: bool(intelligence.fixes_at(view.document, at)), timeout=PATIENT)

    sci.load(text)
    sci.insert(sci.send(2006), "\nvoid also(void) {\n    mp_obj_list_get(0, 0, 0);\n}\n")
    qtbot.waitUntil(
        lambda: any("mp_obj_list_get to native modules" in one.message for one in live(ide, path)), timeout=PATIENT
    )
    fixes = intelligence.fixes_at(view.document, (text.count("\n") + 2, 6))
    assert any("mp_obj" in str(fix.title) for fix in fixes)
    sci.load(text)
    qtbot.waitUntil(lambda: live(ide, path) == [], timeout=PATIENT)

    sci.insert(sci.send(2006), "\nint fresh = MP_QSTR_never_seen_before + undefined_thing;\n")
    qtbot.waitUntil(lambda: any("undefined_thing" in one.message for one in live(ide, path)), timeout=PATIENT)
    qtbot.waitUntil(
        lambda: not any("MP_QSTR_never_seen_before" in one.message for one in live(ide, path)), timeout=PATIENT
    )


def test_clangd_comes_back_after_it_was_killed_and_goes_with_a_click(ide: Ide, qtbot: QtBot) -> None:
    view = opened(ide, qtbot, "factorial.c")
    intelligence = ide.ctx.intelligence
    helps = intelligence._c
    assert helps is not None
    assert helps.source is not None
    pid = helps.source.server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: not helps.ready, timeout=PATIENT)
    qtbot.waitUntil(lambda: helps.ready, timeout=PATIENT)
    assert ide.commands.run("code.intelligence")
    assert not ide.settings.on(SETTING)
    assert intelligence.source_for(view.document) is None
    assert ide.commands.run("code.intelligence")
    qtbot.waitUntil(lambda: intelligence.source_for(view.document) is not None, timeout=PATIENT)


def test_a_mistake_in_python_is_marked(ide: Ide, qtbot: QtBot) -> None:
    view = opened(ide, qtbot, "main.py")
    view.sci.insert(view.sci.send(2006), "\nprint(nothing_like_that)\n")
    qtbot.waitUntil(
        lambda: any("nothing_like_that" in one.message for one in live(ide, view.document.path)), timeout=PATIENT
    )


def test_a_name_is_followed_renamed_everywhere_and_the_file_is_formatted(ide: Ide, qtbot: QtBot) -> None:
    view = opened(ide, qtbot, "factorial.c")
    path, sci = view.document.path, view.sci
    text = sci.text()
    call = text.index("factorial_of(n)")
    sci.go_to(len(text[:call].encode()) + 2)
    assert ide.commands.run("code.definition")
    line = text[: text.index("factorial_of(")].count("\n") + 1
    qtbot.waitUntil(lambda: sci.place()[0] == line, timeout=PATIENT)
    assert ide.commands.run("code.back")
    qtbot.waitUntil(lambda: sci.place()[0] != line, timeout=PATIENT)

    sci.go_to(len(text[:call].encode()) + 2)
    assert ide.commands.run("code.references")
    qtbot.waitUntil(lambda: bool(ide.editors.findChildren(Places)), timeout=PATIENT)
    [places] = ide.editors.findChildren(Places)
    assert places.list.count() == text.count("factorial_of(")
    places.leave()

    sci.go_to(len(text[:call].encode()) + 2)
    assert ide.commands.run("code.rename")
    [field] = ide.editors.findChildren(RenameField)
    field.field.setText("while")
    assert not field.take()
    assert "a word of the language" in field.problem.text()
    field.field.setText("helped")
    qtbot.keyClick(field.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: sci.text() == text.replace("factorial_of", "helped"), timeout=PATIENT)
    sci.undo()
    assert sci.text() == text

    sci.insert(0, "int  odd( int a ){return a;}\n")
    assert ide.commands.run("code.format")
    qtbot.waitUntil(lambda: sci.text().startswith("int odd(int a) { return a; }\n"), timeout=PATIENT)
    sci.undo()
    sci.undo()
    assert sci.text() == text
    assert path is not None
    assert path.read_text("utf-8") == text
