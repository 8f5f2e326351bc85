"""The exceptions of a module's own, and those that a docstring says are raised."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from toolchains.stubs.annotations import CannotSay
from toolchains.stubs.model import Exceptional
from toolchains.text import _

#: What a native module can name (``py/dynruntime.h`` of 1.20 and later), and no board lacks.
BUILT_IN = (
    *("Exception", "EOFError", "IndexError", "KeyError", "NotImplementedError", "RuntimeError"),
    *("TypeError", "ValueError"),
)
_GOOGLE = re.compile(r"^Raises:[ \t]*\n((?:[ \t]+[^\n]*(?:\n|\Z)|[ \t]*\n)+)", re.M)
_ENTRY = re.compile(r"^[ \t]+(\w+):[ \t]*([^\n]*)", re.M)
_SPHINX = re.compile(r"^[ \t]*:raises?[ \t]+(\w+):[ \t]*([^\n]*)", re.M)


def base_of(node: ast.ClassDef, own: Mapping[str, Exceptional]) -> str | None:
    """The built-in (or own, named above) exception that a class is a kind of; None for a class that is no exception.

    Raises :class:`CannotSay` for a class that inherits from anything else.
    """
    if node.keywords:
        raise CannotSay(node, _("A class in C has no metaclass and no options."))
    if is_plain(node):
        return None
    names = [str(getattr(one, "id", "")) for one in node.bases]
    if len(names) == 1 and (names[0] in BUILT_IN or names[0] in own):
        return names[0]
    if len(names) == 1 and names[0].endswith(("Error", "Exception")):
        known = ", ".join(BUILT_IN)
        raise CannotSay(
            node.bases[0], _("{name} cannot be a base here; these can: {names}.", name=names[0], names=known)
        )
    raise CannotSay(node.bases[0], _("A class in C inherits from nothing but an exception; inherit from it in Python."))


def is_plain(node: ast.ClassDef) -> bool:
    """Whether a class inherits from nothing."""
    return all(getattr(one, "id", "") == "object" for one in node.bases)


def raised(doc: str) -> tuple[tuple[str, str], ...]:
    """Pairs of an exception and when, from ``Raises:`` or ``:raises ValueError:`` in a docstring."""
    found = [(name, when.strip()) for block in _GOOGLE.findall(doc) for name, when in _ENTRY.findall(block)]
    found += [(name, when.strip()) for name, when in _SPHINX.findall(doc)]
    return tuple(dict.fromkeys(found))
