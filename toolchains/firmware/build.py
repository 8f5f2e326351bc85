"""A firmware project's build: from natmod.toml to a firmware that holds what it was told to hold.

The build folder stays, so that the next build compiles what changed. What make is told differently makes it anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from toolchains.contents import digest_of
from toolchains.errors import FirmwareError, disk_errors
from toolchains.firmware import frozen, glue, user_modules
from toolchains.firmware.boards import Target, target_of
from toolchains.firmware.cache import content
from toolchains.firmware.image import symbols_of
from toolchains.firmware.make import Recipe, Staging, kept_staging, prepare, variables
from toolchains.firmware.make_ports import MakeLine, make_line
from toolchains.firmware.table import MODULE_FILES, OWN, FirmwareTable
from toolchains.firmware.user_modules import NotInImage, UserModule
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.locks import locked
from toolchains.paths import Paths
from toolchains.project import Project
from toolchains.sdk_tree import SdkTree
from toolchains.text import _

#: Where the results are, in the project.
FOLDER = Path(".natmod") / "firmware"
#: Beside the firmware: the linker's map, and what it was built of.
MAP, RECORD = "linker.map", "build.json"
_LIBRARY = "lib/micropython-lib/README.md"


class NoFirmwareTable(FirmwareError):
    """The project makes no firmware."""

    code = "firmware.none"

    def __init__(self, name: str) -> None:
        super().__init__(
            _("The project {name} makes no firmware: natmod.toml has no table [firmware].", name=name),
            next_step=_('Add one, for example: [firmware] with the line port = "unix"'),
        )


@dataclass(frozen=True)
class FirmwareRequest:
    """What to build, with which MicroPython."""

    project: Project
    sdk: SdkTree

    @property
    def table(self) -> FirmwareTable:
        """The project's table. Raises :class:`NoFirmwareTable`."""
        return table_of(self.project)


def table_of(project: Project) -> FirmwareTable:
    """The project's table. Raises :class:`NoFirmwareTable`."""
    if project.firmware is None:
        raise NoFirmwareTable(project.name)
    return project.firmware


@dataclass(frozen=True)
class FirmwareBuilt:
    """``product`` is the file to run or flash, ``elf`` the one with symbols; ``seconds`` the whole took.

    ``files`` are further ones by their kind: ``map``; of the ESP32 also ``app`` (micropython.bin), ``bootloader``,
    ``partitions`` (the binary table), ``sdkconfig``, and ``uf2`` where the chip takes one.
    """

    target: Target
    folder: Path
    product: Path
    elf: Path
    modules: tuple[UserModule, ...]
    seconds: float
    record: Mapping[str, object] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)


def build(ctx: JobContext, request: FirmwareRequest, host: Host, paths: Paths) -> FirmwareBuilt:
    """Build it, or find it up to date.

    Raises :class:`NoFirmwareTable`, ``NoSuchTarget``, ``BadUserModule``, ``NotInImage``, ``PortUnsupported``,
    ``FirmwareBuildFailed``, ``SdkIncomplete``, ``ToolMissing``, ``DiskError``. A build that was cancelled or killed is
    gone on with by the next.
    """
    began = time.monotonic()
    table, project = request.table, request.project
    target = target_of(request.sdk, table, project.root)
    modules = tuple(user_modules.read(project.root / path) for path in table.modules if path != OWN)
    prepare(ctx, table.label, host)
    key = digest_of(str(project.root), table.label, str(request.sdk.path))[:16]
    stage = kept_staging(paths, key)
    with disk_errors(stage.folder), locked(ctx, stage.folder / "lock"):
        if OWN in table.modules:
            link = stage.link("project", project.root)
            modules += (glue.write(project, str(link), stage.folder / "glue" / project.name),)
        user_modules.check(modules, request.sdk)
        line = make_line(ctx, target, request.sdk, stage, host, paths)
        recipe = _recipe(request, target, modules, stage, host, line)
        _begin_anew(stage, recipe, modules)
        for name in line.left_out:
            ctx.note(_("The MicroPython sources here lack {name}; the firmware is built without it.", name=name))
        made = stage.build / line.product
        with ctx.step(_("Build the firmware {name}", name=table.label)):
            recipe.make(ctx, stage, request.sdk)
        _check_image(modules, made)
        return _take_out(request, target, modules, made, began)


def folder_of(project: Project, label: str) -> Path:
    """Where the results of a project are, for one port, board and variant."""
    return project.root / FOLDER / "-".join(label.split())


