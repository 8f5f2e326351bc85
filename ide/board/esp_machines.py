"""Simulated ESP32s: Espressif's QEMU with the official firmware in a flash that stays. Real partitions, real flashing.

What QEMU takes on its command line is that of ESP-IDF's own runner (facts h.5); the names of the ROMs are those that
QEMU's machines look for. QEMU comes from the catalogue of toolchains, from other programs' folders, or from PATH, where
Debian has programs of the same names without these machines: their ROM is not beside them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ide.board.esp_flash import FlashPlan, Note, efuse_file, flash_file, prepare, read_note
from ide.board.sim_makers import Made, Tools
from ide.board.simulator import PREFIX, SimulatorKind, own_folder, stop
from toolchains.chips import chips
from toolchains.errors import BoardError, StudioError, UsageError, disk_errors
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.on_this_machine import Place, elsewhere, in_store, pack_caches
from toolchains.paths import Paths
from toolchains.text import Text, _
from toolchains.units import size_text

if TYPE_CHECKING:
    from toolchains.catalog import Catalog
    from toolchains.catalog_records import Release
    from toolchains.manager import Toolchains
    from toolchains.micropython_releases import Firmware
    from toolchains.sdk import SdkTree

#: A folder with Espressif's QEMU, or the program itself, of a person's own.
QEMU_VARIABLE = "NATMOD_QEMU"

_MB = 1 << 20
#: Where QEMU's ROMs are, seen from its program.
_ROM_PLACES = ("../share/qemu", "../share", "share", ".", "../pc-bios")


@dataclass(frozen=True)
class EspChip:
    """What has to be known of a chip to simulate it. ``board`` has its plain firmware; ``roms``: one of them is there.

    ``strap`` is the state of its strapping pins while BOOT is held; ``fuses`` those that say its revision.
    """

    name: str
    tool: str
    program: str
    machine: tuple[str, ...]
    strap: str
    flash_size: int
    board: str
    roms: tuple[str, ...]
    fuses: bytes

    @property
    def download_strap(self) -> str:
        """QEMU's argument for it."""
        return f"driver={self.name}.gpio,property=strap_mode,value={self.strap}"


def _fuses(size: int, **ones: int) -> bytes:
    data = bytearray(size)
    for place, value in ones.items():
        data[int(place.removeprefix("at"))] = value
    return bytes(data)


ESP_CHIPS = {
    chip.name: chip
    for chip in (
        EspChip(
            "esp32",
            "qemu-xtensa",
            "qemu-system-xtensa",
            ("-M", "esp32", "-m", "4M"),
            "0x0f",
            4 * _MB,
            "ESP32_GENERIC",
            ("esp32-v3-rom.bin", "esp32-r0-rom.bin"),
            _fuses(124, at13=0x80, at22=0x10),  # revision 3
        ),
        EspChip(
            "esp32c3",
            "qemu-riscv32",
            "qemu-system-riscv32",
            ("-M", "esp32c3"),
            "0x02",
            4 * _MB,
            "ESP32_GENERIC_C3",
            ("esp32c3-rom.bin",),
            _fuses(1024, at38=0x0C),  # revision 0.3
        ),
        EspChip(
            "esp32s3",
            "qemu-xtensa",
            "qemu-system-xtensa",
            ("-M", "esp32s3", "-m", "32M"),
            "0x07",
            8 * _MB,
            "ESP32_GENERIC_S3",
            ("esp32s3_rev0_rom.bin",),
            _fuses(1024, at38=0x0C),
        ),
    )
}


class QemuMissing(BoardError):
    """Espressif's QEMU is not here. Fields: ``address``, ``toolchain`` (what to install), ``size`` in bytes."""

    code = "board.sim.qemu"

    def __init__(self, address: str, release: Release, size: int) -> None:
        super().__init__(
            _("The simulated board {address} needs Espressif's QEMU, which is not here.", address=address),
            why=_("It is a download of {size}.", size=size_text(size)),
            next_step=_("Get it with: natmod toolchain install {name}", name=release.id),
            address=address,
            toolchain=release.id,
            size=size,
        )


