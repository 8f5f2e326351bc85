"""Defaults, verifying, repairing, removing; mirrors, packs and lists of tools."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from ide.panels.toolchains.widget import ToolchainsPanel
from tests.fakes.toolchains import SMALLEST, FakeToolchains, installed
from tests.ide.panels.stand_in import Studio
from tests.ide.panels.toolchains.parts import PATIENCE, card, choose, over, row, shown, visible
from toolchains.store_files import FileFault


@pytest.fixture
def kept(ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, qtbot) -> str:
    """A toolchain of ours that is here, and chosen in the table."""
    fake.here.append(installed(SMALLEST.id, ("xtensawin",), Path("/store/x")))
    ide.ctx.toolchains.look()
    qtbot.waitUntil(lambda: "Installed" in visible(panel), timeout=PATIENCE)
    assert choose(panel, "xtensa-esp-elf")["on disk"] == "900 MB"
    return SMALLEST.id


def test_it_is_made_the_default_and_no_longer(
    ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, kept: str, qtbot
) -> None:
    panel.side.buttons["default"].click()
    over(ide, panel, qtbot)
    assert fake.calls == [("default", "xtensawin", kept)]
    assert panel.side.cards.cards == []
    assert row(panel, "xtensa-esp-elf").text(5) == "default for xtensawin"
    assert panel.side.buttons["default"].text() == "No longer the default"
    panel.side.buttons["default"].click()
    over(ide, panel, qtbot)
    assert fake.calls[-1] == ("default", "xtensawin", None)


def test_a_damaged_one_is_found_and_repaired(
    ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, kept: str, qtbot
) -> None:
    fake.faults = [FileFault("bin/as", "missing"), FileFault("lib/libgcc.a", "changed")]
    panel.side.buttons["verify"].click()
    over(ide, panel, qtbot)
    assert "2 files are not as they were installed: bin/as, lib/libgcc.a" in card(panel).said.text()
    panel.side.buttons["repair"].click()
    over(ide, panel, qtbot)
    panel.side.buttons["verify"].click()
    over(ide, panel, qtbot)
    assert "every file is as it was installed" in card(panel).said.text()


def test_removing_asks_in_place(ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, kept: str, qtbot) -> None:
    panel.side.buttons["remove"].click()
    question = panel.side.question
    assert question.isVisible()
    assert question.yes.text() == "Remove (900 MB)"
    question.no.click()
    assert fake.calls == []
    panel.side.buttons["remove"].click()
    question.yes.click()
    over(ide, panel, qtbot)
    assert fake.calls == [("remove", kept)]
    assert "Installed" not in visible(panel)


def test_what_another_program_keeps_is_left_alone(
    ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, qtbot
) -> None:
    fake.here.append(installed("xtensa-esp-elf@esp-13", ("xtensawin",), Path("/e"), found_where="~/.espressif"))
    ide.ctx.toolchains.look()
    qtbot.waitUntil(lambda: "Installed" in visible(panel), timeout=PATIENCE)
    assert choose(panel, "xtensa-esp-elf esp-13")["from"] == "~/.espressif"
    assert set(panel.side.buttons) == {"default", "terminal"}


def test_leftovers_are_removed(ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, qtbot) -> None:
    assert ide.ctx.commands.run("toolchains.prune")
    over(ide, panel, qtbot)
    assert card(panel).said.text() == "300 MB freed."


def test_a_mirror_is_chosen_and_kept(ide: Studio, panel: ToolchainsPanel, qtbot) -> None:
    ide.ctx.commands.run("toolchains.mirror")
    form = panel.mirrors
    qtbot.waitUntil(form.isVisible, timeout=PATIENCE)
    form.preset.setCurrentIndex(form.preset.count() - 1)
    form.assets.setText("https://wrong.example/x")
    form.yes.click()
    assert "without https://" in form.wrong.text()
    assert form.isVisible()
    form.assets.setText("mirror.school.example/github")
    form.yes.click()
    over(ide, panel, qtbot)
    assert "mirror.school.example" in (ide.ctx.engine.paths.config / "mirrors.toml").read_text("utf-8")
    ide.ctx.commands.run("toolchains.mirror")
    qtbot.waitUntil(lambda: form.assets.text() == "mirror.school.example/github", timeout=PATIENCE)
    form.preset.setCurrentIndex(0)
    form.yes.click()
    over(ide, panel, qtbot)
    assert not (ide.ctx.engine.paths.config / "mirrors.toml").exists()


def test_a_pack_that_is_not_there_is_said_in_place(ide: Studio, panel: ToolchainsPanel, qtbot, tmp_path: Path) -> None:
    ide.ctx.commands.run("toolchains.pack")
    panel.packs.where.setText(str(tmp_path / "lab.natmodpack"))
    qtbot.keyClick(panel.packs.where, Qt.Key.Key_Return)
    over(ide, panel, qtbot)
    assert panel.side.isVisible()
    assert "lab.natmodpack" in card(panel).said.text()
    ide.ctx.commands.run("toolchains.pack")
    qtbot.keyClick(panel.packs.where, Qt.Key.Key_Escape)
    assert panel.side.isVisible()


def test_a_list_of_tools_that_is_none_is_said_in_place(
    ide: Studio, panel: ToolchainsPanel, qtbot, tmp_path: Path
) -> None:
    file = tmp_path / "tools.json"
    file.write_text("[]", "utf-8")
    panel.services.import_tools_json(file)
    over(ide, panel, qtbot)
    assert "tools.json" in card(panel).said.text()
    assert shown(card(panel)) == {"again", "close"}
