"""A build that fails, in the window: what it means, [Fix] on the screen, [Undo], and the build that works."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ide.composition import Ide
from ide.panels.problems.care import Care
from tests.ide.window import disk_threads
from tests.ide.window.conftest import PATIENT, Windows
from tests.toolchains.natmods import module, write_project
from toolchains.edits import read_text

_TEXT = module(
    "    static int count = 3;\n    count += other(mp_obj_get_int(x));\n"
    '    printf("%d", count);\n    return mp_obj_new_int(count);',
    "#include <stdio.h>\nint other(int x);\n",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "small.c": _TEXT.replace("static int count", "int count"),
        "é.c": "int other(int x) {\n    return x + 2;\n}\n",
    }
    return write_project(tmp_path / "élève 课", files, 'sources = ["small.c"]')


def _care(ide: Ide) -> Care:
    (care,) = ide.window.findChildren(Care)
    return care


def _build(ide: Ide, qtbot: QtBot, *, good: bool) -> None:
    with qtbot.waitSignal(ide.runs.ended, timeout=PATIENT):
        assert ide.commands.run("project.build")
    assert ide.runs.last is not None
    assert ide.runs.last.good == good, ide.runs.last.error


def _text(ide: Ide, path: Path) -> str | None:
    return ide.editors.text_of(path)


@pytest.mark.usefixtures("sdk_tree")
def test_it_is_explained_fixed_on_the_screen_and_taken_back(windows: Windows, qtbot: QtBot, folder: Path) -> None:
    ide = windows.open(folder)
    source, toml = folder / "small.c", folder / "natmod.toml"
    ide.editors.open(source)
    qtbot.waitUntil(lambda: _text(ide, source) is not None, timeout=PATIENT)
    ide.docks.show_panel("problems")
    care = _care(ide)
    assert not care.isVisible()
    before = {path: path.read_bytes() for path in (source, toml)}
    _build(ide, qtbot, good=False)
    qtbot.waitUntil(lambda: bool(care.doctor.findings), timeout=PATIENT)
    assert care.isVisible()
    assert {one.cause_id for one in care.doctor.findings} == {"own-source", "c-library"}
    rows = ide.problems.all()
    care.show_for(next(one for one in rows if "printf" in one.message))
    assert "printf" in care.text.text()
    assert care.fix.text() == "Fix: Use mp_printf instead of printf"
    care.fix.click()
    assert 'mp_printf(&mp_plat_print, "%d", count)' in str(_text(ide, source))
    assert source.read_bytes() == before[source]  # on the screen first
    assert care.back.isVisible()
    # The other one is still right: its place is in a file that did not change.
    care.show_for(next(one for one in rows if "other" in one.message))
    assert ide.commands.run("problems.fix")
    qtbot.waitUntil(lambda: len(care.doctor.done) == 2, timeout=PATIENT)
    assert '"é.c"' in read_text(toml)
    _build(ide, qtbot, good=True)
    assert not care.isVisible()


@pytest.mark.usefixtures("sdk_tree")
def test_one_mistake_after_the_other(windows: Windows, qtbot: QtBot, folder: Path) -> None:
    source = folder / "small.c"
    source.write_text(_TEXT, "utf-8")
    ide = windows.open(folder)
    ide.docks.show_panel("problems")
    care = _care(ide)
    for cause in ("data", "own-source"):
        _build(ide, qtbot, good=False)
        qtbot.waitUntil(lambda: bool(care.doctor.findings), timeout=PATIENT)
        assert cause in [one.cause_id for one in care.doctor.findings]
        (care.fix_all if care.fix_all.isVisible() else care.fix).click()
        qtbot.waitUntil(lambda: bool(care.doctor.done), timeout=PATIENT)
    _build(ide, qtbot, good=True)
    assert "count = 3;\n" in str(_text(ide, source) or source.read_text("utf-8"))


@pytest.mark.usefixtures("sdk_tree")
def test_all_fixes_are_one_step_back(windows: Windows, qtbot: QtBot, folder: Path) -> None:
    ide = windows.open(folder)
    source, toml = folder / "small.c", folder / "natmod.toml"
    ide.editors.open(source)
    qtbot.waitUntil(lambda: _text(ide, source) is not None, timeout=PATIENT)
    ide.docks.show_panel("problems")
    care = _care(ide)
    shown, raw = _text(ide, source), toml.read_bytes()
    _build(ide, qtbot, good=False)
    qtbot.waitUntil(lambda: len(care.doctor.findings) > 1, timeout=PATIENT)
    assert care.fix_all.text() == "Apply 2 fixes"
    care.fix_all.click()
    qtbot.waitUntil(lambda: bool(care.doctor.done), timeout=PATIENT)
    assert toml.read_bytes() != raw
    assert _text(ide, source) != shown
    assert "Build again" in care.text.text()
    care.back.click()
    qtbot.waitUntil(lambda: not care.doctor.done, timeout=PATIENT)
    assert (_text(ide, source), toml.read_bytes()) == (shown, raw)
    assert not care.isVisible()


@pytest.mark.usefixtures("sdk_tree")
def test_what_was_changed_since_is_not_lost(windows: Windows, qtbot: QtBot, folder: Path) -> None:
    ide = windows.open(folder)
    source = folder / "small.c"
    ide.editors.open(source)
    qtbot.waitUntil(lambda: _text(ide, source) is not None, timeout=PATIENT)
    ide.docks.show_panel("problems")
    care = _care(ide)
    _build(ide, qtbot, good=False)
    qtbot.waitUntil(lambda: len(care.doctor.findings) > 1, timeout=PATIENT)
    view = ide.editors.current()
    assert view is not None
    view.sci.insert(0, "// my own line, with ü\n")
    care.fix_all.click()
    assert str(_text(ide, source)).startswith("// my own line")
    assert not care.doctor.done
    assert "was not changed" in ide.window.notice_bar.label.text()


def _ready(windows: Windows, qtbot: QtBot, folder: Path) -> tuple[Ide, Care]:
    """``small.c`` is open, ``natmod.toml`` is not, and both have a fix."""
    ide = windows.open(folder)
    ide.editors.open(folder / "small.c")
    qtbot.waitUntil(lambda: _text(ide, folder / "small.c") is not None, timeout=PATIENT)
    ide.docks.show_panel("problems")
    care = _care(ide)
    _build(ide, qtbot, good=False)
    qtbot.waitUntil(lambda: len(care.doctor.findings) > 1, timeout=PATIENT)
    qtbot.waitUntil(lambda: not ide.ctx.jobs.running, timeout=PATIENT)
    return ide, care


@pytest.mark.usefixtures("sdk_tree")
def test_the_window_does_not_wait_for_the_disk(
    windows: Windows, qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ide, care = _ready(windows, qtbot, folder)
    touched = disk_threads.watch(monkeypatch, folder)
    care.fix_all.click()
    care.fix_all.click()  # impatient: it is made once
    qtbot.waitUntil(lambda: bool(care.doctor.done), timeout=PATIENT)
    care.back.click()
    qtbot.waitUntil(lambda: not care.doctor.done, timeout=PATIENT)
    names = [name for name, _main in touched]
    assert "natmod.toml" in names
    assert any(name.startswith(".natmod.toml.") for name in names)  # it is written too
    assert not [name for name, main in touched if main]


@pytest.mark.usefixtures("sdk_tree")
def test_nothing_is_half_done_when_a_file_cannot_be_changed(windows: Windows, qtbot: QtBot, folder: Path) -> None:
    ide, care = _ready(windows, qtbot, folder)
    shown, toml = _text(ide, folder / "small.c"), folder / "natmod.toml"
    toml.write_text("# another program was here\n", "utf-8")
    care.fix_all.click()
    qtbot.waitUntil(lambda: "was not changed" in ide.window.notice_bar.label.text(), timeout=PATIENT)
    assert _text(ide, folder / "small.c") == shown
    assert toml.read_text("utf-8") == "# another program was here\n"
    assert not care.doctor.done
    assert care.fix_all.isVisible()


@pytest.mark.usefixtures("sdk_tree")
def test_typed_while_it_is_made_and_the_files_are_put_back(windows: Windows, qtbot: QtBot, folder: Path) -> None:
    ide, care = _ready(windows, qtbot, folder)
    toml = folder / "natmod.toml"
    raw, view = toml.read_bytes(), ide.editors.current()
    assert view is not None
    care.fix_all.click()
    view.sci.insert(0, "// my own line\n")  # its answer cannot be here yet: nothing was drained
    shown = _text(ide, folder / "small.c")
    qtbot.waitUntil(lambda: "was not changed" in ide.window.notice_bar.label.text(), timeout=PATIENT)
    assert toml.read_bytes() == raw
    assert _text(ide, folder / "small.c") == shown
    assert not care.doctor.done
