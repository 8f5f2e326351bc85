"""Labels of boards: kept by MAC, whatever happens to the file."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ide.board.flash.labels import MOST, Labels
from tests.conftest import RecordingContext
from toolchains.errors import DiskError, UsageError
from toolchains.jobs import JobContext
from toolchains.paths import Paths

_MAC, _OTHER = "24:6f:28:00:00:01", "24:6f:28:00:00:02"


def test_a_label_is_kept_by_mac_in_every_spelling(ctx: RecordingContext, paths: Paths) -> None:
    Labels.of(paths).put(ctx, "246F28000001", "  bench\n 3 ")
    assert Labels.of(paths).get(_MAC) == "bench 3"
    assert Labels.of(paths).get(_OTHER) == ""
    assert Labels.of(paths).get("") == ""


def test_an_empty_label_takes_it_away(ctx: RecordingContext, paths: Paths) -> None:
    labels = Labels.of(paths)
    labels.put(ctx, _MAC, "x")
    labels.put(ctx, _MAC, "")
    assert labels.all() == {}


def test_numbers_go_to_those_without_a_label_and_never_twice(ctx: RecordingContext, paths: Paths) -> None:
    labels = Labels.of(paths)
    labels.put(ctx, _OTHER, "bench 1")
    found = labels.number(ctx, [_MAC, _OTHER, _MAC, "", "?"], "bench")
    assert found == {_OTHER: "bench 1", _MAC: "bench 2"}
    assert labels.number(ctx, [_MAC, _OTHER], "bench") == found


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"labels": [1]}', b'{"labels": {"x": 1, "1": "y"}}', b"\xff"])
def test_a_damaged_file_counts_as_none(ctx: RecordingContext, paths: Paths, damage: bytes) -> None:
    labels = Labels.of(paths)
    labels.file.parent.mkdir(parents=True)
    labels.file.write_bytes(damage)
    assert labels.all() == {}
    labels.put(ctx, _MAC, "x")
    assert labels.get(_MAC) == "x"


def test_two_windows_lose_no_label(paths: Paths) -> None:
    labels = Labels.of(paths)

    def put(first: int) -> None:
        for n in range(10):
            labels.put(JobContext(), f"24:6f:28:00:{first:02x}:{n:02x}", f"{first} {n}")

    threads = [threading.Thread(target=put, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(labels.all()) == 40


def test_a_board_without_mac_gets_no_label_and_a_novel_is_cut(ctx: RecordingContext, paths: Paths) -> None:
    with pytest.raises(UsageError):
        Labels.of(paths).put(ctx, "", "x")
    Labels.of(paths).put(ctx, _MAC, "y" * 500)
    assert len(Labels.of(paths).get(_MAC)) == MOST


def test_a_disk_that_refuses_is_a_sentence(ctx: RecordingContext, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be")
    with pytest.raises(DiskError):
        Labels(tmp_path / "data" / "labels.json").put(ctx, _MAC, "x")
