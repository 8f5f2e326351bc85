"""One board: what it is, what it gets and why, what is lost, the one button, and how it ended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from ide.board.flash import coach
from ide.board.flash.errors import BadOldLine, FlashFailed, FlashStopped, NotInDownloadMode
from ide.board.flash.records import Security
from ide.panels.flasher.doors import WriteOrder
from tests.fakes.flash_doors import BEST, CHIP, EMPTY, WITH_PYTHON, WRONG
from tests.ide.panels.flasher.parts import PATIENCE, PORT, Desk
from toolchains.text import _


def order_of(at: Desk) -> WriteOrder:
    kind, order = at.played.calls[-1]
    assert kind == "write"
    assert isinstance(order, WriteOrder)
    return order


def test_a_bare_chip_is_looked_at_and_gets_the_newest_release_for_a_reason(at: Desk, qtbot) -> None:
    page = at.panel.one.page
    assert page.act.text() == "Look at the board"
    assert not page.act.isEnabled()
    at.panel.ports.use(PORT)
    page.act.click()
    at.over(qtbot)
    assert page.chip.text().startswith("ESP32-C3 (QFN32) (revision v0.4) · 4.0 MB flash · no PSRAM · 7c:df:a1:00:00:01")
    assert page.runs.text() == "nothing: the board restarts again and again"
    assert page.firmware.currentText() == "1.29.0 · ESP32_GENERIC_C3"
    assert page.reason.text() == "It is the newest release for the ESP32-C3."
    assert page.erase.isChecked()
    assert page.backup.isChecked()  # it may be no bare chip at all, but one whose main.py brings it down
    assert page.lost.text() == "The whole flash is erased. The files on the board are saved on this computer first."
    assert page.act.text() == "Write MicroPython 1.29.0"
    assert "esptool" in at.panel.side.command.line.text()
    assert "ESP32_GENERIC_C3-20260406-v1.29.0.bin" in at.panel.side.command.line.text()


def test_one_button_writes_and_the_end_is_its_banner(at: Desk, qtbot) -> None:
    at.looked(qtbot)
    at.played.go.clear()
    at.panel.one.page.act.click()
    qtbot.waitUntil(lambda: at.card.bar.value() == 25, timeout=PATIENCE)
    assert "415 kB of 1.6 MB" in at.card.figures.text()
    assert at.panel.side.command.line.text() == "python -m esptool --chip esp32c3 write-flash 0x0 fw.bin"
    assert not at.panel.one.page.act.isEnabled()
    assert not at.panel.ports.isEnabled()
    at.played.go.set()
    at.over(qtbot)
    said = at.card.said.text()
    assert said == (
        "✓ Written and compared in 12 s. The board answers: MicroPython 1.26.1; ESP32C3 module with ESP32C3"
    )
    assert at.panel.one.page.runs.text() == "MicroPython 1.26.1; ESP32C3 module with ESP32C3"
    assert at.panel.one.page.keep.isChecked()
    assert list(at.card.buttons) == ["run", "console"]
    at.card.buttons["console"].click()
    assert at.ide.layout.shown[-1] == "console"
    at.panel.side.command.copy.click()
    assert QGuiApplication.clipboard().text() == "python -m esptool --chip esp32c3 write-flash 0x0 fw.bin"


def test_a_locked_chip_is_not_written_unless_somebody_insists(at: Desk, qtbot) -> None:
    at.played.facts = replace(EMPTY, chip=replace(CHIP, security=Security(known=True, secure_boot=True)))
    at.looked(qtbot)
    page = at.panel.one.page
    assert page.reason.text() == "Secure boot is on: the chip starts only firmware that its maker signed."
    assert not page.act.isEnabled()
    page.force.click()
    page.act.click()
    at.over(qtbot)
    assert order_of(at).forced


def test_files_are_kept_unless_erased_and_then_saved_first(at: Desk, qtbot) -> None:
    at.played.facts = WITH_PYTHON
    at.looked(qtbot)
    page = at.panel.one.page
    assert page.runs.text() == "MicroPython 1.26.1; ESP32C3 module with ESP32C3"
    assert page.keep.isChecked()
    assert page.lost.text() == "Only the firmware is replaced. The files on the board stay."
    page.erase.click()
    assert page.backup.isChecked()
    assert "saved on this computer first" in page.lost.text()
    page.act.click()
    at.over(qtbot)
    assert (order_of(at).erases, order_of(at).saves) == (True, True)
    assert page.keep.isChecked()  # as with any board that runs MicroPython
    page.erase.click()
    page.backup.click()
    assert "every file on the board" in page.lost.text()
    page.act.click()
    at.over(qtbot)
    assert (order_of(at).erases, order_of(at).saves) == (True, False)


def test_firmware_for_another_chip_is_written_only_if_somebody_insists(at: Desk, qtbot) -> None:
    at.looked(qtbot)
    page = at.panel.one.page
    page.firmware.setCurrentIndex(2)
    page.firmware.activated.emit(2)
    assert page.firmware.currentText() == "✗ 1.29.0 · ESP32_GENERIC (not for this board)"
    assert page.reason.text() == str(WRONG.why_not)
    assert not page.act.isEnabled()
    page.force.click()
    assert page.act.isEnabled()
    page.act.click()
    at.over(qtbot)
    assert order_of(at).forced
    page.firmware.setCurrentIndex(0)
    page.firmware.activated.emit(0)
    assert page.force.isHidden()
    page.act.click()
    at.over(qtbot)
    assert order_of(at).firmware == BEST.firmware
    assert not order_of(at).forced


def test_another_variant_and_another_release(at: Desk, qtbot) -> None:
    at.looked(qtbot)
    page = at.panel.one.page
    assert [page.firmware.itemText(at) for at in range(2)] == [
        "1.29.0 · ESP32_GENERIC_C3", "1.29.0 · ESP32_GENERIC_C3-OTA",
    ]  # fmt: skip
    assert page.release.currentText() == "1.29.0"
    page.release.setCurrentIndex(1)
    page.release.activated.emit(1)
    qtbot.waitUntil(lambda: page.act.text() == "Write MicroPython 1.28.0", timeout=PATIENCE)
    assert page.release.currentText() == "1.28.0"
    assert page.reason.text() == "It is older."


def test_firmware_from_a_file(at: Desk, qtbot) -> None:
    at.looked(qtbot)
    at.panel.one.pick_file(Path("/tmp/mine.bin"))
    at.over(qtbot)
    assert at.panel.one.page.act.text() == "Write mine.bin"
    assert at.panel.one.page.reason.text() == "It fits."


def test_cancel_says_what_the_board_is_left_in(at: Desk, qtbot) -> None:
    at.looked(qtbot)
    at.played.go.clear()
    at.played.error = FlashStopped("partial")
    at.panel.one.page.act.click()
    qtbot.waitUntil(at.played.began.is_set, timeout=PATIENCE)
    qtbot.waitUntil(at.card.cancel.isVisible, timeout=PATIENCE)
    at.card.cancel.setFocus()
    at.played.go.set()
    at.over(qtbot)
    assert "written in part" in at.card.said.text()
    assert at.card.close_button.hasFocus()


def test_a_failure_is_said_in_place_with_esptools_words_and_can_be_tried_again(at: Desk, qtbot) -> None:
    at.looked(qtbot)
    at.played.error = FlashFailed(_("write"), "A fatal error occurred: Packet content stopped", state="partial")
    at.panel.one.page.act.click()
    at.over(qtbot)
    assert "It stopped while write." in at.card.said.text()
    assert "A fatal error occurred: Packet content" in at.card.said.text()
    at.played.error = None
    at.card.buttons["again"].click()
    at.over(qtbot)
    assert at.card.said.text().startswith("✓ Written")


def test_the_coach_shows_what_to_press_and_counts(at: Desk, qtbot) -> None:
    at.played.teach = True
    at.played.go.clear()
    at.panel.ports.use(PORT)
    at.panel.one.look()
    coach = at.panel.side.coach
    qtbot.waitUntil(coach.isVisible, timeout=PATIENCE)
    assert [step.words.text()[:13] for step in coach.steps] == ["1. Press BOOT", "2. With BOOT ", "3. Let BOOT g"]
    assert coach.seen.text() == "Waiting for download mode."
    assert coach.left.text().startswith("It goes on by itself as soon as the chip answers; ")
    at.played.go.set()
    at.over(qtbot)
    assert coach.isHidden()
    assert not coach._clock.isActive()


def test_the_coach_has_the_whole_width_and_needs_no_scrolling(at: Desk, qtbot) -> None:
    at.played.teach = True
    at.played.go.clear()
    at.panel.ports.use(PORT)
    at.panel.one.look()
    side, pages = at.panel.side, at.panel.pages
    qtbot.waitUntil(side.coach.isVisible, timeout=PATIENCE)
    assert pages.isHidden()
    side.coach.teach(coach.lesson("esp32c3"), 120)  # both ways to download mode, and a note
    side.coach.see(_("Waiting for download mode."))

    def in_one_line() -> bool:
        return len({step.mapTo(side, step.rect().topLeft()).y() for step in side.coach.steps}) == 1

    qtbot.waitUntil(in_one_line, timeout=PATIENCE)
    assert len(side.coach.steps) > 3
    qtbot.waitUntil(lambda: side.page.verticalScrollBar().maximum() == 0, timeout=PATIENCE)
    at.panel.show_page(at.panel.backup.page)  # who wants to see a page sees it
    assert pages.isVisible()
    at.played.go.set()
    at.over(qtbot)
    assert pages.isVisible()


def test_nobody_pressed_boot(at: Desk, qtbot) -> None:
    at.played.teach = True
    at.played.error = NotInDownloadMode(PORT, "esp32c3")
    at.looked(qtbot)
    assert "is not in download mode" in at.card.said.text()
    assert at.panel.side.coach.isHidden()


def test_a_pasted_line_is_read_shown_in_our_form_and_only_then_run(at: Desk, qtbot) -> None:
    at.panel.ports.use(PORT)
    line = at.panel.side.command
    line.line.setFocus()
    line.line.clear()
    qtbot.keyClicks(line.line, "esptool.py write_flash 0x0 fw.bin")
    assert line.read.isVisible()
    qtbot.keyClick(line.line, Qt.Key.Key_Return)
    at.over(qtbot)
    assert at.played.calls[-1] == ("read-line", "esptool.py write_flash 0x0 fw.bin", PORT)
    assert line.line.text() == "v5 esptool.py write_flash 0x0 fw.bin"
    assert line.read.isHidden()
    assert at.card.said.text().splitlines() == [
        f"The port is {PORT}; the line had COM9.",
        "The line fits the ESP32-C3. As it would be run: v5",
    ]
    at.card.buttons["line"].click()
    at.over(qtbot)
    assert at.played.calls[-1][0] == "run-line"
    assert at.card.said.text().startswith("✓ Written and compared")


def test_a_pasted_line_for_another_chip_is_refused_in_words(at: Desk, qtbot) -> None:
    at.panel.ports.use(PORT)
    at.played.error = BadOldLine(_("It is for the ESP32, and the board has an ESP32-C3."))
    at.panel.side.command.pasted.emit("esptool.py --chip esp32 write_flash 0x1000 fw.bin")
    at.over(qtbot)
    assert "It is for the ESP32, and the board has an ESP32-C3." in at.card.said.text()
    assert at.card.buttons == {}


def test_the_log_keeps_what_esptool_said(at: Desk, qtbot) -> None:
    at.looked(qtbot)
    at.panel.one.page.act.click()
    at.over(qtbot)
    at.panel.side.log_switch.click()
    while at.panel.side.log.flush():
        pass
    assert "    Writing at 0x00010000" in at.panel.side.log.toPlainText()
