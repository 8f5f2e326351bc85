"""Chips and architectures are data that agree with each other."""

import pytest

from toolchains.chips import arch, arch_by_number, arches, chips
from toolchains.errors import UsageError


def test_every_chip_has_an_architecture_that_exists():
    assert {chip.arch for chip in chips().values()} <= set(arches())


def test_the_esp32_family_is_complete():
    assert set(chips()) == {f"esp32{s}" for s in ("", "s2", "s3", "c2", "c3", "c5", "c6", "h2", "p4")}
    assert chips()["esp32c5"].flash_offset == 0x2000


def test_numbers_are_unique_and_lead_back():
    for one in arches().values():
        assert arch_by_number(one.number) is one
    assert arch_by_number(0) is None


def test_an_unknown_architecture_lists_the_known_ones():
    with pytest.raises(UsageError, match="rv32imc"):
        arch("riscv")
