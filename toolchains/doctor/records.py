"""What the doctor looks at, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from toolchains.edits import EditRefused, Fix, read_text
from toolchains.errors import DiskError
from toolchains.mpy_loads import Loader
from toolchains.project import Project
from toolchains.sdk_tree import SdkTree
from toolchains.text import Text

#: More sources than any project has; each may be read for one finding.
_MOST_FILES = 500
#: Folders whose C files belong to nobody's module.
_NOT_OURS = {".natmod", ".git", "build", "build-*", "node_modules", "tests"}


@dataclass(frozen=True)
class Place:
    """A file (absolute) and a line of it, from 1; ``line`` is None for the file as a whole."""

    path: Path
    line: int | None = None

    def to_json(self) -> dict[str, object]:
        """The record of ``--json``."""
        return {"path": str(self.path), "line": self.line}


@dataclass(frozen=True)
class Finding:
    """One cause. ``cause_id`` is one of ``resources/hints.json``; ``title`` says what is the matter, ``explanation``
    why that is so and what to do. ``fix``: the edit that cures it, with its own title. ``command``: what to type where
    no edit of the project's files can cure it. ``choice``: the fix changes what the person decided (a limit, the
    MicroPython version), so that it is never applied with others, unasked."""

    cause_id: str
    title: Text
    explanation: Text
    fix: Fix | None = None
    place: Place | None = None
    command: str = ""
    choice: bool = False

    def to_json(self) -> dict[str, object]:
        """The record of ``--json``."""
        return {
            "cause": self.cause_id,
            "title": str(self.title),
            "explanation": str(self.explanation),
            "fix": str(self.fix.title) if self.fix else None,
            "place": self.place.to_json() if self.place else None,
            "command": self.command or None,
            "choice": self.choice,
        }


@dataclass(frozen=True)
class Patient:
    """A project and what it is built for. ``sdk`` and ``board`` are None where nobody knows; ``floats`` is what the
    board has (``none``, ``single``, ``double``; "" unknown). ``read`` gives a file's text, which may be on the screen
    only."""

    project: Project
    sdk: SdkTree | None = None
    board: Loader | None = None
    floats: str = ""
    read: Callable[[Path], str] = read_text

    def text(self, path: Path) -> str:
        """A file's text; "" for one that cannot be read, of which nothing can be found out."""
        try:
            return self.read(path)
        except (DiskError, EditRefused):
            return ""

    def place(self, path: str | None, line: int | None) -> Place | None:
        """The place that a diagnostic names."""
        return Place(self.project.root / path, line) if path else None

    def sources(self) -> Iterator[Path]:
        """The C files of the project; of a Makefile, which lists them in its own words, all in its folder."""
        if self.project.makefile is not None:
            yield from self.all_c_files()
            return
        for name in self.project.sources:
            if name.endswith(".c"):
                yield self.project.root / name

    def all_c_files(self) -> Iterator[Path]:
        """Every C file below the project's folder, the first :data:`_MOST_FILES`."""
        left = _MOST_FILES
        waiting = [self.project.root]
        while waiting and left:
            folder = waiting.pop(0)
            try:
                entries = sorted(folder.iterdir())
            except OSError:  # a folder that may not be read has nothing for us
                continue
            for entry in entries:
                if entry.is_dir() and not entry.is_symlink() and not _is_foreign(entry.name):
                    waiting.append(entry)
                elif entry.suffix == ".c" and left:
                    left -= 1
                    yield entry


def _is_foreign(name: str) -> bool:
    return name.startswith((".", "build-")) or name in _NOT_OURS
