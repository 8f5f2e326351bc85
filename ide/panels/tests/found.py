"""Which tests a project has, looked up without running anything. No Qt; done in a worker."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from toolchains.errors import StudioError, disk_errors

_CLASS = re.compile(r"^class\s+(\w+)\s*\(.*\bTestCase\b")
_METHOD = re.compile(r"^[ \t]+(?:async\s+)?def\s+(test\w*)\s*\(")
_ELSE = re.compile(r"^\S")


@dataclass(frozen=True)
class Method:
    """A test method, as ``Class.test_it``, and the line where it begins."""

    name: str
    line: int


@dataclass(frozen=True)
class TestFile:
    """One file of the folder ``tests``, relative to the project; without unittest it has no methods."""

    __test__ = False
    path: str
    methods: tuple[Method, ...] = ()


def find_tests(folder: Path) -> tuple[TestFile, ...]:
    """The tests of the project in a folder; none for a folder that is no project. Raises DiskError."""
    from ide.board.testing import files_of
    from toolchains import project

    try:
        proj = project.load(folder)
    except StudioError:  # the project panel says what is wrong with it
        return ()
    return tuple(TestFile(path, _methods(folder / path)) for path in files_of(proj))


def _methods(path: Path) -> tuple[Method, ...]:
    with disk_errors(path):
        text = path.read_text("utf-8", "replace")
    return methods_in(text)


def methods_in(text: str) -> tuple[Method, ...]:
    """The test methods of the classes in a file, by their looks: a file that does not parse has some, too."""
    found: list[Method] = []
    name = ""
    for number, line in enumerate(text.splitlines(), 1):
        if match := _CLASS.match(line):
            name = match[1]
        elif _ELSE.match(line) and not line.startswith(("#", "@", ")")):
            name = ""
        elif name and (match := _METHOD.match(line)):
            found.append(Method(f"{name}.{match[1]}", number))
    return tuple(found)
