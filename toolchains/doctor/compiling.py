"""The words of GCC and clang: which of them mean a mistake that we know."""

from __future__ import annotations

import difflib
import itertools
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from toolchains.c_text import line_start
from toolchains.diagnostics import Diagnostic
from toolchains.doctor.floats import floats_off
from toolchains.doctor.records import Finding, Patient, Place
from toolchains.doctor.rewrite import renamed
from toolchains.doctor.symbols import misspelt, undefined
from toolchains.edits import Fix, TextEdit
from toolchains.hints import hints
from toolchains.linkable import linkable
from toolchains.project_edits import add_to_list
from toolchains.text import _

_GUESS = re.compile(r"did you mean ['‘](\w+)['’]")
#: Compilers guess more boldly than a change may be.
_ALIKE = 0.8
#: A project has fewer folders; its home folder, taken for one, has more.
_MOST_FOLDERS = 2000
#: A statement that may lack nothing but its semicolon.
_ENDS_WELL = re.compile(r"[\w)\]\"'](?:\+\+|--)?\s*\Z")


def of_compiler(patient: Patient, diagnostics: Iterable[Diagnostic]) -> Iterator[Finding]:
    """One finding for each mistake; what nobody here knows is told once, in the compiler's words."""
    complaints = tuple(diagnostics)
    found = list(_all(patient, complaints))
    old = [one for one in found if one.cause_id == "old-macro"]
    if old:  # all else that is said of such code follows from that
        return iter(old)
    unknown = next((one for one in complaints if one.severity == "error" and _class_of(one) is None), None)
    return iter(found or ([_plain(patient, unknown)] if unknown is not None else []))


def _all(patient: Patient, diagnostics: tuple[Diagnostic, ...]) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    first = next((one for one in diagnostics if one.severity == "error"), None)
    for one in diagnostics:
        match = _class_of(one)
        if match is None:
            continue
        cause, name = match
        found = _FINDERS[cause](patient, one, name, patient.place(one.path, one.line))
        if found is None or (found.cause_id, name) in seen:
            continue
        seen.add((found.cause_id, name))
        # A bracket or semicolon that is missed behind another mistake was mostly not forgotten.
        yield replace(found, fix=None) if cause == "syntax" and one is not first else found


def _class_of(one: Diagnostic) -> tuple[str, str] | None:
    for cause, pattern in hints().compiler:
        found = pattern.search(one.message)
        if found is not None and (one.severity == "error" or "implicit declaration" in one.message):
            return cause, found.groupdict().get("name") or ""
    return None


def _plain(patient: Patient, one: Diagnostic) -> Finding:
    return Finding(
        "compile",
        _("The compiler does not accept this: {words}", words=one.message),
        _("Correct the first line that it names; what it says of later lines often follows from that."),
        place=patient.place(one.path, one.line),
    )


def _undeclared(patient: Patient, one: Diagnostic, name: str, place: Place | None) -> Finding | None:
    known = hints()
    if name in known.float_names:
        found = floats_off(patient, name, place)
        if found is not None:
            return found
    if name in known.old_macros:
        return _old_macro(patient, name, known.old_macros[name], place)
    guess = _GUESS.search(one.message)
    if name in known.api or name in known.c_library or _is_defined(patient, name):
        return undefined(patient, name, name, place)
    near = misspelt(patient, name, place)
    if near is None and guess is not None and difflib.SequenceMatcher(None, name, guess[1]).ratio() >= _ALIKE:
        near = misspelt(patient, name, place, guess[1])
    return near or Finding(
        "undeclared",
        _("The compiler does not know {name}.", name=name),
        _("Nothing before this line says what it is. Declare it, include the header that does, or check the spelling."),
        place=place,
    )


def _is_defined(patient: Patient, name: str) -> bool:
    """Whether it is a function that would be found missing at the link: then that says more."""
    return patient.sdk is not None and linkable(patient.sdk).is_declared_only(name)


def _old_macro(patient: Patient, name: str, new: str, place: Place | None) -> Finding:
    edits: list[TextEdit] = []
    for path in patient.sources():
        edits += renamed(path, patient.text(path), name, new)
    return Finding(
        "old-macro",
        _("{name} is of an older MicroPython; today it is {new}.", name=name, new=new),
        _("The code was written for an older release. What MicroPython called {name} is gone.", name=name),
        Fix(_("Write {near}", near=new), tuple(edits)) if edits else None,
        place,
    )


def _header(patient: Patient, one: Diagnostic, name: str, place: Place | None) -> Finding:
    edit = None
    folder = _folder_with(patient, name)
    if folder is not None and patient.project.makefile is None:
        edit = add_to_list(patient.project, "module", "include", folder, patient.read)
    what = _("The header {name} is not found.", name=name)
    if folder is not None:
        why = _("It is in {folder}, where the compiler does not look.", folder=folder)
    elif name.startswith(("driver/", "esp_", "freertos/", "soc/", "hal/", "rom/")):
        why = _(
            "It belongs to ESP-IDF, and a native module reaches nothing of that: only what py/dynruntime.h offers. "
            "A user C module, built into the firmware, can use it."
        )
    else:
        why = _("It is neither in the project nor in MicroPython's sources. A native module has no C library.")
    fix = Fix(_("Let the compiler look in {folder}", folder=folder), (edit,)) if edit is not None else None
    return Finding("header", what, why, fix, place)


def _folder_with(patient: Patient, name: str) -> str | None:
    """The folder inside the project from which the header is found by that name."""
    root = patient.project.root
    for folder, folders, files in itertools.islice(os.walk(root), _MOST_FOLDERS):
        folders[:] = [one for one in sorted(folders) if not one.startswith((".", "build"))]
        if os.path.basename(name) in files and f"{folder}/{os.path.basename(name)}".endswith(f"/{name}"):
            top = f"{folder}/{os.path.basename(name)}"[: -len(name) - 1]
            return os.path.relpath(top, root).replace(os.sep, "/") if len(top) >= len(str(root)) else None
    return None


def _syntax(patient: Patient, one: Diagnostic, mark: str, place: Place | None) -> Finding:
    return Finding(
        "syntax",
        _("Something is missing or too much here: {words}", words=one.message),
        _("Look at the end of the line before as well: that is where a semicolon or a bracket is mostly forgotten."),
        _semicolon(patient, one, place) if mark == ";" else None,
        place,
    )


def _semicolon(patient: Patient, one: Diagnostic, place: Place | None) -> Fix | None:
    """GCC and clang name the place behind the word that lacks its semicolon, or the next word."""
    if place is None or one.line is None or one.column is None:
        return None
    text = patient.text(place.path)
    start = line_start(text, one.line)
    if start is None:
        return None
    at = len(text[: start + one.column - 1].rstrip())
    if not _ENDS_WELL.search(text[max(0, at - 80) : at]):
        return None
    return Fix(_("Put the semicolon"), (TextEdit.insert(place.path, at, ";"),))


_FINDERS = {"undeclared": _undeclared, "header": _header, "syntax": _syntax}
