"""What is known of one toolchain, and the errors about them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toolchains.errors import CompilerError
from toolchains.on_this_machine import STORE
from toolchains.text import Text, _

if TYPE_CHECKING:
    from toolchains.compilers import Choice
    from toolchains.host import Host
    from toolchains.providers import Offer


class NoToolchain(CompilerError):
    """There is no toolchain of that name here, or none that can be had; ``why`` if that is known."""

    code = "toolchain.unknown"

    def __init__(self, name: str, why: Text | None = None) -> None:
        super().__init__(
            _("There is no toolchain called {name}.", name=name),
            why=why,
            next_step=_("See what is here, and what can be had: natmod toolchain list"),
            name=name,
        )


class NotOurs(CompilerError):
    """A toolchain that another program keeps: we use it, and leave it alone."""

    code = "toolchain.foreign"

    def __init__(self, one: Installed) -> None:
        super().__init__(
            _("{name} is not kept by Natmod Studio, and is left alone.", name=one.id),
            why=_("It is in {path}.", path=one.folder),
            next_step=_("Use the program that put it there."),
            name=one.id,
            path=str(one.folder),
        )


@dataclass(frozen=True)
class Installed:
    """A toolchain that is here. ``found_where``: ``store`` (ours), ``zig``, ``PATH``, or who keeps it.

    ``disk`` is in bytes, None where it would have to be counted; ``bin`` the folder of its programs, ``origin`` who
    made it; ``default_for`` the architectures that a person chose it for. ``version`` is empty where only running it
    tells.
    """

    id: str
    tool: str
    version: str
    arches: tuple[str, ...]
    folder: Path
    bin: Path
    disk: int | None
    origin: str
    default_for: tuple[str, ...]
    found_where: str

    @property
    def ours(self) -> bool:
        """Whether it can be verified, repaired and removed by us."""
        return self.found_where == STORE

    def program(self, name: str, host: Host) -> Path | None:
        """A program in it, or None."""
        found = self.bin / f"{name}{host.exe_suffix}"
        return found if found.is_file() else None


@dataclass(frozen=True)
class Need:
    """An architecture that is built for: the compiler that a build takes, and what can be had where it lacks something.

    ``offers``, best first, is empty where ``choice`` serves in full; beside a ``choice``, that one has no library for
    floats and long divisions, or should be made anew. An offer with a ``command`` or a ``problem`` is not got by us.
    """

    arch: str
    choice: Choice | None
    offers: tuple[Offer, ...] = ()

    @property
    def best(self) -> Offer | None:
        """The one to get; None where we can get none."""
        return next((offer for offer in self.offers if offer.by_us), None)
