"""What the text becomes when a name of the list is chosen. No Qt."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ide.editor.lsp.records import Item

_NAME = re.compile(r"\w+")
_IMPORTS = re.compile(r"\s*(from|import)\b")
#: A function is handed over by name here, not called.
_BY_NAME = re.compile(r"(?:&\s*|\b(?:MP_DEFINE_\w+|MP_ROM_PTR|MP_OBJ_FROM_PTR|def|class)\b[^;]*)$")
_NO_CALLS = re.compile(r"\s*[#@]")
_NOTHING = re.compile(r"\(\s*(?:void)?\s*\)")


@dataclass(frozen=True)
class Insertion:
    """Bytes ``start`` to ``end`` of the line become ``text``; the caret goes ``caret`` bytes behind ``start``.

    ``closer``: how many bytes behind ``start`` a bracket is that the person may type over; None for none.
    """

    start: int
    end: int
    text: str
    caret: int
    closer: int | None = None


def insertion(item: Item, line: int, before: str, word: str, after: str, language: str) -> Insertion:
    """Put ``item`` in the place of ``word``, which ends at the caret between ``before`` and ``after`` of a line."""
    end = len(before.encode())
    start = end - len(word.encode())
    if item.edit is not None and item.edit.start[0] == line and start - 2 <= item.edit.start[1] <= start:
        start = item.edit.start[1]  # a server may mend the dot before the name
    rest = _NAME.match(after)
    if rest and item.insert.endswith(rest[0]) and len(item.insert) > len(rest[0]):
        end += len(rest[0].encode())
        after = after[rest.end() :]
    elif after[:1] in ('"', ">") and item.insert.endswith(after[:1]):  # a header's name comes with its mark
        end += 1
    text, size = item.insert, len(item.insert.encode())
    if not _is_called(item, before[: len(before) - len(word)], after, language):
        return Insertion(start, end, text, size)
    if _NOTHING.match(item.detail):
        return Insertion(start, end, f"{text}()", size + 2)
    return Insertion(start, end, f"{text}()", size + 1, size + 1)


def _is_called(item: Item, before: str, after: str, language: str) -> bool:
    """Whether brackets are added."""
    known = item.detail.startswith("(") or (language == "python" and item.kind == "function")
    if not known or "(" in item.insert:
        return False
    if after.lstrip().startswith("(") or _NAME.match(after):
        return False
    if language == "python" and _IMPORTS.match(before):
        return False
    return not (_NO_CALLS.match(before) or _BY_NAME.search(before))


def changes_nothing(what: Insertion, before: str) -> bool:
    """Whether the line has that text already: Enter is then a new line."""
    return before.encode()[what.start :] == what.text.encode()