def _recipe(
    request: FirmwareRequest,
    target: Target,
    modules: tuple[UserModule, ...],
    stage: Staging,
    host: Host,
    line: MakeLine,
) -> Recipe:
    tree = stage.link("tree", request.sdk.path)
    values = {**variables(host, stage), **line.values}
    if modules:
        values["USER_C_MODULES"] = str(_linked(stage, modules))
    library = _library(request.sdk)
    if request.table.require and not library:
        request.sdk.require(_LIBRARY)
    project = request.project.root
    text = frozen.manifest(
        request.table,
        target,
        project,
        str(stage.link("project", project)),
        library=library,
        own=_python_part(request, stage),
    )
    if text is not None:
        place = stage.folder / "manifest.py"
        _write(place, text)
        values["FROZEN_MANIFEST"] = str(place)
    elif target.port == "qemu":
        values["FROZEN_MANIFEST"] = ""
    values["MPY_LIB_DIR"] = str((tree / _LIBRARY).parent if library else _no_library(stage))
    flags = [f"-D{define}" for define in request.table.defines]
    if flags:
        values["CFLAGS_EXTRA"] = " ".join(flags)
    folder = tree / "ports" / target.port
    places = {stage.folder / "tree": request.sdk.path, stage.folder / "project": project}
    for link in (stage.folder / "modules").glob("*"):
        places[link] = Path(os.readlink(link))
    return Recipe(request.table.label, folder, values, stage.build / line.product, places)


def _linked(stage: Staging, modules: tuple[UserModule, ...]) -> Path:
    """A folder with nothing but links to these modules: make takes all that it finds in one."""
    folder = stage.folder / "modules"
    names = {link_name(number, module.folder.name): module.folder for number, module in enumerate(modules)}
    for stray in set(folder.glob("*")) - {folder / name for name in names}:
        stray.unlink()
    for name, target in names.items():
        stage.link(f"modules/{name}", target)
    return folder


def _python_part(request: FirmwareRequest, stage: Staging) -> tuple[str, str] | None:
    """Where the Python files of the project's native module are, as one to freeze."""
    text = glue.python_part(request.project) if OWN in request.table.modules else None
    if text is None:
        return None
    folder = stage.folder / "python"
    folder.mkdir(exist_ok=True)
    _write(folder / f"{request.project.name}.py", text)
    return str(folder), f"{request.project.name}.py"


def _library(sdk: SdkTree) -> bool:
    return (sdk.path / _LIBRARY).is_file()


def _no_library(stage: Staging) -> Path:
    """An empty micropython-lib with the file that make looks for before it freezes anything."""
    folder = stage.folder / "no-library"
    folder.mkdir(exist_ok=True)
    _write(folder / "README.md", "")
    return folder


def link_name(number: int, folder: str) -> str:
    """What the folder of a user module is called in the build: nothing that make would split, none twice."""
    plain = "".join(char if char.isascii() and (char.isalnum() or char in "_-") else "_" for char in folder)
    return f"{number}-{plain}"


def _begin_anew(stage: Staging, recipe: Recipe, modules: tuple[UserModule, ...]) -> None:
    """Make does not notice other variables, nor a module that is gone: then nothing that it made is used again."""
    stamp = stage.folder / "line.json"
    described = [(one.folder / name).read_text("utf-8", "replace") for one in modules for name in _described_in(one)]
    said = json.dumps([recipe.values, [str(one.folder) for one in modules], described], sort_keys=True)
    if stamp.is_file() and stamp.read_text("utf-8") == said:
        return
    shutil.rmtree(stage.build, ignore_errors=True)
    _write(stamp, said)


def _described_in(module: UserModule) -> list[str]:
    return [name for name in MODULE_FILES if (module.folder / name).is_file()]


def _write(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text("utf-8") != text:
        path.write_text(text, "utf-8")


def _check_image(modules: tuple[UserModule, ...], elf: Path) -> None:
    left = user_modules.missing(modules, symbols_of(elf))
    if left:
        raise NotInImage(left)


def _take_out(
    request: FirmwareRequest, target: Target, modules: tuple[UserModule, ...], made: Path, began: float
) -> FirmwareBuilt:
    folder = folder_of(request.project, request.table.label)
    folder.mkdir(parents=True, exist_ok=True)
    product = folder / made.name
    shutil.copyfile(made, product)
    product.chmod(0o755)
    linker_map = next((path for path in _maps(made) if path.is_file()), None)
    files: dict[str, Path] = {}
    if linker_map is not None:
        shutil.copyfile(linker_map, folder / MAP)
        files["map"] = folder / MAP
    seconds = time.monotonic() - began
    record = _record(request, target, modules, product, seconds)
    (folder / RECORD).write_text(json.dumps(record, indent=1), "utf-8")
    return FirmwareBuilt(target, folder, product, product, modules, seconds, record, files)


def _maps(made: Path) -> tuple[Path, ...]:
    """Where the ports put their linker's map."""
    return made.with_suffix(".map"), made.with_name(f"{made.name}.map")


def _record(
    request: FirmwareRequest, target: Target, modules: tuple[UserModule, ...], product: Path, seconds: float
) -> dict[str, object]:
    """What was built of what, so that it can be built again."""
    return {
        "schema": 1,
        "micropython": request.sdk.version,
        "sources": request.sdk.identity,
        "port": target.port,
        "board": target.board,
        "variant": target.variant,
        "defines": list(request.table.defines),
        "freeze": list(request.table.freeze),
        "require": list(request.table.require),
        "modules": [
            {"folder": one.folder.name, "names": list(one.names), "sha256": content(one.folder)} for one in modules
        ],
        "product": product.name,
        "bytes": product.stat().st_size,
        "sha256": hashlib.sha256(product.read_bytes()).hexdigest(),
        "seconds": round(seconds, 2),
        "natmod_studio": version("natmod-studio"),
    }
