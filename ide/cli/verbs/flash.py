"""``natmod flash``: what is on a port, firmware onto it, and what can be done with a flash besides."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from ide.cli import flash_options
from ide.cli.verb import Session, Verb
from toolchains.text import _


def _run(options: argparse.Namespace, session: Session) -> int:
    return _ACTIONS[options.action](options, session)


def _detect(options: argparse.Namespace, session: Session) -> int:
    from ide.cli import flash_look

    return flash_look.detect(options, session)


def _write(options: argparse.Namespace, session: Session) -> int:
    from ide.cli import flash_write

    return flash_write.run(options, session)


def _erase(options: argparse.Namespace, session: Session) -> int:
    from ide.cli import flash_keep

    return flash_keep.erase(options, session)


def _backup(options: argparse.Namespace, session: Session) -> int:
    from ide.cli import flash_keep

    return flash_keep.backup(options, session)


def _restore(options: argparse.Namespace, session: Session) -> int:
    from ide.cli import flash_keep

    return flash_keep.restore(options, session)


def _verify(options: argparse.Namespace, session: Session) -> int:
    from ide.cli import flash_verify

    return flash_verify.run(options, session)


def _partitions(options: argparse.Namespace, session: Session) -> int:
    from ide.cli import flash_partitions

    return flash_partitions.run(options, session)


def _rescue(options: argparse.Namespace, session: Session) -> int:
    from ide.cli import flash_rescue

    return flash_rescue.run(options, session)


def _label(options: argparse.Namespace, session: Session) -> int:
    from ide.cli import flash_look

    return flash_look.label(options, session)


def _all(options: argparse.Namespace, session: Session) -> int:
    from ide.cli import flash_many

    return flash_many.run(options, session)


_ACTIONS: dict[str, Callable[[argparse.Namespace, Session], int]] = {
    "detect": _detect,
    "write": _write,
    "erase": _erase,
    "backup": _backup,
    "restore": _restore,
    "verify": _verify,
    "partitions": _partitions,
    "rescue": _rescue,
    "label": _label,
    "all": _all,
}

VERB = Verb(
    "flash",
    _("put MicroPython on a board, or on many; back up, restore, rescue, partitions"),
    _(
        "Without a firmware, the official one that fits the board is taken, and said why. Before all is erased, the\n"
        "files of the board are kept on this computer.\n"
        "Examples: natmod flash; natmod flash write --port COM3; natmod flash write --firmware 1.26.1;\n"
        "natmod flash backup flash --port COM3 --out board.zip; natmod flash all --project blinker"
    ),
    lambda parser: flash_options.add(parser, tuple(_ACTIONS)),
    _run,
)
