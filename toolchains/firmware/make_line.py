"""A line with which somebody builds a firmware (``make BOARD=… USER_C_MODULES=…``, ``idf.py -D …``), as ``[firmware]``.

Nothing of it is run. What is not understood is refused by name: a variable with a typing mistake is how a module is
left out without a word (micropython#17245).
"""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from toolchains.errors import UsageError, disk_errors
from toolchains.firmware.table import MODULE_FILES
from toolchains.project_edits import Value
from toolchains.text import Text, _

#: Variables of make and of idf.py, and what they are here.
_MEANT = {
    "BOARD": "board", "MICROPY_BOARD": "board", "BOARD_VARIANT": "variant", "VARIANT": "variant",
    "MICROPY_BOARD_VARIANT": "variant", "USER_C_MODULES": "modules", "FROZEN_MANIFEST": "manifest",
    "MICROPY_FROZEN_MANIFEST": "manifest", "CFLAGS_EXTRA": "defines", "BOARD_DIR": "board folder",
    "MICROPY_BOARD_DIR": "board folder",
}  # fmt: skip
#: Variables that change nothing in what is built.
_IDLE = {"V", "BUILD", "BUILD_VERBOSE", "PORT", "BAUD", "DEBUG", "PYTHON", "MICROPY_PREVIEW_VERSION_2", "CROSS_COMPILE"}
_PROGRAMS = {"make", "gmake", "mingw32-make", "idf.py"}
_MAKE_WORDS = {"-C": "port", "--directory": "port", "-f": "", "-I": "", "-o": "", "-W": ""}
_IDF_WORDS = {"-C": "port", "-B": "", "-p": "", "-b": "", "-G": ""}
_INCLUDED = re.compile(r"^\s*include\s*\(\s*(?:\$\{CMAKE_CURRENT_LIST_DIR\}/)?([^)]+?)\s*\)", re.M)
_QEMU = ("VIRT_", "MPS2_", "MPS3_", "MICROBIT", "NETDUINO2", "SABRELITE")


@dataclass
class Pasted:
    """``values`` are keys of ``[firmware]``, None for what the line leaves away; ``notes`` say what of it has no
    meaning here."""

    values: dict[str, Value | None] = field(default_factory=dict)
    notes: list[Text] = field(default_factory=list)


def _refused(what: Text, step: Text) -> UsageError:
    return UsageError(what, next_step=step)


def read(line: str, root: Path) -> Pasted:
    """The table that a line means for the project in ``root``.

    Raises :class:`UsageError` for a variable, a word or a path that is not understood.
    """
    found = Pasted()
    for name, value in _words(line):
        if name == "port":
            parts = PurePosixPath(value).parts
            if "ports" in parts[:-1]:
                found.values["port"] = parts[parts.index("ports") + 1]
        elif name == "target":
            if value not in ("all", "build"):
                found.notes.append(_("{word} is no part of the build: left out.", word=value))
        elif name in _IDLE:
            found.notes.append(_("{word} changes nothing here: left out.", word=name))
        elif name not in _MEANT:
            raise _unknown(name)
        elif value:  # make takes one without a value for one that is not there
            _take(found, _MEANT[name], value, root)
    port = found.values.get("port") or _port_of(found)
    found.values = {"port": port, "board": None, "variant": None, **found.values}
    return found


def _words(line: str) -> Iterator[tuple[str, str]]:
    """Variables with their values; ``port`` for a folder that is gone to, ``target`` for what else make is told."""
    try:
        words = iter(shlex.split(line.replace("\\\n", " "), comments=True))
    except ValueError as error:
        raise _refused(_("The line cannot be read: {reason}.", reason=str(error)), _("Paste it whole.")) from error
    program, with_word = "", _MAKE_WORDS
    for word in words:
        if PurePosixPath(word).name in _PROGRAMS:
            program = PurePosixPath(word).name
            with_word = _IDF_WORDS if program == "idf.py" else _MAKE_WORDS
        elif word in ("&&", ";", "$", "sudo", "time"):
            continue
        elif word == "cd":
            yield "port", next(words, "")
        elif word == "-D":
            yield _split(next(words, ""))
        elif word in with_word:
            value = next(words, "")
            if with_word[word]:
                yield with_word[word], value
        elif word.startswith("-D"):
            yield _split(word[2:])
        elif word.startswith("-"):
            continue
        elif re.match(r"\w+[:+?]?=", word):
            yield _split(word)
        elif not word.isdigit():  # the number of make -j 4
            yield "target", word
    if not program:
        raise _refused(
            _("This is no line of make or idf.py."), _("Example: make BOARD=VIRT_RV32 USER_C_MODULES=usermods")
        )


