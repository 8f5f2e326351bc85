"""What is installed: whole things only, whenever the installer was stopped."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.fakes.archives import HONEST, honest, installed, write_tar
from tests.fakes.dying_installer import install
from tests.homes import CHECKOUT
from toolchains.errors import Cancelled, DiskError
from toolchains.jobs import JobContext
from toolchains.store import MANIFEST, STAMP, Store


def _fill(text: str, name: str = "1.26.1"):
    def fill(folder: Path) -> tuple[str, Mapping[str, object]]:
        (folder / "a").write_text(text)
        (folder / "b").write_text(text)
        return name, {"origin": text}

    return fill


def _whole(store: Store) -> dict[str, str]:
    """Every entry's content, which must be whole: both files of one install, and its stamp."""
    found = {}
    for entry in store.entries():
        files = installed(entry.folder)
        assert files.keys() == {"a", "b"}
        assert files["a"] == files["b"] == str(entry.stamp["origin"]).encode()
        found[entry.name] = files["a"].decode()
    return found


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def test_nothing_is_installed_at_first(store: Store) -> None:
    assert store.entries() == []
    assert store.get("1.26.1") is None
    assert not store.root.exists()


def test_install_list_replace_remove(store: Store, ctx: JobContext) -> None:
    entry = store.install(ctx, _fill("one"))
    assert entry.folder == store.root / "1.26.1"
    store.install(ctx, _fill("other", "1.25.0"))
    assert _whole(store) == {"1.25.0": "other", "1.26.1": "one"}
    assert store.install(ctx, _fill("two")).folder.parent == store.root
    assert _whole(store) == {"1.25.0": "other", "1.26.1": "two"}
    assert len([path for path in store.root.iterdir() if path.is_dir()]) == 2
    assert store.remove(ctx, "1.26.1")
    assert not store.remove(ctx, "1.26.1")
    assert _whole(store) == {"1.25.0": "other"}


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), Cancelled(), KeyboardInterrupt()])
def test_a_failed_install_keeps_the_old_one_and_leaves_nothing(
    store: Store, ctx: JobContext, error: BaseException
) -> None:
    store.install(ctx, _fill("old"))

    def fill(folder: Path) -> tuple[str, Mapping[str, object]]:
        (folder / "a").write_text("half")
        raise error

    with pytest.raises((DiskError, Cancelled, KeyboardInterrupt)):
        store.install(ctx, fill)
    assert _whole(store) == {"1.26.1": "old"}
    assert sorted(path.name for path in store.root.iterdir()) == [".lock", "1.26.1"]


@pytest.mark.parametrize("stamp", [None, "", "{", "[]", "\xff"])
def test_a_folder_without_a_good_stamp_is_not_installed(store: Store, stamp: str | None) -> None:
    folder = store.root / "1.26.1"
    folder.mkdir(parents=True)
    if stamp is not None:
        (folder / STAMP).write_bytes(stamp.encode("latin-1"))
    assert store.entries() == []


def test_a_read_only_place_is_one_sentence(ctx: JobContext) -> None:
    with pytest.raises(DiskError, match=r"/proc/natmod"):
        Store(Path("/proc/natmod/store")).install(ctx, _fill("x"))


def _thing(store: Store) -> dict[str, bytes]:
    """The content of the one installed thing; it is what its own manifest says."""
    [entry] = store.entries()
    assert store.verify(JobContext(), entry.name) == []
    return installed(entry.folder)


@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
@pytest.mark.parametrize(
    ("moment", "number", "left"),
    [
        ("before", 1, "old"),
        ("after", 2, "old"),
        ("before", 3, "old"),
        ("after", 3, "new"),
        ("before", 4, "new"),
        ("after", 4, "new"),
        ("check", 1, "old"),
        ("check", 5, "old"),
        ("check", 9999, "new"),
    ],
)
def test_a_kill_leaves_the_old_or_the_new(
    store: Store, ctx: JobContext, tmp_path: Path, moment: str, number: int, left: str
) -> None:
    old, new = (write_tar(tmp_path / name, {f"top/{name}": b"1", **HONEST}) for name in ("old", "new"))
    install(ctx, store.root, old)
    words = (sys.executable, "-m", "tests.fakes.dying_installer", store.root, new, moment, str(number))
    died = subprocess.run(words, cwd=CHECKOUT, check=False)
    assert died.returncode == (0 if number == 9999 else -signal.SIGKILL)
    assert _thing(store) == {left: b"1", **honest()}
    install(ctx, store.root, old)  # and the next install clears up
    assert _thing(store) == {"old": b"1", **honest()}
    assert len(list(store.root.iterdir())) == 2


def test_the_stamp_says_what_it_is(store: Store, ctx: JobContext) -> None:
    entry = store.install(ctx, _fill("one"))
    stamp = json.loads((entry.folder / STAMP).read_text())
    digest = hashlib.sha256((entry.folder / MANIFEST).read_bytes()).hexdigest()
    assert stamp == {
        "schema": 1,
        "name": "1.26.1",
        "origin": "one",
        "contents": {"bytes": 6, "files": 2, "sha256": digest},
    }
    assert entry.stamp == stamp
