"""The table ``[firmware]`` of natmod.toml: which firmware a project makes. Read and checked, nothing done.

Paths are relative to the project and inside it. Ports, boards and variants are names; whether a MicroPython tree has
them is asked when it is built (:mod:`toolchains.firmware.boards`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from toolchains.project_file import Section
from toolchains.project_flags import define_problem
from toolchains.text import Text, _

KEYS = (
    "port", "board", "variant", "modules", "manifest", "freeze", "native", "require", "partitions", "defines",
    "sdkconfig", "functions", "name", "version",
)  # fmt: skip
#: What tells a folder with a user C module: make's description, CMake's.
MODULE_FILES = ("micropython.mk", "micropython.cmake")

#: Among the modules: the project's own native module, built in.
OWN = "."

#: The declaration of a function that native modules may call besides MicroPython's.
FUNCTION = re.compile(
    r"\s*(?P<result>[A-Za-z_][\w\s*]*?[\s*])\s*(?P<name>[A-Za-z_]\w*)\s*\((?P<arguments>[\w\s*,]+)\)\s*;?\s*", re.ASCII
)

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
_OPTION = re.compile(r"CONFIG_[A-Z0-9_]+=(y|n|-?\d+|0x[0-9A-Fa-f]+|\"[^\"\\]*\")|# CONFIG_[A-Z0-9_]+ is not set")


@dataclass(frozen=True)
class FirmwareTable:
    """``modules`` are folders with user C modules, or ``"."`` for the project's own native module as one; ``freeze``
    are Python files and folders (packages), ``native`` those of them that become machine code, ``require`` names of
    micropython-lib; ``manifest`` is a file of the person's own, used besides; ``sdkconfig`` holds lines of ESP-IDF's
    configuration; ``functions`` are declarations in C of what native modules may call besides
    (:mod:`toolchains.firmware.extended`)."""

    port: str
    board: str | None = None
    variant: str | None = None
    modules: tuple[str, ...] = ()
    manifest: str | None = None
    freeze: tuple[str, ...] = ()
    native: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    partitions: str | None = None
    defines: tuple[str, ...] = ()
    sdkconfig: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    name: str | None = None
    version: str | None = None

    @property
    def label(self) -> str:
        """``esp32 ESP32_GENERIC_S3 SPIRAM_OCT``."""
        return " ".join(part for part in (self.port, self.board, self.variant) if part)


def read(section: Section) -> FirmwareTable | None:
    """The table, or None where the file has none. Raises :class:`~toolchains.project_file.ProjectFileError`."""
    if not section.values:
        return None
    words = {key: _word(section, key) for key in ("port", "board", "variant", "name", "version")}
    return FirmwareTable(
        port=words["port"] or _port_of(words["board"]),
        board=words["board"],
        variant=words["variant"],
        modules=section.paths("modules", Path.is_dir, _("folder")) or (),
        manifest=section.path("manifest", Path.is_file, _("file")),
        freeze=_frozen(section),
        native=_native(section),
        require=_words(section, "require"),
        partitions=section.path("partitions", Path.is_file, _("file")),
        defines=_checked_defines(section),
        sdkconfig=_options(section),
        functions=_functions(section),
        name=words["name"],
        version=words["version"],
    )


def _port_of(board: str | None) -> str:
    """The port where only a board is named: boards of the ESP32 are what most people build for."""
    return "esp32" if board else "unix"


def _word(section: Section, key: str) -> str | None:
    value = section.text(key)
    if value is not None and not _WORD.fullmatch(value):
        section.fail(key, _('"{key}" may hold letters, digits, and . _ + - only.', key=key))
    return value


def _words(section: Section, key: str) -> tuple[str, ...]:
    found = section.texts(key) or ()
    for index, value in enumerate(found):
        if not _WORD.fullmatch(value):
            section.fail(key, _('"{key}" may hold letters, digits, and . _ + - only.', key=key), None, index)
    return found


def _frozen(section: Section) -> tuple[str, ...]:
    found = section.paths("freeze", Path.exists, _("file")) or ()
    for index, path in enumerate(found):
        problem = frozen_problem(section.doc.root / path)
        if problem is not None:
            section.fail("freeze", problem, _('C files belong into a folder that "modules" lists.'), index)
    return found


def _native(section: Section) -> tuple[str, ...]:
    found = section.paths("native", Path.exists, _("file")) or ()
    frozen = section.paths("freeze", Path.exists, _("file")) or ()
    for index, path in enumerate(found):
        if path not in frozen:
            section.fail("native", _('"{path}" is not listed in "freeze".', path=path), None, index)
    return found


def frozen_problem(path: Path) -> Text | None:
    """Why this file or folder cannot be frozen; None when it can."""
    if path.is_file() and path.suffix != ".py":
        return _("{file} is no Python file: only Python can be frozen.", file=path.name)
    if path.is_dir():
        stray = next(iter(sorted(path.rglob("*.[ch]"))), None)
        if stray is not None:
            name = stray.relative_to(path.parent).as_posix()
            return _("{file} is C: it would be left out of the firmware without a word.", file=name)
    return None


def _checked_defines(section: Section) -> tuple[str, ...]:
    found = section.texts("defines") or ()
    for index, text in enumerate(found):
        problem = define_problem(text)
        if problem is None and not re.fullmatch(r"[\w=.+-]+", text):
            problem = _('"{define}" cannot be defined: write NAME or NAME=VALUE.', define=text)
        if problem is not None:
            section.fail("defines", problem, None, index)
    return found


def _options(section: Section) -> tuple[str, ...]:
    found = section.texts("sdkconfig") or ()
    for index, line in enumerate(found):
        if not _OPTION.fullmatch(line):
            problem = _('"{line}" is no line of sdkconfig.', line=line[:60])
            section.fail("sdkconfig", problem, _("A line looks like this: CONFIG_FREERTOS_HZ=1000"), index)
    return found


def _functions(section: Section) -> tuple[str, ...]:
    found = section.texts("functions") or ()
    for index, text in enumerate(found):
        if not FUNCTION.fullmatch(text):
            problem = _('"{text}" declares no function.', text=text[:60])
            section.fail("functions", problem, _("A declaration looks like this: int product_serial(void)"), index)
    return tuple(" ".join(text.split()) for text in found)
