"""Pictures of a board made visible: its files and a sync, packages of an index, curves, and a board that was lost."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtWidgets import QWidget

from ide.package_work import INDEX
from ide.panels.files.model import ROOT
from ide.panels.files.sync_dialog import SyncDialog
from ide.panels.files.widget import FilesPanel
from ide.panels.packages.widget import PackagesPanel
from ide.panels.plotter.widget import PlotterPanel
from tests.fakes.mip_index import MipIndex
from tests.tools.patience import wait_until

if TYPE_CHECKING:
    from tests.tools.photographer import Photographer

P = TypeVar("P", bound=QWidget)
#: All that is pictured here: whoever looks at the pictures misses none.
NAMES = ("used-files", "used-sync", "used-packages", "used-plotter", "used-plotter-dark", "unix-board", "unix-files")
_WAVES = (
    b"import math\r"
    b"for n in range(-1, 300): "
    b"print('sine, cosine' if n < 0 else f'{math.sin(n / 20)}, {math.cos(n / 20) * (1 + n / 300)}')\r\r"
)
_POINTS = 300


def _panel(photographer: Photographer, name: str, kind: type[P]) -> P:
    """The panel, in front."""
    photographer.ide.docks.show_panel(name)
    dock = photographer.ide.docks.docks[name]
    wait_until(lambda: dock.made)
    found = dock.findChild(kind)
    assert isinstance(found, kind)
    return found


def board_pictures(photographer: Photographer) -> None:
    """The files, packages and plotter panels at work; the board's page of another board."""
    _files(photographer)
    _plotter(photographer)
    with TemporaryDirectory(prefix="n") as folder:
        _packages(photographer, MipIndex(Path(folder)))
    _unix(photographer)


def _files(photographer: Photographer) -> None:
    ide = photographer.ide
    panel = _panel(photographer, "files", FilesPanel)
    wait_until(lambda: ide.board.state == "prompt" and panel.model.names(ROOT) is not None)
    panel.sync()
    dialog = ide.window.findChild(SyncDialog)
    wait_until(lambda: dialog.plan is not None)
    photographer.shoot("used-sync", dialog)
    dialog.act.click()
    wait_until(lambda: not panel.work.busy and dialog.plan is not None and not dialog.act.isEnabled())
    dialog.close()
    wait_until(lambda: bool(panel.model.names(ROOT)) and ide.board.state == "prompt")
    photographer.shoot("used-files")


def _plotter(photographer: Photographer) -> None:
    ide = photographer.ide
    panel = _panel(photographer, "plotter", PlotterPanel)
    ide.board.type(_WAVES)
    wait_until(lambda: panel.feed.table.n_rows >= _POINTS)
    photographer.shoot("used-plotter")
    ide.commands.run("view.theme_dark")
    photographer.shoot("used-plotter-dark")
    ide.commands.run("view.theme_light")


def _packages(photographer: Photographer, index: MipIndex) -> None:
    ide = photographer.ide
    index.add("umqtt.simple", {"umqtt/simple.py": b"x = 1\n"}, "1.4.0", description="Lightweight MQTT client")
    index.add("logging", {"logging.py": b"x = 1\n"}, "0.6.1", description="Messages with a level")
    index.add("aiohttp", {"aiohttp.py": b"x = 1\n"}, "0.0.6", deps=[["logging", "latest"]], description="HTTP client")
    ide.settings.set(INDEX, str(index.folder))
    panel = _panel(photographer, "packages", PackagesPanel)
    panel.work.get_list()
    wait_until(lambda: panel.work.listing is not None and panel.work.on_board is not None and not panel.work.busy)
    panel.work.install(["logging"], python=True)
    wait_until(lambda: not panel.work.busy and any(one.name == "logging" for one in panel.work.on_board.installed))
    panel.table.choose_package("aiohttp")
    wait_until(lambda: "aiohttp" in panel.work.needed)
    ide.notices.clear()
    photographer.shoot("used-packages")
    ide.settings.set(INDEX, "")


def _unix(photographer: Photographer) -> None:
    """Another board: what it lacks is absent."""
    ide, before = photographer.ide, photographer.ide.board.address
    ide.docks.show_panel("console")
    ide.docks.show_panel("board")
    ide.board.use("sim:unix")
    wait_until(lambda: ide.board.state == "prompt" and ide.board.identity is not None)
    wait_until(lambda: ide.vitals.latest is not None)
    photographer.shoot("unix-board")
    panel = _panel(photographer, "files", FilesPanel)
    wait_until(lambda: panel.model.names(ROOT) is not None)
    photographer.shoot("unix-files")
    with suppress(TimeoutError):
        ide.board.use(before)
        wait_until(lambda: ide.board.state == "prompt" and ide.board.identity is not None)
