"""What a native module can reach, in the words of *one* MicroPython release: read from its headers and its linker.

A name links when ``py/dynruntime.h`` makes it a macro, when ``tools/mpy_ld.py`` resolves it, or when a header defines
it whole (an inline function, a macro) and everything in that definition links. What headers only declare compiles, and
fails at the link. Nothing of the tree is run; its text is read once and kept by the tree's own identity.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from toolchains.c_text import blanked, functions
from toolchains.hints import hints
from toolchains.sdk_tree import SdkTree

_WORD = re.compile(r"[A-Za-z_]\w*")
_MACRO = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)(\([^)]*\))?[ \t]*(.*)$", re.M)
_END = re.compile(r"(?<=[;}])")
_LAST_WORD = re.compile(r"(\w+)\Z")
_OBJECT = re.compile(r"MP_DECLARE_CONST_FUN_OBJ\w*\((\w+)\)")
#: What is compared while compiling only: firmware and modules are built with NDEBUG.
_ASSERT = re.compile(r"\b(?:assert|MP_STATIC_ASSERT\w*)\((?:[^()]|\([^()]*\))*\)")
#: What a text makes itself beside functions: macros, function objects, variables.
_OWN = re.compile(
    r"^[ \t]*#[ \t]*define[ \t]+(\w+)|\bMP_DEFINE_CONST_\w+\(\s*(\w+)"
    r"|^[ \t]*(?!extern\b|return\b|typedef\b|else\b|goto\b|case\b)[A-Za-z_][\w \t]*[ \t*](\w+)[ \t]*"
    r"(?:\[[^\]\n]*\])?[ \t]*[=;]",
    re.M,
)
#: What begins a statement that announces nothing for the linker.
_NOTHING = ("typedef", "static", "return", "_Static_assert", "MP_STATIC_ASSERT", "__attribute__")
_Bodies = Mapping[str, Sequence[str]]
#: Assemblers, which no module is written with.
_NOT_FOR_MODULES = "asm"
#: Announced and defined whole, by a condition: what a module gets links. (Text is bytes to a module's headers.)
_LINKS_AFTER_ALL = {"mp_raise_type", "utf8_charlen", "utf8_get_char", "utf8_next_char"}
#: What every linker resolves; with no more there is no table that can be read.
_WITHOUT_TABLE = 3
#: Too short, or too common, to say anything about what is meant.
_NEAR = 0.6


@dataclass(frozen=True)
class Linkable:
    """The names of one release. ``offered`` are the macros and functions of ``py/dynruntime.h`` and what the linker
    resolves; ``inline`` is what headers define whole; ``declared`` is what they only announce, with the header."""

    version: str
    offered: frozenset[str]
    inline: frozenset[str]
    declared: Mapping[str, str]

    def is_linkable(self, name: str) -> bool:
        """Whether a module that uses ``name`` links, as far as MicroPython is concerned."""
        return name in self.offered or (name in self.inline and name not in self.declared)

    def is_declared_only(self, name: str) -> bool:
        """Whether ``name`` compiles and cannot be linked: MicroPython has it, and offers it to no module."""
        return name in self.declared and name not in self.offered

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All that can be offered for completion, sorted."""
        return tuple(sorted(self.offered | (self.inline - self.declared.keys())))

    def nearest(self, name: str) -> str | None:
        """What to use instead of ``name``: what does the same (``resources/hints.json``), or the linkable name that is
        spelt most like it, word by word; None when nothing is alike."""
        known = hints().api.get(name) or hints().c_library.get(name)
        if known is not None and known.use:
            return known.use
        wanted = set(_parts(name))
        alike = difflib.get_close_matches(name, self._functions, 12, _NEAR)
        # "mp_obj_list_get" is spelt like "mp_obj_list_append", and shares as many words with it as with no other.
        return max(alike, key=lambda one: len(wanted & set(_parts(one))), default=None)

    @cached_property
    def _functions(self) -> tuple[str, ...]:
        return tuple(one for one in self.names if one.startswith(("mp_", "m_", "nlr_")) and not one.endswith("_dyn"))

    def unlinkable_in(self, text: str) -> Iterator[tuple[int, str]]:
        """Place and name of every identifier in C text that is declared only. For squiggles before any link.

        What the text itself defines, or announces as ``static``, is its own.
        """
        code, own = blanked(text), own_names(text)
        for found in _WORD.finditer(code):
            name = found.group()
            before = code[max(0, found.start() - 2) : found.start()]
            member = before.endswith((".", "->"))
            if name in self.declared and name not in own and not member and self.is_declared_only(name):
                yield found.start(), name


def linkable(sdk: SdkTree) -> Linkable:
    """The names of a tree; reading its headers takes some 0.2 s, the second time nothing."""
    return _read(sdk, sdk.identity)


