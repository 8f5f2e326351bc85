"""A firmware of the ESP32 family, by idf.py, CMake and ninja; then makeimg.py puts the parts together."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from toolchains import bytecode
from toolchains.errors import StudioError, disk_error, disk_errors
from toolchains.firmware import freezing
from toolchains.firmware.built import Job, Made, write_changed
from toolchains.firmware.failures import explain
from toolchains.firmware.idf import modules, partitions, places, remarks, work_tree
from toolchains.firmware.idf.environment import environment
from toolchains.firmware.idf.lines import PARTS, Lines
from toolchains.firmware.idf.places import Idf
from toolchains.firmware.idf.progress import Reader
from toolchains.firmware.idf.wanted import chip_of, wanted
from toolchains.firmware.make import FirmwareBuildFailed
from toolchains.firmware.make import environment as micropython_environment
from toolchains.jobs import JobContext
from toolchains.text import _

_ELF, _MAP = "micropython.elf", "micropython.map"
_BTREE = "lib/berkeley-db-1.xx/README"
#: What the build folder was made with.
_STAMP = "line.json"
_DETAIL = 60
#: Bytes that a disk has when it is not full.
_ROOM = 1 << 20


def make(ctx: JobContext, job: Job) -> Made:
    """Build it.

    Raises ``NoIdf``, ``BadIdf``, ``IdfToolMissing``, ``BadUserModule``, ``FirmwareBuildFailed``, ``SdkIncomplete``,
    ``DiskError``.
    """
    chip = chip_of(job.target)
    idf = places.choose(ctx, job.sdk.version, wanted(job.sdk, chip), job.host, job.paths)
    exported = environment(idf, chip, job.host, job.paths)
    env = {**micropython_environment(job.stage, job.sdk), **exported, **_own(job, exported["PATH"])}
    port = work_tree.port_copy(job)
    added = _options(ctx, job)
    lines = Lines(idf, _values(ctx, job, work_tree.board_copy(job, added, port)), job.stage.build)
    said = {"lines": lines.idf_py, "options": [chip, *added], "defines": env["CFLAGS_EXTRA"]}
    work_tree.renew(job.stage.build, said, job.stage.folder / _STAMP, port)
    with ctx.step(_("Build the firmware {name}", name=job.table.label)):
        _run(ctx, job, lines.idf_py, port, env)
        _run(ctx, job, lines.makeimg, port, env)
    _say(ctx, job)
    if work_tree.has_other_components(job, chip, port):
        ctx.note(_("ESP-IDF took other versions of its components than MicroPython's lockfile names."))
    return _made(job, idf, chip, lines)


def _own(job: Job, path: str) -> dict[str, str]:
    """The compiler of Python files, and the project's defines."""
    cross = bytecode.program(job.host)
    tools = work_tree.link(job.host, job.stage.folder / "tools", cross.parent)
    return {
        "PATH": os.pathsep.join((path, str(work_tree.programs(job)))),
        "MICROPY_MPYCROSS": (tools / cross.name).as_posix(),
        "CFLAGS_EXTRA": " ".join(f"-D{define}" for define in job.table.defines),
    }


def _options(ctx: JobContext, job: Job) -> tuple[str, ...]:
    table, root = job.table, job.request.project.root
    for remark in remarks.native_off(table.sdkconfig):
        ctx.note(remark.text)
    if not table.partitions:
        return table.sdkconfig
    source, file = root / table.partitions, job.stage.folder / "partitions.csv"
    with disk_errors(source):
        write_changed(file, partitions.plain(source.read_text("utf-8", "replace")))
    return work_tree.options(table.sdkconfig, file, partitions.flash_of(file))


def _values(ctx: JobContext, job: Job, board: Path) -> tuple[tuple[str, str], ...]:
    values = {"MICROPY_BOARD": str(job.target.board), "MICROPY_BOARD_DIR": board.as_posix()}
    if job.target.variant:
        values["MICROPY_BOARD_VARIANT"] = job.target.variant
    together = modules.collected(job)
    if together is not None:
        values["USER_C_MODULES"] = together.as_posix()
    project = work_tree.link(job.host, job.stage.folder / "project", job.request.project.root)
    manifest = freezing.manifest(job, project.as_posix())
    if manifest is not None:
        values["MICROPY_FROZEN_MANIFEST"] = manifest.as_posix()
    if not freezing.has_library(job.sdk):
        values["MICROPY_LIB_DIR"] = freezing.no_library(job).as_posix()
        _lacks(ctx, "micropython-lib")
    if not (job.sdk.path / _BTREE).is_file():
        if not work_tree.can_leave_out_btree(job):
            job.sdk.require(_BTREE)
        values["MICROPY_PY_BTREE"] = "OFF"
        _lacks(ctx, "btree")
    return tuple(values.items())


def _lacks(ctx: JobContext, name: str) -> None:
    ctx.note(_("The MicroPython sources here lack {name}; the firmware is built without it.", name=name))


def _run(ctx: JobContext, job: Job, argv: tuple[str, ...], folder: Path, env: Mapping[str, str]) -> None:
    reader = Reader(ctx)
    if ctx.run_lines(argv, reader.line, cwd=folder, env=env):
        raise _failed(job, reader)
    reader.ended()


def _failed(job: Job, reader: Reader) -> StudioError:
    """What ended the build. After a full disk nothing in its folder is believed: CMake and ninja would."""
    stage = job.stage.folder
    known = {stage / "sdk" / "ports" / "esp32": job.sdk.path / "ports" / "esp32", stage / "sdk": job.sdk.path}
    linked = {link: link.resolve() for link in (stage / "modules").glob("*")}
    failure = explain(reader.text, {**known, **linked, stage / "project": job.request.project.root})
    full = shutil.disk_usage(stage).free < _ROOM
    if full or failure.id == "disk-full":
        (stage / _STAMP).unlink(missing_ok=True)
    if full:  # whatever was said of it: CMake does not always notice
        return disk_error(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), job.stage.build)
    larger = _larger(job.stage.build) if failure.id == "app-partition" else ()
    if larger:
        step = _("Choose a layout with more room for the app: {names}.", names=", ".join(larger))
        failure = replace(failure, step=step)
    error = FirmwareBuildFailed(job.table.label, job.sdk.version, "\n".join(list(reader.tail)[-_DETAIL:]), failure)
    error.fields["larger"] = larger
    return error


def _larger(build: Path) -> tuple[str, ...]:
    """Layouts with room for an app that does not fit its own."""
    app, table = (build / PARTS[name] for name in ("app", "partitions"))
    room = partitions.first_app(table) if app.is_file() and table.is_file() else None
    return partitions.larger(app.stat().st_size, room) if room is not None else ()


def _say(ctx: JobContext, job: Job) -> None:
    """What became of the configuration."""
    final = job.stage.build / "sdkconfig"
    with disk_errors(final):
        text = final.read_text("utf-8", "replace")
    asked = job.table.sdkconfig
    known = {remark.option for remark in remarks.native_off(asked)}
    found = [one for one in remarks.native_off(text.splitlines()) if one.option not in known]
    for remark in (*remarks.without_effect(asked, text), *found):
        ctx.note(remark.text)


def _made(job: Job, idf: Idf, chip: str, lines: Lines) -> Made:
    build = job.stage.build
    files = {kind: build / name for kind, name in PARTS.items() if kind != "firmware"}
    record = {
        "idf": idf.version,
        "chip": chip,
        "cmake": {key: value for key, value in lines.values if key.startswith("MICROPY_BOARD")},
    }
    return Made(build / PARTS["firmware"], build / _ELF, {"map": build / _MAP, **files}, record)
