"""A firmware that offers native modules more functions: MicroPython's table of functions with the project's at its end.

The tree is copied once and three of its headers and sources are changed in the copy. Both the firmware and the native
modules of the project are built from it. Each such module imports a module of the firmware first that has the SDK's
name and is in no other firmware: elsewhere it ends there with ImportError, and never calls past the table's end.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from toolchains.contents import digest_of
from toolchains.errors import FirmwareError, disk_errors
from toolchains.firmware.prune import prune
from toolchains.firmware.table import FUNCTION, MODULE_FILES, FirmwareTable
from toolchains.firmware.user_modules import UserModule
from toolchains.jobs import JobContext
from toolchains.locks import locked
from toolchains.mpyfile import SDK_PREFIX
from toolchains.paths import Paths
from toolchains.project import Project
from toolchains.sdk_tree import SDK_NAME, SdkTree
from toolchains.text import Text, _

_ENTRY = re.compile(r"^#define MP_DYNRUNTIME_INIT_ENTRY \\\n", re.MULTILINE)
_MEMBERS = re.compile(r"^typedef struct _mp_fun_table_t \{.*?(?=^\} mp_fun_table_t;)", re.MULTILINE | re.DOTALL)
_VALUES = re.compile(r"^const mp_fun_table_t mp_fun_table = \{.*?(?=^\};)", re.MULTILINE | re.DOTALL)
_LAST = re.compile(r"^#endif[^\n]*\s*\Z", re.MULTILINE)


class CannotExtend(FirmwareError):
    """The table of functions cannot be extended like that. Fields: ``name``."""

    code = "firmware.extend"

    def __init__(self, why: Text, step: Text, name: str = "") -> None:
        super().__init__(_("MicroPython's table of functions cannot be extended."), why=why, next_step=step, name=name)


def name_of(project: Project, sdk: SdkTree) -> str:
    """The SDK's name: the firmware's, and a sum over the release and the functions, in their order."""
    table = project.firmware
    assert table is not None
    plain = re.sub(r"\W", "_", table.name or project.name, flags=re.ASCII).lower()
    return f"{SDK_PREFIX}{plain}_{digest_of(sdk.version, *table.functions)[:8]}"


def sdk_of(ctx: JobContext, project: Project, sdk: SdkTree, paths: Paths) -> SdkTree:
    """The tree that a project is built with: ``sdk``, or its copy with the project's functions.

    Raises :class:`CannotExtend`, ``DiskError``.
    """
    table = project.firmware
    if table is None or not table.functions or (sdk.path / SDK_NAME).is_file():
        return sdk
    _check(table, sdk)
    name = name_of(project, sdk)
    place = paths.cache / "firmware" / f"tree-{digest_of(name, sdk.identity, str(sdk.path))[:16]}"
    with disk_errors(place):
        place.mkdir(parents=True, exist_ok=True)
        with locked(ctx, place / "lock"):
            prune(ctx.host, place)
            tree = place / sdk.path.name
            if not tree.is_dir():
                with ctx.step(_("Add the functions of {name} to MicroPython", name=project.name)):
                    _make(ctx, sdk, tree, name, table)
    return SdkTree.open(tree, name)


def marker(project: Project, sdk: SdkTree, folder: Path) -> UserModule:
    """The firmware's side of the name, as a user C module that is written into ``folder``: an empty Python module."""
    name = name_of(project, sdk)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / f"{SDK_PREFIX}name.c", _MARKER.replace("NAME", name))
    _write(folder / MODULE_FILES[0], f"SRC_USERMOD_C += $(USERMOD_DIR)/{SDK_PREFIX}name.c\n")
    return UserModule(folder, (name,), (f"{name}_module",), make=True, cmake=False)


def _check(table: FirmwareTable, sdk: SdkTree) -> None:
    taken = {*sdk.symbols, "mp_fun_table"}
    for text in table.functions:
        found = FUNCTION.fullmatch(text)
        name = found["name"] if found else text
        if name in taken:
            why = _("{name} is in the table already.", name=name)
            raise CannotExtend(why, _('Take it out of "functions" in natmod.toml.'), name)
        taken.add(name)


def _make(ctx: JobContext, sdk: SdkTree, tree: Path, name: str, table: FirmwareTable) -> None:
    """Copy beside, change, rename: nobody may see half a tree. Files are shared with the first tree where that goes."""
    beside = Path(tempfile.mkdtemp(prefix=".new-", dir=tree.parent))
    try:
        made = beside / tree.name
        shutil.copytree(sdk.path, made, symlinks=True, copy_function=_link, ignore=shutil.ignore_patterns(".git"))
        functions = [(FUNCTION.fullmatch(text), text.rstrip("; ")) for text in table.functions]
        named = [
            (found["name"], found["result"].strip(), found["arguments"], text) for found, text in functions if found
        ]
        prototypes = "".join(f"extern {text};\n" for _name, _result, _arguments, text in named)
        members = "".join(f"    {result} (*{one})({arguments});\n" for one, result, arguments, _text in named)
        _change(made, "py/nativeglue.h", _MEMBERS, lambda was: f"{prototypes}{was}{members}")
        values = "".join(f"    {one},\n" for one, *_rest in named)
        _change(made, "py/nativeglue.c", _VALUES, lambda was: f"{was}{values}")
        _change(made, "py/dynruntime.h", _ENTRY, lambda was: f"{was}    NATMOD_SDK_IMPORT \\\n")
        macros = "".join(f"#define {one} (mp_fun_table.{one})\n" for one, *_rest in named)
        _change(made, "py/dynruntime.h", _LAST, lambda was: f'#include "{SDK_NAME}"\n{macros}\n{was}')
        (made / SDK_NAME).write_text(_HEADER.replace("NAME", name), "utf-8")
        ctx.host.replace(made, tree)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _change(tree: Path, file: str, pattern: re.Pattern[str], new: Callable[[str], str]) -> None:
    path = tree / file
    text = path.read_text("utf-8")
    changed, count = pattern.subn(lambda found: new(found[0]), text)
    if count != 1:
        why = _("Its file {file} has another form than the releases that are known here.", file=file)
        raise CannotExtend(why, _("Use a released MicroPython."))
    path.unlink()  # it may be a link to the first tree's
    path.write_text(changed, "utf-8")


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk, or one without hard links
        shutil.copy2(source, target)


def _write(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text("utf-8") != text:
        path.write_text(text, "utf-8")


_HEADER = """\
// The name of this SDK. Written by Natmod Studio; a module that was built with it runs on its firmware only.
#define NATMOD_SDK_IMPORT (void)mp_fun_table.import_name(MP_QSTR_NAME, mp_const_none, MP_OBJ_NEW_SMALL_INT(0));
"""
_MARKER = """\
// What native modules look for that were built with this firmware's SDK. Written anew with each build.
#include "py/runtime.h"

static const mp_rom_map_elem_t natmod_sdk_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_NAME) },
};
static MP_DEFINE_CONST_DICT(natmod_sdk_globals, natmod_sdk_table);

const mp_obj_module_t NAME_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&natmod_sdk_globals,
};
MP_REGISTER_MODULE(MP_QSTR_NAME, NAME_module);
"""
