"""User C modules: where they are, what they are called, whether they clash, and whether they got into the image."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from toolchains.c_text import blanked, functions
from toolchains.errors import FirmwareError, disk_errors
from toolchains.firmware.table import MODULE_FILES
from toolchains.sdk_tree import SdkTree
from toolchains.text import Text, _

_REGISTERED = re.compile(r"\bMP_REGISTER_(?:EXTENSIBLE_)?MODULE\s*\(\s*MP_QSTR_(\w+)\s*,\s*(\w+)")
_SOURCES = (".c", ".cpp", ".cc", ".cxx")
#: No module's sources are more.
_MOST_FILES = 2000


class BadUserModule(FirmwareError):
    """A user C module cannot be built in as it is. Fields: ``module``, ``path``."""

    code = "firmware.module"

    def __init__(self, module: str, what: Text, step: Text, path: Path | None = None) -> None:
        super().__init__(what, next_step=step, module=module, path=str(path) if path else None)


class NotInImage(FirmwareError):
    """The build ended well, and the firmware does not hold a module that it was to have."""

    code = "firmware.missing-module"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            _("The firmware was built without the module {names}.", names=", ".join(names)),
            why=_("Its description did not add its source to the build, or a flag switches it off."),
            next_step=_("Look at its micropython.mk: SRC_USERMOD_C must name the C file with MP_REGISTER_MODULE."),
            names=tuple(names),
        )


@dataclass(frozen=True)
class UserModule:
    """A folder with a user C module. ``names`` are what Python imports, ``objects`` the C objects that register them,
    one for each name."""

    folder: Path
    names: tuple[str, ...]
    objects: tuple[str, ...]
    make: bool
    cmake: bool


def read(folder: Path) -> UserModule:
    """Look at a module's folder. Raises :class:`BadUserModule` for one that no port could build, ``DiskError``."""
    name = folder.name
    make, cmake = ((folder / file).is_file() for file in MODULE_FILES)
    if not make and not cmake:
        what = _("The folder {name} is no user C module: it has no micropython.mk.", name=name)
        raise BadUserModule(name, what, _where_it_is(folder), folder)
    found: list[tuple[str, str]] = []
    for path in _sources(folder):
        with disk_errors(path):
            text = path.read_text("utf-8", "replace")
        code = blanked(text)
        found += _REGISTERED.findall(code)
        if path.suffix == ".c" and any(one.name == "main" for one in functions(text)):
            what = _(
                "The module {name} defines main() in {file}; the firmware has one already.", name=name, file=path.name
            )
            raise BadUserModule(name, what, _("Rename the function, or take the file out of micropython.mk."), path)
    return UserModule(folder, tuple(one for one, _object in found), tuple(each for _one, each in found), make, cmake)


def _where_it_is(folder: Path) -> Text:
    """The folder of ``natmod stub --out`` holds the module's, which is the one to list."""
    with disk_errors(folder):
        inner = sorted(one for name in MODULE_FILES for one in folder.glob(f"*/{name}"))
    if inner:
        return _("The module is in {folder}: list that one.", folder=f"{folder.name}/{inner[0].parent.name}")
    return _("Write one: natmod stub --kind usermod makes it.")


def check(modules: Iterable[UserModule], sdk: SdkTree, frozen: Iterable[str] = ()) -> None:
    """Refuse two modules with one name, and a name that MicroPython or a file to freeze has.

    Raises :class:`BadUserModule`.
    """
    python = {Path(path).name.removesuffix(".py"): path for path in frozen}
    seen: dict[str, UserModule] = {}
    built_in = _built_in(sdk)
    for module in modules:
        for name in module.names:
            if name in seen:
                what = _(
                    "The folders {one} and {other} both make the module {name}.",
                    one=seen[name].folder.name, other=module.folder.name, name=name,
                )  # fmt: skip
                raise BadUserModule(name, what, _("Rename one of them, in MP_REGISTER_MODULE too."), module.folder)
            if name in built_in:
                what = _("MicroPython has a module {name} of its own.", name=name)
                raise BadUserModule(name, what, _("Give yours another name, in MP_REGISTER_MODULE too."), module.folder)
            if name in python:
                what = _(
                    "{path} would never be imported: the C module {name} comes first.", path=python[name], name=name
                )
                raise BadUserModule(name, what, _("Give one of the two another name."), module.folder)
            seen[name] = module


def missing(modules: Iterable[UserModule], symbols: Iterable[str]) -> tuple[str, ...]:
    """The names of modules whose object is not among the image's symbols."""
    there = set(symbols)
    return tuple(
        name
        for module in modules
        for name, each in zip(module.names, module.objects, strict=True)
        if each not in there
    )  # fmt: skip


def _built_in(sdk: SdkTree) -> set[str]:
    """Names that the core and extmod register (:data:`MP_REGISTER_MODULE`, not the extensible ones)."""
    found = set[str]()
    for part in ("py", "extmod"):
        for path in sorted((sdk.path / part).glob("mod*.c")):
            with disk_errors(path):
                found.update(name for name, _object in _REGISTERED.findall(path.read_text("utf-8", "replace")))
    return found


def _sources(folder: Path) -> list[Path]:
    with disk_errors(folder):
        found = [path for path in folder.rglob("*") if path.suffix in _SOURCES and path.is_file()]
    return sorted(found)[:_MOST_FILES]
