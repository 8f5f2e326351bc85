"""A heap map in a file, to be compared with later. A file may have been made by anybody: bounded and checked."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ide.board.memory.heap_map import SCHEMA, HeapMap
from ide.board.memory.mem_info import Area, MemInfo
from toolchains.errors import StudioError, disk_errors
from toolchains.jobs import JobContext
from toolchains.text import Text, _

_KIND = "heap"
_LARGEST = 16 << 20
_MOST_AREAS = 256
_BLOCKS = re.compile(r"[A-Za-z.=?]*")
_BLOCK_SIZES = (16, 32)


class BadHeapFile(StudioError):
    """What should be a saved heap map is none."""

    code = "heap.file"

    def __init__(self, path: Path, why: Text) -> None:
        super().__init__(
            _("{path} is no saved heap map.", path=path),
            why=why,
            next_step=_("Make one with: natmod heap --save {name}", name=path.name),
        )


def save(ctx: JobContext, path: Path, heap: HeapMap) -> None:
    """Write ``heap`` to ``path``. Raises DiskError."""
    record = {"kind": _KIND, "at": heap.at, "total": heap.info.total, **heap.to_json()}
    with disk_errors(path):
        part = path.with_name(f"{path.name}.part")
        part.write_text(json.dumps(record), "utf-8")
        ctx.host.replace(part, path)


def load(path: Path) -> HeapMap:
    """The map in ``path``. Raises BadHeapFile, DiskError."""
    with disk_errors(path):
        if path.stat().st_size > _LARGEST:
            raise BadHeapFile(path, _("It is too long."))
        text = path.read_bytes()
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        raise BadHeapFile(path, _("It is no JSON.")) from None
    heap = _heap(record)
    if heap is None:
        raise BadHeapFile(path, _("It was made by another program, or by a newer Natmod Studio."))
    return heap


def _heap(record: object) -> HeapMap | None:
    if not isinstance(record, dict) or (record.get("kind"), record.get("schema")) != (_KIND, SCHEMA):
        return None
    at, size, rows = record.get("at"), record.get("block_size"), record.get("areas")
    if not isinstance(at, int | float) or size not in _BLOCK_SIZES or not isinstance(rows, list):
        return None
    areas = [_area(row) for row in rows[:_MOST_AREAS]]
    whole = tuple(area for area in areas if area is not None)
    if len(whole) != len(rows):
        return None
    growth, total = record.get("growth"), record.get("total")
    info = MemInfo(
        total=total if isinstance(total, int) else None,
        growth=growth if isinstance(growth, int) else None,
        areas=whole,
        block_size=size,
        truncated=bool(record.get("truncated")),
    )
    return HeapMap(float(at), info, collected=bool(record.get("collected")))


def _area(row: object) -> Area | None:
    if not isinstance(row, dict):
        return None
    address, blocks = row.get("address"), row.get("blocks")
    if not isinstance(address, int) or not 0 <= address < 1 << 64 or not isinstance(blocks, str):
        return None
    return Area(address, len(blocks), blocks.encode("ascii")) if _BLOCKS.fullmatch(blocks) else None
