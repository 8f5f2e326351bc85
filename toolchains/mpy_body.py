"""The inside of an .mpy file of version 6 (MicroPython 1.19 and newer)."""

from __future__ import annotations

from toolchains.mpy_parts import KINDS, MAX_DEPTH, SCOPE_RELOC, BadMpy, Body, Cursor, contradiction, prelude
from toolchains.text import _

_OBJ_STR, _OBJ_BYTES, _OBJ_TUPLE, _OBJ_LAST = 5, 6, 10, 10


class Body6(Body):
    """One table of names and one of constants, then the module's body with the functions inside it."""

    def __init__(self, cursor: Cursor, arch_number: int) -> None:
        super().__init__(cursor, arch_number)
        self._table: list[str] = []

    def read(self) -> None:
        """Read to the end of the outermost function, or raise :class:`BadMpy`."""
        n_names = self.cursor.count()
        self.n_objects = self.cursor.count()
        self._table = [self._name() for _index in range(n_names)]
        self.source_name = self._table[0] if self._table else ""
        for _index in range(self.n_objects):
            self._object(0)
        self._raw_code(0)

    def _name(self) -> str:
        length = self.cursor.uint()
        if length & 1:
            return self.static_name(length >> 1)
        name = self.own_name(length >> 1)
        self._null()
        return name

    def _null(self) -> None:
        if self.cursor.byte() != 0:
            raise BadMpy(_("a text in it is not ended."), self.cursor.offset - 1)

    def _object(self, depth: int) -> None:
        start = self.cursor.offset
        kind = self.cursor.byte()
        if kind > _OBJ_LAST or depth > MAX_DEPTH:
            raise BadMpy(_("it has a constant of an unknown kind."), start)
        if kind < _OBJ_STR:
            return  # the function table, None, False, True, Ellipsis: the kind says it all
        if kind == _OBJ_TUPLE:
            for _index in range(self.cursor.count()):
                self._object(depth + 1)
            return
        self.cursor.take(self.cursor.uint())
        if kind in (_OBJ_STR, _OBJ_BYTES):
            self._null()

    def _raw_code(self, depth: int) -> None:
        self.check_depth(depth)
        number = self.cursor.uint()
        kind, has_children, length = KINDS[number & 3], number & 4, number >> 3
        code = self.cursor.take(length)
        name, scope = "", 0
        if kind == "bytecode":
            name = self._function_name(code, 0)
        elif kind == "native":
            name = self._function_name(code, self.cursor.uint())
        else:
            scope = self.cursor.uint()
        self.add(name, "linked" if scope & SCOPE_RELOC else kind, length, depth)
        if kind == "assembler":
            self.cursor.uint()  # arguments
            self.cursor.uint()  # types
        rodata = self.read_rodata(scope, sizes_first=True) if kind == "viper" else 0
        for _index in range(self.cursor.count() if has_children else 0):
            self._raw_code(depth + 1)
        if scope & SCOPE_RELOC:
            self.read_relocations(length, rodata)

    def _function_name(self, code: bytes, offset: int) -> str:
        """The prelude at ``offset`` begins with the number of the function's name in the table."""
        inside = Cursor(code, offset)
        head = prelude(inside)
        end = inside.offset + head.n_info + head.n_cell
        number = inside.uint()
        if end > len(code) or inside.offset > end or number >= len(self._table):
            raise contradiction(self.cursor.offset)
        return self._table[number]
