"""A process that downloads an archive and installs it into a store, and may kill itself on the way.

Its words: ``ROOT FOLDER URL HASH SIZE before|after|check|touch|never N``; the last two are those of
:mod:`tests.fakes.dying_installer`. The archive is kept in ``FOLDER``. It ends with 0 when the archive is installed.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from tests.fakes import dying_installer
from toolchains.fetch import Download, fetch


def main(root: str, folder: str, url: str, check: str, size: str, moment: str, number: str) -> None:
    """Download and install, or die trying."""
    importlib.import_module("toolchains.fetch_tries")  # reading our own modules is no moment to die at
    ctx = dying_installer.dying(moment, int(number))
    archive = fetch(ctx, Download(url, "new", check, int(size)), Path(folder))
    dying_installer.install(ctx, Path(root), archive)


if __name__ == "__main__":
    main(*sys.argv[1:])
