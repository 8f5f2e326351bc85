"""Where a build keeps its files: one folder per project and architecture, one build at a time.

Nothing in it is trusted by its time. ``state.json`` says which content came out of which content; it is written last:
what a killed build left behind looks to the next one like files that do not match, and is made again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from toolchains.contents import MEMO, digest
from toolchains.errors import ProjectError, disk_errors
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.locks import locked
from toolchains.text import _
from toolchains.undo import on_failure

FOLDER = ".natmod"
#: Raise it when the meaning of the state changes.
_VERSION = 5
_TEMPORARY = ".tmp-"


class FolderElsewhere(ProjectError):
    """The project's build folder is a link to somewhere outside the project."""

    code = "project.build-folder"

    def __init__(self, path: Path) -> None:
        super().__init__(
            _("The folder {path} is a link that leads out of the project; nothing is written there.", path=path),
            next_step=_("Remove the link, then build again."),
            path=str(path),
        )


@dataclass
class State:
    """What the last builds made out of what; plain data, keyed as :mod:`toolchains.natmod` likes."""

    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)

    @staticmethod
    def load(path: Path) -> State:
        """The state in a file; an empty one when it is missing, not as we wrote it, or from another version."""
        try:
            seal, _newline, content = path.read_bytes().partition(b"\n")
        except OSError:
            return State()
        if seal.decode("ascii", "replace") != _sealed(content):
            return State()
        data = json.loads(content)
        return State(data["objects"], data["steps"])

    def dump(self) -> bytes:
        """The file's content: one line by which it is known to be ours and whole, one line of JSON."""
        content = json.dumps({"objects": self.objects, "steps": self.steps}, separators=(",", ":")).encode()
        return _sealed(content).encode() + b"\n" + content


def _sealed(content: bytes) -> str:
    return f"{_VERSION} {digest(content)}"


@dataclass(frozen=True)
class BuildFolder:
    """The folder of one project and architecture. ``build`` holds what is between source and module."""

    host: Host
    path: Path

    @property
    def build(self) -> Path:
        """Objects, the qstr header, the native part."""
        return self.path / "build"

    @property
    def state_file(self) -> Path:
        """What :class:`State` is kept in."""
        return self.path / "state.json"

    def check_inside(self, root: Path) -> None:
        """Raise :class:`FolderElsewhere` if a link leads from here out of ``root``: a project could bring it along."""
        if not self.build.resolve().is_relative_to(root.resolve()):
            raise FolderElsewhere(self.path)

    @contextmanager
    def locked(self, ctx: JobContext) -> Iterator[None]:
        """Hold the folder alone: made if it is missing. Waits for another build, until cancelled."""
        with disk_errors(self.path):
            self.build.mkdir(parents=True, exist_ok=True)
            _ignore_in_git(self.path.parent)
            with locked(ctx, self.path / "lock"):
                yield

    def sweep(self) -> None:
        """Remove what a killed build left half written."""
        for folder, _folders, names in os.walk(self.path):
            for name in names:
                if name.startswith(_TEMPORARY):
                    with suppress(OSError):
                        os.unlink(os.path.join(folder, name))

    def write(self, path: Path, data: bytes) -> None:
        """Write a file whole or not at all."""
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = beside(path)
            with on_failure(lambda: temporary.unlink(missing_ok=True)):
                temporary.write_bytes(data)
                self.host.replace(temporary, path)

    def made(self, record: dict[str, Any] | None, path: Path) -> bool:
        """Whether ``path`` still holds what ``record`` says was made."""
        return record is not None and record.get("made") == MEMO.of(path)


def beside(path: Path) -> Path:
    """A temporary name in the same folder, to be renamed to ``path``; swept if it is left over."""
    return path.with_name(f"{_TEMPORARY}{os.getpid()}-{os.urandom(4).hex()}-{path.name}")


def _ignore_in_git(base: Path) -> None:
    """Everything that we make is made again from the sources: git shall not see it."""
    ignore = base / ".gitignore"
    if base.name == FOLDER and not ignore.exists():
        ignore.write_text("*\n", "utf-8")
