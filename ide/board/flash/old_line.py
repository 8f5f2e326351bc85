"""An esptool line from a tutorial, old or new, read into a job: ``esptool.py --chip esp32 write_flash 0x1000 fw.bin``.

It is never run as it stands: what is understood becomes a :class:`FlashJob`, whose command is esptool 5's.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ide.board.flash.errors import BadOldLine, chip_title
from ide.board.flash.records import FlashFile, FlashJob
from toolchains.chips import chips
from toolchains.text import _

_LONGEST = 20_000
_PROMPT = re.compile(r"^\s*(?:[$>#%]|PS [^>]*>|[A-Za-z]:\\[^>]*>)\s+")
_PROGRAM = re.compile(r"(?:^|[/\\])esptool(?:\.py|\.exe)?$|^esptool$")
#: Options with a value, by all their names; None: read and left out, because we decide it ourselves.
_VALUED: dict[str, str | None] = {
    **dict.fromkeys(("-p", "--port"), "port"),
    **dict.fromkeys(("-c", "--chip"), "chip"),
    **dict.fromkeys(("-b", "--baud"), "baud"),
    **dict.fromkeys(("-fm", "--flash-mode"), "flash_mode"),
    **dict.fromkeys(("-ff", "--flash-freq"), "flash_freq"),
    **dict.fromkeys(("-fs", "--flash-size"), "flash_size"),
    **dict.fromkeys(("--before", "--after", "-a", "--connect-attempts"), None),
}
_FLAGS: dict[str, tuple[str, bool] | None] = {
    "--no-stub": ("stub", False),
    **dict.fromkeys(("-e", "--erase-all"), ("erase", True)),
    **dict.fromkeys(("-u", "--no-compress"), ("compress", False)),
    **dict.fromkeys(("-z", "--compress"), ("compress", True)),
    **dict.fromkeys(
        ("--force", "--verify", "--no-progress", "-t", "--trace", "-v", "--verbose", "-s", "--silent"), None
    ),
}
_GOES_WITHOUT_SAYING = ("compress", True)
_MODES = {"flash_mode": {"keep", "qio", "qout", "dio", "dout"}}


@dataclass
class Line:
    """What a line says, before it is compared with a board.

    ``values`` by ``port``, ``chip``, ``baud``, ``flash_mode``, ``flash_freq``, ``flash_size``; ``left_out``: what we
    decide ourselves, or esptool does anyway; ``respelled``: words of old releases, and those of esptool 5.
    """

    values: dict[str, str] = field(default_factory=dict)
    flags: dict[str, bool] = field(default_factory=dict)
    files: list[tuple[str, str]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    respelled: dict[str, str] = field(default_factory=dict)


def parse(text: str, *, port: str = "", chip: str = "", folder: Path | None = None) -> FlashJob:
    """The job that a pasted line, or several, means. Raises BadOldLine.

    ``port`` wins over the line's, whose port was somebody else's; ``chip`` is what is on the board: a line for another
    is refused. File names are relative to ``folder``. Without any chip the job's ``chip`` is empty.
    """
    return _job(read(text), port, chip, folder or Path())


def read(text: str) -> Line:
    """What a pasted line says, or several do. Raises BadOldLine."""
    if len(text) > _LONGEST:
        raise BadOldLine(_("It is too long."))
    line = Line()
    for words in _commands(text):
        _read(words, line)
    if not any(command == "write-flash" for command in line.commands):
        raise BadOldLine(_("There is no write_flash in it."))
    if not line.files:
        raise BadOldLine(_("It names no file to write."))
    return line


def _commands(text: str) -> list[list[str]]:
    """Each call of esptool in the text, as its words after the program's name."""
    joined = re.sub(r"(?:\\|\^|`)[ \t]*\r?\n", " ", text)
    found = []
    for part in re.split(r"\r?\n|&&|;", joined):
        words = _words(_PROMPT.sub("", part))
        start = next((n for n, word in enumerate(words) if _PROGRAM.search(word)), None)
        if start is not None:
            found.append(words[start + 1 :])
        elif any(word.replace("_", "-") == "write-flash" for word in words):  # pasted without the program's name
            found.append(words)
    if not found:
        raise BadOldLine(_("There is no esptool in it."))
    return found


