"""Floating-point numbers that the project, or the board, does without."""

from __future__ import annotations

from toolchains.doctor.records import Finding, Patient, Place
from toolchains.edits import Fix
from toolchains.project_edits import set_key, set_variable
from toolchains.text import _


def floats_off(patient: Patient, name: str, place: Place | None) -> Finding | None:
    """Why a name of floats is not there; None where they are on."""
    project = patient.project
    if patient.floats == "none":
        return board_floats(place)
    if project.makefile is not None:
        edit = set_variable(project, "MICROPY_FLOAT_IMPL", "float", patient.read)
    elif project.float == "none":
        edit = set_key(project, "module", "float", "board", patient.read)
    else:
        return None
    if edit is None:
        return None
    return Finding(
        "floats-off",
        _("{name} is not there: the project is built without floating-point numbers.", name=name),
        _("The board has them. With them on, the module is compiled for the floats that the board has."),
        Fix(_("Build with floating-point numbers"), (edit,)),
        place,
    )


def board_floats(place: Place | None = None) -> Finding:
    """A board whose firmware has none: no setting of the project changes that."""
    return Finding(
        "board-floats",
        _("This board's MicroPython has no floating-point numbers."),
        _("A module that makes or reads them cannot work there. Count in whole numbers, such as thousandths."),
        place=place,
    )
