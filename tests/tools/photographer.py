"""Runs the window and takes pictures of it as it is used: started by :mod:`tests.tools.screenshots`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from ide import app, gallery
from ide.composition import Ide
from ide.themes import NAMES

LANGUAGES = ("en", "fr", "zh_TW", "zh_CN")
#: A compiler that is not there: the notice and the panel say what to do.
_PIN = '\n[pin]\ncompiler = { rv32imc = "riscv32-esp-elf@esp-14.2.0_20241119" }\n'
_MISTAKE = ("result *= i;", "result *= i")
_LIMIT_MS = 120_000
_LOOK_MS = 50


def wait_until(done: Callable[[], bool]) -> None:
    """Run the window until something is so; TimeoutError after two minutes."""
    loop = QEventLoop()
    timer, limit = QTimer(), QTimer()
    late: list[bool] = []

    def look() -> None:
        if done():
            loop.quit()

    def give_up() -> None:
        late.append(True)
        loop.quit()

    timer.timeout.connect(look)
    limit.timeout.connect(give_up)
    limit.setSingleShot(True)
    timer.start(_LOOK_MS)
    limit.start(_LIMIT_MS)
    loop.exec()
    if late:
        raise TimeoutError(done)


class Photographer:
    """One window and the folder for its pictures."""

    def __init__(self, ide: Ide, folder: Path) -> None:
        self.ide, self.folder = ide, folder

    def shoot(self, name: str) -> None:
        """A picture of the whole window."""
        painted = iter(range(3))
        wait_until(lambda: next(painted, None) is None)
        image = self.ide.window.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
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

    def type_over(self, old: str, new: str) -> None:
        """Change something in the file that is open."""
        view = self.ide.editors.current()
        assert view is not None
        found = view.sci.find(old, 0, view.sci.length())
        assert found is not None
        view.sci.replace(*found, new)


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
    photographer.lack_a_compiler()


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
