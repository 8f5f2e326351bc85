"""``natmod rm``: files and folders of the board, removed."""

from __future__ import annotations

import argparse

from ide.board.files import change
from ide.board.files.errors import IsFolder
from ide.cli.board_paths import HELP, on_board
from ide.cli.the_board import the_board
from ide.cli.verb import Session, Verb, add_board
from toolchains.text import _


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar=":PATH", help=str(HELP))
    parser.add_argument("-r", "--recursive", action="store_true", help=str(_("a folder with all that is in it")))
    add_board(parser)


def _run(options: argparse.Namespace, session: Session) -> int:
    with the_board(options, session) as board:
        paths = [path.rstrip("/") or "/" for path in on_board(session.ctx, board, options.paths)]
        try:
            gone = change.remove(session.ctx, board, paths, recursive=options.recursive)
        except IsFolder as folder:
            raise IsFolder(folder.path, _("Add -r to remove all that is in it.")) from None
    session.out.record({"kind": "rm", "removed": gone})
    for path in gone:
        session.out.text(_("removed {path}", path=path))
    return 0


VERB = Verb(
    "rm",
    _("remove files from a board"),
    _(
        "When one of them is not there, none is removed. A folder that is not empty wants -r.\n"
        "Examples: natmod rm :old.py; natmod rm -r :/lib/sensors"
    ),
    _arguments,
    _run,
)
