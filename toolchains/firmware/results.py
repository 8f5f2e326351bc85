"""The firmware that a project has built: its files, found by the records beside them.

The folder lies in the project, where anybody may have written: a record that makes no sense is passed over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolchains.errors import disk_errors
from toolchains.firmware.built import FOLDER, RECORD, folder_of
from toolchains.project import Project

_LARGEST = 1 << 20


@dataclass(frozen=True)
class Result:
    """One firmware. ``files`` are further ones by their kind, as in ``FirmwareBuilt``; ``record`` is what was said."""

    port: str
    folder: Path
    product: Path
    elf: Path
    files: Mapping[str, Path]
    record: Mapping[str, Any]


def result_of(project: Project) -> Result | None:
    """The last build of what natmod.toml names; None where there is none. Raises ``DiskError``."""
    return read(folder_of(project, project.firmware.label)) if project.firmware is not None else None


def results(root: Path) -> tuple[Result, ...]:
    """All that is built of a project, the newest first. Raises ``DiskError``."""
    place = root / FOLDER
    with disk_errors(place):
        records = [path for path in place.glob(f"*/{RECORD}") if path.is_file()]
        records.sort(key=lambda path: -path.stat().st_mtime_ns)
    return tuple(found for path in records if (found := read(path.parent)) is not None)


def read(folder: Path) -> Result | None:
    """The firmware in a folder of results; None where there is none."""
    path = folder / RECORD
    with disk_errors(path):
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return None
        text = path.read_text("utf-8", "replace")
    try:
        record = json.loads(text)
        names = record.get("files", {})
        files = {str(kind): folder / Path(str(name)).name for kind, name in names.items()}
        product = folder / Path(str(record["product"])).name
        elf = folder / Path(str(record.get("elf", product.name))).name
        port = str(record["port"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    there = {kind: path for kind, path in files.items() if path.is_file()}
    return Result(port, folder, product, elf, there, record) if product.is_file() and elf.is_file() else None
