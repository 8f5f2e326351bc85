"""What MicroPython's linker refuses or stumbles over, besides variables and what nothing defines."""

from __future__ import annotations

import re
from pathlib import Path

from toolchains.build_errors import LinkFailed, MixedConstants, NoEntry, TooBig
from toolchains.c_text import functions
from toolchains.doctor.records import Finding, Patient
from toolchains.doctor.rewrite import renamed
from toolchains.doctor.symbols import undefined
from toolchains.doctor.variables import thread
from toolchains.edits import Fix, TextEdit
from toolchains.link_stopped import LinkerStopped
from toolchains.project_edits import add_to_list, add_to_variable, set_key, set_variable, take_from_list
from toolchains.sdk_tree import DEFAULT_VERSION, version_key
from toolchains.text import Text, _

_FUNCTION_OBJECT = re.compile(r"\bMP_DEFINE_CONST_FUN_OBJ_\w+\(\s*((\w+?)(?:_obj)?)\s*,")
_CLASH = re.compile(r"(?:redefinition of|conflicting types for|redeclared as)[^'‘]*['‘](\w+)['’]")
_TWICE = re.compile(r"duplicate symbol: (\w+)")
#: In the traceback of 1.29's linker where mpy_init is the first function of an object for Xtensa: it plans no jump to
#: it, and then needs one.
_TRAMPOLINE = "entry_trampoline_len"
_IN_ORDER = "-fno-toplevel-reorder"
_INCLUDE = '#include "py/dynruntime.h"'


def no_entry(patient: Patient, error: NoEntry) -> Finding:
    """No ``mpy_init``: it is in a file that was forgotten, or it has to be written."""
    forgotten = undefined(patient, "mpy_init", "mpy_init", None)
    if forgotten.cause_id == "own-source":
        return forgotten
    fix = None
    path = next(iter(patient.sources()), None)
    if path is not None and patient.text(path):
        fix = Fix(_("Write mpy_init"), _entry_edits(path, patient.text(path)))
    return Finding(
        "no-entry",
        error.what,
        _(
            "It is the one function that MicroPython calls when Python imports the module; it puts the names of the "
            "other functions into it."
        ),
        fix,
        patient.place(path.relative_to(patient.project.root).as_posix(), None) if path is not None else None,
    )


def _entry_edits(path: Path, text: str) -> tuple[TextEdit, ...]:
    names = "".join(
        f"    mp_store_global(MP_QSTR_{name}, MP_OBJ_FROM_PTR(&{thing}));\n"
        for thing, name in dict.fromkeys(_FUNCTION_OBJECT.findall(text))
    )
    gap = "\n" if text.endswith("\n") else "\n\n"
    entry = (
        f"{gap}mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) {{\n"
        f"    MP_DYNRUNTIME_INIT_ENTRY\n{names}    MP_DYNRUNTIME_INIT_EXIT\n}}\n"
    )
    head = () if _INCLUDE in text else (TextEdit.insert(path, 0, f"{_INCLUDE}\n\n"),)
    return (*head, TextEdit.insert(path, len(text), entry))


def mixed(patient: Patient, error: MixedConstants) -> Finding:
    """Constants of two files that the Xtensa linker takes for one; as one file they clash by their names."""
    edits: list[TextEdit] = []
    for one in error.diagnostics:
        clash = _CLASH.search(one.message)
        if clash is not None and one.path is not None and one.severity == "error":
            path = patient.project.root / one.path
            new = f"{re.sub(r'[^0-9A-Za-z_]', '_', path.stem)}_{clash[1]}"
            edits += renamed(path, patient.text(path), clash[1], new)
    first = next((one for one in error.diagnostics if one.severity == "error"), None)
    return Finding(
        "mixed-constants",
        error.what,
        _(
            "On the ESP32 its linker knows a table or a text by its place in the file, not by the file, and would give "
            "one file the constants of the other. The C files are therefore compiled as one, and for that their "
            "names must differ."
        ),
        Fix(_("Give them different names"), tuple(dict.fromkeys(edits))) if edits else None,
        patient.place(first.path, first.line) if first else None,
    )


def refused(patient: Patient, error: LinkFailed) -> Finding:
    """Any other refusal: the same name twice, or a way to reach something that the linker does not have."""
    found = _TWICE.search(error.detail)
    if found is None:
        first = error.diagnostics[0] if error.diagnostics else None
        place = patient.place(first.path, first.line) if first else None
        return Finding("relocation", error.what, _unknown_way(), place=place)
    name = found[1]
    where = [path for path in patient.sources() if any(one.name == name for one in functions(patient.text(path)))]
    shown = ", ".join(path.relative_to(patient.project.root).as_posix() for path in where)
    place = patient.place(where[-1].relative_to(patient.project.root).as_posix(), None) if where else None
    return Finding(
        "twice",
        _("{name} is defined more than once.", name=name),
        _("It is in {files}. Rename one of them, or write static before both.", files=shown)
        if shown
        else _("Rename one of them, or write static before both."),
        place=place,
    )


