"""Why a board's filesystem has the size it has: the chip's flash, the table, and the firmware that wrote it."""

from __future__ import annotations

from collections.abc import Iterator

from ide.board.flash.errors import chip_title
from ide.board.flash.table import Partition
from ide.board.storage.on_board import Mount, Storage
from toolchains.catalog_records import version_key
from toolchains.text import Text, _
from toolchains.units import size_text

#: The release that began to ask the flash itself how large it is, and to take all that is left of it for files.
_SINCE = "1.26.0"
#: A filesystem's own needs are less than this share of its partition (FAT keeps a few sectors).
_OWN = 0.9
#: Less than that at the end of the flash is not worth a word: tables end at whole sectors of 64 kB.
_WORTH = 1 << 16


def why(storage: Storage, chip_flash: int | None = None) -> tuple[Text, ...]:
    """Sentences, the most important first. ``chip_flash``: what the loader says the chip has, in bytes, or None."""
    if not storage.parts:
        return (_no_partitions(storage),)
    flash = chip_flash or storage.flash_size
    return (*_files(storage, flash), *_flash(storage, chip_flash))


def _no_partitions(storage: Storage) -> Text:
    if storage.chip is not None:
        return _("This firmware does not tell how the flash is divided (it has no esp32.Partition).")
    return _("Where files are is fixed in this board's firmware; only boards with an ESP32 have a partition table.")


def _files(storage: Storage, flash: int | None) -> Iterator[Text]:
    vfs = storage.vfs
    if vfs is None:
        yield from _no_files(storage, flash)
        return
    if vfs.implicit:
        yield _(
            "The place for files has {size}: all of the flash that is left behind {last}. The firmware takes it when "
            "it starts; it is in no partition table.",
            size=size_text(vfs.size),
            last=_before(storage, vfs),
        )
    else:
        yield _(
            "The place for files has {size} because the partition table says so ({name}, from {start} to {end}).",
            size=size_text(vfs.size),
            name=vfs.name,
            start=f"0x{vfs.offset:x}",
            end=f"0x{vfs.end:x}",
        )
    mount = storage.mount_of(vfs)
    if mount is not None:
        yield from _smaller(vfs, mount)
    elif not any(other.path == "/" for other in storage.mounts):
        yield _("No filesystem is mounted from it: there is none yet, or it is damaged.")
    yield from _unused(storage, vfs, flash)
    yield from _two_apps(storage)


def _before(storage: Storage, vfs: Partition) -> str:
    ends = [row for row in storage.table.partitions if row != vfs and row.end <= vfs.offset]
    return max(ends, key=lambda row: row.end).name if ends else "0"


def _no_files(storage: Storage, flash: int | None) -> Iterator[Text]:
    lost = storage.written.vfs if storage.written is not None else None
    if lost is not None and flash is not None and lost.end > flash:
        yield _(
            "There is no place for files: the partition table has one that ends at {end}, and the flash has {flash}. "
            "The firmware was made for a larger flash.",
            end=size_text(lost.end),
            flash=size_text(flash),
        )
        yield _("Write firmware for a flash of this size, or another table: natmod flash partitions.")
        return
    yield _("There is no place for files: no partition is called vfs or ffat.")
    if flash is not None and storage.table.end >= flash:
        yield _("The partitions take all of the flash.")


def _smaller(vfs: Partition, mount: Mount) -> Iterator[Text]:
    total = mount.total
    if total is None:
        return
    if total < vfs.size * _OWN:
        yield _(
            "The filesystem on it has only {total}: it was made when its partition was smaller, and keeps its size "
            "until it is made anew.",
            total=size_text(total),
        )
    elif mount.kind == "littlefs" and mount.block is not None:
        yield _(
            "Files take whole blocks of {block}; small ones share one with their folder, and two are littlefs's own.",
            block=size_text(mount.block),
        )


def _unused(storage: Storage, vfs: Partition, flash: int | None) -> Iterator[Text]:
    end = storage.table.end
    if flash is None or flash - end < _WORTH:
        return
    yield _(
        "{left} at the end of the flash are not used: the flash has {flash}, and the table ends at {end}.",
        left=size_text(flash - end),
        flash=size_text(flash),
        end=size_text(end),
    )
    if not _asks_the_flash(storage):
        yield _(
            "The firmware (MicroPython {version}) was made for a flash of {end}; from {since} on it takes all that "
            "there is.",
            version=storage.version,
            end=size_text(end),
            since=_SINCE.removesuffix(".0"),
        )
    elif not vfs.implicit:
        yield _("A table without a row for {name} lets the firmware take all that is left.", name=vfs.name)


def _two_apps(storage: Storage) -> Iterator[Text]:
    apps = [part for part in storage.parts if part.partition.is_app]
    idle = [part.partition for part in apps if not part.running]
    if len(apps) > 1 and any(part.running for part in apps):
        yield _(
            "{size} are kept for firmware that comes over the air ({names}); a table with one app has more room for "
            "files.",
            size=size_text(sum(row.size for row in idle)),
            names=", ".join(row.name for row in idle),
        )


def _flash(storage: Storage, chip_flash: int | None) -> Iterator[Text]:
    size = storage.flash_size
    if chip_flash is not None and size is not None and chip_flash != size:
        yield _(
            "The chip has {chip} of flash, and the firmware takes it for {firmware}.",
            chip=size_text(chip_flash),
            firmware=size_text(size),
        )
    elif chip_flash is None and size is not None and not _asks_the_flash(storage):
        yield _(
            "The firmware takes the flash for {firmware}, which is what it was made for; the {chip} may have more. "
            "Its loader knows: natmod flash detect --thorough.",
            firmware=size_text(size),
            chip=chip_title(storage.chip or ""),
        )


def _asks_the_flash(storage: Storage) -> bool:
    return version_key(storage.version) >= version_key(_SINCE)
