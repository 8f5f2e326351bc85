"""A reader without a project around it, and GNU make itself to compare with."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from toolchains.makefile.asking import Asking
from toolchains.makefile.reader import Reader
from toolchains.makefile.variables import Variables
from toolchains.makefile.world import Names, World


def reader(
    folder: Path, given: Mapping[str, str] | None = None, environment: Mapping[str, str] | None = None
) -> Reader:
    """A reader in ``folder`` that knows the answer to no command."""
    world = World(folder, Names(folder, folder / "sdk"))
    asking = Asking(world, lambda text: None, {}, lambda name, value: None, lambda name, value: None)
    made = Reader(asking, Variables((environment or {}).get))
    made.give(given or {}, "command line")
    return made


def evaluated(folder: Path, text: str, given: Mapping[str, str] | None = None) -> list[str]:
    """The lines that the makefile ``text`` prints by ``$(info …)``."""
    (folder / "Makefile").write_text(text, "utf-8")
    made = reader(folder, given)
    made.read("Makefile")
    return [line for info in made.asking.infos for line in info.split("\n")]


def by_make(folder: Path, text: str, given: Mapping[str, str] | None = None) -> list[str]:
    """The same by GNU make; skips the test where there is none."""
    make = shutil.which("make")
    if make is None:
        pytest.skip("make is not installed")
    (folder / "Makefile").write_text(f"{text}\nall_of_it:;@:\n.DEFAULT_GOAL := all_of_it\n", "utf-8")
    argv = [make, "--no-print-directory", *(f"{name}={value}" for name, value in (given or {}).items())]
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(argv, cwd=folder, env={**env, "LC_ALL": "C"}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.removesuffix("\n").split("\n") if done.stdout else []
