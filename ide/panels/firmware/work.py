"""What is found out and made for the panel, in a worker. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from toolchains import project as projects
from toolchains.errors import disk_errors
from toolchains.firmware import boards
from toolchains.firmware.table import MODULE_FILES, FirmwareTable

if TYPE_CHECKING:
    from toolchains.firmware.build import FirmwareBuilt
    from toolchains.firmware.results import Result
    from toolchains.host import Host
    from toolchains.jobs import JobContext
    from toolchains.project import Project
    from toolchains.sdk_tree import SdkTree
    from toolchains.toolbox import Toolbox


@dataclass(frozen=True)
class Survey:
    """What there is to choose from. ``version`` is the tree that was looked at, empty where none is here yet.

    ``boards`` of each port, ``variants`` of each (port, board or empty); ``names``: what each user module's folder is
    imported as; ``result``: what was built last for the target.
    """

    version: str = ""
    versions: tuple[str, ...] = ()
    boards: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict.fromkeys(boards.PORTS, ()))
    variants: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    libraries: tuple[str, ...] = ()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    result: Result | None = None


def first(host: Host) -> FirmwareTable:
    """For what a first firmware is made: it boots at once, here, on a board that nobody has to buy."""
    windows = host.system == "windows"  # make is at home elsewhere
    return FirmwareTable("esp32", "ESP32_GENERIC") if windows else FirmwareTable("qemu", "VIRT_RV32")


def survey(ctx: JobContext, toolbox: Toolbox, project: Project) -> Survey:
    """Look at the MicroPython tree that would be built, without fetching one, at the project's modules and results."""
    from toolchains.firmware.manifest_edit import library_names
    from toolchains.firmware.results import result_of
    from toolchains.micropython_releases import micropython_releases

    sdks, root, table = toolbox.sdks, project.root, project.firmware
    versions = {one.version for one in micropython_releases()} | {tree.version for tree in sdks.installed()}
    names, result = _module_names(root, table), result_of(project)
    tree = sdks.best_for(project.pin_micropython)
    if tree is None:
        return Survey(versions=_sorted(versions), names=names, result=result)
    ctx.check()
    known = {port: boards.boards(tree, port) for port in boards.ports(tree)}
    known |= dict.fromkeys(_own_ports(root), ())
    for own in _own_boards(root):
        if table is not None and own not in known.get(table.port, ()):
            known[table.port] = (*known.get(table.port, ()), own)
    variants = _variants(tree, known)
    return Survey(tree.version, _sorted(versions), known, variants, library_names(tree), names, result)


def _sorted(versions: set[str]) -> tuple[str, ...]:
    from toolchains.sdk import version_key

    return tuple(sorted(versions, key=version_key, reverse=True))


def _variants(tree: SdkTree, known: Mapping[str, tuple[str, ...]]) -> dict[tuple[str, str], tuple[str, ...]]:
    return {
        (port, board): boards.variants(tree, port, board or None) for port in known for board in known[port] or ("",)
    }


def _own_boards(root: Path) -> list[str]:
    """Folders ``boards/NAME`` of the project."""
    place = root / "boards"
    with disk_errors(place):
        found = [path for path in place.iterdir() if path.is_dir()] if place.is_dir() else []
    return sorted(path.name for path in found if any(path.glob("mpconfigboard.*")))


def _own_ports(root: Path) -> list[str]:
    """Folders ``ports/NAME`` of the project."""
    place = root / "ports"
    with disk_errors(place):
        return sorted(path.parent.name for path in place.glob("*/Makefile")) if place.is_dir() else []


def _module_names(root: Path, table: FirmwareTable | None) -> dict[str, tuple[str, ...]]:
    """What each folder is imported as; nothing for one that cannot be read, which the build explains."""
    from toolchains.firmware import user_modules
    from toolchains.firmware.table import OWN

    found: dict[str, tuple[str, ...]] = {}
    for path in table.modules if table is not None else ():
        described = path != OWN and any((root / path / name).is_file() for name in MODULE_FILES)
        try:
            found[path] = user_modules.read(root / path).names if described else ()
        except user_modules.BadUserModule:
            found[path] = ()
    return found


def build(ctx: JobContext, toolbox: Toolbox, root: Path) -> FirmwareBuilt:
    """Build the firmware of the project as the disk has it. Raises what building raises."""
    from toolchains.firmware import machines
    from toolchains.firmware.build import FirmwareRequest
    from toolchains.firmware.build import build as build_firmware

    found = projects.load(root)
    sdk = toolbox.sdks.ensure(ctx, found.pin_micropython)
    made = build_firmware(ctx, FirmwareRequest(found, sdk), toolbox.host, toolbox.paths)
    machines.remember(toolbox.paths, root, found.name, sdk.version, made)  # what sim:firmware starts
    return made


def report(result: Result) -> str:
    """What was built of what, as text."""
    from toolchains.firmware import report as reports

    return reports.text(result.record)
