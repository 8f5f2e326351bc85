"""What a manifest may say, and the sentences for what it must not."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import packs
from toolchains.jobs import JobContext
from toolchains.pack_manifest import MAX_FILES, MAX_MANIFEST, PackTooNew, PackUnsafe, parse

GOOD = packs.entry("examples/a.py", b"print()\n")


def refused(raw: bytes) -> str:
    with pytest.raises(PackUnsafe) as caught:
        parse("lab.natmodpack", raw)
    assert "lab.natmodpack" in str(caught.value)
    return str(caught.value)


def test_what_we_write_is_read_back(ctx: JobContext, tmp_path: Path) -> None:
    archive = packs.toolchain(ctx, tmp_path / "t")
    rows = [
        packs.entry("lab.toml", b"language = 'fr'\n", kind="lab"),
        packs.entry("sdk/micropython-1.26.1.tar.xz", b"tree", kind="sdk", version="1.26.1"),
        packs.entry("wheels/a-1-py3-none-any.whl", b"w", kind="wheel", platform="win64", python="3.12"),
        packs.entry(f"toolchains/{archive.name}", archive.read_bytes(), kind="toolchain"),
    ]
    one = parse("", packs.manifest(*rows, platforms=["linux-amd64"], chips=["esp32"], pythons=["3.12"]))
    assert parse("", one.to_json()) == one
    assert [file.path for file in one.of_kind("wheel")] == ["wheels/a-1-py3-none-any.whl"]
    assert one.size == sum(row["size"] for row in rows)
    assert one.file("sdk/micropython-1.26.1.tar.xz") is not None
    assert one.file("no") is None


@pytest.mark.parametrize(
    "path",
    ["../a", "a/../../b", "/etc/passwd", "a//b", "./a", "a/.", "", "C:/a", "a\\b", "a:b", "con", "a/NUL.txt", "a./b",
     "a ", ".ssh/config", "a\nb", "manifest.json", "MANIFEST.json", "lab.toml", "ä.py", "x" * 400, "a/*", "~/a"],
)  # fmt: skip
def test_paths_that_leave_or_that_not_every_system_allows_are_refused(path: str) -> None:
    assert "files[0]" in refused(packs.manifest({**GOOD, "path": path}))


@pytest.mark.parametrize("size", [-1, True, 1.5, "12", None, 1 << 60])
def test_sizes_that_make_no_sense_are_refused(size: object) -> None:
    assert "files[0].size" in refused(packs.manifest({**GOOD, "size": size}))


@pytest.mark.parametrize("digest", ["", "0" * 63, "g" * 64, None, 5, "0" * 65, "0" * 63 + "\n"])
def test_hashes_that_are_none_are_refused(digest: object) -> None:
    assert "files[0].sha256" in refused(packs.manifest({**GOOD, "sha256": digest}))


def test_two_files_of_one_path_are_refused_also_where_only_case_differs() -> None:
    for other in ("examples/a.py", "Examples/A.py", "examples/a.py/b"):
        said = refused(packs.manifest(GOOD, {**GOOD, "path": other}))
        assert "two of them" in said


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"kind": "program"}, "files[0].kind"),
        ({"kind": "lab"}, "files[0].path"),
        ({"kind": "sdk"}, "files[0]"),
        ({"kind": "sdk", "version": "new"}, "files[0].version"),
        ({"platform": "amiga"}, "files[0].platform"),
        ({"python": "2.7"}, "files[0].python"),
        ({"python": ["3.11"]}, "files[0].python"),
    ],
)
def test_rows_that_make_no_sense_are_refused(change: dict[str, object], place: str) -> None:
    assert place in refused(packs.manifest({**GOOD, **change}))


def test_manifests_that_are_none_are_refused() -> None:
    for raw in (b"", b"[]", b"null", b'"x"', b"{", b"\xff\xfe", b"[" * 100_000, b" " * (MAX_MANIFEST + 1)):
        refused(raw)
    assert "schema" in refused(packs.manifest(schema=0))
    assert "schema" in refused(packs.manifest(schema="1"))
    assert "files" in refused(packs.manifest(files="all"))
    assert str(MAX_FILES) in refused(packs.manifest(files=[0] * (MAX_FILES + 1)))
    assert "chips" in refused(packs.manifest(chips=["esp99"]))
    assert "maker" in refused(packs.manifest(maker="x" * 1000))
    with pytest.raises(PackTooNew, match="newer"):
        parse("lab", packs.manifest(schema=2))


def test_more_than_any_disk_is_refused() -> None:
    rows = [{**GOOD, "path": f"examples/{n}", "size": 60 << 30} for n in range(2)]
    assert "larger than any pack" in refused(packs.manifest(*rows))


def test_a_toolchain_must_be_among_the_files(ctx: JobContext, tmp_path: Path) -> None:
    archive = packs.toolchain(ctx, tmp_path)
    pack = packs.make(ctx, tmp_path / "lab.natmodpack", {}, archive)
    row = json.loads(_manifest_of(pack))["toolchains"][0]
    file = packs.entry(f"toolchains/{archive.name}", archive.read_bytes(), kind="toolchain")
    assert parse("", packs.manifest(file, toolchains=[row])).toolchains[0].release.tool == "made-gcc"
    for lie in ({**file, "kind": "wheel"}, {**file, "size": 5}, {**file, "path": "toolchains/other"}):
        assert "not among the files" in refused(packs.manifest(lie, toolchains=[row]))
    for lie in (
        {"tool": "../x"},
        {"bin": "../../bin"},
        {"program": "/bin/sh"},
        {"version_command": ["sh", "-c", "reboot"]},
        {"kind": "script"},
        {"stamp": "x"},
        {"stamp": {"a": "b" * 50_000}},
        {"natmod": ["1", "2"]},
    ):
        assert "toolchains[0]" in refused(packs.manifest(file, toolchains=[{**row, **lie}]))


def _manifest_of(pack: Path) -> bytes:
    import zipfile

    with zipfile.ZipFile(pack) as bundle:
        return bundle.read("manifest.json")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*GOOD, "platform", "python", "version"]), _JSON), _JSON)
def test_whatever_is_there_instead_is_refused_or_read(row: dict[str, object], rows: object) -> None:
    for raw in (packs.manifest({**GOOD, **row}), packs.manifest(GOOD, toolchains=rows), packs.manifest(files=rows)):
        with suppress(PackUnsafe):
            parse("x", raw)
