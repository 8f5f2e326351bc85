"""What ``natmod doctor --fix`` changed, kept beside the build until it is taken back.

The file is in the project's ``.natmod`` folder, where anybody may have put it: it is read as hostile. It can only put
back files inside the project, and only those that are still as the fix left them.
"""

from __future__ import annotations

import base64
import binascii
import json
from pathlib import Path

from toolchains.build_folder import FOLDER
from toolchains.edits import Change, Undo
from toolchains.errors import ProjectError, disk_errors
from toolchains.text import _

NAME = "doctor-undo.json"
_SCHEMA = 1
_MOST_BYTES = 32 << 20


class NothingToUndo(ProjectError):
    """No fix was made here, or all were taken back."""

    code = "doctor.nothing"

    def __init__(self, root: Path) -> None:
        super().__init__(
            _("There is no fix to take back in {path}.", path=root),
            next_step=_("Fixes are made with: natmod doctor --fix"),
            path=str(root),
        )


def keep(root: Path, undos: list[Undo]) -> None:
    """Keep what was just done, in place of what was kept before. Raises ``DiskError``."""
    rounds = [
        [
            {"path": _inside(root, one.path), "before": _text(one.before), "after": _text(one.after)}
            for one in undo.changes
        ]
        for undo in undos
    ]
    path = root / FOLDER / NAME
    with disk_errors(path):
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"schema": _SCHEMA, "rounds": rounds}), "utf-8")


def take_back(root: Path) -> tuple[Path, ...]:
    """Undo what was kept, the last first; the files that are as they were before.

    Raises :class:`NothingToUndo`, ``EditRefused`` for a file that was changed since, ``DiskError``.
    """
    path = root / FOLDER / NAME
    if not path.is_file():
        raise NothingToUndo(root)
    undos = _read(root, path)
    for undo in reversed(undos):
        undo.undo()
    with disk_errors(path):
        path.unlink()
    return tuple(dict.fromkeys(change.path for undo in undos for change in undo.changes))


def _inside(root: Path, path: Path) -> str:
    return path.resolve().relative_to(root.resolve()).as_posix()


def _text(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode("ascii")


def _read(root: Path, path: Path) -> list[Undo]:
    with disk_errors(path), path.open("rb") as file:
        data = file.read(_MOST_BYTES + 1)
    try:
        if len(data) > _MOST_BYTES:
            raise ValueError
        rounds = json.loads(data)["rounds"]
        return [Undo(_("fix"), tuple(_change(root, one) for one in changes)) for changes in rounds]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error) as error:
        raise NothingToUndo(root) from error


def _change(root: Path, record: dict[str, str | None]) -> Change:
    """One file's change; ``ValueError`` for a place outside the project, or in its build folder."""
    name = record["path"]
    if not isinstance(name, str) or "\0" in name:
        raise ValueError
    path = root / name
    if not path.resolve().is_relative_to(root.resolve()) or FOLDER in Path(name).parts or ".git" in Path(name).parts:
        raise ValueError
    return Change(path, _bytes(record["before"]), _bytes(record["after"]))


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text, validate=True)
