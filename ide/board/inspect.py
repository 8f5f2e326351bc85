"""Who is on the other end: identity, in one round trip."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ide.board.errors import BoardGarbled
from toolchains.chips import Arch, arch_for_board, chips

if TYPE_CHECKING:
    from toolchains.mpy_loads import Loader

SCHEMA = 1

#: Every look is a ``try`` of its own: firmware from 1.19 on, and of any port, answers as much as it knows. The names
#: are gone afterwards, so that the program that runs next meets a fresh ``__main__``.
IDENTITY_SETUP = """\
import sys
def _t(f,d=None):
 try:return f()
 except Exception:return d
def _identity():
 n=_t(lambda:sys.implementation)
 g=lambda k,d:getattr(n,k,d)
 i=lambda m:_t(lambda:__import__(m))
 c=i('gc');o=i('os');e=i('esp32');m=i('machine')
 _t(lambda:c.collect())
 v=_t(lambda:o.statvfs('/'))
 return (tuple(g('version',())),_t(lambda:sys.version,''),g('name',''),g('_mpy',g('mpy',0)),
  g('_machine',''),g('_build',''),
  _t(lambda:sys.platform,''),_t(lambda:c.mem_alloc(),0),_t(lambda:c.mem_free(),0),v and v[0]*v[3],v and v[1]*v[2],
  _t(lambda:(float('1')+float('1e-10')!=float('1'))+1,0),_t(lambda:hasattr(sys.stdin,'buffer'),False),
  hasattr(i('binascii'),'crc32'),_t(lambda:bytes(m.unique_id())),
  _t(lambda:max(h[2] for h in e.idf_heap_info(e.HEAP_EXEC))))
"""
IDENTITY_EXPRESSION = "_identity()"
_FIELDS = 16

_FLOATS = {0: "none", 1: "single", 2: "double"}


@dataclass(frozen=True)
class Identity:
    """What a board says of itself. Sizes in bytes; None where the firmware does not tell.

    ``version`` as ``1.26.1``, or ``1.29.0-preview``; ``mpy`` is ``sys.implementation._mpy``: .mpy version in bits 0-7,
    sub-version in 8-9, native architecture in 10-13, its flags above. ``machine`` is ``_machine``, ``build`` is
    ``_build`` (board and variant, from 1.25), ``platform`` is ``sys.platform``. ``heap_used`` and ``heap_free`` are
    after a garbage collection. ``exec_free`` is the largest free block of executable memory (ESP32). ``floats`` is
    ``none``, ``single`` or ``double``. ``binary_stdin``: ``sys.stdin.buffer`` is there.
    """

    version: str
    mpy: int
    machine: str
    build: str
    platform: str
    heap_used: int
    heap_free: int
    chip: str | None
    release: str = ""
    fs_free: int | None = None
    fs_total: int | None = None
    floats: str = "none"
    binary_stdin: bool = False
    crc32: bool = False
    unique_id: str | None = None
    exec_free: int | None = None

    @property
    def arch(self) -> Arch | None:
        """The native architecture, or None when the firmware loads no native modules (or one unknown to us)."""
        return arch_for_board(self.mpy >> 10 & 15)

    @property
    def arch_flags(self) -> int:
        """The flags of the native architecture (RISC-V extensions, from MicroPython 1.28)."""
        return self.mpy >> 16

    @property
    def mpy_version(self) -> tuple[int, int]:
        """Version and sub-version of .mpy files that it loads, as ``(6, 3)``; up to 5 there is no sub-version."""
        version = self.mpy & 0xFF
        return version, self.mpy >> 8 & 3 if version > 5 else 0

    @property
    def loader(self) -> Loader:
        """What decides whether it loads an .mpy file."""
        from toolchains.mpy_loads import Loader  # here, because few jobs need what it knows

        return Loader(self.mpy, self.version, self.chip)

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        version, sub = self.mpy_version
        arch = self.arch
        return {
            "schema": SCHEMA,
            "kind": "board",
            "version": self.version,
            "release": self.release,
            "mpy": self.mpy,
            "mpy_version": f"{version}.{sub}",
            "arch": arch.name if arch else None,
            "machine": self.machine,
            "build": self.build,
            "platform": self.platform,
            "chip": self.chip,
            "heap_used": self.heap_used,
            "heap_free": self.heap_free,
            "fs_free": self.fs_free,
            "fs_total": self.fs_total,
            "exec_free": self.exec_free,
            "floats": self.floats,
            "binary_stdin": self.binary_stdin,
            "unique_id": self.unique_id,
        }


def identity_from(value: object) -> Identity:
    """The record from the answer to :data:`IDENTITY_EXPRESSION`; :class:`BoardGarbled` if it is not one."""
    if not isinstance(value, tuple) or len(value) != _FIELDS:
        raise BoardGarbled(repr(value))
    version, release, _name, mpy, machine, build, platform, used, free = value[:9]
    fs_free, fs_total, floats, binary_stdin, crc32, unique_id, exec_free = value[9:]
    return Identity(
        version=version_text(version),
        mpy=mpy if isinstance(mpy, int) else 0,
        machine=str(machine),
        build=str(build),
        platform=str(platform),
        heap_used=int(used),
        heap_free=int(free),
        chip=chip_of(str(machine)),
        release=str(release),
        fs_free=fs_free,
        fs_total=fs_total,
        floats=_FLOATS.get(floats, "none"),
        binary_stdin=bool(binary_stdin),
        crc32=bool(crc32),
        unique_id=unique_id.hex() if unique_id else None,
        exec_free=exec_free,
    )


def version_text(version: tuple[object, ...]) -> str:
    """``(1, 26, 1, '')`` as ``1.26.1``, ``(1, 29, 0, 'preview')`` as ``1.29.0-preview``."""
    numbers = ".".join(str(part) for part in version if isinstance(part, int))
    words = [str(part) for part in version if isinstance(part, str) and part]
    return "-".join([numbers, *words])


@cache
def _chip_words() -> dict[str, str]:
    return {name.replace("esp", "", 1): name for name in chips()}


def chip_of(machine: str) -> str | None:
    """The chip in a ``_machine`` text (``ESP32C3 module with ESP32C3``, ``… with ESP32-S3``), or None.

    MicroPython ends the text with the microcontroller's name (``MICROPY_HW_MCU_NAME``), so the last name counts.
    """
    found = re.findall(r"esp-?(\d+)(?:-?([a-z]\d+))?", machine.rpartition(" with ")[2].lower())
    for number, letter in reversed(found):
        name = _chip_words().get(number + letter)
        if name is not None:
            return name
    return None
