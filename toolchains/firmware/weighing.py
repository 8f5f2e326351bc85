"""The sizes of a project's last firmware."""

from __future__ import annotations

import json
from pathlib import Path

from toolchains.errors import FirmwareError, disk_errors
from toolchains.firmware import sizes
from toolchains.firmware.built import MAP, RECORD, folder_of, link_name, table_of
from toolchains.firmware.sizes import Sizes
from toolchains.project import Project
from toolchains.text import _


class NotBuilt(FirmwareError):
    """There is no firmware to weigh."""

    code = "firmware.not-built"

    def __init__(self, label: str) -> None:
        super().__init__(
            _("There is no firmware for {name} yet.", name=label),
            next_step=_("Build it first: natmod firmware build"),
            label=label,
        )


def weigh(project: Project) -> Sizes:
    """What the last build made weighs. Raises ``NoFirmwareTable``, :class:`NotBuilt`, ``BadImage``, ``DiskError``."""
    label = table_of(project).label
    return weigh_folder(folder_of(project, label), label)


def weigh_folder(folder: Path, label: str) -> Sizes:
    """What the firmware in a folder of results weighs. Raises :class:`NotBuilt`, ``BadImage``, ``DiskError``."""
    with disk_errors(folder):
        text = (folder / RECORD).read_text("utf-8") if (folder / RECORD).is_file() else "{}"
    try:
        record = json.loads(text)
        elf = folder / Path(str(record.get("elf", record["product"]))).name
        modules = {
            link_name(number, str(row["folder"]).rpartition("/")[2]): ", ".join(map(str, row["names"]))
            for number, row in enumerate(record["modules"])
        }
    except (ValueError, KeyError, TypeError) as error:  # a folder that anybody may have written
        raise NotBuilt(label) from error
    if not elf.is_file():
        raise NotBuilt(label)
    return sizes.read(elf, folder / MAP, modules)
