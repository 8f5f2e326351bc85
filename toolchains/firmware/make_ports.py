"""How the ports that are built by make are called: unix, qemu, minimal. What a source tree lacks is left out, and said.

The make lines are those of each port's own README (facts.md h.4); compilers are given to them, never looked up by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from toolchains import chips
from toolchains.errors import FirmwareError, ToolMissing, disk_errors
from toolchains.firmware.boards import Target
from toolchains.firmware.make import Staging
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths, resources
from toolchains.sdk_tree import SdkTree
from toolchains.text import Text, _
from toolchains.zig import Zig

#: Of the unix port, what a tree may lack: the make variable that leaves it out, one file of it, and what it is.
_OPTIONAL = (
    ("MICROPY_PY_SSL", "lib/mbedtls/README.md", "ssl"),
    ("MICROPY_PY_BTREE", "lib/berkeley-db-1.xx/README", "btree"),
)
_RV32, _ARM = "VIRT_RV32", "arm-none-eabi-"


class PortUnsupported(FirmwareError):
    """This board of a port cannot be built here."""

    code = "firmware.port"

    def __init__(self, target: Target, why: Text) -> None:
        super().__init__(
            _("Firmware for {name} cannot be built here.", name=target.board or target.port),
            why=why,
            next_step=_("Choose another board under [firmware] in natmod.toml."),
            port=target.port,
            board=target.board,
        )


@dataclass(frozen=True)
class MakeLine:
    """``values`` are the variables, ``product`` is the file in the build folder that everything is for; ``left_out``
    names what the tree lacks."""

    values: Mapping[str, str]
    product: str
    left_out: tuple[str, ...] = ()
    flags: tuple[str, ...] = field(default=())


def make_line(ctx: JobContext, target: Target, sdk: SdkTree, stage: Staging, host: Host, paths: Paths) -> MakeLine:
    """The line for a target. Raises :class:`PortUnsupported`, ``ToolMissing``."""
    if not target.folder.is_relative_to(sdk.path):
        return MakeLine({"CC": _gcc(host), "TREE": str(stage.link("tree", sdk.path))}, "firmware.elf")
    if target.port == "unix":
        return _unix(target, sdk, stage, host)
    if target.port == "minimal":
        return MakeLine({"CC": _gcc(host), "CWARN": "-w"}, "firmware.elf")
    if target.port == "qemu" and target.board == _RV32:
        return _virt_rv32(ctx, stage, host, paths)
    if target.port in ("qemu", "stm32"):
        return _arm(target, host)
    raise PortUnsupported(target, _("Its port is not built by make alone."))


def _gcc(host: Host) -> str:
    if host.which("gcc") is None:
        raise ToolMissing("gcc", command="apt-get install gcc libc6-dev" if host.which("apt-get") else "")
    return "gcc"


def _unix(target: Target, sdk: SdkTree, stage: Staging, host: Host) -> MakeLine:
    lacks = [(name, what) for name, file, what in _OPTIONAL if not (sdk.path / file).exists()]
    values = {
        "CC": _gcc(host),
        "VARIANT": target.variant or "",
        "STRIP": "",  # the symbols tell whether a module is in it, and what it weighs
        "MICROPY_PY_FFI": "0",
        **{name: "0" for name, _what in lacks},
    }
    return MakeLine(values, "micropython", tuple(what for _name, what in lacks))


def _virt_rv32(ctx: JobContext, stage: Staging, host: Host, paths: Paths) -> MakeLine:
    """zig as the compiler, assembler and linker (no-hardware.md section 4)."""
    zig = Zig.bundled(host)
    if zig is None:
        raise ToolMissing("zig", command="python -m pip install ziglang")
    arch = chips.arch("rv32imc")
    runtime = zig.runtime(ctx, paths, arch)
    folder = stage.link("zig", zig.program.parent)
    board = stage.link("board/VIRT_RV32", resources() / "firmware" / "VIRT_RV32")
    clang = f"{folder}/zig clang --target=riscv32-unknown-none-elf -march=rv32imac_zicsr -mabi=ilp32"
    library = stage.link("runtime", runtime.parent) / runtime.name
    headers = " ".join(f"-isystem {folder}/lib/libc/include/{name}" for name in _MUSL)
    values = {
        "CC": f"{clang} -nostdinc {headers} -isystem {folder}/lib/include {_FLAGS} -B{_linker(stage, folder)}",
        "AS": f"{clang} -x assembler-with-cpp -c",
        "SIZE": "true",
        "RV32_ARCH": "rv32imac_zicsr",
        "BOARD": "VIRT_RV32",
        "BOARD_DIR": str(board),
        "LDSCRIPT": f"{board}/virt.ld",
        "LIBS": f"-nostdlib {library}",
    }
    return MakeLine(values, "firmware.elf")


_MUSL = ("riscv32-linux-musl", "riscv-linux-musl", "generic-musl")
#: The single-precision library expects newlib's names for its integers; clang takes a loop in it for wcslen.
_FLAGS = (
    "-D__int32_t=int -D__uint32_t=unsigned -D__uint8_t='unsigned char'"
    " -fno-builtin-wcslen -w -fuse-ld=lld -Wno-unused-command-line-argument"
)


def _linker(stage: Staging, zig: Path) -> Path:
    """A folder with a program ``ld.lld``: clang calls its linker by that name, zig has it as its first argument."""
    folder = stage.folder / "bin"
    program = folder / "ld.lld"
    with disk_errors(program):
        folder.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\nexec {zig}/zig ld.lld "$@"\n', "utf-8")
        program.chmod(0o755)
    return folder


def _arm(target: Target, host: Host) -> MakeLine:
    if host.which(f"{_ARM}gcc") is None:
        raise ToolMissing(f"{_ARM}gcc", command="apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi")
    values = {"CROSS_COMPILE": _ARM, "BOARD": target.board or ""}
    if target.port == "qemu":
        return MakeLine(values, "firmware.elf")
    if target.variant:
        values["BOARD_VARIANT"] = target.variant
    return MakeLine(values, "firmware.elf")
