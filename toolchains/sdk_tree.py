"""One MicroPython source tree: the headers, ``mpy_ld.py`` and ``mpy-tool.py`` of *that* release.

A tree speaks for itself: its version is read from py/mpconfig.h, its .mpy version from py/persistentcode.h, its symbol
table from py/nativeglue.h and tools/mpy_ld.py, always as data. Nothing of a tree is imported or run here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from toolchains.contents import MEMO, MISSING, digest_of
from toolchains.errors import SdkError, UsageError
from toolchains.text import _

DEFAULT_VERSION = "1.26.1"
#: In a tree of a firmware project that extends the table of functions: the name that its modules carry.
SDK_NAME = "py/natmod_sdk.h"
#: The first and the last MicroPython release (major, minor) whose trees were tried.
SUPPORTED = ((1, 22), (1, 29))

_HEADERS = (
    "dynruntime binary obj mpconfig misc qstr mpprint runtime0 nativeglue persistentcode reader emitglue bc runtime "
    "mpstate mpthread nlr objlist objexcept objtuple pystack cstack stream mperrno objfun objstr objarray objtype"
)
#: What a native build reads from a tree: the closure of ``#include "py/dynruntime.h"`` and the tools (``gcc -M``).
REQUIRED = (
    "tools/mpy_ld.py",
    "tools/ar_util.py",
    "tools/mpy-tool.py",
    "py/makeqstrdata.py",
    *(f"py/{name}.h" for name in _HEADERS.split()),
)
#: Those that came with a later release than the first supported one. Without ar_util.py no library can be linked.
_CAME_WITH = {"py/cstack.h": (1, 24), "tools/ar_util.py": (1, 25)}

Version = tuple[int, int, int]


class SdkIncomplete(SdkError):
    """A file that is needed is not in the tree."""

    code = "sdk.incomplete"

    def __init__(self, path: Path, missing: str) -> None:
        super().__init__(
            _("The MicroPython tree {path} lacks the file {missing}.", path=path, missing=missing),
            next_step=_("Use a complete source tree: an official release archive, or a git checkout."),
            path=str(path),
            missing=missing,
        )


class SdkUnsupported(SdkError):
    """The tree's release is older or newer than what was tried."""

    code = "sdk.unsupported"

    def __init__(self, version: str) -> None:
        super().__init__(
            _("MicroPython {version} is not supported.", version=version),
            next_step=_(
                "Use a release from {oldest} to {newest}.", oldest=_dotted(SUPPORTED[0]), newest=_dotted(SUPPORTED[1])
            ),
            version=version,
        )


class SdkNotFound(SdkError):
    """No tree of that version is installed."""

    code = "sdk.missing"

    def __init__(self, version: str, installed: Iterable[str]) -> None:
        there = ", ".join(installed)
        super().__init__(
            _("The MicroPython tree {version} is not installed.", version=version),
            why=_("Installed: {versions}.", versions=there) if there else None,
            next_step=_(
                "Get one of MicroPython {oldest} to {newest}, for example: natmod sdk get {version}",
                oldest=_dotted(SUPPORTED[0]),
                newest=_dotted(SUPPORTED[1]),
                version=DEFAULT_VERSION,
            ),
            version=version,
            installed=there,
        )


class SdkUnavailable(SdkError):
    """No source gave the tree. ``detail`` says, source by source, why."""

    code = "sdk.unavailable"

    def __init__(self, version: str, problems: Iterable[str]) -> None:
        super().__init__(
            _("The sources of MicroPython {version} could not be had.", version=version),
            why=_("What each place said is below."),
            next_step=_(
                "Bring micropython-{version}.tar.xz from elsewhere and type: natmod sdk add FILE", version=version
            ),
            detail="\n".join(problems),
            version=version,
        )


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in numbers)


def version_key(version: str) -> Version:
    """``1.26.1`` and ``v1.27.0-preview`` as three numbers; UsageError for anything else."""
    match = re.fullmatch(r"v?(\d+)\.(\d+)(?:\.(\d+))?(?:-[\w.+-]*)?", version)
    if match is None:
        raise UsageError(
            _("{version} is no MicroPython version.", version=version),
            next_step=_("Write it like {example}.", example=DEFAULT_VERSION),
            version=version,
        )
    return int(match[1]), int(match[2]), int(match[3] or 0)


def check_supported(version: str) -> None:
    """Raise :class:`SdkUnsupported` unless the release is one that was tried."""
    if not SUPPORTED[0] <= version_key(version)[:2] <= SUPPORTED[1]:
        raise SdkUnsupported(version)


