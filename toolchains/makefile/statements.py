"""The lines of one makefile, one after the other: what each of them is, and what it does to the :class:`Reader`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolchains.makefile import words
from toolchains.makefile.conditions import DIRECTIVES, Conditions
from toolchains.makefile.errors import MakefileError, Place, TooMuch, shown
from toolchains.makefile.lines import (
    BLANK,
    Assignment,
    Line,
    assignment,
    find_unquoted,
    joined,
    plain_assignment,
    without_comment,
)
from toolchains.makefile.rules import RecipeLine, Rule, TargetAssignment
from toolchains.text import _

if TYPE_CHECKING:
    from toolchains.makefile.reader import Reader

_MOST_PATTERNS = 500


@dataclass
class FileReader:
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
                reader.include(name, place, needed=needed)
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


def _partition(text: str) -> tuple[str, str, str]:
    match = re.match(r"([^ \t]*)([ \t]*)(.*)", text, re.S)
    assert match is not None
    return match[1], match[2], match[3]
