"""The Firmware panel: what is chosen stands in natmod.toml, what was built is seen by its size."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt

from ide.panels.firmware.panel import PANEL
from ide.panels.firmware.size_model import CHANGE
from ide.panels.firmware.widget import FirmwarePanel
from tests.fakes import firmware_files
from tests.ide.panels.stand_in import Studio, studio
from toolchains import project
from toolchains.firmware.table import FirmwareTable
from toolchains.paths import examples
from toolchains.sdk_tree import SdkTree

_PATIENCE = 60_000
_TABLE = '\n[firmware]\nport = "esp32"\nboard = "ESP32_GENERIC_S3"\nvariant = "SPIRAM_OCT"\n'
_RESULT = Path(".natmod/firmware/esp32-ESP32_GENERIC_S3-SPIRAM_OCT")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """factorial, with a package beside it and a user C module."""
    place = tmp_path / "factorial"
    shutil.copytree(examples() / "factorial", place, ignore=shutil.ignore_patterns(".natmod"))
    for name in ("greet/__init__.py", "usermods/twice/micropython.mk", "usermods/twice/twice.c"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text("", "utf-8")
    (place / "usermods/twice/twice.c").write_text("MP_REGISTER_MODULE(MP_QSTR_twice, twice_module);\n", "utf-8")
    return place


@pytest.fixture
def ide(qtbot, folder: Path, warm_home: Path, sdk_tree: SdkTree) -> Iterator[Studio]:
    with studio(folder) as found:
        yield found


@pytest.fixture
def panel(ide: Studio, qtbot) -> FirmwarePanel:
    widget = PANEL.create(ide.ctx)
    qtbot.addWidget(widget)
    widget.resize(1000, 360)
    ide.ctx.project.read()
    widget.show()
    settled(widget, qtbot)
    return widget


def settled(panel: FirmwarePanel, qtbot) -> None:
    jobs = panel._ctx.jobs
    qtbot.waitUntil(lambda: not (panel.looking or panel.edits.busy or jobs.running), timeout=_PATIENCE)


def described(panel: FirmwarePanel, qtbot, text: str) -> None:
    file = panel.edits.path
    file.write_text(file.read_text("utf-8") + text, "utf-8")
    panel._ctx.project.read()
    settled(panel, qtbot)


def table(panel: FirmwarePanel) -> FirmwareTable:
    found = project.load(panel.edits.path.parent).firmware
    assert found is not None
    return found


def pick(box, value: str) -> None:
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def test_a_project_becomes_a_firmware_and_is_none_again(ide: Studio, panel: FirmwarePanel, qtbot) -> None:
    before = panel.edits.path.read_bytes()
    assert panel.stack.currentWidget() is panel.begin
    assert not ide.ctx.commands.run("firmware.build")
    pick(panel.begin.pickers.port, "esp32")
    pick(panel.begin.pickers.board, "ESP32_GENERIC_S3")
    pick(panel.begin.pickers.variant, "SPIRAM_OCT")
    panel.begin.act.click()
    settled(panel, qtbot)
    assert table(panel) == FirmwareTable("esp32", "ESP32_GENERIC_S3", "SPIRAM_OCT", modules=(".",))
    assert panel.title.text() == "esp32 ESP32_GENERIC_S3 SPIRAM_OCT"
    assert panel.contents.own.isChecked()

    pick(panel.target.pickers.port, "qemu")  # what was chosen of the other port goes
    settled(panel, qtbot)
    assert (table(panel).port, table(panel).board, table(panel).variant) == ("qemu", "MPS2_AN385", None)
    for _step in range(2):
        panel.undo.click()
        settled(panel, qtbot)
    assert panel.edits.path.read_bytes() == before
    assert panel.stack.currentWidget() is panel.begin
    assert not panel.undo.isEnabled()


def test_a_line_of_make_becomes_the_table(panel: FirmwarePanel, qtbot) -> None:
    page = panel.begin
    page.line.setText("make BOARD=ESP32_GENERIC_S3 USER_C_MODULE=usermods")
    qtbot.keyClick(page.line, Qt.Key.Key_Return)
    settled(panel, qtbot)
    assert 'Did you mean "USER_C_MODULES"?' in page.problem.text()
    page.line.setText("make BOARD=ESP32_GENERIC_S3 BOARD_VARIANT=SPIRAM_OCT USER_C_MODULES=../../usermods")
    page.take.click()
    settled(panel, qtbot)
    assert page.problem.isHidden()
    wanted = FirmwareTable("esp32", "ESP32_GENERIC_S3", "SPIRAM_OCT", modules=("usermods/twice",))
    assert table(panel) == wanted


def test_the_manifest_editor_writes_what_is_frozen(panel: FirmwarePanel, qtbot, folder: Path) -> None:
    described(panel, qtbot, _TABLE)
    page, acts = panel.contents, panel.doing
    for change in (
        lambda: acts.freeze(folder / "greet"),
        lambda: acts.freeze(folder / "main.py"),
        lambda: acts.add_module(folder / "usermods" / "twice"),
        lambda: page.own.setChecked(True),
        lambda: (page.libraries.setCurrentText("umqtt.simple"), page._require()),
    ):
        change()
        settled(panel, qtbot)
    assert page.libraries.currentText() == ""
    assert page.modules.topLevelItem(0).text(1) == "twice"
    rows = [page.manifest.topLevelItem(at) for at in range(page.manifest.topLevelItemCount())]
    assert [(row.text(0), row.text(1)) for row in rows] == [
        ("greet", "Package"), ("main.py", "Python file"), ("umqtt.simple", "From micropython-lib"),
    ]  # fmt: skip
    for name in ("umqtt.simple", "logging", "logging"):  # one after the other, as fast as somebody clicks
        acts.require(name)
    assert panel.edits.busy
    settled(panel, qtbot)
    assert table(panel).require == ("umqtt.simple", "logging")
    panel.undo.click()
    settled(panel, qtbot)
    rows = [page.manifest.topLevelItem(at) for at in range(page.manifest.topLevelItemCount())]
    page.manifest.setCurrentItem(rows[0])
    qtbot.keyClick(page.manifest, Qt.Key.Key_Space)  # as machine code
    settled(panel, qtbot)
    assert table(panel).native == ("greet",)
    page.manifest.setCurrentItem(page.manifest.topLevelItem(0))
    qtbot.keyClick(page.manifest, Qt.Key.Key_Delete)
    settled(panel, qtbot)
    found = table(panel)
    assert (found.freeze, found.native, found.require) == (("main.py",), (), ("umqtt.simple",))
    assert found.modules == ("usermods/twice", ".")
    (folder / "manifest.py").write_text("package('greet')\nrequire('logging')\n", "utf-8")
    acts.use_manifest(folder / "manifest.py")
    settled(panel, qtbot)
    found = table(panel)
    assert (found.freeze, found.require) == (("main.py", "greet"), ("umqtt.simple", "logging"))


def test_what_cannot_be_is_refused_in_words_and_not_written(panel: FirmwarePanel, qtbot, tmp_path: Path) -> None:
    described(panel, qtbot, _TABLE)
    before = panel.edits.path.read_bytes()
    panel.doing.add_module(tmp_path)
    settled(panel, qtbot)
    assert "is not in the folder of this project" in panel.said.text()
    (panel.edits.path.parent / "notes.txt").write_text("", "utf-8")
    panel.doing.freeze(panel.edits.path.parent / "notes.txt")
    settled(panel, qtbot)
    assert "only Python can be frozen" in panel.said.text()
    lines = panel.target.sdkconfig
    lines.field.setText("FREERTOS_HZ=1000")
    qtbot.keyClick(lines.field, Qt.Key.Key_Return)
    settled(panel, qtbot)
    assert "CONFIG_FREERTOS_HZ=1000" in panel.said.text()  # how it is written
    assert panel.edits.path.read_bytes() == before
    lines.field.setText("CONFIG_FREERTOS_HZ=1000")
    qtbot.keyClick(lines.field, Qt.Key.Key_Return)
    settled(panel, qtbot)
    assert table(panel).sdkconfig == ("CONFIG_FREERTOS_HZ=1000",)
    assert panel.said.isHidden()


def test_what_was_built_shows_its_size_and_whether_it_fits(panel: FirmwarePanel, qtbot, folder: Path) -> None:
    assert "Build the firmware" in panel.sizes.head.text()
    firmware_files.result(folder / _RESULT, partition=0xB0000)
    firmware_files.result(folder / _RESULT / "last", firmware_files.BEFORE)
    described(panel, qtbot, _TABLE)
    page = panel.sizes
    panel.pages.setCurrentWidget(page)
    assert "686 kB of flash" in page.head.text()
    assert "+2.0 kB against the last build" in page.head.text()
    assert "Partition of the app: 686 kB of 704 kB (97 %), 18 kB left" in page.fit.texts()[0]
    model = page.model
    top = [model.index(row, 0) for row in range(model.rowCount())]
    assert [index.data() for index in top][:2] == ["Code", "Constants"]
    names = [model.index(row, 0, top[0]).data() for row in range(model.rowCount(top[0]))]
    assert "Module twice" in names
    assert model.parent(model.index(0, 0, top[0])) == top[0]
    assert model.parent(top[0]) == QModelIndex()
    vm = model.index_of(("code", "py", "py/vm.o"))
    assert vm.siblingAtColumn(CHANGE).data() == "+2.0 kB"
    qtbot.keyClick(page.treemap, Qt.Key.Key_Home)  # the largest
    assert page.tree.currentIndex().data() == "libesp_wifi.o"
    page.tree.setCurrentIndex(model.index_of(("code", "py", "py/vm.o", "mp_execute_bytecode")))
    assert page.treemap.tiles[page.treemap.current].name == "vm.o"

    assert page.larger.isVisible()
    page.larger.click()
    settled(panel, qtbot)
    layout = table(panel).partitions
    assert layout is not None
    assert "app" in (folder / layout).read_text("utf-8")


def test_a_build_that_fails_becomes_problems(ide: Studio, panel: FirmwarePanel, qtbot, folder: Path) -> None:
    (folder / "usermods/twice/twice.c").write_text("int main(void) { return 0; }\n", "utf-8")
    described(panel, qtbot, '\n[firmware]\nport = "unix"\nmodules = ["usermods/twice"]\n')
    assert ide.ctx.commands.run("firmware.build")
    assert not panel.act.isEnabled()
    qtbot.waitUntil(lambda: not panel.work.busy, timeout=_PATIENCE)
    found = ide.ctx.problems.of("firmware")
    assert [(one.severity, one.path) for one in found] == [("error", folder / "usermods/twice/twice.c")]
    assert "main()" in found[0].message
    assert panel.act.isEnabled()
