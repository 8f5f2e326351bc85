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
_SHARED = ("data", "cache")


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
    """Make ``home`` a private ``NATMOD_HOME`` whose data and cache are the shared ones; its folders."""
    home.mkdir(parents=True, exist_ok=True)
    for name in _SHARED:
        (shared_home() / name).mkdir(exist_ok=True)
        if not (home / name).exists():
            (home / name).symlink_to(shared_home() / name, target_is_directory=True)
    return Paths.from_environment({"NATMOD_HOME": str(home)})
