"""The causes that the doctor knows, each with the test that provokes it."""

from __future__ import annotations

from dataclasses import dataclass

from toolchains.hints import hints
from toolchains.text import Text, _

_LINK = "tests/toolchains/doctor/test_link.py"
_COMPILE = "tests/toolchains/doctor/test_compile.py"
_IMPORT = "tests/toolchains/doctor/test_import.py"
_BOARD = "tests/ide/board/test_doctor.py"


@dataclass(frozen=True)
class Class:
    """A cause: its id in ``resources/hints.json``, when it shows (``compile``, ``link``, ``import``), what it is
    called, whether there may be a fix, and its test (file and function)."""

    id: str
    stage: str
    title: Text
    fixable: bool
    test: str

    def to_json(self) -> dict[str, object]:
        """The record of ``--json``."""
        return {
            "id": self.id,
            "stage": self.stage,
            "title": str(self.title),
            "fixable": self.fixable,
            "test": self.test,
        }


_KNOWN: dict[str, tuple[Text, bool, str]] = {
    "runtime": (_("a function of the compiler's library is missing"), True, f"{_LINK}::test_cured"),
    "memory-functions": (_("memcpy or one of its kin is missing"), True, f"{_LINK}::test_cured"),
    "not-in-table": (_("a function of MicroPython that no module reaches"), True, f"{_LINK}::test_cured"),
    "c-library": (_("a function of C's library"), True, f"{_LINK}::test_cured"),
    "own-source": (_("a file of the project that is not built"), True, f"{_LINK}::test_cured"),
    "misspelt": (_("a name with a slip in it"), True, f"{_LINK}::test_cured"),
    "unknown-symbol": (_("a function that is nowhere"), False, f"{_LINK}::test_told"),
    "data": (_("a variable with a starting value"), True, f"{_LINK}::test_cured"),
    "static-variable": (_("a static variable"), True, f"{_LINK}::test_cured"),
    "hidden-variable": (_("a variable that is hidden"), True, f"{_LINK}::test_cured"),
    "common-variable": (_("a variable without a place"), True, f"{_LINK}::test_cured"),
    "thread-variable": (_("a variable for each thread"), True, f"{_LINK}::test_cured"),
    "mixed-constants": (_("tables and texts of two files, mixed up"), True, f"{_LINK}::test_mixed_constants"),
    "no-entry": (_("no mpy_init"), True, f"{_LINK}::test_cured"),
    "entry-first": (_("mpy_init before all other code"), True, f"{_LINK}::test_entry_first"),
    "twice": (_("the same name twice"), False, f"{_LINK}::test_told"),
    "weak": (_("a weak function that is nowhere"), False, f"{_LINK}::test_told"),
    "relocation": (_("something that the linker does not know"), True, f"{_LINK}::test_relocation"),
    "libraries": (
        _("libraries, and a linker that is too old for them"),
        True,
        f"{_LINK}::test_a_linker_that_knows_no_libraries",
    ),
    "externs": (_("fixed addresses, and a linker that cannot reach them"), True, f"{_LINK}::test_old_linker"),
    "too-big": (_("more than the project allows"), True, f"{_LINK}::test_cured"),
    "floats-off": (_("floating-point numbers that are switched off"), True, f"{_COMPILE}::test_cured"),
    "undeclared": (_("a name that was not declared"), False, f"{_COMPILE}::test_told"),
    "header": (_("a header that is not found"), True, f"{_COMPILE}::test_cured"),
    "old-macro": (_("a macro of an older MicroPython"), True, f"{_COMPILE}::test_cured"),
    "syntax": (_("a semicolon or a bracket"), True, f"{_COMPILE}::test_cured"),
    "missing-file": (_("a file that is listed and not there"), True, f"{_COMPILE}::test_missing_file"),
    "compile": (_("any other error of the compiler"), False, f"{_COMPILE}::test_told"),
    "mpy-version": (_("a file for another .mpy version"), True, f"{_BOARD}::test_another_mpy_version"),
    "mpy-arch": (_("a file for another processor"), False, f"{_BOARD}::test_another_processor"),
    "mpy-flags": (_("instructions that the chip lacks"), False, f"{_IMPORT}::test_flags"),
    "no-native": (_("a firmware without native modules"), False, f"{_IMPORT}::test_no_native"),
    "pmp-split": (_("a firmware that protects its memory"), False, f"{_IMPORT}::test_pmp_split"),
    "exec-memory": (_("no memory for machine code"), False, f"{_IMPORT}::test_exec_memory"),
    "no-module": (_("a module that is not on the board"), False, f"{_BOARD}::test_no_module"),
    "old-collector": (_("a firmware that forgets variables"), False, f"{_IMPORT}::test_old_collector"),
    "p4-floats": (_("floating-point numbers on the ESP32-P4"), False, f"{_IMPORT}::test_floats_of_the_p4"),
    "board-floats": (_("a board without floating-point numbers"), False, f"{_IMPORT}::test_board_without_floats"),
}


def classes() -> tuple[Class, ...]:
    """All causes, in the order of ``resources/hints.json``."""
    return tuple(Class(name, stage, *_KNOWN[name]) for name, stage in hints().stages.items())
