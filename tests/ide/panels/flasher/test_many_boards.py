"""Many boards: a line each, labels by MAC, one that fails stops no other, and the window stays awake."""

from __future__ import annotations

from PySide6.QtCore import Qt

from ide.panels.flasher.many_table import BOARD, LABEL, PORT, PROGRESS, RESULT
from ide.panels.flasher.tells import RowsTold, RowTold
from tests.ide.panels.flasher.parts import PATIENCE, Desk

PORTS = [f"/dev/board{n}" for n in range(12)]


def cell(at: Desk, row: int, column: int) -> str:
    model = at.panel.many.page.model
    return model.index(row, column).data()


def twelve(at: Desk) -> None:
    at.panel.show_page(at.panel.many.page)
    at.panel.many.page.add_ports(PORTS)


def test_ports_that_are_typed_get_a_line(at: Desk, qtbot) -> None:
    page = at.panel.many.page
    at.panel.show_page(page)
    assert page.empty.isVisible()
    assert not page.act.isEnabled()
    qtbot.keyClicks(page.add, "socket://h:1")
    qtbot.keyClick(page.add, Qt.Key.Key_Return)
    assert cell(at, 0, PORT) == "socket://h:1"
    assert page.act.text() == "Flash 1 board"
    assert page.empty.isHidden()


def test_twelve_at_once_and_a_failing_one_stops_no_other(at: Desk, qtbot) -> None:
    twelve(at)
    page = at.panel.many.page
    assert page.act.text() == "Flash 12 boards"
    at.played.go.clear()
    page.act.click()
    qtbot.waitUntil(lambda: cell(at, 11, PROGRESS) == "write · 100 %", timeout=PATIENCE)
    assert page.cancel.isVisible()
    assert not page.act.isEnabled()
    at.played.go.set()
    at.over(qtbot)
    assert cell(at, 0, RESULT) == "✓ MicroPython 1.29.0 answers"
    assert cell(at, 3, RESULT) == "✗ The connection to the board at /dev/board3 broke."
    assert page.summary.text() == "11 of 12 are done, 1 failed."
    assert page.sheet.isEnabled()


def test_why_one_failed_is_told_in_our_words_and_the_tools_are_folded_away(at: Desk, qtbot) -> None:
    twelve(at)
    page, detail = at.panel.many.page, at.panel.many.page.detail
    assert detail.isHidden()
    page.act.click()
    at.over(qtbot)
    assert detail.isVisible()  # nobody had to look for the one that failed
    assert detail.title.text() == "/dev/board3"
    assert "Check the cable, plug the board in again" in detail.said.text()
    assert "fatal error" not in detail.said.text() + str(page.model.index(3, RESULT).data(Qt.ItemDataRole.ToolTipRole))
    assert detail.lines.isHidden()
    detail.details.click()
    assert detail.lines.isVisible()
    assert "A fatal error occurred" in detail.lines.toPlainText()
    page.act.click()
    qtbot.waitUntil(detail.isHidden, timeout=PATIENCE)
    at.over(qtbot)


def test_a_board_that_needs_a_hand_shows_what_to_press(at: Desk, qtbot) -> None:
    twelve(at)
    at.played.teach = True
    at.played.go.clear()
    page, detail = at.panel.many.page, at.panel.many.page.detail
    page.act.click()
    qtbot.waitUntil(detail.coach.isVisible, timeout=PATIENCE)
    assert detail.title.text() == "/dev/board5"
    assert [step.picture.accessibleName()[:2] for step in detail.coach.steps] == ["1.", "2.", "3."]
    assert detail.coach.seen.text() == "Waiting for download mode."
    assert detail.coach.left.text() == "It goes on by itself as soon as the chip answers."
    at.played.go.set()
    at.over(qtbot)
    assert detail.coach.isHidden()


def test_what_is_lost_is_said_when_all_is_to_be_erased(at: Desk, qtbot) -> None:
    twelve(at)
    page = at.panel.many.page
    assert page.summary.text() == "Only the firmware is replaced. The files on the boards stay."
    page.erase.click()
    assert page.summary.text().startswith("The whole flash is erased.")


def test_twelve_boards_tell_more_than_is_painted(at: Desk, qtbot) -> None:
    """What the window has not taken yet is replaced by what is newer, and only cells that changed are painted."""
    told: list[object] = []
    rows = RowsTold(told.append)
    for percent in range(101):
        for port in PORTS:
            rows.put(RowTold(port, "working", "write", percent))
    assert told == [rows]
    assert [(row.port, row.percent) for row in rows.take()] == [(port, 100) for port in PORTS]
    twelve(at)
    model = at.panel.many.page.model
    model.take(model.rows[0], RowTold(PORTS[0], "working", "write", 1))
    painted: list[int] = []
    model.dataChanged.connect(lambda first, last: painted.extend(range(first.column(), last.column() + 1)))
    model.take(model.rows[0], RowTold(PORTS[0], "working", "write", 2))
    assert painted == [PROGRESS]


def test_only_ticked_ones_and_with_what_was_chosen(at: Desk, qtbot) -> None:
    twelve(at)
    page, model = at.panel.many.page, at.panel.many.page.model
    for row in range(10):
        model.setData(model.index(row, PORT), Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole)
    assert page.act.text() == "Flash 2 boards"
    page.show_versions(["1.29.0", "1.28.0"])
    page.firmware.setCurrentIndex(2)
    page.erase.click()
    page.deploy.click()
    page.act.click()
    at.over(qtbot)
    kind, order = at.played.calls[-1]
    assert kind == "many"
    assert (order.ports, order.version, order.erases, order.smoke) == (tuple(PORTS[10:]), "1.28.0", True, True)
    assert order.project == at.ide.ctx.project.folder


def test_a_label_is_kept_by_the_mac(at: Desk, qtbot) -> None:
    twelve(at)
    page, model = at.panel.many.page, at.panel.many.page.model
    assert not model.flags(model.index(0, LABEL)) & Qt.ItemFlag.ItemIsEditable  # nobody knows its MAC yet
    page.identify.click()
    at.over(qtbot)
    assert cell(at, 0, BOARD) == "ESP32-C3 · 4.0 MB · no MicroPython"
    model.setData(model.index(2, LABEL), "bench 3", Qt.ItemDataRole.EditRole)
    qtbot.waitUntil(lambda: ("label", "7c:df:a1:00:00:02", "bench 3") in at.played.calls, timeout=PATIENCE)


def test_a_cancel_is_said_of_each_that_was_not_done(at: Desk, qtbot) -> None:
    twelve(at)
    at.played.go.clear()
    at.panel.many.page.act.click()
    qtbot.waitUntil(at.played.began.is_set, timeout=PATIENCE)
    at.panel.many.page.cancel.click()
    at.over(qtbot)
    assert {cell(at, row, RESULT) for row in range(12)} == {"● Cancelled; nothing was left half done."}


def test_the_name_of_each_board_is_read_in_whole(at: Desk, qtbot) -> None:
    twelve(at)
    page = at.panel.many.page
    page.act.click()
    at.over(qtbot)
    assert page.detail.isVisible()  # beside it there is the least room
    name = "bench 12, window"
    page.model.setData(page.model.index(11, LABEL), name, Qt.ItemDataRole.EditRole)
    assert page.table.columnWidth(LABEL) > page.table.fontMetrics().horizontalAdvance(name)
