"""A board without MicroPython is met: the window says so at once, with the button that puts it there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.board.flash import usb
from ide.board.flash.usb import UsbPort
from ide.board_notice import BoardNotice
from ide.commands import Command
from tests.fakes.board import FakeBoard
from tests.fakes.rom_chip import RomChip
from tests.fakes.wire import PtyBoard
from tests.ide.panels.stand_in import Studio, studio
from toolchains.text import _

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")
_PATIENCE = 60_000


@pytest.fixture
def ide(qtbot, home: Path, tmp_path: Path) -> Iterator[Studio]:
    with studio(tmp_path) as found:
        found.notice = BoardNotice(found.ctx)  # type: ignore[attr-defined]
        yield found
        found.ctx.board.use(None)
    assert found.crashes == []


@pytest.fixture
def put(ide: Studio) -> list[str]:
    """Whether MicroPython was put on the board."""
    found: list[str] = []
    ide.ctx.commands.register(Command("flasher.put", _("Put"), lambda: found.append("put")))
    return found


def said(ide: Studio) -> list[str]:
    return [str(one.text) for one in ide.ctx.notices.kept]


def test_an_empty_flash_is_told_once_and_one_click_mends_it(ide: Studio, put: list[str], qtbot) -> None:
    with RomChip("esp32c3") as rom:
        ide.ctx.board.use(rom.port)
        qtbot.waitUntil(lambda: bool(ide.ctx.notices.kept), timeout=_PATIENCE)
        assert said(ide) == [f"The board at {rom.port} has no MicroPython yet."]
        (action,) = ide.ctx.notices.kept[-1].actions
        assert str(action.title) == "Put MicroPython on it"
        heard = len(ide.printed)
        qtbot.waitUntil(lambda: len(ide.printed) > heard + 200, timeout=_PATIENCE)  # it goes on complaining
        assert len(ide.ctx.notices.kept) == 1
        action.run()
        assert put == ["put"]


def test_a_chip_that_is_brought_to_its_loader_is_told(ide: Studio, put: list[str], qtbot) -> None:
    with RomChip("esp32c3", wiring="button") as rom:
        rom.program()
        rom.flash[:] = b"\0" * len(rom.flash)
        rom.press_boot()
        ide.ctx.board.use(rom.port)
        qtbot.waitUntil(lambda: ide.ctx.board.state == "running", timeout=_PATIENCE)
        rom.press_boot()
        qtbot.waitUntil(lambda: bool(ide.ctx.notices.kept), timeout=_PATIENCE)
        assert said(ide) == [f"The board at {rom.port} waits in its loader for firmware."]


def test_the_loaders_own_usb_says_nothing_and_is_known_by_its_number(
    ide: Studio, put: list[str], qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RomChip("esp32s3", wiring="button") as rom:
        rom.press_boot()
        monkeypatch.setattr(usb, "ports", lambda: [UsbPort(rom.port, 0x303A, 0x0009)])
        ide.ctx.board.use(rom.port)
        qtbot.waitUntil(lambda: bool(ide.ctx.notices.kept), timeout=_PATIENCE)
        assert said(ide) == [f"The board at {rom.port} waits in its loader for firmware."]


def test_what_was_said_is_withdrawn_when_the_board_answers(ide: Studio, put: list[str], qtbot) -> None:
    withdrawn: list[object] = []
    ide.ctx.notices.withdrawn.connect(withdrawn.append)
    with RomChip("esp32c3") as rom:
        ide.ctx.board.use(rom.port)
        qtbot.waitUntil(lambda: bool(ide.ctx.notices.kept), timeout=_PATIENCE)
        rom.program()  # somebody else has flashed it
        qtbot.waitUntil(lambda: ide.ctx.board.identity is not None, timeout=_PATIENCE)
        qtbot.waitUntil(lambda: [str(one) for one in withdrawn] == said(ide), timeout=_PATIENCE)


def test_it_is_told_when_there_is_somebody_who_can_mend_it(ide: Studio, qtbot) -> None:
    with RomChip("esp32c3") as rom:
        ide.ctx.board.use(rom.port)
        qtbot.waitUntil(lambda: ide.printed.count(b"invalid header") > 3, timeout=_PATIENCE)
        assert said(ide) == []
        ide.ctx.commands.register(Command("flasher.put", _("Put"), lambda: None))
        assert said(ide) == [f"The board at {rom.port} has no MicroPython yet."]


def test_a_board_with_micropython_is_no_empty_one(ide: Studio, put: list[str], qtbot) -> None:
    with PtyBoard(FakeBoard()) as pty:
        ide.ctx.board.use(pty.path)
        qtbot.waitUntil(lambda: ide.ctx.board.identity is not None, timeout=_PATIENCE)
        ide.ctx.board.printed.emit(b"waiting for download\r\n" * 3)  # a program prints what it likes
        assert said(ide) == []
