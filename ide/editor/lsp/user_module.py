"""User C modules as clangd has to know them: which folder a file belongs to, and what its description adds. No Qt.

``micropython.mk`` and ``micropython.cmake`` are read, not run: what only make or CMake can work out is left away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from toolchains.firmware.table import MODULE_FILES

_MAKE, _CMAKE = MODULE_FILES
#: So many folders above a source may have the description.
_MOST_ABOVE = 4
_LARGEST = 200_000
_ASSIGNED = re.compile(r"^[ \t]*(\w+)[ \t]*(?:\+|:|\?)?=[ \t]*(.*)$", re.M)
_VARIABLE = re.compile(r"\$[({](\w+)[)}]")
_FLAG = re.compile(r"-[ID](?:\"[^\"]+\"|[^\s\"]|\\.)+|-std=\S+")
_COMMAND = re.compile(r"\btarget_(include_directories|compile_definitions)\s*\(([^()]*)\)")
#: Stand for folders while words are told apart: the names of those may have blanks.
_HERE, _TREE = "\0here", "\0tree"
_SCOPES = frozenset({"INTERFACE", "PUBLIC", "PRIVATE", "SYSTEM", "BEFORE", "AFTER"})


def folder_of(source: Path) -> Path | None:
    """The user C module that a file is part of; None for any other file. Looks at the disk."""
    for folder in list(source.parents)[:_MOST_ABOVE]:
        if any((folder / name).is_file() for name in MODULE_FILES):
            return folder
    return None


def flags_of(folder: Path, tree: Path) -> tuple[str, ...]:
    """Folders of headers and definitions of a module's own, as words for a compiler."""
    make = _from_make(_read(folder / _MAKE), {"USERMOD_DIR": _HERE, "TOP": _TREE})
    here = dict.fromkeys(("CMAKE_CURRENT_LIST_DIR", "CMAKE_CURRENT_SOURCE_DIR"), _HERE)
    cmake = _from_cmake(_read(folder / _CMAKE), {**here, "MICROPY_DIR": _TREE})
    words = dict.fromkeys((*make, *cmake))
    return tuple(word.replace(_HERE, str(folder)).replace(_TREE, str(tree)) for word in words if "$" not in word)


def _from_make(text: str, known: dict[str, str]) -> Iterator[str]:
    for name, said in _ASSIGNED.findall(text):
        known[name] = _filled(said, known)
        if "FLAGS" in name:
            yield from (word.replace('\\"', '"') for word in _FLAG.findall(known[name]))


def _from_cmake(text: str, known: dict[str, str]) -> Iterator[str]:
    for command, said in _COMMAND.findall(text):
        words = [word.strip('"') for word in _filled(said, known).split()[1:]]
        for word in words:
            if word in _SCOPES:
                continue
            if command.startswith("compile"):
                yield f"-D{word.removeprefix('-D')}"
            elif word.startswith((_HERE, _TREE)) or Path(word).is_absolute():
                yield f"-I{word}"
            else:
                yield f"-I{_HERE}/{word}"


def _filled(said: str, known: dict[str, str]) -> str:
    return _VARIABLE.sub(lambda found: known.get(found[1], found[0]), said)


def _read(path: Path) -> str:
    try:
        text = path.read_text("utf-8", "replace")[:_LARGEST] if path.is_file() else ""
    except OSError:  # not ours to read: it adds nothing
        return ""
    return re.sub(r"(?<!\\)#[^\n]*", "", text.replace("\\\n", " "))
