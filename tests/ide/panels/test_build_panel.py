"""The Build panel: targets, output, sizes against the last build, symbols, the header in words, commands to copy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from ide.panels.builds.panel import PANEL
from ide.panels.builds.widget import BuildPanel
from ide.runs import Ended
from tests.fakes.toolchains import SMALLEST, TYPED, FakeToolchains
from tests.ide.panels.stand_in import Studio, studio
from toolchains import paths
from toolchains.toolbox import Toolbox

_PATIENCE = 60_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "factorial"
    shutil.copytree(paths.examples() / "factorial", place, ignore=shutil.ignore_patterns(".natmod"))
    return place


@pytest.fixture
def ide(qtbot, folder: Path, toolbox: Toolbox) -> Iterator[Studio]:
    with studio(folder) as found:
        yield found


@pytest.fixture
def panel(ide: Studio, qtbot) -> BuildPanel:
    widget = PANEL.create(ide.ctx)
    qtbot.addWidget(widget)
    widget.resize(1200, 260)
    widget.show()
    qtbot.waitUntil(lambda: bool(widget.arches.served) and widget._early is None, timeout=_PATIENCE)
    return widget


def build(ide: Studio, panel: BuildPanel, qtbot, button: str = "build") -> Ended:
    with qtbot.waitSignal(ide.ctx.runs.ended, timeout=_PATIENCE):
        panel.buttons[button].click()
    qtbot.waitUntil(lambda: not panel._looking and not panel._waiting, timeout=_PATIENCE)
    last = ide.ctx.runs.last
    assert last is not None
    return last


def text(panel: BuildPanel) -> str:
    while panel.output.flush():
        pass
    return panel.output.toPlainText()


def numbers(panel: BuildPanel) -> dict[str, tuple[str, str]]:
    return {name: (one.text(), two.text()) for name, (one, two) in panel.sizes.numbers.items()}


def module_rows(panel: BuildPanel) -> dict[str, str]:
    panel.pages.setCurrentWidget(panel.module)
    return dict(panel.module.rows.shown)


def test_a_build_tells_what_was_compiled_and_what_was_cached(ide: Studio, panel: BuildPanel, qtbot) -> None:
    assert "Press Build" in panel.output.placeholderText()
    assert build(ide, panel, qtbot).good
    assert "compiled: factorial.c" in text(panel)
    assert "factorial.mpy" in text(panel)
    build(ide, panel, qtbot)
    assert "all of it came from the cache" in text(panel)
    assert panel.status.text().startswith("built")
    build(ide, panel, qtbot, "rebuild")
    assert "compiled: factorial.c" in text(panel)


def test_sizes_have_a_bar_and_a_signed_change(ide: Studio, panel: BuildPanel, qtbot, folder: Path) -> None:
    assert not panel.sizes.empty.isHidden()
    build(ide, panel, qtbot)
    assert [change for _size, change in numbers(panel).values()] == [""] * 5  # there is nothing to compare with
    assert numbers(panel)["file"][0].endswith(" B")
    source = folder / "factorial.c"
    source.write_text(source.read_text("utf-8") + "\nint more(int a) { return a * 3 + (a ^ 7) / 5; }\n", "utf-8")
    build(ide, panel, qtbot)
    assert numbers(panel)["text"][1].startswith("+")
    assert numbers(panel)["file"][1].startswith("+")
    assert numbers(panel)["bss"][1] == "±0 B"
    assert panel.sizes.bars["text"].size_now.before is not None
    rows = {symbol.size.name: symbol for symbol in panel.sizes.model.rows}
    assert rows["more"].size.before == 0
    sizes = [symbol.size.now for symbol in panel.sizes.model.rows]
    assert sizes == sorted(sizes, reverse=True)
    build(ide, panel, qtbot, "rebuild")  # everything was removed, and the sizes before are known all the same
    assert {change for _size, change in numbers(panel).values()} == {"±0 B"}


def test_a_new_session_compares_with_what_lies_in_the_folder(
    ide: Studio, panel: BuildPanel, qtbot, folder: Path
) -> None:
    build(ide, panel, qtbot)
    with studio(folder) as later:
        other = PANEL.create(later.ctx)
        qtbot.addWidget(other)
        qtbot.waitUntil(lambda: other._early is None, timeout=_PATIENCE)
        source = folder / "factorial.c"
        source.write_text(source.read_text("utf-8") + "\nint more(int a) { return a * 3; }\n", "utf-8")
        build(later, other, qtbot)
        assert numbers(other)["file"][1].startswith("+")


def test_the_module_is_explained_in_words(ide: Studio, panel: BuildPanel, qtbot) -> None:
    build(ide, panel, qtbot)
    rows = module_rows(panel)
    assert rows["format"] == ".mpy 6.3 (MicroPython 1.23 and newer)"
    assert "ESP32-C3" in rows["architecture"]
    assert rows["loads on"].startswith("boards with rv32imc")
    assert rows["compiler"].startswith("zig")
    assert "rv32imc" in rows["why this one"]
    assert rows["why this version"] == "the usual one, since no board is connected"
    assert rows["compiled now"] == "factorial.c"
    assert rows["from the cache"] == "nothing"


def test_the_exact_command_lines_can_be_copied(ide: Studio, panel: BuildPanel, qtbot, folder: Path) -> None:
    build(ide, panel, qtbot)
    assert not panel.module.copy.isEnabled()
    panel.pages.setCurrentWidget(panel.module)
    qtbot.waitUntil(panel.module.copy.isEnabled, timeout=_PATIENCE)
    panel.module.copy.click()
    lines = QGuiApplication.clipboard().text().splitlines()
    compile_line = next(line for line in lines if line.endswith("-c factorial.c"))
    assert "zig" in compile_line
    assert f"cd {folder}" in lines
    assert any("mpy_ld.py" in line and "--arch rv32imc --qstrs" in line for line in lines)


def test_every_architecture_is_listed_with_its_compiler_or_how_to_get_one(panel: BuildPanel) -> None:
    titles = [panel.targets.itemText(at) for at in range(panel.targets.count())]
    assert titles[0] == "the board's architecture"
    assert titles[-1] == "every architecture with a compiler"
    assert any(title.startswith("rv32imc · zig") for title in titles)
    rows = [panel.arches.table.topLevelItem(at) for at in range(panel.arches.table.topLevelItemCount())]
    assert len(rows) == 9
    assert all(row.text(2) for row in rows)
    assert "ESP32-S3" in next(row.text(1) for row in rows if row.text(0) == "xtensawin")


def test_another_architecture_can_be_chosen(ide: Studio, panel: BuildPanel, qtbot) -> None:
    panel.targets.choose("x64")
    (outcome,) = build(ide, panel, qtbot).outcomes
    assert outcome.cell.arch.name == "x64"
    assert module_rows(panel)["architecture"].startswith("x64")
    row = next(
        panel.arches.table.topLevelItem(at)
        for at in range(panel.arches.table.topLevelItemCount())
        if panel.arches.table.topLevelItem(at).text(0) == "x64"
    )
    assert row.text(3) == "built"
    assert row.text(4).endswith("B")


def test_a_row_shows_its_own_module(ide: Studio, panel: BuildPanel, qtbot) -> None:
    for arch in ("x64", "rv32imc"):
        panel.targets.choose(arch)
        build(ide, panel, qtbot)
    assert "ESP32-C3" in module_rows(panel)["architecture"]
    panel.pages.setCurrentWidget(panel.arches)
    table = panel.arches.table
    for at in range(table.topLevelItemCount()):
        if table.topLevelItem(at).text(0) == "x64":
            table.setCurrentItem(table.topLevelItem(at))
    assert module_rows(panel)["architecture"].startswith("x64")


def test_a_failed_build_says_why_once(ide: Studio, panel: BuildPanel, qtbot, folder: Path) -> None:
    source = folder / "factorial.c"
    source.write_text(source.read_text("utf-8").replace("return", "retrun", 1), "utf-8")
    last = build(ide, panel, qtbot)
    assert not last.good
    assert "factorial.c:" in text(panel)  # the compiler's own words
    assert text(panel).count(str(last.error)) == 1
    assert panel.status.text().startswith("failed")
    assert ide.ctx.problems.count("error") > 0


def test_removing_built_files_leaves_an_empty_panel(ide: Studio, panel: BuildPanel, qtbot, folder: Path) -> None:
    build(ide, panel, qtbot)
    build(ide, panel, qtbot, "clean")
    assert not (folder / ".natmod").exists()
    assert not panel.sizes.empty.isHidden()
    assert not panel.module.empty.isHidden()


def test_stop_ends_a_build(ide: Studio, panel: BuildPanel, qtbot) -> None:
    ide.ctx.runs.stage.connect(lambda _began: panel.buttons["stop"].click())
    last = build(ide, panel, qtbot)
    assert not last.good
    assert panel.status.text().startswith("stopped")
    assert panel.buttons["build"].isEnabled()
    assert not panel.buttons["stop"].isEnabled()


def test_the_output_is_bounded_and_lines_too(panel: BuildPanel) -> None:
    panel.output.say(*[f"line {n}" for n in range(20_000)], "x" * 100_000)
    text(panel)
    assert panel.output.blockCount() <= 5000
    assert text(panel).splitlines()[-2] == "line 19999"
    assert len(text(panel).splitlines()[-1]) < 3000


def test_a_compiler_that_cannot_be_had_here_says_how(panel: BuildPanel) -> None:
    from ide.panels.builds.survey import Served
    from toolchains.chips import arch

    panel.arches._surveyed(
        (Served(arch("armv7m"), None, replace(TYPED, size=52_000_000)), Served(arch("xtensawin"), None, SMALLEST))
    )
    assert [panel.targets.itemText(at) for at in (1, 2)] == [
        "armv7m · no compiler: it can be had (50 MB)",
        "xtensawin · no compiler: it can be had (135 MB)",
    ]
    panel.pages.setCurrentWidget(panel.arches)
    panel.arches.table.setCurrentItem(panel.arches.table.topLevelItem(0))
    assert panel.arches.how.text() == TYPED.command
    assert panel.arches.get.isHidden()
    panel.arches.copy.click()
    assert QGuiApplication.clipboard().text() == TYPED.command
    panel.arches.table.setCurrentItem(panel.arches.table.topLevelItem(1))
    assert panel.arches.get.text() == "Get xtensa-esp32-elf-gcc (135 MB)"
    assert panel.arches.get.isVisible()
    assert not panel.arches.build.isEnabled()


def test_getting_a_compiler_is_the_toolchains_panels_work(
    ide: Studio, panel: BuildPanel, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ide.panels.builds import survey
    from toolchains.chips import arch

    fake = FakeToolchains()
    monkeypatch.setattr(Toolbox, "toolchains", property(lambda _box: fake))
    panel.arches._surveyed((survey.Served(arch("xtensawin"), None, SMALLEST),))
    panel.pages.setCurrentWidget(panel.arches)
    panel.arches.table.setCurrentItem(panel.arches.table.topLevelItem(0))
    panel.arches.get.click()
    assert ide.layout.shown == ["toolchains"]
    fake.go.set()
    qtbot.waitUntil(lambda: len(panel.arches.served) == 9, timeout=_PATIENCE)  # it looked again
    assert fake.calls == [("install", SMALLEST.id)]


@pytest.mark.parametrize(("emit", "kind"), [(1, "bytecode"), (2, "native"), (3, "viper")])
def test_a_python_file_becomes_an_mpy(
    emit: int, kind: str, ide: Studio, panel: BuildPanel, qtbot, folder: Path
) -> None:
    page = panel.python
    panel.pages.setCurrentWidget(page)
    assert not page.compile.isEnabled()
    file = folder / "frames.py"
    file.write_text("def f(a):\n    return a\n", "utf-8")
    ide.editors.current = file
    ide.editors.current_changed.emit(None)
    assert page.source.text() == str(file)
    page.emit.setCurrentIndex(emit)
    page.arch.setCurrentIndex(page.arch.findText("xtensawin"))
    page.compile.click()
    qtbot.waitUntil(lambda: bool(page.rows.shown), timeout=_PATIENCE)
    rows = dict(page.rows.shown)
    assert ("ESP32-S3" in rows["architecture"]) == (kind != "bytecode")
    assert page.result.text() == f"The file is {folder / 'frames.mpy'}"
    assert (folder / "frames.mpy").is_file()


def test_a_python_file_that_does_not_compile_is_a_problem(ide: Studio, panel: BuildPanel, qtbot, folder: Path) -> None:
    file = folder / "broken.py"
    file.write_text("a = 1\ndef f(:\n", "utf-8")
    panel.python.take(file)
    panel.python.compile.click()
    qtbot.waitUntil(lambda: bool(ide.ctx.problems.of("python")), timeout=_PATIENCE)
    (problem,) = ide.ctx.problems.of("python")
    assert (problem.path, problem.line) == (file, 2)
    file.write_text("a = 1\n", "utf-8")
    panel.python.compile.click()
    qtbot.waitUntil(lambda: bool(panel.python.rows.shown), timeout=_PATIENCE)
    assert ide.ctx.problems.of("python") == []


def test_firmware_is_made_and_its_place_told(ide: Studio, panel: BuildPanel, qtbot, rv32_firmware: Path) -> None:
    page = panel.firmware
    panel.pages.setCurrentWidget(page)
    page.buttons["rv32"].click()
    assert not page.buttons["rv32"].isEnabled()
    qtbot.waitUntil(lambda: page.buttons["rv32"].isEnabled(), timeout=_PATIENCE)
    assert page.places["rv32"].text().endswith("firmware.elf")
    assert page.folders["rv32"].isVisible()
    page.own.click()
    assert ide.layout.shown == ["firmware"]


def test_what_has_no_compiler_leads_to_where_one_can_be_had(
    ide: Studio, panel: BuildPanel, qtbot, folder: Path
) -> None:
    file = folder / "natmod.toml"
    file.write_text(file.read_text("utf-8") + '\n[pin]\ncompiler = { rv32imc = "gcc-99" }\n', "utf-8")
    last = build(ide, panel, qtbot)
    assert last.error is not None
    assert last.error.code == "compiler.none"
    assert ide.ctx.commands.run("build.compilers")
    assert panel.pages.currentWidget() is panel.arches
    assert panel.arches.selected() == "rv32imc"
    assert ide.layout.shown == ["build"]


def test_each_page_has_a_command(ide: Studio, panel: BuildPanel) -> None:
    for name, page in (("sizes", panel.sizes), ("python", panel.python), ("firmware", panel.firmware)):
        assert ide.ctx.commands.run(f"build.{name}")
        assert panel.pages.currentWidget() is page
