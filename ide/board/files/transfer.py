"""Files to a board and from it. Each is written under a temporary name, verified by its hash, then renamed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ide.board.files.records import FileContent, TransferReport, Upload
from ide.board.link import Board
from toolchains.jobs import JobContext


def upload(ctx: JobContext, board: Board, files: Sequence[Upload], *, overwrite: bool = True) -> TransferReport:
    """Write ``files`` to the board, folders as needed; a file that it has already (same hash) is not sent.

    Raises, before the first byte goes: BoardFull, AlreadyThere (without ``overwrite``, when a file there differs),
    IsFolder, DiskError. Later BoardFileError, BoardGarbled; then each path has its old file or the new one.
    Progress in bytes of all files.
    """
    raise NotImplementedError


def download(ctx: JobContext, board: Board, paths: Sequence[str], folder: Path) -> TransferReport:
    """Fetch files and folders (with all below them) into ``folder``, each under its last name; existing ones are
    replaced. Names that this computer cannot have are changed: see ``local`` of what comes back.

    Raises NotOnBoard, BoardGarbled, DiskError.
    """
    raise NotImplementedError


def read_file(ctx: JobContext, board: Board, path: str) -> FileContent:
    """The content of one file. Raises NotOnBoard, IsFolder, BoardGarbled."""
    raise NotImplementedError


def write_file(ctx: JobContext, board: Board, path: str, data: bytes, *, expected: str | None = None) -> FileContent:
    """Put ``data`` in the place of ``path``. ``expected``: the sha256 (hex) that the file there must have, "" when
    there must be none, None when it does not matter. Raises ChangedOnBoard, BoardFull, BoardFileError, BoardGarbled.
    """
    raise NotImplementedError
