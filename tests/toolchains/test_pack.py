"""Making packs: what goes in, what is left out and said, and that whoever opens one gets what the maker had."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.fakes import packs
from tests.fakes.pack_server import serve
from toolchains import pack_parts, pack_toolchains, pack_wheels
from toolchains.catalog import Catalog, File, Release, platform_key
from toolchains.errors import Cancelled, FetchError, StudioError, UsageError
from toolchains.fetch import Download, NetworkError, NotOnServer
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.pack import Made, Wishes, make_pack
from toolchains.pack_manifest import MANIFEST
from toolchains.pack_parts import FirmwareUnavailable
from toolchains.pack_source import PackDamaged, PackSource
from toolchains.pack_toolchains import NoToolchainToPack, Spoilt
from toolchains.paths import Paths, examples
from toolchains.sdk import SdkStore
from toolchains.sdk_tree import SdkTree
from toolchains.store import Store
from toolchains.text import _
from toolchains.toolbox import Toolbox

#: Nothing that has to be fetched.
LITTLE = frozenset({"sdk", "firmware", "wheels", "examples"})


@pytest.fixture
def here(host: Host) -> str:
    key = platform_key(host)
    if key not in packs.PLATFORMS:
        pytest.skip("the compiler of this test is a shell script")
    return key


@pytest.fixture
def box(ctx: RecordingContext, paths: Paths, tmp_path: Path, here: str) -> Toolbox:
    """A home with the "compiler" for the ESP32 in its store."""
    archive = packs.toolchain(ctx, tmp_path / "t")
    pack = packs.make(ctx, tmp_path / "t.natmodpack", {}, archive)
    toolbox = Toolbox.of(ctx.host)
    with PackSource.open(ctx, str(pack)) as source:
        toolbox.toolchains.install(ctx, packs.TOOL, sources=[source])
    return toolbox


def made(ctx: JobContext, box: Toolbox, out: Path, **wishes: object) -> Made:
    words = {"chips": ("esp32",), "without": LITTLE, **wishes}
    return make_pack(ctx, box, Wishes(**words), out)  # type: ignore[arg-type]


def other_home(ctx: JobContext, folder: Path) -> Toolbox:
    return Toolbox.of(Host(ctx.host.system, ctx.host.machine, {**ctx.host.environ, "NATMOD_HOME": str(folder)}))


def test_what_is_installed_is_packed_and_installed_elsewhere(
    ctx: RecordingContext, box: Toolbox, tmp_path: Path, here: str
) -> None:
    pack = made(ctx, box, tmp_path / "lab")
    assert pack.path.name == "lab.natmodpack"
    assert pack.size == pack.path.stat().st_size
    assert [file.path for file in pack.manifest.files] == [f"toolchains/made-gcc-1.2.3-{here}.tar.xz"]
    with zipfile.ZipFile(pack.path) as bundle:
        assert bundle.namelist()[0] == MANIFEST
        assert bundle.testzip() is None
        assert {info.compress_type for info in bundle.infolist()} == {zipfile.ZIP_STORED}
    away = other_home(ctx, tmp_path / "away")
    with PackSource.open(ctx, str(pack.path)) as source:
        one = away.toolchains.install(ctx, "xtensawin", sources=[source])
    before = box.toolchains.get(packs.TOOL)
    assert (one.id, one.arches, one.ours) == (packs.TOOL, ("xtensawin",), True)
    assert files(one.folder) == files(before.folder)
    assert away.toolchains.verify(ctx, one.id) == []


@pytest.mark.parametrize("kind", ["file", "folder", "web"])
def test_a_toolchain_that_is_not_what_the_pack_says_is_said_of_the_pack(
    ctx: RecordingContext, box: Toolbox, tmp_path: Path, kind: str
) -> None:
    """And nobody is asked for it on the network."""
    pack = made(ctx, box, tmp_path / "served" / "lab").path
    with zipfile.ZipFile(pack) as bundle:
        bundle.extractall(tmp_path / "served" / "folder")
    (archive,) = (tmp_path / "served" / "folder" / "toolchains").iterdir()
    content = archive.read_bytes()
    archive.write_bytes(content[:100] + b"?" + content[101:])
    whole = pack.read_bytes()
    at = whole.index(content) + 100
    pack.write_bytes(whole[:at] + b"?" + whole[at + 1 :])
    away = other_home(ctx, tmp_path / "away")
    with serve(tmp_path / "served") as web:
        where = {"file": pack, "folder": tmp_path / "served" / "folder", "web": f"{web.url}/folder"}[kind]
        with PackSource.open(ctx, str(where)) as source, pytest.raises(PackDamaged, match="Copy the pack again"):
            away.toolchains.install(ctx, "xtensawin", sources=[source], provider="pack")
    assert [one for one in away.toolchains.installed() if one.ours] == []


def files(folder: Path) -> dict[str, tuple[bytes, bool]]:
    """What is in a toolchain but for the papers of the store."""
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), bool(path.stat().st_mode & 0o100))
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("natmod-")
    }


def test_the_same_again_is_quick_and_the_same(
    ctx: RecordingContext, box: Toolbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = made(ctx, box, tmp_path / "a.natmodpack")
    monkeypatch.setattr(pack_parts, "repack", lambda *args: pytest.fail("it was packed before"))
    second = made(ctx, box, tmp_path / "b.natmodpack")
    assert replace(first.manifest, made="") == replace(second.manifest, made="")


@pytest.mark.slow
def test_sources_and_examples_go_along(ctx: RecordingContext, box: Toolbox, sdk_tree: SdkTree, tmp_path: Path) -> None:
    box.sdks.add(ctx, sdk_tree.path)
    pack = made(ctx, box, tmp_path / "lab", without=frozenset({"firmware", "wheels", "toolchains"}))
    paths = [file.path for file in pack.manifest.files]
    assert paths[0] == "sdk/micropython-1.26.1.tar.xz"
    assert "examples/factorial/factorial.c" in paths
    there = {path.relative_to(examples()).as_posix() for path in examples().rglob("*.c")}
    assert {f"examples/{name}" for name in there if ".natmod" not in name} <= set(paths)
    assert not [path for path in paths if "__pycache__" in path or "/." in path]
    away = other_home(ctx, tmp_path / "away")
    with PackSource.open(ctx, str(pack.path)) as source:
        tree = SdkStore(away.paths).ensure(ctx, None, source)
    assert (tree.version, tree.identity) == ("1.26.1", sdk_tree.identity)
    assert tree.origin.startswith("pack:")
    assert list((away.paths.data / "downloads").glob("*.xz")) == []


def test_zig_needs_no_toolchain_for_risc_v(ctx: RecordingContext, box: Toolbox, tmp_path: Path) -> None:
    assert made(ctx, box, tmp_path / "lab", chips=("esp32c3", "esp32c6")).manifest.toolchains == ()


@pytest.mark.parametrize(
    ("wishes", "word"),
    [
        ({"chips": ("esp99",)}, "esp32c3"),
        ({"platforms": ("amiga",)}, "win64"),
        ({"without": frozenset({"zig"})}, "firmware"),
        ({"sdks": ("1.10.0",)}, "1.22"),
    ],
)
def test_names_that_nobody_knows_are_said_with_those_there_are(
    ctx: RecordingContext, box: Toolbox, tmp_path: Path, wishes: dict[str, object], word: str
) -> None:
    with pytest.raises(StudioError) as caught:
        made(ctx, box, tmp_path / "lab", **wishes)
    assert word in str(caught.value)
    (tmp_path / "x.natmodpack").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        made(ctx, box, tmp_path / "x.natmodpack")


def test_what_was_spoilt_is_not_handed_on(ctx: RecordingContext, box: Toolbox, tmp_path: Path) -> None:
    one = box.toolchains.get(packs.TOOL)
    (one.folder / "bin" / "xtensa-esp32-elf-gcc").write_text("#!/bin/sh\nreboot\n")
    with pytest.raises(Spoilt, match=f"repair {packs.TOOL}"):
        made(ctx, box, tmp_path / "lab")


def unreachable(ctx: JobContext, download: Download, folder: Path, **more: object) -> Path:
    raise NetworkError(_("No way."), why=_("It cannot be reached from here."), url=download.url)


def test_what_cannot_be_had_is_said_with_the_way_out(
    ctx: RecordingContext, box: Toolbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack_toolchains, "fetch", unreachable)
    monkeypatch.setattr(pack_parts, "fetch", unreachable)
    old = made(ctx, box, tmp_path / "lab").path.read_bytes()
    with pytest.raises(NoToolchainToPack, match=r"xtensawin on win64 .*Leave that platform out"):
        made(ctx, box, tmp_path / "lab", platforms=("win64",))
    with pytest.raises(FirmwareUnavailable, match=r"ESP32_GENERIC-.*--without firmware"):
        made(ctx, box, tmp_path / "lab", without=LITTLE - {"firmware"})
    assert (tmp_path / "lab.natmodpack").read_bytes() == old
    assert not list(tmp_path.glob(".*"))


def test_without_one_installed_the_step_is_to_install_it(
    ctx: RecordingContext, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack_toolchains, "fetch", unreachable)
    with pytest.raises(NoToolchainToPack, match="natmod toolchain install xtensawin"):
        made(ctx, Toolbox.of(ctx.host), tmp_path / "lab")


def test_firmware_of_the_chips_own_boards_goes_along(
    ctx: RecordingContext, box: Toolbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was put together from lists and is not on the server is left out, with a note."""

    def fetched(ctx: JobContext, download: Download, folder: Path) -> Path:
        if "OTA" in download.filename:
            raise NotOnServer(_("No."), url=download.url, status=404)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / download.filename).write_bytes(download.filename.encode())
        return folder / download.filename

    monkeypatch.setattr(pack_parts, "fetch", fetched)
    pack = made(ctx, box, tmp_path / "lab", sdks=("1.28.0",), without=LITTLE - {"firmware"})
    names = [file.name for file in pack.manifest.of_kind("firmware")]
    assert "ESP32_GENERIC-20260406-v1.28.0.bin" in names or any("v1.28.0" in name for name in names)
    assert not [name for name in names if "OTA" in name or not name.startswith("ESP32_GENERIC")]
    assert any("OTA" in line and "left out" in line for line in ctx.said())


