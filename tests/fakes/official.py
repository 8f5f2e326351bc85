"""Official firmware as if it had been downloaded before: the file, and its hash as of then."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager

from ide.board.flash.firmware import FirmwareCatalog, folder_of
from tests.fakes import images
from toolchains.paths import Paths


@contextmanager
def downloaded(paths: Paths, board: str, version: str, variant: str = "") -> Iterator[bytes]:
    """What a catalogue row stands for, small. Only rows whose real hash nobody knows can be had like this.

    It is gone afterwards: the folder may be one that tests share.
    """
    row = FirmwareCatalog.of(paths).find(board, variant, version)
    assert row is not None
    assert not row.sha256
    data, name = images.firmware(row.chip, version=version), row.url.rpartition("/")[2]
    folder, notes = folder_of(paths), paths.data / "firmware" / "hashes.json"
    for each in (folder, notes.parent):
        each.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    files = {name: {"sha256": hashlib.sha256(data).hexdigest(), "since": "2026-11-01"}}
    notes.write_text(json.dumps({"schema": 1, "files": files}))
    try:
        yield data
    finally:
        (folder / name).unlink()
