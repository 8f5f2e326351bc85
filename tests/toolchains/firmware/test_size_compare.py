"""Sizes against those of the build before, from files as builds leave them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from toolchains.firmware import size_compare
from toolchains.firmware.sizes import Piece, Sizes


def results(folder: Path, firmware: bytes) -> Path:
    """What a build leaves, without a map."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "firmware.elf").write_bytes(firmware)
    (folder / "build.json").write_text(json.dumps({"product": "firmware.elf", "modules": []}), "utf-8")
    return folder


def test_the_firmware_before_is_kept_once_it_is_another(tmp_path: Path) -> None:
    folder, new = results(tmp_path / "out", b"one"), tmp_path / "new.elf"
    last = folder / "last" / "firmware.elf"
    for firmware, kept in ((b"one", None), (b"two", b"one"), (b"two", b"one"), (b"three", b"two")):
        new.write_bytes(firmware)
        size_compare.keep_last(folder, new)
        assert (last.read_bytes() if last.is_file() else None) == kept
        results(folder, firmware)


@pytest.mark.parametrize("record", ["", "[]", '{"product": 5}', '{"product": "../../etc/passwd"}'])
def test_results_that_make_no_sense_are_let_go(tmp_path: Path, record: str) -> None:
    folder, new = results(tmp_path / "out", b"one"), tmp_path / "new.elf"
    (folder / "build.json").write_text(record, "utf-8")
    new.write_bytes(b"two")
    size_compare.keep_last(folder, new)
    assert not (folder / "last").exists()


def test_changes_by_part_file_and_symbol() -> None:
    def sizes(*pieces: tuple[str, str, str, int]) -> Sizes:
        return Sizes(tuple(Piece("code", *one) for one in pieces), {"code": sum(one[3] for one in pieces)})

    before = sizes(("py", "vm.o", "run", 900), ("module fast", "fast.o", "old", 50))
    now = sizes(("py", "vm.o", "run", 900), ("module fast", "fast.o", "old", 40), ("module fast", "fast.o", "new", 30))
    rows = size_compare.compare(now, before)
    assert [(one.name, one.now, one.change) for one in rows] == [("py", 900, 0), ("module fast", 70, 20)]
    rows = size_compare.compare(now, before, size_compare.by_symbol)
    assert {one.name: one.change for one in rows} == {"run": 0, "old": -10, "new": 30}
    assert {one.change for one in size_compare.compare(now, None, size_compare.by_file)} == {0}
