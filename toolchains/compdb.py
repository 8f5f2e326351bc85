"""``compile_commands.json``: how each file of a project is compiled, for clangd and other language servers.

The format is clang's (clang.llvm.org/docs/JSONCompilationDatabase.html). What is written is what the build does, from
the same recipe; of the build's own files, only the header with the interned strings has to be there.
"""

from __future__ import annotations

import json
from pathlib import Path

from toolchains.build_folder import BuildFolder
from toolchains.compile_step import Compilation
from toolchains.errors import disk_errors

FILE_NAME = "compile_commands.json"

Entry = dict[str, str | list[str]]


def entries(what: Compilation) -> list[Entry]:
    """One entry a source. ``directory`` and ``file`` are absolute; paths in the flags are relative to ``directory``."""
    return [_entry(what, source) for source in what.recipe.sources]


def _entry(what: Compilation, source: str) -> Entry:
    root, output = what.recipe.root, str(what.object_of(source))
    arguments = [*_command(what, source), f"-I{what.folder.build}", "-o", output, "-c", source]
    return {"directory": str(root), "file": str(root / source), "arguments": arguments, "output": output}


def _command(what: Compilation, source: str) -> tuple[str, ...]:
    """The compiler and its flags, as clang would be called: ``zig clang`` is zig's own way to say ``clang``."""
    words = what.command(source)
    return (words[0], *words[2:]) if what.compiler.kind == "zig" else words


def write(what: Compilation, path: Path) -> list[Entry]:
    """Write the file, whole or not at all; what is in it."""
    found = entries(what)
    with disk_errors(path):
        BuildFolder(what.folder.host, path.parent).write(path, json.dumps(found, indent=1).encode() + b"\n")
    return found
