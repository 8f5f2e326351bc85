"""Which functions race, how they are called, and the ways that are made of them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from toolchains import project, racing
from toolchains.racing.in_c import in_c

SOURCE = '''\
"""A file with a program at its top."""
import time
from micropython import const
import micropython

_POLY = const(0x8C)
TABLE = [n for n in range(4)]
OTHER = 7
print("a program")
while OTHER < 7:
    time.sleep(1)


# How it is called:
# race: crc(bytes(range(8)))
@micropython.native
def crc(data: bytearray) -> int:
    """A sum."""
    value = 0
    for n in range(len(data)):
        value ^= data[n] ^ _POLY ^ helper(n)
    return value


def helper(n):
    return TABLE[n & 3]


def plain(a: int, b: bytes, c=3, *rest):
    return a


class Thing:
    def method(self):
        pass
'''


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def test_functions_are_found_with_the_calls_that_the_person_wrote_or_their_types_suggest(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").write_text("def crc(): pass")
    written(tmp_path, sums=SOURCE, broken="def (", twice="def crc(a): pass")
    found = {(one.path.name, one.name): (one.call, one.given) for one in racing.in_project(tmp_path)}
    assert found == {
        ("sums.py", "crc"): ("crc(bytes(range(8)))", True),
        ("sums.py", "helper"): ("helper(100)", False),
        ("sums.py", "plain"): ("plain(100, bytes(range(256)))", False),
        ("twice.py", "crc"): ("crc(100)", False),
    }
    assert racing.find(tmp_path, "crc").path.name == "sums.py"  # whoever says how it is called comes first
    assert racing.find(tmp_path, "crc", "crc(b'x')").call == "crc(b'x')"
    path = tmp_path / "sums.py"
    assert racing.at(path, SOURCE, SOURCE[: SOURCE.index("value ^=")].count("\n") + 1).name == "crc"
    with pytest.raises(racing.CannotRace, match="no function here"):
        racing.at(path, SOURCE, 2)
    with pytest.raises(racing.CannotRace, match="no valid Python yet"):
        racing.at(path, "def (", 1)
    with pytest.raises(racing.CannotRace) as caught:
        racing.find(tmp_path, "nothing")
    assert "crc, helper, plain" in str(caught.value.next_step)


@pytest.mark.parametrize(
    ("call", "why"),
    [("crc(", "no valid Python"), ("other(1)", "does not call crc"), ("crc(a=1)", "plain arguments"),
     ("crc(*x)", "plain arguments"), ("crc", "does not call crc")],
)  # fmt: skip
def test_what_is_no_call_is_refused(tmp_path: Path, call: str, why: str) -> None:
    written(tmp_path, sums=SOURCE)
    with pytest.raises(racing.CannotRace, match=why):
        racing.find(tmp_path, "crc", call)


def test_each_way_has_what_the_function_needs_and_no_program(tmp_path: Path) -> None:
    written(tmp_path, sums=SOURCE)
    made = racing.make(racing.find(tmp_path, "crc"), project.load(tmp_path))
    assert made.ways == ("as_python", "as_native", "as_viper")
    assert str(made.left_out["as_c"]) == "the project has no C yet"
    texts = {way: made.files[f"{way}.py"].decode() for way in made.ways}
    for text in texts.values():
        assert {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)} == {"crc", "helper"}
        assert "_POLY = const(0x8C)" in text
        assert "TABLE = " in text
        assert "print" not in text
        assert "OTHER" not in text
    assert "@micropython" not in texts["as_python"]
    assert "@micropython.native\ndef crc(" in texts["as_native"]
    assert "@micropython.viper\ndef crc(data: object) -> int:" in texts["as_viper"]
    assert "range(int(len(data)))" in texts["as_viper"]
    assert "return int(value)" in texts["as_viper"]
    script = made.files["natmod_race_script.py"].decode()
    assert "a0 = bytes(range(8))" in script
    assert "return way.crc(a0)" in script


def test_a_person_s_own_viper_version_races_and_what_viper_cannot_do_is_said(tmp_path: Path) -> None:
    own = "import micropython\ndef f(a: int) -> int:\n    return a\n\n"
    own += "@micropython.viper\ndef f_viper(a: int) -> int:\n    return a + 0\n"
    written(tmp_path, one=own, two="def g(a, b=1):\n    return [a for _ in range(b)]\n")
    proj = project.load(tmp_path)
    mine = racing.make(racing.find(tmp_path, "f"), proj).files["as_viper.py"].decode()
    assert "@micropython.viper\ndef f(a: int) -> int:\n    return a + 0" in mine
    other = racing.make(racing.find(tmp_path, "g"), proj)
    assert other.ways == ("as_python", "as_native")
    assert "plain arguments only" in str(other.left_out["as_viper"])
    with pytest.raises(racing.CannotRace, match="any more"):
        racing.make(racing.find(tmp_path, "g"), proj, "x = 1\n")


def test_c_races_where_it_has_the_function_and_its_frame_is_written_where_not(tmp_path: Path) -> None:
    written(tmp_path, sums="def add(a: int, b: int) -> int:\n    return a + b\n")
    function = racing.find(tmp_path, "add")
    in_c(function, project.load(tmp_path), (tmp_path / "sums.py").read_text()).apply()
    proj = project.load(tmp_path)
    made = racing.make(function, proj)
    assert made.ways == ("as_python", "as_native", "as_viper", "add_c")
    assert made.labels["add_c"] == "C"
    (tmp_path / "more.py").write_text("def sub(a: int, b: int) -> int:\n    return a - b\n")
    other = racing.find(tmp_path, "sub")
    assert "there is no sub in the C of add_c yet" in str(racing.make(other, proj).left_out["add_c"])
    in_c(other, proj, (tmp_path / "more.py").read_text()).apply()
    assert "add_c" in racing.make(other, proj).ways
    assert "MP_QSTR_sub" in (tmp_path / "add_c.c").read_text()
