"""``natmod ls``: what is in a folder of the board."""

from __future__ import annotations

import argparse
import posixpath
import time

from ide.board.files import browse
from ide.board.files.records import Entry, Listing
from ide.cli.board_paths import HELP, on_board
from ide.cli.the_board import the_board
from ide.cli.verb import Session, Verb, add_board
from toolchains.text import _
from toolchains.units import size_text


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", default=":", metavar=":FOLDER", help=str(HELP))
    parser.add_argument("-r", "--recursive", action="store_true", help=str(_("all that is below it, too")))
    add_board(parser)


def _run(options: argparse.Namespace, session: Session) -> int:
    with the_board(options, session) as board:
        (folder,) = on_board(session.ctx, board, [options.folder])
        look = browse.list_tree if options.recursive else browse.list_folder
        listing = look(session.ctx, board, folder)
    session.out.record({"kind": "ls", **listing.to_json()})
    if listing.entries:
        rows = [_row(entry, listing.folder) for entry in listing.entries]
        session.out.table((_("size"), _("changed"), _("name")), rows, right={0})
    else:
        session.out.text(_("There is nothing in {folder}.", folder=listing.folder))
    _tell_space(session, listing)
    return 0


def _row(entry: Entry, folder: str) -> tuple[object, ...]:
    size = "" if entry.size is None else size_text(entry.size)
    when = "" if entry.modified is None else time.strftime("%Y-%m-%d %H:%M", time.gmtime(entry.modified))
    name = posixpath.relpath(entry.path, folder) + "/" * entry.is_folder
    return size, when, name if name.isprintable() else repr(name)


def _tell_space(session: Session, listing: Listing) -> None:
    if listing.cut:
        session.out.text(_("There is more; only the first {n} are shown.", n=browse.MOST_ENTRIES))
    if listing.filesystem is not None:
        free, total = listing.filesystem.free, listing.filesystem.total
        session.out.text(_("{free} of {total} free", free=size_text(free), total=size_text(total)))


VERB = Verb(
    "ls",
    _("list the files of a board"),
    _("Without a folder: where the board starts. Examples: natmod ls; natmod ls -r :/lib"),
    _arguments,
    _run,
)
