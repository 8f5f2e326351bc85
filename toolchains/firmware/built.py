"""What a firmware is built of and what comes out, as records; shared by the ways to build one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from toolchains.errors import FirmwareError
from toolchains.firmware.boards import Target
from toolchains.firmware.make import Staging
from toolchains.firmware.table import FirmwareTable
from toolchains.firmware.user_modules import UserModule
from toolchains.host import Host
from toolchains.paths import Paths
from toolchains.project import Project
from toolchains.sdk_tree import SdkTree
from toolchains.text import _

#: Where the results are, in the project.
FOLDER = Path(".natmod") / "firmware"
#: Beside the firmware: the linker's map, and what it was built of.
MAP, RECORD = "linker.map", "build.json"


class NoFirmwareTable(FirmwareError):
    """The project makes no firmware."""

    code = "firmware.none"

    def __init__(self, name: str) -> None:
        super().__init__(
            _("The project {name} makes no firmware: natmod.toml has no table [firmware].", name=name),
            next_step=_('Add one, for example: [firmware] with the line port = "unix"'),
        )


@dataclass(frozen=True)
class FirmwareRequest:
    """What to build, with which MicroPython."""

    project: Project
    sdk: SdkTree

    @property
    def table(self) -> FirmwareTable:
        """The project's table. Raises :class:`NoFirmwareTable`."""
        return table_of(self.project)


def table_of(project: Project) -> FirmwareTable:
    """The project's table. Raises :class:`NoFirmwareTable`."""
    if project.firmware is None:
        raise NoFirmwareTable(project.name)
    return project.firmware


@dataclass(frozen=True)
class FirmwareBuilt:
    """``product`` is the file to run or flash, ``elf`` the one with symbols; ``seconds`` the whole took.

    ``files`` are further ones by their kind: ``map``; of the ESP32 also ``app`` (micropython.bin), ``bootloader``,
    ``partitions`` (the binary table), ``sdkconfig``, and ``uf2`` where the chip takes one.
    """

    target: Target
    folder: Path
    product: Path
    elf: Path
    modules: tuple[UserModule, ...]
    seconds: float
    record: Mapping[str, object] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)


def folder_of(project: Project, label: str) -> Path:
    """Where the results of a project are, for one port, board and variant."""
    return project.root / FOLDER / "-".join(label.split())


@dataclass(frozen=True)
class Job:
    """One build: what is asked for, what that means in the tree, and the folder that it is done in."""

    request: FirmwareRequest
    target: Target
    modules: tuple[UserModule, ...]
    stage: Staging
    host: Host
    paths: Paths

    @property
    def sdk(self) -> SdkTree:
        """The MicroPython tree."""
        return self.request.sdk

    @property
    def table(self) -> FirmwareTable:
        """The project's table."""
        return self.request.table


@dataclass(frozen=True)
class Made:
    """What a port's own build left in its build folder. ``files``: see :class:`FirmwareBuilt`, what is missing may be
    named; ``record``: what it was built with, for the record."""

    product: Path
    elf: Path
    files: Mapping[str, Path] = field(default_factory=dict)
    record: Mapping[str, object] = field(default_factory=dict)


def link_name(number: int, folder: str) -> str:
    """What the folder of a user module is called in the build: nothing that make would split, none twice."""
    plain = "".join(char if char.isascii() and (char.isalnum() or char in "_-") else "_" for char in folder)
    return f"{number}-{plain}"


def write_changed(path: Path, text: str) -> None:
    """Write a text file, unless it says that already: what depends on it is not made again."""
    if not path.is_file() or path.read_text("utf-8") != text:
        path.write_text(text, "utf-8")
