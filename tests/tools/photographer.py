"""Runs the window and takes pictures of it as it is used: started by :mod:`tests.tools.screenshots`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from ide import app, gallery
from ide.composition import Ide
from ide.panels.board.widget import BoardPanel
from ide.panels.flasher.many_table import LABEL
from ide.panels.flasher.table_model import SIZE
from ide.panels.flasher.widget import FlasherPanel
from ide.themes import NAMES
from tests.fakes import images
from tests.fakes.rom_chip import RomChip
from tests.tools.board_pictures import board_pictures
from tests.tools.code_pictures import code_pictures
from tests.tools.firmware_pictures import firmware_pictures
from tests.tools.learn_pictures import learn_pictures
from tests.tools.patience import wait_until

LANGUAGES = ("en", "fr", "zh_TW", "zh_CN")
#: A compiler that is not there: the notice and the panel say what to do.
_PIN = '\n[pin]\ncompiler = { rv32imc = "riscv32-esp-elf@esp-14.2.0_20241119" }\n'
#: What makes two maps of a heap differ.
_KEEP = b"kept = [bytearray(300) for n in range(60)]\r"
_MISTAKE = ("result *= i;", "result *= i")
#: The class that is flashed: boards, their chip, the rate of their line, bytes of their firmware, percent to wait for.
_CLASS, _CHIP, _BAUD, _LARGE, _SOME = 12, "esp32c3", 460800, 1_000_000, 20


class Photographer:
    """One window and the folder for its pictures."""

    def __init__(self, ide: Ide, folder: Path) -> None:
        self.ide, self.folder = ide, folder

    def shoot(self, name: str, widget: QWidget | None = None) -> None:
        """A picture of the whole window, or of a dialog."""
        painted = iter(range(3))
        wait_until(lambda: next(painted, None) is None)
        image = (widget or self.ide.window).grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
        assert image.save(str(self.folder / f"{name}.png"), "PNG", 0)  # 0: as small as it gets

    def ready(self) -> None:
        """The board answers and every panel is there."""
        ide = self.ide
        wait_until(lambda: ide.board.state == "prompt" and ide.board.identity is not None)
        wait_until(lambda: all(dock.made or dock.isHidden() for dock in ide.docks.docks.values()))

    def run(self, command: str = "project.run") -> None:
        """F5, to its end."""
        ended: list[object] = []
        connection = self.ide.runs.ended.connect(ended.append)
        wait_until(lambda: self.ide.commands.run(command))
        wait_until(lambda: bool(ended))
        self.ide.runs.ended.disconnect(connection)
        wait_until(lambda: self.ide.board.state == "prompt")

    def panels(self) -> Iterator[str]:
        """Each panel in front, one after the other."""
        for name, dock in self.ide.docks.docks.items():
            self.ide.docks.show_panel(name)
            wait_until(lambda dock=dock: dock.made)
            wait_until(lambda name=name: name != "toolchains" or self.ide.toolchains.facts is not None)
            yield name

    def lack_a_compiler(self) -> None:
        """Run with a compiler that is not on this computer, look at both places that tell of it, and mend that."""
        ide, file = self.ide, self.ide.folder / "natmod.toml"
        before = file.read_text("utf-8")
        file.write_text(before + _PIN, "utf-8")
        ide.project.saved(file)
        self.run()
        wait_until(lambda: ide.compiler_notice.offer is not None and ide.window.notice_bar.isVisible())
        ide.docks.show_panel("toolchains")
        wait_until(lambda: ide.toolchains.facts is not None and bool(ide.toolchains.facts.lacking))
        self.shoot("lacking")
        file.write_text(before, "utf-8")
        ide.project.saved(file)
        ide.notices.clear()

    def flasher(self) -> FlasherPanel:
        """The panel, in front."""
        self.ide.docks.show_panel("flasher")
        dock = self.ide.docks.docks["flasher"]
        wait_until(lambda: dock.made)
        panel = dock.widget().layout().itemAt(0).widget()
        assert isinstance(panel, FlasherPanel)
        return panel

    def flash_one(self, file: Path) -> None:
        """A bare chip, its firmware, the end; the coach with another one that has no hand at its buttons."""
        panel = self.flasher()
        panel.show_page(panel.one.page)
        with RomChip(_CHIP) as chip:
            panel.ports.use(chip.port)
            panel.one.look()
            wait_until(lambda: not panel.work.busy)
            self.shoot("flasher-proposed")
            panel.one.pick_file(file)
            wait_until(lambda: not panel.work.busy)
            panel.one.write()
            wait_until(lambda: not panel.work.busy)
            wait_until(lambda: panel.one.page.facts is not None and panel.one.page.facts.running is not None)
            self.shoot("flasher-written")
            panel.show_page(panel.partitions.page)
            panel.partitions.read()
            wait_until(lambda: not panel.work.busy)
            model = panel.partitions.page.model
            model.setData(model.index(2, SIZE), "2.5 MB", Qt.ItemDataRole.EditRole)
            self.shoot("flasher-partitions")
            panel.show_page(panel.backup.page)
            self.shoot("flasher-backup")
            self.ide.board.use(None)
        with RomChip(_CHIP, wiring="button") as chip:
            panel.show_page(panel.one.page)
            panel.ports.use(chip.port)
            panel.one.look()
            wait_until(panel.side.coach.isVisible)
            self.shoot("flasher-coach")
            panel.work.cancel()
            wait_until(lambda: not panel.work.busy)

    def flash_twelve(self, file: Path) -> None:
        """A class: twelve boards at once, one of which loses its cable."""
        panel = self.flasher()
        page = panel.many.page
        panel.show_page(page)
        with ExitStack() as stack:
            macs = [f"24:6f:28:00:01:{number:02x}" for number in range(_CLASS)]
            chips = [stack.enter_context(RomChip(_CHIP, baud=_BAUD, mac=mac)) for mac in macs]
            page.add_ports([chip.port for chip in chips])
            panel.many.identify(page.chosen)
            wait_until(lambda: not panel.work.busy)
            for number in range(_CLASS):
                page.model.setData(page.model.index(number, LABEL), f"bench {number + 1}", Qt.ItemDataRole.EditRole)
            page.use_file(file)
            chips[6].faults.unplug_at = 60
            page.act.click()
            wait_until(lambda: sum((row.percent or 0) > _SOME for row in page.model.rows) >= _CLASS // 3)
            self.shoot("flasher-many")
            wait_until(lambda: not panel.work.busy)
            self.shoot("flasher-many-done")
            self.ide.board.use(None)

    def board(self) -> None:
        """The pages of the Board panel: two maps of the heap, partitions, what a module costs."""
        ide = self.ide
        ide.docks.show_panel("board")
        dock = ide.docks.docks["board"]
        wait_until(lambda: dock.made)
        panel = dock.widget().layout().itemAt(0).widget()
        assert isinstance(panel, BoardPanel)
        wait_until(lambda: len(ide.vitals.history) > 2)
        panel.show_page(panel.memory)
        self.shoot("board-memory")
        panel.show_page(panel.heap)
        for number in (1, 2):
            wait_until(lambda: panel.heap.asked.can)
            panel.heap.take()
            wait_until(lambda number=number: len(panel.heap.snapshots) == number)
            self.shoot("board-heap")
            ide.board.type(_KEEP)
            wait_until(lambda: ide.board.state == "prompt" and panel.heap.asked.can)
        panel.show_page(panel.storage)
        wait_until(lambda: panel.storage.asked.value is not None)
        self.shoot("board-storage")
        panel.show_page(panel.cost)
        wait_until(lambda: panel.cost.module.count() > 0)
        panel.cost.measure()
        wait_until(lambda: not panel.cost.busy)
        self.shoot("board-cost")
        panel.show_page(panel.card)

    def type_over(self, old: str, new: str) -> None:
        """Change something in the file that is open."""
        view = self.ide.editors.current()
        assert view is not None
        found = view.sci.find(old, 0, view.sci.length())
        assert found is not None
        view.sci.replace(*found, new)


def flasher_pictures(photographer: Photographer) -> None:
    """The flasher at work, on emulated chips."""
    photographer.ide.board.use(None)
    with TemporaryDirectory(prefix="n") as folder:
        file = Path(folder) / "firmware.bin"
        file.write_bytes(images.firmware(_CHIP))
        photographer.flash_one(file)
        large = Path(folder) / f"{_CHIP.upper()}_GENERIC.bin"
        large.write_bytes(images.firmware(_CHIP, size=_LARGE))
        photographer.flash_twelve(large)


def pictures(photographer: Photographer) -> None:
    """All of them."""
    ide = photographer.ide
    photographer.ready()
    photographer.run()
    photographer.shoot("run")
    ide.commands.run("start.race")
    wait_until(lambda: ide.commands.records["start.stop_race"].enabled())
    wait_until(lambda: ide.commands.records["start.race"].enabled())
    ide.docks.show_panel("console")
    for theme in NAMES:
        ide.commands.run(f"view.theme_{theme}")
        for panel in photographer.panels():
            photographer.shoot(f"{theme}-{panel}")
        ide.docks.show_panel("project")
        ide.docks.show_panel("console")
        ide.docks.show_panel("start")
    ide.commands.run("view.theme_light")
    photographer.type_over(*_MISTAKE)
    photographer.run()
    photographer.shoot("mistake")
    photographer.type_over(*reversed(_MISTAKE))
    photographer.run()
    ide.docks.show_panel("console")
    for language in LANGUAGES:
        ide.commands.run(f"view.language_{language}")
        photographer.shoot(f"language-{language}")
    ide.commands.run(f"view.language_{LANGUAGES[0]}")
    code_pictures(photographer)
    firmware_pictures(photographer)
    photographer.board()
    learn_pictures(photographer)
    board_pictures(photographer)
    photographer.lack_a_compiler()
    flasher_pictures(photographer)


def main(folder: Path) -> int:
    """Open the factorial example, take the pictures, close."""
    found = app.open_window(["natmod-studio"])
    assert isinstance(found, Ide)
    assert found.folder.name == gallery.FIRST
    QTimer.singleShot(0, lambda: None)
    try:
        pictures(Photographer(found, folder))
    finally:
        found.window.close()
    QApplication.closeAllWindows()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
