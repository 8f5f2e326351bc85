"""The door: signatures in, files out, as one change that is shown, made and taken back (:mod:`toolchains.edits`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from toolchains.diagnostics import Diagnostic
from toolchains.edits import Fix, TextEdit, read_text
from toolchains.errors import disk_errors
from toolchains.stubs.c_module import Target, c_source
from toolchains.stubs.kept import StubError, merged, part, sealed
from toolchains.stubs.model import Module
from toolchains.stubs.python_test import python_test
from toolchains.stubs.rom import fits
from toolchains.stubs.signatures import Problem, Reading, read
from toolchains.text import _, _n

__all__ = ["CannotBeC", "StubError", "Target", "load", "made", "plan", "problems"]

_TOML = """\
schema = 1

[module]
name = "{name}"            # what Python imports
sources = ["{name}.c"]     # add more C files here; .py files go into: python = [...]
"""
_MK = ["# For MicroPython's make: make USER_C_MODULES=the folder that this one is in", "{upper}_DIR := $(USERMOD_DIR)"]
_MK += ["SRC_USERMOD_C += $({upper}_DIR)/{name}.c", "CFLAGS_USERMOD += -I$({upper}_DIR)"]
_CMAKE = ["# For MicroPython's cmake: -DUSER_C_MODULES=the path of this file", "add_library(usermod_{name} INTERFACE)"]
_CMAKE += ["target_sources(usermod_{name} INTERFACE ${{CMAKE_CURRENT_LIST_DIR}}/{name}.c)"]
_CMAKE += ["target_include_directories(usermod_{name} INTERFACE ${{CMAKE_CURRENT_LIST_DIR}})"]
_CMAKE += ["target_link_libraries(usermod INTERFACE usermod_{name})"]
_FLAGS = "# Other sources, flags and libraries."


class CannotBeC(StubError):
    """Some signatures cannot be written in C, or read. ``diagnostics``: all of them, with their places."""

    code = "stub.signatures"

    def __init__(self, name: str, found: tuple[Problem, ...]) -> None:
        places = tuple(Diagnostic("error", name, one.line, one.column, str(one.text)) for one in found)
        super().__init__(
            _n(
                "{name} has a signature that C cannot express.",
                "{name} has {n} places that C cannot express.",
                len(found),
                name=name,
            ),
            next_step=_("Change what is said below, then try again."),
            path=name,
            line=found[0].line,
            diagnostics=places,
        )


def load(path: Path) -> Reading:
    """Read a ``.pyi`` (or ``.py``): the module has the file's name. Raises ``DiskError``, ``EditRefused``."""
    return read(read_text(path), path.stem, path.name)


def problems(reading: Reading, target: Target) -> tuple[Problem, ...]:
    """What was not understood, and what this target cannot have."""
    found = list(reading.problems)
    if target == "usermod":
        constants = list(reading.module.constants)
        constants += [constant for one in reading.module.classes for constant in one.constants]
        words = _("A firmware keeps no int of more than 31 bits as a constant; make it a function.")
        found += [Problem(one.line, 1, words) for one in constants if not fits(one.value)]
    return tuple(sorted(found))


def made(module: Module, target: Target) -> dict[str, str]:
    """All files by their path, as they are for a module that nobody has written anything for yet."""
    name = module.name
    files = {f"{name}.c": c_source(module, target)}
    if target == "natmod":
        return {**files, f"tests/test_{name}.py": python_test(module), "natmod.toml": _TOML.format(name=name)}
    for path, lines in (("micropython.mk", _MK), ("micropython.cmake", _CMAKE)):
        text = [line.format(name=name, upper=f"{name.upper()}_MOD") for line in lines]
        files[path] = sealed("\n".join([*text, "", *part("build", [_FLAGS], mark="#")]) + "\n")
    return {**files, f"test_{name}.py": python_test(module)}


def plan(module: Module, target: Target, folder: Path, *, force: bool = False) -> Fix:
    """The files of a module as edits of ``folder``; what the user wrote between the marked lines is in them again.

    natmod: ``NAME.c``, ``tests/test_NAME.py``, and ``natmod.toml`` where none is. usermod: ``NAME.c``,
    ``micropython.mk``, ``micropython.cmake``, ``test_NAME.py``. Files that stay as they are have no edit. Raises
    :class:`StubError` where a file that is there was changed outside of its marked lines, unless ``force``: then it is
    kept beside as ``NAME.c.old``.
    """
    edits = tuple(_edits(made(module, target), folder, force))
    return Fix(_("Write {name} in C from its signatures", name=module.name), edits)


def _edits(files: dict[str, str], folder: Path, force: bool) -> Iterator[TextEdit]:
    for name, new in files.items():
        path = folder / name
        with disk_errors(path):
            there = path.exists()
        if not there:
            yield TextEdit(path, 0, 0, "", new)
        elif not name.endswith(".toml"):
            old = read_text(path)
            if force and not _as_made(new, old, name):
                spare = path.with_name(f"{path.name}.old")
                before = read_text(spare) if spare.exists() else ""
                yield TextEdit.at(spare, before, 0, len(before), old)
            text = merged(new, old, name, force=force)
            if text != old.replace("\r\n", "\n"):
                yield TextEdit.at(path, old, 0, len(old), text)


def _as_made(new: str, old: str, name: str) -> bool:
    """Whether nothing of a file is lost when it is made again."""
    try:
        merged(new, old, name)
    except StubError:
        return False
    return True
