"""Changes of what describes a project, as edits: a key of natmod.toml, a variable of a Makefile.

Layout and comments stay. A folder that is a project without a natmod.toml gets one that says what was guessed so far.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from toolchains.edits import TextEdit, difference, read_text
from toolchains.project import FILE_NAME, SCHEMA, Project

Reader = Callable[[Path], str]
Value = str | int | list[str]


def set_key(project: Project, table: str, key: str, value: Value | None, read: Reader = read_text) -> TextEdit | None:
    """Give ``key`` of ``[table]`` a value, or take it out (None). None when it has that value already."""
    return set_keys(project, table, {key: value}, read)


def set_keys(
    project: Project, table: str, values: Mapping[str, Value | None], read: Reader = read_text
) -> TextEdit | None:
    """The same for several keys of one table, as one edit."""
    import tomlkit  # 20 ms that nobody needs before there is something to mend

    path, text = _description(project, read)
    document = tomlkit.parse(text)
    section: dict[str, Any] | None = document.get(table)
    if not isinstance(section, dict):
        section = None
    for key, value in values.items():
        if value is not None:
            if section is None:
                document[table] = section = tomlkit.table()
            section[key] = value
        elif section is not None and key in section:
            del section[key]
    return difference(path, text if path.is_file() else "", tomlkit.dumps(document))


def add_to_list(project: Project, table: str, key: str, more: str, read: Reader = read_text) -> TextEdit | None:
    """Append to a list; one that is not written down begins with what the project has without it."""
    have = _listed(project, table, key, read)
    return None if more in have else set_key(project, table, key, [*have, more], read)


def take_from_list(project: Project, table: str, key: str, unwanted: str, read: Reader = read_text) -> TextEdit | None:
    """Take one element out of a list."""
    have = _listed(project, table, key, read)
    if unwanted not in have:
        return None
    return set_key(project, table, key, [one for one in have if one != unwanted] or None, read)


def _listed(project: Project, table: str, key: str, read: Reader) -> list[str]:
    import tomllib

    _path, text = _description(project, read)
    section = tomllib.loads(text).get(table, {})
    return list(section.get(key) or getattr(project, key, ()))


def _description(project: Project, read: Reader) -> tuple[Path, str]:
    path = project.root / FILE_NAME
    if path.is_file():
        return path, read(path)
    if project.makefile is not None or not project.sources:
        return path, f"schema = {SCHEMA}\n"
    sources: Sequence[str] = project.sources
    names = ", ".join(f'"{name}"' for name in sources)
    return path, f'schema = {SCHEMA}\n\n[module]\nname = "{project.name}"\nsources = [{names}]\n'


def set_variable(project: Project, name: str, value: str, read: Reader = read_text) -> TextEdit | None:
    """Give a variable of the project's Makefile a value: where it has one, else before dynruntime.mk is included."""
    path, text = _makefile(project, read)
    given = re.search(rf"^[ \t]*{name}[ \t]*[:?]?=[ \t]*(.*?)[ \t]*$", text, re.M)
    if given is not None:
        return None if given[1] == value else TextEdit.at(path, text, *given.span(1), value)
    include = re.search(r"^[ \t]*-?include[ \t].*dynruntime\.mk", text, re.M)
    at = include.start() if include else len(text)
    return TextEdit.insert(path, at, f"{name} = {value}\n")


def add_to_variable(project: Project, name: str, more: str, read: Reader = read_text) -> TextEdit | None:
    """Append a word to a variable of the Makefile; None where it is set nowhere in that file."""
    path, text = _makefile(project, read)
    given = re.search(rf"^[ \t]*{name}[ \t]*[:?+]?=(?:[^\n]*\\\r?\n)*[^\n#]*?(?=[ \t]*(?:#|\r?$))", text, re.M)
    return TextEdit.insert(path, given.end(), f" {more}") if given is not None else None


def _makefile(project: Project, read: Reader) -> tuple[Path, str]:
    path = project.root / (project.makefile or "Makefile")
    return path, read(path)
