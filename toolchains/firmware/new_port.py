"""A port of one's own: a project with a copy of ``ports/minimal`` of a MicroPython tree, and a line on each file."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from toolchains import scaffold
from toolchains.errors import disk_errors
from toolchains.sdk_tree import SdkTree

#: The folder of a project with its ports.
FOLDER = "ports"
_NEEDED = ("ports/minimal/Makefile", "ports/minimal/main.c", "tests/frozen/frozentest.mpy")
_INCLUDE = "include ../../py/mkenv.mk"
_TREE = """# The MicroPython sources. "natmod firmware build" names them; by hand: make TREE=/path/to/micropython
TREE ?= ../../micropython
include $(TREE)/py/mkenv.mk"""
#: What each file is for; one that a release adds is copied, too.
_FILES = {
    "Makefile": "which files are compiled and how; `SRC_C` is the list to add to",
    "main.c": "where the program begins: memory, MicroPython, the prompt; what happens when memory is collected",
    "mpconfigport.h": "which parts of MicroPython there are: one `#define` for each",
    "mphalport.h": "the clock, and what Ctrl-C is: what MicroPython asks of the machine",
    "uart_core.c": "one byte in, some bytes out: the first thing to change for another chip",
    "qstrdefsport.h": "names that the port needs besides those found in its C files; mostly none",
    "stm32f405.ld": "where code and data lie in the memory of an STM32F405 (make CROSS=1)",
}
_TOML = """schema = 1

[firmware]
port = "{name}"             # the folder ports/{name}: a port of your own
"""
_README = """# {name}

A port of MicroPython of your own, begun from `ports/minimal` of MicroPython {version}. It runs on this computer as it
is:

    natmod firmware build
    .natmod/firmware/{name}/firmware.elf

starts a prompt, which answers `1+1` with `2`; Ctrl-D ends it. For a chip, change `uart_core.c` first, then the compiler
and the flags in `Makefile`.

| file in `ports/{name}` | what |
|---|---|
{rows}
"""


def new_port(folder: Path, name: str, sdk: SdkTree) -> Path:
    """Make the project ``folder/name`` and return its folder; it builds and boots as it is.

    Raises what :func:`toolchains.scaffold.new_project` does, and SdkIncomplete.
    """
    scaffold.check(folder, name)
    sdk.require(*_NEEDED)
    target, part = folder / name, folder / f".{name}.{os.getpid()}.part"
    try:
        with disk_errors(target):
            _write(part, name, sdk)
            if target.is_dir():
                target.rmdir()  # empty: checked above
            part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return target


def _write(root: Path, name: str, sdk: SdkTree) -> None:
    place = root / FOLDER / name
    place.mkdir(parents=True)
    rows = []
    for path in sorted((sdk.path / "ports" / "minimal").iterdir()):
        if not path.is_file() or path.name == "README.md":
            continue
        text = path.read_text("utf-8")
        if path.name == "Makefile":
            text = text.replace(_INCLUDE, _TREE)
        (place / path.name).write_text(text, "utf-8", newline="\n")
        rows.append(f"| `{path.name}` | {_FILES.get(path.name, 'used by the others')} |")
    readme = _README.format(name=name, version=sdk.version, rows="\n".join(rows))
    for file, text in {"natmod.toml": _TOML.format(name=name), "README.md": readme, ".gitignore": ".natmod/\n"}.items():
        (root / file).write_text(text, "utf-8", newline="\n")
