"""A board that nobody has asked yet says whichever sum it can compute, and both are known here."""

from __future__ import annotations

import binascii

import pytest

from ide.board.checked import Proof, wrap

_CODE = b"print(6 * 7)"


@pytest.mark.parametrize("has_crc32", [True, False])
def test_either_sum_proves_the_code(
    has_crc32: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shell, proof = wrap(_CODE, crc32=None, isolated=True), Proof(_CODE, crc32=None)
    if not has_crc32:
        monkeypatch.delattr(binascii, "crc32")
    exec(shell.decode(), {})
    assert proof.feed(capsys.readouterr().out.encode()) == b"42\n"
    assert proof.given


@pytest.mark.parametrize("has_crc32", [True, False])
def test_code_that_was_damaged_does_not_run(
    has_crc32: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = wrap(_CODE, crc32=None, isolated=True).replace(b"6 * 7", b"6 * 8")
    if not has_crc32:
        monkeypatch.delattr(binascii, "crc32")
    with pytest.raises(NameError, match="natmod_garbled"):
        exec(shell.decode(), {})
    assert "48" not in capsys.readouterr().out
