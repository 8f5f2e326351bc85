"""A stand-in for dfu-util: answers as version 0.11 was recorded to, on a flash that is a file.

Its folder holds ``board.json``: ``mode`` (ok, none, access, driver, two, protected, gone), ``start`` (the address of
the flash), and ``said``, a list of the calls. ``flash.bin`` is the flash.
"""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

_HEAD = """dfu-util 0.11

Copyright 2005-2009 Weston Schmidt, Harald Welte and OpenMoko Inc.
Copyright 2010-2021 Tormod Volden and Stefan Schmidt
This program is Free Software and has ABSOLUTELY NO WARRANTY
Please report bugs to http://sourceforge.net/p/dfu-util/tickets/
"""
_LAYOUTS = (
    (3, "@Device Feature/0xFFFF0000/01*004 e"),
    (2, "@OTP Memory /0x1FFF7800/01*512 e,01*016 e"),
    (1, "@Option Bytes  /0x1FFFC000/01*016 e"),
    (0, "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg"),
)
_SERIALS = ("387C36763137", "205F357B4B56")
START, SIZE = 0x08000000, 512 << 10
_OPENED = """Opening DFU capable USB device...
Device ID 0483:df11
Device DFU version 011a
Claiming USB DFU Interface...
Setting Alternate Interface #0 ...
Determining device status...
DFU state(2) = dfuIDLE, status(0) = No error condition is present
DFU mode device DFU version 011a
Device returned transfer size 2048
DfuSe interface name: "Internal Flash  "
"""


def install(folder: Path, mode: str = "ok") -> Path:
    """Put a program ``dfu-util`` and its board into ``folder``; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "dfu-util"
    program.write_text(f"#!{sys.executable} -S\nimport runpy, sys\nsys.argv.insert(1, {str(folder)!r})\n"
                       f"runpy.run_path({__file__!r}, run_name='__main__')\n")  # fmt: skip
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    (folder / "flash.bin").write_bytes(b"\x11" * SIZE)
    set_mode(folder, mode)
    return folder


def set_mode(folder: Path, mode: str) -> None:
    """What happens from now on."""
    (folder / "board.json").write_text(json.dumps({"mode": mode, "said": []}))


def calls(folder: Path) -> list[list[str]]:
    """The arguments of each call since the mode was set."""
    found: list[list[str]] = json.loads((folder / "board.json").read_text())["said"]
    return found


def _say(text: str, end: str = "\n") -> None:
    sys.stdout.write(text + end)
    sys.stdout.flush()


def _complain(text: str) -> None:
    sys.stderr.write(text + "\n")


class _Stop(Exception):
    """Ends with this code."""


def _list(mode: str) -> None:
    if mode in ("access", "driver"):
        word = {"access": "LIBUSB_ERROR_ACCESS", "driver": "LIBUSB_ERROR_NOT_SUPPORTED"}[mode]
        _complain(f"dfu-util: Cannot open DFU device 0483:df11 found on devnum 12 ({word})")
        return
    for number, serial in enumerate(_SERIALS[: {"none": 0, "two": 2}.get(mode, 1)]):
        for alternate, name in _LAYOUTS:
            _say(
                f"Found DFU: [0483:df11] ver=2200, devnum={12 + number}, cfg=1, intf=0, "
                f'path="1-{2 + number}", alt={alternate}, name="{name}", serial="{serial}"'
            )


def _bar(name: str, size: int) -> None:
    for done in range(0, 101, 20):
        _say(f"\r{name}\t[{'=' * (done // 4):25}] {done:3}% {size * done // 100:12} bytes", end="")
    _say(f"\n{name} done.")


def _sector(address: int) -> tuple[int, int]:
    at = START
    for size in (*[16 << 10] * 4, 64 << 10, *[128 << 10] * 3):
        if at <= address < at + size:
            return at, size
        at += size
    _complain(f"dfu-util: Last page at 0x{address:08x} is not writeable")
    raise _Stop(74)


def _download(folder: Path, mode: str, file: bytes) -> None:
    number, at = file[10], 11
    _say(f"File contains {number} DFU images\nParsing DFU image 1")
    elements = int.from_bytes(file[at + 270 : at + 274], "little")
    at += 274
    flash = bytearray((folder / "flash.bin").read_bytes())
    for index in range(elements):
        address, size = (int.from_bytes(file[at + k : at + k + 4], "little") for k in (0, 4))
        at += 8
        _say(f"Parsing element {index + 1}, address = 0x{address:08x}, size = {size}")
        _sector(address + size - 1)
        if mode == "protected":
            _complain("dfu-util: ERASE_PAGE not correctly executed")
            raise _Stop(1)
        page = address
        while page < address + size:
            start, length = _sector(page)
            flash[start - START : start - START + length] = b"\xff" * length
            page = start + length
        _bar("Erase   ", size)
        if mode == "gone":
            _complain("dfu-util: Error during download (LIBUSB_ERROR_NO_DEVICE)")
            raise _Stop(74)
        flash[address - START : address - START + size] = file[at : at + size]
        _bar("Download", size)
        at += size
    (folder / "flash.bin").write_bytes(flash)
    _say("File downloaded successfully")


def _work(folder: Path, mode: str, words: list[str]) -> None:
    options = words[words.index("-s") + 1] if "-s" in words else ""
    if mode in ("none", "access", "driver"):
        _list(mode)
        _complain("dfu-util: No DFU capable USB device available")
        raise _Stop(74)
    _say(_OPENED, end="")
    if ":mass-erase:force" in options:
        _say("Performing mass erase, this can take a moment")
        (folder / "flash.bin").write_bytes(b"\xff" * SIZE)
    if "-D" in words:
        _download(folder, mode, Path(words[words.index("-D") + 1]).read_bytes())
    else:
        _say("DfuSe command mode")
    if options.endswith(":leave"):
        _say("Submitting leave request...\nTransitioning to dfuMANIFEST state")


def main(folder: Path, words: list[str]) -> int:
    """The program."""
    board = json.loads((folder / "board.json").read_text())
    (folder / "board.json").write_text(json.dumps({**board, "said": [*board["said"], words]}))
    _say(_HEAD)
    try:
        if "--list" in words:
            _list(board["mode"])
        else:
            _work(folder, board["mode"], words)
    except _Stop as end:
        return int(end.args[0])
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
