"""Parts of a chip's flash: read into memory, and written without touching what is beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypedDict, TypeVar

from ide.board import simulator
from ide.board.flash import detect, esptool, follow, security
from ide.board.flash import write as writing
from ide.board.flash.commands import After, Before
from ide.board.flash.errors import FlashError, SecureBoot
from ide.board.flash.records import ChipFacts, Flashed, FlashFile, FlashJob
from ide.board.flash.table import TABLE_OFFSET, TABLE_SIZE, Partition, Table, read_binary, with_implicit_vfs
from ide.board.flash.usb import Track
from toolchains.errors import disk_errors
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.text import _
from toolchains.toolbox import Toolbox

T = TypeVar("T")
#: What a flash erases at once, in bytes; and how many files may be in one command line (Windows: 32 767 letters).
_BLOCK, _MOST_BLOCKS = 64 << 10, 128


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


def flash_size_of(facts: ChipFacts, port: str) -> int:
    """Bytes of flash. Raises UnknownFlash."""
    if not facts.flash_size:
        raise UnknownFlash(port)
    return facts.flash_size


def partition_of(table: Table, name: str, flash_size: int) -> Partition:
    """The partition of a name; of an empty one, that for files. Raises NoSuchPartition.

    One that reaches over the end of the flash is none: the table is for another board.
    """
    part = table.find(name) if name else table.vfs
    if part is None or part.size <= 0 or part.end > flash_size:
        raise NoSuchPartition(name, [row.name for row in table.partitions])
    return part


class Reach(TypedDict, total=False):
    """How a chip is reached. ``facts``: what is known of it, which spares a question; ``before``: see :class:`Chip`."""

    facts: ChipFacts | None
    before: Before


@dataclass(frozen=True)
class Chip:
    """A chip at ``address``, which is what has to be opened; ``port`` is what the person calls it.

    ``before`` "no-reset": a person brought it to its loader, and there it stays until it is written. ``track``: what
    was plugged in at first, for each step restarts it, and that may give its own USB another address.
    """

    ctx: JobContext
    toolbox: Toolbox
    port: str
    address: str
    facts: ChipFacts
    before: Before = "default-reset"
    track: Track | None = None

    @property
    def flash_size(self) -> int:
        """Bytes of flash. Raises UnknownFlash."""
        return flash_size_of(self.facts, self.port)

    def check_readable(self) -> None:
        """Raise SecureBoot for a chip whose flash cannot be read as what it means."""
        if not security.can_be_read(self.facts.security):
            raise SecureBoot(self.port, _("Its flash cannot be read: encryption or secure download is on."))

    def _there(self, work: Callable[[str], T]) -> T:
        """``work`` at the address where the chip is now. Raises Unplugged, and what it raises."""
        track = self.track or Track.at(self.address)
        return follow.reached(self.ctx, track, self.facts.mac, work)

    @property
    def _words(self) -> tuple[JobContext, Host, str, Before]:
        return self.ctx, self.toolbox.host, self.facts.chip, self.before

    def read_to(self, address: int, size: int, into: Path) -> None:
        """``size`` bytes of flash from ``address`` into a file."""
        ctx, host, chip, before = self._words
        self._there(lambda at: esptool.read(ctx, host, at, chip, address, size, into, before=before))

    def read(self, address: int, size: int) -> bytes:
        """``size`` bytes of flash from ``address``."""
        with TemporaryDirectory(prefix="natmod-", ignore_cleanup_errors=True) as folder:
            into = Path(folder) / f"{address:x}.bin"
            self.read_to(address, size, into)
            with disk_errors(into):
                data = into.read_bytes()
        if len(data) != size:
            raise FlashError(_("Only {got} of {size} bytes came from the flash.", got=len(data), size=size))
        return data

    def table(self) -> Table:
        """The table on the board, with the partition that the firmware makes itself. Raises BadTable."""
        return with_implicit_vfs(read_binary(self.read(TABLE_OFFSET, TABLE_SIZE)), self.flash_size)

    def erase(self, region: tuple[int, int] | None = None, *, force: bool = False) -> None:
        """Erase the whole flash, or ``region``: (address, size), both whole sectors."""
        ctx, host, chip, before = self._words
        self._there(lambda at: esptool.erase(ctx, host, at, chip, region, force=force, before=before))

    def verify(self, files: Sequence[FlashFile], job: FlashJob | None = None) -> None:
        """Compare the flash with files. ``job``: as for :func:`esptool.verify`. Raises Mismatch."""
        ctx, host, chip, before = self._words
        self._there(lambda at: esptool.verify(ctx, host, at, chip, files, job=job, before=before))

    def write(
        self, pieces: Sequence[tuple[int, bytes]], *, reconnect: bool = True, patience: float | None = None
    ) -> Flashed:
        """Write bytes at addresses, each in whole sectors. They are data, not firmware: nobody looks for a header.

        They go in blocks, and a block that is in the flash already is left alone: the chip makes an MD5 of it, which
        takes it a second for some megabytes; reading them back over the line would take minutes.
        """
        security.check(self.port, self.facts.security)
        with TemporaryDirectory(prefix="natmod-", ignore_cleanup_errors=True) as folder:
            files = []
            for address, data in in_blocks(pieces):
                path = Path(folder) / f"{address:x}.bin"
                with disk_errors(path):
                    path.write_bytes(data)
                files.append(FlashFile(address, path))
            job = FlashJob(self.port, self.facts.chip, tuple(files), force=True, only_changes=True)

            def put(at: str) -> Flashed:
                to = replace(job, port=at) if self.address == self.port else job
                return writing.write(
                    self.ctx, self.toolbox, to, reconnect=reconnect, facts=self.facts, patience=patience,
                    before=self.before,
                )  # fmt: skip

            done = self._there(put)
        return replace(done, command="")  # its files are gone: nobody can run it again


def in_blocks(pieces: Sequence[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """The same bytes in pieces of at most 64 kB that begin at multiples of it, as flash is erased; of more when they
    would be too many for a command line."""
    total = sum(len(data) for _address, data in pieces)
    most = _BLOCK * max(1, -(-total // (_BLOCK * _MOST_BLOCKS)))
    for address, data in pieces:
        at = 0
        while at < len(data):
            end = min(len(data), at + most - (address + at) % most)
            yield address + at, data[at:end]
            at = end


@contextmanager
def opened(
    ctx: JobContext,
    toolbox: Toolbox,
    port: str,
    facts: ChipFacts | None = None,
    before: Before = "default-reset",
) -> Iterator[Chip]:
    """The chip at ``port``, also of a simulated board, which is held meanwhile. ``facts`` spares the question."""
    with simulator.held_port(ctx, toolbox, port) as address:
        track = Track.at(address)
        if facts is None:
            after: After = "no-reset" if before == "no-reset" else "hard-reset"
            facts = detect.with_locks(ctx, toolbox, address, before, after)
        yield Chip(ctx, toolbox, port, address, facts, before, track)
