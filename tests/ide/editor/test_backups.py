"""Texts that were not saved come back, whatever happened to the program or to the folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ide.editor.backups import Backup, Backups
from ide.editor.textfile import Form, Stamp
from tests import disks
from tests.waiting import wait_until
from toolchains.errors import DiskError

ONE = Backup("k", Path("/p/été/main.c"), "int x; // é 漢\r\n", Form("latin-1", False, "\r\n"), 7, Stamp(1, 2, 3))


def test_what_was_kept_is_found(tmp_path: Path) -> None:
    backups = Backups(tmp_path / "state" / "texts")
    backups.keep(ONE)
    backups.keep(Backup("new", None, "", Form()))
    assert backups.found() == [ONE, Backup("new", None, "", Form())]


def test_the_last_state_counts_and_what_is_saved_is_forgotten(tmp_path: Path) -> None:
    backups = Backups(tmp_path)
    backups.keep(ONE)
    later = Backup("k", ONE.path, "more", ONE.form)
    backups.keep(later)
    assert backups.found() == [later]
    backups.forget("k")
    backups.forget("k")
    assert backups.found() == []


def test_garbage_in_the_folder_is_passed_over(tmp_path: Path) -> None:
    backups = Backups(tmp_path)
    assert backups.found() == []
    backups.keep(ONE)
    for number, data in enumerate(
        (b"", b"\xff\xfe\0", b"[1]\n", b"{}\nx", b'{"key": 1, "form": {"encoding": "martian"}}\n', b"[" * 5000)
    ):
        (tmp_path / f"{number}.text").write_bytes(data)
    (tmp_path / "folder.text").mkdir()
    assert backups.found() == [ONE]


def test_a_full_disk_keeps_the_older_state(tmp_path: Path) -> None:
    with disks.small_disk(tmp_path / "disk", "64k") as disk:
        backups = Backups(disk / "texts")
        backups.keep(ONE)
        with pytest.raises(DiskError, match="no space left"):
            backups.keep(Backup("k", None, "x" * 100_000, Form()))
        assert backups.found() == [ONE]


def test_a_program_killed_while_it_writes_leaves_a_whole_state(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from itertools import count\n"
        "from ide.editor.backups import Backup, Backups; from ide.editor.textfile import Form\n"
        "kept = Backups(Path(sys.argv[1]))\n"
        "for n in count(): kept.keep(Backup('k', None, str(n % 10) * 200_000, Form()))\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], cwd=Path(__file__).parents[3])
    try:
        wait_until(lambda: Backups(tmp_path).found(), "a kept text")
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    [found] = Backups(tmp_path).found()
    assert found.text == found.text[0] * 200_000
