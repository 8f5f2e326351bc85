"""The files of a project in which old code may be: C, what describes a build, scripts that name boards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from toolchains.c_text import blanked
from toolchains.edits import EditRefused, read_text
from toolchains.errors import DiskError

#: A project with more has a copy of MicroPython in it, which is nobody's to mend.
_MOST_FILES = 500
#: Longer texts are tables that a program wrote.
_MOST_CHARACTERS = 1 << 20
_NOT_OURS = {"node_modules", "build", "dist", "__pycache__", "micropython"}
_C = (".c", ".h", ".cpp", ".cc", ".hpp")
_MAKE = (".mk", ".cmake")
_SCRIPTS = (".sh", ".yml", ".yaml", ".bat", ".ps1")
_MAKE_NAMES = ("Makefile", "makefile", "GNUmakefile", "CMakeLists.txt")


@dataclass(frozen=True)
class Sources:
    """The texts of a project's folder. ``read`` gives a file's text as it is on the screen or on the disk."""

    root: Path
    read: Callable[[Path], str] = read_text
    #: Texts that are not written anywhere yet; they win.
    fresh: Mapping[Path, str] = field(default_factory=dict)

    @cached_property
    def texts(self) -> dict[Path, str]:
        """Every file that is looked at, with its text."""
        found = {}
        for path in _walk(self.root):
            text = self.fresh.get(path)
            if text is None:
                text = _text_of(self.read, path)
            if text and len(text) <= _MOST_CHARACTERS:
                found[path] = text
        return found

    @property
    def c(self) -> Iterator[tuple[Path, str]]:
        """C and C++ files."""
        return ((path, text) for path, text in self.texts.items() if path.suffix in _C)

    @property
    def builds(self) -> Iterator[tuple[Path, str]]:
        """Makefiles, CMake's files, natmod.toml, and scripts that start builds."""
        return ((path, text) for path, text in self.texts.items() if path.suffix not in _C)

    @property
    def make(self) -> Iterator[tuple[Path, str]]:
        """Makefiles and CMake's files."""
        return ((path, text) for path, text in self.texts.items() if is_make(path))

    def with_texts(self, fresh: Mapping[Path, str]) -> Sources:
        """The same project with these texts changed."""
        return Sources(self.root, self.read, {**self.fresh, **fresh})


@lru_cache(256)
def code_of(text: str) -> str:
    """:func:`~toolchains.c_text.blanked`, remembered: every rule wants it of every file."""
    return blanked(text)


def is_make(path: Path) -> bool:
    """Whether make or CMake reads it."""
    return path.suffix in _MAKE or path.name in _MAKE_NAMES


def is_native(text: str) -> bool:
    """Whether a C file is of a native module."""
    return "py/dynruntime.h" in text


def _text_of(read: Callable[[Path], str], path: Path) -> str:
    try:
        return read(path)
    except (DiskError, EditRefused):  # nothing can be found out of what cannot be read
        return ""


def _walk(root: Path) -> Iterator[Path]:
    left = _MOST_FILES
    waiting = [root]
    while waiting and left:
        folder = waiting.pop(0)
        try:
            entries = sorted(folder.iterdir())
        except OSError:
            continue
        for entry in entries:
            if entry.is_symlink():
                continue  # outside of the project, or met at its own place
            if entry.is_dir():
                if not _foreign(entry):
                    waiting.append(entry)
            elif left and _ours(entry):
                left -= 1
                yield entry


def _foreign(folder: Path) -> bool:
    name = folder.name
    return (name.startswith(".") and name != ".github") or name.startswith("build-") or name in _NOT_OURS


def _ours(path: Path) -> bool:
    return path.suffix in (*_C, *_MAKE, *_SCRIPTS) or path.name in (*_MAKE_NAMES, "natmod.toml")
