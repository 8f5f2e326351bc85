"""Partitions: read, edited in place, complained of in place, drawn before and after, written."""

from __future__ import annotations

from PySide6.QtCore import Qt

from ide.panels.flasher.table_model import NAME, OFFSET, SIZE, WRONG, exact_size, number
from tests.ide.panels.flasher.parts import PORT, Desk
from toolchains import languages

EDIT = Qt.ItemDataRole.EditRole
MB = 1 << 20


def read(at: Desk, qtbot):
    at.panel.ports.use(PORT)
    page = at.panel.partitions.page
    at.panel.show_page(page)
    page.read.click()
    at.over(qtbot)
    return page


def cell(page, row: int, column: int) -> str:
    return page.model.index(row, column).data()


def rows(page) -> list[str]:
    return [cell(page, row, NAME) for row in range(page.model.rowCount())]


def test_sizes_are_read_as_people_write_them() -> None:
    for words, value in (("0x9000", 0x9000), ("24 kB", 24 << 10), ("1.5 MB", 3 << 19), ("4096", 4096), ("2m", 2 * MB)):
        assert number(words) == value
        assert number(exact_size(value)) == value
    assert number("twelve") is None
    assert number("5 GB") is None


def test_sizes_are_those_of_the_language_and_are_read_in_it() -> None:
    languages.use("fr")
    try:
        assert exact_size(1984 << 10).endswith("ko")
        assert [number(exact_size(value)) for value in (24 << 10, 2 * MB, 0x1001)] == [24 << 10, 2 * MB, 0x1001]
    finally:
        languages.use("en")


def test_what_the_board_has_is_shown_and_nothing_is_wrong(at: Desk, qtbot) -> None:
    page = read(at, qtbot)
    assert rows(page)[:3] == ["nvs", "phy_init", "factory"]
    assert rows(page)[-1] == "vfs"
    assert cell(page, page.model.rowCount() - 1, WRONG) == "made by the firmware itself"
    assert page.wrong.text() == "Nothing is wrong with this table."
    assert not page.act.isEnabled()  # it is as it was
    assert [piece.name for piece in page.bars.before.pieces][-1] == "vfs"
    assert page.bars.before.pieces[-1].size + page.bars.before.pieces[-1].offset == 4 * MB


def test_another_size_moves_what_follows_and_says_what_is_lost(at: Desk, qtbot) -> None:
    page = read(at, qtbot)
    assert page.model.setData(page.model.index(2, SIZE), "2.5 MB", EDIT)
    after = page.bars.after.pieces[-1]
    assert (after.name, after.offset) == ("vfs", 0x10000 + 5 * MB // 2)
    assert "what was in it is lost" in page.wrong.text()
    assert "saved on this computer first" in page.wrong.text()
    page.act.click()
    at.over(qtbot)
    kind, port, table = at.played.calls[-1]
    assert (kind, port) == ("table", PORT)
    assert table.find("factory").size == 5 * MB // 2
    assert at.card.said.text() == "✓ The board has this table now: 3 partitions."
    assert page.before == table


def test_a_complaint_stands_in_its_row_and_such_a_table_is_not_written(at: Desk, qtbot) -> None:
    page = read(at, qtbot)
    page.model.setData(page.model.index(1, OFFSET), "0xe000", EDIT)
    assert cell(page, 1, WRONG).startswith("✗ nvs and phy_init overlap")
    assert not page.act.isEnabled()
    assert page.wrong.text().startswith("nvs and phy_init overlap")
    assert page.wrong.text().endswith("1 thing is wrong; such a table is not written.")
    assert next(piece for piece in page.bars.after.pieces if piece.name == "phy_init").wrong
    page.undo.click()
    assert cell(page, 1, WRONG) == ""


def test_add_remove_and_use_all_the_room(at: Desk, qtbot) -> None:
    page = read(at, qtbot)
    page.table_view.setCurrentIndex(page.model.index(2, NAME))
    page.model.setData(page.model.index(2, SIZE), "1 MB", EDIT)
    page.add.click()
    assert "part1" in rows(page)
    assert cell(page, page.table_view.currentIndex().row(), NAME) == "part1"
    page.fill.click()
    assert page.bars.after.pieces[-1].name == "part1"
    assert "no room for files" in page.wrong.text().lower() or "no partition vfs" in page.wrong.text()
    page.remove.click()
    assert "part1" not in rows(page)
    assert page.model.setData(page.model.index(0, NAME), "a,b", EDIT) is False


def test_templates_and_the_size_of_the_flash(at: Desk, qtbot) -> None:
    page = at.panel.partitions.page
    at.panel.show_page(page)
    assert page.wrong.text() == "Read the table of the board, take a template, or open a file."
    for template in range(1, page.template.count()):
        page._take_template(template)
        assert not any(one.fatal for one in page.complaints), page.template.itemText(template)
    page.use_size(2 * MB)
    page.use(page.table)
    assert any(one.fatal for one in page.complaints)


def test_the_table_is_written_together_with_the_chosen_firmware(at: Desk, qtbot) -> None:
    page = read(at, qtbot)
    assert page.both.isHidden()  # nothing is chosen
    at.looked(qtbot)
    at.panel.show_page(page)
    assert page.both.isVisible()
    page.both.click()
    at.over(qtbot)
    kind, order = at.played.calls[-1]
    assert (kind, order.table, order.erases, order.saves) == ("write", page.table.written, True, True)
    assert order.firmware.version == "1.29.0"
