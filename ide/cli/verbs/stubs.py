"""``natmod stubs``: what the editor knows of Python on boards, per port and release."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ide.cli.verb import Session, Verb
from toolchains import board_stubs
from toolchains.errors import UsageError
from toolchains.pack_source import PackSource
from toolchains.text import _


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", default="list", choices=("list", "get"))
    parser.add_argument(
        "platform", nargs="?", choices=tuple(board_stubs.PACKAGES), help=str(_("get: the board's port"))
    )
    parser.add_argument("version", nargs="?", help=str(_("get: its MicroPython, such as 1.26.1")))
    parser.add_argument("--from", dest="source", metavar="PACK", help=str(_("get: a folder of wheels, or a pack")))


def _run(options: argparse.Namespace, session: Session) -> int:
    return _get(options, session) if options.action == "get" else _list(session)


def _get(options: argparse.Namespace, session: Session) -> int:
    if options.platform is None or options.version is None:
        raise UsageError(
            _("The port, or its MicroPython, is not named."),
            next_step=_("For example: {example}", example="natmod stubs get esp32 1.26.1"),
        )
    with _source(options.source, session) as source:
        got = board_stubs.get(session.ctx, session.toolbox.paths, options.platform, options.version, source)
    session.out.text(
        _("Code help knows {name} {version} now: {folder}", name=got.platform, version=got.release, folder=got.folder)
    )
    session.out.record(_record(got))
    return 0


@contextmanager
def _source(where: str | None, session: Session) -> Iterator[Path | None]:
    """A folder of wheels: the one that was named, or that of a pack, until the body ends; None for the network."""
    if where is None or any(Path(where).glob("*.whl")):
        yield Path(where) if where else None
        return
    with TemporaryDirectory() as folder, PackSource.open(session.ctx, where) as pack:
        yield pack.stubs(Path(folder)) or Path(folder)


def _list(session: Session) -> int:
    found = board_stubs.installed(session.toolbox.paths)
    session.out.record({"kind": "stubs", "stubs": [_record(one) for one in found]})
    if not found:
        session.out.text(_("There are none yet. Get some with: natmod stubs get esp32 1.26.1"))
        return 0
    session.out.table(
        (_("port"), _("MicroPython"), _("folder")), [(one.platform, one.release, one.folder) for one in found]
    )
    return 0


def _record(one: board_stubs.Stubs) -> dict[str, object]:
    return {"kind": "board-stubs", "platform": one.platform, "release": one.release, "folder": str(one.folder)}


VERB = Verb(
    "stubs",
    _("What code help knows of Python on boards: list, get"),
    _(
        """Stubs say which modules and functions a board has. They are kept beside Natmod Studio, by port and release.

  natmod stubs get esp32 1.26.1
  natmod stubs get rp2 1.26.1 --from wheels"""
    ),
    _arguments,
    _run,
)
