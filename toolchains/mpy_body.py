"""The inside of an .mpy file (version 6), read without ever passing its end.

The layout is that of MicroPython's docs/reference/mpyfiles.rst; where that is silent, of the loader itself,
``load_obj``, ``load_raw_code`` and ``mp_native_relocate`` in py/persistentcode.c.
"""

from __future__ import annotations

from toolchains.errors import MpyError
from toolchains.text import Text, _

_KIND_BYTECODE, _KIND_NATIVE_PY, _KIND_VIPER, _KIND_ASM = range(4)
_SCOPE_RELOC, _SCOPE_RODATA, _SCOPE_BSS = 0x10, 0x20, 0x40
_OBJ_STR, _OBJ_BYTES, _OBJ_TUPLE, _OBJ_LAST = 5, 6, 10, 10

#: Nothing that a compiler makes nests deeper; a damaged file can say anything.
_MAX_DEPTH = 64


class BadMpy(MpyError):
    """The bytes are no .mpy file, or a damaged one. Field: ``offset`` of the fault, or None."""

    code = "mpy.malformed"

    def __init__(self, why: Text, offset: int | None = None) -> None:
        super().__init__(
            _("This .mpy file cannot be read: {why}", why=why),
            next_step=_("Build the module again, or copy the file again."),
            offset=offset,
        )


class Cursor:
    """A place in the bytes that never passes their end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.offset = 0

    def take(self, n: int) -> bytes:
        """The next ``n`` bytes."""
        if n > len(self._data) - self.offset:
            raise BadMpy(_("it ends too early."), self.offset)
        self.offset += n
        return self._data[self.offset - n : self.offset]

    def byte(self) -> int:
        """The next byte."""
        return self.take(1)[0]

    def uint(self) -> int:
        """A number in groups of seven bits, the most significant group first."""
        start, value = self.offset, 0
        for _group in range(5):
            byte = self.byte()
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                return value
        raise BadMpy(_("it has a number that is far too large."), start)

    def count(self) -> int:
        """A number of things of at least one byte each, so it cannot exceed what is left."""
        start, n = self.offset, self.uint()
        if n > len(self._data) - self.offset:
            raise BadMpy(_("it ends too early."), start)
        return n


class Body:
    """What follows the header: names, constants, code. Sizes are in bytes."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.qstrs: list[str] = []
        self.n_static = self.n_objects = 0
        self.text = self.rodata = self.bss = self.bytecode = self.relocations = 0

    def read(self) -> None:
        """Read to the end of the outermost function, or raise :class:`BadMpy`."""
        n_qstrs = self.cursor.count()
        self.n_objects = self.cursor.count()
        for _index in range(n_qstrs):
            self._qstr()
        for _index in range(self.n_objects):
            self._object(0)
        self._raw_code(0)

    def _qstr(self) -> None:
        length = self.cursor.uint()
        if length & 1:
            self.n_static += 1
            return
        self.qstrs.append(self.cursor.take(length >> 1).decode("utf-8", "backslashreplace"))
        self._null()

    def _null(self) -> None:
        if self.cursor.byte() != 0:
            raise BadMpy(_("a text in it is not ended."), self.cursor.offset - 1)

    def _object(self, depth: int) -> None:
        start = self.cursor.offset
        kind = self.cursor.byte()
        if kind > _OBJ_LAST or depth > _MAX_DEPTH:
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
        if depth > _MAX_DEPTH:
            raise BadMpy(_("its functions are nested too deeply."), self.cursor.offset)
        kind_and_length = self.cursor.uint()
        kind, has_children, length = kind_and_length & 3, kind_and_length & 4, kind_and_length >> 3
        self.cursor.take(length)
        scope = 0
        if kind == _KIND_BYTECODE:
            self.bytecode += length
        else:
            self.text += length
            scope = self._native_scope(kind)
        for _index in range(self.cursor.count() if has_children else 0):
            self._raw_code(depth + 1)
        if scope & _SCOPE_RELOC:
            self._relocations()

    def _native_scope(self, kind: int) -> int:
        """What stands behind machine code; the scope's flags where the loader looks at them."""
        scope = self.cursor.uint()
        if kind == _KIND_NATIVE_PY:
            return 0  # the number was the offset of the prelude
        if kind == _KIND_ASM:
            self.cursor.uint()  # arguments
            self.cursor.uint()  # types
            return scope
        rodata = self.cursor.uint() if scope & _SCOPE_RODATA else 0
        self.bss += self.cursor.uint() if scope & _SCOPE_BSS else 0
        self.cursor.take(rodata)
        self.rodata += rodata
        return scope

    def _relocations(self) -> None:
        while (entry := self.cursor.byte()) != 0xFF:
            if entry & 1:
                self.cursor.uint()  # where the next words to adjust are
            kind = entry >> 1
            # Up to 5: text, rodata or bss, the lowest bit saying that a run length follows.
            self.relocations += self.cursor.uint() if kind <= 5 and kind & 1 else 1
