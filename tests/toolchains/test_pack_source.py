"""Packs as sources: wherever they lie, the same files come out, and never one that the manifest does not vouch for."""

from __future__ import annotations

import json
import os
import random
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.fakes import packs
from tests.fakes.pack_server import PackServer, serve
from toolchains import pack_memory, pack_web
from toolchains.errors import Cancelled, StudioError, UsageError
from toolchains.fetch import Download, NetworkError, fetch
from toolchains.idf_tools import builtin_releases
from toolchains.jobs import JobContext
from toolchains.pack_manifest import MANIFEST, PackError, PackUnsafe
from toolchains.pack_source import NotInPack, PackDamaged, PackNotThere, PackSource
from toolchains.pack_writer import header_size
from toolchains.paths import Paths

TREE = random.Random(1).randbytes(300_000)
FILES = {
    "sdk/micropython-1.26.1.tar.xz": TREE,
    "examples/a/main.py": b"print(1)\n",
    "wheels/x-1-py3-none-any.whl": b"w",
}
WHERE = ["file", "folder", "stick", "manifest", "web folder", "web file", "web parts"]


@pytest.fixture
def pack(ctx: RecordingContext, tmp_path: Path) -> Path:
    return packs.make(ctx, tmp_path / "out" / "lab.natmodpack", FILES)


@contextmanager
def placed(pack: Path, kind: str) -> Iterator[str]:
    """The pack, where ``kind`` says."""
    folder = pack.parent / "unzipped"
    with zipfile.ZipFile(pack) as bundle:
        bundle.extractall(folder)
    with ExitStack() as stack:
        web = stack.enter_context(serve(pack.parent, parts=kind == "web parts")) if kind.startswith("web") else None
        yield {
            "file": str(pack),
            "folder": str(folder),
            "stick": str(pack.parent),
            "manifest": str(folder / MANIFEST),
            "web folder": f"{web.url if web else ''}/unzipped/",
            "web file": f"{web.url if web else ''}/{pack.name}",
            "web parts": f"{web.url if web else ''}/{pack.name}",
        }[kind]


@pytest.mark.parametrize("kind", WHERE)
def test_every_file_comes_out_wherever_the_pack_lies(
    ctx: RecordingContext, paths: Paths, pack: Path, tmp_path: Path, kind: str
) -> None:
    with placed(pack, kind) as where, PackSource.open(ctx, where) as source:
        assert {file.path for file in source.manifest.files} == FILES.keys()
        for file in source.manifest.files:
            assert source.get(ctx, file, tmp_path / "got").read_bytes() == FILES[file.path]
            assert source.get(ctx, file, tmp_path / "got").read_bytes() == FILES[file.path]
    assert sorted(path.name for path in (tmp_path / "got").iterdir() if path.name[0] != ".") == [
        "main.py",
        "micropython-1.26.1.tar.xz",
        "x-1-py3-none-any.whl",
    ]
    assert list((paths.cache / "packs").glob("*")) == []


@pytest.mark.parametrize("kind", WHERE)
def test_downloads_come_from_it_instead_of_the_network(
    ctx: RecordingContext, pack: Path, tmp_path: Path, kind: str
) -> None:
    download = Download("http://127.0.0.1:1/none", "tree.tar.xz", f"sha256:{packs.digest(TREE)}", len(TREE))
    unknown = Download("http://127.0.0.1:1/none", "micropython-1.26.1.tar.xz", "unverified:nobody knows")
    with placed(pack, kind) as where, PackSource.open(ctx, where) as source:
        assert fetch(ctx, download, tmp_path / "got", sources=[source]).read_bytes() == TREE
        assert fetch(ctx, unknown, tmp_path / "got", sources=[source]).read_bytes() == TREE
        assert source.find("0" * 64, "main.py") is None


def test_releases_and_sdks_are_listed(ctx: RecordingContext, tmp_path: Path) -> None:
    archive = packs.toolchain(ctx, tmp_path / "t")
    pack = packs.make(ctx, tmp_path / "lab.natmodpack", FILES, archive)
    with PackSource.open(ctx, str(pack)) as source:
        assert [one.id for one in source.releases] == [packs.TOOL]
        assert source.sdk("1.26.1").name == "micropython-1.26.1.tar.xz"
        assert source.newest_sdk == "1.26.1"
        with pytest.raises(NotInPack, match=r"has no MicroPython 1\.22\.0\. It has: 1\.26\.1"):
            source.sdk("1.22.0")


