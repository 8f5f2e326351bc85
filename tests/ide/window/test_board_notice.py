"""A simulated ESP32 that lacks its emulator: the window says so with one button, gets it, and is connected then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ide.board import access, esp_machines, simulator
from ide.board.errors import BoardBusy, BoardNotAllowed
from ide.board.flash.trouble import TakenByBraille
from ide.board_notice import BoardNotice
from ide.first_board import FirstBoard
from ide.notify import Notice
from tests.fakes import fake_qemu
from tests.fakes.toolchains import FakeToolchains
from tests.ide.board.esp_boards import keep_firmware
from tests.ide.panels.stand_in import Studio, studio
from tests.waiting import wait_until
from toolchains.errors import StudioError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.providers import Offer
from toolchains.sdk import DEFAULT_VERSION
from toolchains.toolbox import Toolbox

_PATIENCE = 60_000
_C3 = esp_machines.ESP_CHIPS["esp32c3"]


class Shop(FakeToolchains):
    """Has Espressif's QEMU; once it was got it is here."""

    def __init__(self, folder: Path) -> None:
        release = esp_machines.qemu_release(Host("linux", "x86_64"), Paths.of(Host.current()), _C3)
        assert release is not None
        super().__init__(
            can_be_had=[
                Offer(
                    "espressif",
                    release.id,
                    release.tool,
                    release.version,
                    (),
                    ("esp32c3",),
                    release.program,
                    17_000_000,
                )
            ]
        )
        self.folder, self.got = folder, False
        self.go.set()

    def install(self, ctx: JobContext, what: Offer, **more: Any) -> Any:
        made = super().install(ctx, what, **more)
        self.got = True
        return made

    def find(self, *_where: object) -> Path | None:
        return fake_qemu.install(self.folder) / _C3.program if self.got else None


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    made = Shop(tmp_path / "qemu")
    monkeypatch.setattr(Toolbox, "toolchains", property(lambda _box: made))
    monkeypatch.setattr(esp_machines, "find_qemu", made.find)
    return made


@pytest.fixture
def ide(qtbot, tmp_path: Path, paths: Paths, shop: Shop) -> Iterator[Studio]:
    keep_firmware(paths, "esp32c3", DEFAULT_VERSION)
    with studio(tmp_path) as found:
        found.notice = BoardNotice(found.ctx)  # type: ignore[attr-defined]
        found.ctx.board.failed.connect(found.notice.tell)  # type: ignore[attr-defined]
        yield found
    folder = simulator.run_folder(paths, "esp32c3", Host.current())
    wait_until(lambda: not folder.path.exists(), "the keeper's folder is gone")


def test_choosing_it_brings_the_offer_and_one_click_connects(ide: Studio, qtbot, shop: Shop) -> None:
    board, notices = ide.ctx.board, ide.ctx.notices
    board.use("sim:esp32c3")
    qtbot.waitUntil(lambda: bool(notices.kept), timeout=_PATIENCE)
    said = notices.kept[-1]
    assert "needs Espressif's QEMU, which is not here. It is a download of" in str(said.text)
    (get,) = said.actions
    assert str(get.title).startswith("Get it (")
    get.run()
    qtbot.waitUntil(lambda: board.state == "prompt" and board.identity is not None, timeout=_PATIENCE)
    assert shop.calls == [("install", shop.can_be_had[0].id)]
    assert board.identity is not None
    assert board.identity.version == DEFAULT_VERSION


def test_another_error_is_said_as_it_is(ide: Studio, qtbot) -> None:
    ide.ctx.board.use("/dev/no-such-port")
    qtbot.waitUntil(lambda: bool(ide.ctx.notices.kept), timeout=_PATIENCE)
    assert "no-such-port" in str(ide.ctx.notices.kept[-1].text)
    assert ide.ctx.notices.kept[-1].actions == ()


@pytest.mark.parametrize(("system", "address"), [("windows", "sim:esp32c3"), ("macos", "sim:esp32c3")])
def test_where_nothing_is_plugged_in_it_is_the_first_board(
    ide: Studio, qtbot, monkeypatch: pytest.MonkeyPatch, system: Any, address: str
) -> None:
    monkeypatch.setattr("ide.board.boards.list_ports", list)
    asked: list[str] = []

    class Board(type(ide.ctx.board)):  # type: ignore[misc]
        def use(self, address: str | None) -> None:
            asked.append(str(address))

    board = Board(ide.ctx.engine, lambda: None)
    jobs = ide.ctx.jobs
    start = jobs.start

    def on_that_system(title: Any, work: Any, **more: Any) -> Any:
        return start(title, lambda ctx: work(JobContext(Host(system, "x86_64", ctx.host.environ))), **more)

    monkeypatch.setattr(jobs, "start", on_that_system)
    from PySide6.QtWidgets import QMenu, QToolButton

    picker = QToolButton()
    picker.setMenu(QMenu(picker))
    qtbot.addWidget(picker)
    FirstBoard(jobs, board, picker).connect_board()  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: asked == [address], timeout=_PATIENCE)


@pytest.mark.parametrize(
    "error",
    [
        BoardNotAllowed("/dev/ttyUSB0", "dialout", "sudo cp x y && sudo z"),
        TakenByBraille("CH340", "sudo apt remove brltty"),
        BoardBusy("/dev/ttyACM0", "ModemManager", cure=access.advice(Host("linux", "x86_64"), "ModemManager")),
    ],
)
def test_what_has_to_be_typed_can_be_copied(qtbot: QtBot, tmp_path: Path, error: StudioError) -> None:
    with studio(tmp_path) as ide:
        said: list[Notice] = []
        ide.ctx.notices.added.connect(said.append)
        BoardNotice(ide.ctx).tell(error)
        (copy,) = said[-1].actions
        copy.run()
        assert QGuiApplication.clipboard().text().startswith("sudo ")
        assert QGuiApplication.clipboard().text() in str(error)
