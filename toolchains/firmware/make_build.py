"""Ports that are built by make: the project's modules and manifest as make's variables, and make run."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

from toolchains.errors import FirmwareError, disk_errors
from toolchains.firmware import freezing, missing_parts
from toolchains.firmware.built import Job, Made, link_name, write_changed
from toolchains.firmware.interrupted import going_on
from toolchains.firmware.make import Recipe, Staging, variables
from toolchains.firmware.make_ports import MakeLine, make_line
from toolchains.firmware.table import MODULE_FILES
from toolchains.firmware.user_modules import UserModule
from toolchains.jobs import JobContext
from toolchains.text import Text, _

#: Ports that are made of more than MicroPython's own sources.
_OF_SUBMODULES = ("stm32", "esp8266")
#: What ports make beside their product, by kind.
_FURTHER = {"bin": "firmware.bin", "hex": "firmware.hex", "dfu": "firmware.dfu"}


def make(ctx: JobContext, job: Job) -> Made:
    """Build it. Raises ``PortUnsupported``, :class:`PortTakesNone`, ``FirmwareBuildFailed``, ``SdkIncomplete``,
    ``ToolMissing``.
    """
    _check_port(job)
    line = make_line(ctx, job.target, job.sdk, job.stage, job.host, job.paths)
    recipe = _recipe(job, line)
    if job.target.port in _OF_SUBMODULES:
        missing_parts.check(ctx, recipe, job.stage, job.sdk)
    _begin_anew(job.stage, recipe, job.modules)
    for name in line.left_out:
        ctx.note(_("The MicroPython sources here lack {name}; the firmware is built without it.", name=name))
    step = ctx.step(_("Build the firmware {name}", name=job.table.label))
    with step, going_on(job.stage.folder, job.stage.build):
        recipe.make(ctx, job.stage, job.sdk)
    made = job.stage.build / line.product
    elf = job.stage.build / line.elf
    maps = (made.with_suffix(".map"), made.with_name(f"{made.name}.map"))
    files = {kind: made.with_name(name) for kind, name in _FURTHER.items() if name != made.name}
    return Made(made, elf, {"map": next((path for path in maps if path.is_file()), maps[0]), **files})


class PortTakesNone(FirmwareError):
    """The port's own Makefile has no place for user C modules, or for frozen Python."""

    code = "firmware.port-takes-none"

    def __init__(self, port: str, what: Text) -> None:
        super().__init__(what, next_step=_("Choose another port: unix and qemu take both."), port=port)


def _check_port(job: Job) -> None:
    """Some ports, such as minimal, list their own files only. Raises :class:`PortTakesNone`."""
    file, table = job.target.folder / "Makefile", job.table
    with disk_errors(file):
        text = file.read_text("utf-8", "replace")
    if job.modules and not re.search(r"\$\(PY_O\)|SRC_USERMOD", text):
        raise PortTakesNone(job.target.port, _("The port {port} compiles no user C modules.", port=job.target.port))
    if (table.freeze or table.require or table.manifest) and "_frozen_mpy.c" in text:
        raise PortTakesNone(job.target.port, _("The port {port} freezes no Python.", port=job.target.port))


def _recipe(job: Job, line: MakeLine) -> Recipe:
    stage, target, project = job.stage, job.target, job.request.project.root
    tree = stage.link("tree", job.sdk.path)
    values = {**variables(job.host, stage), **line.values}
    if job.modules:
        values["USER_C_MODULES"] = str(_linked(stage, job.modules))
    manifest = freezing.manifest(job, str(stage.link("project", project)))
    if manifest is not None:
        values["FROZEN_MANIFEST"] = str(manifest)
    elif target.port == "qemu":
        values["FROZEN_MANIFEST"] = ""
    library = (tree / freezing.LIBRARY).parent if freezing.has_library(job.sdk) else freezing.no_library(job)
    values["MPY_LIB_DIR"] = str(library)
    flags = [f"-D{define}" for define in job.table.defines]
    if flags:
        values["CFLAGS_EXTRA"] = " ".join(flags)
    own = not target.folder.is_relative_to(job.sdk.path)
    folder = stage.link("port", target.folder) if own else tree / "ports" / target.port
    places = {stage.folder / "tree": job.sdk.path, stage.folder / "project": project}
    for link in (stage.folder / "modules").glob("*"):
        places[link] = Path(os.readlink(link))
    return Recipe(job.table.label, folder, values, stage.build / line.product, places)


def _linked(stage: Staging, modules: tuple[UserModule, ...]) -> Path:
    """A folder with nothing but links to these modules: make takes all that it finds in one."""
    folder = stage.folder / "modules"
    names = {link_name(number, module.folder.name): module.folder for number, module in enumerate(modules)}
    for stray in set(folder.glob("*")) - {folder / name for name in names}:
        stray.unlink()
    for name, target in names.items():
        stage.link(f"modules/{name}", target)
    return folder


def _begin_anew(stage: Staging, recipe: Recipe, modules: tuple[UserModule, ...]) -> None:
    """Make does not notice other variables, nor a module that is gone: then nothing that it made is used again."""
    stamp = stage.folder / "line.json"
    described = [(one.folder / name).read_text("utf-8", "replace") for one in modules for name in _described_in(one)]
    said = json.dumps([recipe.values, [str(one.folder) for one in modules], described], sort_keys=True)
    if stamp.is_file() and stamp.read_text("utf-8") == said:
        return
    shutil.rmtree(stage.build, ignore_errors=True)
    write_changed(stamp, said)


def _described_in(module: UserModule) -> list[str]:
    return [name for name in MODULE_FILES if (module.folder / name).is_file()]