class Esp:
    """A chip in Espressif's QEMU."""

    def __init__(self, chip: EspChip) -> None:
        self.chip = chip

    def available(self, host: Host) -> bool:
        """Where its QEMU is, or can be had."""
        paths = Paths.of(host)
        return find_qemu(host, paths, self.chip) is not None or qemu_release(host, paths, self.chip) is not None

    def machine(self, ctx: JobContext, tools: Tools, sdk: SdkTree | None) -> Made:
        """QEMU as it is found, and the firmware of that MicroPython; else what is in the flash, else the default one.

        Raises :class:`QemuMissing`, UsageError for a MicroPython without firmware, and what the download raises.
        """
        chip, host = self.chip, tools.host
        program = find_qemu(host, tools.paths, chip)
        if program is None:
            raise _missing(host, tools.paths, chip)
        return made_with(chip, program, self._plan(ctx, tools, sdk, own_folder(tools.paths, chip.name)))

    def _plan(self, ctx: JobContext, tools: Tools, sdk: SdkTree | None, folder: Path) -> FlashPlan:
        chip = self.chip
        common = (str(folder), chip.flash_size, chips()[chip.name].flash_offset, chip.fuses.hex())
        note = read_note(folder)
        if note is not None and (note.own or sdk is None):
            return FlashPlan(*common, note.firmware, note.version)
        firmware = firmware_for(chip, tools.sdks.default if sdk is None else sdk.version)
        wanted = Note(firmware.name, firmware.version)
        image = "" if note == wanted else str(fetch_firmware(ctx, tools.paths, firmware))
        return FlashPlan(*common, wanted.firmware, wanted.version, image)


def made_with(chip: EspChip, program: Path, plan: FlashPlan) -> Made:
    """The machine with that QEMU and that flash."""
    argv = (str(program), *_arguments(chip, Path(plan.folder)))
    options = {**plan.to_options(), "strap": chip.download_strap}
    return Made("esp", argv, plan.version, _key(argv, plan.firmware), _key(argv, ""), options)


def _arguments(chip: EspChip, folder: Path) -> tuple[str, ...]:
    flash, fuses = (str(path).replace(",", ",,") for path in (flash_file(folder), efuse_file(folder)))
    return (
        *chip.machine,
        "-nographic",
        *("-drive", f"file={flash},if=mtd,format=raw"),
        *("-drive", f"file={fuses},if=none,format=raw,id=efuse"),
        *("-global", f"driver=nvram.{chip.name}.efuse,property=drive,value=efuse"),
        *("-global", f"driver=timer.{chip.name}.timg,property=wdt_disable,value=true"),
        *("-nic", "none"),
    )


def _key(argv: tuple[str, ...], firmware: str) -> str:
    return hashlib.sha256(json.dumps([*argv, firmware]).encode()).hexdigest()


# --- QEMU ------------------------------------------------------------------------------------------------------------


def find_qemu(host: Host, paths: Paths, chip: EspChip) -> Path | None:
    """The QEMU that simulates ``chip``: a person's own, ours, other programs', on PATH. Nothing is run."""
    named = host.environ.get(QEMU_VARIABLE)
    if named:
        found = Path(named).expanduser()
        return found / f"{chip.program}{host.exe_suffix}" if found.is_dir() else found
    places = [place for place in (*in_store(paths), *elsewhere(host)) if place.tool == chip.tool]
    catalog = _catalog(paths) if places else None
    for place in places:
        program = place.program(chip.program, host)
        if program is not None and catalog is not None and _simulates(catalog, place, program, chip):
            return program
    on_path = host.which(chip.program)
    return on_path if on_path is not None and _has_rom(on_path, chip) else None


def _simulates(catalog: Catalog, place: Place, program: Path, chip: EspChip) -> bool:
    release = catalog.get(place.id) if place.version else None
    return _has_rom(program, chip) if release is None else chip.name in release.chips


def _has_rom(program: Path, chip: EspChip) -> bool:
    folder = program.resolve().parent
    return any((folder / place / rom).is_file() for place in _ROM_PLACES for rom in chip.roms)


def qemu_release(host: Host, paths: Paths, chip: EspChip) -> Release | None:
    """The newest QEMU that can be had for this computer and simulates ``chip``."""
    from toolchains.catalog import platform_key

    platform = platform_key(host)
    found = [
        release
        for release in _catalog(paths).releases
        if release.kind == "qemu" and chip.name in release.chips and release.file_for(platform) is not None
    ]
    return found[-1] if found else None


def _catalog(paths: Paths) -> Catalog:
    from toolchains.catalog import Catalog

    return Catalog.of(paths)


def _size(host: Host, release: Release) -> int:
    from toolchains.catalog import platform_key

    file = release.file_for(platform_key(host))
    return 0 if file is None else file.size


