"""MicroPython trees: read as data, checked before they are kept, found by version."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RecordingContext
from tests.fakes.archives import write_tar
from tests.fakes.file_server import FileServer, serve
from toolchains.archive import ArchiveDamaged
from toolchains.errors import SdkError, UsageError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.providers import sdk_sources
from toolchains.sdk import (
    DEFAULT_VERSION,
    SdkIncomplete,
    SdkNotFound,
    SdkStore,
    SdkTree,
    SdkUnavailable,
    SdkUnsupported,
)
from toolchains.sdk_tree import REQUIRED, version_key

_MPCONFIG = """
#define MICROPY_VERSION_MAJOR {0}
#define MICROPY_VERSION_MINOR {1}
#define MICROPY_VERSION_MICRO {2}
#define MICROPY_VERSION_PRERELEASE {3}
"""


def _sources(version: str, mpy: int = 6, sub: int = 3) -> dict[str, bytes]:
    """The least that passes for a MicroPython tree of that version."""
    files = {name: f"# {name}\n".encode() for name in REQUIRED}
    files["py/mpconfig.h"] = _MPCONFIG.format(*version_key(version), int(version.endswith("-preview"))).encode()
    files["py/persistentcode.h"] = f"#define MPY_VERSION {mpy}\n#define MPY_SUB_VERSION {sub} // native\n".encode()
    return files


def _tree(folder: Path, version: str, **numbers: int) -> Path:
    for name, content in _sources(version, **numbers).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def _packed(path: Path, version: str) -> Path:
    return write_tar(path, {f"micropython-{version}/{name}": data for name, data in _sources(version).items()})


@pytest.fixture
def store(paths: Paths) -> SdkStore:
    return SdkStore(paths)


# --- real trees ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["sdk_tree", "sdk_1250"])
def test_a_real_tree_knows_itself(which: str, request: pytest.FixtureRequest) -> None:
    tree: SdkTree = request.getfixturevalue(which)
    assert tree.version == {"sdk_tree": "1.26.1", "sdk_1250": "1.25.0"}[which]
    assert (tree.mpy_version, tree.mpy_sub_version) == (6, 3)
    assert len(tree.table) == 87
    # The places that py/nativeglue.h and tools/mpy_ld.py name in their own comments and constants.
    assert tree.table[50] == "memset_"
    assert tree.table[73] == "type_type"
    assert {"mp_fun_table", "mp_type_str", "mp_stream_write_obj"} <= set(tree.linkable)
    assert "memcpy" not in tree.linkable  # linkable only from 1.29 on
    assert set(tree.symbols) == {*tree.linkable, *tree.table}
    tree.require("ports/qemu/Makefile", "ports/unix/Makefile", "mpy-cross", *REQUIRED)


def test_real_trees_differ_in_identity(sdk_tree: SdkTree, sdk_1250: SdkTree) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", sdk_tree.identity)
    assert sdk_tree.identity != sdk_1250.identity


# --- one tree ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    tree = _tree(tmp_path, "1.26.1")
    (tree / name).unlink()
    with pytest.raises(SdkIncomplete, match=re.escape(f"lacks the file {name}.")):
        SdkTree.open(tree)


def test_require_names_what_a_port_lacks(tmp_path: Path) -> None:
    with pytest.raises(SdkIncomplete, match="ports/qemu/Makefile"):
        SdkTree.open(_tree(tmp_path, "1.26.1")).require("py/obj.h", "ports/qemu/Makefile")


def test_a_header_without_the_number_is_named(tmp_path: Path) -> None:
    tree = _tree(tmp_path, "1.26.1")
    (tree / "py/mpconfig.h").write_text("// nothing\n")
    with pytest.raises(SdkError, match=r"py/mpconfig\.h .* does not define MICROPY_VERSION_MAJOR"):
        SdkTree.open(tree)


@pytest.mark.parametrize("version", ["1.21.0", "1.30.0", "2.0.0"])
def test_an_unsupported_release_is_told(tmp_path: Path, version: str) -> None:
    with pytest.raises(SdkUnsupported, match=r"Use a release from 1\.22 to 1\.29"):
        SdkTree.open(_tree(tmp_path, version))


@pytest.mark.parametrize(("version", "came_later"), [("1.22.2", 2), ("1.24.1", 1), ("1.25.0", 0)])
def test_an_older_release_need_not_have_what_came_later(tmp_path: Path, version: str, came_later: int) -> None:
    folder = _tree(tmp_path, version)
    later = ["tools/ar_util.py", "py/cstack.h"][:came_later]
    for name in later:
        (folder / name).unlink()
    tree = SdkTree.open(folder)
    assert tree.identity
    assert tree.links_libraries == (not later)


def test_a_preview_is_a_preview(tmp_path: Path) -> None:
    assert SdkTree.open(_tree(tmp_path, "1.29.0-preview")).version == "1.29.0-preview"


def test_identity_follows_the_content_and_not_the_place(tmp_path: Path) -> None:
    one = SdkTree.open(_tree(tmp_path / "one", "1.26.1"))
    two = SdkTree.open(_tree(tmp_path / "two", "1.26.1"))
    assert one.identity == two.identity
    (tmp_path / "two/py/obj.h").write_text("// changed\n")
    assert SdkTree.open(tmp_path / "two").identity != one.identity


def test_the_linker_is_read_and_not_run(tmp_path: Path) -> None:
    tree = _tree(tmp_path, "1.29.0")
    source = (
        'fun_table = {k: i for i, k in enumerate(["mp_type_x"])}\nif sym.name in ("memset", "memcpy"):\n    1 / 0\n'
    )
    (tree / "tools/mpy_ld.py").write_text(source)
    assert SdkTree.open(tree).linkable[3:] == ("mp_type_x", "memset", "memcpy")


@pytest.mark.parametrize(
    ("text", "key"), [("1.26.1", (1, 26, 1)), ("v1.27.0-preview.12.gabc", (1, 27, 0)), ("1.25", (1, 25, 0))]
)
def test_versions(text: str, key: tuple[int, int, int]) -> None:
    assert version_key(text) == key


@pytest.mark.parametrize("text", ["", "latest", "1", "../1.26.1", "1.26.1/../x", "1.26.1-/../x"])
def test_what_is_no_version(text: str, store: SdkStore, ctx: JobContext) -> None:
    with pytest.raises(UsageError, match=r"Write it like 1\.26\.1"):
        store.ensure(ctx, text or "x")


# --- several trees -------------------------------------------------------------------------------------------------


def test_folder_and_archive_side_by_side(store: SdkStore, ctx: JobContext, tmp_path: Path) -> None:
    folder = _tree(tmp_path / "mine", "1.25.0")
    assert store.add(ctx, folder).path == folder
    unpacked = store.add(ctx, _packed(tmp_path / "x.tar.xz", "1.26.1"))
    assert tmp_path not in unpacked.path.parents
    assert [(tree.version, tree.origin) for tree in store.installed()] == [("1.26.1", "archive"), ("1.25.0", "folder")]
    assert store.get("v1.25.0").path == folder


def test_get_says_what_is_there(store: SdkStore, ctx: JobContext, tmp_path: Path) -> None:
    with pytest.raises(SdkNotFound, match=r"1\.26\.1 is not installed\. .*natmod sdk get 1\.26\.1"):
        store.get("1.26.1")
    store.add(ctx, _tree(tmp_path, "1.25.0"))
    with pytest.raises(SdkNotFound, match=r"Installed: 1\.25\.0\."):
        store.get("1.26.1")


def test_remove_keeps_a_folder_of_the_person(store: SdkStore, ctx: JobContext, tmp_path: Path) -> None:
    folder = _tree(tmp_path / "mine", "1.25.0")
    store.add(ctx, folder)
    unpacked = store.add(ctx, _packed(tmp_path / "x.tar.xz", "1.26.1")).path
    store.remove("1.25.0")
    store.remove("v1.26.1")
    assert store.installed() == []
    assert (folder / "py/obj.h").is_file()
    assert not unpacked.exists()
    with pytest.raises(SdkNotFound):
        store.remove("1.26.1")


def test_a_folder_that_went_away_is_not_listed(store: SdkStore, ctx: JobContext, tmp_path: Path) -> None:
    store.add(ctx, _tree(tmp_path / "mine", "1.25.0"))
    shutil.rmtree(tmp_path / "mine")
    assert store.installed() == []


def test_a_folder_that_moved_on_has_its_new_version(store: SdkStore, ctx: JobContext, tmp_path: Path) -> None:
    store.add(ctx, _tree(tmp_path / "mine", "1.25.0"))
    _tree(tmp_path / "mine", "1.26.1")
    assert [tree.version for tree in store.installed()] == ["1.26.1"]
    store.remove("1.26.1")
    assert store.installed() == []


def test_an_incomplete_archive_is_not_kept(store: SdkStore, ctx: JobContext, tmp_path: Path, paths: Paths) -> None:
    files = _sources("1.26.1")
    del files["py/dynruntime.h"]
    with pytest.raises(SdkIncomplete, match=r"py/dynruntime\.h"):
        store.add(ctx, write_tar(tmp_path / "x.tar.xz", files))
    assert store.installed() == []
    assert [path.name for path in (paths.data / "sdk").iterdir()] == [".lock"]


def test_add_of_nothing_and_of_rubbish(store: SdkStore, ctx: JobContext, tmp_path: Path) -> None:
    with pytest.raises(SdkError, match="There is no MicroPython tree at"):
        store.add(ctx, tmp_path / "nowhere")
    (tmp_path / "x.tar.xz").write_bytes(b"rubbish")
    with pytest.raises(ArchiveDamaged):
        store.add(ctx, tmp_path / "x.tar.xz")
    assert store.installed() == []


@pytest.mark.parametrize(
    ("version", "mpy", "best"),
    [
        ("1.26.1", (6, 3), "1.26.1"),
        ("1.26.0", (6, 3), "1.26.1"),
        ("v1.25.0", (6, 3), "1.25.0"),
        ("1.23.0", (6, 3), "1.25.0"),
        ("1.28.0", (6, 3), "1.28.0"),
        ("1.29.0-preview.7.g123", (6, 3), "1.28.0"),
        ("1.28.0", (6, 4), "1.27.0"),
        ("1.26.1", (6, 2), None),
        ("1.27.0", None, "1.27.0"),
        (None, (6, 3), DEFAULT_VERSION),
        (None, None, DEFAULT_VERSION),
        (None, (6, 4), "1.27.0"),
    ],
)
def test_best_for_a_board(
    store: SdkStore, ctx: JobContext, tmp_path: Path, version: str | None, mpy: tuple[int, int] | None, best: str | None
) -> None:
    for name, sub in (("1.25.0", 3), ("1.26.1", 3), ("1.27.0", 4), ("1.28.0", 3)):
        store.add(ctx, _tree(tmp_path / name, name, sub=sub))
    found = store.best_for(version, mpy)
    assert (found.version if found else None) == best


# --- getting one ---------------------------------------------------------------------------------------------------


@pytest.fixture
def official(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """A server in the place of micropython.org, and nobody else to ask."""
    with serve(_packed(tmp_path / "made.tar.xz", "1.27.0").read_bytes()) as server:
        _point(monkeypatch, [f"{server.url}/ok/micropython-{{version}}.tar.xz"])
        yield server


def _point(
    monkeypatch: pytest.MonkeyPatch, urls: list[str], order: tuple[str, ...] = ("official",), helper: Path | None = None
) -> None:
    data: dict[str, Any] = {**sdk_sources._data(), "order": list(order)}
    data["official"] = {**data["official"], "urls": urls}
    if helper is not None:
        data["debian"] = {**data["debian"], "helper": str(helper)}
    monkeypatch.setattr(sdk_sources, "_data", lambda: data)


def test_a_missing_tree_is_fetched_once(
    official: FileServer, store: SdkStore, ctx: RecordingContext, paths: Paths
) -> None:
    tree = store.ensure(ctx, "v1.27.0")
    assert tree.version == "1.27.0"
    assert tree.origin.startswith(official.url)
    assert store.ensure(ctx, "1.27.0") == tree
    assert len(official.requests) == 1
    assert any("no published check sum" in line for line in ctx.said())
    left = [path.name for path in (paths.data / "downloads").iterdir() if not path.name.startswith(".")]
    assert left == ["micropython-1.27.0.tar.xz.sha256"]  # must match ever after


def test_an_archive_of_another_version_is_refused(official: FileServer, store: SdkStore, ctx: RecordingContext) -> None:
    with pytest.raises(SdkUnavailable) as raised:
        store.ensure(ctx, "1.28.0")
    assert "holds MicroPython 1.27.0, not 1.28.0" in raised.value.detail
    assert store.installed() == []


def test_a_login_page_is_no_archive_and_is_forgotten(
    official: FileServer, store: SdkStore, ctx: RecordingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = f"{official.url}/ok/micropython-{{version}}.tar.xz"
    _point(monkeypatch, [good.replace("/ok/", "/login/"), good])
    assert store.ensure(ctx, "1.27.0").origin.startswith(f"{official.url}/ok/")
    assert "127.0.0.1" in next(line for line in ctx.said() if "did not give MicroPython 1.27.0" in line)


def test_nowhere_to_be_had(store: SdkStore, ctx: RecordingContext, monkeypatch: pytest.MonkeyPatch) -> None:
    _point(monkeypatch, ["http://127.0.0.1:9/micropython-{version}.tar.xz"])
    with pytest.raises(SdkUnavailable, match="natmod sdk add FILE") as raised:
        store.ensure(ctx, "1.27.0")
    assert "cannot be reached from here" in raised.value.detail


def test_debian_is_asked_on_debian_only(ctx: JobContext, tmp_path: Path) -> None:
    elsewhere = JobContext(Host("macos", "aarch64", {"PATH": ""}))
    titles = [source.title for source in sdk_sources.sources(elsewhere, tmp_path, "1.26.1")]
    assert titles == ["micropython.org", "github.com"]


@pytest.mark.parametrize(
    ("mirror", "version", "titles"),
    [
        ("http://mirror.example/debian", "1.26.1", ["mirror.example", "apt"]),
        ("http://mirror.example/debian", "1.27.0", ["apt"]),  # its hash is not known
        ("mirror+file:/etc/apt/mirrors.list", "1.26.1", ["apt"]),
        (None, "1.26.1", ["apt"]),
    ],
)
def test_the_machines_own_mirror_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mirror: str | None, version: str, titles: list[str]
) -> None:
    machine = tmp_path / "bin"
    machine.mkdir()
    for name in ("apt-get", "dpkg", "apt-helper"):
        (machine / name).write_text("#!/bin/sh\n")
        (machine / name).chmod(0o755)
    _point(monkeypatch, [], ("debian", "apt"), helper=machine / "apt-helper")
    monkeypatch.setattr(sdk_sources, "debian_mirror", lambda ctx: mirror)
    ctx = JobContext(Host("linux", "x86_64", {"PATH": str(machine)}))
    assert [source.title for source in sdk_sources.sources(ctx, tmp_path, version)] == titles
    (machine / "apt-helper").unlink()
    assert [source.title for source in sdk_sources.sources(ctx, tmp_path, version)] == ["apt"]


def test_debian_gives_the_default_tree_without_an_index(
    store: SdkStore, ctx: RecordingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    _point(monkeypatch, [], ("debian",))
    try:
        tree = store.ensure(ctx)
    except SdkUnavailable as error:
        pytest.skip(f"no Debian mirror: {error.detail}")
    assert tree.version == DEFAULT_VERSION
    assert tree.origin.endswith(".orig.tar.xz")
    tree.require("ports/qemu/Makefile", "ports/unix/Makefile", "examples/natmod/features0/features0.c")
