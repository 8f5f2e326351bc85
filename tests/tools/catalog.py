"""Makes ``resources/catalog/espressif.json`` anew from ESP-IDF's own lists of tools.

    python3 studio.py catalog FOLDER_OR_FILES...

Each file is the ``tools/tools.json`` of one ESP-IDF release, called ``tools-<release>.json`` (``tools-v5.5.2.json``,
``tools-master-2026-07-23.json``). Kept are the tools in the catalogue's ``tools``, in the versions that a supported
MicroPython's ESP-IDF uses, and of each tool the newest and the smallest. What is known of a tool besides (``kind``,
``arches``, ``program``, ``natmod``, ``why``) is written by hand in the catalogue, and stays as it is.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.homes import CHECKOUT
from tests.tools.streams import show
from toolchains import idf_tools
from toolchains.catalog_records import Release, version_key
from toolchains.errors import StudioError
from toolchains.idf_tools import Rule
from toolchains.micropython_releases import micropython_releases

TARGET = CHECKOUT / "resources" / "catalog" / "espressif.json"


def main(argv: Sequence[str] | None = None) -> int:
    """Write the catalogue; what it holds, in numbers, is printed."""
    parser = argparse.ArgumentParser(prog="studio.py catalog", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("sources", nargs="+", type=Path, help="tools-<release>.json files, or folders of them")
    try:
        files = _files(parser.parse_args(argv).sources)
        text, releases = made(files, TARGET.read_text("utf-8"))
    except StudioError as error:
        show(str(error))
        return error.exit_code
    TARGET.write_text(text, "utf-8", newline="\n")
    archives = sum(len(release.files) for release in releases)
    show(f"{len(files)} files read; {len(releases)} releases, {archives} archives in {TARGET.relative_to(CHECKOUT)}")
    return 0


def made(files: Sequence[Path], before: str) -> tuple[str, list[Release]]:
    """The catalogue's new text, and what is in it. Raises CatalogBroken for a file that cannot be used."""
    data: dict[str, Any] = json.loads(before)
    tools = data["tools"]
    _take_over(tools, files)
    rules = {
        name: Rule(row["kind"], tuple(row["arches"]), row["program"], _natmod(row), tuple(row["regexes"]))
        for name, row in tools.items()
    }
    found = (one for path in files for one in idf_tools.read(idf_tools.load(path), path.name, rules))
    releases = _kept(idf_tools.merge(found))
    rows = [_row(one, tools[one.tool]["regexes"]) for one in releases]
    return _text({**data, "releases": rows}), releases


def _files(sources: Iterable[Path]) -> list[Path]:
    """The files, oldest ESP-IDF first."""
    found = [path for one in sources for path in (one.glob("tools-*.json") if one.is_dir() else [one])]
    return sorted(found, key=lambda path: _idf_key(idf_tools.idf_in_name(path.name) or ""))


def _idf_key(idf: str) -> tuple[bool, list[int], bool]:
    """``v5.4.1`` before ``release-v6.1`` before ``master``; a beta before what it is a beta of."""
    return not re.search(r"v\d", idf), [int(n) for n in re.findall(r"\d+", idf)[:3]], "beta" not in idf


def _take_over(tools: dict[str, Any], files: Sequence[Path]) -> None:
    """Copy what the newest file says of each tool; collect all patterns that were ever used for its version."""
    regexes: dict[str, dict[str, None]] = {name: {} for name in tools}
    for path in files:
        for said in json.loads(path.read_text("utf-8"))["tools"]:
            if said["name"] in tools:
                row = tools[said["name"]]
                row["bin"] = "/".join(said["export_paths"][0])
                row["version_command"] = said["version_cmd"]
                regexes[said["name"]][said["version_regex"]] = None
                assert said.get("version_regex_replace", r"\1-\2") == r"\1-\2", path  # what Release.version_in does
    for name, found in regexes.items():
        tools[name]["regexes"] = list(found)


def _natmod(row: dict[str, Any]) -> tuple[tuple[int, str], ...]:
    return tuple((major, first) for major, first in row["natmod"])


def _kept(releases: list[Release]) -> list[Release]:
    """What a supported MicroPython's ESP-IDF uses, and of each tool the newest and the smallest on any platform."""
    needed = {idf for release in micropython_releases() for idf in release.idf}
    kept = []
    for tool in dict.fromkeys(one.tool for one in releases):
        own = [one for one in releases if one.tool == tool]
        platforms = dict.fromkeys(key for one in own for key in one.files)
        best = {max(own, key=lambda one: version_key(one.version)).id}
        best |= {_smallest(own, platform) for platform in platforms}
        kept += [one for one in own if needed & set(one.idf) or one.id in best]
    return kept


def _smallest(releases: list[Release], platform: str) -> str:
    return min((one for one in releases if platform in one.files), key=lambda one: one.files[platform].size).id


def _row(release: Release, regexes: list[str]) -> dict[str, Any]:
    bases = {file.url.removesuffix(file.name) for file in release.files.values()}
    (base,) = bases
    assert base.endswith("/"), release.id
    return {
        "tool": release.tool,
        "version": release.version,
        "idf": list(release.idf),
        "chips": list(release.chips),
        "regex": regexes.index(release.version_regex),
        "base": base,
        "files": {key: [file.name, file.size, file.sha256] for key, file in release.files.items()},
    }


def _text(data: dict[str, Any]) -> str:
    """Slim JSON: one line a tool and an archive."""
    tools = ",\n".join(f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in data["tools"].items())
    releases = ",\n".join(_release_text(row) for row in data["releases"])
    head = "".join(f" {json.dumps(key)}: {json.dumps(data[key])},\n" for key in ("schema", "origin"))
    return f'{{\n{head} "tools": {{\n{tools}\n }},\n "releases": [\n{releases}\n ]\n}}\n'


def _release_text(row: dict[str, Any]) -> str:
    files = ",\n".join(f"   {json.dumps(key)}: {json.dumps(file)}" for key, file in row["files"].items())
    head = json.dumps({key: value for key, value in row.items() if key != "files"})
    return f'  {head[:-1]}, "files": {{\n{files}\n  }}}}'


if __name__ == "__main__":
    sys.exit(main())
