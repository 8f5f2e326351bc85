"""Texts that are not saved yet, kept on the disk so that no crash takes them. No Qt.

One file a text, written beside and renamed, in a folder of the project's own in the state directory. Files that cannot
be read, of whatever content, are passed over.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from ide.editor.textfile import Form, Stamp
from toolchains.errors import disk_errors

_SUFFIX = ".text"
_SCHEMA = 1


@dataclass(frozen=True)
class Backup:
    """A text that was not saved. ``path`` is None for a text that never had a file; ``caret`` is in UTF-8 bytes.

    ``stamp`` is the state of the file that the text was made from, to see whether that has changed since.
    """

    key: str
    path: Path | None
    text: str
    form: Form
    caret: int = 0
    stamp: Stamp | None = None


class Backups:
    """The texts kept in one folder. Call it from one worker at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, backup: Backup, utf8: bytes | None = None) -> None:
        """Keep a text in place of what was kept under its key. Raises DiskError; then the older one is still there.

        ``utf8``: the text, if it is at hand so; then ``backup.text`` is not looked at.
        """
        head = {
            "schema": _SCHEMA,
            "key": backup.key,
            "path": str(backup.path) if backup.path else None,
            "form": asdict(backup.form),
            "caret": backup.caret,
            "stamp": asdict(backup.stamp) if backup.stamp else None,
        }
        data = json.dumps(head).encode() + b"\n"
        if utf8 is None:
            utf8 = backup.text.encode("utf-8", "replace")
        target = self._file(backup.key)
        fresh = target.with_suffix(".part")
        with disk_errors(target):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with fresh.open("wb") as file:
                file.write(data)
                file.write(utf8)
            os.replace(fresh, target)

    def forget(self, key: str) -> None:
        """The text is saved, or not wanted."""
        with contextlib.suppress(OSError):
            self._file(key).unlink(missing_ok=True)

    def found(self) -> list[Backup]:
        """All texts that were kept, the oldest first."""
        try:
            files = sorted(self.folder.glob(f"*{_SUFFIX}"), key=lambda file: file.stat().st_mtime_ns)
        except OSError:
            return []
        read = (_read(file) for file in files)
        return [backup for backup in read if backup is not None]

    def some(self) -> bool:
        """Whether there is something."""
        try:
            return next(self.folder.glob(f"*{_SUFFIX}"), None) is not None
        except OSError:
            return False

    def _file(self, key: str) -> Path:
        return self.folder / (hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32] + _SUFFIX)


def _read(file: Path) -> Backup | None:
    try:
        first, _newline, rest = file.read_bytes().partition(b"\n")
        head = json.loads(first)
        form, stamp, caret = Form(**head["form"]), head["stamp"], head["caret"]
        "".encode(form.encoding)
        return Backup(
            str(head["key"]),
            Path(head["path"]) if head["path"] else None,
            rest.decode("utf-8", "replace"),
            form,
            caret if isinstance(caret, int) else 0,
            Stamp(**stamp) if stamp else None,
        )
    except (OSError, ValueError, KeyError, TypeError, LookupError, AttributeError, RecursionError):
        return None
