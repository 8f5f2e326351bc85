"""Variables that a native module cannot have in that form: with a value, static, hidden, one for each thread."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from toolchains.build_errors import HiddenVariables, InitialisedData, LinkFailed, StaticVariables, ThreadVariables
from toolchains.c_text import blanked, words
from toolchains.diagnostics import Diagnostic
from toolchains.doctor.records import Finding, Patient
from toolchains.doctor.rewrite import (
    Variable,
    is_written,
    made_const,
    not_static,
    set_in_entry,
    variable_at,
    without_words,
)
from toolchains.edits import Fix, TextEdit
from toolchains.project_edits import take_from_list
from toolchains.text import Text, _

_NAME = re.compile(r"variable '(\w+)'")
_THREAD_WORDS = ("_Thread_local", "thread_local", "__thread")


def of_variables(patient: Patient, error: LinkFailed) -> Iterator[Finding]:
    """The findings for what MicroPython's linker says of variables; each variable has its own."""
    match error:
        case StaticVariables():
            yield from (_static(patient, one) for one in error.diagnostics)
        case HiddenVariables():
            yield _hidden(patient, error)
        case ThreadVariables():
            yield thread(patient, error.diagnostics)
        case InitialisedData():
            yield from (_initialised(patient, one) for one in error.diagnostics)


def _found(patient: Patient, one: Diagnostic) -> tuple[str, Variable | None]:
    name = _NAME.search(one.message)
    if name is None or one.path is None or one.line is None or not one.path.endswith((".c", ".h")):
        return (name[1] if name else one.message), None
    path = patient.project.root / one.path
    return name[1], variable_at(path, patient.text(path), name[1], one.line)


def _static(patient: Patient, one: Diagnostic) -> Finding:
    name, variable = _found(patient, one)
    fix = None
    if variable is not None and variable.is_static and not _elsewhere(patient, variable):
        fix = not_static_fix(variable)
    return Finding(
        "static-variable",
        is_static(name),
        _(
            "MicroPython's linker reaches the variables of a module through a table that has the names of those that "
            "are not static. The fix makes it such a variable, at the top of the file if it was inside a function."
        ),
        fix,
        patient.place(one.path, one.line),
    )


def _elsewhere(patient: Patient, variable: Variable) -> bool:
    """Whether another file would meet the variable when it is seen by all: then nobody can say which is meant."""
    if variable.path.suffix == ".h":
        return sum(1 for _one in patient.sources()) > 1
    return any(
        next(words(blanked(patient.text(path)), variable.name), None) is not None
        for path in patient.sources()
        if not _same(path, variable.path)
    )


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def _initialised(patient: Patient, one: Diagnostic) -> Finding:
    name, variable = _found(patient, one)
    fix = _value_fix(patient, variable) if variable is not None and variable.value else None
    return Finding(
        "data",
        has_value(name),
        _(
            "All variables of a module start at zero, since an .mpy file has no room for other values. One that never "
            "changes can be const; any other gets its value in mpy_init, which runs when the module is imported."
        ),
        fix,
        patient.place(one.path, one.line),
    )


def _value_fix(patient: Patient, variable: Variable) -> Fix | None:
    others = [] if variable.is_static else [
        patient.text(path) for path in patient.sources() if not _same(path, variable.path)
    ]  # fmt: skip
    named = any(next(words(blanked(text), variable.name), None) is not None for text in others)
    if not is_written(variable, others):
        # Others that announce it would announce something else than a constant.
        return None if named else made_const_fix(variable)
    if variable.is_static and _elsewhere(patient, variable):
        return None
    return set_in_entry_fix(variable)


def is_static(name: str) -> Text:
    """What is wrong with a static variable."""
    return _("The variable {name} is static and starts at zero, which a native module cannot have.", name=name)


def has_value(name: str) -> Text:
    """What is wrong with a variable in ``.data``."""
    return _("The variable {name} has a starting value, which a native module cannot have.", name=name)


def not_static_fix(variable: Variable) -> Fix | None:
    """Let every file see it."""
    edits = not_static(variable)
    return Fix(_('Take "static" away from {name}', name=variable.name), edits) if edits else None


def made_const_fix(variable: Variable) -> Fix:
    """Let nobody change it."""
    return Fix(_("Make {name} const", name=variable.name), made_const(variable))


def set_in_entry_fix(variable: Variable) -> Fix | None:
    """Let it get its value when the module is imported."""
    edits = set_in_entry(variable)
    return Fix(_("Set {name} in mpy_init", name=variable.name), edits) if edits else None


def _hidden(patient: Patient, error: LinkFailed) -> Finding:
    project, edit = patient.project, None
    if project.makefile is None:
        edit = take_from_list(project, "module", "cflags", "-fvisibility=hidden", patient.read)
    first = error.diagnostics[0] if error.diagnostics else None
    return Finding(
        "hidden-variable",
        error.what,
        _("MicroPython's linker reaches only variables that every file may see; -fvisibility=hidden forbids that."),
        Fix(_("Build without {flag}", flag="-fvisibility=hidden"), (edit,)) if edit else None,
        patient.place(first.path, first.line) if first else None,
    )


def thread(patient: Patient, diagnostics: Iterable[Diagnostic]) -> Finding:
    """Variables of which each thread has its own."""
    edits: list[TextEdit] = []
    for path in patient.sources():
        edits += without_words(path, patient.text(path), _THREAD_WORDS)
    first = next(iter(diagnostics), None)
    return Finding(
        "thread-variable",
        _("The code has variables that belong to a thread, which a native module cannot have."),
        _("MicroPython's threads share all variables of a module. Without these words, this one is shared, too."),
        Fix(_("Let all threads share the variables"), tuple(edits)) if edits else None,
        patient.place(first.path, first.line) if first else None,
    )
