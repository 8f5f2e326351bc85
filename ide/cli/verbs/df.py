"""``natmod df``: the filesystems of a board, and how full they are."""

from __future__ import annotations

import argparse

from ide.board.storage import explain, on_board
from ide.board.storage.on_board import Mount, mount_record
from ide.cli.the_board import the_board
from ide.cli.verb import Session, Verb, add_board
from toolchains.text import _
from toolchains.units import percent_text, size_text

Row = tuple[object, ...]


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_board(parser)
    parser.add_argument("--why", action="store_true", help=str(_("say why the place for files has its size")))


def _run(options: argparse.Namespace, session: Session) -> int:
    with the_board(options, session) as board:
        found = on_board.look(session.ctx, board)
    session.out.record({"kind": "df", "mounts": [mount_record(mount) for mount in found.mounts]})
    if not found.mounts:
        session.out.text(_("This board has no filesystem."))
    else:
        head = (_("folder"), _("kind"), _("size"), _("used"), _("free"), _("blocks"), _("partition"))
        session.out.table(head, [_row(mount) for mount in found.mounts], right={2, 3, 4, 5})
    if options.why or not found.mounts:
        for text in explain.why(found):
            session.out.text(text)
    return 0


def _row(mount: Mount) -> Row:
    kind = f"{mount.kind}, {_('read only')}" if mount.read_only else mount.kind
    if mount.total is None or mount.free is None or mount.used is None:
        return (mount.path, kind, "", "", "", "", mount.partition)
    used = f"{size_text(mount.used)} ({percent_text(mount.used, mount.total)})"
    blocks = f"{mount.blocks} × {size_text(mount.block or 0)}"
    return (mount.path, kind, size_text(mount.total), used, size_text(mount.free), blocks, mount.partition)


VERB = Verb(
    "df",
    _("show how full a board's filesystems are"),
    _(
        "All that is mounted, with block counts. natmod partitions shows the flash below them.\n"
        "Examples: natmod df; natmod df --why"
    ),
    _arguments,
    _run,
)
