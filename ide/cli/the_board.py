"""The board of a verb that needs no project: named, or the one that any verb would take in this folder."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ide.board.boards import Boards, choose_address
from ide.board.link import Board
from ide.cli.verb import Session
from toolchains import lab
from toolchains.errors import ProjectError


def address_of(options: argparse.Namespace, session: Session) -> str:
    """``--board``; else that of the project here, the room's, the one that is plugged in, a simulated one.

    Raises BoardChoice.
    """
    if options.board:
        return str(options.board)
    from toolchains import project  # here, because a board that is named needs no project

    try:
        here = project.load(Path()).board
    except ProjectError:  # no project: nothing to know
        here = None
    return here or choose_address(session.toolbox.host, lab.if_good(session.toolbox.paths).board)


@contextmanager
def the_board(options: argparse.Namespace, session: Session) -> Iterator[Board]:
    """The board, open until the body ends."""
    with Boards(session.toolbox) as boards:
        yield boards.open(session.ctx, address_of(options, session))
