"""Which toolchains can be had: Espressif's, by version and platform, and what the system's own packages offer.

Our own list is ``resources/catalog/espressif.json``, made from ESP-IDF's tools.json files by ``studio.py catalog``. A
person can import a newer tools.json; it is kept in the data folder and read anew, and checked again, by each process.
"""

from __future__ import annotations

import hashlib
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

from toolchains import idf_tools
from toolchains.catalog_records import (
    ALSO_RUNS,
    PLATFORMS,
    CatalogBroken,
    Checked,
    File,
    Release,
    minor_key,
    release_from,
    release_record,
    version_key,
)
from toolchains.errors import StudioError, disk_errors
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.micropython_releases import minors
from toolchains.paths import Paths
from toolchains.system_catalog import SystemPackage, system_package, system_programs
from toolchains.text import _

__all__ = [
    "ALSO_RUNS",
    "PLATFORMS",
    "Catalog",
    "CatalogBroken",
    "Checked",
    "File",
    "Release",
    "SystemPackage",
    "platform_key",
    "release_from",
    "release_record",
    "system_package",
    "system_programs",
    "version_key",
]

_MACHINES = {
    ("linux", "x86_64"): "linux-amd64",
    ("linux", "amd64"): "linux-amd64",
    ("linux", "aarch64"): "linux-arm64",
    ("linux", "armv8l"): "linux-arm64",
    ("linux", "armv7l"): "linux-armel",
    ("linux", "arm"): "linux-armel",
    ("linux", "i686"): "linux-i686",
    ("macos", "x86_64"): "macos",
    ("macos", "aarch64"): "macos-arm64",
    ("windows", "x86_64"): "win64",
    ("windows", "x86"): "win32",
    ("windows", "aarch64"): "win-arm64",
}
_EM_ARM, _EM_AARCH64, _EF_ARM_HARD_FLOAT = 40, 183, 0x400


@dataclass(frozen=True)
class Catalog:
    """All releases that are known, those of a tool oldest first; and what is wrong with imported files."""

    releases: tuple[Release, ...]
    problems: tuple[StudioError, ...] = ()
    folder: Path | None = None

    @staticmethod
    def of(paths: Paths) -> Catalog:
        """Our own list, then what was imported; an imported row never replaces one of ours."""
        folder = paths.data / "catalog"
        imported: list[Release] = []
        problems: list[StudioError] = []
        for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
            try:
                imported += idf_tools.read(idf_tools.load(path), path.name)
            except StudioError as error:
                problems.append(error)
        return Catalog(tuple(idf_tools.merge([*idf_tools.builtin_releases(), *imported])), tuple(problems), folder)

    def get(self, name: str) -> Release | None:
        """The release called ``tool@version``; with the tool alone, its newest. None: there is none."""
        tool, at, version = name.partition("@")
        found = [one for one in self.releases if one.tool == tool and (not at or one.version == version)]
        return found[-1] if found else None

    def for_arch(self, arch: str, platform: str | None, micropython: str | None = None) -> list[Release]:
        """The compilers of native modules for ``arch`` that run on a platform, the smallest download first.

        ``micropython``: the release (``1.26.1``) whose mpy_ld.py links; one that we do not know yet counts as the
        newest that we know.
        """
        known = None if micropython is None else min(micropython, minors()[-1], key=minor_key)
        found = [(one, one.file_for(platform)) for one in self.releases if one.serves(arch, known)]
        sized = [(file.size, one) for one, file in found if file is not None]
        return [one for _size, one in sorted(sized, key=lambda pair: (pair[0], pair[1].id))]

    def for_firmware(self, chip: str, idf: str) -> list[Release]:
        """The compilers that an ESP-IDF release (``v5.5.2``) lists for the firmware of a chip."""
        return [one for one in self.releases if one.kind == "gcc" and chip in one.chips and idf in one.idf]

    def import_file(self, ctx: JobContext, path: Path) -> list[Release]:
        """Check a tools.json and keep a copy of it; what it adds (nothing: it is not kept).

        Raises CatalogBroken. This catalogue stays as it is: ask :meth:`of` for one with the new rows.
        """
        with ctx.step(_("Read {name}", name=path.name)):
            raw = idf_tools.load(path)
            known = {release.id for release in self.releases}
            new = [one for one in idf_tools.merge(idf_tools.read(raw, path.name)) if one.id not in known]
            if new and self.folder is not None:
                plain = f"tools-{hashlib.sha256(raw).hexdigest()[:8]}.json"
                with disk_errors(self.folder):
                    self.folder.mkdir(parents=True, exist_ok=True)
                    (self.folder / (path.name if idf_tools.idf_in_name(path.name) else plain)).write_bytes(raw)
        return new


def platform_key(host: Host, python: Path | None = None) -> str | None:
    """What Espressif calls this machine (facts: idf_tools.py), one of :data:`PLATFORMS`; None: nothing is made for it.

    On 32-bit ARM the running Python (``python``) tells which of the two float conventions the system has.
    """
    key = _MACHINES.get((host.system, host.machine))
    return _arm_key(Path(sys.executable) if python is None else python) if key == "linux-armel" else key


def _arm_key(python: Path) -> str:
    try:
        with python.open("rb") as file:
            header = file.read(40)
        machine, flags = struct.unpack_from("<H", header, 18)[0], struct.unpack_from("<I", header, 36)[0]
    except (OSError, struct.error):
        return "linux-armel"
    if machine == _EM_AARCH64:
        return "linux-arm64"
    return "linux-armhf" if machine == _EM_ARM and flags & _EF_ARM_HARD_FLOAT else "linux-armel"