@dataclass(frozen=True)
class SdkTree:
    """A MicroPython source tree on disk. ``origin`` says where it came from (``folder``, ``archive``, an address)."""

    path: Path
    version: str
    origin: str

    @staticmethod
    def open(path: Path, origin: str = "folder") -> SdkTree:
        """The tree at ``path``, checked: all files of :attr:`required` are there and the release is supported."""
        tree = SdkTree(path, _read_version(path), origin)
        check_supported(tree.version)
        tree.require(*tree.required)
        return tree

    @property
    def key(self) -> Version:
        """The version as three numbers, for comparing."""
        return version_key(self.version)

    @property
    def required(self) -> tuple[str, ...]:
        """Those of :data:`REQUIRED` that this release has."""
        return tuple(name for name in REQUIRED if self.key[:2] >= _CAME_WITH.get(name, (0, 0)))

    @property
    def links_libraries(self) -> bool:
        """Whether its ``mpy_ld.py`` knows libraries (``-l``)."""
        return "tools/ar_util.py" in self.required

    @property
    def links_externs(self) -> bool:
        """Whether its ``mpy_ld.py`` knows symbols at fixed addresses (``--externs``)."""
        return self.key >= (1, 26, 0)

    @cached_property
    def mpy_version(self) -> int:
        """The .mpy major version that this tree writes (6)."""
        return _define(self.path, "py/persistentcode.h", "MPY_VERSION")

    @cached_property
    def mpy_sub_version(self) -> int:
        """The .mpy sub-version of native code (3)."""
        return _define(self.path, "py/persistentcode.h", "MPY_SUB_VERSION")

    @cached_property
    def linkable(self) -> tuple[str, ...]:
        """The symbols that mpy_ld.py resolves by itself, in the order of its own table."""
        return ("mp_fun_table", "mp_native_qstr_table", "mp_native_obj_table", *_linker_table(self.path))

    @cached_property
    def table(self) -> tuple[str, ...]:
        """The entries of ``mp_fun_table``, in order: a position here is the number in the .mpy's relocations."""
        return _fun_table(self.path)

    @property
    def symbols(self) -> tuple[str, ...]:
        """All that the firmware offers to a module: what the linker resolves, then the entries of the table."""
        return (*self.linkable, *self.table)

    @cached_property
    def identity(self) -> str:
        """SHA-256 over :attr:`required`, so that a changed tree rebuilds what was built with it."""
        contents = [(name, MEMO.of(self.path / name)) for name in self.required]
        for name, content in contents:
            if content == MISSING:
                raise SdkIncomplete(self.path, name)
        return digest_of(contents)

    def afresh(self) -> SdkTree:
        """The same tree without what was read from it so far: somebody may have changed it since."""
        return replace(self)

    def require(self, *relative: str) -> None:
        """Raise :class:`SdkIncomplete`, which names the file, unless all of these are in the tree."""
        for name in relative:
            if not (self.path / name).exists():
                raise SdkIncomplete(self.path, name)


def _bytes(tree: Path, name: str) -> bytes:
    try:
        return (tree / name).read_bytes()
    except OSError as error:
        raise SdkIncomplete(tree, name) from error


def _text(tree: Path, name: str) -> str:
    return _bytes(tree, name).decode("utf-8", "replace")


def _define(tree: Path, header: str, name: str) -> int:
    match = re.search(
        rf"^[ \t]*#[ \t]*define[ \t]+{name}[ \t]+\(?(\d+)\)?[ \t]*(?://.*|/\*.*)?$", _text(tree, header), re.M
    )
    if match is None:
        raise SdkError(
            _("{header} of the tree {path} does not define {name}.", header=header, path=tree, name=name),
            next_step=_("Use an official release archive, or a git checkout, of MicroPython."),
            path=str(tree),
            name=name,
        )
    return int(match[1])


def _read_version(tree: Path) -> str:
    numbers = [_define(tree, "py/mpconfig.h", f"MICROPY_VERSION_{part}") for part in ("MAJOR", "MINOR", "MICRO")]
    preview = _define(tree, "py/mpconfig.h", "MICROPY_VERSION_PRERELEASE")
    return _dotted(tuple(numbers)) + ("-preview" if preview else "")


def _linker_table(tree: Path) -> tuple[str, ...]:
    """What tools/mpy_ld.py resolves by itself.

    The list behind ``fun_table = {key: ... for idx, key in enumerate([...])}``, and from 1.29 on the names of
    ``sym.name in ("memset", ...)``.
    """
    names: list[str] = []
    for node in ast.walk(ast.parse(_bytes(tree, "tools/mpy_ld.py"))):
        match node:
            case ast.Assign(targets=[ast.Name(id="fun_table")], value=value):
                names += [name for part in ast.walk(value) for name in _strings(part)]
            case ast.Compare(left=ast.Attribute(value=ast.Name(id="sym"), attr="name"), ops=[ast.In()]):
                names += _strings(node.comparators[0])
    return tuple(dict.fromkeys(names))


def _strings(node: ast.AST) -> list[str]:
    items = node.elts if isinstance(node, ast.List | ast.Tuple) else []
    return [item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str)]


def _fun_table(tree: Path) -> tuple[str, ...]:
    text = re.sub(r"//[^\n]*|/\*.*?\*/|^[ \t]*#[^\n]*", "", _text(tree, "py/nativeglue.h"), flags=re.M | re.S)
    body = re.search(r"typedef struct _mp_fun_table_t \{(.*?)\} mp_fun_table_t;", text, re.S)
    members = body[1].split(";") if body else []
    names = (re.search(r"\(\*(\w+)\)\s*\(|(\w+)\s*$", member.strip()) for member in members)
    return tuple(name[1] or name[2] for name in names if name)
