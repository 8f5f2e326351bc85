"""One tree of errors. An error carries data in fields and speaks a sentence: what failed, why, what to do next.

Rooms add their own leaves under the branches of this file. Only ``ide/cli`` and the window's ``notify`` catch the
base class. ``detail`` holds a tool's own words (compiler, board traceback), shown below our sentence, untranslated.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from toolchains.text import Text, _, sentences
from toolchains.units import size_text


class StudioError(Exception):
    """Root of the tree. ``code`` names the kind for programs, ``exit_code`` is what the CLI ends with."""

    code = "error"
    exit_code = 1

    def __init__(
        self,
        what: Text,
        *,
        why: Text | None = None,
        next_step: Text | None = None,
        detail: str = "",
        **fields: object,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.next_step = next_step
        self.detail = detail
        self.fields: dict[str, object] = fields

    def __str__(self) -> str:
        return sentences(*(part for part in (self.what, self.why, self.next_step) if part is not None))


class Cancelled(StudioError):
    """The person (or the program's end) cancelled the job."""

    code = "cancelled"
    exit_code = 130

    def __init__(self) -> None:
        super().__init__(_("Cancelled; nothing was left half done."))


class UsageError(StudioError):
    """The request itself cannot be understood or makes no sense."""

    code = "usage"
    exit_code = 2


class ProjectError(StudioError):
    """A project's files are missing or wrong."""

    code = "project"


class SdkError(StudioError):
    """A MicroPython source tree is missing, incomplete or unsupported."""

    code = "sdk"


class CompilerError(StudioError):
    """No compiler serves, or one does not work."""

    code = "compiler"


class BuildError(StudioError):
    """Compiling or linking failed."""

    code = "build"


class FirmwareError(StudioError):
    """Building a firmware failed."""

    code = "firmware"


class MpyError(StudioError):
    """An .mpy file is malformed, or will not load on the given board."""

    code = "mpy"


class FetchError(StudioError):
    """Something could not be had from outside, or what came was not what was asked for."""

    code = "fetch"


class BoardError(StudioError):
    """Something between us and a board failed."""

    code = "board"


class ToolMissing(StudioError):
    """A program of the system is missing and was not installed for the person."""

    code = "tool.missing"

    def __init__(self, program: str, *, command: str = "", n_bytes: int | None = None) -> None:
        size = f" ({size_text(n_bytes)})" if n_bytes else ""
        super().__init__(
            _("The program {program} is needed and is not on this computer.", program=program),
            next_step=_("Install it{size} with: {command}", size=size, command=command)
            if command
            else _("Install it, then try again."),
            program=program,
            command=command,
            n_bytes=n_bytes,
        )


class ToolFailed(StudioError):
    """A child process ended with an error. ``detail`` is what it printed."""

    code = "tool.failed"

    def __init__(self, argv: tuple[str, ...], returncode: int, output: str) -> None:
        super().__init__(
            _("{program} failed with exit code {returncode}.", program=Path(argv[0]).name, returncode=returncode),
            next_step=_("Its own words are below."),
            detail=output,
            argv=argv,
            returncode=returncode,
        )


class DiskError(StudioError):
    """The file system refused: no space, no permission, read-only, or another fault."""

    code = "disk"


def disk_error(error: OSError, path: Path | str) -> DiskError:
    """The sentence for an ``OSError`` about ``path``."""
    where = str(error.filename or path).removeprefix("\\\\?\\")  # Host.extended
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskError(
            _("There is no space left to write {path}.", path=where),
            next_step=_("Free some space on that disk, then try again."),
            path=str(where),
            errno=error.errno,
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return DiskError(
            _("There is no permission to read or write {path}.", path=where),
            next_step=_("Copy the project to a folder of your own, or set NATMOD_HOME to one that you can write."),
            path=str(where),
            errno=error.errno,
        )
    return DiskError(
        _("{path} cannot be used: {reason}.", path=where, reason=error.strerror or error),
        next_step=_("Check that it is there and that its disk is connected, then try again."),
        path=str(where),
        errno=error.errno,
    )


@contextmanager
def disk_errors(path: Path | str) -> Iterator[None]:
    """Turn any ``OSError`` of the body into a :class:`DiskError` that names the file."""
    try:
        yield
    except OSError as error:
        raise disk_error(error, path) from error
