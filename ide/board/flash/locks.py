"""The locks of an ESP32: its loader does not tell of them as newer ones do; its fuses can be read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ide.board.flash import commands, esptool, fuses
from ide.board.flash.commands import After, Before, Link, Way
from ide.board.flash.records import ChipFacts
from toolchains.host import Host
from toolchains.jobs import JobContext


def asked(ctx: JobContext, host: Host, address: str, chip: ChipFacts, before: Before, after: After) -> ChipFacts:
    """The facts of the chip at ``address`` with its locks; as they were where they are known or cannot be read."""
    if chip.security.known or chip.chip != "esp32":
        return chip
    with TemporaryDirectory(prefix="natmod-") as folder:
        start, size = fuses.block(chip.chip)
        file = Path(folder) / "fuses"
        link = Link(address, chip.chip, Way(None, stub=False), before, after)
        argv = commands.on_port(link, "dump-mem", hex(start), hex(size), str(file))
        _heard, code = esptool.run(ctx, host, argv)
        if code or not file.is_file() or file.stat().st_size != size:
            return chip
        found = fuses.security(chip.chip, fuses.words_of(start, file.read_bytes()), chip.revision)
    return replace(chip, security=found)
