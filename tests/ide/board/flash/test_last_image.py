"""The image that a board was last given."""

from __future__ import annotations

import os
from pathlib import Path

from ide.board.flash import last_image
from ide.board.flash.commands import Way
from ide.board.flash.last_image import LastImages
from ide.board.flash.records import FlashFile, FlashJob
from toolchains.paths import Paths

_MAC = "24:6f:28:00:00:01"


def _job(folder: Path, *at: int, chip: str = "esp32", size: int = 5000, **changes: object) -> FlashJob:
    files = []
    for address in at:
        path = folder / f"{address:x}.bin"
        path.write_bytes(os.urandom(size))
        files.append(FlashFile(address, path))
    return FlashJob("COM3", chip, tuple(files), **changes)  # type: ignore[arg-type]


def test_it_is_remembered_by_mac_and_address(paths: Paths, tmp_path: Path) -> None:
    memory = LastImages.of(paths)
    job = _job(tmp_path, 0x1000)
    assert memory.before(_MAC, job) == []
    memory.keep(_MAC, job, Way(), slowed=False)
    (kept,) = memory.before(_MAC.upper(), job)
    assert kept is not None
    assert kept.read_bytes() == job.files[0].path.read_bytes()
    assert memory.before("24:6f:28:00:00:02", job) == []
    assert memory.before("", job) == []


def test_a_job_that_erases_all_compares_with_nothing(paths: Paths, tmp_path: Path) -> None:
    memory = LastImages.of(paths)
    memory.keep(_MAC, _job(tmp_path, 0x1000), Way(), slowed=False)
    assert memory.before(_MAC, _job(tmp_path, 0x1000, erase="all")) == []


def test_what_a_later_job_wrote_over_is_forgotten(paths: Paths, tmp_path: Path) -> None:
    memory = LastImages.of(paths)
    memory.keep(_MAC, _job(tmp_path, 0x1000, 0x20000, size=0x8000), Way(), slowed=False)
    memory.keep(_MAC, _job(tmp_path, 0x8000, size=0x1000), Way(), slowed=False)
    before = memory.before(_MAC, _job(tmp_path, 0x1000, 0x8000, 0x20000))
    assert [path is not None for path in before] == [False, True, True]


def test_a_copy_that_was_damaged_is_not_used(paths: Paths, tmp_path: Path) -> None:
    memory = LastImages.of(paths)
    job = _job(tmp_path, 0)
    memory.keep(_MAC, job, Way(), slowed=False)
    (kept,) = memory.before(_MAC, job)
    assert kept is not None
    kept.write_bytes(b"cut off")
    assert memory.before(_MAC, job) == []
    (kept.parent / "index.json").write_text("{", "utf-8")
    assert memory.before(_MAC, job) == []


def test_the_speed_that_worked(paths: Paths, tmp_path: Path) -> None:
    memory = LastImages.of(paths)
    memory.keep(_MAC, _job(tmp_path, 0), Way(), slowed=False)
    assert memory.speed(_MAC) is None
    memory.keep(_MAC, _job(tmp_path, 0), Way(115200), slowed=True)
    memory.keep(_MAC, _job(tmp_path, 0), Way(115200), slowed=False)
    assert memory.speed(_MAC) == 115200


def test_forgetting(paths: Paths, tmp_path: Path) -> None:
    memory = LastImages.of(paths)
    memory.keep(_MAC, _job(tmp_path, 0), Way(), slowed=False)
    memory.forget("")
    memory.forget(_MAC)
    memory.forget(_MAC)
    assert memory.before(_MAC, _job(tmp_path, 0)) == []


def test_it_does_not_grow_without_end(paths: Paths, tmp_path: Path, monkeypatch: object) -> None:
    memory = LastImages.of(paths)
    job = _job(tmp_path, 0)
    for n in range(last_image.MOST_BOARDS + 3):
        memory.keep(f"24:6f:28:00:01:{n:02x}", job, Way(), slowed=False)
    assert len(list(memory.folder.iterdir())) == last_image.MOST_BOARDS
