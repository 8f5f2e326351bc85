"""How the ports that are built by make are called: unix, qemu, minimal, stm32, esp8266; what a tree lacks is said.

The make lines are those of each port's own README (facts.md h.4); compilers are given to them, never looked up by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
_RV32, _ARM, _LX106 = "VIRT_RV32", "arm-none-eabi-", "xtensa-lx106-elf-"
#: What brings compiler and SDK of the ESP8266.
_OPEN_SDK = "git clone --recursive https://github.com/pfalcon/esp-open-sdk && make -C esp-open-sdk STANDALONE=y"


class PortUnsupported(FirmwareError):
    """This board of a port cannot be built here."""

    code = "firmware.port"

    def __init__(self, target: Target, why: Text, step: Text | None = None) -> None:
        super().__init__(
            _("Firmware for {name} cannot be built here.", name=target.board or target.port),
            why=why,
            next_step=step or _("Choose another board under [firmware] in natmod.toml."),
            port=target.port,
            board=target.board,
        )


@dataclass(frozen=True)
class MakeLine:
    """``values`` are the variables, ``product`` is the file in the build folder that everything is for; ``left_out``
    names what the tree lacks. ``elf``: the one with symbols, where that is another one."""

    values: Mapping[str, str]
    product: str
    left_out: tuple[str, ...] = ()
    elf: str = "firmware.elf"


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
        return _arm(target, sdk, stage, host)
    if target.port == "esp8266":
        return _esp8266(ctx, target, sdk, stage, host)
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
    return MakeLine(values, "micropython", tuple(what for _name, what in lacks), "micropython")


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


def _arm(target: Target, sdk: SdkTree, stage: Staging, host: Host) -> MakeLine:
    if host.which(f"{_ARM}gcc") is None:
        raise ToolMissing(f"{_ARM}gcc", command="apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi")
    values = {"CROSS_COMPILE": _ARM, **_board(target, sdk, stage)}
    return MakeLine(values, "firmware.dfu" if target.port == "stm32" else "firmware.elf")


def _esp8266(ctx: JobContext, target: Target, sdk: SdkTree, stage: Staging, host: Host) -> MakeLine:
    """Its compiler brings Espressif's SDK for the chip, which Debian's and Arduino's do not."""
    if host.which(f"{_LX106}gcc") is None:
        raise ToolMissing(f"{_LX106}gcc", command=_OPEN_SDK)
    root = ctx.run((f"{_LX106}gcc", "-print-sysroot"), check=False).text.strip()
    if not root or not Path(root, "usr", "include", "user_interface.h").is_file():
        raise PortUnsupported(
            target,
            _("The compiler {name} here comes without Espressif's SDK for the ESP8266.", name=f"{_LX106}gcc"),
            _("Put that of esp-open-sdk first on PATH: {command}", command=_OPEN_SDK),
        )
    return MakeLine({"CROSS_COMPILE": _LX106, **_board(target, sdk, stage)}, "firmware.bin")


def _board(target: Target, sdk: SdkTree, stage: Staging) -> dict[str, str]:
    """The variables that choose board and variant; a board of the project is named by its folder."""
    board, folder = target.board or "", target.board_folder
    values = {"BOARD": board}
    if folder is not None and not folder.is_relative_to(sdk.path):
        values["BOARD_DIR"] = str(stage.link(f"board/{board}", folder))
    if target.variant:
        values["BOARD_VARIANT"] = target.variant
    return values
