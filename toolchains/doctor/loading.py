"""What a board refuses at the import, and what it will do wrong with a module that it takes."""

from __future__ import annotations

import re

from toolchains.c_text import blanked, words
from toolchains.chips import chips
from toolchains.doctor.floats import board_floats
from toolchains.doctor.records import Finding, Patient, Place
from toolchains.edits import Fix
from toolchains.errors import StudioError
from toolchains.hints import hints
from toolchains.mpy_loads import Loader, NotLoadable, remarks
from toolchains.mpyfile import MpyFile
from toolchains.project_edits import set_key
from toolchains.text import Text, _
from toolchains.units import size_text

#: py/persistentcode.c and esp_native_code_commit in ports/esp32/main.c (facts.md c.6 and b).
_REFUSALS = {
    "incompatible .mpy file": "mpy-version",
    "incompatible .mpy arch": "mpy-arch",
    "native code in .mpy unsupported": "no-native",
}
_REASONS = {"version": "mpy-version", "features": "mpy-version", "small-int": "mpy-version", "flags": "mpy-flags"}
_FRAME = re.compile(r'^  File "(?P<file>[^"]+)", line (?P<line>\d+)', re.M)
_NO_MODULE = re.compile(r"ImportError: no module named '([\w.]+)'")
_BYTES = re.compile(r"allocating (\d+) bytes")


def not_loadable(patient: Patient, error: NotLoadable) -> Finding:
    """What we found out before anything was sent."""
    reason, number = str(error.fields["reason"]), error.fields["board_mpy"]
    if reason == "none" or (reason == "arch" and isinstance(number, int) and not number >> 10 & 15):
        return _no_native(patient)
    cause = _REASONS.get(reason, "mpy-arch")
    return _refused(patient, cause, error.what)


def of_traceback(patient: Patient, traceback: str) -> Finding | None:
    """What the board itself said when it imported something."""
    last = traceback.strip().rpartition("\n")[2]
    cause = next((cause for words_, cause in _REFUSALS.items() if words_ in last), None)
    if cause == "no-native":
        return _no_native(patient)
    if cause is not None:
        return _refused(patient, cause, _("The board refused the module: {words}", words=last))
    missing = _NO_MODULE.search(last)
    if missing is not None:
        return _no_module(patient, missing[1])
    if last.startswith("MemoryError") and _at_an_import(patient, traceback):
        size = _BYTES.search(last)
        return exec_memory(int(size[1]) if size else None)
    return None


def _refused(patient: Patient, cause: str, what: Text) -> Finding:
    board, project = patient.board, patient.project
    if cause == "mpy-version":
        why = _(
            "An .mpy file is made for one .mpy version, and each MicroPython reads one. The file is from other sources "
            "than the board's firmware: one of them was updated."
        )
    elif cause == "mpy-flags":
        why = _("The module was compiled for a chip that can do more. Take those flags out of the project.")
    else:
        why = _(
            "Machine code is for one kind of processor. The file on the board, or the one that was built, is for "
            "another."
        )
    fix = None
    if cause == "mpy-version" and project.pin_micropython and board is not None and board.release is not None:
        version = board.version.split("-")[0]
        edit = set_key(project, "pin", "micropython", version, patient.read)
        fix = Fix(_("Build with MicroPython {version}, as the board has", version=version), (edit,)) if edit else None
    return Finding(cause, what, why, fix, command="" if fix else "natmod run", choice=True)


def _no_native(patient: Patient) -> Finding:
    board = patient.board or Loader(0)
    what = _("This board's MicroPython cannot load native modules at all.")
    chip = chips().get(board.chip or "")
    if chip is not None and chip.arch == "rv32imc" and board.release is not None and not board.is_before((1, 25)):
        return Finding(
            "pmp-split",
            what,
            _(
                "Its chip protects the memory that programs are in from being written "
                "(CONFIG_ESP_SYSTEM_PMP_IDRAM_SPLIT), so that nothing new can run there. All official firmware is "
                "built without that: install one."
            ),
            command="natmod flash",
        )
    return Finding(
        "no-native",
        what,
        _("On RISC-V chips, such as the ESP32-C3, native modules need MicroPython 1.25 or newer; Python works all the "
          "same."),
        command="natmod flash",
    )  # fmt: skip


def exec_memory(needed: int | None, free: int | None = None) -> Finding:
    """No room for machine code; sizes in bytes."""
    what = _("The board has no memory left for the machine code of the module.")
    if needed is not None and free is not None:
        what = _(
            "The module has {needed} of machine code; the board has room for {free}.",
            needed=size_text(needed),
            free=size_text(free),
        )
    return Finding(
        "exec-memory",
        what,
        _(
            "An ESP32 runs code from a part of its memory that is small and that only a reset frees: each import of a "
            "native module takes some, the second import of the same one too. Reset the board; if it is the first "
            "module, make it smaller (whole numbers instead of floats, fewer functions) or split it in two."
        ),
        command="natmod run",
    )


def _no_module(patient: Patient, name: str) -> Finding:
    own = name == patient.project.name
    return Finding(
        "no-module",
        _("There is no module {name} on the board.", name=name),
        _("It is the project's own: run the project, or install it to stay.")
        if own
        else _(
            "It belongs neither to the firmware nor to the project's files. It may be a package: look for it there."
        ),
        command=("natmod deploy" if own else f"natmod mip install {name}"),
    )


def _at_an_import(patient: Patient, traceback: str) -> bool:
    """Whether the innermost line of the program is an import: there, machine code is put into its memory."""
    frames = list(_FRAME.finditer(traceback))
    if not frames or not patient.project.native:
        return False
    text = patient.text(patient.project.root / frames[-1]["file"].lstrip("/"))
    lines = text.splitlines()
    number = int(frames[-1]["line"])
    return number <= len(lines) and "import" in lines[number - 1]


def of_module(patient: Patient, module: MpyFile) -> tuple[Finding, ...]:
    """What a person should know of a module that the board loads all the same."""
    found: list[Finding] = []
    board = patient.board
    if board is None:
        return ()
    place = _floats_at(patient)
    if patient.floats == "none" and place is not None and module.is_linked:
        found.append(board_floats(place))
    for remark in remarks(module, board):
        if board.chip == "esp32p4" and remark.msgid.startswith("On the ESP32-P4"):
            if place is not None:
                found.append(_p4(place, remark))
        else:
            found.append(
                Finding(
                    "old-collector",
                    _("The board's MicroPython is too old to keep the variables of a module."),
                    remark,
                    command="natmod flash",
                )
            )
    return tuple(found)


def _p4(place: Place, remark: Text) -> Finding:
    return Finding(
        "p4-floats",
        _("Floating-point numbers of this module may be wrong on the ESP32-P4."),
        remark,
        place=place,
    )


def _floats_at(patient: Patient) -> Place | None:
    for path in patient.sources():
        code = blanked(patient.text(path))
        for name in sorted(hints().float_names):
            at = next(words(code, name), None)
            if at is not None:
                return Place(path, code.count("\n", 0, at) + 1)
    return None


def exec_full(error: StudioError) -> Finding:
    """What we found out before the import: ``board.exec-full``."""
    needed, free = error.fields.get("needed"), error.fields.get("free")
    return exec_memory(needed if isinstance(needed, int) else None, free if isinstance(free, int) else None)
