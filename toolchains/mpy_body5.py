"""The inside of an .mpy file of version 5 (MicroPython 1.12 to 1.18).

There are no tables: a name stands where it is first used, and a window of the last 32 names serves those that come
again. Names inside bytecode take two bytes once loaded, so the code must be walked to find them; the sizes of
instructions are those of ``mp_opcode_format`` in py/bc.c.
"""

from __future__ import annotations

from toolchains.mpy_parts import KINDS, SCOPE_RELOC, BadMpy, Body, Cursor, Kind, Prelude, contradiction, prelude
from toolchains.text import _

#: Feature bits of the header's third byte.
MAP_CACHE, UNICODE = 1, 2

_WINDOW = 32
#: By the high half of the instruction: no argument, a name, a number, or a jump's offset of two bytes.
_BYTE, _NAME, _UINT, _OFFSET = range(4)
_FORMATS = (_BYTE, _NAME, _UINT, _UINT, _OFFSET, *[_BYTE] * 11)
_EXTRA_BYTE_MASK = 0x9E
#: LOAD_NAME, LOAD_GLOBAL, LOAD_ATTR, STORE_ATTR: with MAP_CACHE they carry one more byte.
_CACHED = (0x11, 0x12, 0x13, 0x18)


class Body5(Body):
    """Functions, each with its own names and constants."""

    def __init__(self, cursor: Cursor, arch_number: int, features: int) -> None:
        super().__init__(cursor, arch_number)
        self._cached = _CACHED if features & MAP_CACHE else ()
        #: The last names, the latest first.
        self._window: list[str] = []

    def read(self) -> None:
        """Read to the end of the outermost function, or raise :class:`BadMpy`."""
        if self.cursor.uint() > _WINDOW:
            raise BadMpy(_("its header has a number that no known version uses."), 4)
        self._raw_code(0)

    def _name(self) -> str:
        start, number = self.cursor.offset, self.cursor.uint()
        if number == 0:
            return self.static_name(self.cursor.byte())
        if not number & 1:
            name = self.own_name(number >> 1)
            self._window = [name, *self._window[: _WINDOW - 1]]
            return name
        index = number >> 1
        if index >= len(self._window):
            raise BadMpy(_("it uses a name that it does not have."), start)
        self._window.insert(0, self._window.pop(index))
        return self._window[0]

    def _raw_code(self, depth: int) -> None:
        self.check_depth(depth)
        number = self.cursor.uint()
        kind, length = KINDS[number & 3], number >> 2
        head = self._bytecode(length, depth) if kind == "bytecode" else self._machine_code(kind, length, depth)
        if kind == "assembler":
            self.cursor.uint()  # arguments
            self.cursor.uint()  # types
            rodata = 0
        else:
            rodata = self._constants(kind, head, depth)
        if kind != "bytecode" and head.scope & SCOPE_RELOC:
            self.read_relocations(length, rodata)

    def _bytecode(self, length: int, depth: int) -> Prelude:
        start = self.cursor.offset
        head = prelude(self.cursor)
        loaded = self.cursor.offset - start + head.n_info + head.n_cell
        if loaded > length or head.n_info < 4:  # two names are part of the information
            raise contradiction(start)
        self._head_names("bytecode", length, depth)
        self.cursor.take(head.n_info - 4 + head.n_cell)
        while loaded < length:
            loaded += self._instruction()
        if loaded > length:
            raise contradiction(self.cursor.offset)
        return head

    def _head_names(self, kind: Kind, length: int, depth: int) -> None:
        """The names of the function and of the source file."""
        name, source = self._name(), self._name()
        self.source_name = self.source_name or source
        self.add(name, kind, length, depth)

    def _instruction(self) -> int:
        """Pass over one instruction; the bytes that it takes once loaded."""
        start = self.cursor.offset
        opcode = self.cursor.byte()
        form = _FORMATS[opcode >> 4]
        if form == _NAME:
            self._name()
            extra = opcode in self._cached
            self.cursor.take(extra)
            return 3 + extra
        extra = opcode & _EXTRA_BYTE_MASK == 0
        if form == _UINT:
            while self.cursor.byte() & 0x80:
                pass
        self.cursor.take(extra + (2 if form == _OFFSET else 0))
        return self.cursor.offset - start

    def _machine_code(self, kind: Kind, length: int, depth: int) -> Prelude:
        code = self.cursor.take(length)
        if kind != "assembler":
            for _index in range(self.cursor.count()):
                self.cursor.uint()  # where the name's number goes
                self._name()
        if kind == "native":
            offset = self.cursor.uint()
            inside = Cursor(code, offset)
            head = prelude(inside)
            if inside.offset + head.n_info + head.n_cell > length or head.n_info < 4:
                raise contradiction(self.cursor.offset)
            self._head_names(kind, length, depth)
            return head
        scope = self.cursor.uint()
        self.add("", "linked" if scope & SCOPE_RELOC else kind, length, depth)
        return Prelude(0, scope, 0, 0)

    def _constants(self, kind: Kind, head: Prelude, depth: int) -> int:
        """Names of arguments, constants, and the functions inside; returns the size of the read-only data."""
        n_objects, n_functions = self.cursor.count(), self.cursor.count()
        for _index in range(head.n_args):
            self._name()
        rodata = self.read_rodata(head.scope, sizes_first=False) if kind != "bytecode" else 0
        for _index in range(n_objects):
            self._object()
        self.n_objects += n_objects
        for _index in range(n_functions):
            self._raw_code(depth + 1)
        return rodata

    def _object(self) -> None:
        start = self.cursor.offset
        kind = self.cursor.take(1)
        if kind not in (b"s", b"b", b"i", b"f", b"c", b"e"):
            raise BadMpy(_("it has a constant of an unknown kind."), start)
        if kind != b"e":
            self.cursor.take(self.cursor.uint())
