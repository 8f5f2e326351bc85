"""THIRD_PARTY.md says what the packages say."""

from __future__ import annotations

import re
from importlib import metadata

import pytest

from tests.homes import CHECKOUT
from tests.tools import third_party

try:
    metadata.version("PySide6-Essentials")
except metadata.PackageNotFoundError:
    pytest.skip("the window's packages are not installed, so their licences are not known", allow_module_level=True)


def test_third_party_is_up_to_date() -> None:
    assert third_party.PAPER.read_text("utf-8") == third_party.paper(), "run: python3 studio.py third-party"


def test_nothing_that_is_imported_is_gpl() -> None:
    # Design.md section 11: imports may be MIT, BSD, Apache, MPL, LGPL; GPL only as a child process.
    gpl = [name for name in third_party.needed() if "GPL" in third_party.licence_of(name).replace("LGPL", "")]
    assert gpl == ["esptool"]
    sources = [path for folder in ("ide", "toolchains") for path in (CHECKOUT / folder).rglob("*.py")]
    importing = [
        path for path in sources if re.search(r"^\s*(import|from) (esptool|esp_)", path.read_text("utf-8"), re.M)
    ]
    assert importing == []
