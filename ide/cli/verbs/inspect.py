"""``natmod inspect``: what is in an .mpy, and whether a board can load it."""

from __future__ import annotations

import argparse
from pathlib import Path

from ide.board.boards import Boards
from ide.cli.verb import Session, Verb
from toolchains import mpyfile
from toolchains.errors import disk_errors
from toolchains.text import _
from toolchains.units import size_text


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help=str(_("an .mpy file")))
    parser.add_argument("--board", metavar="PORT", help=str(_("a board: can it load the file?")))


def _run(options: argparse.Namespace, session: Session) -> int:
    with disk_errors(options.file):
        data = options.file.read_bytes()
    mpy = mpyfile.read(data)
    session.out.record({"kind": "mpy", "path": str(options.file), **mpy.to_json()})
    rows: list[tuple[object, object]] = [
        (_("format"), f".mpy {mpy.version}.{mpy.sub_version}"),
        (_("architecture"), mpyfile.arch_text(mpy.arch_number)),
        (_("file"), size_text(len(data))),
    ]
    sections = (
        (_("code"), mpy.text),
        (_("constants"), mpy.rodata),
        (_("variables"), mpy.bss),
        (_("bytecode"), mpy.bytecode),
    )
    rows += [(name, size_text(n)) for name, n in sections]
    rows.append((_("names"), ", ".join(mpy.qstrs)))
    session.out.table((_("what"), options.file.name), rows)
    if options.board:
        with Boards(session.toolbox) as boards:
            mpyfile.check_loads(mpy, boards.open(session.ctx, options.board).identity(session.ctx).mpy)
        session.out.text(_("{board} can load it.", board=options.board))
    return 0


VERB = Verb(
    "inspect",
    _("show what is in an .mpy file"),
    _("With --board it also says whether that board can load the file, and if not, why."),
    _arguments,
    _run,
)
