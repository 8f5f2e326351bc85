"""Going on where a build was cut off: cancelled, killed, or out of room on the disk.

What a compiler was writing then may be half a file, and make, which looks at times only, would take it for whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from toolchains.errors import disk_errors
from toolchains.firmware.make import FirmwareBuildFailed

_MARK = "running"
#: How long before the last word of a build a file that is half written may have been touched.
_LAST_S = 5.0
#: Failures that come from outside: the compiler's own clean up its files.
_CUT_OFF = ("disk-full", "memory")


@contextmanager
def going_on(folder: Path, build: Path) -> Iterator[None]:
    """While the body builds into ``build``; a mark in ``folder`` stays where it does not come to its own end."""
    mark = folder / _MARK
    with disk_errors(folder):
        if mark.exists():
            _forget_the_last(build)
        mark.touch()
    try:
        yield
    except FirmwareBuildFailed as error:
        if error.fields["cause"] not in _CUT_OFF:
            mark.unlink(missing_ok=True)
        raise
    mark.unlink(missing_ok=True)


def _forget_the_last(build: Path) -> None:
    """Remove what was written in the last moments, and what is empty."""
    found = [(path, path.stat()) for path in build.rglob("*") if path.is_file()]
    if not found:
        return
    end = max(facts.st_mtime for _path, facts in found) - _LAST_S
    for path, facts in found:
        if facts.st_mtime >= end or not facts.st_size:
            path.unlink()
