"""Packages as records. Paths of files are posix and relative to the board's folder for packages (``/lib``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from toolchains.mpy_loads import Loader

#: The index of MicroPython itself (docs/reference/packages.rst).
INDEX = "https://micropython.org/pi/v2"
#: The newest version of a package.
LATEST = "latest"

Origin = Literal["index", "web", "local", "built"]


@dataclass(frozen=True)
class Listed:
    """A package in an index. ``versions``: by .mpy version (``"6"``, ``"py"``), newest last."""

    name: str
    version: str
    description: str = ""
    author: str = ""
    license: str = ""
    path: str = ""
    versions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def all_versions(self) -> tuple[str, ...]:
        """Every version, newest first."""
        return tuple(dict.fromkeys(reversed([one for kind in self.versions.values() for one in kind])))

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        versions = {kind: list(numbers) for kind, numbers in self.versions.items()}
        return {"name": self.name, "version": self.version, "description": self.description, "author": self.author,
                "license": self.license, "path": self.path, "versions": versions}  # fmt: skip


@dataclass(frozen=True)
class PackageFile:
    """One file of a package: its path below ``/lib``, and its address (http, or a path on this computer).

    ``prefix``: the first digits of its SHA-256, which its index gives; "" where nobody gives one: then ``unverified``
    says why. ``tag``: the ``sys.implementation._mpy`` that it is for, None: for all boards.
    """

    path: str
    address: str
    prefix: str = ""
    unverified: str = ""
    tag: int | None = None
    #: A release is named in the address: what is there must stay the same.
    pinned: bool = False


@dataclass(frozen=True)
class Package:
    """A package with its files. ``wanted``: the person asked for it; else another one needs it."""

    name: str
    version: str
    origin: Origin
    address: str
    files: tuple[PackageFile, ...] = ()
    deps: tuple[str, ...] = ()
    wanted: bool = True

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        files = [file.path for file in self.files]
        unverified = {file.path: file.unverified for file in self.files if file.unverified}
        return {"name": self.name, "version": self.version, "origin": self.origin, "address": self.address,
                "files": files, "unverified": unverified, "deps": list(self.deps), "wanted": self.wanted}  # fmt: skip


@dataclass(frozen=True)
class BoardFacts:
    """What of a board decides which files it gets. ``lib``: its folder for packages, absolute.

    ``python``: take .py files even where it loads .mpy. ``compiled``: make .mpy files of those that are .py.
    """

    loader: Loader
    lib: str
    python: bool = False
    compiled: bool = False

    @property
    def mpy_key(self) -> str:
        """Its name in the index: the major .mpy version, or ``py``."""
        return "py" if self.python or not self.loader.mpy else str(self.loader.mpy & 0xFF)

    @property
    def abi(self) -> str:
        """Its .mpy version with the sub-version, ``6.3``."""
        return f"{self.loader.mpy & 0xFF}.{self.loader.mpy >> 8 & 3}"


@dataclass(frozen=True)
class Content:
    """A file that is here now, ready for the board."""

    file: PackageFile
    data: bytes
    sha256: str


@dataclass(frozen=True)
class Gathered:
    """All that an install needs: the packages, those that are needed first, and every file's content."""

    packages: tuple[Package, ...]
    contents: Mapping[str, tuple[Content, ...]]

    @property
    def n_bytes(self) -> int:
        """Bytes of all files."""
        return sum(len(one.data) for files in self.contents.values() for one in files)


@dataclass(frozen=True)
class Installed:
    """A package on a board, from the note there. ``files``: path below its folder to sha256 (hex)."""

    name: str
    version: str
    address: str
    files: Mapping[str, str]
    deps: tuple[str, ...] = ()
    wanted: bool = True

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        return {"name": self.name, "version": self.version, "address": self.address, "files": dict(self.files),
                "deps": list(self.deps), "wanted": self.wanted}  # fmt: skip


@dataclass(frozen=True)
class InstallReport:
    """What an install did. ``skipped``: files (paths on the board) that were there already; ``hidden``: .py files that
    ``import`` finds before a new .mpy, and that were left since nobody here put them there."""

    packages: tuple[Package, ...]
    lib: str
    written: tuple[str, ...]
    skipped: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    seconds: float = 0.0

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        return {"schema": 1, "kind": "mip install", "packages": [one.to_json() for one in self.packages],
                "lib": self.lib, "written": list(self.written), "skipped": list(self.skipped),
                "hidden": list(self.hidden), "seconds": round(self.seconds, 4)}  # fmt: skip


@dataclass(frozen=True)
class RemoveReport:
    """What a removal did: packages that went, files (paths on the board) that went, and those that somebody changed
    since and that were left."""

    packages: tuple[str, ...]
    removed: tuple[str, ...]
    left: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        return {"schema": 1, "kind": "mip remove", "packages": list(self.packages), "removed": list(self.removed),
                "left": list(self.left)}  # fmt: skip
