"""The form of a module that asks before its code runs: the same module, with four instructions around it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.toolchains import mpys
from toolchains import mpyfile, native_part


def test_what_is_no_linked_module_stays_as_it_is(tmp_path: Path) -> None:
    python = mpys.compiled(tmp_path, "print(1)\n")
    for data in (b"", b"M", b"M\x06", b"M\x05\x00\x1f", b"C\x06\x00\x1f", b"M\x06\xff\xff", bytes(100), python):
        assert native_part.asking(data) == data


@pytest.mark.parametrize("flags", [(), (3,)])
def test_the_native_part_keeps_its_bytes(flags: tuple[int, ...]) -> None:
    data = mpys.natmod(0x2F | (0x40 if flags else 0), flags=flags)
    asked = native_part.asking(data)
    before, after = mpyfile.read(data), mpyfile.read(asked)
    assert (after.arch_number, after.arch_flags, after.text) == (before.arch_number, before.arch_flags, before.text)
    assert after.relocations == before.relocations
    assert native_part.code_of(asked) == native_part.code_of(data) != b""
    assert [one.kind for one in after.functions] == ["bytecode", "linked"]
    assert set(after.qstrs) - set(before.qstrs) == {native_part.ASKED}
    assert len(asked) - len(data) < 40


def test_a_damaged_module_stays_as_it_is() -> None:
    data = mpys.natmod()
    for end in range(len(data)):
        assert native_part.asking(data[:end]) == data[:end]
