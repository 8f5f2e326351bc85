"""What cannot be done, in words."""

from __future__ import annotations

from pathlib import Path

from toolchains.errors import ProjectError
from toolchains.text import Text


class CodeActionError(ProjectError):
    """The code at a place cannot be changed like that. Fields: ``path``, ``line`` (from 1) or None."""

    code = "action.refused"

    def __init__(self, what: Text, path: Path, line: int | None = None, next_step: Text | None = None) -> None:
        super().__init__(what, next_step=next_step, path=str(path), line=line)
