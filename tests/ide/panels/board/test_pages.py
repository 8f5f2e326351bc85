"""What each page of the Board panel shows: of a simulated board, and of records of boards that we do not have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ide.board.flash.table_csv import read_csv
from ide.board.memory.import_cost import Cost, CostReport
from ide.commands import Command
from ide.panels.board.tables import Rows
from ide.panels.board.widget import BoardPanel
from tests.ide.board.storage.test_on_board import LITTLEFS, MB, rows, space, storage, template
from tests.ide.board.test_card import OCTAL_8, S3, look
from tests.ide.panels.board.conftest import PATIENT
from tests.ide.panels.stand_in import Studio
from toolchains.text import _

FLASH = 16 * MB


def shown(table: Rows) -> list[list[str]]:
    model = table.rows
    return [
        [str(model.data(model.index(row, column))) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_without_a_board_each_page_says_what_will_appear(panel: BoardPanel) -> None:
    for page, words in (
        (panel.card, "who it is"), (panel.memory, "last minutes"), (panel.heap, "block by block"),
        (panel.storage, "partitions"), (panel.cost, "Connect a board"),
    ):  # fmt: skip
        panel.show_page(page)
        assert words in page.said.text()
        assert page.said.isVisible()
    assert not panel.heap.act.isEnabled()


@pytest.mark.usefixtures("met")
def test_the_card_says_who_the_board_is_and_what_it_has_left(ide: Studio, panel: BoardPanel, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: panel.card.asked.value is not None, timeout=PATIENT)
    assert "Natmod Studio simulator" in panel.card.title.text()
    assert panel.card.facts.rows["Native modules"] == "rv32imc"
    assert panel.card.facts.rows["Clock"].endswith(" MHz")
    assert "PSRAM" not in panel.card.facts.rows  # what a board cannot tell is absent
    assert "machine" in panel.card.modules.text()
    assert "asyncio" in panel.card.frozen.text()
    assert "asyncio/core" not in panel.card.modules.text()
    assert "'modules'" not in ide.text  # asked without a trace


def test_advice_of_a_board_with_psram_that_is_left_alone(ide: Studio, panel: BoardPanel) -> None:
    asked: list[str] = []
    ide.ctx.commands.register(Command("flasher.one", _("Flasher"), lambda: asked.append("flasher")))
    panel.card.asked.value = look(S3, (240_000_000, 0, OCTAL_8))
    panel.card.render()
    assert "8.0 MB of extra memory (PSRAM), and this firmware uses none" in panel.card.advice.text()
    panel.card.firmware.click()
    assert asked == ["flasher"]
    assert panel.card.facts.rows["PSRAM"] == "8.0 MB, 0 B of it in use"
    assert panel.card.facts.rows["Clock"] == "240 MHz"


@pytest.mark.usefixtures("met")
def test_the_memory_of_the_last_minutes_as_a_chart_and_as_a_table(ide: Studio, panel: BoardPanel, qtbot: QtBot) -> None:
    ide.ctx.settings.set("board.vitals_s", 1)
    panel.show_page(panel.memory)
    qtbot.waitUntil(lambda: len(ide.ctx.vitals.history) >= 2, timeout=PATIENT)
    page = panel.memory
    assert page.chart.isVisible()
    assert "The heap holds" in page.chart.accessibleDescription()
    assert page.values.rows["Heap (gc)"].endswith("%)")
    assert "used" in page.chart.told(0)
    page.as_table.click()
    assert page.chart.isHidden()
    assert len(shown(page.table)) >= 2
    page.pause.click()
    assert ide.ctx.vitals.paused
    assert page.said.text() == "Paused: the board is not asked."


def test_partitions_filesystems_and_why_of_an_esp32(
    ide: Studio, panel: BoardPanel, qtbot: QtBot, tmp_path: Path
) -> None:
    table = template("standard")
    seen = [*rows(table, apps=1_500_000), (1, 129, 2 * MB, 14 * MB, "vfs", False, None)]
    mounts = [("/", LITTLEFS, space(14 * MB, 13 * MB))]
    page = panel.storage
    page.asked.value = storage((None, seen, 0x10000, 0x10000, FLASH, mounts))
    panel.show_page(page)
    page.render()
    found = {row[0]: row for row in shown(page.parts)}
    assert found["factory"][2].startswith("1.4 MB")
    assert "runs now" in found["factory"][3]
    assert found["vfs"][1] == "14 MB"
    assert [row[:3] for row in shown(page.mounts)] == [["/", "13 MB", "14 MB"]]
    assert "16 MB of flash" in page.flash.text()
    assert "14 MB" in page.why.text()
    assert [piece.kind for piece in page.bar.pieces if piece.name in ("factory", "vfs")] == ["app", "files"]
    file = tmp_path / "partitions.csv"
    page.save_to(file)
    qtbot.waitUntil(lambda: file.is_file() and not ide.ctx.jobs.running)
    assert {part.name for part in read_csv(file.read_text("utf-8")).partitions} >= {"factory", "nvs"}


def test_a_table_is_copied_as_text(panel: BoardPanel) -> None:
    panel.storage.asked.value = storage((None, rows(template("standard")), None, None, FLASH, []))
    panel.storage.render()
    table = panel.storage.parts
    table.selectRow(0)
    assert table.chosen_text().split("\t")[0] == "nvs"
    QGuiApplication.clipboard().setText(table.chosen_text())


@pytest.mark.usefixtures("met")
def test_the_storage_of_a_board_without_partitions(panel: BoardPanel, qtbot: QtBot) -> None:
    panel.show_page(panel.storage)
    qtbot.waitUntil(lambda: panel.storage.asked.value is not None, timeout=PATIENT)
    assert panel.storage.parts.isHidden()
    assert panel.storage.bar.isHidden()
    assert shown(panel.storage.mounts)[0][0] == "/"
    assert "ESP32" in panel.storage.why.text()


def test_what_an_import_costs_is_measured_and_nothing_stays(
    ide: Studio, panel: BoardPanel, qtbot: QtBot, met: Callable[[], None], folder: Path
) -> None:
    (folder / "shapes.py").write_text(
        "NAMES = [str(n) for n in range(40)]\ndef area(a, b):\n    return a * b\n", "utf-8"
    )
    page = panel.cost
    panel.show_page(page)
    qtbot.waitUntil(lambda: page.module.count() >= 2, timeout=PATIENT)
    page.module.setCurrentText("shapes")
    page.act.click()
    assert not page.act.isEnabled()
    qtbot.waitUntil(lambda: not page.busy, timeout=2 * PATIENT)
    assert page.error is None
    found = {row[0]: row[1:] for row in shown(page.table)}
    assert set(found) >= {"RAM that stays", "RAM at most", "File", "Flash", "Time"}
    assert all(found["RAM that stays"][:3])
    assert page.table.isColumnHidden(4)  # this firmware has no such module frozen in it
    assert "exec RAM" not in found  # this board has none
    assert "Measure what importing shapes costs" in ide.text
    met()
    assert ide.ctx.board.state == "prompt"


def test_forms_that_cannot_be_had_say_why(panel: BoardPanel) -> None:
    costs = (Cost("py", 100, 4096, 2000, 2500, None, 0.02, 3), Cost("native", why_not=_("The board loads none.")))
    panel.cost._done(CostReport("x", costs))
    assert panel.cost.why_not.text() == "native: The board loads none."
    assert {row[0]: row[1] for row in shown(panel.cost.table)}["Time"] == "20 ms"


def test_a_program_that_runs_is_not_stopped_by_looking(
    ide: Studio, panel: BoardPanel, qtbot: QtBot, met: Callable[[], None]
) -> None:
    qtbot.waitUntil(lambda: panel.card.asked.value is not None, timeout=PATIENT)
    board = ide.ctx.board
    board.type(b"while True: pass\r\r")
    qtbot.waitUntil(lambda: board.state == "running", timeout=PATIENT)
    panel.show_page(panel.storage)
    assert not panel.storage.asked.can
    assert not panel.storage.again.isEnabled()
    assert panel.storage.said.text() == "A program runs on the board. It is not stopped for this."
    board.interrupt()
    met()
    qtbot.waitUntil(lambda: panel.storage.asked.value is not None, timeout=PATIENT)


@pytest.mark.usefixtures("met")
def test_another_board_is_not_taken_for_this_one(ide: Studio, panel: BoardPanel, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: panel.card.asked.value is not None, timeout=PATIENT)
    ide.ctx.board.disconnect_board()
    assert panel.card.asked.value is None
    assert panel.card.title.isHidden()
    assert panel.card.facts.rows == {}


def test_every_page_has_a_command(ide: Studio, panel: BoardPanel) -> None:
    for name, page in (("card", panel.card), ("memory", panel.memory), ("heap_map", panel.heap),
                       ("storage", panel.storage), ("import_cost", panel.cost)):  # fmt: skip
        ide.ctx.commands.run(f"board.{name}")
        assert panel.pages.currentWidget() is page
    assert ide.layout.shown == ["board"] * 5
