"""Reference that is true on this board: its modules and their names, and its filesystem's numbers in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ide.board.board_modules import listed_modules
from ide.board.errors import BoardExecError, BoardGarbled
from ide.board.link import Board
from ide.learn import documented
from ide.learn.documented import Entry
from toolchains.errors import UsageError
from toolchains.jobs import JobContext
from toolchains.text import Text, _
from toolchains.toolbox import Toolbox

#: Modules of MicroPython's own documentation; boards have a part of them.
KNOWN = (
    "_thread", "array", "asyncio", "binascii", "bluetooth", "btree", "builtins", "cmath", "collections", "cryptolib",
    "deflate", "errno", "esp", "esp32", "espnow", "framebuf", "gc", "hashlib", "heapq", "io", "json", "lcd160cr",
    "machine", "math", "micropython", "neopixel", "network", "openamp", "os", "platform", "random", "re", "rp2",
    "select", "socket", "ssl", "stm", "struct", "sys", "time", "tls", "uctypes", "vfs", "websocket", "zephyr", "zlib",
)  # fmt: skip
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_FIELDS: tuple[tuple[str, Text], ...] = (
    ("f_bsize", _("bytes of a block: the smallest piece that a file takes")),
    ("f_frsize", _("bytes of a fragment: here the same as a block")),
    ("f_blocks", _("blocks in all")),
    ("f_bfree", _("blocks that are free")),
    ("f_bavail", _("free blocks that you may use")),
    ("f_files", _("files that there is room for (0: no limit, or not counted)")),
    ("f_ffree", _("files that could still be made (0: not counted)")),
    ("f_favail", _("of these, how many you may make (0: not counted)")),
    ("f_flag", _("flags, such as: only to be read")),
    ("f_namemax", _("letters that the name of a file may have")),
)
#: Of a table of names.
HEADS = (_("name"), _("kind"), _("on this board"), _("value or call"))
_CONSTANT = "(int, str, float, bool, bytes, tuple)"


@dataclass(frozen=True)
class Module:
    """A module, and whether the board has it. ``documented``: MicroPython's documentation has a page on it."""

    name: str
    on_board: bool
    documented: bool


@dataclass(frozen=True)
class Name:
    """A name in a module: what it is (``function``, ``int``), and a constant's value as the board has it.

    ``on_board`` is None for a method whose class has no name there (``match.group``). ``signature``: as documented.
    """

    name: str
    kind: str
    value: str = ""
    on_board: bool | None = True
    documented: bool = False
    signature: str = ""

    @property
    def cells(self) -> tuple[str | Text, ...]:
        """A row below :data:`HEADS`, without the name."""
        there = Text("?") if self.on_board is None else _("yes") if self.on_board else _("no")
        return self.kind, there, self.value or self.signature


@dataclass(frozen=True)
class Contents:
    """A module's names, those of the board and those that are documented; ``faults``: pages that cannot be read."""

    module: str
    on_board: bool
    names: tuple[Name, ...]
    faults: tuple[Text, ...] = ()


class NotThere(UsageError):
    """The board has no module of that name."""

    code = "learn.no-module"


@dataclass(frozen=True)
class StatField:
    """One number of ``os.statvfs``, and what it says."""

    name: str
    value: int
    meaning: Text


@dataclass(frozen=True)
class Disk:
    """The ten numbers of a filesystem; ``total`` and ``free`` in bytes, worked out from them."""

    path: str
    fields: tuple[StatField, ...]

    @property
    def total(self) -> int:
        """f_frsize × f_blocks."""
        return self._value(1) * self._value(2)

    @property
    def free(self) -> int:
        """f_frsize × f_bavail; littlefs may say less than nothing while a file is written."""
        return max(0, self._value(1) * self._value(4))

    def _value(self, at: int) -> int:
        return self.fields[at].value


def modules(ctx: JobContext, board: Board, toolbox: Toolbox) -> tuple[Module, ...]:
    """What ``help('modules')`` lists, and documented modules that are not there. Raises UsageError without help()."""
    try:
        listed = listed_modules(board.exec(ctx, "help('modules')", isolated=True).decode("utf-8", "replace"))
    except BoardExecError:
        listed = None
    if listed is None:
        raise UsageError(
            _("This board cannot say which modules it has."), next_step=_("Its MicroPython was built without help().")
        )
    there = {name.replace("/", ".") for name in listed}
    there = {name.removesuffix(".__init__") for name in there}
    known = {*KNOWN, *documented.pages(documented.best_tree(toolbox, board.identity(ctx).version))}
    return tuple(Module(name, name in there, name in known) for name in sorted({*there, *known}, key=str.lower))


