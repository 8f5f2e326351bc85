"""Build folders that nobody used for long go; those in use, and what they link to, stay."""

from __future__ import annotations

import os
from pathlib import Path

from toolchains.firmware.prune import prune
from toolchains.host import Host


def test_the_oldest_go_and_what_they_link_to_stays(tmp_path: Path, host: Host) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "main.c").touch()
    cache = tmp_path / "cache"
    folders = [cache / f"natmod-0-work-{number}" for number in range(5)]
    for number, folder in enumerate(folders):
        (folder / "build").mkdir(parents=True)
        (folder / "build" / "main.o").touch()
        host.link_folder(folder / "project", project)
        (folder / "lock").touch()
        os.utime(folder / "lock", (1000 + number, 1000 + number))
    (cache / "rv32-1.26.1").mkdir()
    held = os.open(folders[1] / "lock", os.O_RDWR)
    try:
        assert host.try_lock(held)
        assert prune(host, folders[0], 2) == (folders[3], folders[2])
    finally:
        os.close(held)
    assert {path.name for path in cache.iterdir()} == {
        "natmod-0-work-0", "natmod-0-work-1", "natmod-0-work-4", "rv32-1.26.1"
    }  # fmt: skip
    assert (project / "main.c").is_file()