def test_other_systems_get_the_makers_own_archive(
    ctx: RecordingContext, box: Toolbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The smallest that serves every MicroPython of the pack."""
    archives = {}
    for name, size in (("old", 10), ("large", 900), ("small", 500)):
        archives[name] = tmp_path / f"{name}.zip"
        archives[name].write_bytes(bytes(size))

    def release(name: str, natmod: tuple[str, str]) -> Release:
        content = archives[name].read_bytes()
        file = File(f"{name}.zip", f"https://example.org/{name}.zip", len(content), packs.digest(content))
        one = packs.release(tmp_path / "t" / "made-gcc-1.2.3.tar.xz")
        return replace(one, tool="xtensa-esp-elf", version=name, natmod=natmod, files={"win64": file})

    rows = (release("old", ("1.22", "1.24")), release("large", ("1.22", "1.29")), release("small", ("1.22", "1.29")))
    monkeypatch.setattr(Catalog, "of", staticmethod(lambda paths: Catalog(rows)))
    monkeypatch.setattr(pack_toolchains, "fetch", lambda ctx, download, folder: tmp_path / download.filename)
    pack = made(ctx, box, tmp_path / "lab", platforms=("win64",), sdks=("1.26.1", "1.25.0"), slim=True)
    assert [file.path for file in pack.manifest.files] == ["toolchains/small.zip"]
    (one,) = pack.manifest.toolchains
    assert (one.release.id, one.stamp, one.slim) == ("xtensa-esp-elf@small", None, False)
    assert one.release.files["win64"].url == "https://example.org/small.zip"
    assert any("is packed whole" in line for line in ctx.said())


def test_slim_leaves_c_plus_plus_out_and_says_what_was_saved(
    ctx: RecordingContext, paths: Paths, tmp_path: Path, here: str
) -> None:
    archive = packs.toolchain(ctx, tmp_path / "t", plus=bytes(100_000))
    pack = packs.make(ctx, tmp_path / "t.natmodpack", {}, archive)
    box = Toolbox.of(ctx.host)
    with PackSource.open(ctx, str(pack)) as source:
        one = box.toolchains.install(ctx, packs.TOOL, sources=[source])
    small = made(ctx, box, tmp_path / "small", slim=True)
    assert (one.folder / "libexec" / "cc1plus").is_file()
    assert small.manifest.toolchains[0].slim
    away = other_home(ctx, tmp_path / "away")
    with PackSource.open(ctx, str(small.path)) as source:
        folder = away.toolchains.install(ctx, packs.TOOL, sources=[source]).folder
    assert not list(folder.rglob("cc1plus"))
    assert (folder / "bin" / "xtensa-esp32-elf-gcc").is_file()
    assert any("99 kB before" in line for line in ctx.said()), ctx.said()
    assert list((paths.cache / "packs").glob("slim-*")) == []


def test_a_makers_archive_for_this_computer_is_made_slim_as_well(
    ctx: RecordingContext, paths: Paths, tmp_path: Path, here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is installed: it is unpacked to the side for that."""
    archive = packs.toolchain(ctx, tmp_path / "t", plus=bytes(100_000))
    monkeypatch.setattr(Catalog, "of", staticmethod(lambda paths: Catalog((packs.release(archive),))))
    monkeypatch.setattr(pack_toolchains, "fetch", lambda ctx, download, folder: archive)
    small = made(ctx, Toolbox.of(ctx.host), tmp_path / "small", slim=True)
    assert [file.name for file in small.manifest.files] == [f"made-gcc-1.2.3-{here}-slim.tar.xz"]
    assert not (paths.store / "toolchains").exists() or not any((paths.store / "toolchains").glob("[!.]*"))
    away = other_home(ctx, tmp_path / "away")
    with PackSource.open(ctx, str(small.path)) as source:
        folder = away.toolchains.install(ctx, packs.TOOL, sources=[source]).folder
    assert [path.name for path in folder.rglob("*") if path.is_file() and "natmod-" not in path.name] == [
        "padding",
        "xtensa-esp32-elf-gcc",
    ]


def test_wheels_say_whom_they_serve(
    ctx: RecordingContext, box: Toolbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gather(ctx: JobContext, platforms: Sequence[str], pythons: Sequence[str], into: Path) -> list[Path]:
        into.mkdir(parents=True, exist_ok=True)
        names = ("any", platforms[0], f"{platforms[0]}-{pythons[0]}")
        for name in names:
            (into / f"{name}.whl").write_text(name)
        return [into / f"{name}.whl" for name in names]

    monkeypatch.setattr(pack_wheels, "gather", gather)
    words = {"platforms": ("win64", "macos"), "pythons": ("3.11", "3.12"), "chips": ("esp32c3",)}
    pack = made(ctx, box, tmp_path / "lab", without=LITTLE - {"wheels"}, **words)
    found = {file.name: (file.platform, file.python) for file in pack.manifest.of_kind("wheel")}
    assert found["any.whl"] == (None, None)
    assert found["win64.whl"] == ("win64", None)
    assert found["macos-3.12.whl"] == ("macos", "3.12")


def test_presets_are_checked_before_anything_is_packed(ctx: RecordingContext, box: Toolbox, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text('language = "fr"\n')
    bad.write_text('language = "fr"\ncommand = "reboot"\n')
    assert made(ctx, box, tmp_path / "lab", lab=good).manifest.files[0].path == "lab.toml"
    with pytest.raises(StudioError, match="command"):
        made(ctx, box, tmp_path / "other", lab=bad)
    assert not (tmp_path / "other.natmodpack").exists()


@pytest.mark.parametrize("when", range(8))
def test_cancel_keeps_the_old_pack(box: Toolbox, tmp_path: Path, host: Host, when: int) -> None:
    made(RecordingContext(host), box, tmp_path / "lab")
    again = RecordingContext(host)  # what was packed once is in the cache
    old = made(again, box, tmp_path / "lab").path.read_bytes()
    n_events = len(again.events) - 1
    ctx, seen = RecordingContext(host), []

    def hear(event: object) -> None:
        seen.append(event)
        if len(seen) > when * n_events // 8:
            ctx.cancel()

    ctx.sink = hear
    with pytest.raises(Cancelled):
        made(ctx, box, tmp_path / "lab")
    assert (tmp_path / "lab.natmodpack").read_bytes() == old
    assert not list(tmp_path.glob(".*"))


def test_the_catalogue_knows_what_a_pack_had(ctx: RecordingContext, box: Toolbox, tmp_path: Path) -> None:
    """The stamp of the store goes along: where a toolchain came from is still known."""
    pack = made(ctx, box, tmp_path / "lab")
    (row,) = json.loads(pack.manifest.to_json())["toolchains"]
    assert row["stamp"]["name"] == packs.TOOL
    assert "contents" not in row["stamp"]
    away = other_home(ctx, tmp_path / "away")
    with PackSource.open(ctx, str(pack.path)) as source:
        away.toolchains.install(ctx, packs.TOOL, sources=[source])
    before, after = (Store(one.paths.store / "toolchains").entries()[0].stamp for one in (box, away))
    assert {key: before[key] for key in ("origin", "version", "arches")} == {
        key: after[key] for key in ("origin", "version", "arches")
    }


def test_what_was_kept_for_packs_can_be_pruned(ctx: RecordingContext, box: Toolbox, tmp_path: Path) -> None:
    pack = made(ctx, box, tmp_path / "lab")
    assert box.toolchains.prune(ctx) >= pack.manifest.size
    assert list((box.paths.cache / "packs").iterdir()) == []


def test_errors_of_packs_are_errors_of_getting() -> None:
    for kind in (NoToolchainToPack, Spoilt, FirmwareUnavailable):
        assert issubclass(kind, FetchError)
