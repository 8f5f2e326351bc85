"""Every flash address agrees with esptool's own chip classes (tests/data/esptool_chip_constants.csv, 5.6.0)."""

from __future__ import annotations

import csv
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.homes import CHECKOUT
from toolchains.chips import chips


def _rows() -> dict[str, dict[str, str]]:
    with (CHECKOUT / "tests" / "data" / "esptool_chip_constants.csv").open(encoding="utf-8", newline="") as file:
        return {row["chip"]: row for row in csv.DictReader(file)}


def test_every_chip_is_in_esptools_list() -> None:
    assert set(_rows()) == set(chips())


@pytest.mark.parametrize("name", list(chips()))
def test_offset_and_image_id_are_esptools(name: str) -> None:
    row = _rows()[name]
    assert chips()[name].flash_offset == int(row["BOOTLOADER_FLASH_OFFSET"], 16)
    assert chips()[name].image_id == int(row["IMAGE_CHIP_ID"])
    assert chips()[name].title == row["CHIP_NAME"]


@pytest.mark.parametrize("name", list(chips()))
def test_the_installed_esptool_still_says_so(name: str) -> None:
    spec = find_spec("esptool")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    text = Path(spec.submodule_search_locations[0], "targets", f"{name}.py").read_text("utf-8")
    said = re.search(r"^    BOOTLOADER_FLASH_OFFSET = (0x[0-9a-fA-F]+)", text, re.MULTILINE)
    assert said is None or int(said[1], 16) == chips()[name].flash_offset  # where it says nothing, its base class does
