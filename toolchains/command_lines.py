"""The command lines of a build, to be copied into a terminal: what is run for each file, and for the link.

The linker's tools run inside a warm child (:mod:`toolchains.link_worker`); the lines here do the same by hand.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from toolchains import bytecode
from toolchains.build_folder import State
from toolchains.compile_step import Compilation
from toolchains.host import Host
from toolchains.link_causes import object_names
from toolchains.link_step import native_name
from toolchains.recipe import CONFIG
from toolchains.text import Text, _


@dataclass(frozen=True)
class CommandLine:
    """One command: what it does, the folder to run it in, its words."""

    title: Text
    folder: Path
    argv: tuple[str, ...]

    def text(self, host: Host) -> str:
        """As one types it on this system."""
        return subprocess.list2cmdline(self.argv) if host.system == "windows" else shlex.join(self.argv)


def lines_of(host: Host, what: Compilation) -> tuple[CommandLine, ...]:
    """All commands, in the order in which a build of everything runs them."""
    return (_names(what), *_sources(what), *_python(host, what), *_link(what))


def script_of(host: Host, lines: Iterable[CommandLine]) -> str:
    """The commands as a text for a terminal: each one below what it does, the folder changed where it must be."""
    found: list[str] = []
    folder = None
    mark = "REM" if host.system == "windows" else "#"
    for line in lines:
        found.append(f"{mark} {line.title}")
        if line.folder != folder:
            found.append(CommandLine(line.title, line.folder, ("cd", str(line.folder))).text(host))
            folder = line.folder
        found += [line.text(host), ""]
    return "\n".join(found).rstrip() + "\n"


def _names(what: Compilation) -> CommandLine:
    recipe = what.recipe
    files = [str(recipe.root / path) for path in (*recipe.sources, *recipe.python)]
    argv = (*_tool(what, "mpy_ld.py"), "--arch", what.arch.name, "--preprocess", "-o", str(what.folder.build / CONFIG))
    return CommandLine(_("Collect the names"), recipe.root, (*argv, *files))


def _sources(what: Compilation) -> list[CommandLine]:
    recipe = what.recipe
    return [
        CommandLine(
            _("Compile {file}", file=source),
            recipe.root,
            (*what.command(source), f"-I{what.folder.build}", "-o", str(what.object_of(source)), "-c", source),
        )
        for source in recipe.sources
    ]


def _python(host: Host, what: Compilation) -> list[CommandLine]:
    recipe, sdk = what.recipe, what.sdk
    found = []
    for source in recipe.python:
        program = bytecode.program(host, (sdk.mpy_version, sdk.mpy_sub_version))
        name, flags = recipe.bytecode_of(source)
        output = str(what.folder.build / f"{source}.mpy")
        argv = (str(program), f"-march={what.arch.name}", *flags, "-s", name, "-o", output, source)
        found.append(CommandLine(_("Compile {file}", file=source), recipe.root, argv))
    return found


def _link(what: Compilation) -> list[CommandLine]:
    """The link with what the last one added from libraries, and the merge with byte code if there is any."""
    recipe, folder = what.recipe, what.folder
    native, target = native_name(what), f"{recipe.name}.mpy"
    added = State.load(folder.state_file).steps.get("link", {}).get("inputs", {})
    libs = [*(str(recipe.root / lib) for lib in recipe.libs), *(path for path in added if path.endswith(".a"))]
    argv = [*_tool(what, "mpy_ld.py"), "--arch", what.arch.name, "--qstrs", f"build/{CONFIG}", "-o", native]
    argv += [word for lib in libs for word in ("-l", lib)]
    argv += ["--externs", str(recipe.root / recipe.externs)] if recipe.externs else []
    argv += ["--source-name", recipe.source_name] if recipe.source_name else []
    argv += ["--arch-flags", recipe.arch_flags] if recipe.arch_flags else []
    argv += [*object_names(what), *(path for path in added if path.endswith(".o"))]
    parts = [native, *(f"build/{source}.mpy" for source in recipe.python)]
    merge = (*_tool(what, "mpy-tool.py"), "--merge", "-o", target, *parts)
    found = [CommandLine(_("Link {file}", file=native), folder.path, tuple(argv))]
    return [*found, CommandLine(_("Make {file}", file=target), folder.path, merge)] if recipe.python else found


def _tool(what: Compilation, name: str) -> tuple[str, str]:
    return sys.executable, str(what.sdk.path / "tools" / name)
