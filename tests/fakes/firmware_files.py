"""What a build of the ESP32 port leaves: a real ELF file and a real map, of objects with the names and sizes of one.

The code in them is zeros, put together by the assembler and the linker that are here.
"""

from __future__ import annotations

import json
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path

#: Objects (or members of an archive) by their symbols: section, bytes.
Objects = Mapping[str, Mapping[str, tuple[str, int]]]
OBJECTS: Objects = {
    "build/py/objstr.o": {"str_format": (".text", 5200), "str_table": (".rodata", 800), "mp_obj_str": (".text", 7400)},
    "build/py/compile.o": {"compile_scope": (".text", 9900), "compile_node": (".text", 7600)},
    "build/py/vm.o": {"mp_execute_bytecode": (".text", 6800)},
    "build/py/gc.o": {"gc_collect": (".iram", 1900), "gc_alloc": (".iram", 2300), "gc_state": (".bss", 900)},
    "build/py/qstr.o": {"qstr_pool": (".rodata", 14000)},
    "build/py/mpz.o": {"mpz_mul": (".text", 4700), "mpz_divmod": (".text", 3100)},
    "build/extmod/vfs_lfs.o": {"lfs_file_write": (".text", 12400), "lfs_mount": (".text", 5100)},
    "build/extmod/modssl.o": {"ssl_wrap": (".text", 6100)},
    "build/extmod/modasyncio.o": {"asyncio_task": (".text", 2300)},
    "build/modules/0-twice/twice.o": {"times": (".text", 620), "twice_module": (".data", 40), "table": (".rodata", 96)},
    "build/frozen_content.o": {
        "frozen_module_greet": (".rodata", 60), "fun_data_greet_hello": (".rodata", 2900),
        "frozen_module_main": (".rodata", 50), "fun_data_main": (".rodata", 1400),
    },
    "build/ports/esp32/main.o": {"app_main": (".text", 900), "heap_area": (".bss", 38000)},
    "build/esp-idf/libesp_wifi.a": {"wifi_start": (".text", 188000), "wifi_isr": (".iram", 21000)},
    "build/esp-idf/liblwip.a": {"tcp_input": (".text", 61000), "lwip_stats": (".bss", 5200)},
    "build/esp-idf/libmbedtls.a": {"ssl_handshake": (".text", 96000), "certificates": (".rodata", 62000)},
    "build/esp-idf/libbt.a": {"bt_host": (".text", 142000), "bt_tables": (".rodata", 24000)},
    "build/esp-idf/libfreertos.a": {"vTaskSwitch": (".iram", 9400), "task_list": (".data", 3100)},
}  # fmt: skip
#: The build before that.
BEFORE: Objects = {**OBJECTS, "build/py/vm.o": {"mp_execute_bytecode": (".text", 4752)}}
_SCRIPT = """\
MEMORY {
  irom_seg (rx) : ORIGIN = 0x42000000, LENGTH = 0x800000
  drom_seg (r) : ORIGIN = 0x3c000000, LENGTH = 0x800000
  iram_seg (rx) : ORIGIN = 0x40374000, LENGTH = 0x10000
  dram_seg (rw) : ORIGIN = 0x3fc88000, LENGTH = 0x28000
}
SECTIONS {
  .text : { *(.text.*) } > irom_seg
  .rodata : { *(.rodata.*) } > drom_seg
  .iram : { *(.iram.*) } > iram_seg
  .data : { *(.data.*) } > dram_seg
  .bss (NOLOAD) : { *(.bss.*) } > dram_seg
  /DISCARD/ : { *(*) }
}
"""
_FLAGS = {".text": "ax", ".iram": "ax", ".rodata": "a", ".data": "aw", ".bss": "aw"}
_ROW = struct.Struct("<2sBBLL16sL")


def result(folder: Path, objects: Objects = OBJECTS, *, partition: int = 0x1F0000) -> Path:
    """A folder of results for ESP32_GENERIC_S3 SPIRAM_OCT, with an app partition of so many bytes; its record."""
    folder.mkdir(parents=True, exist_ok=True)
    _link(folder / "work", folder, objects)
    app = sum(size for symbols in objects.values() for section, size in symbols.values() if section != ".bss")
    (folder / "micropython.bin").write_bytes(bytes(app))
    (folder / "firmware.bin").write_bytes(bytes(0x10000 + app))
    table = _ROW.pack(b"\xaa\x50", 1, 2, 0x9000, 0x6000, b"nvs", 0)
    table += _ROW.pack(b"\xaa\x50", 0, 0, 0x10000, partition, b"factory", 0)
    (folder / "partition-table.bin").write_bytes(table.ljust(0xC00, b"\xff"))
    record = {
        "schema": 1, "micropython": "1.26.1", "port": "esp32", "board": "ESP32_GENERIC_S3", "variant": "SPIRAM_OCT",
        "modules": [{"folder": "twice", "names": ["twice"], "sha256": "0"}], "product": "firmware.bin",
        "elf": "micropython.elf",
        "files": {"map": "linker.map", "app": "micropython.bin", "partitions": "partition-table.bin"},
    }  # fmt: skip
    path = folder / "build.json"
    path.write_text(json.dumps(record), "utf-8")
    return path


def _link(work: Path, folder: Path, objects: Objects) -> None:
    """Assemble each object, put those of a library into an archive, link all."""
    for name, symbols in objects.items():
        place = work / name
        place.parent.mkdir(parents=True, exist_ok=True)
        member = place.with_suffix(".o")
        lines = "".join(
            f'.section {section}.{symbol},"{_FLAGS[section]}",@{"nobits" if section == ".bss" else "progbits"}\n'
            f".globl {symbol}\n.type {symbol},@object\n.size {symbol},{size}\n{symbol}: .zero {size}\n"
            for symbol, (section, size) in symbols.items()
        )
        subprocess.run(["as", "-o", member, "-"], input=lines.encode(), check=True)
        if place.suffix == ".a":
            place.unlink(missing_ok=True)
            subprocess.run(["ar", "rc", place, member], check=True)
    (work / "script.ld").write_text(_SCRIPT, "utf-8")
    loose = [name for name in objects if name.endswith(".o")]
    archives = [name for name in objects if name.endswith(".a")]
    line = ["ld", "-nostdlib", "-e", "0", "-T", "script.ld", "-Map", folder / "linker.map"]
    line += ["-o", folder / "micropython.elf", *loose, "--whole-archive", *archives]
    subprocess.run(line, cwd=work, check=True, stderr=subprocess.DEVNULL)
