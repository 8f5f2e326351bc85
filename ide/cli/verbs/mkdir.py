"""``natmod mkdir``: folders on the board."""

from __future__ import annotations

import argparse

from ide.board.files import change
from ide.cli.board_paths import HELP, on_board
from ide.cli.the_board import the_board
from ide.cli.verb import Session, Verb, add_board
from toolchains.text import _


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folders", nargs="+", metavar=":FOLDER", help=str(HELP))
    add_board(parser)


def _run(options: argparse.Namespace, session: Session) -> int:
    with the_board(options, session) as board:
        folders = on_board(session.ctx, board, options.folders)
        for folder in folders:
            change.make_folder(session.ctx, board, folder)
    session.out.record({"kind": "mkdir", "folders": folders})
    return 0


VERB = Verb(
    "mkdir",
    _("make a folder on a board"),
    _("Those above it are made as well; one that is there is no error. Example: natmod mkdir :/lib/sensors"),
    _arguments,
    _run,
)
