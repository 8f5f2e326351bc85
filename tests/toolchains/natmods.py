"""Small native modules for the tests of the build, and the parts that build them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from toolchains import natmod, project
from toolchains.chips import arch
from toolchains.compilers import Compiler, CompilerFinder, NoCompiler
from toolchains.jobs import JobContext
from toolchains.linker import LinkerPool
from toolchains.natmod import BuildRequest, BuildResult
from toolchains.paths import Paths
from toolchains.sdk_tree import SdkTree

HEAD = '#include "py/dynruntime.h"\n'
INIT = """
mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) {
    MP_DYNRUNTIME_INIT_ENTRY
    mp_store_global(MP_QSTR_answer, MP_OBJ_FROM_PTR(&answer_obj));
    MP_DYNRUNTIME_INIT_EXIT
}
"""


def module(body: str = "    return mp_obj_new_int(mp_obj_get_int(x) + 42);", before: str = "") -> str:
    """The C text of a module with one function ``answer(x)``."""
    function = f"static mp_obj_t answer(mp_obj_t x) {{\n{body}\n}}\n"
    return f"{HEAD}{before}{function}static MP_DEFINE_CONST_FUN_OBJ_1(answer_obj, answer);\n{INIT}"


def write_project(folder: Path, files: Mapping[str, str], toml: str = "") -> Path:
    """A project folder with these files; ``toml`` are the lines of its ``[module]`` table."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "natmod.toml").write_text(f'schema = 1\n[module]\nname = "small"\n{toml}\n', "utf-8")
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


@dataclass
class Builder:
    """Builds projects with one tree and remembers nothing else."""

    ctx: JobContext
    sdk: SdkTree
    linkers: LinkerPool
    finder: CompilerFinder
    pins: dict[str, str | None] = field(default_factory=dict)

    def compiler(self, arch_name: str, pin: str | None = None) -> Compiler:
        """The compiler for an architecture; skips the test where there is none."""
        try:
            return self.finder.choose(self.ctx, arch(arch_name), pin).compiler
        except NoCompiler as error:
            pytest.skip(str(error))

    def __call__(
        self,
        folder: Path,
        arch_name: str = "rv32imc",
        pin: str | None = "zig",
        *,
        out: Path | None = None,
        sdk: SdkTree | None = None,
    ) -> BuildResult:
        compiler = self.compiler(arch_name, pin)
        loaded = project.load(folder)
        request = BuildRequest(loaded, arch(arch_name), sdk or self.sdk, compiler, out)
        return natmod.build(self.ctx, request, self.linkers)


def finder(ctx: JobContext) -> CompilerFinder:
    """A finder over the folders of this job's environment."""
    return CompilerFinder(Paths.from_environment(ctx.host.environ), ctx.host)
