"""Content hashes follow the content, whatever the times say."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from toolchains.contents import MISSING, ContentMemo, digest

_LONG_AGO = (1_000_000_000, 1_000_000_000)


def test_the_hash_is_that_of_the_content(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"one")
    assert ContentMemo().of(path) == digest(b"one")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert ContentMemo().of(tmp_path / "x") == MISSING
    assert ContentMemo().of(tmp_path / "file" / "x") == MISSING
    assert ContentMemo().of(tmp_path) == MISSING


def test_a_folder_is_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows answers with "permission denied", which would end the build."""

    def refuse(*_words: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    assert ContentMemo().of(tmp_path) == MISSING
    assert ContentMemo().of(os.devnull) == MISSING


def test_an_edit_that_keeps_size_and_time_is_seen(tmp_path: Path) -> None:
    memo, path = ContentMemo(), tmp_path / "x"
    path.write_bytes(b"one")
    os.utime(path, _LONG_AGO)
    assert memo.of(path) == digest(b"one")
    path.write_bytes(b"two")
    os.utime(path, _LONG_AGO)
    assert memo.of(path) == digest(b"two")


def test_another_file_of_the_same_size_and_time_in_its_place_is_seen(tmp_path: Path) -> None:
    memo, path, other = ContentMemo(), tmp_path / "x", tmp_path / "y"
    path.write_bytes(b"one")
    other.write_bytes(b"two")
    for one in (path, other):
        os.utime(one, _LONG_AGO)
    assert memo.of(path) == digest(b"one")
    other.replace(path)
    assert memo.of(path) == digest(b"two")
