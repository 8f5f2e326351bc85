"""What studio.py was asked before the verb: ``--from PACK`` and ``--portable``. Standard library only.

Loaded at every start, so it is short; :mod:`toolchains.setup_packages` is loaded when something has to be installed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from toolchains import portable
from toolchains.errors import StudioError, UsageError, disk_errors
from toolchains.host_languages import OPTION
from toolchains.text import _, use_language

if TYPE_CHECKING:
    from toolchains.setup_packages import Packages

__all__ = ["Begun", "Machine", "StudioError", "begin"]


class Machine(Protocol):
    """What of studio.py's Machine is needed here."""

    version: tuple[int, int]
    platform: str
    processor: str
    environ: MutableMapping[str, str]

    def works(self, program: str) -> bool:
        """Whether a program is there and runs."""

    def run(self, argv: list[str], **more: object) -> tuple[int, str]:
        """Run a program silently; its exit code and what it printed."""


@dataclass
class Begun:
    """What was asked of studio.py: the words that are left, and where packages come from."""

    words: Sequence[str]
    args: list[str]
    root: Path
    machine: Machine
    say: Callable[..., None]
    #: The pack that ``--from`` names, and the folder of the data of a portable copy.
    named: str | None
    home: Path | None

    @cached_property
    def packages(self) -> Packages:
        """Where pip gets packages from. What it says is in the person's language."""
        from toolchains.setup_packages import Packages

        speak(self.words, self.root)
        return Packages(self.root, self.machine, self.say, self.named, self.home)

    def settle(self, python: str) -> None:
        """Once the engine is there: let it know the pack, and say what the pack lacks for a first run."""
        if self.named or "packages" in self.__dict__:
            self.packages.settle(python, speak(self.words, self.root))


def begin(args: Sequence[str], machine: Machine, root: str, say: Callable[..., None]) -> Begun:
    """Take ``--from PACK`` and ``--portable``, which stand before the verb, out of the words. Raises StudioError."""
    if any(word.startswith(("--from", "--portable")) for word in args):
        speak(args, Path(root))
    named, is_portable, rest = taken(args)
    home = _portable_home(machine, Path(root), wanted=is_portable, say=say)
    return Begun(args, rest, Path(root), machine, say, named, home)


def speak(words: Sequence[str], root: Path) -> str:
    """Have sentences in the language that the words, the room or the system ask for, which is returned."""
    from toolchains.host_languages import for_setting_up

    folder = root / "resources" / "locale"
    language = for_setting_up(words, os.listdir(folder) if folder.is_dir() else [])[0]
    use_language(folder, language)
    return language


def taken(args: Sequence[str]) -> tuple[str | None, bool, list[str]]:
    """What ``--from`` names, whether ``--portable`` is there, and the other words. Raises UsageError."""
    named, is_portable, rest = None, False, []
    words = list(args)
    while words and words[0].startswith("--"):
        option, equals, value = words.pop(0).partition("=")
        if option == "--portable" and not equals:
            is_portable = True
        elif option == "--from":
            named = value if equals else words.pop(0) if words else ""
            if not named or named.startswith("--"):
                raise UsageError(
                    _("--from needs the pack's place."),
                    next_step=_("Write a file that ends with .natmodpack, a folder, or an address after it."),
                )
        else:
            rest.append(option + equals + value)
            if option != OPTION:
                break
            rest += [] if equals or not words else [words.pop(0)]
    return named, is_portable, rest + words


def _portable_home(machine: Machine, root: Path, *, wanted: bool, say: Callable[..., None]) -> Path | None:
    """The folder of the data of a portable copy, which pip's cache is in as well."""
    elsewhere = machine.environ.get(portable.VARIABLE)
    if elsewhere:
        if wanted:
            say("{text}", text=_("NATMOD_HOME is set: the data stay in {folder}.", folder=elsewhere))
        return None
    with disk_errors(root):
        home = portable.mark(root) if wanted else portable.marked(root)
    if home is not None:
        machine.environ["PIP_CACHE_DIR"] = str(home / "pip-cache")
        if wanted:
            say("{text}", text=_("From now on, all data are kept in {folder}.", folder=home))
        if wanted and machine.platform == "win32":
            _advise(home, say)
    return home


def _advise(home: Path, say: Callable[..., None]) -> None:
    """On Windows compilers are moved out of a path that they cannot read (:func:`toolchains.plain.store_of`)."""
    from toolchains.plain import is_plain

    if not is_plain(str(home)):
        advice = _("Windows' compilers cannot read this path and are kept elsewhere; use a folder with plain letters.")
        say("{text}", text=advice)
