"""From what a firmware's build printed to what is wrong: patterns in ``resources/firmware/failures.json``, words here.

The first row that fits wins: rows that say more stand first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from toolchains.diagnostics import Diagnostic, errors, parse_compiler
from toolchains.paths import resources
from toolchains.text import Text, _
from toolchains.units import size_text


@dataclass(frozen=True)
class Failure:
    """``why`` and ``step`` are sentences; ``diagnostics`` have places, with the paths of the person's own files."""

    id: str
    why: Text | None
    step: Text
    diagnostics: tuple[Diagnostic, ...] = ()


@cache
def patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The rows of the file."""
    rows = json.loads((resources() / "firmware" / "failures.json").read_text("utf-8"))["failures"]
    return tuple((row["id"], re.compile(row["pattern"], re.MULTILINE)) for row in rows)


def explain(output: str, places: Mapping[Path, Path]) -> Failure:
    """What ended a build that printed ``output``. ``places``: folders of the build, and what they are links to."""
    named = errors(parse_compiler(output))
    for kind, pattern in patterns():
        found = pattern.search(output)
        if found is None:
            continue
        fields = {key: " ".join(value.split()) for key, value in found.groupdict().items() if value}
        why, step = _words(kind, fields)
        if not named and "path" in fields:
            line = int(fields["line"]) if "line" in fields else None
            named = (Diagnostic("error", fields["path"], line, None, fields.get("reason", found[0].splitlines()[-1])),)
        return Failure(kind, why, step, _own(named, places))
    step = (
        _("Mend the lines that are named, then build again.") if named else _("The last words of the build are below.")
    )
    return Failure("compile" if named else "unknown", None, step, _own(named, places))


def _own(diagnostics: tuple[Diagnostic, ...], places: Mapping[Path, Path]) -> tuple[Diagnostic, ...]:
    return tuple(
        Diagnostic(one.severity, own_path(one.path, places), one.line, one.column, one.message) for one in diagnostics
    )


def own_path(path: str | None, places: Mapping[Path, Path]) -> str | None:
    """A path of the build as the person knows it."""
    if path is None:
        return None
    given = PurePosixPath(path)
    for place, target in sorted(places.items(), key=lambda pair: -len(str(pair[0]))):
        if given.is_relative_to(PurePosixPath(place)):
            return str(target / given.relative_to(PurePosixPath(place)))
    return path


def _words(kind: str, found: Mapping[str, str]) -> tuple[Text, Text]:
    name, reason = found.get("name", ""), found.get("reason", "")
    path = PurePosixPath(found.get("path", "")).name
    match kind:
        case "disk-full":
            return _("The disk is full."), _("Make room, then build again: it goes on where it was.")
        case "module-folder":
            return _("The folder {name} does not exist.", name=found["path"]), _('Correct "modules" in natmod.toml.')
        case "frozen-python":
            return _("{file} cannot be frozen: {reason}.", file=path, reason=reason), _("Mend the line that is named.")
        case "manifest-package":
            return (
                _("The manifest asks for {name}, which is in no library here.", name=name),
                _("Correct the name, or get micropython-lib with the MicroPython sources."),
            )
        case "manifest-name":
            return (
                _("The manifest uses {name}, which no manifest knows.", name=name),
                _(
                    'A manifest knows "include", "require", "package", "module", "freeze", "add_library"'
                    ' and "metadata".'
                ),
            )
        case "manifest":
            return _("{file} is wrong: {reason}.", file=path, reason=reason), _("Mend the manifest.")
        case "no-library":
            return _("The MicroPython sources lack micropython-lib."), _("Get a release's own source archive.")
        case _:
            return _more_words(kind, name, reason, path, found)


def _more_words(kind: str, name: str, reason: str, path: str, found: Mapping[str, str]) -> tuple[Text, Text]:
    match kind:
        case "region":
            size = size_text(int(found["bytes"]))
            return (
                _("The firmware does not fit: {size} too much for the memory {name}.", size=size, name=name),
                _("Freeze less, leave a module out, or choose a board with more memory."),
            )
        case "app-partition":
            over = size_text(int(found["bytes"]) if "bytes" in found else int(found["over"], 16))
            return (
                _("The firmware is {size} larger than its partition.", size=over),
                _("Choose a layout with a larger partition for the app, or freeze less."),
            )
        case "twice":
            return (
                _("{name} is defined twice.", name=name),
                _("Make it static, or rename one of the two."),
            )
        case "undefined":
            return (
                _("{name} is used and defined nowhere in this port.", name=name),
                _("Add its source to micropython.mk, or use what this port has."),
            )
        case "header":
            return (
                _("The header {name} was not found.", name=name),
                _("Add its folder to micropython.mk: CFLAGS_USERMOD += -I$(USERMOD_DIR)/include"),
            )
        case "tool":
            return _("The program {program} is needed and is not on this computer.", program=name), _(
                "Install it, then try again."
            )
        case "rule":
            return (
                _("The file {file} is needed and is not there.", file=PurePosixPath(name).name),
                _("Put it back, or take it out of the description that names it."),
            )
        case "memory":
            return (
                _("The compiler was ended by the system: there was too little memory."),
                _("Close other programs, then build again: it goes on where it was."),
            )
        case _:
            return _idf_words(kind, name, reason, path)


def _idf_words(kind: str, name: str, reason: str, path: str) -> tuple[Text, Text]:
    match kind:
        case "idf-board":
            return _("This MicroPython has no board {name}.", name=name), _('Correct "board" in natmod.toml.')
        case "idf-variant":
            return _("The board has no variant {name}.", name=name), _('Correct "variant" in natmod.toml.')
        case "idf-target":
            return (
                _("The build folder was made for another chip: {chip}.", chip=name),
                _("Build it anew."),
            )
        case "idf-unknown":
            return (
                _("ESP-IDF has no component {name}.", name=name),
                _("Correct the name in the CMakeLists.txt or micropython.cmake that asks for it."),
            )
        case "idf-component" | "idf-network":
            return (
                _("A component of ESP-IDF could not be downloaded."),
                _("Look at the network, then build again."),
            )
        case "idf-lock":
            return (
                _("This ESP-IDF is not the version that this MicroPython was made for."),
                _("Let Natmod Studio install the right one."),
            )
        case "idf-part":
            return (
                _("This ESP-IDF lacks a part of itself: {name}.", name=name),
                _("Type in its folder: git submodule update --init --recursive"),
            )
        case "idf-python":
            return (
                _("The Python packages of ESP-IDF are not complete."),
                _("Let Natmod Studio install them again."),
            )
        case _:
            return _("CMake stopped at {file}: {reason}", file=path, reason=reason), _("Mend the line that is named.")