def _words(text: str) -> list[str]:
    """The words of a line; backslashes are Windows' when they do not stand before a blank or a quote."""
    try:
        return shlex.split(re.sub(r"\\(?=[^\s\"'\\])", r"\\\\", text))
    except ValueError as error:
        raise BadOldLine(_("A quotation mark is missing in it.")) from error


def _read(words: list[str], line: Line) -> None:
    left, before = list(words), len(line.commands)
    while left:
        word = left.pop(0)
        if word == "-p" and len(line.commands) > before:  # of write_flash: no progress bar
            continue
        old, given, value = word.partition("=")
        name = "--" + old[2:].replace("_", "-") if old.startswith("--") else old
        if name != old:
            line.respelled[old] = name
        if not word.startswith("-"):
            _positional(word, left, line)
        elif name in _VALUED:
            if not given and not left:
                raise BadOldLine(_("There is nothing after {option}.", option=name))
            _keep(line, name, value if given else left.pop(0))
        elif name in _FLAGS:
            known = _FLAGS.get(name)
            if known is not None:
                line.flags[known[0]] = known[1]
            if known in (None, _GOES_WITHOUT_SAYING):
                line.left_out.append(name)
        else:
            raise BadOldLine(_("We do not know its option {option}.", option=word))


def _keep(line: Line, option: str, value: str) -> None:
    key = _VALUED[option]
    if key is not None:
        line.values[key] = value
    else:
        line.left_out.append(f"{option} {value}")


def _positional(word: str, left: list[str], line: Line) -> None:
    if re.fullmatch(r"(?:0[xX][0-9a-fA-F]+|\d+)", word):
        if not left or left[0].startswith("-"):
            raise BadOldLine(_("There is no file after the address {address}.", address=word))
        line.files.append((word, left.pop(0)))
        return
    command = word.replace("_", "-")
    if command not in ("write-flash", "erase-flash"):
        raise BadOldLine(_("We do not run its command {command}.", command=word))
    if command != word:
        line.respelled[word] = command
    if command == "erase-flash":
        line.flags["erase"] = True
    line.commands.append(command)


def _job(line: Line, port: str, chip: str, folder: Path) -> FlashJob:
    theirs = line.values.get("chip", "auto").lower().replace("-", "")
    theirs = "" if theirs == "auto" else theirs
    if theirs and theirs not in chips():
        raise BadOldLine(_("It is for the chip {chip}, which MicroPython does not support.", chip=theirs))
    if theirs and chip and theirs != chip:
        raise BadOldLine(_("It is for the {theirs}, and the board has an {ours}.", theirs=chip_title(theirs),
                           ours=chip_title(chip)))  # fmt: skip
    baud = line.values.get("baud", "")
    if baud and not baud.isdecimal():
        raise BadOldLine(_("Its speed {baud} is no number.", baud=baud))
    mode = line.values.get("flash_mode", "keep").lower()
    if mode not in _MODES["flash_mode"]:
        raise BadOldLine(_("There is no flash mode {mode}.", mode=mode))
    erase: Literal["all", "keep"] = "all" if line.flags.get("erase") else "keep"
    files = sorted((FlashFile(int(at, 0 if "x" in at.lower() else 10), folder / name) for at, name in line.files),
                   key=lambda file: file.address)  # fmt: skip
    return FlashJob(
        port=port or line.values.get("port", ""),
        chip=theirs or chip,
        files=tuple(files),
        erase=erase,
        baud=int(baud) if baud else None,
        flash_mode=mode,
        flash_freq=line.values.get("flash_freq", "keep").lower(),
        flash_size=_size(line.values.get("flash_size", "keep")),
        stub=line.flags.get("stub", True),
        compress=line.flags.get("compress", True),
    )


def _size(text: str) -> str:
    """``4MB``; the megabits of very old lines (``32m``) in bytes."""
    old = re.fullmatch(r"(\d+)m(?:-c1)?", text)
    if old is not None:
        return f"{int(old[1]) // 8}MB"
    return text if text in ("keep", "detect") else text.upper().replace("C1", "c1")
