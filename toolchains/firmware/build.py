"""A firmware project's build: from natmod.toml to a firmware that holds what it was told to hold.

The build folder stays, so that the next build compiles what changed. What the build is told differently makes it anew.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from toolchains.contents import digest_of
from toolchains.errors import disk_errors
from toolchains.firmware import extended, glue, machine_code, make_build, user_modules
from toolchains.firmware.boards import Target, target_of
from toolchains.firmware.built import (
    MAP,
    RECORD,
    FirmwareBuilt,
    FirmwareRequest,
    Job,
    Made,
    NoFirmwareTable,
    folder_of,
    link_name,
    table_of,
)
from toolchains.firmware.cache import content
from toolchains.firmware.image import symbols_of
from toolchains.firmware.make import Staging, kept_staging, prepare
from toolchains.firmware.prune import prune
from toolchains.firmware.size_compare import keep_last
from toolchains.firmware.table import OWN
from toolchains.firmware.user_modules import NotInImage, UserModule
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.locks import locked
from toolchains.paths import Paths
from toolchains.plain import PlainNames
from toolchains.project import Project
from toolchains.text import _

__all__ = [
    "MAP",
    "RECORD",
    "FirmwareBuilt",
    "FirmwareRequest",
    "NoFirmwareTable",
    "build",
    "folder_of",
    "link_name",
    "table_of",
]
#: The ports that ESP-IDF builds, without make.
_IDF = ("esp32",)


def build(ctx: JobContext, request: FirmwareRequest, host: Host, paths: Paths) -> FirmwareBuilt:
    """Build it, or find it up to date.

    Raises :class:`NoFirmwareTable`, ``NoSuchTarget``, ``BadUserModule``, ``NotInImage``, ``PortUnsupported``,
    ``NoMachineCode``, ``FirmwareBuildFailed``, ``SdkIncomplete``, ``ToolMissing``, ``DiskError``, for the ESP32 the
    errors of :mod:`toolchains.firmware.idf.errors` as well. A build that was cancelled or killed is gone on with by
    the next.
    """
    began = time.monotonic()
    table, project = request.table, request.project
    request = replace(request, sdk=extended.sdk_of(ctx, project, request.sdk, paths))
    target = target_of(request.sdk, table, project.root)
    modules = tuple(user_modules.read(project.root / path) for path in table.modules if path != OWN)
    if target.port not in _IDF:
        prepare(ctx, table.label, host)
    key = digest_of(str(project.root), table.label, str(request.sdk.path))[:16]
    stage = Staging(PlainNames(host).of(kept_staging(paths, key).folder))
    with disk_errors(stage.folder), locked(ctx, stage.folder / "lock"):
        prune(host, stage.folder)
        if OWN in table.modules:
            host.link_folder(stage.folder / "project", project.root)
            link = (stage.folder / "project").as_posix()
            modules += (glue.write(project, link, stage.folder / "glue" / project.name),)
            _tell_unseen(ctx, project)
        if table.functions:
            modules += (extended.marker(project, request.sdk, stage.folder / "glue" / "sdk"),)
        user_modules.check(modules, request.sdk, table.freeze)
        job = Job(request, target, modules, stage, host, paths)
        machine_code.compile_native(ctx, job)
        made = _make(ctx, job)
        _check_image(modules, made.elf)
        return _take_out(request, target, modules, made, began)


def _tell_unseen(ctx: JobContext, project: Project) -> None:
    names = glue.unseen_variables(project)
    if names:
        ctx.note(
            _(
                "In a firmware, the garbage collector does not see the variables {names}: what only they hold may be"
                " freed. Keep it among the module's names as well, with mp_store_global.",
                names=", ".join(names),
            )
        )


def _make(ctx: JobContext, job: Job) -> Made:
    if job.target.port in _IDF:
        from toolchains.firmware.idf import esp32  # here, because few build for the ESP32

        return esp32.make(ctx, job)
    return make_build.make(ctx, job)


def _check_image(modules: tuple[UserModule, ...], elf: Path) -> None:
    left = user_modules.missing(modules, symbols_of(elf))
    if left:
        raise NotInImage(left)


def _take_out(
    request: FirmwareRequest, target: Target, modules: tuple[UserModule, ...], made: Made, began: float
) -> FirmwareBuilt:
    folder = folder_of(request.project, request.table.label)
    folder.mkdir(parents=True, exist_ok=True)
    keep_last(folder, made.elf)
    product, elf = _copied(made.product, folder), _copied(made.elf, folder)
    product.chmod(0o755)
    files = {
        kind: _copied(path, folder, MAP if kind == "map" else path.name)
        for kind, path in made.files.items()
        if path.is_file()
    }
    seconds = time.monotonic() - began
    built = FirmwareBuilt(target, folder, product, elf, modules, seconds, files=files)
    record = {**_record(request, built), **made.record}
    (folder / RECORD).write_text(json.dumps(record, indent=1), "utf-8")
    return replace(built, record=record)


def _copied(path: Path, folder: Path, name: str = "") -> Path:
    target = folder / (name or path.name)
    shutil.copyfile(path, target)
    return target


def _record(request: FirmwareRequest, built: FirmwareBuilt) -> dict[str, object]:
    """What was built of what, so that it can be built again."""
    return {
        "schema": 1,
        "micropython": request.sdk.version,
        "sources": request.sdk.identity,
        "port": built.target.port,
        "board": built.target.board,
        "variant": built.target.variant,
        "defines": list(request.table.defines),
        "sdkconfig": list(request.table.sdkconfig),
        "functions": list(request.table.functions),
        "freeze": list(request.table.freeze),
        "native": list(request.table.native),
        "require": list(request.table.require),
        "modules": [
            {"folder": one.folder.name, "names": list(one.names), "sha256": content(one.folder)}
            for one in built.modules
        ],
        "product": built.product.name,
        "elf": built.elf.name,
        "files": {kind: path.name for kind, path in built.files.items()},
        "bytes": built.product.stat().st_size,
        "sha256": hashlib.sha256(built.product.read_bytes()).hexdigest(),
        "seconds": round(built.seconds, 2),
        "natmod_studio": version("natmod-studio"),
    }
