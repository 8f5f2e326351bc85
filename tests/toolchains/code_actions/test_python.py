"""Python functions as viper, constants that are kept in RAM, and modules that have another name."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from toolchains import mpy_cross
from toolchains.code_actions import hints_of, new_name, python_actions_at
from toolchains.edits import edited
from toolchains.host import Host

PATH = Path("/project/main.py")


def _compiles(text: str, tmp_path: Path) -> bool:
    path = tmp_path / "m.py"
    path.write_text(text, "utf-8")
    argv = [str(mpy_cross.program(Host.current())), "-march=rv32imc", "-o", str(tmp_path / "m.mpy"), str(path)]
    return subprocess.run(argv, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("function", "head"),
    [
        ("def f(n: int) -> int:\n    s = 0\n    for i in range(n):\n        s += i\n    return s\n",
         "f_viper(n: int) -> int:"),
        ("def f(d: bytearray, n: int) -> int:\n    return d[n] + d[0]\n", "f_viper(d: ptr8, n: int) -> int:"),
        ("def f(n: int) -> None:\n    print(n)\n", "f_viper(n: int):"),
        ("def f(n: int) -> bool:\n    return n > 1\n", "f_viper(n: int) -> bool:"),
        ("def f(data: bytearray) -> int:\n    return len(data)\n", "f_viper(data: object) -> int:"),
        ("def f(a, b) -> object: return a\n", "f_viper(a, b) -> object:"),
        ("def f(s: str):\n    'Doc é.'\n    print(s)", "f_viper(s):"),
    ],
)  # fmt: skip
def test_a_viper_version_stands_beside_it_and_compiles(tmp_path: Path, function: str, head: str) -> None:
    text = f'"""Doc."""\nimport os\n\n\n{function}'
    (fix,) = python_actions_at(PATH, text, text.index("def f"))
    new = edited(text, fix.edits)
    assert f"@micropython.viper\ndef {head}" in new
    assert "import os\nimport micropython\n" in new
    assert _compiles(new, tmp_path)


@pytest.mark.parametrize("function", [
    "def f(*a):\n    pass\n", "def f(a=1):\n    pass\n", "def f():\n    yield 1\n", "def f():\n    return lambda: 1\n",
    "def f(n: int):\n    return n + 1\n",
    "async def f():\n    pass\n", "@micropython.native\ndef f():\n    pass\n", "x = 1\n", "def f(:\n",
])  # fmt: skip
def test_what_viper_cannot_do_is_not_offered(function: str) -> None:
    assert python_actions_at(PATH, function, 0) == ()


def test_a_constant_in_ram(tmp_path: Path) -> None:
    text = '"""é"""\nimport os\n\nLIMIT = 3 * 4\nOTHER = 5\n\n'
    text += 'def f(x):\n    return "é" if x > LIMIT else OTHER + LIMIT\n'
    first, second = hints_of(PATH, text)
    assert (first.line, first.saved) == (4, 8)
    assert "LIMIT takes at least 8 bytes" in str(first.title)
    new = edited(text, first.fix.edits)
    assert "from micropython import const\n\n_LIMIT = const(3 * 4)\nOTHER = 5\n" in new
    assert "x > _LIMIT else OTHER + _LIMIT" in new
    assert _compiles(new, tmp_path)
    assert [one.line for one in hints_of(PATH, new)] == [7]
    assert second.line == 5


@pytest.mark.parametrize("text", [
    "LIMIT = 1\nLIMIT = 2\n", "LIMIT = 1\ndef f():\n    global LIMIT\n",
    "LIMIT = 'x'\n", "limit = 1\n", "LIMIT = 1099511627776\n",
    "from micropython import const\n_LIMIT = const(1)\n", "LIMIT = 1\n__all__ = ['LIMIT']\n", "A = True\n", "def f(:\n",
    "LIMIT = 1\ndef f(LIMIT):\n    return LIMIT\n",
])  # fmt: skip
def test_what_is_no_constant_stays(text: str) -> None:
    assert hints_of(PATH, text) == ()


def test_what_another_file_wants_stays() -> None:
    assert hints_of(PATH, "LIMIT = 1\n", ["from main import LIMIT\n"]) == ()


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("import ujson\nprint(ujson.loads('1'))\n", "import json\nprint(json.loads('1'))\n"),
        ("import ujson as json\n", "import json\n"),
        ("import os, ustruct as s\n", "import os, struct as s\n"),
        ("from uos import uname\n", "from os import uname\n"),
    ],
)
def test_old_names_of_modules(text: str, new: str) -> None:
    (hint,) = hints_of(PATH, text)
    assert hint.saved == 0
    assert "since MicroPython 1.21" in str(hint.title)
    assert edited(text, hint.fix.edits) == new
    assert new_name("ujson") == "json"
    assert new_name("umqtt") is None
