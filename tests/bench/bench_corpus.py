"""Upstream's examples: ours in a running process and through the command line, beside the compiler alone and make.

    python -m tests.bench.bench_corpus [--rounds 7] [--arch x64,xtensawin] [--examples features1,deflate]

Each round edits the same source for all sides and takes them in turn, so that they meet the same load. The compiler
alone gets make's own command line; where a module has two C files, both run one after the other. ``make -j2`` runs the
example's own Makefile. The goals are those of issue 3; the figures are medians, and nothing is asserted.
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

from toolchains import bytecode, natmod, project
from toolchains.chips import arch
from toolchains.compilers import Compiler, NoCompiler
from toolchains.errors import StudioError
from toolchains.jobs import JobContext
from toolchains.natmod import BuildRequest
from toolchains.recipe import CONFIG
from toolchains.recipes import recipe_for
from toolchains.sdk_tree import SdkTree
from toolchains.toolbox import Toolbox

_ARCHES = "x64,armv6m,armv7m,armv7emsp,armv7emdp,rv32imc,xtensawin"


@dataclass
class Rows:
    """Seconds by side, for one example."""

    seconds: dict[str, list[float]] = field(default_factory=dict)

    def time(self, side: str, what: Callable[[], object]) -> None:
        """Do it once and keep its time."""
        start = time.perf_counter()
        what()
        self.seconds.setdefault(side, []).append(time.perf_counter() - start)

    def median(self, side: str) -> float:
        """In milliseconds; not a number when it never ran."""
        return statistics.median(self.seconds[side]) * 1000 if side in self.seconds else float("nan")


@dataclass
class Bench:
    """One example on one architecture."""

    toolbox: Toolbox
    sdk: SdkTree
    compiler: Compiler
    folder: Path

    def __post_init__(self) -> None:
        self.ctx = JobContext(self.toolbox.host)
        self.request = BuildRequest(project.load(self.folder), arch(self.compiler.arch), self.sdk, self.compiler)
        self.ours = self.folder / ".natmod"
        # Both sides with their Python compiled, as a person has it, and nothing of that in tree or checkout.
        environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        cache = str(Path(tempfile.gettempdir()) / f"natmod-bench-{os.getuid()}")
        self.env = {**environ, "PYTHONPYCACHEPREFIX": cache, "PYTHONHASHSEED": "0"}

    def run(self, rounds: int) -> Rows:
        """All sides, ``rounds`` times. Raises the errors of a build."""
        rows = Rows()
        what = natmod.describe(self.ctx, self.request, self.toolbox.linkers)
        self.build()
        kept = self.folder / "kept"
        kept.mkdir()
        shutil.copy(what.folder.build / CONFIG, kept)
        alone = [
            [*what.command(name), "-pipe", f"-I{kept}", "-o", str(self.folder / "alone.o"), "-c", name]
            for name in what.recipe.sources
        ]
        edited = self.folder / what.recipe.sources[0]
        text = edited.read_text("utf-8")
        make = self.make_command()
        for number in range(rounds):
            edited.write_text(f"{text}\nint edit_{number};\n", "utf-8")
            rows.time("one", lambda: self.quiet(alone[0]))
            rows.time("edit", self.build)
            if make:
                rows.time("make", lambda: self.quiet(make))
            shutil.rmtree(self.ours)
            rows.time("all", lambda: [self.quiet(argv) for argv in alone])
            rows.time("clean", self.build)
            edited.write_text(f"{text}\nint edit_again_{number};\n", "utf-8")
            rows.time("cli", self.command)
        edited.write_text(text, "utf-8")
        return rows

    def runtime(self) -> bool:
        """Whether libraries of the compiler are linked."""
        return recipe_for(self.ctx, self.request).runtime == "on"

    def build(self) -> None:
        """Ours, in this process."""
        natmod.build(self.ctx, self.request, self.toolbox.linkers)

    def command(self) -> None:
        """Ours, through the command line."""
        argv = [sys.executable, "-P", "-m", "ide.cli", "build", str(self.folder), "--arch", self.compiler.arch]
        self.quiet([*argv, "--sdk", self.sdk.version, "--compiler", self.compiler.program])

    def make_command(self) -> list[str]:
        """Upstream's build; empty where make is missing."""
        if shutil.which("make") is None:
            return []
        extra = self.compiler.cflags[len(arch(self.compiler.arch).cflags) :]
        mpy_cross = bytecode.program(self.toolbox.host, (self.sdk.mpy_version, self.sdk.mpy_sub_version))
        words = {"MPY_DIR": self.sdk.path, "ARCH": self.compiler.arch, "PYTHON": sys.executable, "MPY_CROSS": mpy_cross}
        words |= {"CROSS": self.compiler.command[0].removesuffix("gcc"), "CFLAGS_EXTRA": " ".join(extra)}
        return ["make", "-j2", *(f"{name}={value}" for name, value in words.items())]

    def quiet(self, argv: list[str]) -> None:
        """Run a program without its words."""
        silence = subprocess.DEVNULL
        subprocess.run(argv, cwd=self.folder, env=self.env, check=True, stdout=silence, stderr=silence)


def show(name: str, arch_name: str, rows: Rows, runtime: bool) -> bool:
    """One line; whether all goals were met."""
    one, every = rows.median("one"), rows.median("all")
    more = 25 if runtime else 10
    goals = {"edit": one * 1.15 + more, "clean": every * 1.15 + more, "cli": one + 150}
    cells = "  ".join(f"{side} {rows.median(side):6.1f} of {goal:6.1f}" for side, goal in goals.items())
    met = all(rows.median(side) <= goal for side, goal in goals.items())
    ratio = rows.median("edit") / rows.median("make")
    verdict = "" if met else "MISSED"
    print(f"{arch_name:9} {name:9} compiler {one:6.1f}  {cells}  of make {ratio:4.2f}  {verdict}", flush=True)
    return met


def main() -> int:
    """Run all; 1 if a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--arch", default=_ARCHES)
    parser.add_argument("--examples", default="")
    options = parser.parse_args()
    met = True
    with Toolbox.current() as toolbox, tempfile.TemporaryDirectory(prefix="natmod-bench-") as temporary:
        ctx = JobContext(toolbox.host)
        sdk = toolbox.sdks.ensure(ctx)
        names = options.examples.split(",") if options.examples else []
        for arch_name in options.arch.split(","):
            try:
                compiler = toolbox.compilers.choose(ctx, arch(arch_name), "gcc").compiler
            except NoCompiler as error:
                print(f"{arch_name}: skipped. {error}")
                continue
            print(f"{arch_name} with {compiler}, MicroPython {sdk.version}; medians in ms")
            for source in sorted(path.parent for path in (sdk.path / "examples" / "natmod").glob("*/Makefile")):
                if names and source.name not in names:
                    continue
                folder = Path(temporary) / arch_name / source.name
                shutil.copytree(source, folder)
                try:
                    bench = Bench(toolbox, sdk, compiler, folder)
                    rows = bench.run(options.rounds)
                except StudioError as error:
                    print(f"{arch_name:9} {source.name:9} not built: {error.what}")
                    continue
                met = show(source.name, arch_name, rows, bench.runtime()) and met
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
