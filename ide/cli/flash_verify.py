"""``natmod flash verify``: is on the board what should be there?"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from ide.board.flash import compare
from ide.board.flash.commands import Before
from ide.board.flash.facts_words import chip_words
from ide.board.flash.known_boards import identify
from ide.board.flash.picks import chip_of
from ide.board.flash.records import BoardFacts
from ide.cli.flash_parts import facts_record, on_chip_of, words_of
from ide.cli.flash_write import override_told, picker_of
from ide.cli.verb import Session
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
        found = compare.compare(ctx, box, facts.port, pick.job, chip, Path(folder), before)
        parts = [{"address": file.address, "size": file.path.stat().st_size} for file in found.parts]
    if found.header is not None:
        session.out.text(found.header)
    n = len(parts)
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
         "parts": parts, "header": str(found.header) if found.header is not None else None}
    )  # fmt: skip
    return 0


def _running(facts: BoardFacts) -> str:
    """The name of the official firmware that runs there; empty where nobody knows."""
    known = identify(facts.running) if facts.running is not None else None
    if known is None or facts.running is None:
        return ""
    board, variant = known
    return f"{board}-{variant}@{facts.running.version}" if variant else f"{board}@{facts.running.version}"
