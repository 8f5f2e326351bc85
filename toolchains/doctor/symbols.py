"""What nothing defines: the compiler's own functions, C's library, MicroPython's, or a file that was forgotten."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

from toolchains.c_text import blanked, functions, words
from toolchains.doctor.floats import floats_off
from toolchains.doctor.records import Finding, Patient, Place
from toolchains.doctor.rewrite import called_otherwise, renamed
from toolchains.edits import Fix, TextEdit
from toolchains.hints import Instead, hints
from toolchains.linkable import linkable
from toolchains.project_edits import add_to_list, add_to_variable, set_key, set_variable
from toolchains.runtime import HELPED
from toolchains.text import Text, _

#: libgcc's own names: __mulsf3, __udivdi3, __clzsi2, __riscv_save_0, __aeabi_ldivmod.
_COMPILERS_OWN = re.compile(
    r"__\w+[sdt][if]2?[0-9]?|__\w+_(save|restore)_\d+|__(atomic|sync)_\w+|__\w*cmp\w*|__(aeabi|gnu)_\w+"
)


def undefined(patient: Patient, name: str, written: str, place: Place | None) -> Finding:
    """The cause of one undefined symbol; ``written`` is what the sources call it, where a compiler made it of that."""
    known = hints()
    found = (
        (floats_off(patient, name, place) if name in known.float_names else None)
        or _own_source(patient, name, place)
        or _served(patient, name, place)
        or _instead(patient, name, written, place)
    )
    if found is not None:
        return found
    return misspelt(patient, name, place) or Finding(
        "unknown-symbol",
        _("Nothing defines {name}.", name=written),
        _(
            "No C file of the project defines it, MicroPython does not offer it to native modules, and no library of "
            "the compiler has it. Check the spelling, add the file that defines it, or do without it."
        ),
        place=place,
    )


def _own_source(patient: Patient, name: str, place: Place | None) -> Finding | None:
    listed = set(patient.sources()) if patient.project.makefile is None else set()
    for path in patient.all_c_files():
        if path in listed or not any(one.name == name for one in functions(patient.text(path))):
            continue
        shown = path.relative_to(patient.project.root).as_posix()
        edit = (
            add_to_list(patient.project, "module", "sources", shown, patient.read)
            if patient.project.makefile is None
            else add_to_variable(patient.project, "SRC", shown, patient.read)
        )
        return Finding(
            "own-source",
            _("{name} is in {file}, which is not built.", name=name, file=shown),
            _("The list of sources says what belongs to the module; {file} is not in it.", file=shown),
            _fix(_("Add {file} to the sources", file=shown), edit),
            place,
        )
    return None


def _served(patient: Patient, name: str, place: Place | None) -> Finding | None:
    """What the build itself can add: libgcc, a maths library, memcpy and its kin."""
    if name in HELPED:
        cause, what = "memory-functions", _("{name} is a function of C's library, which a module does not have.",
                                            name=name)  # fmt: skip
        why = _(
            "Compilers make calls of memcpy and memset by themselves, too. MicroPython's linker knows them from 1.29 "
            "on; before that, Natmod Studio adds a small one of its own, unless the project forbids it."
        )
    elif name in hints().libm or _COMPILERS_OWN.fullmatch(name):
        cause, what = "runtime", _("The chip cannot do {name} by itself.", name=name)
        why = _(
            "Floating-point numbers, 64-bit divisions and maths are functions of the compiler's libraries. They are "
            "added to the module where it needs them, unless the project forbids it."
        )
    else:
        return None
    return Finding(cause, what, why, _fix(_("Add what the compiler needs"), _runtime_on(patient)), place)


def _runtime_on(patient: Patient) -> TextEdit | None:
    project = patient.project
    if project.makefile is not None:
        return set_variable(project, "LINK_RUNTIME", "1", patient.read)
    return set_key(project, "module", "runtime", "auto", patient.read) if project.runtime == "off" else None


def _instead(patient: Patient, name: str, written: str, place: Place | None) -> Finding | None:
    """MicroPython's own functions that no module reaches, and those of C's library."""
    known = hints()
    for rows, cause in ((known.api, "not-in-table"), (known.c_library, "c-library")):
        by_symbol = [row for row in rows.values() if name in (row.name, row.symbol) or written == row.name]
        if by_symbol:
            used = [row for row in by_symbol if _uses(patient, row.name)] or by_symbol
            return _with_row(patient, cause, used[0], place)
    if patient.sdk is None or not linkable(patient.sdk).is_declared_only(name):
        return None
    return _with_row(patient, "not-in-table", Instead(name, name, linkable(patient.sdk).nearest(name) or ""), place)


def _with_row(patient: Patient, cause: str, row: Instead, place: Place | None) -> Finding:
    what = (
        not_in_library(row.name)
        if cause == "c-library"
        else _("MicroPython has {name}, but a native module cannot reach it.", name=row.name)
    )
    if row.call:
        why = _("{use} does the same, and can be reached.", use=row.use)
    elif row.use:
        why = _("The nearest that can be reached is {use}: see whether it serves.", use=row.use)
    else:
        why = _("Nothing like it can be reached: write it yourself, or call it through Python (mp_import_name).")
    return Finding(cause, what, why, _calls_fix(patient, row), place)


def _calls_fix(patient: Patient, row: Instead) -> Fix | None:
    if not row.call:
        return None
    edits: list[TextEdit] = []
    for path in patient.sources():
        changed = called_otherwise(path, patient.text(path), row)
        if changed is None:
            return None
        edits += changed
    return Fix(use_instead(row), tuple(edits)) if edits else None


def not_in_library(name: str) -> Text:
    """What is wrong with a function of C's library."""
    return _("{name} is a function of C's library, which a module does not have.", name=name)


def use_instead(row: Instead) -> Text:
    """The title of the fix that writes other calls."""
    return _("Use {use} instead of {name}", use=row.use, name=row.name)


def _uses(patient: Patient, name: str) -> bool:
    return any(next(words(blanked(patient.text(path)), name), None) is not None for path in patient.sources())


def misspelt(patient: Patient, name: str, place: Place | None, meant: str | None = None) -> Finding | None:
    """A name that is nearly one that there is; ``meant`` is the compiler's own guess."""
    near = meant or next(iter(difflib.get_close_matches(name, sorted(_names(patient) - {name}), 1, 0.85)), None)
    if near is None:
        return None
    edits: list[TextEdit] = []
    for path in patient.sources():
        edits += renamed(path, patient.text(path), name, near)
    return Finding(
        "misspelt",
        _("There is no {name}; there is {near}.", name=name, near=near),
        _("It looks like a slip of the keyboard."),
        Fix(_("Write {near}", near=near), tuple(edits)) if edits else None,
        place,
    )


def _names(patient: Patient) -> set[str]:
    found = set(linkable(patient.sdk).names) if patient.sdk is not None else set()
    for path in patient.sources():
        found |= {one.name for one in functions(patient.text(path))}
    return found


def _fix(title: Text, edit: TextEdit | None) -> Fix | None:
    return Fix(title, (edit,)) if edit is not None else None


def all_undefined(patient: Patient, wanted: list[tuple[str, str, Place | None]]) -> Iterator[Finding]:
    """One finding for each cause: a project that lacks the compiler's library lacks a dozen of its functions."""
    seen: set[tuple[str, object]] = set()
    for name, written, place in wanted:
        found = undefined(patient, name, written, place)
        key = (found.cause_id, found.fix.edits if found.fix is not None else (name, _path(place)))
        if key not in seen:
            seen.add(key)
            yield found


def _path(place: Place | None) -> Path | None:
    return place.path if place is not None else None
