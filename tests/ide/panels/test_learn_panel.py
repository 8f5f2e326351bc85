"""The learn panel: a lesson read, its code tried, its exercise checked; the benches ask the board."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from pytestqt.qtbot import QtBot

from ide import gallery
from ide.learn import lessons, results
from ide.panels.learn.lessons_page import OWN, PERSON
from ide.panels.learn.widget import LearnPanel
from ide.words import words
from tests.ide.panels.stand_in import Studio, studio
from toolchains.toolbox import Toolbox

UNIX = "sim:unix"
PATIENCE = 60_000


@pytest.fixture
def ide(qtbot: QtBot, tmp_path: Path, toolbox: Toolbox) -> Iterator[Studio]:
    (tmp_path / "mine").mkdir()
    with studio(tmp_path / "mine") as found:
        yield found


def shown(ide: Studio, qtbot: QtBot) -> LearnPanel:
    panel = LearnPanel(ide.ctx)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: bool(panel.lessons.opened))
    return panel


@pytest.fixture
def panel(ide: Studio, qtbot: QtBot) -> LearnPanel:
    return shown(ide, qtbot)


def on_board(ide: Studio, qtbot: QtBot) -> None:
    ide.ctx.board.use(UNIX)
    qtbot.waitUntil(lambda: ide.ctx.board.state == "prompt" and ide.ctx.board.identity is not None, timeout=PATIENCE)


def test_a_page_shows_the_code_of_its_files_and_follows_links(panel: LearnPanel, qtbot: QtBot) -> None:
    page = panel.lessons
    assert page.which.count() == 9
    text = page.view.toPlainText()
    assert "Running code" in text
    assert lessons.ours().joinpath("01-running/snippets/hello.py").read_text().splitlines()[0] in text
    page.show_lesson("02-memory")
    assert page.view.toPlainText().startswith("Memory and gc")
    page.view.anchorClicked.emit(QUrl("lesson:08-firmware"))
    assert page.which.currentIndex() == 7
    assert "try:firmware/natmod.toml" not in page.view.toMarkdown()  # read, not run
    assert "try:firmware/main.py" in page.view.toMarkdown()
    page.view.anchorClicked.emit(QUrl("file:///etc/passwd"))
    assert page.which.currentIndex() == 7
    before = page.opened
    words.use("zh_TW")
    qtbot.waitUntil(lambda: page.opened is not before)
    assert page.which.currentIndex() == 7
    assert page.view.toPlainText().startswith("自己的韌體")
    words.use("en")
    qtbot.waitUntil(lambda: page.opened[7].title == "Firmware of your own")


@pytest.mark.usefixtures("unix_firmware")
def test_from_a_first_try_to_a_lesson_that_is_passed(ide: Studio, panel: LearnPanel, qtbot: QtBot) -> None:
    page = panel.lessons
    page.view.anchorClicked.emit(QUrl("try:hello.py"))
    assert "No board is connected" in page.said.text()
    on_board(ide, qtbot)
    page.view.anchorClicked.emit(QUrl("try:hello.py"))
    assert page.check.text() == "Stop"
    qtbot.waitUntil(lambda: page.check.text() == "Check", timeout=PATIENCE)
    assert page.said.text().startswith("It ran.")
    qtbot.waitUntil(lambda: "Hello from linux" in ide.text)
    page.person.setText("Ada")
    qtbot.mouseClick(page.check, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.check.text() == "Check", timeout=PATIENCE)
    assert page.said.text().startswith("Not yet: ")
    assert "1 time: on, off" in page.said.text()
    folder = gallery.projects_folder(ide.ctx.engine.host)
    shutil.copytree(lessons.ours() / "01-running" / "solution", folder / "01-running", dirs_exist_ok=True)
    page.check.click()
    qtbot.waitUntil(lambda: page.check.text() == "Check", timeout=PATIENCE)
    assert page.said.text() == "Passed. Well done."
    assert page.which.itemText(0) == "1. Running code · passed"
    assert ide.ctx.settings.text(PERSON) == "Ada"
    panel.results.open_folder(folder / "results")
    qtbot.waitUntil(lambda: panel.results.table.rowCount() == 1)
    assert panel.results.table.item(0, 0).text() == "Ada"
    assert panel.results.table.item(0, 2).text() == results.now()[:10]
    assert ide.crashes == []


def test_its_code_opens_as_a_project(tmp_path: Path, toolbox: Toolbox, qtbot: QtBot) -> None:
    (tmp_path / "mine").mkdir()
    opened: list[Path] = []
    with studio(tmp_path / "mine") as ide:
        ide.ctx = replace(ide.ctx, open_project=opened.append)
        page = shown(ide, qtbot).lessons
        page.view.anchorClicked.emit(QUrl("open:blink.py"))
        qtbot.waitUntil(lambda: len(opened) == 1)
        page.exercise.click()
        qtbot.waitUntil(lambda: len(opened) == 2)
        page.show_lesson("05-first-module")
        page.view.anchorClicked.emit(QUrl("open:square/square.c"))
        qtbot.waitUntil(lambda: len(opened) == 3)
    assert [one.name for one in opened] == ["01-running-blink", "01-running", "05-first-module-square"]
    assert (opened[0] / "main.py").is_file()
    assert (opened[2] / "square.c").is_file()


def test_which_way_proposes_and_makes_a_project(tmp_path: Path, toolbox: Toolbox, qtbot: QtBot) -> None:
    (tmp_path / "mine").mkdir()
    opened: list[Path] = []
    with studio(tmp_path / "mine") as ide:
        ide.ctx = replace(ide.ctx, open_project=opened.append)
        panel = shown(ide, qtbot)
        ide.ctx.commands.run("learn.way")
        page = panel.way
        assert page.want.count() == 6
        assert page.table.item(0, 0).text() == "Native module"
        page.make.click()
        qtbot.waitUntil(lambda: len(opened) == 1)
        page.want.setCurrentIndex(1)
        page.want.activated.emit(1)
        assert page.table.item(0, 0).text() == "Frozen module"
        page.make.click()
        qtbot.waitUntil(lambda: len(opened) == 2)
    assert (opened[0] / "my_module.c").is_file()
    assert "[firmware]" in (opened[1] / "natmod.toml").read_text()


def test_a_folder_of_garbage_is_a_sentence(ide: Studio, panel: LearnPanel, qtbot: QtBot, tmp_path: Path) -> None:
    bad = tmp_path / "theirs" / "01-bad"
    bad.mkdir(parents=True)
    (bad / "page.en.md").write_bytes(bytes(range(256)))
    ide.ctx.settings.set(OWN, str(bad.parent))
    qtbot.waitUntil(lambda: "Lesson 01-bad cannot be used" in panel.lessons.said.text())
    assert not panel.lessons.check.isEnabled()
    ide.ctx.settings.set(OWN, str(tmp_path / "gone"))
    qtbot.waitUntil(lambda: "gone" in panel.lessons.said.text())
    ide.ctx.settings.set(OWN, "")
    qtbot.waitUntil(lambda: len(panel.lessons.opened) == 9)
    panel.results.open_folder(tmp_path / "gone")
    qtbot.waitUntil(lambda: "is no folder" in panel.results.said.text())
    assert ide.crashes == []


@pytest.mark.usefixtures("unix_firmware")
def test_the_benches_ask_the_board(ide: Studio, panel: LearnPanel, qtbot: QtBot) -> None:
    struct, regex, modules, disk = panel.struct, panel.regex, panel.modules, panel.disk
    struct.go.click()
    assert "No board is connected" in struct.said.text()
    on_board(ide, qtbot)
    for page, command in ((struct, "learn.struct"), (disk, "learn.disk")):
        ide.ctx.commands.run(command)
        assert panel.pages.currentWidget() is page
    struct.format.setText("<BH")
    struct.values.setText("1, 0x203")
    struct.go.click()
    qtbot.waitUntil(lambda: "sizeof" in struct.said.text(), timeout=PATIENCE)
    assert "01 03 02" in struct.bytes.accessibleDescription()
    assert "uint16_t f1;  // 1" in struct.c.toPlainText()
    struct.bytes.grab()
    struct.format.setText("<Z")
    struct.go.click()
    qtbot.waitUntil(lambda: "no item" in struct.said.text(), timeout=PATIENCE)
    regex.pattern.setText("b+")
    regex.text.setText("abbc")
    regex.go.click()
    qtbot.waitUntil(lambda: "0: 'bb'" in regex.said.text(), timeout=PATIENCE)
    regex.look.click()
    qtbot.waitUntil(lambda: regex.table.rowCount() > 20, timeout=PATIENCE)
    modules.go.click()
    qtbot.waitUntil(lambda: bool(modules.modules) and not modules.busy, timeout=PATIENCE)
    modules.table.setCurrentCell([one.name for one in modules.modules].index("errno"), 0)
    qtbot.waitUntil(lambda: modules.names.rowCount() > 5, timeout=PATIENCE)
    assert ("errno.ENOENT", "int", "yes", "2") in [tuple(map(str, row)) for row in modules.names.rows]
    disk.go.click()
    qtbot.waitUntil(lambda: disk.table.rowCount() == 10, timeout=PATIENCE)
    assert ide.crashes == []
