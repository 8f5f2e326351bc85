"""Why there is no board to choose, as it shows since the panel looked for the first time."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ide.board.flash import trouble
from ide.board.flash.trouble import NoBoardPort, NoDataLines, OtherDevice, Plugged
from ide.board.flash.usb import UsbPort
from ide.board.flash.usb_tree import UsbDevice
from ide.panels.flasher.doors import Doors
from toolchains.host import Host
from toolchains.jobs import JobContext

MOUSE, STICK = UsbDevice(0x046D, 0xC077, "a mouse"), UsbDevice(0x0951, 0x1666, "a stick")
BOARD = UsbPort("COM3", 0x10C4, 0xEA60)


def test_what_was_plugged_in_meanwhile_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    ctx, there = JobContext(Host("windows", "x86_64")), [Plugged((), (MOUSE,))]
    monkeypatch.setattr(trouble.Plugged, "now", staticmethod(lambda _ctx: there[-1]))
    nobody: Any = SimpleNamespace()
    doors = Doors(nobody)
    assert type(doors.why_no_port(ctx)) is NoBoardPort
    assert isinstance(doors.why_no_port(ctx), NoDataLines)  # something was plugged in that the computer does not see
    there.append(Plugged((), (MOUSE, STICK)))
    for _look in range(2):
        error = doors.why_no_port(ctx)
        assert isinstance(error, OtherDevice)
        assert "a stick" in str(error)
    there.append(Plugged((BOARD,), (MOUSE,)))
    assert doors.why_no_port(ctx) is None
    there.append(Plugged((), (MOUSE,)))
    assert type(doors.why_no_port(ctx)) is NoBoardPort
