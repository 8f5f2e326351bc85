"""THIRD_PARTY.md says what the packages say."""

from __future__ import annotations

from tests.tools import third_party


def test_third_party_is_up_to_date() -> None:
    assert third_party.PAPER.read_text("utf-8") == third_party.paper(), "run: python3 studio.py third-party"


def test_nothing_that_is_imported_is_gpl() -> None:
    # Design.md section 11: imports may be MIT, BSD, Apache, MPL, LGPL; GPL only as a child process.
    gpl = [name for name in third_party.needed() if "GPL" in third_party.licence_of(name).replace("LGPL", "")]
    assert gpl == []