def _split(word: str) -> tuple[str, str]:
    name, _equal, value = word.partition("=")
    return name.partition(":")[0].rstrip("+?"), value


def _unknown(name: str) -> UsageError:
    near = difflib.get_close_matches(name.upper(), _MEANT, 1)
    what = _("{name} is no variable of MicroPython's build that is known here: it would be passed over.", name=name)
    known = ", ".join(sorted(set(_MEANT) - {"MICROPY_BOARD", "MICROPY_BOARD_DIR", "MICROPY_BOARD_VARIANT"}))
    return _refused(what, _('Did you mean "{near}"?', near=near[0]) if near else _("Known are: {names}.", names=known))


def _take(found: Pasted, key: str, value: str, root: Path) -> None:
    match key:
        case "modules":
            found.values["modules"] = list(_modules(_place(value, root), root))
        case "manifest":
            found.values["manifest"] = _inside(_place(value, root), root)
        case "board folder":
            place = _place(value, root)
            if place.parent != root / "boards":
                step = _("Move it to boards/{name} in the project.", name=place.name)
                raise _refused(_("The board's folder {name} is not where it is looked for.", name=value), step)
            found.values["board"] = place.name
        case "defines":
            found.values["defines"] = list(_defines(value))
        case _:
            found.values[key] = value


def _defines(value: str) -> Iterator[str]:
    for word in value.split():
        if not word.startswith("-D"):
            what = _("{flag} is no define: other flags of the compiler are not taken over.", flag=word)
            raise _refused(what, _("Take it out of the line."))
        yield word[2:]


def _place(value: str, root: Path) -> Path:
    """A path of the line: as it is, from the project, or what of it lies in the project (make starts elsewhere)."""
    given = Path(value)
    tried = [given] if given.is_absolute() else [root / given]
    parts = [part for part in PurePosixPath(value.replace("\\", "/")).parts if part not in ("..", ".", "/")]
    tried += [root.joinpath(*parts[start:]) for start in range(len(parts))]
    for path in tried:
        if path.exists():
            return path.resolve()
    raise _refused(_("{path} is not there.", path=value), _("Paths count from the project's folder. Correct it."))


def _inside(path: Path, root: Path) -> str:
    if not path.is_relative_to(root.resolve()):
        what = _("{path} is not in the project.", path=path)
        raise _refused(what, _("Copy it into the project: a project that is given away has to be whole."))
    return path.relative_to(root.resolve()).as_posix()


def _modules(place: Path, root: Path) -> Iterator[str]:
    """The folders of modules that a value of USER_C_MODULES stands for: a folder of folders, or a CMake file."""
    if place.is_file():
        _inside(place, root)
        with disk_errors(place):
            text = place.read_text("utf-8", "replace")
        below = [place.parent / found for found in _INCLUDED.findall(text)]
        if "usermod" in text.replace("usermods", "") and not below:
            below = [place]
        for file in below:
            if not file.is_file():
                raise _refused(_("{path} is not there.", path=file), _("{file} names it.", file=place.name))
            yield _inside(file.resolve().parent, root)
        return
    with disk_errors(place):
        folders = [one for one in sorted(place.iterdir()) if any((one / name).is_file() for name in MODULE_FILES)]
    if not folders:
        one = any((place / name).is_file() for name in MODULE_FILES)
        what = _("There is no user C module in {path}: no folder in it has a micropython.mk.", path=place.name)
        step = _("Name the folder above: {path}", path=place.parent) if one else _("Correct USER_C_MODULES.")
        raise _refused(what, step)
    yield from (_inside(folder, root) for folder in folders)


def _port_of(found: Pasted) -> str:
    """By the board's name, where the line names no folder of a port."""
    board = found.values.get("board")
    if not isinstance(board, str):
        return "unix"
    if board.startswith(_QEMU):
        return "qemu"
    if "ESP8266" in board:
        return "esp8266"
    if "ESP32" in board or board.startswith(("LOLIN", "M5STACK", "LILYGO", "UM_", "SEEED", "ARDUINO_NANO_ESP")):
        return "esp32"
    what = _("The line does not tell which port has the board {board}.", board=board)
    raise _refused(what, _("Write where it is run, for example: make -C ports/stm32 {line}", line=f"BOARD={board}"))
