"""Packages as a person meets them: a list, a search, on the board and off it, and what the window offers by itself."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ide.board.mip import resolve
from ide.context import IdeContext
from ide.notify import Notice
from ide.package_notice import PackageNotice
from ide.package_work import INDEX
from ide.panels.packages.rows import Row
from ide.panels.packages.widget import PackagesPanel
from tests.compilers import Compilers
from tests.fakes.mip_index import MipIndex
from tests.ide.board.test_mip_trouble import ESP32, PICO_W

_WAIT_MS = 60_000


@pytest.fixture
def index(board_ctx: IdeContext, tmp_path: Path) -> MipIndex:
    made = MipIndex(tmp_path / "served")
    made.add("app", {"app.py": b"import low"}, deps=[["low", "latest"]], description="An application")
    made.add("low", {"low.py": b"n = 41\n"}, "1.0")
    made.add("low", {"low.py": b"n = 42\n"}, "2.0")
    board_ctx.settings.set(INDEX, str(made.folder))
    return made


@pytest.fixture
def panel(qtbot: QtBot, board_ctx: IdeContext, index: MipIndex) -> PackagesPanel:
    made = PackagesPanel(board_ctx)
    qtbot.addWidget(made)
    made.resize(1000, 320)
    with qtbot.waitExposed(made, timeout=_WAIT_MS):
        made.show()
    qtbot.waitUntil(lambda: not board_ctx.jobs.running, timeout=_WAIT_MS)
    return made


def connect(qtbot: QtBot, ctx: IdeContext, panel: PackagesPanel) -> None:
    """sim:unix, and what it has."""
    ctx.board.use("sim:unix")
    qtbot.waitUntil(lambda: panel.work.on_board is not None, timeout=_WAIT_MS)


def rows(panel: PackagesPanel) -> dict[str, list[str]]:
    """The names in each section."""
    table = panel.table
    heads = [table.topLevelItem(at) for at in range(table.topLevelItemCount())]
    return {head.text(0): [head.child(at).text(0) for at in range(head.childCount())] for head in heads}


def idle(qtbot: QtBot, ctx: IdeContext, panel: PackagesPanel) -> None:
    qtbot.waitUntil(
        lambda: not panel.work.busy and not ctx.jobs.running and ctx.board.state == "prompt", timeout=_WAIT_MS
    )


def test_a_list_that_is_on_this_computer_is_shown_and_searched(qtbot: QtBot, panel: PackagesPanel) -> None:
    assert rows(panel) == {"Can be had": ["app", "low"]}
    qtbot.keyClicks(panel.search, "applic")
    assert rows(panel) == {"Can be had": ["app"]}
    qtbot.keyClick(panel.search, Qt.Key.Key_Return)
    assert panel.side.title.text() == "app"
    assert not panel.side.put.isEnabled()
    qtbot.keyClicks(panel.search, " nothing")
    assert rows(panel) == {}
    assert "No package has these words" in panel.said.text()


def test_without_a_list_the_panel_says_what_it_is_for(qtbot: QtBot, ide_ctx: IdeContext, tmp_path: Path) -> None:
    ide_ctx.settings.set(INDEX, "http://127.0.0.1:9")
    panel = PackagesPanel(ide_ctx)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: not ide_ctx.jobs.running, timeout=_WAIT_MS)
    assert panel.get.isVisible()
    panel.get.click()
    qtbot.waitUntil(lambda: panel.work.error is not None, timeout=_WAIT_MS)
    assert "127.0.0.1" in panel.said.text()
    assert panel.get.isEnabled()


def test_a_package_goes_on_the_board_and_off_it(qtbot: QtBot, board_ctx: IdeContext, panel: PackagesPanel) -> None:
    connect(qtbot, board_ctx, panel)
    told: list[Notice] = []
    board_ctx.notices.added.connect(told.append)
    assert panel.table.choose_package("low")
    panel.side.versions.setCurrentText("1.0")
    panel.side.put.click()
    qtbot.waitUntil(lambda: rows(panel).get("On the board") == ["low"], timeout=_WAIT_MS)
    assert "Installed low 1.0 in" in str(told[-1].text)
    assert panel.table.choose_package("low")
    assert panel.side.put.text() == "Install 2.0"
    idle(qtbot, board_ctx, panel)
    panel.table.choose_package("app")
    panel.side.put.click()
    qtbot.waitUntil(lambda: rows(panel).get("On the board") == ["app", "low"], timeout=_WAIT_MS)
    idle(qtbot, board_ctx, panel)
    panel.table.choose_package("low")
    panel.side.take.click()
    qtbot.waitUntil(lambda: panel.work.error is not None, timeout=_WAIT_MS)
    assert "is needed by app" in panel.said.text()
    for name in ("app", "low"):
        idle(qtbot, board_ctx, panel)
        panel.table.choose_package(name)
        panel.side.take.click()
        qtbot.waitUntil(lambda name=name: name not in rows(panel).get("On the board", []), timeout=_WAIT_MS)
    assert "On the board" not in rows(panel)


def test_what_another_program_put_there_is_seen(qtbot: QtBot, board_ctx: IdeContext, panel: PackagesPanel) -> None:
    connect(qtbot, board_ctx, panel)
    assert panel.work.on_board is not None
    panel.work.on_board = replace(panel.work.on_board, others=("low.mpy", "else/"))
    panel.render()
    assert panel.table.choose_package("low")
    assert panel.table.currentItem().text(2) == "low.mpy is there"
    assert panel.table.choose_package("app")
    assert panel.table.currentItem().text(2) == ""


def test_a_folder_is_installed_from_the_search_line(
    qtbot: QtBot, board_ctx: IdeContext, panel: PackagesPanel, tmp_path: Path
) -> None:
    connect(qtbot, board_ctx, panel)
    folder = tmp_path / "my package é"
    folder.mkdir()
    (folder / "mine.py").write_text("n = 1\n")
    (folder / "package.json").write_text('{"urls": [["mine.py", "mine.py"]], "version": "3"}')
    assert not panel.install_typed.isVisible()
    panel.search.setText(str(folder))
    assert panel.install_typed.isVisible()
    panel.install_typed.click()
    qtbot.waitUntil(lambda: "my package é" in rows(panel).get("On the board", []), timeout=_WAIT_MS)
    idle(qtbot, board_ctx, panel)
    panel.work.remove(["my package é"])
    idle(qtbot, board_ctx, panel)


def test_a_program_that_runs_is_not_stopped(qtbot: QtBot, board_ctx: IdeContext, panel: PackagesPanel) -> None:
    connect(qtbot, board_ctx, panel)
    board_ctx.board.type(b"while True: pass\r\r")
    qtbot.waitUntil(lambda: board_ctx.board.state == "running", timeout=_WAIT_MS)
    panel.work.install(["low"])
    assert "The board runs a program" in panel.said.text()
    assert board_ctx.board.state == "running"
    board_ctx.board.interrupt()
    qtbot.waitUntil(lambda: board_ctx.board.state == "prompt", timeout=_WAIT_MS)


def test_a_program_that_was_started_during_the_download_is_not_stopped(
    qtbot: QtBot, board_ctx: IdeContext, panel: PackagesPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(qtbot, board_ctx, panel)
    gather, go_on = resolve.gather, Event()
    monkeypatch.setattr(resolve, "gather", lambda *more: go_on.wait(60) and gather(*more))
    panel.work.install(["low"])
    qtbot.waitUntil(lambda: bool(board_ctx.jobs.running), timeout=_WAIT_MS)
    board_ctx.board.type(b"while True: pass\r\r")
    qtbot.waitUntil(lambda: board_ctx.board.state == "running", timeout=_WAIT_MS)
    panel.work.install(["app"])  # a second one neither begins nor ends the first
    assert "Getting low" in panel.said.text()
    assert not board_ctx.commands.run("packages.list")
    go_on.set()
    qtbot.waitUntil(lambda: not panel.work.busy, timeout=_WAIT_MS)
    assert "The board runs a program" in panel.said.text()
    board_ctx.board.interrupt()
    idle(qtbot, board_ctx, panel)
    assert "On the board" not in rows(panel)


def test_a_path_is_known_by_its_form(panel: PackagesPanel) -> None:
    for word in ("~x", "~x/y", "/" + 300 * "n", "/nowhere/at/all"):
        panel.search.setText(word)
        assert panel.install_typed.isVisible()


def test_all_is_reached_by_keyboard_and_has_a_name(panel: PackagesPanel) -> None:
    for widget in (panel.search, panel.folder, panel.renew, panel.table, panel.side.versions, panel.side.put):
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert widget.accessibleName() or getattr(widget, "text", str)()


def test_a_row_tells_what_is_newer() -> None:
    assert Row("package x", ("x",)).newer == ""
    assert Row("package x", ("x",)).name == "x"


# --- offers --------------------------------------------------------------------------------------------------------


def test_mip_without_a_network_is_offered_from_this_computer(
    qtbot: QtBot, board_ctx: IdeContext, index: MipIndex
) -> None:
    notice = PackageNotice(board_ctx)
    told: list[Notice] = []
    board_ctx.notices.added.connect(told.append)
    board_ctx.board.use("sim:unix")
    qtbot.waitUntil(lambda: board_ctx.board.identity is not None, timeout=_WAIT_MS)
    text = PICO_W.replace(b"micropython-umqtt.simple2", b"low")
    for at in range(0, len(text), 7):
        board_ctx.board.printed.emit(text[at : at + 7])
    assert len(told) == 1
    assert "error -6" in str(told[0].text)
    assert "fetch low" in str(told[0].text)
    assert [str(one.title) for one in told[0].actions] == ["Install from this computer", "Packages"]
    qtbot.waitUntil(lambda: board_ctx.board.state == "prompt", timeout=_WAIT_MS)
    told[0].actions[0].run()
    qtbot.waitUntil(lambda: len(told) == 2, timeout=_WAIT_MS)
    assert "on the board now" in str(told[1].text)
    qtbot.waitUntil(lambda: not notice.work.busy and board_ctx.board.state == "prompt", timeout=_WAIT_MS)
    with qtbot.waitSignal(notice.work.ended, timeout=_WAIT_MS):
        notice.work.remove(["low"])


def test_a_flood_costs_nothing_and_is_not_read(qtbot: QtBot, ide_ctx: IdeContext) -> None:
    notice = PackageNotice(ide_ctx)
    told: list[Notice] = []
    ide_ctx.notices.added.connect(told.append)
    for _time in range(50):
        ide_ctx.board.printed.emit(b"12345\r\n" * 10_000)
    ide_ctx.board.printed.emit(b"Error 5\r\n" * 10_000 + ESP32)
    assert [str(one.text)[:40] for one in told] == ["mip on the board ended with error -202. "]
    assert len(notice._tail) <= 16


def test_a_module_that_is_a_package_is_offered(qtbot: QtBot, board_ctx: IdeContext, index: MipIndex) -> None:
    notice = PackageNotice(board_ctx)
    told: list[Notice] = []
    board_ctx.notices.added.connect(told.append)
    for name in ("mine", "low.more"):
        board_ctx.board.printed.emit(f"ImportError: no module named '{name}'\r\n".encode())
    qtbot.waitUntil(lambda: bool(told) and not board_ctx.jobs.running, timeout=_WAIT_MS)
    assert [str(one.actions[0].title) for one in told] == ["Install low"]
    assert not notice.work.busy


def test_what_a_package_needs_is_told(qtbot: QtBot, panel: PackagesPanel) -> None:
    panel.table.choose_package("app")
    qtbot.waitUntil(lambda: panel.work.needed.get("app") == ("low",), timeout=_WAIT_MS)
    names = [label.accessibleName() for label in panel.side.findChildren(QLabel)]
    assert "needs: low" in names


def test_getting_the_list_can_be_cancelled(qtbot: QtBot, board_ctx: IdeContext, panel: PackagesPanel) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        board_ctx.settings.set(INDEX, f"http://127.0.0.1:{silent.getsockname()[1]}")
        panel.renew.click()
        assert panel.cancel.isVisible()
        panel.cancel.click()
        qtbot.waitUntil(lambda: not panel.work.busy, timeout=_WAIT_MS)
    assert panel.work.error is None
    assert not panel.cancel.isVisible()


def test_a_module_that_the_firmware_lacks_is_built_and_put_there(
    qtbot: QtBot, board_ctx: IdeContext, index: MipIndex, compiler_for: Compilers
) -> None:
    compiler_for.make_ready("x64")
    notice = PackageNotice(board_ctx)
    told: list[Notice] = []
    board_ctx.notices.added.connect(told.append)
    board_ctx.board.use("sim:unix")
    qtbot.waitUntil(lambda: board_ctx.board.identity is not None, timeout=_WAIT_MS)
    board_ctx.board.printed.emit(b"ImportError: no module named 'heapq'\r\n" * 2)
    assert [str(one.actions[0].title) for one in told] == ["Build heapq and put it there"]
    qtbot.waitUntil(lambda: board_ctx.board.state == "prompt", timeout=_WAIT_MS)
    told[0].actions[0].run()
    qtbot.waitUntil(lambda: len(told) == 2, timeout=_WAIT_MS)
    assert "on the board now" in str(told[1].text)
    qtbot.waitUntil(lambda: not notice.work.busy and board_ctx.board.state == "prompt", timeout=_WAIT_MS)
