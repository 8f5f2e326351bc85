"""``natmod mv``: another name or place for a file or folder of the board."""

from __future__ import annotations

import argparse
import posixpath

from ide.board.files import browse, change
from ide.cli.board_paths import HELP, on_board
from ide.cli.the_board import the_board
from ide.cli.verb import Session, Verb, add_board
from toolchains.text import _


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", metavar=":OLD", help=str(HELP))
    parser.add_argument("new", metavar=":NEW", help=str(_("its new name, or the folder that it goes into")))
    parser.add_argument("-f", "--force", action="store_true", help=str(_("in the place of a file that is there")))
    add_board(parser)


def _run(options: argparse.Namespace, session: Session) -> int:
    with the_board(options, session) as board:
        old, new = on_board(session.ctx, board, [options.old, options.new])
        old = old.rstrip("/") or "/"
        if new.endswith("/") or browse.kinds(session.ctx, board, [new])[new] == "folder":
            new = posixpath.join(new, posixpath.basename(old))
        change.rename(session.ctx, board, old, new, overwrite=options.force)
    session.out.record({"kind": "mv", "old": old, "new": new})
    return 0


VERB = Verb(
    "mv",
    _("rename or move a file on a board"),
    _("Nothing is sent for it. Examples: natmod mv :main.py :old.py; natmod mv :driver.py :/lib/"),
    _arguments,
    _run,
)
