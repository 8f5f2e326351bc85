"""Parts of a chip's flash: read into memory, and written without touching what is beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from ide.board.flash import detect, esptool, security
from ide.board.flash import write as writing
from ide.board.flash.errors import FlashError, SecureBoot
from ide.board.flash.records import ChipFacts, Flashed, FlashFile, FlashJob
from ide.board.flash.table import TABLE_OFFSET, TABLE_SIZE, Partition, Table, read_binary, with_implicit_vfs
from toolchains.errors import disk_errors
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.text import _
from toolchains.toolbox import Toolbox


class NoSuchPartition(FlashError):
    """The table on the board has no partition of this name, or none for files."""

    code = "flash.table.none"

    def __init__(self, name: str, there: Sequence[str]) -> None:
        super().__init__(
            _("The board has no partition {name}.", name=name)
            if name
            else _("The board has no partition for files (vfs or ffat)."),
            next_step=_("It has: {there}.", there=", ".join(there)) if there else None,
            name=name,
            there=tuple(there),
        )


class UnknownFlash(FlashError):
    """The loader does not tell how large the flash is."""

    code = "flash.size"

    def __init__(self, port: str) -> None:
        super().__init__(
            _("The chip at {port} does not tell how large its flash is.", port=port),
            next_step=_("Unplug the board, plug it in again, then try again."),
            port=port,
        )


def facts_of(ctx: JobContext, toolbox: Toolbox, port: str, facts: ChipFacts | None = None) -> ChipFacts:
    """What is known of the chip, or what its loader and its fuses say now."""
    return facts if facts is not None else detect.with_locks(ctx, toolbox, port)


def flash_size_of(facts: ChipFacts, port: str) -> int:
    """Bytes of flash. Raises UnknownFlash."""
    if not facts.flash_size:
        raise UnknownFlash(port)
    return facts.flash_size


def check_readable(facts: ChipFacts, port: str) -> None:
    """Raise SecureBoot for a chip whose flash cannot be read as what it means."""
    if not security.can_be_read(facts.security):
        raise SecureBoot(port, _("Its flash cannot be read: encryption or secure download is on."))


def read_region(ctx: JobContext, host: Host, port: str, chip: str, address: int, size: int) -> bytes:
    """``size`` bytes of flash from ``address``."""
    with TemporaryDirectory(prefix="natmod-", ignore_cleanup_errors=True) as folder:
        into = Path(folder) / f"{address:x}.bin"
        esptool.read(ctx, host, port, chip, address, size, into)
        with disk_errors(into):
            data = into.read_bytes()
    if len(data) != size:
        raise FlashError(_("Only {got} of {size} bytes came from the flash.", got=len(data), size=size))
    return data


def read_table(ctx: JobContext, host: Host, port: str, facts: ChipFacts) -> Table:
    """The table on the board, with the partition that the firmware makes itself. Raises BadTable."""
    data = read_region(ctx, host, port, facts.chip, TABLE_OFFSET, TABLE_SIZE)
    return with_implicit_vfs(read_binary(data), flash_size_of(facts, port))


def partition_of(table: Table, name: str, flash_size: int) -> Partition:
    """The partition of a name; of an empty one, that for files. Raises NoSuchPartition.

    One that reaches over the end of the flash is none: the table is for another board.
    """
    part = table.find(name) if name else table.vfs
    if part is None or part.size <= 0 or part.end > flash_size:
        raise NoSuchPartition(name, [row.name for row in table.partitions])
    return part


def write_pieces(
    ctx: JobContext,
    toolbox: Toolbox,
    port: str,
    facts: ChipFacts,
    pieces: Sequence[tuple[int, bytes]],
    *,
    reconnect: bool = True,
    patience: float | None = None,
) -> Flashed:
    """Write bytes at addresses, each in whole sectors. They are data, not firmware: nobody looks for a header."""
    security.check(port, facts.security)
    with TemporaryDirectory(prefix="natmod-", ignore_cleanup_errors=True) as folder:
        files = []
        for address, data in pieces:
            path = Path(folder) / f"{address:x}.bin"
            with disk_errors(path):
                path.write_bytes(data)
            files.append(FlashFile(address, path))
        job = FlashJob(port, facts.chip, tuple(files), force=True)
        return writing.write(ctx, toolbox, job, reconnect=reconnect, facts=facts, patience=patience)
