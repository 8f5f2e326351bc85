"""Text with references to its meaning: ``$(X)``, ``${X}``, ``$X``, ``$(X:.c=.o)``, ``$(function arguments)``.

A Makefile may come from anywhere, so that every expansion counts: depth, number and length are limited.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from toolchains.makefile import words
from toolchains.makefile.errors import MakefileError, Place, TooMuch, shown
from toolchains.makefile.unknown import is_unknown, marks
from toolchains.makefile.variables import Variable, Variables
from toolchains.text import Text, _

_CLOSING = {"(": ")", "{": "}"}
_SPACES = " \t\n"
#: Each level costs Python some four calls of its thousand.
_MOST_DEPTH = 100
_MOST_STEPS = 150_000
_MOST_CHARACTERS = 10_000_000
_CHECK_EVERY = 512

#: A function of make: what it is given (expanded unless it is lazy), to its result.
Body = Callable[["Expander", list[str]], str]


@dataclass(frozen=True)
class Function:
    """A function and its arguments: at least ``least``, at most ``most`` (0: any number); ``lazy`` expands its own.

    ``passes`` hands on what is unknown. Without it, what is made of something unknown is unknown as a whole, except
    ``by_word``: then only the words of the last argument that are unknown are.
    """

    body: Body
    least: int
    most: int
    lazy: bool = False
    passes: bool = False
    by_word: bool = False

    def of(self, expander: Expander, arguments: list[str]) -> str:
        """The result for expanded arguments."""
        if self.passes or self.lazy or not any(map(is_unknown, arguments)):
            return self.body(expander, arguments)
        if not self.by_word or any(map(is_unknown, arguments[:-1])):
            return marks(*arguments)
        text = words.split(arguments[-1])
        known = " ".join(word for word in text if not is_unknown(word))
        return f"{self.body(expander, [*arguments[:-1], known])} {marks(*text)}"


@dataclass
class Expander:
    """Expands texts. ``place`` is the line that is being read; ``busy`` the variables that are being expanded."""

    variables: Variables
    functions: Mapping[str, Function]
    place: Place
    on_step: Callable[[], None] = lambda: None
    busy: list[Variable] = field(default_factory=list)
    _depth: int = 0
    _steps: int = 0
    _characters: int = 0

    def expand(self, text: str) -> str:
        """``text`` with all references replaced. Raises :class:`MakefileError` with the place."""
        at = text.find("$")
        if at < 0:
            return text
        self._enter(text)
        parts: list[str] = []
        start = 0
        while at >= 0:
            parts.append(text[start:at])
            value, start = self._reference(text, at + 1)
            parts.append(value)
            self.grow(len(value))
            at = text.find("$", start)
        parts.append(text[start:])
        self._depth -= 1
        return "".join(parts)

    def fail(self, problem: Text) -> MakefileError:
        """An error at the line that is being read."""
        return MakefileError(self.place, problem)

    def grow(self, n_characters: int) -> None:
        """Count characters that were made, or are about to be."""
        self._characters += n_characters
        if self._characters > _MOST_CHARACTERS:
            raise TooMuch(self.place, _("this makes texts without end, or too long ones to be meant."))

    def step(self) -> None:
        """Count one step, and let a cancel take hold."""
        self._steps += 1
        if self._steps % _CHECK_EVERY == 0:
            self.on_step()
        if self._steps > _MOST_STEPS:
            raise TooMuch(self.place, _("evaluating this takes too many steps; it would never end, or nearly so."))

    def _enter(self, text: str) -> None:
        self.step()
        self._depth += 1
        self._characters += len(text)
        if self._depth > _MOST_DEPTH:
            raise TooMuch(self.place, _("this is nested too deeply: {text}", text=shown(text)))

    def _reference(self, text: str, at: int) -> tuple[str, int]:
        """The value of the reference whose name begins at ``at``, and where the text goes on."""
        if at >= len(text):
            return "", at  # a dollar sign at the very end
        mark = text[at]
        if mark == "$":
            return "$", at + 1
        if mark not in _CLOSING:
            return ("", at) if mark in _SPACES else (self.value_of(mark), at + 1)
        called = self._called(text, at + 1)
        end = closing(text, at + 1, mark)
        if called is not None:
            name, start = called
            if end < 0:
                raise self.fail(
                    _("the call of the function {name} has no closing {mark}.", name=name, mark=_CLOSING[mark])
                )
            return self._call(name, text[start:end], mark), end + 1
        if end < 0:
            end = text.find(_CLOSING[mark], at + 1)
        if end < 0:
            raise self.fail(_("a reference to a variable has no closing {mark}.", mark=_CLOSING[mark]))
        return self._named(self.expand(text[at + 1 : end])), end + 1

    def _called(self, text: str, start: int) -> tuple[str, int] | None:
        """The function that is called here, and where its arguments begin."""
        end = start
        while end < len(text) and (text[end].isalpha() or text[end] == "-"):
            end += 1
        name = text[start:end]
        if name not in self.functions or end >= len(text) or text[end] not in _SPACES:
            return None
        while end < len(text) and text[end] in _SPACES:
            end += 1
        return name, end

    def _named(self, name: str) -> str:
        """The value of ``X`` or of ``X:old=new``."""
        colon = name.find(":")
        equals = name.find("=", colon + 1)
        if is_unknown(name):
            return marks(name)
        if colon < 0 or equals < 0:
            return self.value_of(name)
        value, old, new = self.value_of(name[:colon]), name[colon + 1 : equals], name[equals + 1 :]
        if is_unknown(value):
            return marks(value)
        self.grow(len(value) + len(words.split(value)) * len(new))
        return words.substitution(value, old, new)

    def value_of(self, name: str) -> str:
        """A variable's value, expanded; empty when there is none."""
        variable = self.variables.get(name)
        if variable is None:
            return ""
        return self.value(variable) if variable.recursive else variable.value

    def value(self, variable: Variable) -> str:
        """The expanded value of a recursive variable."""
        if any(one is variable for one in self.busy):
            place = variable.place_of(f"({variable.name})")
            raise MakefileError(
                place if place.file else self.place,
                _("the variable {name} is made of itself, without end.", name=variable.name),
                next_step=_("Write {name} := … where it shall be made of what it was before.", name=variable.name),
            )
        self.busy.append(variable)
        try:
            return self.expand(variable.value)
        finally:
            self.busy.pop()

    def _call(self, name: str, text: str, mark: str) -> str:
        function = self.functions[name]
        arguments = separated(text, mark, function.most)
        if len(arguments) < function.least:
            raise self.fail(
                _("the function {name} needs {n} arguments, separated by commas.", name=name, n=function.least)
            )
        self._enter(text)
        if not function.lazy:
            arguments = [self.expand(argument) for argument in arguments]
        value = function.of(self, arguments)
        self._depth -= 1
        self.grow(len(value))
        return value


def closing(text: str, start: int, mark: str) -> int:
    """Where the bracket ``mark`` that is open before ``start`` closes, or -1. Only brackets of its kind count."""
    close = _CLOSING[mark]
    depth = 1
    position = start
    while True:
        end = text.find(close, position)
        if end < 0:
            return -1
        depth += text.count(mark, position, end) - 1
        if depth == 0:
            return end
        position = end + 1


def separated(text: str, mark: str, most: int) -> list[str]:
    """Arguments at the commas that no inner bracket of the same kind holds; the last one takes the rest."""
    close = _CLOSING[mark]
    found: list[str] = []
    depth = start = 0
    for position, character in enumerate(text):
        if character == mark:
            depth += 1
        elif character == close:
            depth -= 1
        elif character == "," and depth == 0 and len(found) != most - 1:
            found.append(text[start:position])
            start = position + 1
    return [*found, text[start:]]
