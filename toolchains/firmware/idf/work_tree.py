"""A MicroPython tree that may be written to: ports/esp32 copied, all else links.

ESP-IDF writes components and lockfiles beside the project's CMakeLists.txt, and MicroPython trees of ours stay as they
are. Board folders of a project get their further options in a copy of their own.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from toolchains.firmware.boards import Target
from toolchains.firmware.built import Job, write_changed
from toolchains.host import Host

_PORT = "esp32"
#: Bytes of flash that ESP-IDF is told of where a board says nothing else.
_FLASH = 4 << 20
#: What the component manager puts into a project.
_GROWN = ("managed_components", "dependencies.lock")


def link(host: Host, place: Path, target: Path) -> Path:
    """``place`` as another name of the folder ``target``."""
    if not (os.path.lexists(place) and place.resolve() == target.resolve()):
        place.parent.mkdir(parents=True, exist_ok=True)
        host.link_folder(place, target)
    return place


def port_copy(job: Job) -> Path:
    """The port's folder in the work tree, the same as in the tree where the tree has a file; its places."""
    tree = job.stage.folder / "sdk"
    (tree / "ports").mkdir(parents=True, exist_ok=True)
    for folder in sorted(job.sdk.path.iterdir()):
        if folder.is_dir() and folder.name != "ports" and not folder.name.startswith("."):
            link(job.host, tree / folder.name, folder)
    source, copy = job.sdk.path / "ports" / _PORT, tree / "ports" / _PORT
    _mirror(source, copy, _GROWN)
    return copy


def _mirror(source: Path, copy: Path, left: Sequence[str] = ()) -> None:
    """Make ``copy`` the same as ``source``; what is called as one of ``left`` is nobody's business here."""
    copy.mkdir(exist_ok=True)
    names = set(left)
    for entry in os.scandir(source):
        if entry.name in left:
            continue
        names.add(entry.name)
        there = copy / entry.name
        if entry.is_dir():
            if not entry.name.startswith("build-"):
                _mirror(Path(entry.path), there)
        elif not _is_same(entry, there):
            shutil.copy2(entry.path, there)
    for stray in os.scandir(copy):
        if stray.name not in names:
            (shutil.rmtree if stray.is_dir() else os.unlink)(stray.path)


def _is_same(entry: os.DirEntry[str], there: Path) -> bool:
    """Whether the copy is no older. A lockfile that ESP-IDF wrote anew is left."""
    if not there.is_file():
        return False
    new, old = entry.stat(), there.stat()
    return old.st_mtime_ns >= new.st_mtime_ns and (old.st_size == new.st_size or "dependencies.lock" in entry.name)


def options(table_lines: Sequence[str], partitions: Path | None, flash: int | None) -> tuple[str, ...]:
    """The lines of sdkconfig that a project adds. ``flash``: bytes that its layout needs at least."""
    lines = list(table_lines)
    if partitions is not None:
        lines.append("CONFIG_PARTITION_TABLE_CUSTOM=y")
        lines.append(f'CONFIG_PARTITION_TABLE_CUSTOM_FILENAME="{partitions.as_posix()}"')
    if flash is not None and flash > _FLASH and not any("CONFIG_ESPTOOLPY_FLASHSIZE" in line for line in lines):
        lines.append(f"CONFIG_ESPTOOLPY_FLASHSIZE_{flash >> 20}MB=y")
    return tuple(lines)


def board_copy(job: Job, lines: Sequence[str], port: Path) -> Path:
    """The board's folder for the build: the tree's or the project's own, or a copy with these lines behind its own.

    Trees that take no CFLAGS_EXTRA get the project's defines there as well.
    """
    target = job.target
    assert target.board_folder is not None
    defines = () if takes_flags(job) else job.table.defines
    if not lines and not defines:
        inside = target.board_folder.is_relative_to(target.folder)
        return port / target.board_folder.relative_to(target.folder) if inside else target.board_folder
    place = job.stage.folder / "board" / str(target.board)
    place.mkdir(parents=True, exist_ok=True)
    last = _last_file(target, port)
    _mirror(target.board_folder, place, (last,))
    added = job.stage.folder / "sdkconfig.project"
    write_changed(added, "\n".join(("", *lines, "")))
    own = [f'list(APPEND SDKCONFIG_DEFAULTS "{added.as_posix()}")']
    own += [f'list(APPEND MICROPY_DEF_BOARD "{define}")' for define in defines]
    write_changed(place / last, "\n".join((_read(target.board_folder / last), *own, "")))
    return place


def takes_flags(job: Job) -> bool:
    """Whether the tree's rules for CMake read CFLAGS_EXTRA (from MicroPython 1.25 on)."""
    return "ENV{CFLAGS_EXTRA}" in _read(job.sdk.path / "py" / "mkrules.cmake")


def can_leave_out_btree(job: Job) -> bool:
    """Whether the port can be told to be built without btree (from MicroPython 1.26 on)."""
    return "DEFINED MICROPY_PY_BTREE" in _read(job.sdk.path / "ports" / _PORT / "esp32_common.cmake")


def _last_file(target: Target, port: Path) -> str:
    """The file of a board that is included last. Before MicroPython 1.24 there is but one."""
    if "mpconfigvariant.cmake" not in _read(port / "CMakeLists.txt"):
        return "mpconfigboard.cmake"
    return f"mpconfigvariant_{target.variant}.cmake" if target.variant else "mpconfigvariant.cmake"


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""


def programs(job: Job) -> Path:
    """A folder for PATH with what MicroPython's rules for CMake call and Windows lacks."""
    folder = job.stage.folder / "bin"
    folder.mkdir(exist_ok=True)
    if job.host.which("touch") is None:
        write_changed(folder / "touch.cmd", "@cmake -E touch %*\n")
    return folder


def has_other_components(job: Job, chip: str, port: Path) -> bool:
    """Whether ESP-IDF took other components than the lockfile of the tree names."""
    name = f"lockfiles/dependencies.lock.{chip}"
    ours, theirs = _read(port / name), _read(job.sdk.path / "ports" / _PORT / name)
    return bool(theirs) and ours != theirs


def renew(build: Path, said: Mapping[str, object], stamp: Path, port: Path) -> None:
    """Make CMake look anew where it is told otherwise than before: it keeps what it was told once.

    A configuration that was cut off is begun again; objects stay, ninja knows which of them still hold. Without the
    stamp nothing is believed.
    """
    now = json.loads(json.dumps(said))
    before = json.loads(stamp.read_text("utf-8")) if stamp.is_file() else {}
    if not before:
        shutil.rmtree(build, ignore_errors=True)
    build.mkdir(exist_ok=True)
    if now != before or not (build / "build.ninja").is_file():
        (build / "CMakeCache.txt").unlink(missing_ok=True)
    if before.get("options") != now.get("options"):
        (build / "sdkconfig").unlink(missing_ok=True)
        os.utime(port / "CMakeLists.txt")
    stamp.write_text(json.dumps(now), "utf-8")
