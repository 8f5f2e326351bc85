"""Reads makefiles line by line, as GNU make does: assignments, conditions, includes, rules."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from toolchains.makefile import words
from toolchains.makefile.asking import Asking
from toolchains.makefile.conditions import DIRECTIVES, Conditions
from toolchains.makefile.errors import MakefileError, Place, TooMuch, shown
from toolchains.makefile.expander import Expander, Function
from toolchains.makefile.functions import FUNCTIONS
from toolchains.makefile.lines import (
    BLANK,
    Assignment,
    Line,
    assignment,
    find_unquoted,
    joined,
    logical_lines,
    plain_assignment,
    without_comment,
)
from toolchains.makefile.rules import RecipeLine, Rule, RuleBook, TargetAssignment
from toolchains.makefile.unknown import harmless
from toolchains.makefile.variables import Variable, Variables
from toolchains.makefile.world import not_there
from toolchains.text import _

_MOST_INCLUDED = 200
_MOST_DEEP = 30
_MOST_PATTERNS = 500
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
            self._include(name, self.expander.place, needed=True)
        except MakefileError as error:
            if self.missing:
                raise not_there(*self.missing[0]) from error
            raise

    def _include(self, name: str, place: Place, *, needed: bool) -> None:
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
        _File(self, self.asking.world.names.real(shown_name), logical_lines(text)).run()
        self._reading.pop()

    def _append_name(self, name: str) -> None:
        """``MAKEFILE_LIST``."""
        before = self.variables.get("MAKEFILE_LIST")
        value = f"{before.value} {name}" if before else name
        self.variables.set("MAKEFILE_LIST", value, recursive=False, origin="file")

    def _eval(self, expander: Expander, arguments: list[str]) -> str:
        """``$(eval …)``: the text is read like lines of the file, all at the line of the call."""
        place = expander.place
        _File(self, place.file, [Line(place.line, line.raw) for line in logical_lines(arguments[0])]).run()
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


@dataclass
class _File:
    """One text that is being read: a file, or what ``eval`` was given."""

    reader: Reader
    name: str
    lines: list[Line]
    at: int = 0
    rule: list[Rule] | None = None
    ignored_define: bool = False

    def run(self) -> None:
        """Read it to its end."""
        reader = self.reader
        before = reader.expander.place
        self.conditions = Conditions(reader.expand, self._defined, reader.asking.need)
        while self.at < len(self.lines):
            line = self.lines[self.at]
            self.at += 1
            self.place = reader.expander.place = Place(self.name, line.number)
            self._line(line)
        self.conditions.end()
        reader.expander.place = before

    def _defined(self, name: str) -> bool:
        variable = self.reader.variables.get(name)
        return variable is not None and bool(variable.value)

    def _line(self, line: Line) -> None:
        if line.raw.startswith("\t") and self.rule is not None:
            if not self.conditions.skipping:
                for rule in self.rule:
                    rule.recipe.append(RecipeLine(line.raw[1:].replace("\n\t", "\n"), self.place))
            return
        text = without_comment(line.joined).lstrip(" \t\f\v")
        found = assignment(text)
        if found is not None:
            self._assignment(found)
            return
        if not text.strip():
            return
        word, _space, rest = text.partition(" ") if "\t" not in text else _partition(text)
        if self.ignored_define:
            self.ignored_define = word != "endef"
        elif word in DIRECTIVES:
            self._condition(text)
        elif not self.conditions.skipping:
            self._statement(line, text, word, rest)

    def _condition(self, text: str) -> None:
        match = re.match(r"[a-z]+", text)
        assert match is not None
        self.conditions.line(match[0], text[match.end() :], self.place)

    def _assignment(self, what: Assignment) -> None:
        if self.conditions.skipping:
            self.ignored_define |= what.operator == "define"
            return
        self.rule = None
        if what.operator == "define":
            self._define(what)
        elif what.operator == "undefine":
            origin = "override" if what.override else "file"
            self.reader.variables.remove(words.strip(self.reader.expand(what.name)), origin)
        else:
            self.reader.assign(what, self.place)

    def _define(self, what: Assignment) -> None:
        """A variable of several lines, up to its ``endef``."""
        place, depth, body = self.place, 1, list[str]()
        while self.at < len(self.lines):
            text = joined(self.lines[self.at].raw)
            self.at += 1
            word = "" if text.startswith("\t") else text.split(None, 1)[0] if text.strip() else ""
            depth += {"define": 1, "endef": -1}.get(word, 0)
            if depth == 0:
                name, operator = what.name.rstrip(BLANK), "="
                plain = plain_assignment(what.name)
                if plain is not None:
                    name, operator, _rest = plain
                value = "\n".join(body)
                self.reader.assign(Assignment(name, operator, value, what.override, what.export), place)
                return
            body.append(text)
        raise MakefileError(place, _("this define has no endef."))

    def _statement(self, line: Line, text: str, word: str, rest: str) -> None:
        reader = self.reader
        if word in ("export", "unexport"):
            self.rule = None
            for name in words.split(reader.expand(rest)):
                reader.exported[name] = word == "export"
        elif word == "vpath":
            self.rule = None
            self._vpath(words.split(reader.expand(rest)))
        elif word in ("include", "-include", "sinclude"):
            self.rule = None
            self._includes(rest, needed=word == "include")
        elif word in ("load", "-load"):
            raise MakefileError(self.place, _("a Makefile cannot load extensions of make here."))
        else:
            self._rule(line, text)

    def _includes(self, rest: str, *, needed: bool) -> None:
        reader, place = self.reader, self.place
        for pattern in words.split(reader.expand(rest)):
            if reader.asking.need(pattern):
                continue
            for name in reader.asking.world.wildcard(pattern, place) or [pattern]:
                reader._include(name, place, needed=needed)
                reader.expander.place = place

    def _vpath(self, parts: list[str]) -> None:
        self.reader.asking.need(*parts)
        if not parts:
            self.reader.vpath.clear()
        elif len(parts) == 1:
            self.reader.vpath[:] = [one for one in self.reader.vpath if one[0] != parts[0]]
        else:
            folders = [name for part in parts[1:] for name in part.split(":") if name]
            self.reader.vpath.append((parts[0], tuple(folders)))

    # --- rules ---

    def _rule(self, line: Line, text: str) -> None:
        reader, place = self.reader, self.place
        colon = find_unquoted(text, ":")
        if colon < 0:
            semicolon = find_unquoted(text, ";")
            text = reader.expand(text if semicolon < 0 else text[:semicolon])
            if not text.strip():
                self.rule = None
                return
            colon = find_unquoted(text, ":")
            if colon < 0:
                raise self._no_separator(line)
        left, right = reader.expand(text[:colon]), text[colon + 1 :].removeprefix(":")
        inner = find_unquoted(left, ":")
        if inner >= 0:
            left, right = left[:inner], f"{left[inner + 1 :]}:{right}"
        targets = tuple(words.split(left.removesuffix("&")))
        own = assignment(right)
        if own is not None and own.operator not in ("define", "undefine"):
            self.rule = None
            reader.rules.assignments.append(TargetAssignment(targets, own, place))
            return
        self._needs(targets, right)

    def _needs(self, targets: tuple[str, ...], right: str) -> None:
        reader, place = self.reader, self.place
        semicolon = find_unquoted(right, ";")
        inline = right[semicolon + 1 :] if semicolon >= 0 else None
        text = reader.expand(right[:semicolon] if semicolon >= 0 else right)
        pattern: str | None = None
        parts = text.split(":")
        if len(parts) == 2 and words.split(parts[0]):
            pattern, text = words.split(parts[0])[0], parts[1]
        plain, _bar, ordered = text.partition("|")
        needs = tuple(self._globbed(words.split(plain)))
        rule = Rule(targets, needs, place, tuple(words.split(ordered)), pattern)
        if inline is not None and inline.strip():
            rule.recipe.append(RecipeLine(inline.lstrip(BLANK), place))
        reader.rules.add(rule)
        if len(reader.rules.patterns) > _MOST_PATTERNS:
            raise TooMuch(place, _("there are too many rules."))
        self.rule = [rule]

    def _globbed(self, names: list[str]) -> Iterator[str]:
        for name in names:
            if "*" in name or "?" in name or "[" in name:
                yield from self.reader.asking.world.wildcard(name, self.place) or [name]
            else:
                yield name

    def _no_separator(self, line: Line) -> MakefileError:
        step = None
        joint = re.match(r"[ \t]*(if(?:eq|neq|def|ndef))\(", line.raw)
        if joint is not None:
            problem = _("this condition cannot be understood.")
            step = _("Put a space behind {word}.", word=joint[1])
        elif line.raw.startswith("\t"):
            problem = _("this line begins with a tab, like a recipe, but no rule stands before it.")
            step = _("Take the tab away, or use spaces.")
        elif line.raw.startswith("        "):
            problem = _("this line is neither an assignment nor a rule: {text}", text=shown(line.raw))
            step = _("If it belongs to a rule, begin it with a tab instead of spaces.")
        else:
            problem = _("this line is neither an assignment nor a rule: {text}", text=shown(line.raw))
        return MakefileError(self.place, problem, next_step=step)


def _with_command(what: Assignment) -> str:
    """The value of an assignment, with the command of ``!=`` as a function."""
    return f"$(shell {what.value})" if what.operator == "!=" else what.value


def _partition(text: str) -> tuple[str, str, str]:
    match = re.match(r"([^ \t]*)([ \t]*)(.*)", text, re.S)
    assert match is not None
    return match[1], match[2], match[3]
