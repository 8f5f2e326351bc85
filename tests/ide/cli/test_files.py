"""``natmod compile`` and ``natmod inspect``: a .py file to an .mpy, and what is in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ide.cli.main import main
from tests.toolchains.mpys import natmod, natmod_5


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = Path("Élève 课程.py")
    path.write_text("@micropython.viper\ndef double(x: int) -> int:\n    return 2 * x\n", "utf-8")
    return path


def test_a_python_file_becomes_an_mpy_beside_it(source: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["compile", str(source), "--arch", "rv32imc"]) == 0
    assert capsys.readouterr().out.startswith(f"{source.stem}.mpy: ")
    assert main(["inspect", f"{source.stem}.mpy"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "format            .mpy 6.3 (MicroPython 1.23 and newer)" in lines
    assert f"made from         {source.name}" in lines
    assert any("machine code from Python (viper)" in line for line in lines)


def test_the_compilers_options_reach_it(source: Path, capsys: pytest.CaptureFixture[str]):
    words = ["compile", str(source), "--arch", "xtensawin", "--abi", "6.1", "--emit", "native", "-O", "3"]
    assert main([*words, "--name", "lib/x.py", "-o", "out/y.mpy", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["kind"], record["path"], record["version"], record["sub_version"]) == (
        "compile",
        str(Path("out/y.mpy")),
        6,
        1,
    )
    assert (record["arch"], record["source_name"]) == ("xtensawin", "lib/x.py")
    assert main(["inspect", "out/y.mpy", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert {**shown, "kind": "compile", "source": str(source)} == record


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 1, "line 1 cannot be compiled: its machine code needs an architecture. Name one, for example with --arch"),
        (
            ["--arch", "rv32imc", "--abi", "6.2"],
            2,
            "6.2, mpy-cross makes no machine code for rv32imc.",
        ),
        (["--abi", "9"], 2, "There is no Python compiler for .mpy version 9."),
        (["-o", "Élève 课程.py"], 2, "would be overwritten"),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    source: Path, words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
):
    before = source.read_bytes()
    assert main(["compile", str(source), *words]) == code
    [sentence] = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Error: ")]
    assert said in sentence
    assert [path.name for path in Path().iterdir()] == [source.name]
    assert source.read_bytes() == before


def test_a_mistake_in_the_file_names_the_file_as_typed(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "x.py").write_text("x = 1\ndef\n")
    assert main(["compile", str(tmp_path / "x.py"), "--json"]) == 1
    said = capsys.readouterr().err
    record = json.loads(said.splitlines()[-1])
    assert record["code"] == "build.python"
    assert "in.py" not in said
    assert record["fields"] == {"path": str(tmp_path / "x.py"), "line": 2}


def test_a_module_from_c_shows_its_sizes(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "ring.mpy").write_bytes(natmod() + b"!")
    assert main(["inspect", str(tmp_path / "ring.mpy")]) == 0
    rows = dict(line.split("  ", 1) for line in capsys.readouterr().out.splitlines())
    assert {key: value.strip() for key, value in rows.items()} == {
        "what": "ring.mpy",
        "format": ".mpy 6.3 (MicroPython 1.23 and newer)",
        "architecture": "rv32imc (ESP32-C2, ESP32-C3, ESP32-C5, ESP32-C6, ESP32-H2, ESP32-P4)",
        "file": f"{len(natmod()) + 1} B",
        "code": "300 B",
        "constants": "5 B",
        "variables": "152 B",
        "constant objects": "0",
        "small integers": "31 bits",
        "made from": "ring.mpy",
        "function": "?: machine code from C, 300 B",
        "its names": "ring.mpy, Ring",
        "board's names": "abs",
        "after the end": "1 B",
    }


def test_files_of_old_versions_are_shown_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "old.mpy").write_bytes(natmod_5())
    assert main(["inspect", str(tmp_path / "old.mpy")]) == 0
    said = capsys.readouterr().out
    assert ".mpy 5 (MicroPython 1.12 to 1.18)" in said
    assert "unicode" in said
    (tmp_path / "older.mpy").write_bytes(b"M\x04\x02\x1f")
    assert main(["inspect", str(tmp_path / "older.mpy")]) == 0
    said = capsys.readouterr().out
    assert ".mpy 4 (MicroPython 1.11)" in said
    assert "every board" not in said


@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"M\x06\x2f\x1f\xff\xff\xff\xff\xff\xff", natmod()[:50]])
def test_a_damaged_file_is_one_sentence(tmp_path: Path, data: bytes, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "bad.mpy").write_bytes(data)
    assert main(["inspect", str(tmp_path / "bad.mpy")]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("Error: This .mpy file cannot be read: ")
