"""The command lines of an ESP32 build: those that make in ports/esp32 would run (facts.md h.3), without make."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from toolchains.firmware.idf.places import Idf

#: What makeimg.py reads and writes in the build folder, in the order of its arguments.
PARTS = {
    "sdkconfig": "sdkconfig",
    "bootloader": "bootloader/bootloader.bin",
    "partitions": "partition_table/partition-table.bin",
    "app": "micropython.bin",
    "firmware": "firmware.bin",
    "uf2": "micropython.uf2",
}


@dataclass(frozen=True)
class Lines:
    """``values`` are CMake's (``-D``), in their order; all paths are absolute."""

    idf: Idf
    values: tuple[tuple[str, str], ...]
    build: Path

    @property
    def idf_py(self) -> tuple[str, ...]:
        """Configure and build."""
        given = [word for key, value in self.values for word in ("-D", f"{key}={value}")]
        program = self.idf.path / "tools" / "idf.py"
        return (str(self.idf.python), str(program), *given, "-B", str(self.build), "build")

    @property
    def makeimg(self) -> tuple[str, ...]:
        """Bootloader, partition table and app as one file."""
        return (str(self.idf.python), "makeimg.py", *(str(self.build / name) for name in PARTS.values()))
