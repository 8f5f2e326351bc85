"""Old code in the window: told when the project is opened, mended on the screen, taken back."""

from __future__ import annotations

import shutil
from pathlib import Path

from pytestqt.qtbot import QtBot

from ide.composition import Ide
from ide.old_code import SOURCE
from ide.panels.problems.care import Care
from tests.homes import CHECKOUT
from tests.ide.window.conftest import PATIENT, Windows

_OLD = CHECKOUT / "tests" / "data" / "old_modules"


def _opened(windows: Windows, qtbot: QtBot, folder: Path) -> tuple[Ide, Care]:
    ide = windows.open(folder)
    ide.docks.show_panel("problems")
    qtbot.waitUntil(lambda: bool(ide.problems.of(SOURCE)), timeout=PATIENT)
    (care,) = ide.window.findChildren(Care)
    return ide, care


def test_it_is_told_and_one_kind_is_mended_on_the_screen(windows: Windows, qtbot: QtBot, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(_OLD / "v1_22", tmp_path / "élève"))
    ide, care = _opened(windows, qtbot, folder)
    source = folder / "mixer.c"
    raw = source.read_bytes()
    ide.editors.open(source)
    qtbot.waitUntil(lambda: ide.editors.text_of(source) is not None, timeout=PATIENT)
    (problem,) = ide.problems.of(SOURCE)
    assert (problem.severity, problem.path, problem.line) == ("warning", source, 11)
    care.show_for(problem)
    assert care.fix.text() == "Fix: Write static (4 places)"
    assert not care.fix_all.isVisible()
    care.fix.click()
    qtbot.waitUntil(lambda: not ide.problems.of(SOURCE), timeout=PATIENT)
    assert "STATIC" not in str(ide.editors.text_of(source))
    assert source.read_bytes() == raw  # on the screen first
    care.back.click()
    qtbot.waitUntil(lambda: bool(ide.problems.of(SOURCE)), timeout=PATIENT)
    assert ide.editors.text_of(source) == raw.decode()


def test_all_of_it_in_every_file_is_one_step(windows: Windows, qtbot: QtBot, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(_OLD / "v1_12", tmp_path / "old"))
    ide, care = _opened(windows, qtbot, folder)
    before = {path: path.read_bytes() for path in folder.glob("tally.*")}
    care.show_for(ide.problems.of(SOURCE)[0])
    assert care.fix_all.isVisible()
    care.fix_all.click()
    qtbot.waitUntil(lambda: not ide.problems.of(SOURCE), timeout=PATIENT)
    assert b"mp_obj_full_type_t" in (folder / "tally.h").read_bytes()
    care.back.click()
    qtbot.waitUntil(lambda: bool(ide.problems.of(SOURCE)), timeout=PATIENT)
    assert {path: path.read_bytes() for path in folder.glob("tally.*")} == before


def test_what_was_typed_since_is_mended_too(windows: Windows, qtbot: QtBot, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(_OLD / "v1_22", tmp_path / "old"))
    ide, care = _opened(windows, qtbot, folder)
    source = folder / "mixer.c"
    ide.editors.open(source)
    qtbot.waitUntil(lambda: ide.editors.text_of(source) is not None, timeout=PATIENT)
    care.show_for(ide.problems.of(SOURCE)[0])
    view = ide.editors.current()
    assert view is not None
    view.sci.insert(0, "STATIC int typed;\n")
    care.fix.click()
    qtbot.waitUntil(lambda: not ide.problems.of(SOURCE), timeout=PATIENT)
    assert str(ide.editors.text_of(source)).startswith("static int typed;\n")
