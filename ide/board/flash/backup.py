"""Backups: the whole flash, one partition, or the files of a board, each with its table and the hashes of all parts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Unpack

from ide.board.flash import fsimage, image, on_chip
from ide.board.flash.backup_manifest import MANIFEST, TABLE_CSV, BackupKind, KeptFile, Manifest, Member
from ide.board.flash.backup_place import Backup, folder_of, making, open_backup, zipped
from ide.board.flash.errors import WrongImage
from ide.board.flash.fsimage import FilesystemDamaged, Unpacked
from ide.board.flash.on_chip import Chip, Reach
from ide.board.flash.records import ChipFacts
from ide.board.flash.table import TABLE_OFFSET, TABLE_SIZE, BadTable, Partition, Table, read_binary, with_implicit_vfs
from ide.board.flash.table_csv import write_csv
from toolchains.chips import chips
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.text import _
from toolchains.toolbox import Toolbox

_FLASH, _FILES = "flash.bin", "files"


class How(Reach, total=False):
    """How a backup is made. ``into``: the folder that it goes to, if not the person's backups; ``as_file``: one .zip
    file there instead of a folder."""

    into: Path | None
    as_file: bool


def flash(ctx: JobContext, toolbox: Toolbox, port: str, **how: Unpack[How]) -> Backup:
    """Keep the whole flash of the board at ``port``.

    Raises leaves of :mod:`ide.board.flash.errors`, DiskError; so do the others here.
    """
    with _opened(ctx, toolbox, port, how) as chip, _making(ctx, toolbox, _name(chip.facts, "flash"), how) as part:
        chip.read_to(0, chip.flash_size, part / _FLASH)
        with disk_errors(part):
            data = (part / _FLASH).read_bytes()
        firmware = _firmware(data, chip.facts.chip)
        _finish(part, chip.facts, "flash", _table_in(data), image_name=_FLASH, firmware=firmware)
    return _open(ctx, part, as_file=how.get("as_file", False))


def partition(ctx: JobContext, toolbox: Toolbox, port: str, name: str, **how: Unpack[How]) -> Backup:
    """Keep one partition of the board: its name, ``vfs`` also where the firmware makes it itself."""
    with _opened(ctx, toolbox, port, how) as chip:
        table = chip.table()
        found = on_chip.partition_of(table, name, chip.flash_size)
        with _making(ctx, toolbox, _name(chip.facts, "partition", found.name), how) as part:
            member = "partition.bin"
            chip.read_to(found.offset, found.size, part / member)
            _finish(part, chip.facts, "partition", table, image_name=member, partition=found.name,
                    address=found.offset)  # fmt: skip
    return _open(ctx, part, as_file=how.get("as_file", False))


def files(ctx: JobContext, toolbox: Toolbox, port: str, **how: Unpack[How]) -> Backup:
    """Keep the files of the board, as files, and the image that they came from, so that nothing can be lost.

    A damaged filesystem is no error: the image is kept, and what could be read of it.
    """
    with _opened(ctx, toolbox, port, how) as chip:
        table = chip.table()
        vfs = on_chip.partition_of(table, "", chip.flash_size)
        data = chip.read(vfs.offset, vfs.size)
    into, as_file = how.get("into"), how.get("as_file", False)
    return files_of(ctx, toolbox, chip.facts, table, vfs, data, into=into, as_file=as_file)


def files_of(
    ctx: JobContext,
    toolbox: Toolbox,
    facts: ChipFacts,
    table: Table,
    vfs: Partition,
    data: bytes,
    *,
    into: Path | None = None,
    as_file: bool = False,
) -> Backup:
    """The same, of an image of a partition for files that was read already."""
    name = _name(facts, "files", vfs.name if vfs != table.vfs else "")
    with making(ctx, into or folder_of(toolbox.paths), name) as part:
        with disk_errors(part):
            (part / "image.bin").write_bytes(data)
        unpacked = _unpacked(ctx, data, part / _FILES)
        kept = tuple(
            KeptFile(file.path, file.folder, "" if file.folder else f"{_FILES}/{name}")
            for file, name in zip(unpacked.files, unpacked.names, strict=True)
        )
        _finish(
            part, facts, "files", table, image_name="image.bin", partition=vfs.name, address=vfs.offset,
            filesystem=fsimage.content_of(data), kept=kept, unpacked=unpacked,
        )  # fmt: skip
    return _open(ctx, part, as_file=as_file)


@contextmanager
def _opened(ctx: JobContext, toolbox: Toolbox, port: str, how: How) -> Iterator[Chip]:
    """The chip, where it can be read."""
    with on_chip.opened(ctx, toolbox, port, how.get("facts"), how.get("before", "default-reset")) as chip:
        chip.check_readable()
        yield chip


def _making(ctx: JobContext, toolbox: Toolbox, name: str, how: How) -> AbstractContextManager[Path]:
    return making(ctx, how.get("into") or folder_of(toolbox.paths), name)


def _unpacked(ctx: JobContext, data: bytes, into: Path) -> Unpacked:
    try:
        found = fsimage.unpack(ctx, data, into)
        return found if found.files or not data.strip(b"\xff") else replace(found, whole=False)
    except FilesystemDamaged as error:
        ctx.note(_("The files of the board could not be read; the whole partition is kept as it is."))
        ctx.log(error.detail)
        return Unpacked((), (), False)


def _finish(
    part: Path,
    facts: ChipFacts,
    kind: BackupKind,
    table: Table | None,
    *,
    image_name: str,
    partition: str = "",
    address: int = 0,
    firmware: str = "",
    filesystem: str = "",
    kept: tuple[KeptFile, ...] = (),
    unpacked: Unpacked | None = None,
) -> None:
    """Write the table and the manifest of what is in the folder."""
    with disk_errors(part):
        if table is not None:
            (part / TABLE_CSV).write_text(write_csv(table), "utf-8", newline="\n")
        paths = sorted(path for path in part.rglob("*") if path.is_file())
        members = tuple(_member(part, path) for path in paths)
        manifest = Manifest(
            kind=kind,
            created=datetime.now().astimezone().isoformat(timespec="seconds"),
            chip=facts.chip,
            description=facts.description,
            mac=facts.mac,
            flash_size=facts.flash_size or 0,
            firmware=firmware,
            partition=partition,
            address=address,
            image=image_name,
            members=members,
            filesystem=filesystem,
            files=kept,
            broken=unpacked.broken if unpacked is not None else (),
            whole=unpacked.whole if unpacked is not None else True,
        )
        (part / MANIFEST).write_text(manifest.to_json(), "utf-8", newline="\n")


def _member(part: Path, path: Path) -> Member:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Member(path.relative_to(part).as_posix(), path.stat().st_size, digest)


def _open(ctx: JobContext, part: Path, *, as_file: bool) -> Backup:
    """The backup whose folder has just got the name of a whole one (:func:`backup_place.making`)."""
    place = part.with_name(part.name.removesuffix(".part"))
    return open_backup(zipped(ctx, place) if as_file else place)


def _name(facts: ChipFacts, kind: BackupKind, what: str = "") -> str:
    """``2026-11-27_070501_esp32c3_7cdfa1000001_flash``; ``what`` is of a table that nobody trusts."""
    stamp = datetime.now().strftime("%Y-%m-%d_%H%M%S")
    word = "".join(letter for letter in what if letter.isascii() and letter.isalnum())
    parts = [stamp, facts.chip, facts.mac.replace(":", ""), kind, word]
    return "_".join(part for part in parts if part)


def _table_in(data: bytes) -> Table | None:
    """The table in a whole flash; a flash without one is kept all the same."""
    try:
        return with_implicit_vfs(read_binary(data[TABLE_OFFSET : TABLE_OFFSET + TABLE_SIZE]), len(data))
    except BadTable:
        return None


def _firmware(data: bytes, chip: str) -> str:
    """The banner of the MicroPython in a whole flash, empty when there is none."""
    start = chips()[chip].flash_offset if chip in chips() else 0
    try:
        python = image.read(data[start:], "flash").python
    except WrongImage:
        return ""
    return f"{python.kind} {python.version}" if python is not None else ""
