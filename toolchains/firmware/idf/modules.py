"""User C modules for CMake: one file that includes them all, and a description for those that have make's only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from toolchains.errors import disk_errors
from toolchains.firmware.built import Job, link_name, write_changed
from toolchains.firmware.idf.work_tree import link
from toolchains.firmware.table import MODULE_FILES
from toolchains.firmware.user_modules import BadUserModule, UserModule
from toolchains.text import _

_ASSIGNED = re.compile(r"^\s*(\w+)\s*(\+=|:=|\?=|=)\s*(.*?)\s*$")
_REFERENCE = re.compile(r"\$[({](\w+)[)}]")
_WILDCARD = re.compile(r"\$[({]wildcard\s+([^(){}$]*)[)}]")
_SOURCES = ("SRC_USERMOD", "SRC_USERMOD_C", "SRC_USERMOD_CXX", "SRC_USERMOD_LIB_C", "SRC_USERMOD_LIB_CXX")
_FLAGS = ("CFLAGS_USERMOD", "CXXFLAGS_USERMOD")
_WORD = re.compile(r'(?:"[^"]*"|\\.|[^\s"\\])+')
_MOST = 1000


def collected(job: Job) -> Path | None:
    """A ``micropython.cmake`` that includes all modules of a project, by absolute paths; None where it has none.

    Raises ``BadUserModule`` for a micropython.mk that only make can read.
    """
    if not job.modules:
        return None
    lines = []
    for number, module in enumerate(job.modules):
        name = link_name(number, module.folder.name)
        place = link(job.host, job.stage.folder / "modules" / name, module.folder)
        if module.cmake:
            lines.append(f'include("{(place / MODULE_FILES[1]).as_posix()}")')
        else:
            file = job.stage.folder / f"module-{name}.cmake"
            write_changed(file, described(module, place, f"usermod_{name.replace('-', '_')}"))
            lines.append(f'include("{file.as_posix()}")')
    together = job.stage.folder / MODULE_FILES[1]
    write_changed(together, "\n".join(lines) + "\n")
    return together


def described(module: UserModule, place: Path, target: str) -> str:
    """CMake's description of a module that has make's only; ``place``: its folder as the build sees it."""
    values = _values(module, place)
    sources = [word for name in _SOURCES for word in values.get(name, "").split()]
    words = [word for name in _FLAGS for word in _WORD.findall(values.get(name, ""))]
    folders = [word[2:] for word in words if word.startswith("-I") and len(word) > 2]
    defines = [word[2:].replace('\\"', '"') for word in words if word.startswith("-D")]
    others = [word for word in words if not word.startswith(("-I", "-D"))]
    lines = [f"add_library({target} INTERFACE)"]
    for command, found in (
        ("target_sources", sources),
        ("target_include_directories", folders),
        ("target_compile_definitions", defines),
        ("target_compile_options", others),
    ):
        if found:
            lines.append(f"{command}({target} INTERFACE {' '.join(_quoted(one) for one in found)})")
    if defines:  # MicroPython looks for names in sources as they are with these only
        lines.append(f"list(APPEND MICROPY_CPP_DEF_EXTRA {' '.join(_quoted(one) for one in defines)})")
    return "\n".join((*lines, f"target_link_libraries(usermod INTERFACE {target})")) + "\n"


def _quoted(word: str) -> str:
    return '"' + word.replace("\\", "/").replace('"', '\\"') + '"'


def _values(module: UserModule, place: Path) -> dict[str, str]:
    file = module.folder / MODULE_FILES[0]
    with disk_errors(file):
        text = file.read_text("utf-8", "replace")
    values = {"USERMOD_DIR": place.as_posix()}
    for line in _lines(text):
        row = _ASSIGNED.match(line)
        if row is None:
            raise _only_make(module, line.strip())
        name, sign, said = row.groups()
        if sign == "?=" and name in values:
            continue
        value = _expanded(said, values, place)
        if "$" in value:
            raise _only_make(module, line.strip())
        values[name] = f"{values.get(name, '')} {value}".strip() if sign == "+=" else value
    return values


def _lines(text: str) -> Iterator[str]:
    for line in text.replace("\\\n", " ").splitlines()[:_MOST]:
        plain = re.sub(r"(?<!\\)#.*", "", line)
        if plain.strip():
            yield plain


def _expanded(said: str, values: dict[str, str], place: Path) -> str:
    plain = _REFERENCE.sub(lambda found: values.get(found[1], found[0] if found[1] == "wildcard" else ""), said)
    return _WILDCARD.sub(lambda found: " ".join(_wild(found[1].split(), place)), plain)


def _wild(patterns: list[str], place: Path) -> Iterator[str]:
    for pattern in patterns:
        below = pattern.removeprefix(f"{place.as_posix()}/")
        if ".." not in below and not below.startswith("/"):
            yield from (path.as_posix() for path in sorted(place.glob(below))[:_MOST])


def _only_make(module: UserModule, line: str) -> BadUserModule:
    name = module.folder.name
    return BadUserModule(
        name,
        _("The module {name} has no micropython.cmake, which the ESP32 needs.", name=name),
        _('Write one: "{line}" of its micropython.mk is for make only.', line=line[:80]),
        module.folder,
    )
