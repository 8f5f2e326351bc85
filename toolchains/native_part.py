"""The native part of an .mpy file of version 6: where its code lies, and a form of the file that asks before it runs.

Nothing on a board can be asked where a module's code was put before that code has run: loading and running are one
step of an import. So a served module gets four instructions of byte code around its native part (:func:`asking`):
``return natmod_at(native)()``, where ``natmod_at`` lies in ``sys.modules`` for the time of a run and may look at the
function before it is called (``resources/board/where.py``). The native part itself keeps its bytes; the file on disk,
and what is installed, are not touched.
"""

from __future__ import annotations

from dataclasses import dataclass

from toolchains.mpy_body import Body6
from toolchains.mpy_parts import KINDS, SCOPE_RELOC, BadMpy, Cursor

#: The name under which the board's side waits, see ``resources/board/where.py``.
ASKED = "natmod_at"
_HEADER = 4
_ARCH_FLAGS = 0x40
#: Byte code of .mpy 6 (py/bc0.h, 1.19 to 1.29): small int 0, None, IMPORT_NAME, MAKE_FUNCTION 0, CALL_FUNCTION 1,
#: CALL_FUNCTION 0, RETURN_VALUE. Before them: five places on its stack; one byte of names, no cells; name 0.
_PRELUDE, _IMPORT, _CALLS = b"\x20\x02\x00\x80\x51", b"\x1b", b"\x32\x00\x34\x01\x34\x00\x63"


@dataclass(frozen=True)
class NativePart:
    """Where the linked part of a file is: its record from ``start`` to ``end``, its code from ``code`` on; bytes."""

    start: int
    end: int
    code: int
    size: int


class _Finder(Body6):
    """Reads a file as :class:`Body6` does, and keeps where things are."""

    def __init__(self, cursor: Cursor, arch_number: int, data: bytes) -> None:
        super().__init__(cursor, arch_number)
        self._data = data
        self.counts = cursor.offset
        peek = Cursor(data, cursor.offset)
        self.n_names, self.n_constants = peek.count(), peek.count()
        self.names = peek.offset
        self.names_end = 0
        self.part: NativePart | None = None

    def _name(self) -> str:
        name = super()._name()
        self.names_end = self.cursor.offset
        return name

    def _raw_code(self, depth: int) -> None:
        start = self.cursor.offset
        super()._raw_code(depth)
        peek = Cursor(self._data, start)
        number = peek.uint()
        code = peek.offset
        peek.take(number >> 3)
        if KINDS[number & 3] == "viper" and peek.uint() & SCOPE_RELOC:
            self.part = NativePart(start, self.cursor.offset, code, number >> 3)


def _found(data: bytes) -> _Finder | None:
    if data[:2] != b"M\x06" or len(data) < _HEADER:
        return None
    cursor = Cursor(data, _HEADER)
    if data[2] & _ARCH_FLAGS:
        cursor.uint()
    finder = _Finder(cursor, data[2] >> 2 & 15, data)
    finder.read()
    return finder if finder.part is not None else None


def code_of(data: bytes) -> bytes:
    """The machine code in a file, as the linker wrote it; empty where there is none. Raises :class:`BadMpy`."""
    found = _found(data)
    return data[found.part.code : found.part.code + found.part.size] if found and found.part else b""


def asking(data: bytes) -> bytes:
    """The file with ``natmod_at`` asked before its native part runs; as it is where that cannot be done."""
    try:
        found = _found(data)
    except BadMpy:
        return data
    if found is None or found.part is None or not found.n_names:
        return data
    part, name = found.part, ASKED.encode()
    code = _PRELUDE + _IMPORT + _uint(found.n_names) + _CALLS
    return b"".join(
        (
            data[: found.counts],
            _uint(found.n_names + 1),
            _uint(found.n_constants),
            data[found.names : found.names_end],
            _uint(len(name) << 1) + name + b"\0",
            data[found.names_end : part.start],
            _uint(len(code) << 3 | 4) + code + _uint(1),
            data[part.start :],
        )
    )


def _uint(number: int) -> bytes:
    """A number as .mpy files have it: groups of seven bits, the most significant first."""
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.append(number & 0x7F | 0x80)
    return bytes(reversed(groups))
