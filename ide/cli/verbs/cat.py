"""``natmod cat``: what is in files of the board."""

from __future__ import annotations

import argparse
import base64

from ide.board.files import transfer
from ide.cli.board_paths import HELP, on_board
from ide.cli.the_board import the_board
from ide.cli.verb import Session, Verb, add_board
from toolchains.text import _


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar=":FILE", help=str(HELP))
    add_board(parser)


def _run(options: argparse.Namespace, session: Session) -> int:
    with the_board(options, session) as board:
        for path in on_board(session.ctx, board, options.files):
            content = transfer.read_file(session.ctx, board, path)
            data = content.data
            session.out.record(
                {"kind": "cat", "path": path, "bytes": len(data), "sha256": content.sha256, **_content(data)}
            )
            if not options.json:
                session.out.raw(data)
    return 0


def _content(data: bytes) -> dict[str, str]:
    """Text where it is text, else base64."""
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


VERB = Verb(
    "cat",
    _("show a file of a board"),
    _("The bytes as they are: into a pipe, too. Example: natmod cat :boot.py"),
    _arguments,
    _run,
)
