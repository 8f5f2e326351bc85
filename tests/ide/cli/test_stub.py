"""``natmod stub``: from signatures to C and back, and what is said where that does not go."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ide.cli.said import Said


@pytest.fixture
def signatures(tmp_path: Path) -> Path:
    path = tmp_path / "été 1" / "example.pyi"
    path.parent.mkdir()
    path.write_text("def double(x: int) -> int: ...\n", "utf-8")
    return path


def test_a_native_module_beside_the_file(natmod: Said, signatures: Path) -> None:
    code, _out, _err = natmod("stub", str(signatures))
    assert code == 0
    assert sorted(path.name for path in signatures.parent.rglob("*.*")) == [
        "example.c",
        "example.pyi",
        "natmod.toml",
        "test_example.py",
    ]
    assert "Nothing has changed." in natmod("stub", str(signatures))[1]


def test_a_module_for_a_firmware_in_a_folder_of_its_own(natmod: Said, signatures: Path, tmp_path: Path) -> None:
    _code, out, _err = natmod("stub", str(signatures), "--kind", "usermod", "--out", str(tmp_path / "modules"))
    assert f"USER_C_MODULES={tmp_path / 'modules'}" in out
    assert sorted(path.name for path in (tmp_path / "modules" / "example").iterdir()) == [
        "example.c",
        "micropython.cmake",
        "micropython.mk",
        "test_example.py",
    ]


def test_what_c_cannot_express_is_listed_with_its_lines(natmod: Said, signatures: Path) -> None:
    signatures.write_text("async def f(): ...\ndef g(**a): ...\n", "utf-8")
    code, _out, err = natmod("stub", str(signatures))
    assert code == 1
    assert "example.pyi has 2 places" in err
    assert "example.pyi:1:1: error: C functions cannot be async" in err
    assert "example.pyi:2:9" in err
    assert not (signatures.parent / "example.c").exists()


def test_only_looking(natmod: Said, signatures: Path) -> None:
    assert "mp_obj_t mpy_init(" in natmod("stub", str(signatures), "--show")[1]
    assert not (signatures.parent / "example.c").exists()


def test_back_from_c(natmod: Said, signatures: Path) -> None:
    natmod("stub", str(signatures))
    _code, out, _err = natmod("stub", str(signatures.with_suffix(".c")))
    assert "def double(x: int) -> int: ..." in out


def test_files_that_are_none(natmod: Said, tmp_path: Path) -> None:
    assert natmod("stub", str(tmp_path / "nothing.pyi"))[0] == 1
    (tmp_path / "x.txt").write_text("")
    assert "no Python signatures" in natmod("stub", str(tmp_path / "x.txt"))[2]
