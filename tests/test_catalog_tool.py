"""``studio.py catalog``: what it keeps of ESP-IDF's tools.json files, and that what we ship is what it writes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.fakes.idf_tools import tool, tools_json, version
from tests.tools import catalog
from toolchains.catalog import CatalogBroken

_SHIPPED = catalog.TARGET.read_text("utf-8")


def _idf(folder: Path, name: str, *tools: object) -> Path:
    path = folder / f"tools-{name}.json"
    path.write_bytes(tools_json(*tools))
    return path


def test_kept_is_what_micropython_needs_and_the_newest_and_the_smallest(tmp_path: Path) -> None:
    files = [
        _idf(tmp_path, "v4.9", tool(version("esp-10.2.0_20200101", megabytes=40))),
        _idf(tmp_path, "v5.0.4", tool(version("esp-11.2.0_20220101", megabytes=60))),
        _idf(tmp_path, "v6.5", tool(version("esp-18.1.0_20280101", megabytes=200))),
        _idf(tmp_path, "v6.6", tool(version("esp-19.1.0_20290101", megabytes=300))),
    ]
    _text, releases = catalog.made(files, _SHIPPED)
    assert [one.version for one in releases] == ["esp-10.2.0_20200101", "esp-11.2.0_20220101", "esp-19.1.0_20290101"]
    assert releases[1].idf == ("v5.0.4",)
    assert releases[1].micropython == ("1.22", "1.23", "1.24")


def test_a_version_of_two_releases_is_one_row_with_the_chips_of_both(tmp_path: Path) -> None:
    name = "esp-14.2.0_20241119"
    files = [
        _idf(tmp_path, "v5.4", tool(version(name), supported_targets=["esp32"])),
        _idf(tmp_path, "v5.4.1", tool(version(name), supported_targets=["esp32", "esp32s3"])),
    ]
    text, (release,) = catalog.made(files, _SHIPPED)
    assert release.idf == ("v5.4", "v5.4.1")
    assert release.chips == ("esp32", "esp32s3")
    (row,) = json.loads(text)["releases"]
    assert row["files"]["win64"] == [f"xtensa-esp-elf-{name}-win64.tar.xz", 90_000_000, release.files["win64"].sha256]
    assert row["base"] + row["files"]["win64"][0] == release.files["win64"].url


def test_what_is_written_by_hand_stays_and_the_text_does_not_change_by_itself(tmp_path: Path) -> None:
    files = [_idf(tmp_path, "v5.4", tool(version("esp-14.2.0_20241119")))]
    first, _releases = catalog.made(files, _SHIPPED)
    second, _releases = catalog.made(files, first)
    assert first == second
    for name, row in json.loads(_SHIPPED)["tools"].items():
        made = json.loads(first)["tools"][name]
        assert {key: row[key] for key in ("kind", "arches", "program", "natmod", "why")}.items() <= made.items()


def test_what_we_ship_has_the_form_that_is_written() -> None:
    lines = _SHIPPED.splitlines()
    archives = sum(len(row["files"]) for row in json.loads(_SHIPPED)["releases"])
    assert len([line for line in lines if re.match(r'   "(linux|mac|win)', line)]) == archives


def test_a_wrong_file_is_named_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "espressif.json"
    target.write_text(_SHIPPED, "utf-8")
    monkeypatch.setattr(catalog, "TARGET", target)
    wrong = _idf(tmp_path, "v5.4", tool(version("../../x")))
    assert catalog.main([str(wrong)]) == CatalogBroken.exit_code
    assert "tools-v5.4.json" in capsys.readouterr().out
    assert target.read_text("utf-8") == _SHIPPED