def _missing(host: Host, paths: Paths, chip: EspChip) -> StudioError:
    address, release = PREFIX + chip.name, qemu_release(host, paths, chip)
    if release is None:
        return UsageError(
            _("The simulated board {address} needs Espressif's QEMU, which is not here.", address=address),
            why=_("Espressif makes none for this kind of computer."),
            next_step=_(
                "Name the folder of one that you built in the environment variable {name}.", name=QEMU_VARIABLE
            ),
        )
    return QemuMissing(address, release, _size(host, release))


def lacks(chip: EspChip, host: Host) -> Text | None:
    """What has to be got before ``chip`` can be simulated here, in words; None: nothing."""
    paths = Paths.of(host)
    if find_qemu(host, paths, chip) is not None:
        return None
    release = qemu_release(host, paths, chip)
    if release is None:
        return None
    return _("needs Espressif's QEMU, a download of {size}", size=size_text(_size(host, release)))


def get_qemu(ctx: JobContext, tools: Tools, toolchains: Toolchains, address: str) -> None:
    """Download the QEMU that the simulated board ``address`` needs, if it needs one and has none."""
    chip = ESP_CHIPS.get(address.removeprefix(PREFIX))
    if chip is None or find_qemu(tools.host, tools.paths, chip) is not None:
        return
    release = qemu_release(tools.host, tools.paths, chip)
    if release is not None:
        ctx.note(
            _(
                "The simulated board {address} runs in Espressif's QEMU, a download of {size}.",
                address=address,
                size=size_text(_size(tools.host, release)),
            )
        )
        toolchains.install(ctx, release.id)


# --- firmware --------------------------------------------------------------------------------------------------------


def firmware_for(chip: EspChip, version: str) -> Firmware:
    """The official firmware of that MicroPython for the chip's plain board. Raises UsageError."""
    from toolchains.micropython_releases import firmware

    known = [one for one in firmware() if one.board == chip.board and not one.variant]
    for one in known:
        if one.version == version:
            return one
    raise UsageError(
        _("There is no official firmware of MicroPython {version} for {board}.", version=version, board=chip.board),
        next_step=_("Choose another one with --sdk: {known}.", known=", ".join(one.version for one in known)),
    )


def fetch_firmware(ctx: JobContext, paths: Paths, firmware: Firmware) -> Path:
    """Its file: what is here, else out of the pack that this copy was set up from, else from micropython.org."""
    from toolchains.fetch import Download, fetch
    from toolchains.pack_source import PackSource

    known = f"sha256:{firmware.sha256}" if firmware.sha256 else f"unverified:{firmware.unverified}"
    download = Download(firmware.url, firmware.name, known, firmware.size)
    folder = pack_caches(paths)[2]
    pack = PackSource.remembered(ctx, paths)
    if pack is None:
        return fetch(ctx, download, folder)
    with pack:
        return fetch(ctx, download, folder, sources=(pack,))


def use_image(ctx: JobContext, tools: Tools, address: str, file: Path) -> None:
    """Put a firmware of a person's own into the flash of a simulated ESP32, which ends if it runs; its files stay.

    Raises UsageError for another kind of board, WrongImage for a file that this chip would not start.
    """
    from ide.board.flash import image

    chip = ESP_CHIPS.get(address.removeprefix(PREFIX))
    if chip is None:
        raise UsageError(
            _("The simulated board {address} has no flash.", address=address),
            next_step=_("Use one of: {known}.", known=", ".join(PREFIX + name for name in ESP_CHIPS)),
        )
    image.check(image.read(file), chip.name, chip.flash_size)
    folder = own_folder(tools.paths, chip.name)
    offset = chips()[chip.name].flash_offset
    plan = FlashPlan(str(folder), chip.flash_size, offset, chip.fuses.hex(), image=str(file))
    stop(tools.paths, address)
    with ctx.step(_("Write {name} into the flash of {address}", name=file.name, address=address)), disk_errors(folder):
        prepare(plan, anew=True)


def _kind(name: str, title: Text) -> SimulatorKind:
    chip = ESP_CHIPS[name]
    return SimulatorKind(name, title, Esp(chip), lacks=partial(lacks, chip), keeps_files=True)


ESP32 = _kind("esp32", _("simulated ESP32, xtensawin, with a flash that can be written"))
ESP32C3 = _kind("esp32c3", _("simulated ESP32-C3, rv32imc, with a flash that can be written"))
ESP32S3 = _kind("esp32s3", _("simulated ESP32-S3, xtensawin, with a flash that can be written"))