def contents(ctx: JobContext, board: Board, toolbox: Toolbox, module: str) -> Contents:
    """What is in a module, on the board and in MicroPython's documentation. Raises UsageError."""
    identity = board.identity(ctx)
    known = documented.look_up(toolbox, module, identity.platform, identity.version)
    try:
        found = names(ctx, board, module)
    except NotThere:
        if not known.entries:
            raise
        absent = tuple(replace(one, on_board=False) for one in merged(known.entries, ()))
        return Contents(module, False, absent, known.faults)
    return Contents(module, True, merged(known.entries, found), known.faults)


def merged(known: Sequence[Entry], present: Sequence[Name]) -> tuple[Name, ...]:
    """Documented names and those of the board, each once, by the alphabet."""
    board = {one.name: one for one in present}
    documents = {one.name: one for one in known}
    rows = [_both(one, board.get(one.name)) or _absent(one, board, documents) for one in documents.values()]
    rows += [one for one in present if one.name not in documents]
    return tuple(sorted(rows, key=lambda one: (one.name.lower(), one.name)))


def _both(entry: Entry, found: Name | None) -> Name | None:
    if found is None:
        return None
    return Name(entry.name, found.kind or entry.kind, found.value, True, True, entry.signature)


def _absent(entry: Entry, board: dict[str, Name], documents: dict[str, Entry]) -> Name:
    owner = entry.name.rpartition(".")[0]
    whose = board.get(owner) or documents.get(owner)
    told = whose is not None and whose.kind in {"type", "class"}
    if not owner:
        told = entry.kind != "method"  # that is one of an object whose class has no name
    return Name(entry.name, entry.kind, "", False if told else None, True, entry.signature)


def names(ctx: JobContext, board: Board, module: str) -> tuple[Name, ...]:
    """What is in a module and in its classes (``Pin.init``), constants of the module with their values.

    It is imported on the board. Raises UsageError, :class:`NotThere`.
    """
    if not _NAME.fullmatch(module):
        raise UsageError(
            _("{name} is no name of a module.", name=module), next_step=_("Example: natmod learn names os")
        )
    setup = (
        f"import {module} as _m\ndef _k(n):\n v=getattr(_m,n,None)\n"
        " c=' '.join(dir(v)) if type(v) is type and not issubclass(v,BaseException) else ''\n"
        f" return (n,type(v).__name__,repr(v)[:60] if type(v) in {_CONSTANT} else '',c)\n"
    )
    try:
        said = board.ask(ctx, "[_k(n) for n in dir(_m) if not n.startswith('__')]", setup, isolated=True)
    except BoardExecError as error:
        kind = NotThere if f"no module named '{module}'" in str(error.detail) else UsageError
        raise kind(
            _("The board cannot import {module}.", module=module),
            next_step=_("Choose one that is on the board."),
            detail=error.detail,
        ) from error
    if not isinstance(said, list) or not all(isinstance(one, tuple) and len(one) == 4 for one in said):
        raise BoardGarbled(repr(said))
    rows = [tuple(map(str, one)) for one in said]
    own = [Name(name, kind, value) for name, kind, value, _members in rows]
    inner = [Name(f"{name}.{one}", "") for name, _kind, _value, members in rows for one in members.split()]
    return tuple(sorted((*own, *(one for one in inner if ".__" not in one.name)), key=lambda one: one.name))


def disk(ctx: JobContext, board: Board, path: str = "/") -> Disk:
    """``os.statvfs`` of the filesystem at a path, field by field. Raises UsageError where there is none."""
    try:
        said = board.ask(ctx, f"tuple(os.statvfs({path!r}))", "import os", isolated=True)
    except BoardExecError as error:
        raise UsageError(
            _("The board has no filesystem at {path}.", path=path),
            next_step=_("Choose another path, such as /."),
            detail=error.detail,
        ) from error
    if not isinstance(said, tuple) or len(said) != len(_FIELDS) or not all(isinstance(one, int) for one in said):
        raise BoardGarbled(repr(said))
    return Disk(path, tuple(StatField(name, value, says) for (name, says), value in zip(_FIELDS, said, strict=True)))
