"""What is installed: whole things only, whenever the installer was stopped."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.disks import read_only, small_disk
from tests.fakes.archives import HONEST, installed, member, write_tar
from tests.fakes.dying_installer import install
from toolchains.archive import unpack
from toolchains.errors import Cancelled, DiskError, ToolFailed
from toolchains.host import Host
from toolchains.jobs import JobContext, Progress
from toolchains.store import MANIFEST, STAMP, Entry, NotInstalled, Seal, Store


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


def test_what_does_not_prove_itself_is_not_installed(store: Store, ctx: JobContext) -> None:
    store.install(ctx, _fill("old"))
    seen = []

    def prove(folder: Path) -> None:
        seen.append((installed(folder), (folder / STAMP).exists(), store.entries()[0].stamp["origin"]))
        raise ToolFailed(("gcc", "--version"), 1, "wrong")

    with pytest.raises(ToolFailed):
        store.install(ctx, _fill("new"), prove)
    assert seen == [({"a": b"new", "b": b"new"}, True, "old")]
    assert _whole(store) == {"1.26.1": "old"}
    assert sorted(path.name for path in store.root.iterdir()) == [".lock", "1.26.1"]


def test_what_proves_itself_is_installed(store: Store, ctx: JobContext) -> None:
    proved = []
    entry = store.install(ctx, _fill("new"), proved.append)
    assert _whole(store) == {"1.26.1": "new"}
    assert proved != [entry.folder]  # before it had its name


def test_what_another_process_installed_meanwhile_is_taken(store: Store, ctx: JobContext) -> None:
    theirs = store.install(ctx, _fill("theirs"))
    ours = store.install(ctx, _fill("ours"), unless=lambda: store.get("1.26.1"))
    assert ours == theirs
    assert _whole(store) == {"1.26.1": "theirs"}


def test_disk_use_is_known_at_once(store: Store, ctx: JobContext, tmp_path: Path) -> None:
    with pytest.raises(NotInstalled, match=r"1\.26\.1 is not installed"):
        store.disk_use("1.26.1")
    entry = store.install(ctx, _fill("12345"))
    (entry.folder / "a").unlink()
    assert store.disk_use("1.26.1") == entry.bytes == 10
    (entry.folder / STAMP).write_text('{"schema": 1, "name": "1.26.1"}')  # as an early release wrote it
    assert store.get("1.26.1") == Entry("1.26.1", entry.folder, {"schema": 1, "name": "1.26.1"})
    assert store.disk_use("1.26.1") > 5  # all that is there
    install(ctx, store.root, write_tar(tmp_path / "a", HONEST, member("top/h", tarfile.LNKTYPE, link="top/py/big.bin")))
    once = sum(map(len, HONEST.values()))
    assert store.disk_use("thing") == once  # one file with two names


def test_a_folder_that_was_packed_with_its_stamp_gets_its_own(store: Store, ctx: JobContext, tmp_path: Path) -> None:
    files = {f"top/{STAMP}": b"theirs", f"top/{MANIFEST}": b"theirs", "top/a": b"1"}
    install(ctx, store.root, write_tar(tmp_path / "a", files))
    [entry] = store.entries()
    assert entry.stamp["origin"] == "a"
    assert store.verify(ctx, "thing") == []


def test_foreign_folders_are_left_alone(store: Store, ctx: JobContext) -> None:
    store.install(ctx, _fill("one"))
    for name in ("mine", "mine~2", "1.26.1~x", ".hidden"):
        (store.root / name).mkdir()
        (store.root / name / "file").write_text("keep")
    assert store.prune(ctx) == 0
    store.install(ctx, _fill("two"))
    assert _whole(store) == {"1.26.1": "two"}
    assert len(list(store.root.iterdir())) == 6


# --- disks that refuse ----------------------------------------------------------------------------------------------


def test_a_read_only_place_is_one_sentence(ctx: JobContext) -> None:
    with pytest.raises(DiskError, match=r"/proc/natmod"):
        Store(Path("/proc/natmod/store")).install(ctx, _fill("x"))


def test_a_read_only_store_can_be_used_but_not_changed(store: Store, ctx: JobContext) -> None:
    store.install(ctx, _fill("old"))
    with read_only(store.root):
        assert _whole(store) == {"1.26.1": "old"}
        assert store.verify(ctx, "1.26.1") == []
        assert store.disk_use("1.26.1") == 6
        assert store.prune(ctx) == 0
        for change in (lambda: store.install(ctx, _fill("new")), lambda: store.remove(ctx, "1.26.1")):
            with pytest.raises(DiskError, match="Nothing can be changed in") as refused:
                change()
            assert "NATMOD_HOME" in str(refused.value)
    assert _whole(store) == {"1.26.1": "old"}


def test_a_full_disk_keeps_the_old_one(tmp_path: Path, ctx: JobContext) -> None:
    with small_disk(tmp_path / "small", "64k") as disk:
        store = Store(disk / "store")
        store.install(ctx, _fill("old"))
        with pytest.raises(DiskError, match="no space left"):
            store.install(ctx, _fill("x" * 50_000))
        assert _whole(store) == {"1.26.1": "old"}
        assert sorted(path.name for path in store.root.iterdir()) == [".lock", "1.26.1"]


def test_on_windows_a_folder_whose_program_runs_goes_another_time(
    store: Store, ctx: JobContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = store.install(ctx, _fill("old")).folder
    monkeypatch.setattr("toolchains.host._SCANNER_PAUSE_S", 0)
    ctx.host = Host("windows", "x86_64", ctx.host.environ)
    real = os.replace

    def replace(source: Path, target: Path) -> None:
        if source == old:
            raise PermissionError(errno.EACCES, "The process cannot access the file", str(source))
        real(source, target)

    with monkeypatch.context() as running:
        running.setattr(os, "replace", replace)
        with pytest.raises(DiskError, match="End all programs of it that are running"):
            store.remove(ctx, "1.26.1")
        assert _whole(store) == {"1.26.1": "old"}
        store.install(ctx, _fill("new"))
        assert _whole(store) == {"1.26.1": "new"}
        assert sorted(path.name for path in store.root.iterdir()) == [".lock", "1.26.1", "1.26.1~2"]
    assert store.prune(ctx) > 0
    assert sorted(path.name for path in store.root.iterdir()) == [".lock", "1.26.1~2"]


# --- verify ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def tree(store: Store, ctx: JobContext, tmp_path: Path) -> Path:
    """An installed thing with a link."""
    install(ctx, store.root, write_tar(tmp_path / "a", HONEST, member("top/link", tarfile.SYMTYPE, link="README.md")))
    assert store.verify(ctx, "thing") == []
    return store.entries()[0].folder


def test_verify_tells_what_is_missing_changed_and_extra(store: Store, ctx: JobContext, tree: Path) -> None:
    (tree / "README.md").unlink()
    big = bytearray((tree / "py/big.bin").read_bytes())
    big[70_000] ^= 1  # the same size
    (tree / "py/big.bin").write_bytes(big)
    (tree / "empty").write_text("not any more")
    (tree / "tools/new.py").touch()
    (tree / "tools/__pycache__").mkdir()
    (tree / "tools/__pycache__/run.pyc").touch()  # Python leaves this; no fault
    faults = store.verify(ctx, "thing")
    assert [(fault.path, fault.kind) for fault in faults] == [
        ("README.md", "missing"),
        ("empty", "changed"),
        ("py/big.bin", "changed"),
        ("tools/new.py", "extra"),
    ]
    assert [str(fault.text) for fault in faults[1:]] == [
        "empty was changed.",
        "py/big.bin was changed.",
        "tools/new.py was not installed with it.",
    ]
    install(ctx, store.root, tree.parent.parent / "a")
    assert store.verify(ctx, "thing") == []


@pytest.mark.skipif(os.name != "posix", reason="links and permissions")
def test_verify_sees_links_and_permissions(store: Store, ctx: JobContext, tree: Path) -> None:
    (tree / "tools/run.py").chmod(0o644)
    (tree / "link").unlink()
    (tree / "link").symlink_to("tools/run.py")
    (tree / "empty").unlink()
    (tree / "empty").mkdir()
    assert [(fault.path, fault.kind) for fault in store.verify(ctx, "thing")] == [
        ("empty", "missing"),
        ("link", "changed"),
        ("tools/run.py", "changed"),
    ]
    (tree / "link").unlink()
    (tree / "link").write_bytes(HONEST["top/README.md"])  # the same content, but no link
    assert ("link", "changed") in [(fault.path, fault.kind) for fault in store.verify(ctx, "thing")]


@pytest.mark.parametrize("data", [None, b"", b"{}", b'{"schema":1,"files":{}}'])
def test_a_manifest_that_was_changed_is_not_believed(
    store: Store, ctx: JobContext, tree: Path, data: bytes | None
) -> None:
    (tree / MANIFEST).unlink()
    if data is not None:
        (tree / MANIFEST).write_bytes(data)
    assert [(fault.path, fault.kind) for fault in store.verify(ctx, "thing")] == [
        (MANIFEST, "missing" if data is None else "changed")
    ]


def test_verify_can_be_cancelled_and_tells_how_far_it_is(store: Store, ctx: RecordingContext, tree: Path) -> None:
    ctx.events.clear()
    store.verify(ctx, "thing")
    last = [event for event in ctx.events if isinstance(event, Progress)][-1]
    assert last.done == last.total
    assert last.done >= store.disk_use("thing") > 500_000
    ctx.cancel()
    with pytest.raises(Cancelled):
        store.verify(ctx, "thing")
    with pytest.raises(NotInstalled):
        store.verify(JobContext(), "nothing")


def test_a_file_changed_after_it_was_unpacked_has_the_right_hash(store: Store, ctx: JobContext, tmp_path: Path) -> None:
    packed, seal = write_tar(tmp_path / "a", HONEST), Seal()

    def fill(folder: Path) -> tuple[str, Mapping[str, object]]:
        unpack(ctx, packed, folder / "inner", seal=seal)
        (folder / "inner/README.md").write_bytes(b"# patched")
        (folder / "inner/empty").unlink()
        return "thing", {}

    entry = store.install(ctx, fill, seal=seal)
    assert store.verify(ctx, "thing") == []
    assert (entry.folder / "inner/README.md").read_bytes() == b"# patched"


def test_verify_while_another_process_installs_anew(
    store: Store, ctx: JobContext, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old folder goes while it is read: that is no fault, the new one is looked at."""
    packed = tree.parent.parent / "a"
    real, once = os.lstat, [None]

    def lstat(path: Path) -> os.stat_result:
        if once:
            once.clear()
            install(JobContext(), store.root, packed)
        return real(path)

    monkeypatch.setattr(os, "lstat", lstat)
    assert store.verify(ctx, "thing") == []
    assert store.entries()[0].folder != tree
