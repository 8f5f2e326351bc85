"""All rules over a project, and all of their edits as one."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from toolchains.edits import Fix, TextEdit, by_file, edited
from toolchains.mend import boards, modules, tables, type_tables, types, words
from toolchains.mend.records import OldCode, Rule, rules
from toolchains.mend.sources import Sources
from toolchains.text import _n

_KINDS: dict[str, Callable[[Rule, Sources], Iterator[OldCode]]] = {
    "word": words.of_word,
    "call": words.of_call,
    "error-text": words.of_error_text,
    "path": words.of_path,
    "table": tables.of_table,
    "type": types.of_type,
    "type-table": type_tables.of_type_table,
    "slot": words.of_slot,
    "register": modules.of_register,
    "builtin": modules.of_builtin,
    "board": boards.of_board,
}
#: A rule's new text may hold what another rule looks for, once; a circle of rules would be a fault of ours.
_MOST_ROUNDS = 8


def old_code(sources: Sources) -> tuple[OldCode, ...]:
    """Everything that is old in a project's files, by file and line."""
    found = [one for rule in rules() for one in _KINDS[rule.kind](rule, sources)]
    return tuple(sorted(found, key=lambda one: (one.path, one.line)))


def mend_all(sources: Sources, only: Iterable[str] | None = None) -> Fix | None:
    """One fix that mends everything (or what these rules find); None when there is nothing.

    Rules are applied one after the other until none finds anything, since places of two of them may overlap.
    """
    wanted = [rule for rule in rules() if only is None or rule.id in set(only)]
    before = dict(sources.texts)
    texts, count = dict(before), 0
    for _round in range(_MOST_ROUNDS):
        changed = 0
        for rule in wanted:
            found = list(_KINDS[rule.kind](rule, sources.with_texts(texts)))
            for path, edits in by_file(edit for one in found for edit in one.edits).items():
                texts[path] = edited(texts.get(path, ""), _without_doubles(edits))
            changed += sum(one.count for one in found)
        count += changed
        if not changed:
            break
    every = [edit for path, text in texts.items() for edit in differences(path, before.get(path, ""), text)]
    if not every:
        return None
    return Fix(_n("Mend {n} place of old code", "Mend {n} places of old code", count), tuple(every))


def _without_doubles(edits: Sequence[TextEdit]) -> list[TextEdit]:
    """Two findings of a rule may need the same change."""
    return list(dict.fromkeys(edits))


def differences(path: Path, before: str, after: str) -> Iterator[TextEdit]:
    """The lines that differ, as edits; ``after`` may have other line ends than its file."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    for what, first, last, begin, end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what != "equal":
            yield TextEdit.at(path, before, starts[first], starts[last], "".join(new[begin:end]))
