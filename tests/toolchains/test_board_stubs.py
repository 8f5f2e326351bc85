"""Stubs of boards: by the real pip out of a folder of wheels, checked file by file, kept beside."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.fakes import packs
from toolchains import board_stubs
from toolchains.board_stubs import BadStubs, StubsUnavailable
from toolchains.pack_source import PackSource
from toolchains.paths import Paths


def wheel(folder: Path, package: str, version: str, files: Mapping[str, str], *, lie: str = "") -> Path:
    """A wheel; ``lie``: the file whose hash in the list is another one's."""
    folder.mkdir(exist_ok=True)
    name = package.replace("-", "_")
    info = f"{name}-{version}.dist-info"
    files = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = []
    for path, text in files.items():
        data = b"other" if path == lie else text.encode()
        rows.append(f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},1")
    made = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(made, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
        archive.writestr(f"{info}/RECORD", "\n".join([*rows, f"{info}/RECORD,,"]) + "\n")
    return made


def test_the_boards_own_release_is_got_and_the_nearest_serves(
    tmp_path: Path, paths: Paths, ctx: RecordingContext
) -> None:
    wheels = tmp_path / "wheels é"
    for release in ("1.25.0", "1.26.0.post1"):
        wheel(wheels, "micropython-esp32-stubs", release, {"machine.pyi": f"# {release}\n", "run_me.py": "boom\n"})
        wheel(wheels, "micropython-stdlib-stubs", release, {"stdlib/time.pyi": f"# {release}\n"})
    assert board_stubs.best(paths, "esp32", "1.26.1") is None
    files = {f"stubs/{one.name}": one.read_bytes() for one in wheels.iterdir()}
    with PackSource.open(ctx, str(packs.make(ctx, tmp_path / "lab.natmodpack", files))) as pack:
        got = board_stubs.get(ctx, paths, "esp32", "1.26.1", pack.stubs(tmp_path / "out of the pack"))
    assert (got.platform, got.release) == ("esp32", "1.26")
    kept = {path.relative_to(got.folder).as_posix() for path in got.folder.rglob("*") if path.is_file()}
    assert kept == {"machine.pyi", "stdlib/time.pyi", "natmod-stubs.json"}
    assert (got.folder / "machine.pyi").read_text() == "# 1.26.0.post1\n"
    assert board_stubs.get(ctx, paths, "esp32", "1.26.0", wheels) == got
    newest = board_stubs.get(ctx, paths, "esp32", "1.29.0", wheels)
    assert (newest.folder / "machine.pyi").read_text() == "# 1.26.0.post1\n"
    assert board_stubs.best(paths, "esp32", "1.26.1") == got
    assert board_stubs.best(paths, "rp2", "1.26.1") is not None
    with pytest.raises(StubsUnavailable, match="micropython-rp2-stubs"):
        board_stubs.get(ctx, paths, "rp2", "1.26.1", wheels)
    assert board_stubs.wanted("toaster", "1.26.1") is None
    assert not [path for path in got.folder.parent.iterdir() if path.name.startswith(".new-")]


@pytest.mark.parametrize("name", ["../out.pyi", "/out.pyi", "C:/out.pyi", "a\\out.pyi"])
def test_a_hostile_or_damaged_wheel_is_refused(tmp_path: Path, name: str) -> None:
    bad = wheel(tmp_path / "w", "micropython-esp32-stubs", "1.26.0", {name: "x", "machine.pyi": "y"})
    with pytest.raises(BadStubs):
        board_stubs.unpack(bad, tmp_path / "here")
    assert not list(tmp_path.rglob("out.pyi"))
    changed = wheel(tmp_path / "w", "micropython-esp32-stubs", "1.26.1", {"machine.pyi": "y"}, lie="machine.pyi")
    with pytest.raises(BadStubs):
        board_stubs.unpack(changed, tmp_path / "here")
    changed.write_bytes(b"PK no")
    with pytest.raises(BadStubs):
        board_stubs.unpack(changed, tmp_path / "here")
