"""Code and answers with a checksum around them, because the REPL's protocol has none.

Native USB boards lose a 64-byte packet of a paste now and then (adafruit/circuitpython#11354, tinyusb#1292), and the
rest may still be valid Python. :func:`wrap` sends code as one bytes literal that the board sums before it runs it: a
loss breaks either the syntax or the sum, and since nothing has run, it can be sent again. The shell around the literal
is one expression (half of several statements may be valid), and the board says the sum before it runs anything: no
sum, no trust (:class:`Proof`). :func:`answer_code` does the same for a value on its way back.

What stays unchecked: what a program prints, and code sent with ``checked=False``. Files go by their SHA-256 (deploy).
"""

from __future__ import annotations

import ast
import binascii
import re
from enum import Enum, auto

from ide.board.errors import BoardGarbled

_STDIN = b'File "<stdin>", '
_STRING = b'File "<string>", '
_SHELL_FRAME = b"in <lambda>"
_BAD = b"natmod_garbled"
_MARK = b"\x16"
_PROOF_WITHIN = 4096

#: The sum that any board can compute, as an expression with B (``builtins``) and c (bytes).
_SUM_PRIME = 16777213
_SUM_EXPRESSION = f"B.sum(i*x for i,x in B.enumerate(c,1))%{_SUM_PRIME}"
_BUILTINS = "__import__('builtins')"


def checksum(data: bytes) -> int:
    """A sum that a board without ``binascii.crc32`` can compute: each byte weighs as much as its place."""
    return sum(place * byte for place, byte in enumerate(data, 1)) % _SUM_PRIME


def code_sums(code: bytes, *, crc32: bool | None) -> tuple[int, ...]:
    """The sums of :func:`wrap`, of which the board says one."""
    if crc32 is None:
        return binascii.crc32(code), checksum(code)
    return (binascii.crc32(code) if crc32 else checksum(code),)


def wrap(code: bytes, *, crc32: bool | None, isolated: bool = False) -> bytes:
    """``code`` in a shell that runs it only if it arrived whole.

    ``crc32``: the board has ``binascii.crc32``; None: it has ``binascii``, and looks itself (its own sum takes a board
    20 ms for 5 kB). ``isolated``: it runs in a namespace of its own, else in ``__main__``.
    Built-in functions are fetched from ``builtins``: main.py may have called a variable ``sum`` or ``print``.
    """
    names = "{}" if isolated else "B.globals()"
    own = f"lambda c:{_SUM_EXPRESSION}".replace("B.", _BUILTINS + ".")
    look = f"{_BUILTINS}.getattr(__import__('binascii'),'crc32',None)or({own})"
    how = look if crc32 is None else "__import__('binascii').crc32" if crc32 else own
    sums = code_sums(code, crc32=crc32)
    right = f"k(c)in s else {_BAD.decode()}" if len(sums) > 1 else f"k(c)==s else {_BAD.decode()}"
    return (
        f"(lambda B,c,s,k:B.exec(c,{names})if[B.print('\\x16%d\\x16'%k(c),end='')]and {right})"
        f"({_BUILTINS},{code!r},{sums if len(sums) > 1 else sums[0]},{how})"
    ).encode()


class Proof:
    """Finds the sum that the shell says before it runs anything, in output that may be split anywhere."""

    def __init__(self, code: bytes, *, crc32: bool | None) -> None:
        self._marks = [_MARK + b"%d" % number + _MARK for number in code_sums(code, crc32=crc32)]
        self._held = b""
        #: The board has the code as it was sent.
        self.given = False

    def feed(self, data: bytes) -> bytes:
        """Take output; what of it is the program's, or noise of the system before it."""
        if self.given:
            return data
        self._held += data
        for mark in self._marks:
            before, found, after = self._held.partition(mark)
            if found:
                self.given = True
                return before + after
        return b""

    @property
    def silent(self) -> bool:
        """Whether nothing at all came."""
        return not self.given and not self._held

    @property
    def refused(self) -> bool:
        """Whether so much came without the proof that it will not come."""
        return not self.given and len(self._held) > _PROOF_WITHIN


class Fault(Enum):
    """Whose fault the end of wrapped code is."""

    NOBODY = auto()
    PROGRAM = auto()
    GARBLED_BEFORE_RUN = auto()
    UNCLEAR = auto()


def blame(error: bytes, *, proof: Proof) -> Fault:
    """Whose fault it is that wrapped code ended with ``error`` (empty: none).

    The shell itself cannot fail, except for want of memory or by Ctrl-C; a traceback that never reaches ``<string>``
    is therefore that of a garbled shell. It has run nothing if it is a SyntaxError, or if nothing was printed either.
    """
    last = error.rstrip().rpartition(b"\n")[2]
    if not error:
        return Fault.NOBODY if proof.given else Fault.UNCLEAR
    if last.startswith(b"NameError: ") and _BAD in last:
        return Fault.GARBLED_BEFORE_RUN
    if _STRING in error or last.startswith((b"MemoryError", b"KeyboardInterrupt")):
        return Fault.PROGRAM
    if proof.silent or last.startswith((b"SyntaxError", b"IndentationError")):
        return Fault.GARBLED_BEFORE_RUN
    # An exception without frames: the board had no memory left for them.
    return Fault.PROGRAM if proof.given and _SHELL_FRAME not in error else Fault.UNCLEAR


def unwrap_traceback(error: bytes) -> bytes:
    """The traceback as if the code had been sent bare: without the shell's frames, and ``<stdin>`` as its file."""
    if _STRING not in error:
        return error
    head, _, rest = error.partition(b"\n")
    shell, _, own = rest.partition(_STRING)
    kept = re.sub(rb'^  File "<stdin>", line \d+, in (?:<module>|<lambda>)\r?\n', b"", shell, flags=re.M)
    return head + b"\n" + kept + _STDIN + own.replace(_STRING, _STDIN)


def answer_code(expression: str, setup: str = "") -> bytes:
    """Code that prints the value of ``expression`` (a literal's repr) with its length and :func:`checksum`."""
    return (
        (setup.rstrip("\n") + "\n" if setup else "")
        + f"(lambda B,v:(lambda r,c:B.print('<%d,%d>%s'%(B.len(c),{_SUM_EXPRESSION},r)))(B.repr(v),B.repr(v).encode()))"
        f"({_BUILTINS},{expression})"
    ).encode()


def read_answer(output: bytes) -> object:
    """The value printed by :func:`answer_code`; what was printed before it is skipped.

    Raises :class:`BoardGarbled` when it is damaged or not there.
    """
    return read_answer_and_rest(output)[0]


def read_answer_and_rest(output: bytes) -> tuple[object, bytes]:
    """The same value, and what was printed before it."""
    found = re.search(rb"<(\d+),(\d+)>([^\r\n]*)\r?\n\Z", output)
    if found is None:
        raise BoardGarbled(output.decode("utf-8", "backslashreplace"))
    size, total, text = int(found[1]), int(found[2]), found[3]
    if len(text) != size or checksum(text) != total:
        raise BoardGarbled(text.decode("utf-8", "backslashreplace"))
    try:
        value: object = ast.literal_eval(text.decode())
    except (ValueError, SyntaxError) as error:
        raise BoardGarbled(str(error)) from error
    return value, output[: found.start()]