@lru_cache(maxsize=8)
def _read(sdk: SdkTree, _identity: str) -> Linkable:
    offered = {*sdk.linkable, "mpy_init"}
    if len(sdk.linkable) <= _WITHOUT_TABLE:  # nothing is known of what links, so nothing is said
        return Linkable(sdk.version, frozenset(offered), frozenset(), {})
    bodies: dict[str, list[str]] = {}
    declared: dict[str, str] = {}
    compiled: set[str] = set()
    for path in sorted((sdk.path / "py").glob("*.h")):
        if path.name.startswith(_NOT_FOR_MODULES):
            continue
        text = _without_continued_lines(path.read_text("utf-8", "replace"))
        macros, inline, announced = _of_header(text)
        if path.name == "dynruntime.h":
            offered |= macros.keys() | inline.keys()
            continue
        compiled |= inline.keys()
        for name, ways in (*macros.items(), *inline.items()):
            bodies.setdefault(name, []).extend(ways)
        declared |= {name: f"py/{path.name}" for name in announced if name not in declared}
    # What headers define as functions was compiled before dynruntime.h made its macros.
    early = _spread(bodies, set(declared) - set(sdk.linkable), frozenset(sdk.linkable)) & compiled
    declared = {name: header for name, header in declared.items() if name not in offered | _LINKS_AFTER_ALL}
    unlinked = _spread(bodies, (set(declared) | early) - set(sdk.linkable), frozenset(offered))
    for name in (unlinked & bodies.keys()) - offered - _LINKS_AFTER_ALL:
        declared.setdefault(name, "")
    return Linkable(sdk.version, frozenset(offered), frozenset(bodies), declared)


def _of_header(text: str) -> tuple[_Bodies, _Bodies, list[str]]:
    """Macros and inline functions with their bodies, one for each condition; and what is only announced."""
    code = blanked(text)
    macros: dict[str, list[str]] = {}
    for name, _arguments, body in _MACRO.findall(code):
        macros.setdefault(name, []).append(body)
    plain = re.sub(r"^[ \t]*#[^\n]*", lambda found: " " * len(found.group()), code, flags=re.M)
    inline: dict[str, list[str]] = {}
    for one in functions(text):
        inline.setdefault(one.name, []).append(code[one.body : one.end])
    return macros, inline, list(_announced(_outside_braces(plain)))


def _announced(code: str) -> Iterator[str]:
    """The functions and variables of prototypes and ``extern`` declarations."""
    for part in _END.split(code):
        text = part.strip()
        function_object = _OBJECT.match(text)
        if function_object is not None:
            yield function_object[1]
        elif text.endswith(";") and not text.startswith(_NOTHING):
            head, bracket, _rest = text[:-1].partition("(")
            name = _LAST_WORD.search(head.split("[")[0].rstrip())
            if name is not None and name.start() and (bracket or head.startswith("extern")):
                yield name[1]


def _outside_braces(code: str) -> str:
    """The text at the outermost level: no bodies, no members."""
    parts, depth, start = [], 0, 0
    for found in re.finditer(r"[{}]", code):
        if found.group() == "{":
            if depth == 0:
                parts.append(code[start : found.start()])
            depth += 1
        else:
            depth = max(0, depth - 1)
            start = found.end()
            if depth == 0:
                parts.append("}")
    if depth == 0:
        parts.append(code[start:])
    return "".join(parts)


def _spread(bodies: Mapping[str, Sequence[str]], unlinked: set[str], offered: frozenset[str]) -> set[str]:
    """Add to ``unlinked`` whatever is defined in terms of it.

    Conditions are not evaluated. Of the ways in which a function is defined, the one that a module would get is mostly
    the longest; macros in capitals (``MP_ERROR_TEXT``) have a way for modules if any of them links.
    """
    used = {
        name: [set(_WORD.findall(_ASSERT.sub("", body))) for body in ways]
        for name, ways in bodies.items()
        if name not in offered
    }
    found = set(unlinked)
    while True:
        bad = found - offered
        more = {
            name
            for name, ways in used.items()
            if name not in found and (all if name.isupper() else any)(not words.isdisjoint(bad) for words in ways)
        }
        if not more:
            return found
        found |= more


def _without_continued_lines(text: str) -> str:
    return re.sub(r"\\\r?\n", " ", text)


@lru_cache(maxsize=2)
def own_names(text: str) -> frozenset[str]:
    """What C text defines: functions, macros, function objects, variables that have a statement of their own."""
    made = (name for names in _OWN.findall(blanked(text)) for name in names if name)
    return frozenset((*made, *(one.name for one in functions(text))))


def _parts(name: str) -> Iterable[str]:
    return [part for part in name.lower().split("_") if part and part != "mp"]
