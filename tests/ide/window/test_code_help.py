"""Code help in the whole window, with the real clangd and ruff."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ide.board.inspect import Identity
from ide.composition import Ide
from ide.editor.editor import CodeEditor
from ide.editor.goto import Places
from ide.editor.intelligence import c_side
from ide.editor.intelligence.navigate import RenameField
from ide.editor.intelligence.session import SETTING
from ide.editor.lsp import clangd
from ide.editor.lsp.words import Launch
from ide.panels.problems.widget import ProblemsPanel
from ide.problems import Problem
from tests.ide.window.conftest import PATIENT, Windows
from tests.toolchains.natmods import module, write_project
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


def _a_board_says_its_limits(ide: Ide, qtbot: QtBot, path: Path) -> None:
    """A firmware that keeps the memory of programs from being written: no native architecture."""
    board = ide.ctx.board
    board.identity = Identity("1.26.1", 0x0306, "a board", "", "esp32", 0, 0, "esp32c6", floats="single")
    board.changed.emit()
    qtbot.waitUntil(lambda: any("PMP_IDRAM_SPLIT" in one.message for one in live(ide, path)), timeout=PATIENT)
    board.identity = None
    board.changed.emit()
    qtbot.waitUntil(lambda: not any("PMP_IDRAM" in one.message for one in live(ide, path)), timeout=PATIENT)


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

    ide.docks.show_panel("problems")
    [panel] = ide.window.findChildren(ProblemsPanel)
    [row] = [one for one, problem in enumerate(panel.model.rows) if "mp_obj_list_get to native" in problem.message]
    panel.table.selectRow(row)
    assert panel.care.fix.text() == "Fix: Use mp_obj_get_array instead of mp_obj_list_get"
    assert ide.commands.run("problems.fix")
    assert sci.text().endswith("    mp_obj_get_array(0, 0, 0);\n}\n")
    sci.load(text)
    qtbot.waitUntil(lambda: live(ide, path) == [], timeout=PATIENT)

    sci.insert(sci.send(2006), '\nvoid also(void) {\n    printf("");\n}\n')
    qtbot.waitUntil(
        lambda: ["printf is a function of C's library" in one.message for one in live(ide, path)] == [True],
        timeout=PATIENT,
    )
    fixes = intelligence.fixes_at(view.document, (text.count("\n") + 2, 6))
    assert [str(fix.title) for fix in fixes] == ["Use mp_printf instead of printf"]
    sci.load(text)

    sci.insert(sci.send(2006), "\nint fresh = MP_QSTR_never_seen_before + undefined_thing;\n")
    qtbot.waitUntil(lambda: any("undefined_thing" in one.message for one in live(ide, path)), timeout=PATIENT)
    qtbot.waitUntil(
        lambda: not any("MP_QSTR_never_seen_before" in one.message for one in live(ide, path)), timeout=PATIENT
    )
    source, labels = intelligence.source_for(view.document), list[str]()
    assert source is not None
    assert path is not None

    def completes() -> bool:
        end = (text.count("\n") + 1, len("int fresh = MP_QSTR_nev"))
        source.complete(path, end, lambda items: labels.extend(one.label for one in items))
        return "MP_QSTR_never_seen_before" in labels

    qtbot.waitUntil(completes, timeout=PATIENT)

    _a_board_says_its_limits(ide, qtbot, path)


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


def test_a_mistake_in_python_is_marked_and_the_boards_modules_are_offered(ide: Ide, qtbot: QtBot) -> None:
    view = opened(ide, qtbot, "main.py")
    view.sci.insert(view.sci.send(2006), "\nprint(nothing_like_that)\n")
    qtbot.waitUntil(
        lambda: any("nothing_like_that" in one.message for one in live(ide, view.document.path)), timeout=PATIENT
    )
    board = ide.ctx.board
    board.identity = Identity("1.26.1", 0x0306, "a board", "", "esp32", 0, 0, "esp32c6", floats="single")
    board.changed.emit()
    board.changed.emit()

    def offers() -> list[list[str]]:
        told = [one for one in ide.notices.kept if "does not know the modules" in str(one.text)]
        return [[str(action.title) for action in one.actions] for one in told]

    qtbot.waitUntil(lambda: offers() == [["Get them"]], timeout=PATIENT)


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


def test_a_name_is_followed_and_renamed_in_files_that_are_not_open(
    windows: Windows, qtbot: QtBot, sdk_tree: SdkTree, tmp_path: Path
) -> None:
    small = module("    return mp_obj_new_int(plus(mp_obj_get_int(x)));", "int plus(int x);\n")
    other = "int plus(int x);\nint plus(int x) {\n    return x + 2; // é\n}\n"
    folder = write_project(
        tmp_path / "zwei é", {"small.c": small, "other.c": other}, 'sources = ["small.c", "other.c"]'
    )
    ide = windows.open(folder)
    view = opened(ide, qtbot, "small.c")
    source, path, at = ide.ctx.intelligence.source_for(view.document), view.document.path, small.index("plus(mp")
    assert source is not None
    assert path is not None
    view.sci.go_to(at)
    uses: list[set[str]] = []

    def known() -> bool:  # the other file is read while nothing else is to do
        line = small[:at].count("\n")
        place = (line, at - small.rindex("\n", 0, at) - 1)
        source.references(path, place, lambda found: uses.append({one.path.name for one in found}))
        return {"small.c", "other.c"} in uses

    qtbot.waitUntil(known, timeout=PATIENT)
    assert ide.commands.run("code.rename")
    [field] = ide.editors.findChildren(RenameField)
    field.field.setText("sum")
    assert field.take()
    qtbot.waitUntil(lambda: ide.editors.text_of(folder / "other.c") == other.replace("plus", "sum"), timeout=PATIENT)
    assert view.sci.text() == small.replace("plus", "sum")
    second = ide.editors.document_of(folder / "other.c")
    assert second is not None
    for one in (second.views[0], view):
        one.sci.undo()
    assert (view.sci.text(), second.text()) == (small, other)


def test_without_sources_or_clangd_it_is_said_to_those_who_ask_and_typing_goes_on(
    windows: Windows, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(c_side, "_tree", lambda _toolbox, _wanted: None)  # a home in which nothing was built yet
    ide = windows.open(windows.example("text_search"))
    path = ide.folder / "text_search.c"
    ide.editors.open(path)
    qtbot.waitUntil(lambda: ide.editors.current_path() == path)
    helps = ide.ctx.intelligence._c
    assert helps is not None
    qtbot.waitUntil(lambda: helps.missing is not None, timeout=PATIENT)
    assert not [one for one in ide.notices.kept if "help for C" in str(one.text)]
    assert ide.commands.run("code.complete")
    qtbot.waitUntil(lambda: any("needs the MicroPython sources" in str(one.text) for one in ide.notices.kept))

    monkeypatch.setattr(clangd, "program", lambda _host: None)
    helps.refresh()
    qtbot.waitUntil(lambda: any("clangd is missing" in str(one.text) for one in ide.notices.kept), timeout=PATIENT)
    helps.refresh()
    view = ide.editors.current()
    assert view is not None
    view.sci.insert(0, "// typed\n")
    assert view.sci.text().startswith("// typed\n")


@pytest.mark.parametrize("words", ["print('rubbish', flush=True)", "import time; time.sleep(600)"])
def test_a_server_that_talks_rubbish_or_never_is_given_up_and_said_once(
    windows: Windows, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, sdk_tree: SdkTree, words: str
) -> None:
    made = clangd.launch

    def odd(program: Path, root: Path, database: clangd.Database) -> Launch:
        argv = (sys.executable, "-c", words)
        return replace(made(program, root, database), argv=argv, pauses=(0.01,), start_s=0.3)

    monkeypatch.setattr(clangd, "launch", odd)
    ide = windows.open(windows.example("factorial"))
    ide.editors.open(ide.folder / "factorial.c")
    helps = ide.ctx.intelligence._c
    assert helps is not None
    qtbot.waitUntil(lambda: helps.given_up, timeout=PATIENT)
    view = ide.editors.current()
    assert view is not None
    assert ide.ctx.intelligence.source_for(view.document) is None
    assert len([one for one in ide.notices.kept if "ended several times" in str(one.text)]) == 1


def test_a_large_header_and_a_file_from_elsewhere(
    windows: Windows, qtbot: QtBot, sdk_tree: SdkTree, tmp_path: Path
) -> None:
    project = windows.example("factorial")
    rows = "".join(f"#define MANY_{number} {number}  // {'x' * 30}\n" for number in range(18_000))
    header = tmp_path / "many.h"
    header.write_text(f"{rows}/* é */ static inline int far_away(int a) {{ return a; }}\n", "utf-8")
    ide = windows.open(project)
    view = opened(ide, qtbot, "factorial.c")
    view.sci.insert(0, f'#include "{header}"\nint last(void) {{ return far_away(MANY_17999 + MANY_18000); }}\n')
    qtbot.waitUntil(
        lambda: ["MANY_18000" in one.message for one in live(ide, view.document.path)] == [True], timeout=PATIENT
    )
    view.sci.go_to(view.sci.text().encode().index(b"far_away"))
    assert ide.commands.run("code.definition")
    qtbot.waitUntil(lambda: ide.editors.current_path() == header, timeout=PATIENT)
    shown = ide.editors.current()
    assert shown is not None
    qtbot.waitUntil(lambda: shown.sci.place() == (18_001, len("/* é */ static inline int ") + 1))
    assert ide.commands.run("code.back")
    qtbot.waitUntil(lambda: ide.editors.current_path() == view.document.path)
    other = tmp_path / "elsewhere.c"
    other.write_text('#include "py/dynruntime.h"\nint broken(void) { return undefined_thing; }\n')
    ide.editors.open(other)
    qtbot.waitUntil(lambda: ["undefined_thing" in one.message for one in live(ide, other)] == [True], timeout=PATIENT)


def test_the_own_module_completes_in_python_and_a_user_module_has_no_false_mistakes(
    ide: Ide, qtbot: QtBot, sdk_tree: SdkTree, tmp_path: Path
) -> None:
    view = opened(ide, qtbot, "main.py")
    source, path = ide.ctx.intelligence.source_for(view.document), view.document.path
    assert source is not None
    assert path is not None
    view.sci.insert(0, "import factorial\nfactorial.\n")
    labels: list[str] = []
    source.complete(path, (1, 10), lambda items: labels.extend(one.label for one in items))
    qtbot.waitUntil(lambda: "factorial" in labels, timeout=PATIENT)
    view.sci.insert(0, "import machine\nmachine.\n")  # no board, so nothing is known of it
    view.sci.go_to(len("import machine\nmachine."))
    view.sci.take_focus()
    assert ide.commands.run("code.complete")
    qtbot.waitUntil(lambda: any("Connect a board" in str(one.text) for one in ide.notices.kept), timeout=PATIENT)

    module = tmp_path / "cexample"
    shutil.copytree(sdk_tree.path / "examples" / "usercmodule" / "cexample", module)
    path = module / "src" / "examplemodule.c"
    path.parent.mkdir()
    (module / "examplemodule.c").rename(path)
    path.write_text(f'#include "own.h"\nint has_own = OWN_HEADER + HAS_FLAG;\n{path.read_text()}')
    (module / "inc").mkdir()
    (module / "inc" / "own.h").write_text("#define OWN_HEADER 1\n")
    (module / "micropython.mk").write_text("CFLAGS_USERMOD += -I$(USERMOD_DIR)/inc -DHAS_FLAG=2\n")
    ide.editors.open(path)
    qtbot.waitUntil(lambda: ide.editors.current_path() == path)
    user = ide.editors.current()
    assert user is not None
    qtbot.waitUntil(lambda: ide.ctx.intelligence.source_for(user.document) is not None, timeout=PATIENT)
    user.sci.insert(user.sci.send(2006), "\nint broken = undefined_thing;\n")
    qtbot.waitUntil(lambda: bool(live(ide, user.document.path)), timeout=PATIENT)
    qtbot.waitUntil(
        lambda: [("undefined_thing" in one.message) for one in live(ide, user.document.path)] == [True],
        timeout=PATIENT,
    )
