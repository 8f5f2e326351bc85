"""Folders for tests: one shared by a whole run for what is dear to make, and a private one for each test.

SDK trees and simulator firmware cost seconds to minutes, so a run makes them once, in the folder that
``NATMOD_TEST_CACHE`` names (default: ``.natmod/test-cache`` in the checkout, ignored by git). What it holds is keyed by
content, so that a later run may use it again.
"""

from __future__ import annotations

import os
from pathlib import Path

from toolchains.paths import Paths

CHECKOUT = Path(__file__).resolve().parent.parent
_SHARED = ("data/sdk", "data/downloads", "cache")
_borrowed: list[Path] = []


def shared_home() -> Path:
    """The ``NATMOD_HOME`` of everything that a run makes once."""
    named = os.environ.get("NATMOD_TEST_CACHE")
    home = Path(named).expanduser().absolute() if named else CHECKOUT / ".natmod" / "test-cache"
    home.mkdir(parents=True, exist_ok=True)
    return home


def shared_paths() -> Paths:
    """The folders of the shared home."""
    return Paths.from_environment({"NATMOD_HOME": str(shared_home())})


def borrow(home: Path) -> Paths:
    """Make ``home`` a private ``NATMOD_HOME`` that has the shared one's SDK trees, toolchains and cache; its folders.

    What is installed there or imported stays there: the shared home gets no toolchain and no catalogue that a test
    made up. A compiler that :class:`tests.compilers.Compilers` gets later is lent, too.
    """
    shared = shared_home()
    (home / "data" / "toolchains").mkdir(parents=True, exist_ok=True)
    for name in _SHARED:
        (shared / name).mkdir(parents=True, exist_ok=True)
        if not (home / name).exists():
            (home / name).symlink_to(shared / name, target_is_directory=True)
    _borrowed.append(home)
    lend_toolchains()
    return Paths.from_environment({"NATMOD_HOME": str(home)})


def lend_toolchains() -> None:
    """Let every borrowed home that is still there have the toolchains that the shared one has now."""
    _borrowed[:] = [home for home in _borrowed if home.is_dir()]
    for lent in (shared_home() / "data" / "toolchains").glob("[!.]*"):
        for home in _borrowed:
            own = home / "data" / "toolchains" / lent.name
            if not own.is_symlink() and not own.exists():
                own.symlink_to(lent, target_is_directory=True)
