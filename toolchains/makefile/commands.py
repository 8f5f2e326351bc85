"""The commands in dynruntime.mk's recipes, taken apart: what make would call, without calling it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from toolchains.makefile.errors import MakefileError, Place, shown
from toolchains.makefile.reader import Reader
from toolchains.makefile.rules import Making
from toolchains.makefile.shellwords import shell_words
from toolchains.text import _

_COMPILER = re.compile(r"(?:.*[/-])?(?:gcc|cc|clang)(?:-[\d.]+)?(?:\.exe)?")
_MARKS = " \t@-+"


@dataclass(frozen=True)
class Compile:
    """``gcc flags -o object -c source``: the flags."""

    flags: tuple[str, ...]


@dataclass
class Link:
    """``mpy_ld.py … -o module objects``: what is linked besides the objects."""

    libs: list[str] = field(default_factory=list)
    externs: str | None = None
    arch_flags: str | None = None
    source_name: str | None = None
    nameless: bool = False
    """Whether there is a ``-l`` without a library: what the compiler was asked for and does not have."""


class Step(NamedTuple):
    """A line of a recipe as make hands it to the shell: its marks ``@``, ``-`` and ``+``, the command, its place."""

    marks: str
    text: str
    place: Place


def lines_of(reader: Reader, making: Making) -> Iterator[Step]:
    """The lines of a recipe, expanded."""
    with reader.scope(making.automatic(), making.target):
        for line in making.recipe:
            reader.expander.place = line.place
            text = reader.expand(line.text)
            reader.asking.need(text)
            for part in text.split("\n") if "\\\n" not in text else [text]:
                command = part.lstrip(_MARKS)
                if command and not command.startswith("#"):  # only words to the shell, which asks for no consent
                    yield Step(part[: len(part) - len(command)], command, line.place)


def _words(reader: Reader, making: Making) -> Iterator[list[str]]:
    for step in lines_of(reader, making):
        found = shell_words(step.text)
        if found is None:
            problem = _("a quote is open at the end of this command: {text}", text=shown(step.text))
            raise MakefileError(step.place, problem)
        yield [reader.asking.world.names.real(word) for word in found]


def compile_of(reader: Reader, making: Making) -> Compile | None:
    """The compiler's command in a recipe; None when there is none, so that the recipe is a foreign one."""
    for words in _words(reader, making):
        if "-c" in words and _COMPILER.fullmatch(words[0]):
            return Compile(tuple(_without(reader, words[1:], making)))
    return None


def _without(reader: Reader, words: Sequence[str], making: Making) -> Iterator[str]:
    """The words that are neither the source, which is named last, nor the object."""
    rest = list(words)
    needs = {reader.asking.world.names.real(need) for need in making.needs}
    for word in [word for word in rest if word in needs][-1:]:
        del rest[len(rest) - 1 - rest[::-1].index(word)]
    while rest:
        word = rest.pop(0)
        if word == "-o":
            del rest[:1]
        elif word != "-c":
            yield word


def bytecode_of(reader: Reader, making: Making) -> tuple[str, ...] | None:
    """The flags of mpy-cross in a recipe, without the architecture; None when it is not called there."""
    for words in _words(reader, making):
        if words[0].endswith(("mpy-cross", "mpy-cross.exe", "mpy_cross")) and "-o" in words:
            flags = _without(reader, words[1:], making)
            return tuple(word for word in flags if not word.startswith("-march="))
    return None


def link_of(reader: Reader, making: Making) -> Link:
    """The options of the linker in the recipe of the native part."""
    found = Link()
    for words in _words(reader, making):
        if "--qstrs" in words and "--arch" in words:
            objects = {reader.asking.world.names.real(need) for need in making.needs}
            _options(found, [word for word in words[words.index("--arch") :] if word not in objects], making)
    return found


def _options(found: Link, words: Sequence[str], making: Making) -> None:
    """Take the options of ``mpy_ld.py``; whatever else stands there is an error."""
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if name in ("--arch", "--qstrs", "-o", "--output", "--libs", "-l", "--externs", "-e", "--arch-flags"):
            _option(found, name, value if equals else _value(rest))
        elif name == "--source-name":
            found.source_name = value if equals else _value(rest)
        elif word.startswith("-l"):
            _option(found, "-l", word[2:])
        elif not re.fullmatch(r"-v+|--verbose", word):
            raise MakefileError(
                making.place,
                _('"{word}" in MPY_LD_FLAGS is no option of the linker that can be used here.', word=shown(word)),
                next_step=_("These can: -l, --externs, --arch-flags, --source-name."),
            )


def _value(rest: list[str]) -> str:
    """The word that belongs to an option, which another option never is."""
    return rest.pop(0) if rest and not rest[0].startswith("-") else ""


def _option(found: Link, name: str, value: str) -> None:
    if name in ("-l", "--libs"):
        found.libs += [value] if value else []
        found.nameless |= not value
    elif name in ("--externs", "-e"):
        found.externs = value
    elif name == "--arch-flags":
        found.arch_flags = value
