"""Reads makefiles line by line, as GNU make does: assignments, conditions, includes, rules."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from toolchains.makefile import words
from toolchains.makefile.asking import Asking
from toolchains.makefile.errors import MakefileError, Place, TooMuch
from toolchains.makefile.expander import Expander, Function
from toolchains.makefile.functions import FUNCTIONS
from toolchains.makefile.lines import (
    Assignment,
    Line,
    logical_lines,
)
from toolchains.makefile.rules import RuleBook
from toolchains.makefile.statements import FileReader
from toolchains.makefile.unknown import harmless
from toolchains.makefile.variables import Variable, Variables
from toolchains.makefile.world import not_there
from toolchains.text import _

_MOST_INCLUDED = 200
_MOST_DEEP = 30
#: What make itself defines, as far as Makefiles of modules look at it.
_DEFAULTS = {
    "AR": "ar",
    "AS": "as",
    "CC": "cc",
    "CXX": "g++",
    "LD": "ld",
    "MAKE": "make",
    "MAKE_VERSION": "4.3",
    "RM": "rm -f",
    "SHELL": "/bin/sh",
    "MAKEFLAGS": "",
    "MAKECMDGOALS": "",
    "MAKELEVEL": "0",
    ".DEFAULT_GOAL": "",
    ".FEATURES": "",
    ".INCLUDE_DIRS": "",
    ".LIBPATTERNS": "",
}
_DYNRUNTIME = "py/dynruntime.mk"


@dataclass
class Reader:
    """The state of make after reading: variables, rules, search paths.

    ``given`` are variables of the command line: those of the person by ``command line``, ours by ``ours``.
    """

    asking: Asking
    variables: Variables
    rules: RuleBook = field(default_factory=RuleBook)
    vpath: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    exported: dict[str, bool] = field(default_factory=dict)
    included: list[str] = field(default_factory=list)
    missing: list[tuple[str, Place]] = field(default_factory=list)
    parents: tuple[str, ...] = ()
    on_step: Callable[[], None] = lambda: None
    _reading: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        table: dict[str, Function] = {
            **FUNCTIONS,
            **self.asking.functions(),
            "eval": Function(self._eval, 0, 1, passes=True),
        }
        self.expander = Expander(self.variables, table, Place("", 0), self.on_step)
        defaults = {**_DEFAULTS, "CURDIR": self.asking.world.names.root}
        for name, value in defaults.items():
            self.variables.set(name, value, recursive=False, origin="file" if name == "CURDIR" else "default")

    def give(self, values: Mapping[str, str], origin: str) -> None:
        """Variables of the command line."""
        for name, value in values.items():
            self.variables.set(name, harmless(value.replace("\0", "")), recursive=True, origin=origin)

    def expand(self, text: str) -> str:
        """``text`` with all references replaced."""
        return self.expander.expand(text)

    def environment(self) -> dict[str, str]:
        """The variables that the Makefile exports to the commands that it runs."""
        return {name: self.expander.value_of(name) for name, wanted in self.exported.items() if wanted}

    @contextmanager
    def scope(self, values: Mapping[str, str], target: str) -> Iterator[None]:
        """While the body runs, these variables, and those of ``target``, stand before all others.

        A target has the variables of ``parents``, for which it is made, unless they are private.
        """
        with self.variables.scope(values):
            for name in (*self.parents, target) if target not in self.parents else self._up_to(target):
                for one in self.rules.assignments_for(name):
                    if name == target or not one.what.private:
                        self.expander.place = one.place
                        self._assign_inside(one.what, one.place)
            yield

    def _up_to(self, target: str) -> tuple[str, ...]:
        return self.parents[: self.parents.index(target) + 1]

    # --- files ---

    def read(self, name: str) -> None:
        """Read the file ``name``; raises :class:`MakefileError` when it is not there or cannot be understood.

        ``missing`` then has the files that it includes and that are not there.
        """
        try:
            self.include(name, self.expander.place, needed=True)
        except MakefileError as error:
            if self.missing:
                raise not_there(*self.missing[0]) from error
            raise

    def include(self, name: str, place: Place, *, needed: bool) -> None:
        """Read a file that another one includes; one that is ``needed`` and not there is noted in ``missing``."""
        if name.endswith(_DYNRUNTIME):  # always that of the chosen tree, by whatever way this one leads there
            name = f"{self.asking.world.names.sdk}/{_DYNRUNTIME}"
        key = self.asking.world.abspath(name)
        text = self.asking.world.text(name, place)
        if text is None:
            if needed:  # a rule that is still to come may make it
                self.missing.append((name, place))
            return
        self.included.append(name)
        if key in self._reading:
            raise MakefileError(place, _("{path} includes itself.", path=name))
        if len(self.included) > _MOST_INCLUDED or len(self._reading) > _MOST_DEEP:
            raise TooMuch(place, _("too many files include one another."))
        self._reading.append(key)
        shown_name = posixpath.relpath(key, self.asking.world.names.root) if not name.startswith("/") else name
        self._append_name(name)
        FileReader(self, self.asking.world.names.real(shown_name), logical_lines(text)).run()
        self._reading.pop()

    def _append_name(self, name: str) -> None:
        """``MAKEFILE_LIST``."""
        before = self.variables.get("MAKEFILE_LIST")
        value = f"{before.value} {name}" if before else name
        self.variables.set("MAKEFILE_LIST", value, recursive=False, origin="file")

    def _eval(self, expander: Expander, arguments: list[str]) -> str:
        """``$(eval …)``: the text is read like lines of the file, all at the line of the call."""
        place = expander.place
        FileReader(self, place.file, [Line(place.line, line.raw) for line in logical_lines(arguments[0])]).run()
        expander.place = place
        return ""

    # --- variables ---

    def assign(self, what: Assignment, place: Place) -> None:
        """One assignment of a file."""
        name = words.strip(self.expand(what.name))
        if not name:
            raise MakefileError(place, _("the name of the variable is missing."))
        self.asking.need(name)
        if what.export:
            self.exported[name] = True
        origin = "override" if what.override else "file"
        if not self.variables.may_set(name, origin):
            self.asking.overridden(name, _with_command(what))
            return
        known = self.variables.get(name)
        value, recursive = self._value(name, what, known, place)
        if value is None:
            return
        new = Variable(name, value, recursive, origin, place)
        if what.operator == "+=" and known is not None:
            new = replace(new, place=known.place, added=(*known.added, (what.value, place)))
        self.variables.put(new)

    def _assign_inside(self, what: Assignment, place: Place) -> None:
        """One assignment for a target."""
        name = words.strip(self.expand(what.name))
        known = self.variables.get(name)
        if known is not None and known.origin in ("command line", "ours") and not what.override:
            return
        value, recursive = self._value(name, what, known, place)
        if value is not None:
            self.variables.set_inside(Variable(name, value, recursive, "automatic", place))

    def _value(self, name: str, what: Assignment, known: Variable | None, place: Place) -> tuple[str | None, bool]:
        """The new value, and whether it is recursive; no value: the variable stays as it is."""
        answer = self.asking.answer_for(name, _with_command(what))
        if answer is not None and what.operator != "+=":
            return answer, False
        with self.asking.filling(name if what.operator != "+=" else None):
            match what.operator:
                case "?=":
                    return (None, False) if known is not None else (what.value, True)
                case "+=" if known is not None:
                    added = what.value if known.recursive else self.expand(what.value)
                    return (f"{known.value} {added}" if known.value else added), known.recursive
                case "!=":
                    return self.asking.shell(self.expander, [self.expand(what.value)]), True
                case ":=" | "::=":
                    return self.expand(what.value), False
                case ":::=":
                    return self.expand(what.value).replace("$", "$$"), True
        return what.value, True


def _with_command(what: Assignment) -> str:
    """The value of an assignment, with the command of ``!=`` as a function."""
    return f"$(shell {what.value})" if what.operator == "!=" else what.value
