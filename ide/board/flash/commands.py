"""The command lines of esptool 5, as argv and as a line to copy."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ide.board.flash.records import FlashFile, FlashJob
from toolchains.host import Host
from toolchains.paths import resources

#: The speed of the ROM loader, and of a second attempt.
SLOW = 115200
#: What MicroPython's own instructions use (boards/deploy.md).
FAST = 460800

Before = Literal["default-reset", "usb-reset", "no-reset"]
After = Literal["hard-reset", "no-reset", "no-reset-stub", "watchdog-reset"]

#: What would make esptool do something else than what its command line says.
_OURS_ONLY = (
    *("CHIP", "PORT", "BAUD", "BEFORE", "AFTER", "CONNECT_ATTEMPTS", "OPEN_PORT_ATTEMPTS", "STUB_VERSION"),
    *("FF", "FM", "FS", "ENV_FPGA"),
)


@dataclass(frozen=True)
class Way:
    """How to reach and write a chip: what second attempts change. ``baud`` None: the loader's own speed."""

    baud: int | None = FAST
    stub: bool = True
    compress: bool = True
    flash_mode: str = "keep"

    @property
    def speed(self) -> int:
        """In baud."""
        return self.baud or SLOW


@dataclass(frozen=True)
class Link:
    """The chip on a port, and the way to it."""

    port: str
    chip: str
    way: Way = Way()
    before: Before = "default-reset"
    after: After = "hard-reset"


def program() -> tuple[str, ...]:
    """The argv that starts esptool, in our own Python. -P: no file of the person's folder stands in for a library."""
    python = Path(sys.executable)
    if python.stem.lower() == "pythonw":  # a window's Python says nothing in a terminal, where the line may be pasted
        python = python.with_name(python.name.lower().replace("pythonw", "python"))
    return (str(python), "-P", "-m", "esptool")


def environment() -> Mapping[str, str | None]:
    """What is changed in esptool's environment: no colours, no settings but ours, every line at once and in UTF-8."""
    return {
        **{f"ESPTOOL_{name}": None for name in _OURS_ONLY},
        "ESPTOOL_CFGFILE": str(resources() / "flash" / "esptool.cfg"),
        "ESPRESSIF_IDE_WS": None,
        "NO_COLOR": "1",
        "FORCE_COLOR": None,
        "TTY_COMPATIBLE": None,
        "TTY_INTERACTIVE": None,
        "COLUMNS": "1000",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "PYTHONIOENCODING": "utf-8:backslashreplace",
        "PYTHONWARNINGS": None,
    }


def copyable(argv: Sequence[str], host: Host) -> str:
    """The command as a line for the person's shell."""
    return subprocess.list2cmdline(argv) if host.system == "windows" else shlex.join(argv)


def on_port(link: Link, *command: str) -> tuple[str, ...]:
    """A command that talks to the chip."""
    words = [*program(), "--chip", link.chip or "auto", "--port", link.port]
    if link.way.baud is not None:
        words += ["--baud", str(link.way.baud)]
    if link.before != "default-reset":
        words += ["--before", link.before]
    if link.after != "hard-reset":
        words += ["--after", link.after]
    if not link.way.stub:
        words.append("--no-stub")
    return (*words, *command)


def write_flash(link: Link, job: FlashJob, diff: Sequence[Path | None] = ()) -> tuple[str, ...]:
    """Write the files of ``job``. ``diff`` are the images that the flash is believed to hold, one a file or None."""
    words = ["write-flash"]
    if job.erase == "all" and link.way.stub:  # the ROM loader cannot: see erase_all
        words.append("--erase-all")
    if diff:
        words += ["--diff-with", *(str(path) if path is not None else "skip" for path in diff)]
    elif job.only_changes:
        words.append("--skip-flashed")
    words += _header(job, link.way)
    if not link.way.compress:
        words.append("--no-compress")
    if job.force:
        words.append("--force")
    return on_port(link, *words, *_pairs(job.files))


def verify_flash(link: Link, files: Sequence[FlashFile], job: FlashJob | None = None) -> tuple[str, ...]:
    """Compare the flash with files; ``job`` when its flash mode, frequency or size changed the first one's header."""
    header = _header(job, link.way) if job is not None else []
    return on_port(link, "verify-flash", *header, *_pairs(files))


def read_flash(link: Link, address: int, size: int, into: Path) -> tuple[str, ...]:
    """Read ``size`` bytes into a file."""
    return on_port(link, "read-flash", hex(address), hex(size), str(into))


def erase(link: Link, region: tuple[int, int] | None = None, *, force: bool = False) -> tuple[str, ...]:
    """Erase everything, or ``(address, size)``. The ROM loader knows only regions."""
    forced = ("--force",) if force else ()
    if region is None:
        return on_port(link, *(("erase-flash", *forced) if link.way.stub else ("erase-region", *forced, "0x0", "all")))
    return on_port(link, "erase-region", *forced, hex(region[0]), hex(region[1]))


def merge_bin(chip: str, files: Sequence[FlashFile], into: Path, *, start: int, pad_to: str = "") -> tuple[str, ...]:
    """Make one image of several files; ``start`` is the flash address of its first byte."""
    padding = ("--pad-to-size", pad_to) if pad_to else ()
    options = ("--output", str(into), "--target-offset", hex(start), *padding)
    return (*program(), "--chip", chip, "merge-bin", *options, *_pairs(files))


def _header(job: FlashJob, way: Way) -> list[str]:
    mode = way.flash_mode if way.flash_mode != "keep" else job.flash_mode
    return ["--flash-mode", mode, "--flash-freq", job.flash_freq, "--flash-size", job.flash_size]


def _pairs(files: Sequence[FlashFile]) -> list[str]:
    return [word for file in files for word in (hex(file.address), str(file.path.absolute()))]