def linker_stopped(patient: Patient, error: LinkerStopped) -> Finding:
    """An exception of mpy_ld.py."""
    name, since = str(error.fields["relocation"]), str(error.fields["since"])
    place = patient.place(error.diagnostics[0].path, error.diagnostics[0].line) if error.diagnostics else None
    if _TRAMPOLINE in error.detail:
        return _entry_first(patient, error)
    if "_TLS" in name or "_TPREL" in name:
        return thread(patient, error.diagnostics)
    if error.fields.get("place") == "SHN_COMMON":
        return _common(patient, error)
    why = error.why or _("This release cannot link what the compiler made.")
    if error.fields.get("bind") == "STB_WEAK" and error.fields.get("place") == "SHN_UNDEF":
        explanation: Text = _(
            "A weak function may be missing elsewhere, but not in a native module. Define it in one of its sources."
        )
        return Finding("weak", why, explanation, place=place)
    return Finding(
        "relocation",
        why,
        _unknown_way(),
        newer_linker(patient, since),
        place,
        choice=True,
    )


def _unknown_way() -> Text:
    return _(
        "Compilers learn new ways to reach a function or a constant, and the linker has to know each of them. A "
        "newer release of MicroPython may, and its modules load on the same boards; so may another compiler."
    )


def newer_linker(patient: Patient, since: str) -> Fix | None:
    """Build with a release whose linker can: the usual one, or the first. Offered by its name, never done unasked.

    Not where the project's files are of a .mpy version that this release does not write any more (6.2 and older).
    """
    if not since or patient.sdk is None or (patient.sdk.mpy_version, patient.sdk.mpy_sub_version) != (6, 3):
        return None
    version = DEFAULT_VERSION if version_key(since) <= version_key(DEFAULT_VERSION) else f"{since}.0"
    edit = set_key(patient.project, "pin", "micropython", version, patient.read)
    return Fix(_("Build with MicroPython {version}", version=version), (edit,)) if edit else None


def _entry_first(patient: Patient, error: LinkerStopped) -> Finding:
    """``mpy_init`` before all other code: functions can stay in their order, if it is not the first of the file."""
    path, names = next(
        ((path, names) for path in patient.sources() if "mpy_init" in (names := _functions(patient, path))), (None, [])
    )
    edit = None
    if names and names[0] != "mpy_init":
        project = patient.project
        edit = (
            add_to_list(project, "module", "cflags", _IN_ORDER, patient.read)
            if project.makefile is None
            else add_to_variable(project, "CFLAGS_EXTRA", _IN_ORDER, patient.read)
            or set_variable(project, "CFLAGS_EXTRA", _IN_ORDER, patient.read)
        )
    return Finding(
        "entry-first",
        error.why or error.what,
        _(
            "The compiler may put functions in another order than they are written. {flag} keeps them in theirs; write "
            "another function before mpy_init, then.",
            flag=_IN_ORDER,
        ),
        Fix(_("Keep the order of the functions"), (edit,)) if edit else None,
        patient.place(path.relative_to(patient.project.root).as_posix(), None) if path is not None else None,
    )


def _functions(patient: Patient, path: Path) -> list[str]:
    return [one.name for one in functions(patient.text(path))]


def _common(patient: Patient, error: LinkerStopped) -> Finding:
    edit = None
    if patient.project.makefile is None:
        edit = take_from_list(patient.project, "module", "cflags", "-fcommon", patient.read)
    return Finding(
        "common-variable",
        error.why or error.what,
        _("With -fcommon, a variable gets its place at the link, which MicroPython's linker cannot do."),
        Fix(_("Build without {flag}", flag="-fcommon"), (edit,)) if edit else None,
        patient.place(error.diagnostics[0].path, error.diagnostics[0].line),
    )


def too_big(patient: Patient, error: TooBig) -> Finding:
    """A limit of the project's own."""
    what, n_bytes = str(error.what.fields["what"]), error.fields["n_bytes"]
    edit = set_key(patient.project, "limits", what, n_bytes, patient.read) if isinstance(n_bytes, int) else None
    return Finding(
        "too-big",
        error.what,
        _("The limit is the project's own, under [limits] of natmod.toml; it is there to tell when a module grows."),
        Fix(_("Allow {n} B", n=n_bytes), (edit,)) if edit else None,
        choice=True,
    )
