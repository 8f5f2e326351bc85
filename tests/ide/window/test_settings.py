"""Settings: only what differs is in the file, what others wrote there survives, and garbage costs nothing."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from ide.settings import GROUPS, TABLE, Settings
from tests.disks import small_disk
from toolchains.errors import DiskError, StudioError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.toml"


def written(file: Path, text: str) -> Settings:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, "utf-8")
    return Settings.load(file)


def content(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8"))


def test_without_a_file_everything_is_as_it_is_from_the_start(file: Path) -> None:
    settings = Settings.load(file)
    assert all(settings.get(one.key) == one.default and settings.is_default(one.key) for one in TABLE)
    assert settings.complaint is None
    assert not file.exists()


def test_the_file_holds_only_what_differs(file: Path) -> None:
    settings = Settings.load(file)
    settings.set("editor.font_size", 20)
    settings.set("window.theme", "dark")
    assert content(file) == {"editor": {"font_size": 20}, "window": {"theme": "dark"}}
    settings.reset("editor.font_size")
    assert content(file) == {"window": {"theme": "dark"}}
    again = Settings.load(file)
    assert (again.text("window.theme"), again.number("editor.font_size")) == ("dark", 11)
    assert [path.name for path in file.parent.iterdir()] == ["settings.toml"]


def test_listeners_hear_of_a_change_and_only_of_a_change(file: Path) -> None:
    settings, heard = Settings.load(file), list[str]()
    settings.listeners.append(heard.append)
    settings.set("editor.wrap", True)
    settings.set("editor.wrap", True)
    assert heard == ["editor.wrap"]


def test_what_we_do_not_know_survives_and_so_do_comments(file: Path) -> None:
    settings = written(
        file, '# mine\nfuture = 1\n[editor]\nmagic = "yes"  # really\n[plugin.hello]\nname = "x"\n[window]\ntheme = 3\n'
    )
    settings.set("editor.font_size", 20)
    text = file.read_text("utf-8")
    assert "# mine" in text
    assert "# really" in text
    assert content(file) == {
        "future": 1,
        "editor": {"magic": "yes", "font_size": 20},
        "plugin": {"hello": {"name": "x"}},
        "window": {"theme": 3},
    }


def test_two_windows_do_not_undo_each_others_changes(file: Path) -> None:
    one, other = Settings.load(file), Settings.load(file)
    one.set("editor.font_size", 20)
    other.set("editor.wrap", True)
    assert content(file) == {"editor": {"font_size": 20, "wrap": True}}


@pytest.mark.parametrize(
    "line",
    ['[editor]\nfont_size = "big"', "[editor]\nfont_size = true", "[editor]\nfont_size = 4000", "editor = 7",
     '[window]\ntheme = "pink"', "[window]\nwelcome = 1"],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_ignored(file: Path, line: str) -> None:
    settings = written(file, line + "\n")
    assert all(settings.is_default(one.key) for one in TABLE)
    assert settings.complaint is None
    settings.set("editor.font_size", 20)
    assert Settings.load(file).number("editor.font_size") == 20


@pytest.mark.parametrize(
    "garbage",
    [b"\xff\xfe\x00garbage", b"= = =", b"a = " + b"[" * 100_000, b"a = " + b"9" * 10_000, b"\x00" * 100],
    ids=["letters", "grammar", "nested", "number", "zeros"],
)
def test_garbage_is_put_aside_and_said(file: Path, garbage: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(garbage)
    settings = Settings.load(file)
    assert "could not be read" in str(settings.complaint)
    assert "settings.toml.unreadable" in str(settings.complaint)
    assert (file.parent / "settings.toml.unreadable").read_bytes() == garbage
    assert all(settings.is_default(one.key) for one in TABLE)
    settings.set("editor.font_size", 20)
    assert content(file) == {"editor": {"font_size": 20}}


def test_what_was_put_aside_before_is_kept_too(file: Path) -> None:
    written(file, "first garbage")
    written(file, "second garbage")
    assert sorted(path.read_text() for path in file.parent.iterdir()) == ["first garbage", "second garbage"]


def test_a_file_that_becomes_garbage_meanwhile_costs_no_setting(file: Path) -> None:
    settings = Settings.load(file)
    settings.set("editor.font_size", 20)
    file.write_text("= = =")
    settings.set("editor.wrap", True)
    assert content(file) == {"editor": {"font_size": 20, "wrap": True}}
    assert (file.parent / "settings.toml.unreadable").read_text() == "= = ="


def test_a_value_that_cannot_be_is_a_fault_of_the_caller(file: Path) -> None:
    with pytest.raises(ValueError, match=r"editor\.font_size"):
        Settings.load(file).set("editor.font_size", 0)
    assert not file.exists()


def test_a_full_disk_is_said_and_nothing_is_lost(tmp_path: Path) -> None:
    with small_disk(tmp_path / "d", "64k") as disk:
        file = disk / "settings.toml"
        settings = written(file, "# mine\n[editor]\nfont_size = 20\n")
        (disk / "big").write_bytes(b"x" * (64 * 1024 - 4096))
        errors, heard = list[StudioError](), list[str]()
        settings.failed = errors.append
        settings.listeners.append(heard.append)
        settings.set("editor.wrap", True)
        assert isinstance(errors[0], DiskError)
        assert "settings.toml" in str(errors[0])
        assert file.read_text() == "# mine\n[editor]\nfont_size = 20\n"
        assert settings.on("editor.wrap")
        assert heard == ["editor.wrap"]
        (disk / "big").unlink()
        settings.set("window.theme", "dark")
        assert content(file) == {"editor": {"font_size": 20, "wrap": True}, "window": {"theme": "dark"}}


def test_every_setting_is_in_a_group_and_its_default_is_allowed() -> None:
    groups = [name for name, _title in GROUPS]
    for one in TABLE:
        assert one.key.partition(".")[0] in groups
        assert one.accepts(one.default)
    assert len({one.key for one in TABLE}) == len(TABLE)
