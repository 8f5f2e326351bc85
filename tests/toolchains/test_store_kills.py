"""Installers that are killed, and several at once: the old thing or the new one is there, whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.fakes.archives import HONEST, honest, installed, member, write_tar
from tests.fakes.dying_installer import install
from tests.homes import CHECKOUT
from toolchains.jobs import JobContext
from toolchains.store import Store

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")


def _archive(folder: Path, name: str) -> Path:
    links = [
        member("top/soft", tarfile.SYMTYPE, link="README.md"),
        member("top/hard", tarfile.LNKTYPE, link="top/README.md"),
    ]
    return write_tar(folder / name, {f"top/{name}": b"1", **HONEST}, *links)


def _whole(name: str) -> dict[str, bytes]:
    readme = HONEST["top/README.md"]
    return {name: b"1", "soft": readme, "hard": readme, **honest()}


def _thing(store: Store) -> dict[str, bytes]:
    """The content of the one installed thing; it is what its own manifest says."""
    [entry] = store.entries()
    assert store.verify(JobContext(), entry.name) == []
    return installed(entry.folder)


def _start(root: Path, archive: Path, moment: str = "never", number: int = 0) -> subprocess.Popen[bytes]:
    words = (sys.executable, "-m", "tests.fakes.dying_installer", root, archive, moment, str(number))
    return subprocess.Popen(words, cwd=CHECKOUT)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


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
        ("touch", 1, "old"),
        ("touch", 12, "old"),
        ("touch", 25, "old"),
        ("never", 1, "new"),
    ],
)
def test_a_kill_leaves_the_old_or_the_new(
    store: Store, ctx: JobContext, tmp_path: Path, moment: str, number: int, left: str
) -> None:
    old, new = _archive(tmp_path, "old"), _archive(tmp_path, "new")
    install(ctx, store.root, old)
    with _start(store.root, new, moment, number) as process:
        died = process.wait()
    assert died == (0 if moment == "never" else -signal.SIGKILL)
    assert _thing(store) == _whole(left)
    install(ctx, store.root, old)  # and the next install clears up
    assert _thing(store) == _whole("old")
    assert len(list(store.root.iterdir())) == 2


def test_what_a_kill_leaves_can_be_pruned(store: Store, ctx: JobContext, tmp_path: Path) -> None:
    old, new = _archive(tmp_path, "old"), _archive(tmp_path, "new")
    install(ctx, store.root, old)
    size = store.disk_use("thing")
    for moment, number in (("before", 3), ("after", 3)):
        with _start(store.root, new, moment, number) as process:
            assert process.wait() == -signal.SIGKILL
        assert len(list(store.root.iterdir())) > 2
        assert size <= store.prune(ctx) < 2 * size
        assert len(list(store.root.iterdir())) == 2
        assert store.prune(ctx) == 0
    assert _thing(store) == _whole("new")


def test_several_that_install_the_same_at_once(store: Store, tmp_path: Path) -> None:
    archives = [_archive(tmp_path, name) for name in ("one", "two", "three", "four")]
    processes = [_start(store.root, archive) for archive in archives]
    for process in processes:
        with process:
            assert process.wait() == 0
    [entry] = store.entries()
    assert _thing(store) == _whole(str(entry.stamp["origin"]))
    assert len(list(store.root.iterdir())) == 2
