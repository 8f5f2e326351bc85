"""The ROM loader of Espressif's chips and the stub that esptool puts in its place: bytes in, bytes out, no time.

Written from the protocol's description (facts f.3) and from what esptool expects; the stub that is uploaded is not run,
its start is what turns the ROM's manners into the stub's.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterator

from tests.fakes.rom_flash import (
    CHECKSUM,
    INFLATE,
    INVALID,
    NOT_BEGUN,
    READ,
    SECTOR,
    TOO_LITTLE,
    TOO_MUCH,
    WRITE,
    Chip,
    Refused,
    Writing,
    erase,
    seen,
)

_OHAI = b"OHAI"
_START_OF_SPI = 1 << 18
_ROM_SYNC = 0x20120707
_ROM_SLOW_READ = 64

#: Errors as (the ROM's code, the stub's two bytes).
_ROM_CODES = {INVALID: 5, CHECKSUM: 7, WRITE: 8, READ: 9, INFLATE: 0xB, TOO_MUCH: 5, NOT_BEGUN: 6, TOO_LITTLE: 6}
_STUB_CODES = {
    INVALID: 0xC300,
    CHECKSUM: 0xC100,
    WRITE: 0xC400,
    READ: 0xC400,
    INFLATE: 0xC700,
    TOO_MUCH: 0xC900,
    NOT_BEGUN: 0xC600,
    TOO_LITTLE: 0xC800,
}
_SECURE_DOWNLOAD = {0x02, 0x03, 0x04, 0x08, 0x0B, 0x0D, 0x0F, 0x10, 0x11, 0x12, 0x14}


def packet(data: bytes) -> bytes:
    """``data`` in a SLIP frame."""
    return b"\xc0" + data.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc") + b"\xc0"


def unpacked(frame: bytes) -> bytes:
    """What is in a SLIP frame (without its ends)."""
    return frame.replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb")


def checksum(data: bytes) -> int:
    """XOR of all bytes, from 0xEF."""
    length = 1 << (len(data) - 1).bit_length() if data else 1
    number = int.from_bytes(data, "little")
    while length > 1:
        length //= 2
        number = (number >> 8 * length) ^ (number & (1 << 8 * length) - 1)
    return number ^ 0xEF


class Loader:
    """The loader of one chip, from its reset into download mode on."""

    def __init__(self, chip: Chip) -> None:
        self.chip = chip
        self.stub = False
        #: (operation, length of its data) of all requests.
        self.requests: list[tuple[int, int]] = []
        self._frame: bytearray | None = None
        self._operations = self._table()
        self._write: Writing | None = None
        self._reading: Iterator[bytes] | None = None
        self._hung = False
        self._window = self._under_way = 0
        self.new_baud = 0
        self._armed = False

    def _table(self) -> dict[int, Callable[[bytes], bytes | None]]:
        return {
            0x02: self._flash_begin,
            0x03: self._flash_data,
            0x04: self._flash_end,
            0x05: lambda data: b"",
            0x06: self._memory_end,
            0x07: self._memory_data,
            0x08: self._sync,
            0x09: self._write_register,
            0x0A: self._read_register,
            0x0B: lambda data: b"",
            0x0D: lambda data: b"",
            0x0E: self._read_slowly,
            0x0F: self._change_baud,
            0x10: self._deflate_begin,
            0x11: self._deflate_data,
            0x12: self._flash_end,
            0x13: self._md5,
            0x14: self._security,
            0xD0: self._erase_all,
            0xD1: self._erase_region,
            0xD2: self._read_fast,
            0xD3: self._run_user_code,
        }

    def receive(self, data: bytes) -> Iterator[bytes]:
        """Take bytes; the answers, one by one."""
        first, *rest = data.split(b"\xc0")
        if self._frame is not None:
            self._frame += first
        for part in rest:
            if self._frame:
                frame, self._frame = bytes(self._frame), None
                yield from self._answer(unpacked(frame))
                # A line that lost an end: what follows may be the next frame.
            if self._frame is None:
                self._frame = bytearray()
            self._frame += part

    def _answer(self, frame: bytes) -> Iterator[bytes]:
        if self._hung:
            return
        if self._reading is not None:
            yield from self._read_on(frame)
            return
        if len(frame) < 8:
            return
        direction, operation, length, check = struct.unpack("<BBHI", frame[:8])
        data = frame[8:]
        if direction or length != len(data):
            if not direction and self.stub:
                yield packet(self._status(operation, struct.pack(">H", 0xC000)))
            return
        self.requests.append((operation, len(data)))
        if self.chip.faults.strikes("hang_at"):
            self._hung = True
            return
        yield from self._obey(operation, data, check)

    def _obey(self, operation: int, data: bytes, check: int) -> Iterator[bytes]:
        faults = self.chip.faults
        if not self._knows(operation):
            yield from self._unknown(operation)
            return
        hook = self.chip.row.read_hook
        if operation == 0x0E and hook and self.chip.registers.get(hook):
            yield from self._start_stub()
            return
        if operation in faults.fail:
            yield packet(self._error_status(operation, faults.fail[operation]))
            return
        try:
            if operation in (0x03, 0x07, 0x11) and check & 0xFF != checksum(data[16:]):
                raise Refused(CHECKSUM)
            answer = self._operations[operation](data)
        except struct.error:
            yield packet(self._failed(operation, INVALID))
        except Refused as refusal:
            yield packet(self._failed(operation, refusal.args[0]))
        else:
            yield from self._done(operation, data, answer)

    def _knows(self, operation: int) -> bool:
        if self.chip.faults.secure_download and not self.stub:
            return operation in _SECURE_DOWNLOAD
        if operation == 0x14 and not self.chip.row.security_bytes:
            return False
        if operation == 0x0E:
            return not self.stub
        return operation in self._operations and (self.stub or operation < 0xD0)

    def _unknown(self, operation: int) -> Iterator[bytes]:
        if self.stub:
            yield packet(self._status(operation, b"\xff\x00"))
            return
        yield packet(self._status(0, b"\x01\x05\x00\x00")) * 8

    def _done(self, operation: int, data: bytes, answer: bytes | None) -> Iterator[bytes]:
        if answer is None:
            return
        value = 0
        if operation in (0x08, 0x0A):
            value, answer = int.from_bytes(answer, "little"), b""
        reply = packet(self._status(operation, answer + (b"\0\0" if self.stub else b"\0\0\0\0"), value))
        yield reply * 8 if operation == 0x08 else reply
        if operation == 0x06 and struct.unpack("<II", data[:8])[1]:
            yield from self._start_stub()
        elif operation == 0xD2:
            at, size, block, self._window = struct.unpack("<IIII", data[:16])
            self._under_way = 0
            self._reading = self._pieces(at, size, block)
            yield from self._next_pieces()

    def _start_stub(self) -> Iterator[bytes]:
        if self.chip.faults.refuse_stub:
            self._hung = True
            if self.chip.faults.refuse_stub == "crash":
                yield b"\r\nGuru Meditation Error: Core  0 panic'ed (IllegalInstruction). Exception was unhandled.\r\n"
            return
        self.stub = True
        yield packet(_OHAI)

    def _failed(self, operation: int, error: int) -> bytes:
        return self._error_status(operation, (_STUB_CODES if self.stub else _ROM_CODES)[error])

    def _error_status(self, operation: int, code: int) -> bytes:
        if self.stub:
            return self._status(operation, struct.pack(">H", code if code > 0xFF else code | 0x100))
        return self._status(operation, bytes([1, code & 0xFF, 0, 0]))

    @staticmethod
    def _status(operation: int, data: bytes, value: int = 0) -> bytes:
        return struct.pack("<BBHI", 1, operation, len(data), value) + data

    # Operations: the data of the answer, or None for no answer

    def _sync(self, data: bytes) -> bytes:
        return (0 if self.stub else _ROM_SYNC).to_bytes(4, "little")

    def _read_register(self, data: bytes) -> bytes:
        (at,) = struct.unpack("<I", data[:4])
        chip = self.chip
        value = chip.registers.get(at, 0)
        if at == chip.row.clkdiv:
            value = chip.row.xtal * 1_000_000 // max(chip.baud, 1)
        return struct.pack("<I", value & 0xFFFFFFFF)

    def _write_register(self, data: bytes) -> bytes:
        registers, row = self.chip.registers, self.chip.row
        for at, value, mask, _delay in struct.iter_unpack("<IIII", data):
            registers[at] = registers.get(at, 0) & ~mask | value & mask
            if at == row.spi and value & _START_OF_SPI:
                registers[at] = 0
                self._ask_flash(registers.get(row.spi + row.usr2, 0) & 0xFF)
        if self._armed:  # it bites soon after; esptool closes the watchdog's register yet
            self.chip.restart()
        self._armed = bool(row.wdt and registers.get(row.wdt, 0) >> 31)
        return b""

    def _ask_flash(self, command: int) -> None:
        row, registers = self.chip.row, self.chip.registers
        answer = 0
        if self.chip.faults.no_flash:
            answer = 0xFFFFFF
        elif command == 0x9F:
            capacity = (len(self.chip.flash) - 1).bit_length()
            answer = 0xEF | 0x40 << 8 | capacity << 16
        elif command == 0x5A and not registers.get(row.spi + 4, 0):
            answer = int.from_bytes(b"SFDP", "little")
        registers[row.spi + row.w0] = answer

    def _memory_data(self, data: bytes) -> bytes:
        (length,) = struct.unpack("<I", data[:4])
        if length != len(data) - 16:
            raise Refused(INVALID)
        return b""

    def _memory_end(self, data: bytes) -> bytes:
        struct.unpack("<II", data[:8])
        return b""

    def _change_baud(self, data: bytes) -> bytes:
        self.new_baud = struct.unpack("<II", data[:8])[0]
        return b""

    def _security(self, data: bytes) -> bytes:
        row, faults = self.chip.row, self.chip.faults
        flags = faults.secure_boot | faults.secure_download << 2
        encrypted = 1 if faults.flash_encryption else 0
        purposes = bytes([9, 4]) if faults.secure_boot else bytes([0, 4 if encrypted else 0])
        answer = struct.pack("<IB7s", flags, encrypted, purposes)
        if row.security_bytes == 12:
            return answer
        return answer + struct.pack("<II", row.id, 0)

    # Flash

    def _flash_begin(self, data: bytes) -> bytes:
        size, _blocks, _block, at = struct.unpack("<IIII", data[:16])
        self._begin(size, at, inflate=False)
        return b""

    def _deflate_begin(self, data: bytes) -> bytes:
        size, _blocks, _block, at = struct.unpack("<IIII", data[:16])
        self._begin(size, at, inflate=True)
        return b""

    def _begin(self, size: int, at: int, *, inflate: bool) -> None:
        if at + size > len(self.chip.flash):
            raise Refused(WRITE if not self.stub else TOO_MUCH)
        self._write = Writing(self.chip, at, size, inflate)
        if not self.stub:
            self._write.erase_all()

    def _flash_data(self, data: bytes) -> bytes:
        return self._data(data, inflate=False)

    def _deflate_data(self, data: bytes) -> bytes:
        return self._data(data, inflate=True)

    def _data(self, data: bytes, *, inflate: bool) -> bytes:
        (length,) = struct.unpack("<I", data[:4])
        if length != len(data) - 16:
            raise Refused(INVALID)
        if self._write is None or self._write.inflate is not inflate:
            raise Refused(NOT_BEGUN)
        self._write.add(data[16:], exact=self.stub)
        return b""

    def _flash_end(self, data: bytes) -> bytes:
        (word,) = struct.unpack("<I", data[:4])
        write, self._write = self._write, None
        if self.stub and write is not None and write.left > 0 and write.started:
            raise Refused(TOO_LITTLE)
        if not self.stub:
            self.chip.restart()
        elif not word:  # from the stub back into the loader
            self.chip.restart(download=True)
        return b""

    def _md5(self, data: bytes) -> bytes:
        at, size, _a, _b = struct.unpack("<IIII", data[:16])
        digest = hashlib.md5(seen(self.chip, at, size))
        if self.chip.faults.wrong_md5 > 0:
            self.chip.faults.wrong_md5 -= 1
            digest.update(b"?")
        return digest.digest() if self.stub else digest.hexdigest().encode()

    def _read_slowly(self, data: bytes) -> bytes:
        at, size = struct.unpack("<II", data[:8])
        if size > _ROM_SLOW_READ or at + size > len(self.chip.flash):
            raise Refused(READ)
        return seen(self.chip, at, size).ljust(_ROM_SLOW_READ, b"\0")

    def _erase_all(self, data: bytes) -> bytes:
        erase(self.chip, 0, len(self.chip.flash))
        return b""

    def _erase_region(self, data: bytes) -> bytes:
        at, size = struct.unpack("<II", data[:8])
        if at % SECTOR or size % SECTOR or at + size > len(self.chip.flash):
            raise Refused(INVALID)
        erase(self.chip, at, size)
        return b""

    def _run_user_code(self, data: bytes) -> None:
        self.chip.restart()

    def _read_fast(self, data: bytes) -> bytes:
        at, size, _block, _most = struct.unpack("<IIII", data[:16])
        if at + size > len(self.chip.flash):
            raise Refused(READ)
        return b""

    def _pieces(self, at: int, size: int, block: int) -> Iterator[bytes]:
        digest = hashlib.md5()
        for start in range(at, at + size, block):
            piece = seen(self.chip, start, min(block, at + size - start))
            digest.update(piece)
            yield piece
        yield digest.digest()

    def _next_pieces(self) -> Iterator[bytes]:
        """As many pieces as may be under way."""
        while self._reading is not None and self._under_way < self._window:
            piece = next(self._reading, None)
            if piece is None:
                self._reading = None
                return
            self._under_way += 1
            yield packet(piece)

    def _read_on(self, frame: bytes) -> Iterator[bytes]:
        if len(frame) != 4:  # no acknowledgement: a new request ends the reading
            self._reading = None
            yield from self._answer(frame)
            return
        self._under_way -= 1
        yield from self._next_pieces()
