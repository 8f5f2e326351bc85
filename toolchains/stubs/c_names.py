"""Python's names and texts, as C spells them."""

from __future__ import annotations

import re
import unicodedata

from toolchains.stubs.kept import is_marked

#: Words of C and C++, and what headers of MicroPython and of C libraries make macros of.
_RESERVED_TEXT = (
    "alignas alignof and asm auto bool break case catch char class const constexpr continue default delete do "
    "double dynamic_cast else enum errno extern false float for goto if inline int long namespace new not "
    "nullptr operator or private protected public register restrict return short signed sizeof static stderr "
    "stdin stdout struct switch template this throw true try typedef typeof typename union unix linux "
    "unsigned using virtual void volatile wchar_t while xor assert byte offsetof va_list NULL I MIN MAX "
    "STATIC UNUSED rc old_globals "
)
_RESERVED = frozenset(_RESERVED_TEXT.split())
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")


def c_word(name: str) -> str:
    """A Python name as a name of a C variable or field."""
    return f"{name}_" if name in _RESERVED or name.startswith(("_", "MP_", "mp_", "MICROPY_")) else name


class Locals:
    """The names inside one C function; no two are alike."""

    def __init__(self, *taken: str) -> None:
        self._taken = set(taken)

    def fresh(self, name: str) -> str:
        """``name``, or with underscores behind it."""
        word = c_word(name)
        while word in self._taken:
            word += "_"
        self._taken.add(word)
        return word


def c_string(value: str | bytes) -> str:
    """A C string literal with these bytes (UTF-8)."""
    data = value.encode() if isinstance(value, str) else value
    plain = {0x22: '\\"', 0x5C: "\\\\", 0x0A: "\\n", 0x3F: "\\?"}  # "??/" would be something else
    return '"' + "".join(plain.get(b, chr(b) if 0x20 <= b < 0x7F else f"\\{b:03o}") for b in data) + '"'


def comment_lines(text: str) -> list[str]:
    """Text as ``//`` lines: one cannot run into the next, and none is taken for one of our marks."""
    found = []
    for line in text.splitlines():
        clean = _BIDI.sub("", "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in line)).rstrip()
        if clean.endswith(("\\", "??/")):
            clean += " ."
        made = f"// {clean}".rstrip()
        found.append(f"// - {clean}" if is_marked(made) else made)
    return found


#: What a class has in C besides its methods.
_OF_A_CLASS = frozenset(
    (
        *("new", "of", "t", "type", "names", "make_new", "print", "unary_op", "binary_op", "subscr", "attr", "call"),
        *("getiter", "next", "iterator"),
    )
)
_OF_A_MODULE = frozenset(("globals", "module", "globals_table"))


def method_name(owner: str, method: str, taken: frozenset[str]) -> str:
    """The C name of a method. ``owner``: its class in C; ``taken``: the class's special methods, bare."""
    clash = method in _OF_A_CLASS | taken or method.startswith(("get_", "set_", "iterator_", "names_"))
    return f"{owner}_{method}{'_method' * clash}"


def function_name(module: str, function: str, classes: frozenset[str]) -> str:
    """The C name of a module's function."""
    clash = function in _OF_A_MODULE or any(function.startswith(f"{one}_") for one in classes)
    return f"{module}_{function}{'_function' * clash}"
