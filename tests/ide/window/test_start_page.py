"""The first-run page in the real window: in front when the window opens, unless a setting says otherwise."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from ide.composition import Ide
from ide.panels.start.page import StartPage
from tests.ide.window.conftest import PATIENT, Windows


def page_of(ide: Ide) -> StartPage:
    page = ide.docks.docks["start"].findChild(StartPage)
    assert isinstance(page, StartPage)
    return page


def in_front(ide: Ide) -> bool:
    dock = ide.docks.docks["start"]
    return bool(dock.isVisible() and not dock.visibleRegion().isEmpty())


def test_it_is_in_front_whenever_the_window_opens_until_the_box_is_cleared(windows: Windows) -> None:
    project = windows.example("factorial")
    ide = windows.open(project)
    assert in_front(ide)
    page_of(ide).welcome.click()
    assert in_front(ide)  # until the window closes
    windows.close(ide)
    again = windows.open(project)
    assert not again.docks.docks["start"].isVisible()
    again.commands.run("panel.start")
    assert in_front(again)
    page_of(again).welcome.click()
    windows.close(again)
    assert in_front(windows.open(project))


def test_the_setting_in_the_dialog_is_the_same(windows: Windows) -> None:
    ide = windows.open(windows.example("factorial"))
    ide.settings.set("window.welcome", False)
    assert not page_of(ide).welcome.isChecked()


def test_its_links_do_something(windows: Windows) -> None:
    ide = windows.open(windows.example("factorial"))
    links = page_of(ide)._links
    shown = {name for name, link in links.items() if link.isVisibleTo(page_of(ide))}
    assert {"project.new", "project.examples", "view.palette"} <= shown
    for name in shown:
        assert links[name].text() == str(ide.commands.records[name].title)


def test_both_buttons_on_the_real_board(windows: Windows, qtbot: QtBot, rv32_firmware: object) -> None:
    ide = windows.open(windows.example("factorial"), board=True)
    page = page_of(ide)
    with qtbot.waitSignal(ide.runs.ended, timeout=PATIENT) as ended:
        page.factorial.click()
    assert ended.args is not None
    assert ended.args[0].good
    qtbot.waitUntil(lambda: ide.board.state == "prompt", timeout=PATIENT)
    with qtbot.waitSignal(page._racing.ended, timeout=PATIENT):
        assert ide.commands.run("start.race")
    assert page.verdict.text().splitlines()[0].endswith("no compiler installed by you")


def test_stop_in_the_toolbar_ends_a_race(windows: Windows, qtbot: QtBot, rv32_firmware: object) -> None:
    ide = windows.open(windows.example("factorial"), board=True)
    page = page_of(ide)
    with qtbot.waitSignal(page._racing.said, timeout=PATIENT):
        page.race.click()
    with qtbot.waitSignal(page._racing.ended, timeout=10_000) as ended:
        assert ide.commands.run("project.stop")
    assert ended.args == [None]
    assert ide.notices.kept == []
