"""A process that installs an archive into a store and kills itself on the way.

Its words: ``ROOT ARCHIVE before|after|check|touch|never N``.

``before`` and ``after`` count its renames, ``check`` counts the moments at which a job can be cancelled, ``touch``
every file or folder that is opened, made, linked, moved or removed. ``never`` installs to the end.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from toolchains.archive import unpack
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.store import Seal, Store

_left = 0


def _count() -> None:
    global _left
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)


class _DyingHost(Host):
    """Dies at its n-th rename."""

    moment = ""

    def replace(self, source: Path, target: Path) -> None:
        if self.moment == "before":
            _count()
        super().replace(source, target)
        if self.moment == "after":
            _count()


class _DyingContext(JobContext):
    """Dies at its n-th check."""

    moment = ""

    def check(self) -> None:
        if self.moment == "check":
            _count()
        super().check()


_TOUCHES = {"open", "os.rename", "os.mkdir", "os.link", "os.symlink", "os.remove", "os.rmdir", "os.scandir"}


def _on_touch(event: str, _args: tuple[object, ...]) -> None:
    if event in _TOUCHES:
        _count()


def install(ctx: JobContext, root: Path, archive: Path) -> None:
    """Install the archive under the name ``thing``; the stamp says which archive it was."""

    seal = Seal()

    def fill(folder: Path) -> tuple[str, Mapping[str, object]]:
        unpack(ctx, archive, folder, links="keep", seal=seal)
        return "thing", {"origin": archive.name}

    Store(root).install(ctx, fill, lambda folder: ctx.check(), seal=seal)


def dying(moment: str, number: int) -> JobContext:
    """A job that ends this process at its n-th moment of that kind."""
    global _left
    _left = number
    _DyingHost.moment = _DyingContext.moment = moment
    if moment == "touch":
        sys.addaudithook(_on_touch)
    return _DyingContext(_DyingHost("linux", "x86_64"))


def main(root: str, archive: str, moment: str, number: str) -> None:
    """Install, or die trying."""
    install(dying(moment, int(number)), Path(root), Path(archive))


if __name__ == "__main__":
    main(*sys.argv[1:])
