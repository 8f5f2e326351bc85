"""What the project's tree lists, and what it does to files. Nothing here needs a window."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ide import file_listing as listing
from ide.file_listing import Entry, list_folder
from ide.panels.project import acts
from toolchains.errors import DiskError, UsageError


def _names(folder: Path) -> list[str]:
    return [entry.name for entry in list_folder(folder).entries]


def test_folders_come_first_and_numbers_count(tmp_path: Path) -> None:
    for name in ("led10.c", "led2.c", "Main.py", "été.py", "文件.c"):
        (tmp_path / name).touch()
    for name in ("tests", ".natmod", ".git", "__pycache__", "zoo"):
        (tmp_path / name).mkdir()
    (tmp_path / ".main.py.1234.part").touch()
    (tmp_path / ".gitignore").touch()
    assert _names(tmp_path) == ["tests", "zoo", ".gitignore", "led2.c", "led10.c", "Main.py", "été.py", "文件.c"]


def test_a_folder_with_too_many_files_is_cut_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST", 3)
    for n in range(5):
        (tmp_path / f"{n}").touch()
    found = list_folder(tmp_path)
    assert found.entries == (Entry("0", False), Entry("1", False), Entry("2", False))
    assert found.more == 2


def test_a_folder_that_is_not_there_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(DiskError):
        list_folder(tmp_path / "nowhere")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_a_link_into_nowhere_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert list_folder(tmp_path).entries == (Entry("loop", True), Entry("link", False))


@pytest.mark.parametrize("name", ["a.c", "été 中文.py", ".gitignore", "a b", "ü" * 120])
def test_good_names(name: str) -> None:
    assert acts.name_problem(name, "linux") is None
    assert acts.name_problem(name, "windows") is None


@pytest.mark.parametrize("name", ["", "  ", ".", "..", "a/b", "a\0b", "中" * 90])
def test_names_that_no_system_takes(name: str) -> None:
    assert acts.name_problem(name, "linux") is not None


@pytest.mark.parametrize("name", ["con", "NUL.txt", "com1", "a:b", "a?", "ends.", "ends ", "a\tb", "a\\b"])
def test_names_that_windows_does_not_take(name: str) -> None:
    assert acts.name_problem(name, "windows") is not None
    assert acts.name_problem(name, "linux") is None


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine", "utf-8")
    (tmp_path / "other").touch()
    for act in (
        lambda: acts.make_file(tmp_path / "mine"),
        lambda: acts.make_folder(tmp_path / "mine"),
        lambda: acts.rename(tmp_path / "other", "mine"),
    ):
        with pytest.raises(UsageError, match="already"):
            act()
    assert (tmp_path / "mine").read_text("utf-8") == "mine"


def test_rename_keeps_the_content(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "a").write_text("a", "utf-8")
    assert acts.rename(tmp_path / "old", "nouveau 新") == tmp_path / "nouveau 新"
    assert (tmp_path / "nouveau 新" / "a").read_text("utf-8") == "a"
    with pytest.raises(DiskError):
        acts.rename(tmp_path / "gone", "x")


def test_the_trash_takes_files_and_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    thrown: list[str] = []

    def send(path: str) -> None:
        os.rename(path, tmp_path / "trash" / Path(path).name)
        thrown.append(path)

    (tmp_path / "trash").mkdir()
    (tmp_path / "a.c").touch()
    monkeypatch.setattr("send2trash.send2trash", send)
    acts.trash(tmp_path / "a.c")
    assert thrown == [str(tmp_path / "a.c")]


def test_without_a_trash_the_file_stays_and_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("send2trash.send2trash", refuse)
    (tmp_path / "a.c").touch()
    with pytest.raises(acts.NoTrash, match="There is no trash for"):
        acts.trash(tmp_path / "a.c")
    assert (tmp_path / "a.c").exists()
    acts.trash(tmp_path / "gone")  # somebody else was quicker
    acts.delete(tmp_path / "a.c")
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    acts.delete(tmp_path / "folder")
    assert list(tmp_path.iterdir()) == []


def test_the_real_trash_of_this_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform != "linux":
        pytest.skip("its trash is one for the whole user")
    from send2trash import plat_other

    monkeypatch.setattr(plat_other, "HOMETRASH_B", os.fsencode(tmp_path / "Trash"), raising=True)
    monkeypatch.setattr(plat_other, "HOMETRASH", str(tmp_path / "Trash"), raising=True)
    (tmp_path / "été 中.c").write_text("x", "utf-8")
    monkeypatch.setattr("send2trash.send2trash", plat_other.send2trash)
    acts.trash(tmp_path / "été 中.c")
    assert (tmp_path / "Trash" / "files" / "été 中.c").read_text("utf-8") == "x"
