"""Real .mpy files of every version that is read, made by the wheel's own programs, and modules written by hand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from toolchains.bytecode import compile_py
from toolchains.jobs import JobContext

PYTHON = """
import gc
TABLE = (1, "two", b"three", 4.5, (None, True, ...), 123456789012345678901234567890)
class Thing:
    def method(self, x=b"a longer constant", *, key=None):
        for i in range(3):
            try:
                gc.collect()
            except OSError as e:
                print(e.errno, self.name, 1j)
        return [lambda y: y + x for _ in range(3)]
"""
VIPER = "@micropython.viper\ndef f(a: int) -> int:\n    return a + 1\n"
THUMB = "@micropython.asm_thumb\ndef f(r0):\n    add(r0, r0, 1)\n"

#: The versions that are read to the end.
READ = ((6, 3), (6, 2), (6, 1), (6, 0), (5, 0))


def compiled(folder: Path, text: str, **options: object) -> bytes:
    """What mpy-cross makes of ``text``."""
    (folder / "x.py").write_text(text, "utf-8")
    compile_py(JobContext(), folder / "x.py", folder / "x.mpy", embedded_name="lib/x.py", **options)  # type: ignore[arg-type]
    return (folder / "x.mpy").read_bytes()


def real_files(folder: Path) -> dict[str, bytes]:
    """A file of every version and kind; the linked ones are written here as mpy_ld.py would."""
    found = {"6.3 linked": natmod(), "5 linked": natmod_5(), "6.3 flags": natmod(0x6F, flags=[3])}
    for mpy in READ:
        name = f"{mpy[0]}.{mpy[1]}"
        found[f"{name} bytecode"] = compiled(folder, PYTHON, mpy=mpy)
        found[f"{name} native"] = compiled(folder, PYTHON, mpy=mpy, arch="xtensawin", emit="native")
        found[f"{name} viper"] = compiled(folder, VIPER, mpy=mpy, arch="x64")
        found[f"{name} assembler"] = compiled(folder, THUMB, mpy=mpy, arch="armv7m")
    found["5 map-cache"] = compiled(folder, PYTHON, mpy=(5, 0), flags=["-mcache-lookup-bc", "-mno-unicode"])
    found["6.3 rv32imc"] = compiled(folder, PYTHON, arch="rv32imc", emit="native", arch_flags="zba")
    return found


def vuint(n: int) -> bytes:
    """A number as .mpy files hold it."""
    out = [n & 0x7F]
    while n := n >> 7:
        out.insert(0, 0x80 | n & 0x7F)
    return bytes(out)


RELOCATIONS = (
    b"\x01\x08"  # text, at word 4 of the code
    + bytes([1 << 2 | 1 << 1 | 1])  # rodata, a run …
    + vuint(20 << 1)  # … from word 20 of the code …
    + vuint(2)  # … of two words
    + bytes([6 << 1, 40 << 1])  # and the two behind it, each with another target
    + b"\xff"
)


def natmod(
    features: int = 0x2F,
    *,
    version: int = 6,
    small_int: int = 31,
    flags: Iterable[int] = (),
    code: bytes = b"\x13\x00\x00\x00" * 75,
    rodata: bytes = b"text\0",
    bss: int = 152,
    relocations: bytes = RELOCATIONS,
) -> bytes:
    """A native module as mpy_ld.py lays it out, with two names of its own, a static one, and five adjusted words."""
    head = bytes([ord("M"), version, features, small_int]) + b"".join(vuint(f) for f in flags)
    names = b"".join(vuint(len(n) << 1) + n + b"\0" for n in (b"ring.mpy", b"Ring")) + vuint(57 << 1 | 1)
    sizes = (vuint(len(rodata)) if rodata else b"") + (vuint(bss) if bss else b"")
    function = vuint(len(code) << 3 | 2) + code + vuint(_scope(rodata, bss)) + sizes + rodata
    return head + vuint(3) + vuint(0) + names + function + relocations


def natmod_5(
    features: int = 0x2A, *, code: bytes = b"\x36\x41\x00\x00" * 75, rodata: bytes = b"text\0", bss: int = 152
) -> bytes:
    """The same module as the mpy_ld.py of MicroPython 1.12 to 1.18 lays it out (0x2a: xtensawin, unicode)."""
    links = b"".join(vuint(at << 2) + name for at, name in ((0, b"\x08Ring"), (8, b"\x00\x39"), (16, b"\x01")))
    function = vuint(len(code) << 2 | 2) + code + vuint(3) + links + vuint(_scope(rodata, bss)) + vuint(0) + vuint(0)
    data = (vuint(len(rodata)) + rodata if rodata else b"") + (vuint(bss) if bss else b"")
    return bytes([ord("M"), 5, features, 31, 32]) + function + data + RELOCATIONS


def _scope(rodata: bytes, bss: int) -> int:
    return (0x20 if rodata else 0) | (0x40 if bss else 0) | 0x10