def test_a_server_of_whole_files_is_asked_for_no_more_than_is_needed(ctx: RecordingContext, tmp_path: Path) -> None:
    """What comes after it stays on the server, but for what the system's buffers take."""
    large = packs.make(
        ctx, tmp_path / "out" / "lab.natmodpack", {**FILES, "wheels/y-1-py3-none-any.whl": bytes(64 << 20)}
    )
    with serve(large.parent) as web:
        with PackSource.open(ctx, f"{web.url}/{large.name}") as source:
            source.get(ctx, source.sdk("1.26.1"), tmp_path)
        assert web.requests == [f"/{large.name}"] * 2
        assert web.sent < 32 << 20


def test_a_file_that_is_asked_for_twice_is_copied_out_once(ctx: RecordingContext, pack: Path) -> None:
    with PackSource.open(ctx, str(pack)) as source:
        first = source.find(packs.digest(TREE), "")
        assert isinstance(first, Path)
        stamp = first.stat().st_mtime_ns
        assert source.find(packs.digest(TREE), "") == first
        assert first.stat().st_mtime_ns == stamp
    assert not first.exists()


# --- what is no pack ------------------------------------------------------------------------------------------------


def refused(ctx: JobContext, where: object, kind: type[StudioError]) -> str:
    with pytest.raises(kind) as caught:
        PackSource.open(ctx, str(where)).close()
    assert caught.value.next_step is not None
    return str(caught.value)


def test_what_is_no_pack_is_said(ctx: RecordingContext, pack: Path, tmp_path: Path) -> None:
    assert "no pack at" in refused(ctx, tmp_path / "nothing.natmodpack", PackNotThere)
    (tmp_path / "empty").mkdir()
    assert MANIFEST in refused(ctx, tmp_path / "empty", PackNotThere)
    (tmp_path / "text.natmodpack").write_text("hello")
    assert "no pack, or only a part" in refused(ctx, tmp_path / "text.natmodpack", PackNotThere)
    with zipfile.ZipFile(tmp_path / "other.natmodpack", "w") as bundle:
        bundle.writestr("a", "b")
    assert MANIFEST in refused(ctx, tmp_path / "other.natmodpack", PackNotThere)
    assert "begins with http" in refused(ctx, "ftp://server/lab.natmodpack", UsageError)
    (tmp_path / "two").mkdir()
    for name in ("a", "b"):
        (tmp_path / "two" / f"{name}.natmodpack").write_bytes(pack.read_bytes())
    assert "2 packs" in refused(ctx, tmp_path / "two", UsageError)


