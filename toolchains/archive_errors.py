"""What can be wrong with an archive: damaged by accident, or made to do harm."""

from __future__ import annotations

import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from toolchains.errors import FetchError
from toolchains.text import Text, _

#: What the readers of the standard library raise for content that makes no sense.
DAMAGE = (
    *(EOFError, OSError, ValueError, OverflowError, struct.error, zlib.error, lzma.LZMAError),
    *(tarfile.TarError, zipfile.BadZipFile),
    RuntimeError,  # zipfile: encrypted, or a compression that Python does not have; tarfile: headers without end
)


class ArchiveDamaged(FetchError):
    """The archive is truncated, broken, or no archive at all."""

    code = "archive.damaged"

    def __init__(self, archive: Path, reason: object) -> None:
        super().__init__(
            _("The archive {path} is damaged.", path=archive),
            why=_("It says: {reason}.", reason=reason),
            next_step=_("Remove it and get it again."),
            path=str(archive),
        )


class ArchiveUnsafe(FetchError):
    """The archive holds something that no honest archive of ours holds; nothing of it was kept."""

    code = "archive.unsafe"

    def __init__(self, archive: Path, member: str, reason: Text) -> None:
        super().__init__(
            _("The archive {path} was refused because of {member}.", path=archive, member=repr(member)),
            why=reason,
            next_step=_("Get it from its official address."),
            path=str(archive),
            member=member,
        )


@contextmanager
def reading(archive: Path) -> Iterator[None]:
    """Around each read from the archive: whatever goes wrong there is the archive's fault, not the disk's."""
    try:
        yield
    except DAMAGE as error:
        raise ArchiveDamaged(archive, error) from error
