"""The releases of MicroPython and its official firmware, as data that agrees with the rest."""

from __future__ import annotations

from toolchains.chips import chips
from toolchains.micropython_releases import firmware, micropython_of, micropython_releases, minors
from toolchains.mpy_cross import VERSIONS
from toolchains.sdk_tree import DEFAULT_VERSION, SUPPORTED, check_supported, version_key


def test_they_are_the_supported_ones() -> None:
    versions = [release.version for release in micropython_releases()]
    assert versions == sorted(versions, key=version_key)
    assert DEFAULT_VERSION in versions
    for version in versions:
        check_supported(version)
    assert minors() == tuple(f"1.{n}" for n in range(SUPPORTED[0][1], SUPPORTED[1][1] + 1))


def test_their_bytecode_can_be_made() -> None:
    assert {release.mpy for release in micropython_releases()} <= set(VERSIONS)


def test_an_idf_leads_to_the_releases_that_use_it() -> None:
    assert micropython_of(("v5.0.4",)) == ("1.22", "1.23", "1.24")
    assert micropython_of(("v5.5.2", "v5.5.3")) == ("1.29",)
    assert micropython_of(("v6.0",)) == ()


def test_every_chip_has_firmware_under_the_address_of_its_board_and_release() -> None:
    dates = {release.version: release.firmware_date for release in micropython_releases()}
    assert {one.chip for one in firmware()} == set(chips())
    for one in firmware():
        stem = f"{one.board}-{one.variant}" if one.variant else one.board
        assert one.url == f"https://micropython.org/resources/firmware/{one.name}"
        assert one.name == f"{stem}-{dates[one.version]}-v{one.version}.bin"
        assert bool(one.sha256) != bool(one.unverified)
    assert len({one.url for one in firmware()}) == len(firmware())


def test_each_release_from_1_22_has_firmware_for_the_plain_esp32() -> None:
    found = {one.version for one in firmware() if one.board == "ESP32_GENERIC" and not one.variant}
    assert found == {release.version for release in micropython_releases()}


def test_a_published_hash_is_found_and_an_unseen_address_is_told_apart() -> None:
    by_name = {one.name: one for one in firmware()}
    known = by_name["ESP32_GENERIC-20260824-v1.29.0.bin"]
    assert known.sha256.startswith("e67ad601")
    assert known.size == 1_790_544
    assert known.seen
    assert not by_name["ESP32_GENERIC_H2-20260824-v1.29.0.bin"].seen
    assert by_name["ESP32_GENERIC_C3-20250911-v1.26.1.bin"].seen
