"""The door: from what failed to findings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from toolchains.build_errors import (
    CompileFailed,
    HiddenVariables,
    InitialisedData,
    LinkFailed,
    MissingSource,
    MixedConstants,
    NoEntry,
    NoExterns,
    NoLibraries,
    StaticVariables,
    ThreadVariables,
    TooBig,
    UnknownSymbols,
)
from toolchains.diagnostics import Diagnostic
from toolchains.doctor import linking, loading
from toolchains.doctor.compiling import of_compiler
from toolchains.doctor.records import Finding, Patient, Place
from toolchains.doctor.symbols import all_undefined
from toolchains.doctor.variables import of_variables
from toolchains.edits import Fix, read_text
from toolchains.errors import StudioError
from toolchains.link_stopped import LinkerStopped
from toolchains.mpy_loads import Loader, NotLoadable
from toolchains.mpyfile import MpyFile
from toolchains.project import Project
from toolchains.project_edits import set_key, take_from_list
from toolchains.sdk_tree import SdkTree
from toolchains.text import _

_UNDEFINED = re.compile(r"undefined symbol: (\w+)(?: \(for (\w+)\))?")


def diagnose(
    what: StudioError | Diagnostic | Sequence[Diagnostic],
    project: Project,
    sdk: SdkTree | None = None,
    board: Loader | None = None,
    *,
    floats: str = "",
    read: Callable[[Path], str] = read_text,
) -> tuple[Finding, ...]:
    """The causes of a failure: of a build, a check, an import on a board, or of single complaints of tools.

    ``board`` and ``floats`` are what the board says of itself (``Identity.loader`` and ``.floats``); ``read`` gives the
    text of a file, so that what is on the screen counts. Empty where the failure says all there is to say. Reads files,
    writes none; takes up to a second (the SDK's headers).
    """
    patient = Patient(project, sdk, board, floats, read)
    if isinstance(what, StudioError):
        return _once(_of_error(patient, what))
    complaints = (what,) if isinstance(what, Diagnostic) else tuple(what)
    return _once((*_of_link_words(patient, complaints), *of_compiler(patient, complaints)))


def examine_module(
    module: MpyFile, project: Project, board: Loader, *, floats: str = "", read: Callable[[Path], str] = read_text
) -> tuple[Finding, ...]:
    """What a board will do wrong with a module that it loads: old firmware, the P4's floats, no floats at all."""
    return loading.of_module(Patient(project, None, board, floats, read), module)


def _of_error(patient: Patient, error: StudioError) -> Iterable[Finding]:
    match error:
        case CompileFailed():
            return of_compiler(patient, error.diagnostics)
        case UnknownSymbols():
            return _of_link_words(patient, error.diagnostics)
        case StaticVariables() | HiddenVariables() | InitialisedData() | ThreadVariables():
            return of_variables(patient, error)
        case NoEntry():
            return (linking.no_entry(patient, error),)
        case MixedConstants():
            return (linking.mixed(patient, error),)
        case LinkerStopped():
            return (linking.linker_stopped(patient, error),)
        case LinkFailed():
            return (linking.refused(patient, error),)
        case TooBig():
            return (linking.too_big(patient, error),)
        case NoLibraries() | NoExterns():
            return (_too_old(patient, error),)
        case MissingSource():
            return (_missing(patient, error),)
        case NotLoadable():
            return (loading.not_loadable(patient, error),)
    if error.code == "board.exec-full":
        return (loading.exec_full(error),)
    traceback = error.fields.get("traceback")
    return _some(loading.of_traceback(patient, traceback)) if isinstance(traceback, str) else ()


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    found: list[Finding] = []
    found.extend(one for one in findings if one not in found)
    return tuple(found)


def _some(finding: Finding | None) -> tuple[Finding, ...]:
    return () if finding is None else (finding,)


def _of_link_words(patient: Patient, diagnostics: Iterable[Diagnostic]) -> Iterable[Finding]:
    wanted: list[tuple[str, str, Place | None]] = []
    for one in diagnostics:
        found = _UNDEFINED.match(one.message)
        if found is not None:
            wanted.append((found[1], found[2] or found[1], patient.place(one.path, one.line)))
    return all_undefined(patient, wanted)


def _too_old(patient: Patient, error: NoLibraries | NoExterns) -> Finding:
    """What an old linker cannot do, and a newer one can."""
    libraries = isinstance(error, NoLibraries)
    since = "1.25" if libraries else "1.26"
    old = patient.sdk is not None and not (patient.sdk.links_libraries if libraries else patient.sdk.links_externs)
    return Finding(
        "libraries" if libraries else "externs",
        error.what,
        error.why or _("The linker of each release of MicroPython can do what its own modules needed then."),
        linking.newer_linker(patient, since) if old else None,
        choice=True,
    )


def _missing(patient: Patient, error: MissingSource) -> Finding:
    path = str(error.fields["path"])
    edit = take_from_list(patient.project, "module", "sources", path, patient.read)
    if len(patient.project.sources) < 2:
        edit = set_key(patient.project, "module", "sources", None, patient.read)
    return Finding(
        "missing-file",
        error.what,
        _("natmod.toml lists it. If it was renamed, give it its old name back, or correct the list."),
        Fix(_("Take {file} out of the list", file=path), (edit,)) if edit else None,
    )
