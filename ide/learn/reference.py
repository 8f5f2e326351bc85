"""Reference that is true on this board: its modules and their names, and its filesystem's numbers in words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ide.board.board_modules import listed_modules
from ide.board.errors import BoardExecError, BoardGarbled
from ide.board.link import Board
from toolchains.errors import UsageError
from toolchains.jobs import JobContext
from toolchains.text import Text, _

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
_CONSTANT = "(int, str, float, bool, bytes, tuple)"


@dataclass(frozen=True)
class Module:
    """A module, and whether the board has it. ``documented``: MicroPython's documentation has a page on it."""

    name: str
    on_board: bool
    documented: bool


@dataclass(frozen=True)
class Name:
    """A name in a module: what it is (``function``, ``int``), and a constant's value as the board has it."""

    name: str
    kind: str
    value: str = ""


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


def modules(ctx: JobContext, board: Board) -> tuple[Module, ...]:
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
    return tuple(
        Module(name, name in there, name in KNOWN) for name in sorted({*there, *KNOWN}, key=lambda one: one.lower())
    )


def names(ctx: JobContext, board: Board, module: str) -> tuple[Name, ...]:
    """What is in a module, constants with their values. It is imported on the board. Raises UsageError."""
    if not _NAME.fullmatch(module):
        raise UsageError(
            _("{name} is no name of a module.", name=module), next_step=_("Example: natmod learn names os")
        )
    setup = (
        f"import {module} as _m\ndef _k(n):\n v=getattr(_m,n,None)\n"
        f" return (n,type(v).__name__,repr(v)[:60] if type(v) in {_CONSTANT} else '')\n"
    )
    try:
        said = board.ask(ctx, "[_k(n) for n in dir(_m) if not n.startswith('__')]", setup, isolated=True)
    except BoardExecError as error:
        raise UsageError(
            _("The board cannot import {module}.", module=module),
            next_step=_("Choose one that is on the board."),
            detail=error.detail,
        ) from error
    if not isinstance(said, list) or not all(isinstance(one, tuple) and len(one) == 3 for one in said):
        raise BoardGarbled(repr(said))
    return tuple(Name(*map(str, one)) for one in sorted(said))


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
