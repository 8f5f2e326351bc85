"""Frozen Python as machine code: files that a project names under ``native`` are compiled before the port's own build.

MicroPython's manifest knows bytecode only; it takes finished .mpy files as they are, and of these any may be native.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from toolchains import bytecode, chips
from toolchains.errors import FirmwareError, disk_errors
from toolchains.firmware.boards import Target
from toolchains.firmware.built import Job
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.text import _

#: In the build's folder: the .mpy files, as they are to be imported.
FOLDER = "native"
_OF_PORT = {"esp8266": "xtensa"}
_OF_BOARD = {
    "VIRT_RV32": "rv32imc", "VIRT_RV64": "rv64imc", "MPS2_AN385": "armv7m", "MPS2_AN500": "armv7em",
    "NETDUINO2": "armv7m", "MICROBIT": "armv6m",
}  # fmt: skip
_IDF_TARGET = re.compile(r"^\s*set\(IDF_TARGET\s+(\w+)", re.IGNORECASE | re.MULTILINE)
_SERIES = re.compile(r"^\s*MCU_SERIES\s*[:?]?=\s*(\w+)", re.MULTILINE)
#: Families of the STM32 whose core is a Cortex-M0; all others run armv7m.
_SMALL = ("c0", "f0", "g0", "l0", "u0")


class NoMachineCode(FirmwareError):
    """For this target, Python cannot become machine code."""

    code = "firmware.native"

    def __init__(self, name: str) -> None:
        super().__init__(
            _("Python cannot become machine code for {name}.", name=name),
            next_step=_('Take "native" out of [firmware] in natmod.toml: bytecode runs everywhere.'),
            name=name,
        )


def arch_of(target: Target, host: Host) -> str | None:
    """The architecture that a target runs machine code of; None where there is none that we know."""
    if target.port == "unix":
        return {"x86_64": "x64", "i686": "x86"}.get(host.machine)
    if target.port == "esp32":
        chip = _named(target.board_folder, "mpconfigboard.cmake", _IDF_TARGET) or "esp32"
        known = chips.chips().get(chip)
        return known.arch if known is not None else None
    if target.port == "stm32":
        series = _named(target.board_folder, "mpconfigboard.mk", _SERIES)
        return None if not series else "armv6m" if series.lower() in _SMALL else "armv7m"
    return _OF_PORT.get(target.port) or _OF_BOARD.get(target.board or "")


def _named(folder: Path | None, file: str, pattern: re.Pattern[str]) -> str | None:
    path = folder / file if folder is not None else None
    if path is None or not path.is_file():
        return None
    with disk_errors(path):
        found = pattern.search(path.read_text("utf-8", "replace"))
    return found[1] if found else None


def compile_native(ctx: JobContext, job: Job) -> None:
    """Compile what has changed; what is native no longer goes. Raises :class:`NoMachineCode`, ``PythonFailed``."""
    folder = job.stage.folder / FOLDER
    wanted = _wanted(job)
    arch = arch_of(job.target, job.host) if wanted else ""
    if arch is None:
        raise NoMachineCode(job.table.label)
    with disk_errors(folder):
        for stray in [path for path in folder.rglob("*.mpy") if path.relative_to(folder).as_posix() not in wanted]:
            stray.unlink()
    for name, source in wanted.items():
        output = folder / name
        if not output.is_file() or output.stat().st_mtime_ns <= source.stat().st_mtime_ns:
            bytecode.compile_py(
                ctx, source, output, arch=arch, emit="native", mpy=(job.sdk.mpy_version, job.sdk.mpy_sub_version),
                embedded_name=Path(name).with_suffix(".py").as_posix(), shown_as=str(source),
            )  # fmt: skip


def _wanted(job: Job) -> Mapping[str, Path]:
    """Of each .mpy file, as it is to be imported, its source."""
    root, found = job.request.project.root, dict[str, Path]()
    for path in job.table.native:
        place = root / path
        with disk_errors(place):
            sources = sorted(place.rglob("*.py")) if place.is_dir() else [place]
        for source in sources:
            found[source.relative_to(place.parent).with_suffix(".mpy").as_posix()] = source
    return found
