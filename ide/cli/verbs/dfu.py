"""``natmod dfu``: firmware onto STM32 boards over USB, by their own loader (DFU) and dfu-util."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable
from pathlib import Path

from ide.cli.verb import Session, Verb, add_board
from toolchains.errors import UsageError
from toolchains.firmware import dfu, dfu_image
from toolchains.text import _
from toolchains.units import size_text

#: What MicroPython calls the port of all STM32 boards.
_STM32 = "pyboard"
#: Sent to the board, which is away before it could answer.
_ENTER = "import machine\nmachine.bootloader()"


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=tuple(_ACTIONS))
    parser.add_argument("file", nargs="?", type=Path, help=str(_("write: the firmware, a .dfu, .bin or .hex")))
    parser.add_argument("--serial", metavar="NUMBER", help=str(_("which board, by its USB serial number")))
    parser.add_argument(
        "--at", metavar="ADDRESS", type=_number, help=str(_("where a .bin goes, or what to erase from"))
    )
    parser.add_argument("--size", metavar="BYTES", type=_number, help=str(_("erase: how many bytes from --at")))
    parser.add_argument("--all", action="store_true", help=str(_("erase: the whole flash")))
    parser.add_argument("--stay", action="store_true", help=str(_("write: stay in DFU mode afterwards")))
    add_board(parser)


def _number(text: str) -> int:
    return int(text, 0)


def _run(options: argparse.Namespace, session: Session) -> int:
    return _ACTIONS[options.action](options, session)


def _list(options: argparse.Namespace, session: Session) -> int:
    found = dfu.listed(session.ctx)
    for board in found:
        session.out.record(
            {
                "kind": "dfu-board",
                "serial": board.serial,
                "path": board.path,
                "name": board.name,
                "flash": board.flash_size,
                "sectors": [[one.address, one.size] for one in board.sectors],
            }
        )
    if not found:
        session.out.text(_("No board in DFU mode is connected."))
        return 0
    session.out.table(
        (_("serial number"), _("USB socket"), _("flash"), _("from")),
        [
            (one.serial, one.path, size_text(one.flash_size), f"0x{one.sectors[0].address:08x}" if one.sectors else "")
            for one in found
        ],
    )
    return 0


def _write(options: argparse.Namespace, session: Session) -> int:
    if options.file is None:
        raise UsageError(
            _("The firmware is not named."), next_step=_("Type it like this: natmod dfu write firmware.dfu")
        )
    return write(session, options.file, options.at, options.serial, leave=not options.stay)


def write(
    session: Session, path: Path, address: int | None = None, serial: str | None = None, *, leave: bool = True
) -> int:
    """Write a file onto the board in DFU mode, and start it."""
    file = dfu_image.read(path, address)
    board = dfu.chosen(session.ctx, serial)
    dfu.write(session.ctx, board, file, leave=leave)
    session.out.text(_("Written: {file} ({size}).", file=path.name, size=size_text(file.size)))
    session.out.record({"kind": "dfu-write", "serial": board.serial, "bytes": file.size, "started": leave})
    return 0


def _erase(options: argparse.Namespace, session: Session) -> int:
    if options.all == (options.at is not None):
        raise UsageError(
            _("What is to be erased is not named."),
            next_step=_(
                "The whole flash: natmod dfu erase --all; a part: natmod dfu erase --at 0x08004000 --size 65536"
            ),
        )
    board = dfu.chosen(session.ctx, options.serial)
    erased = dfu.erase(session.ctx, board, None if options.all else options.at, options.size or 1)
    total = sum(one.size for one in erased)
    session.out.text(_("Erased: {size}.", size=size_text(total)))
    session.out.record({"kind": "dfu-erase", "serial": board.serial, "sectors": [[s.address, s.size] for s in erased]})
    return 0


def _leave(options: argparse.Namespace, session: Session) -> int:
    dfu.leave(session.ctx, dfu.chosen(session.ctx, options.serial))
    session.out.text(_("The board starts its program."))
    session.out.record({"kind": "dfu-leave"})
    return 0


def _enter(options: argparse.Namespace, session: Session) -> int:
    from ide.board.errors import BoardGone, BoardRestarted, BoardSilent, BoardTimeout
    from ide.cli.the_board import the_board

    with the_board(options, session) as board:
        if board.identity(session.ctx).platform != _STM32:
            raise UsageError(
                _("This board has no DFU mode: it is no STM32."),
                next_step=_("Write its firmware with: natmod flash write"),
            )
        # As meant: its port is away.
        with contextlib.suppress(BoardGone, BoardRestarted, BoardSilent, BoardTimeout):
            board.exec(session.ctx, _ENTER, timeout=2, checked=False)
    session.out.text(_("The board goes into DFU mode. See it with: natmod dfu list"))
    session.out.record({"kind": "dfu-enter"})
    return 0


_ACTIONS: dict[str, Callable[[argparse.Namespace, Session], int]] = {
    "list": _list,
    "write": _write,
    "erase": _erase,
    "leave": _leave,
    "enter": _enter,
}

VERB = Verb(
    "dfu",
    _("write firmware to STM32 boards over USB (DFU)"),
    _(
        "The board has to be in DFU mode: natmod dfu enter --board COM3, or hold BOOT0 while you press NRST.\n"
        "Examples: natmod dfu list; natmod dfu write firmware.dfu; natmod dfu erase --at 0x08004000 --size 65536;\n"
        "natmod dfu erase --all; natmod dfu leave"
    ),
    _arguments,
    _run,
)
