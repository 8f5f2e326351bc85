"""Reads Espressif's ``tools.json``: which archives an ESP-IDF release installs. The file is not trusted.

A tool that we have no use for is passed over; a row of one that we use must be right in every part, or the whole file
is refused, with the place. Its schema: ESP-IDF's tools/tools_schema.json and docs, idf-tools.rst.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from toolchains.catalog_records import (
    PLATFORMS,
    CatalogBroken,
    Checked,
    File,
    Kind,
    Release,
    safe_regex,
    version_command,
    version_key,
)
from toolchains.chips import chips
from toolchains.errors import disk_errors
from toolchains.micropython_releases import micropython_of, minors
from toolchains.paths import resources
from toolchains.text import _

#: Espressif's are 40 to 51 kB.
_MAX_FILE = 2_000_000
_IDF_IN_NAME = re.compile(r"tools-(v\d+\.\d+(?:\.\d+)?[A-Za-z0-9.-]{0,30}|release-v\d+\.\d+|master[0-9-]{0,12})\.json")


@dataclass(frozen=True)
class Rule:
    """What we know of a tool and no tools.json says; ``natmod``: from which major version on, which MicroPython.

    ``regexes``: the patterns that Espressif has used for its version.
    """

    kind: Kind
    arches: tuple[str, ...]
    program: str
    natmod: tuple[tuple[int, str], ...]
    regexes: tuple[str, ...]


@cache
def builtin() -> dict[str, Any]:
    """``resources/catalog/espressif.json``."""
    loaded: dict[str, Any] = json.loads((resources() / "catalog" / "espressif.json").read_text("utf-8"))
    return loaded


@cache
def rules() -> dict[str, Rule]:
    """The tools that we have a use for."""
    return {
        name: Rule(
            row["kind"],
            tuple(row["arches"]),
            row["program"],
            tuple((major, first) for major, first in row["natmod"]),
            tuple(row["regexes"]),
        )
        for name, row in builtin()["tools"].items()
    }


@cache
def known_regexes() -> frozenset[str]:
    """All patterns that are believed."""
    return frozenset(regex for rule in rules().values() for regex in rule.regexes)


def load(path: Path) -> bytes:
    """What is in a file that should be a tools.json, a little more than the most that :func:`read` takes."""
    with disk_errors(path), path.open("rb") as file:
        return file.read(_MAX_FILE + 1)


def idf_in_name(name: str) -> str | None:
    """The ESP-IDF release that the name of a file tells: ``v5.5.2`` for ``tools-v5.5.2.json``."""
    found = _IDF_IN_NAME.fullmatch(name)
    return found[1] if found else None


def read(raw: bytes, name: str, known: Mapping[str, Rule] | None = None) -> list[Release]:
    """The releases that a tools.json called ``name`` offers for the tools in ``known``; raises CatalogBroken.

    ``tools-v5.5.2.json`` tells its ESP-IDF in its name; ``tools.json`` does not.
    """
    tools = rules() if known is None else known
    if len(raw) > _MAX_FILE:
        raise CatalogBroken(name, "", _("it is much larger than any that Espressif publishes"))
    try:
        top = Checked(json.loads(raw.decode("utf-8")), name)
    except (ValueError, RecursionError) as error:
        raise CatalogBroken(name, "", _("it is not JSON")) from error
    told = idf_in_name(name)
    idf = (told,) if told else ()
    releases: list[Release] = []
    for tool in top["tools"].items():
        rule = tools.get(tool["name"].text())
        if rule is not None:
            releases += [_release(tool, rule, version, idf) for version in tool["versions"].items()]
    if not releases:
        raise CatalogBroken(name, "", _("it lists none of the tools that are used here"))
    return [one for one in releases if one.files]


def merge(releases: Iterable[Release]) -> list[Release]:
    """One release for each tool and version, oldest first: what came first wins, new ESP-IDFs and chips are added."""
    merged: dict[str, Release] = {}
    for release in releases:
        first = merged.setdefault(release.id, release)
        idf = tuple(dict.fromkeys((*first.idf, *release.idf)))
        own = tuple(name for name in chips() if name in first.chips or name in release.chips)
        merged[release.id] = replace(first, idf=idf, micropython=micropython_of(idf), chips=own)
    return sorted(merged.values(), key=lambda one: (one.tool, version_key(one.version)))


def natmod_span(rule: Rule, version: str) -> tuple[str, str]:
    """The first and the last MicroPython whose linker reads the objects of that version of a tool."""
    major = version_key(version)[0]
    first = [micropython for since, micropython in rule.natmod if since <= major]
    return (first[-1], minors()[-1]) if first else ("", "")


def builtin_releases() -> list[Release]:
    """Our own catalogue; its schema and the tests have looked at it, so it is not checked again."""
    return [_builtin(row) for row in builtin()["releases"]]


def _builtin(row: Mapping[str, Any]) -> Release:
    rule = rules()[row["tool"]]
    version, idf = str(row["version"]), tuple(row["idf"])
    tool = builtin()["tools"][row["tool"]]
    return Release(
        row["tool"],
        version,
        rule.kind,
        rule.arches,
        tuple(row["chips"]),
        micropython_of(idf),
        natmod_span(rule, version),
        idf,
        rule.program,
        tool["bin"],
        tuple(tool["version_command"]),
        rule.regexes[row["regex"]],
        {key: File(name, row["base"] + name, size, sha) for key, (name, size, sha) in row["files"].items()},
    )


def _release(tool: Checked, rule: Rule, said: Checked, idf: tuple[str, ...]) -> Release:
    version = said["name"].word()
    known = frozenset(rule.regexes)
    return Release(
        tool["name"].word(),
        version,
        rule.kind,
        rule.arches,
        _chips(tool, rule),
        micropython_of(idf),
        natmod_span(rule, version),
        idf,
        rule.program,
        _bin(tool["export_paths"]),
        version_command(tool["version_cmd"]),
        safe_regex(tool["version_regex"].text(), version, known),
        {key: _file(said[key]) for key in PLATFORMS if said.has(key)},
        said.name,
    )


def _chips(tool: Checked, rule: Rule) -> tuple[str, ...]:
    """Chips with MicroPython; of a compiler, those of its own kind (riscv32 lists the S2 for its second processor)."""
    said = tool["supported_targets"].words()
    own = [chip.name for chip in chips().values() if chip.arch in rule.arches or not rule.arches]
    return tuple(name for name in own if name in said)


def _bin(said: Checked) -> str:
    folders = [Checked("/".join(part.text() for part in one.items()), said.name, one.where) for one in said.items()]
    if len(folders) != 1:
        raise said.wrong(_("it should be one folder"))
    return folders[0].folder()


def _file(said: Checked) -> File:
    url = said["url"].url()
    name = said["rename_dist"] if said.has("rename_dist") else Checked(url.rpartition("/")[2], said.name, said.where)
    return File(name.archive_name(), url, said["size"].size(), said["sha256"].sha256())
