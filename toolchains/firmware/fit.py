"""Whether a firmware fits: the app in its partition, code and data in the memories of the chip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

from toolchains.errors import disk_errors
from toolchains.firmware import map_file
from toolchains.firmware.built import FirmwareBuilt
from toolchains.firmware.idf import partitions
from toolchains.firmware.idf.data import idf_data
from toolchains.firmware.image import BadImage

_ALLOCATED = 2


@dataclass(frozen=True)
class RegionUse:
    """A memory of the linker script: its name (``iram0_0_seg``), its bytes, and those that are taken."""

    name: str
    size: int
    used: int

    @property
    def left(self) -> int:
        """Bytes that are free."""
        return self.size - self.used


@dataclass(frozen=True)
class Fit:
    """``app_bytes`` of ``partition_bytes`` (None: no partition is in the way), and what is ``left`` of it; ``larger``:
    layouts (:func:`toolchains.firmware.idf.partitions.layout`) with more room for the app; ``regions`` from the map."""

    app_bytes: int
    partition_bytes: int | None
    left: int | None
    larger: tuple[str, ...]
    regions: tuple[RegionUse, ...]


def fit(built: FirmwareBuilt) -> Fit:
    """How a firmware that was just built fits. Raises ``BadImage``, ``DiskError``."""
    return fit_of(built.elf, built.files, built.product)


def fit_of(elf: Path, named: Mapping[str, Path], product: Path) -> Fit:
    """The same from files; see :attr:`FirmwareBuilt.files`."""
    app = named.get("app", product)
    with disk_errors(app):
        size = app.stat().st_size
    room = partitions.first_app(named["partitions"]) if "partitions" in named else None
    larger = partitions.larger(size, room) if room is not None else ()
    regions = _regions(elf, named["map"]) if "map" in named else ()
    return Fit(size, room, None if room is None else room - size, larger, regions)


def _regions(elf: Path, linker_map: Path) -> tuple[RegionUse, ...]:
    memories = [one for one in map_file.read(linker_map).memories if one.name not in idf_data()["mapped"]]
    with disk_errors(elf), elf.open("rb") as stream:
        try:
            taken = [
                (section["sh_addr"], section["sh_size"])
                for section in ELFFile(stream).iter_sections()
                if section["sh_flags"] & _ALLOCATED and section["sh_size"]
            ]
        except (ELFError, ValueError, KeyError) as error:
            raise BadImage(elf, str(error)) from error
    return tuple(
        RegionUse(one.name, one.size, sum(size for at, size in taken if one.start <= at < one.start + one.size))
        for one in memories
    )
