"""``natmod inspect``: what is in an .mpy file, and whether a board can load it."""

from __future__ import annotations

import argparse
from pathlib import Path

from ide.board.boards import Boards
from ide.board.errors import OtherSdk
from ide.board.inspect import Identity
from ide.board.link import Board
from ide.board.pipeline import check_sdk
from ide.cli.verb import Session, Verb
from toolchains import mpy_loads, mpy_words, mpyfile
from toolchains.jobs import JobContext
from toolchains.mpy_loads import NotLoadable
from toolchains.mpyfile import MpyFile
from toolchains.text import _


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help=str(_("an .mpy file")))
    parser.add_argument("--board", metavar="PORT", help=str(_("a board: can it load the file?")))


def _run(options: argparse.Namespace, session: Session) -> int:
    mpy = mpyfile.read_file(options.file)
    session.out.table((_("what"), options.file.name), mpy_words.rows(mpy))
    record: dict[str, object] = {"kind": "mpy", "path": str(options.file), **mpy.to_json()}
    if options.board is None:
        session.out.record(record)
        return 0
    with Boards(session.toolbox) as boards:
        board = boards.open(session.ctx, options.board)
        identity = board.identity(session.ctx)
        refusal = _refusal(session.ctx, mpy, board, identity)
    remarks = mpy_loads.remarks(mpy, identity.loader)
    session.out.record(
        {
            **record,
            "board": {"address": options.board, **identity.to_json()},
            "loads": refusal is None,
            "reason": None if refusal is None else str(refusal),
            "remarks": [str(remark) for remark in remarks],
        }
    )
    if refusal is not None:
        raise refusal
    session.out.text(_("{board} can load it.", board=options.board))
    for remark in remarks:
        session.out.text(remark)
    return 0


def _refusal(ctx: JobContext, mpy: MpyFile, board: Board, identity: Identity) -> NotLoadable | OtherSdk | None:
    try:
        mpy_loads.check_loads(mpy, identity.loader)
        check_sdk(ctx, board, mpy)
    except (NotLoadable, OtherSdk) as error:
        return error
    return None


VERB = Verb(
    "inspect",
    _("show what is in an .mpy file"),
    _("With --board it also says whether that board can load the file, and if not, why."),
    _arguments,
    _run,
)
