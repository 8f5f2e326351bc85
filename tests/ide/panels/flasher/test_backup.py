"""Backup, restore, rescue."""

from __future__ import annotations

from pathlib import Path

from ide.board.flash.rescue import NotRescued
from tests.ide.panels.flasher.parts import PATIENCE, PORT, Desk
from toolchains.text import _


def test_the_files_or_a_partition_are_saved(at: Desk, qtbot) -> None:
    at.panel.ports.use(PORT)
    page = at.panel.backup.page
    page.save.click()
    at.over(qtbot)
    assert at.played.calls[-1] == ("backup", PORT, "files")
    assert at.card.said.text() == f"✓ Saved as {Path('/backups/esp32c3.zip')}."
    at.panel.partitions.read()
    at.over(qtbot)
    page.what.setCurrentIndex(page.what.findData("partition:nvs"))
    page.save.click()
    at.over(qtbot)
    assert at.played.calls[-1] == ("backup", PORT, "partition:nvs")


def test_a_backup_is_put_back(at: Desk, qtbot) -> None:
    at.panel.ports.use(PORT)
    page = at.panel.backup.page
    assert not page.put.isEnabled()
    at.panel.show_page(page)
    qtbot.waitUntil(lambda: page.which.count() == 1, timeout=PATIENCE)
    assert page.which.currentText() == "2026-11-01 10:00 · ESP32-C3 · The whole flash"
    page.put.click()
    at.over(qtbot)
    assert at.played.calls[-1] == ("restore", PORT, Path("/backups/older"), True)  # what is there is saved, unless
    page.first.click()
    page.use_file(Path("/elsewhere/mine.zip"))
    page.put.click()
    at.over(qtbot)
    assert at.played.calls[-1] == ("restore", PORT, Path("/elsewhere/mine.zip"), False)


def test_a_rescue_goes_step_by_step_and_says_what_each_changes(at: Desk, qtbot) -> None:
    at.panel.ports.use(PORT)
    page = at.panel.backup.page
    assert page.steps[0].text() == (
        "○ 1. Reset and interrupt: Resets the board and presses Ctrl-C, again and again. Nothing is changed."
    )
    at.played.go.clear()
    page.help.click()
    qtbot.waitUntil(lambda: page.steps[1].text() == "▸ 2. Rename main.py: Rename main.py inside.", timeout=PATIENCE)
    assert page.steps[0].text() == "✗ 1. Reset and interrupt: It did not come."
    at.played.go.set()
    at.over(qtbot)
    assert at.played.calls[-1] == ("rescue", PORT, False)
    assert page.steps[1].text().startswith("✓ 2.")
    assert page.steps[2].text().startswith("○ 3.")
    assert at.card.said.text() == "✓ The board is at its prompt. What helped: Rename main.py (/main.py.off)."


def test_step_3_is_done_only_when_somebody_allows_it(at: Desk, qtbot) -> None:
    at.panel.ports.use(PORT)
    at.played.error = NotRescued(_("It loops."), _("Allow it."), None, may_erase=True)
    at.panel.backup.page.help.click()
    at.over(qtbot)
    assert "It loops." in at.card.said.text()
    at.card.buttons["erase"].click()
    at.over(qtbot)
    assert at.played.calls[-1] == ("rescue", PORT, True)
    assert at.panel.backup.page.allow.isChecked()
