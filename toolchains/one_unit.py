"""A module's C files as one, for chips whose linker would mix up the constants of several (xtensa, xtensawin).

``mpy_ld.py`` keeps the literals of one object apart, so a module of one object is always right. The file that includes
the others is in the build's folder; what compilers say about them is said under their own names.
"""

from __future__ import annotations

import os
from dataclasses import replace

from toolchains.build_errors import CompileFailed
from toolchains.compile_step import Compilation
from toolchains.errors import disk_errors
from toolchains.qstrs import Scan

_NAME = "unity.c"


def c_files(what: Compilation) -> tuple[str, ...]:
    """The C files in the order in which they are linked."""
    return tuple(name for name in what.recipe.objects if name.endswith(".c"))


def can_join(what: Compilation, files: tuple[str, ...]) -> bool:
    """Whether one object could take the place of these: two C files, and no C file has flags of its own."""
    together = c_files(what)
    return len(set(files)) > 1 and set(files) <= set(together) and not set(together) & set(what.recipe.own_flags)


def joined(what: Compilation) -> Compilation:
    """The same build with one C file, which is written here; all else has been compiled."""
    recipe, path = what.recipe, what.folder.build / _NAME
    text = "".join(f'#include "{_path(recipe.root / name, what.folder.build)}"\n' for name in c_files(what))
    if not path.is_file() or path.read_text("utf-8") != text:
        with disk_errors(path):
            what.folder.write(path, text.encode())
    unit = _path(path, recipe.root)
    rest = tuple(name for name in recipe.objects if not name.endswith(".c"))
    return replace(what, recipe=replace(recipe, sources=(unit,), objects=(unit, *rest)))


def joined_scan(what: Compilation, scan: Scan) -> Scan:
    """What is in the project's files, with the one file that leads to all others."""
    unit = _path(what.folder.build / _NAME, what.recipe.root)
    return replace(scan, leads={**scan.leads, unit: c_files(what)})


def own_names(what: Compilation, cause: CompileFailed) -> CompileFailed:
    """What the compiler says about the one file, with the names that the files have in the project."""
    build = what.folder.build
    there = f"{_path(build, what.recipe.root)}/{_path(what.recipe.root, build)}/"
    complaints = [replace(one, path=one.path and one.path.replace(there, "")) for one in cause.diagnostics]
    return CompileFailed(complaints, cause.detail.replace(there, ""))


def _path(path: os.PathLike[str], start: os.PathLike[str]) -> str:
    try:
        return os.path.relpath(path, start).replace(os.sep, "/")
    except ValueError:  # another drive of Windows
        return os.path.abspath(path).replace(os.sep, "/")
