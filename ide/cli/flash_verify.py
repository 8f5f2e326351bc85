"""``natmod flash verify``: is on the board what should be there?"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from ide.board import simulator
from ide.board.flash import esptool, image
from ide.board.flash.commands import Before
from ide.board.flash.errors import WrongImage
from ide.board.flash.facts_words import chip_words
from ide.board.flash.known_boards import identify
from ide.board.flash.picks import chip_of
from ide.board.flash.records import BoardFacts, FlashFile
from ide.board.flash.table import TABLE_OFFSET, TABLE_SIZE
from ide.cli.flash_parts import facts_record, on_chip_of, words_of
from ide.cli.flash_write import override_told, picker_of
from ide.cli.verb import Session
from toolchains.errors import disk_errors
from toolchains.text import _, _n


def run(options: argparse.Namespace, session: Session) -> int:
    """Compare the flash with a firmware, by MD5: with the one that is named, else with the one that runs there."""
    words_of(options, 0)
    return on_chip_of(options, session, lambda facts, before: _compared(options, session, facts, before))


def _compared(options: argparse.Namespace, session: Session, facts: BoardFacts, before: Before) -> int:
    ctx, box, chip = session.ctx, session.toolbox, chip_of(facts)
    if not (options.firmware or options.flasher_args or options.line):
        options.firmware = _running(facts)
    with picker_of(options, session) as picker, override_told(options), TemporaryDirectory(prefix="natmod-") as folder:
        pick = picker(ctx, facts, chip)
        session.out.text(_("{port}: {board}", port=facts.port, board=chip_words(facts)))
        files = [piece for file in pick.job.files for piece in pieces(file, Path(folder))]
        with simulator.held_port(ctx, box, facts.port) as address:
            esptool.verify(ctx, box.host, address, chip.chip, files, job=pick.job, before=before)
        parts = [{"address": file.address, "size": file.path.stat().st_size} for file in files]
    n = len(files)
    session.out.text(
        _n(
            "The board has {firmware}: {n} part was compared.",
            "The board has {firmware}: {n} parts were compared.",
            n,
            firmware=pick.title,
        )
    )
    session.out.record(
        {"kind": "flash-verify", "board": facts_record(facts), "firmware": pick.title, "same": True,
         "parts": parts}
    )  # fmt: skip
    return 0


def _running(facts: BoardFacts) -> str:
    """The name of the official firmware that runs there; empty where nobody knows."""
    known = identify(facts.running) if facts.running is not None else None
    if known is None or facts.running is None:
        return ""
    board, variant = known
    return f"{board}-{variant}@{facts.running.version}" if variant else f"{board}@{facts.running.version}"


def pieces(file: FlashFile, folder: Path) -> Iterator[FlashFile]:
    """The parts of a whole firmware that stay as they were written. Between them are settings, which change."""
    try:
        found = image.read(file.path)
    except WrongImage:  # a table, a filesystem: as it is
        yield file
        return
    if found.kind != "whole" or found.app is None:
        yield file
        return
    table = TABLE_OFFSET - file.address
    for name, begin, size in (
        ("bootloader", found.first.offset, found.first.size),
        ("table", table, TABLE_SIZE),
        ("program", found.app.offset, found.app.size),
    ):
        path = folder / f"{file.path.stem}-{name}.bin"
        with disk_errors(path):
            path.write_bytes(found.data[begin : begin + size])
        yield FlashFile(file.address + begin, path)
