"""The options of ``natmod flash``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from toolchains.text import _


def add(parser: argparse.ArgumentParser, actions: Sequence[str]) -> None:
    """All of them; most belong to ``write``."""
    parser.add_argument("action", nargs="?", default="detect", choices=actions)
    parser.add_argument(
        "what",
        nargs="*",
        metavar="WHAT",
        help=str(
            _(
                "backup: files (default), flash or a partition's name; restore: a backup; erase: a partition's name "
                "(default: everything); label: the label; all: ports"
            )
        ),
    )
    parser.add_argument(
        "--port",
        action="append",
        default=[],
        metavar="PORT",
        help=str(_("COM3, /dev/ttyUSB0, socket://host:port, sim:esp32 … (default: the one that is plugged in)")),
    )
    parser.add_argument("--wait", action="store_true", help=str(_("wait until somebody presses the buttons")))
    parser.add_argument("--thorough", action="store_true", help=str(_("detect: ask the chip itself, too; resets it")))
    _add_write(parser)
    _add_flash(parser)
    _add_partitions(parser)
    _add_many(parser)


def _add_write(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(str(_("write, all, verify")))
    source = group.add_mutually_exclusive_group()
    source.add_argument(
        "--firmware",
        default="",
        metavar="WORD",
        help=str(_("a .bin file, a build's folder, BOARD[-VARIANT][@VERSION], or a release such as 1.26.1")),
    )
    source.add_argument(
        "--flasher-args", type=Path, metavar="FILE", help=str(_("the flasher_args.json of a build: several files"))
    )
    source.add_argument(
        "--line", metavar="TEXT", help=str(_("an esptool line, new or old: 'esptool.py … write_flash …'"))
    )
    group.add_argument("--erase", choices=("all", "keep"), help=str(_("all of the flash first, or keep the files")))
    group.add_argument(
        "--no-backup", action="store_true", help=str(_("do not keep the files before an erase or restore"))
    )
    group.add_argument("--force", action="store_true", help=str(_("write what does not fit the board all the same")))
    group.add_argument("--baud", type=int, metavar="RATE", help=str(_("the speed (default: as fast as it works)")))
    group.add_argument(
        "--merge",
        type=Path,
        metavar="OUT",
        help=str(_("with --flasher-args or --line: make one image, write no board")),
    )
    group.add_argument(
        "--chip", metavar="CHIP", help=str(_("with --merge: for which chip, where the line does not say"))
    )
    group.add_argument(
        "--refresh", action="store_true", help=str(_("look first for newer firmware on micropython.org; detect, too"))
    )
    group.add_argument(
        "--from", dest="source", metavar="PACK", help=str(_("firmware out of a pack: a file, a folder or an address"))
    )


def _add_flash(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(str(_("backup, erase, rescue")))
    group.add_argument(
        "--out", type=Path, metavar="PATH", help=str(_("where the backup goes: a folder, or a file that ends in .zip"))
    )
    group.add_argument(
        "--allow-erase",
        action="store_true",
        help=str(_("rescue: erase the files if nothing else helps; keeps a backup")),
    )


def _add_partitions(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(str(_("partitions, and write with another table")))
    table = group.add_mutually_exclusive_group()
    table.add_argument("--template", metavar="NAME", help=str(_("a table of ours; 'list' shows them")))
    table.add_argument("--csv", type=Path, metavar="FILE", help=str(_("the table in this file (CSV or binary)")))
    group.add_argument(
        "--add", action="append", default=[], metavar="NAME,TYPE,SUBTYPE,OFFSET,SIZE",
        help=str(_("one more partition; without an offset, in the first gap")),
    )  # fmt: skip
    group.add_argument("--remove", action="append", default=[], metavar="NAME", help=str(_("without this partition")))
    group.add_argument(
        "--resize", action="append", default=[], metavar="NAME=SIZE",
        help=str(_("another size, like factory=2M; what follows makes room")),
    )  # fmt: skip
    group.add_argument("--save", type=Path, metavar="FILE", help=str(_("keep the table as CSV; writes no board")))
    group.add_argument("--folder", type=Path, metavar="FOLDER", help=str(_("make these the files of the board")))


def _add_many(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(str(_("all")))
    group.add_argument("--project", type=Path, metavar="FOLDER", help=str(_("install this project on each board, too")))
    group.add_argument("--no-test", action="store_true", help=str(_("without the smoke test")))
    group.add_argument(
        "--sheet", type=Path, metavar="PATH", help=str(_("where the page to print goes: a folder, or an .html file"))
    )
    group.add_argument("--title", default="", help=str(_("the heading of that page, such as the name of a class")))
