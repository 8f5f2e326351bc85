"""What goes wrong with packages."""

from __future__ import annotations

from collections.abc import Sequence

from toolchains.errors import FetchError
from toolchains.text import Text, _


class PackageError(FetchError):
    """A package cannot be had, or is not what it should be. ``fields["package"]`` names it."""

    code = "package"


class PackageUnknown(PackageError):
    """The index has no package of that name, or not that version of it."""

    code = "package.unknown"

    def __init__(self, name: str, version: str = "", near: Sequence[str] = ()) -> None:
        what = _("There is no package called {name}.", name=name)
        if version:
            what = _("There is no version {version} of the package {name}.", version=version, name=name)
        step = _("Look for it with: natmod mip search WORD")
        if near:
            step = _("Did you mean {names}?", names=", ".join(near))
        super().__init__(what, next_step=step, package=name, version=version)


class PackageBroken(PackageError):
    """An index or a package.json that cannot be read. ``where``: its address or path."""

    code = "package.broken"

    def __init__(self, where: str, why: Text) -> None:
        super().__init__(
            _("{where} cannot be used as a package.", where=where),
            why=why,
            next_step=_("Tell whoever made it, or take another version."),
            package=where,
        )


class PackageUnsafe(PackageError):
    """It would write outside of the folder for packages, or read what is not its own."""

    code = "package.unsafe"

    def __init__(self, where: str, path: str) -> None:
        super().__init__(
            _("{where} names the file {path}, which no package may.", where=where, path=repr(path)),
            why=_("Files of a package lie inside the folder for packages, and come from where the package comes from."),
            next_step=_("Nothing was written. Do not use this package before its maker has mended it."),
            package=where,
            path=path,
        )


class PackageDamaged(PackageError):
    """A file came whole, and is not the one that the index means."""

    code = "package.damaged"

    def __init__(self, package: str, path: str, expected: str, got: str) -> None:
        super().__init__(
            _("{path} of {package} came with the wrong content (its hash differs).", path=path, package=package),
            why=_("The server, or something on the way, sent another file."),
            next_step=_("Nothing was written. Try again later, or on another network."),
            package=package,
            path=path,
            expected=expected,
            got=got,
        )


class PackageNotForBoard(PackageError):
    """A file of it would not load on this board. ``why`` is the loader's own reason."""

    code = "package.board"

    def __init__(self, package: str, path: str, why: object) -> None:
        super().__init__(
            _("{package} has no {path} for this board.", package=package, path=path),
            why=_("{reason}", reason=why),
            next_step=_("Nothing was written. Take another version, or its .py files (--py)."),
            package=package,
            path=path,
        )


class NoLibFolder(PackageError):
    """The board looks for modules in no folder that could hold packages."""

    code = "package.nofolder"

    def __init__(self) -> None:
        super().__init__(
            _("This board's sys.path has no folder called lib."),
            next_step=_("Name the folder with --target, such as --target /."),
        )


class NotInstalled(PackageError):
    """A package that shall be removed is not among those that were installed."""

    code = "package.notinstalled"

    def __init__(self, name: str, there: Sequence[str]) -> None:
        super().__init__(
            _("{name} was not installed on this board by Natmod Studio.", name=name),
            why=_("It has: {names}.", names=", ".join(there)) if there else None,
            next_step=_("Other files can be removed with: natmod rm"),
            package=name,
        )


class PackageNeeded(PackageError):
    """Another package on the board imports it."""

    code = "package.needed"

    def __init__(self, name: str, users: Sequence[str]) -> None:
        super().__init__(
            _("{name} is needed by {users} on this board.", name=name, users=", ".join(users)),
            next_step=_("Remove these, too: natmod mip remove {names}", names=" ".join((*users, name))),
            package=name,
        )
