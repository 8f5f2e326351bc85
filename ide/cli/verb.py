"""What a verb of the command line is, and what it is given."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ide.cli.output import Output
from toolchains import lab
from toolchains.errors import StudioError
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.text import Text, _
from toolchains.toolbox import Toolbox

if TYPE_CHECKING:
    from ide.board.link import Board


@dataclass
class Session:
    """One call of ``natmod``: the job, what is shown, and the engine (made when first asked for)."""

    ctx: JobContext
    out: Output

    @cached_property
    def toolbox(self) -> Toolbox:
        """The engine's parts for this user. What is wrong with the room's presets is said."""
        try:
            lab.use_mirror(Paths.of(self.ctx.host))
        except StudioError as error:
            self.ctx.note(error.what)
        return Toolbox.of(self.ctx.host)

    @contextmanager
    def typing(self) -> Iterator[Callable[[Board], None]]:
        """Gives a function that, once called with a board, passes typed text to it until the body ends."""
        from ide.cli.keyboard import typing

        with ExitStack() as stack:
            yield lambda board: stack.enter_context(typing(self.ctx.cancel)).attach(board)

    def close(self) -> None:
        """End what was started."""
        if "toolbox" in self.__dict__:
            self.toolbox.close()


@dataclass(frozen=True)
class Verb:
    """One verb: its one-line help, its longer teaching, its arguments, and what it does (returns the exit code)."""

    name: str
    help: Text
    teach: Text
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Session], int]


def add_board(parser: argparse.ArgumentParser) -> None:
    """The board option, the same on every verb."""
    parser.add_argument(
        "--board",
        metavar="PORT",
        help=str(
            _(
                "COM3, /dev/ttyUSB0, socket://host:port, rfc2217://host:port, sim:rv32, sim:esp32c3 … "
                "(default: the project's; else the one that is plugged in; else a simulated one)"
            )
        ),
    )


def add_tools(parser: argparse.ArgumentParser) -> None:
    """The options that choose the MicroPython sources and the compiler."""
    parser.add_argument("--sdk", metavar="VERSION", help=str(_("MicroPython version to build against, such as 1.26.1")))
    parser.add_argument("--compiler", metavar="NAME", help=str(_("compiler to use: zig, gcc, or a path")))
