"""What the engine keeps of the pack that it was set up from, and what is said to be lacking."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes import packs
from toolchains import pack_memory
from toolchains.host import Host
from toolchains.paths import Paths


def test_the_engine_remembers_and_says_what_is_lacking(
    tmp_path: Path,
    paths: Paths,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = packs.entry("lab.toml", b'language = "fr"\n', kind="lab")
    pack = packs.folder(tmp_path / "lab", packs.manifest(row), {"lab.toml": b'language = "fr"\n'})
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pack_memory.main(str(pack)) == 0
    assert (paths.config / "pack.toml").read_text("utf-8") == f'source = "{pack}"\n'
    assert (paths.config / "lab.toml").read_text("utf-8") == 'language = "fr"\n'
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("The pack has no MicroPython sources")
    if Host.current().system == "linux":
        assert said[1].startswith("The simulated board needs qemu-system-riscv32, make, which packs do not have: ")


def test_a_bad_lab_toml_in_a_pack_is_said_and_not_kept(
    tmp_path: Path, paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    row = packs.entry("lab.toml", b"run = 1\n", kind="lab")
    pack = packs.folder(tmp_path / "lab", packs.manifest(row), {"lab.toml": b"run = 1\n"})
    assert pack_memory.main(str(pack)) == 1
    assert 'lab.toml line 1: the key "run" is unknown.' in capsys.readouterr().out
    assert not (paths.config / "lab.toml").exists()
