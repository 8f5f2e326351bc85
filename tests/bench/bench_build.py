"""From an edit to an .mpy: ours in a running process, beside make and beside the compiler alone.

    python -m tests.bench.bench_build [--rounds 20] [--files 1]

Each round edits the same source for all sides and takes them in turn: they meet the same load. ``make -j2`` runs
the tree's own dynruntime.mk with the same compiler and flags. Prints min and median; asserts no time.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from toolchains import natmod, project
from toolchains.build_folder import BuildFolder
from toolchains.chips import arch
from toolchains.compile_step import Compilation
from toolchains.compilers import Compiler, NoCompiler
from toolchains.jobs import JobContext
from toolchains.natmod import BuildRequest
from toolchains.paths import examples
from toolchains.recipe import CONFIG
from toolchains.recipes import recipe_for
from toolchains.sdk import SdkTree
from toolchains.toolbox import Toolbox

_SIDES = (("x64", "gcc"), ("rv32imc", "gcc"), ("x64", "zig"), ("rv32imc", "zig"))


@dataclass
class Row:
    """The times of one side, in seconds."""

    title: str
    seconds: list[float] = field(default_factory=list)

    def time(self, work: Callable[[], object]) -> None:
        start = time.perf_counter()
        work()
        self.seconds.append(time.perf_counter() - start)

    def __str__(self) -> str:
        low, middle = min(self.seconds) * 1000, statistics.median(self.seconds) * 1000
        return f"  {self.title:<44} min {low:7.1f} ms   median {middle:7.1f} ms   n={len(self.seconds)}"


def edit(folder: Path, number: int) -> None:
    """Change one constant of the first source."""
    source = folder / "factorial.c"
    text = source.read_text("utf-8").split("// round")[0]
    source.write_text(f"{text}// round\nint natmod_bench_round(void) {{ return {number}; }}\n", "utf-8")


def make_project(folder: Path, files: int) -> None:
    """The factorial example, and as many more sources as asked for."""
    shutil.copytree(examples() / "factorial", folder)
    more = [f"more{n}.c" for n in range(files - 1)]
    for number, name in enumerate(more):
        text = f'#include "py/dynruntime.h"\nmp_obj_t more{number}(mp_obj_t x) {{ return mp_obj_new_int({number}); }}\n'
        (folder / name).write_text(text, "utf-8")
    (folder / "natmod.toml").write_text('schema = 1\n[module]\nname = "factorial"\n', "utf-8")
    sources = " ".join(["factorial.c", *more])
    (folder / "Makefile").write_text(
        f"MOD = factorial\nSRC = {sources}\ninclude $(MPY_DIR)/py/dynruntime.mk\n", "utf-8"
    )


def make_command(sdk: SdkTree, compiler: Compiler, arch_name: str) -> list[str]:
    """Upstream's build with the same compiler, float and headers."""
    extra = compiler.cflags[len(arch(arch_name).cflags) :]
    impl = {"single": "float"}.get(arch(arch_name).float_board, arch(arch_name).float_board)
    return [
        "make",
        "-j2",
        f"MPY_DIR={sdk.path}",
        f"ARCH={arch_name}",
        f"PYTHON={sys.executable}",
        f"CROSS={compiler.command[0].removesuffix('gcc')}",
        f"MICROPY_FLOAT_IMPL={impl}",
        f"CFLAGS_EXTRA={' '.join(extra)}",
    ]


def bench(toolbox: Toolbox, sdk: SdkTree, side: tuple[str, str], rounds: int, files: int) -> None:
    """All rows of one architecture and compiler."""
    arch_name, pin = side
    ctx = JobContext(toolbox.host)
    try:
        compiler = toolbox.compilers.choose(ctx, arch(arch_name), pin).compiler
    except NoCompiler as error:
        print(f"{arch_name} with {pin}: skipped. {error}")
        return
    print(f"{arch_name} with {compiler}, MicroPython {sdk.version}, {files} file(s)")
    with tempfile.TemporaryDirectory(prefix="natmod-bench-") as temporary:
        folder = Path(temporary) / "factorial"
        make_project(folder, files)
        _rounds(toolbox, sdk, compiler, folder, rounds)


def _rounds(toolbox: Toolbox, sdk: SdkTree, compiler: Compiler, folder: Path, rounds: int) -> None:
    ctx, arch_name = JobContext(toolbox.host), compiler.arch
    loaded = project.load(folder)
    request = BuildRequest(loaded, arch(arch_name), sdk, compiler)
    place = BuildFolder(ctx.host, folder / ".natmod" / arch_name)
    what = Compilation(recipe_for(ctx, request), arch(arch_name), sdk, compiler, place)
    alone = [*what.command("factorial.c"), f"-I{place.build}", "-o", str(folder / "alone.o"), "-c", "factorial.c"]
    make = make_command(sdk, compiler, arch_name)
    with_make = compiler.kind == "gcc" and shutil.which("make") is not None
    rows = {
        "alone": Row("the compiler alone, one file"),
        "edit": Row("rebuild after an edit, in a running process"),
        "nothing": Row("nothing to do, in a running process"),
        "make": Row("make -j2 after an edit"),
        "make nothing": Row("make -j2, nothing to do"),
    }
    natmod.build(ctx, request, toolbox.linkers)
    assert (place.build / CONFIG).is_file()
    if with_make:
        _quiet(make, folder)
    for number in range(rounds):
        edit(folder, number)
        rows["alone"].time(lambda: _quiet(alone, folder))
        rows["edit"].time(lambda: natmod.build(ctx, request, toolbox.linkers))
        rows["nothing"].time(lambda: natmod.build(ctx, request, toolbox.linkers))
        if with_make:
            rows["make"].time(lambda: _quiet(make, folder))
            rows["make nothing"].time(lambda: _quiet(make, folder))
    _show(rows)


def _show(rows: dict[str, Row]) -> None:
    for row in rows.values():
        if row.seconds:
            print(row)
    ours, alone = (statistics.median(rows[name].seconds) * 1000 for name in ("edit", "alone"))
    print(f"  rebuild against the goal, compiler x 1.15 + 10 ms: {ours:.1f} ms of {alone * 1.15 + 10:.1f} ms")
    if rows["make"].seconds:
        print(f"  make takes {statistics.median(rows['make'].seconds) * 1000 / ours:.1f} times as long")


def _quiet(argv: list[str], folder: Path) -> None:
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(argv, cwd=folder, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main() -> None:
    """Run all sides."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--files", type=int, default=1)
    options = parser.parse_args()
    with Toolbox.current() as toolbox:
        sdk = toolbox.sdks.ensure(JobContext(toolbox.host))
        for side in _SIDES:
            bench(toolbox, sdk, side, options.rounds, options.files)


if __name__ == "__main__":
    main()
