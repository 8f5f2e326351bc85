"""What an emulated chip runs when its flash has MicroPython: a fake board that knows which chip it is."""

from __future__ import annotations

import builtins
import gc
import io
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from tests.fakes.board import FakeBoard
from tests.fakes.rom_table import ChipRow

#: ``_mpy`` of MicroPython 1.26: version 6.3, Xtensa with windows or rv32imc.
_MPY = {"xtensa": 0x2B06, "riscv": 0x2F06}


class RomBoard(FakeBoard):
    """MicroPython of ``version`` (``v1.26.1``) for ``machine`` on this chip; without a version it is another firmware.

    ``restart(download)`` is its ``machine.reset``.
    """

    def __init__(
        self, row: ChipRow, version: str, machine: str, mac: bytes, size: int, restart: Callable[[bool], None]
    ) -> None:
        friendly = f'MicroPython {version} on 2025-09-11; {machine}\r\nType "help()" for more information.\r\n>>> '
        self.files: dict[str, _File] = {}
        self.modules = {
            **_modules(row, version, machine),
            "machine": SimpleNamespace(
                unique_id=lambda: mac,
                reset=lambda: restart(False),
                bootloader=lambda: restart(True),
                freq=lambda: 160_000_000,
            ),
            "esp": SimpleNamespace(flash_size=lambda: size),
        }
        self.modules["os"].remove = self.files.pop
        super().__init__(friendly=friendly.encode(), firmware="micropython" if version else "other")

    @property
    def greeting(self) -> bytes:
        """What it prints when it starts."""
        return self.friendly if self.firmware == "micropython" else b"I (297) app: hello\r\n"

    def _fresh(self) -> None:
        super()._fresh()
        names = self.names["__builtins__"]
        assert isinstance(names, dict)
        own = self.modules | {"builtins": SimpleNamespace(**names)}
        names["__import__"] = lambda name, *rest: own.get(name) or builtins.__import__(name, *rest)
        names["open"] = self._open

    def _open(self, name: str, mode: str = "r") -> io.BytesIO:
        """A file of the board, never one of this computer; in bytes."""
        if "w" in mode:
            file = self.files[name] = _File()
            return file
        if name not in self.files:
            raise OSError(2)
        return io.BytesIO(self.files[name].kept)


class _File(io.BytesIO):
    """A file that is still there when it is closed."""

    kept = b""

    def close(self) -> None:
        self.kept = self.kept if self.closed else self.getvalue()
        super().close()


def _modules(row: ChipRow, version: str, machine: str) -> dict[str, Any]:
    def refuse(*args: object) -> None:
        raise OSError(2)

    numbers = tuple(int(part) for part in version.lstrip("v").split("-")[0].split(".") if part.isdigit())
    implementation = SimpleNamespace(
        name="micropython",
        version=(*numbers, ""),
        _machine=machine,
        _mpy=_MPY[row.stack],
        _build=f"{row.key.upper()}_GENERIC",
    )
    return {
        "sys": SimpleNamespace(
            implementation=implementation,
            platform="esp32",
            version=f"3.4.0; MicroPython {version} on 2025-09-11",
            stdin=SimpleNamespace(buffer=None),
            path=["", ".frozen", "/lib"],
        ),
        "os": SimpleNamespace(
            statvfs=lambda path: (4096, 4096, 512, 510, 510, 0, 0, 0, 0, 255),
            listdir=lambda path="/": ["boot.py"],
            stat=refuse,
            uname=lambda: SimpleNamespace(sysname="esp32", machine=machine),
        ),
        "esp32": SimpleNamespace(
            HEAP_EXEC=1,
            HEAP_DATA=4,
            idf_heap_info=lambda kind: [] if kind == 1024 else [(110_000, 90_000, 65_536, 80_000)],
        ),
        "gc": SimpleNamespace(collect=gc.collect, mem_alloc=lambda: 8_000, mem_free=lambda: 160_000),
    }
