"""What goes wrong with files on a board.

A full one is :class:`~ide.board.errors.BoardFull`; what its filesystem refuses else is
:class:`~ide.board.file_session.BoardFileError`.
"""

from __future__ import annotations

from toolchains.errors import BoardError, DiskError
from toolchains.text import Text, _

#: What to do about a preview that is true no more.
LOOK_AGAIN = _("Look at the preview again: nothing was written.")


class NotOnBoard(BoardError):
    """There is nothing of that name on the board."""

    code = "files.missing"

    def __init__(self, path: str) -> None:
        super().__init__(
            _("The board has no {path}.", path=path),
            next_step=_("Look at what it has, then name one of those."),
            path=path,
        )
        self.path = path


class IsFolder(BoardError):
    """A file is wanted and there is a folder. ``next_step``: what to do about it where the request was made."""

    code = "files.folder"

    def __init__(self, path: str, next_step: Text | None = None) -> None:
        super().__init__(
            _("{path} is a folder on the board.", path=path),
            next_step=next_step or _("Name a file in it, or say that all of it is meant."),
            path=path,
        )
        self.path = path


class NotAFolder(BoardError):
    """A folder is wanted and there is a file."""

    code = "files.notfolder"

    def __init__(self, path: str) -> None:
        super().__init__(
            _("{path} is a file on the board, not a folder.", path=path),
            next_step=_("Choose another place, or rename that file."),
            path=path,
        )
        self.path = path


class AlreadyThere(BoardError):
    """Something of that name is there, and it was not said that it may be replaced."""

    code = "files.there"

    def __init__(self, path: str) -> None:
        super().__init__(
            _("{path} is there already.", path=path),
            why=_("What is there is not replaced unless that was asked for."),
            next_step=_("Choose another name, or say that it may be replaced."),
            path=path,
        )
        self.path = path


class ChangedOnBoard(BoardError):
    """The file on the board is not the one that was read. ``there``: its sha256 (hex) now, None when it is gone."""

    code = "files.changed"

    def __init__(self, path: str, there: str | None) -> None:
        gone = _("It is not there any more.")
        other = _("A program on the board, or somebody else, changed it since it was read.")
        super().__init__(
            _("{path} on the board is not the file that was opened.", path=path),
            why=gone if there is None else other,
            next_step=_("Look at what the board has now, then keep one of the two, or save under another name."),
            path=path,
            there=there,
        )
        self.path = path
        self.there = there


class BadPath(BoardError):
    """A path that cannot be one on a board."""

    code = "files.path"

    def __init__(self, path: str) -> None:
        super().__init__(
            _("{path} cannot be the name of a file on a board.", path=repr(path)),
            next_step=_("Use an absolute path such as /lib/driver.py, with names of at most 255 bytes."),
            path=path,
        )


class ChangedHere(DiskError):
    """A file on this computer is not what it was when the plan of a sync was shown."""

    code = "files.changed-here"

    def __init__(self, local: str) -> None:
        super().__init__(
            _("{local} was changed on this computer after the preview was made.", local=local),
            next_step=LOOK_AGAIN,
            local=local,
        )
