"""``natmod boards``: what is plugged in, and who it is."""

from __future__ import annotations

import argparse

from ide.board import simulator
from ide.board.boards import Boards
from ide.board.flash import trouble
from ide.board.ports import list_ports
from ide.cli.output import error_record
from ide.cli.verb import Session, Verb
from toolchains.text import _
from toolchains.units import size_text


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("port", nargs="?", help=str(_("ask this board who it is (COM3, /dev/ttyUSB0, sim:rv32 …)")))


def _run(options: argparse.Namespace, session: Session) -> int:
    return _identify(options.port, session) if options.port else _list(session)


def _list(session: Session) -> int:
    ports = [(port.address, port.title) for port in list_ports()]
    host = session.ctx.host
    sims = [(kind.address, str(kind.listed(host))) for kind in simulator.kinds().values() if kind.available(host)]
    session.out.table((_("port"), _("board")), [*ports, *sims])
    for broken in simulator.plugged()[1]:
        session.out.error(broken.error)
    without = trouble.without_driver(host, trouble.Plugged.now(session.ctx))
    for lacking in without:
        session.out.error(lacking)
    session.out.record(
        {
            "kind": "boards",
            "boards": [{"address": a, "title": t} for a, t in [*ports, *sims]],
            "without_port": [error_record(lacking) for lacking in without],
        }
    )
    return 0


def _identify(address: str, session: Session) -> int:
    with Boards(session.toolbox) as boards:
        identity = boards.open(session.ctx, address).identity(session.ctx)
    session.out.record({"kind": "board", "address": address, **identity.to_json()})
    arch = identity.arch.name if identity.arch else str(_("none: it loads no native modules"))
    rows = [
        (_("board"), identity.machine),
        (_("MicroPython"), f"{identity.version}  (.mpy {identity.mpy_version[0]}.{identity.mpy_version[1]})"),
        (_("architecture"), arch),
        (
            _("heap"),
            _("{free} free, {used} used", free=size_text(identity.heap_free), used=size_text(identity.heap_used)),
        ),
    ]
    session.out.table((_("port"), address), rows)
    return 0


VERB = Verb(
    "boards",
    _("list the boards, or ask one who it is"),
    _("Examples: natmod boards; natmod boards COM3; natmod boards sim:rv32"),
    _arguments,
    _run,
)
