"""A tools.json that is not trusted: it is read, or refused with the place that is wrong."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.idf_tools import SHA, tool, tools_json, version
from toolchains.catalog import CatalogBroken
from toolchains.idf_tools import read

_GOOD = "esp-17.1.0_20270301"


def _file() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(tools_json(tool(version(_GOOD), version("esp-17.2.0_20270601"))))
    return loaded


def test_what_is_of_use_is_read_and_the_rest_passed_over() -> None:
    raw = tools_json(
        tool(version(_GOOD)),
        tool(version("1.2.3"), name="ninja", version_cmd=["rm", "-rf", "/"], export_paths="what?"),
        tool(version("esp-1", platforms="plan9"), name="riscv32-esp-elf"),
    )
    (release,) = read(raw, "tools-v6.3.json")
    assert release.id == f"xtensa-esp-elf@{_GOOD}"
    assert release.bin == "xtensa-esp-elf/bin"
    assert release.program == "xtensa-esp32-elf-gcc"
    assert release.files["win64"].size == 90_000_000
    assert release.natmod == ("1.29", "1.29")


def test_the_name_that_tools_json_gives_a_file_is_taken() -> None:
    data = _file()
    data["tools"][0]["versions"][0]["win64"]["rename_dist"] = "other.zip"
    assert read(json.dumps(data).encode(), "tools.json")[0].files["win64"].name == "other.zip"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe",
        b"[1, 2]",
        b'{"tools": {}}',
        b'{"tools": []}',
        b'{"tools": [3]}',
        b"[" * 200_000,
        b'{"tools": ' + b" " * 3_000_000 + b"[]}",
        b'{"tools": [' + b'{"name": "x"},' * 1000 + b'{"name": "y"}]}',
        b"9" * 10_000,
    ],
    ids=["empty", "binary", "list", "object", "none", "number", "deep", "huge", "many", "digits"],
)
def test_what_is_no_tools_json_is_refused(raw: bytes) -> None:
    with pytest.raises(CatalogBroken, match=r"tools\.json is not a list of toolchains"):
        read(raw, "tools.json")


def _at(*keys: str | int) -> Callable[[dict[str, Any], object], None]:
    def change(data: dict[str, Any], value: object) -> None:
        place: Any = data
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = value

    return change


_TOOL = ("tools", 0)
_ARCHIVE = ("tools", 0, "versions", 0, "win64")


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        ((*_TOOL, "export_paths"), [["..", "..", "bin"]]),
        ((*_TOOL, "export_paths"), [["/bin"]]),
        ((*_TOOL, "export_paths"), [["a\\b"]]),
        ((*_TOOL, "export_paths"), [["aux.txt"]]),
        ((*_TOOL, "export_paths"), []),
        ((*_TOOL, "version_cmd"), ["sh", "-c", "rm -rf ~"]),
        ((*_TOOL, "version_cmd"), ["../../bin/sh", "--version"]),
        ((*_TOOL, "version_cmd"), "gcc --version"),
        ((*_TOOL, "version_regex"), "(" * 5000),
        ((*_TOOL, "version_regex"), 7),
        ((*_TOOL, "supported_targets"), "esp32"),
        ((*_TOOL, "versions"), {}),
        ((*_TOOL, "versions", 0, "name"), "../evil"),
        ((*_TOOL, "versions", 0, "name"), "nul"),
        ((*_TOOL, "versions", 0, "name"), "a@b"),
        ((*_TOOL, "versions", 0, "name"), "dot."),
        ((*_TOOL, "versions", 0, "name"), "a\x1b[31m"),
        ((*_ARCHIVE, "url"), "http://example.org/a.zip"),
        ((*_ARCHIVE, "url"), "file:///etc/passwd.zip"),
        ((*_ARCHIVE, "url"), "https://user:word@example.org/a.zip"),
        ((*_ARCHIVE, "url"), "https://example.org:port/a.zip"),
        ((*_ARCHIVE, "url"), "https:///a.zip"),
        ((*_ARCHIVE, "url"), "https://[::1/a.zip"),
        ((*_ARCHIVE, "url"), "https://example.org/a b.zip"),
        ((*_ARCHIVE, "url"), "https://example.org/"),
        ((*_ARCHIVE, "url"), "https://example.org/setup.exe"),
        ((*_ARCHIVE, "url"), "https://exämple.org/a.zip"),
        ((*_ARCHIVE, "url"), None),
        ((*_ARCHIVE, "size"), -1),
        ((*_ARCHIVE, "size"), 0),
        ((*_ARCHIVE, "size"), 10**15),
        ((*_ARCHIVE, "size"), "100"),
        ((*_ARCHIVE, "size"), True),
        ((*_ARCHIVE, "size"), 1e8),
        ((*_ARCHIVE, "sha256"), SHA[:-1]),
        ((*_ARCHIVE, "sha256"), "g" * 64),
        ((*_ARCHIVE, "sha256"), SHA + "\n"),
        ((*_ARCHIVE, "rename_dist"), "../../.bashrc"),
        (_ARCHIVE, []),
    ],
)
def test_a_wrong_part_is_refused_with_its_place(keys: tuple[str | int, ...], value: object) -> None:
    data = _file()
    _at(*keys)(data, value)
    with pytest.raises(CatalogBroken) as raised:
        read(json.dumps(data).encode(), "tools.json")
    assert str(raised.value.fields["where"]).startswith("tools[0]")
    assert str(raised.value.next_step)


@pytest.mark.parametrize("seed", range(25))
def test_whatever_is_changed_it_is_read_or_refused(seed: int) -> None:
    """Random values at random places: nothing but CatalogBroken, and nothing unsafe gets through."""
    chance = random.Random(seed)
    for _try in range(20):
        data = _file()
        _spoil(data, chance)
        try:
            releases = read(json.dumps(data).encode(), "tools.json")
        except CatalogBroken:
            continue
        for release in releases:
            for file in release.files.values():
                assert file.url.startswith("https://")
                assert "/" not in file.name
                assert 0 < file.size < 10**10
            assert ".." not in release.bin
            assert "/" not in release.version
            release.version_in("a" * 10_000)


def _spoil(data: dict[str, Any], chance: random.Random) -> None:
    values: list[Any] = [
        None,
        -1,
        2**70,
        "",
        "..",
        "a/../../b",
        "\x00",
        [],
        {},
        ["x"],
        {"name": 1},
        "(a+)+$",
        1.5,
        True,
    ]
    place: Any = data
    while True:
        key = chance.choice(list(place) if isinstance(place, dict) else range(len(place)))
        inner = place[key]
        if isinstance(inner, dict | list) and inner and chance.random() < 0.9:
            place = inner
            continue
        place[key] = chance.choice(values)
        return