def test_what_is_no_pack_on_a_server_is_said(ctx: RecordingContext, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(pack_web, "_PAUSES_S", (0.01,))
    (tmp_path / "text.natmodpack").write_text("hello" * 100)
    with serve(tmp_path) as web:
        for tail in ("", "/folder", "/none.natmodpack", "/text.natmodpack"):
            assert "no pack at" in refused(ctx, web.url + tail, PackNotThere)
        gone = web.url
    assert "127.0.0.1" in refused(ctx, gone, NetworkError)


@pytest.mark.parametrize("left", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_pack_is_refused(ctx: RecordingContext, pack: Path, left: float) -> None:
    whole = pack.read_bytes()
    pack.write_bytes(whole[: int(len(whole) * left)])
    assert "only a part of one" in refused(ctx, pack, PackNotThere)


# --- what lies ------------------------------------------------------------------------------------------------------


def lying(kind: str, tmp_path: Path, raw: bytes, files: dict[str, bytes]) -> tuple[Path, bool]:
    """A pack with any manifest, as a folder or as a file."""
    if kind == "folder":
        return packs.folder(tmp_path / "lies", raw, files), True
    with zipfile.ZipFile(tmp_path / "lies.natmodpack", "w") as bundle:
        bundle.writestr(MANIFEST, raw)
        for name, content in files.items():
            bundle.writestr(name, content)
    return tmp_path / "lies.natmodpack", False


LIES = [
    ("another hash", b"honest", {"sha256": "0" * 64}),
    ("too short", b"honest", {"size": 10}),
    ("too long", b"honest", {"size": 3}),
    ("missing", None, {}),
]


@pytest.mark.parametrize("kind", ["folder", "file"])
@pytest.mark.parametrize(("name", "content", "lie"), LIES, ids=[one[0] for one in LIES])
def test_a_file_that_is_not_what_the_manifest_says_is_not_used(
    ctx: RecordingContext, tmp_path: Path, kind: str, name: str, content: bytes | None, lie: dict[str, object]
) -> None:
    raw = packs.manifest({**packs.entry("examples/a", b"honest"), **lie})
    where, _is_folder = lying(kind, tmp_path, raw, {} if content is None else {"examples/a": content})
    with PackSource.open(ctx, str(where)) as source:
        with pytest.raises(PackDamaged, match="examples/a") as caught:
            source.get(ctx, source.manifest.files[0], tmp_path / "got")
        assert "Copy the pack again" in str(caught.value)
    left = (tmp_path / "got").iterdir() if (tmp_path / "got").exists() else ()
    assert [path.name for path in left if path.suffix != ".lock"] == []


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_a_path_that_leads_out_is_refused_before_anything_is_read(
    ctx: RecordingContext, tmp_path: Path, kind: str
) -> None:
    (tmp_path / "secret").write_bytes(b"honest")
    for path in ("../secret", "/etc/passwd", "examples/../../secret"):
        where, _is_folder = lying(kind, tmp_path, packs.manifest(packs.entry(path, b"honest")), {})
        assert "leads out of the pack" in refused(ctx, where, PackUnsafe)


@pytest.mark.parametrize("kind", ["file", "web parts"])
def test_whatever_is_changed_in_a_pack_nothing_wrong_comes_out(
    ctx: RecordingContext, pack: Path, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes exchanged, cut out, put in or cut off, anywhere: the right file, or an error of ours."""
    monkeypatch.setattr(pack_web, "_PAUSES_S", ())
    whole, outcomes = pack.read_bytes(), Counter[str]()
    with placed(pack, kind) as where:
        for seed in range(60):
            pack.write_bytes(mangled(whole, random.Random(seed)))
            try:
                with PackSource.open(ctx, where) as source:
                    for file in source.manifest.files:
                        got = source.get(ctx, file, tmp_path / str(seed))
                        assert got.read_bytes() == FILES[file.path]
                outcomes["right"] += 1
            except (PackError, NetworkError) as error:
                outcomes[error.code] += 1
    assert outcomes["right"] < 60
    assert outcomes.total() == 60


def mangled(whole: bytes, chance: random.Random) -> bytes:
    where = chance.choice([chance.randrange(len(whole)), chance.randrange(2000), len(whole) - chance.randrange(1, 500)])
    some = chance.randbytes(chance.choice([1, 1, 4, 100]))
    return chance.choice(
        [
            whole[:where] + some + whole[where + len(some) :],
            whole[:where] + whole[where + len(some) :],
            whole[:where] + some + whole[where:],
            whole[:where],
        ]
    )


def test_who_takes_a_makers_name_must_have_the_makers_file(ctx: RecordingContext, tmp_path: Path) -> None:
    archive = packs.toolchain(ctx, tmp_path / "t")
    release = next(one for one in builtin_releases() if "xtensawin" in one.arches and one.file_for("linux-amd64"))
    honest = packs.make(ctx, tmp_path / "a.natmodpack", {}, archive)
    with zipfile.ZipFile(honest) as bundle:
        data = json.loads(bundle.read(MANIFEST))
    data["toolchains"][0].update(tool=release.tool, version=release.version)
    root = packs.folder(
        tmp_path / "lies", json.dumps(data).encode(), {f"toolchains/{archive.name}": archive.read_bytes()}
    )
    assert "not the file that its maker gave out" in refused(ctx, root, PackUnsafe)


def test_a_link_that_leads_out_of_a_folder_is_refused(ctx: RecordingContext, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"honest")
    root = packs.folder(tmp_path / "lies", packs.manifest(packs.entry("a/secret", b"honest")), {})
    (root / "a").symlink_to(tmp_path)
    with PackSource.open(ctx, str(root)) as source, pytest.raises(PackDamaged, match="link that leads out"):
        source.get(ctx, source.manifest.files[0], tmp_path / "got")


def test_a_member_that_is_a_bomb_is_stopped_at_its_size(ctx: RecordingContext, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "b.natmodpack", "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr(MANIFEST, packs.manifest(packs.entry("examples/a", b"honest")))
        bundle.writestr("examples/a", bytes(200_000_000))
    with PackSource.open(ctx, str(tmp_path / "b.natmodpack")) as source, pytest.raises(PackDamaged):
        source.get(ctx, source.manifest.files[0], tmp_path / "got")


@pytest.mark.parametrize("kind", ["web folder", "web file", "web parts"])
def test_a_server_with_another_file_is_not_believed(
    ctx: RecordingContext, pack: Path, tmp_path: Path, kind: str
) -> None:
    with placed(pack, kind) as where:
        (pack.parent / "unzipped" / "sdk" / "micropython-1.26.1.tar.xz").write_bytes(TREE[:-1] + b"?")
        content = bytearray(pack.read_bytes())
        content[content.index(TREE) + 1000] ^= 1
        pack.write_bytes(content)
        with PackSource.open(ctx, where) as source, pytest.raises(PackDamaged, match="not the file"):
            source.get(ctx, source.sdk("1.26.1"), tmp_path / "got")
    assert not (tmp_path / "got" / "micropython-1.26.1.tar.xz").exists()


def test_a_zip_of_another_program_on_a_server_is_refused_with_the_way_out(
    ctx: RecordingContext, pack: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(pack) as bundle:
        names, raw = bundle.namelist(), bundle.read(MANIFEST)
        contents = [bundle.read(name) for name in names]
    with zipfile.ZipFile(pack, "w") as bundle:
        with bundle.open(zipfile.ZipInfo(MANIFEST), "w", force_zip64=True) as member:
            member.write(raw)
        for name, content in zip(names[1:], contents[1:], strict=True):
            bundle.writestr(name, content)
    with (
        serve(pack.parent) as web,
        PackSource.open(ctx, f"{web.url}/{pack.name}") as source,
        pytest.raises(PackDamaged, match="unpack it into a folder"),
    ):
        source.get(ctx, source.sdk("1.26.1"), tmp_path / "got")
    with PackSource.open(ctx, str(pack)) as source:  # as a file it is as good as any
        assert source.get(ctx, source.sdk("1.26.1"), tmp_path / "got").read_bytes() == TREE


def test_what_is_between_the_members_is_known(pack: Path) -> None:
    content = pack.read_bytes()
    with zipfile.ZipFile(pack) as bundle:
        for info in bundle.infolist():
            start = info.header_offset + header_size(info.filename)
            assert content[start : start + info.file_size] == bundle.read(info)


# --- a busy server, a person who changes their mind -----------------------------------------------------------------


@pytest.mark.parametrize("kind", ["web folder", "web file"])
def test_a_server_that_breaks_off_is_asked_again(
    ctx: RecordingContext, pack: Path, tmp_path: Path, kind: str, monkeypatch
) -> None:
    monkeypatch.setattr(pack_web, "_PAUSES_S", (0.01,) * 4)
    with placed_server(pack, kind) as (web, where):
        web.refuse = 2
        with PackSource.open(ctx, where) as source:
            web.cut, web.cut_at = 1, 100_000
            assert source.get(ctx, source.sdk("1.26.1"), tmp_path / "got").read_bytes() == TREE


@contextmanager
def placed_server(pack: Path, kind: str) -> Iterator[tuple[PackServer, str]]:
    with zipfile.ZipFile(pack) as bundle:
        bundle.extractall(pack.parent / "unzipped")
    with serve(pack.parent) as web:
        yield web, f"{web.url}/unzipped" if kind == "web folder" else f"{web.url}/{pack.name}"


@pytest.mark.parametrize("kind", ["file", "web file"])
def test_cancel_leaves_nothing(pack: Path, tmp_path: Path, paths: Paths, host, kind: str) -> None:
    ctx = RecordingContext(host)
    with placed(pack, kind) as where, PackSource.open(ctx, where) as source:
        ctx.sink = lambda event: ctx.cancel()
        with pytest.raises(Cancelled):
            source.get(ctx, source.sdk("1.26.1"), tmp_path / "got")
    assert list((paths.cache / "packs").glob("*")) == []
    assert not list(tmp_path.glob("got/*.xz"))


def test_what_a_killed_process_copied_out_goes_after_a_day(ctx: RecordingContext, paths: Paths, pack: Path) -> None:
    old, fresh = paths.cache / "packs" / "open-old", paths.cache / "packs" / "open-fresh"
    for folder in (old, fresh):
        folder.mkdir(parents=True)
    os.utime(old, (0, 0))
    with PackSource.open(ctx, str(pack)) as source:
        source.find(packs.digest(TREE), "")
    assert (old.exists(), fresh.exists()) == (False, True)


# --- remembered -----------------------------------------------------------------------------------------------------


def test_the_pack_that_we_were_set_up_from_is_remembered(ctx: RecordingContext, paths: Paths, pack: Path) -> None:
    assert PackSource.remembered(ctx, paths) is None
    pack_memory.remember(paths, str(pack))
    found = PackSource.remembered(ctx, paths)
    assert found is not None
    found.close()
    pack.unlink()
    assert PackSource.remembered(ctx, paths) is None
    assert any("no pack at" in line for line in ctx.said())
    for nonsense in ("source = 5", "[", "\xff"):
        (paths.config / "pack.toml").write_text(nonsense, "latin-1")
        assert PackSource.remembered(ctx, paths) is None


def test_errors_are_of_one_kind() -> None:
    for kind in (NotInPack, PackDamaged, PackNotThere, PackUnsafe):
        assert issubclass(kind, PackError)
