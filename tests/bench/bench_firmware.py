"""From an edit of a user C module to a firmware: ours in a running process, beside plain make. Goal: at most 1.1.

    python -m tests.bench.bench_firmware [--rounds 10]

Both edit the same module of the same unix firmware and build in the same folder, in turn: they meet the same load.
Ours also looks at the modules, proves that they are in the image, copies the firmware and writes its record. Prints
min and median and the ratio of the medians; asserts no time.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from toolchains import project
from toolchains.firmware.build import FirmwareRequest, build
from toolchains.firmware.make import Staging, environment
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.sdk_tree import SdkTree
from toolchains.toolbox import Toolbox

_MODULE = """\
#include "py/runtime.h"
static mp_obj_t number(void) {{ return MP_OBJ_NEW_SMALL_INT({number}); }}
static MP_DEFINE_CONST_FUN_OBJ_0(number_obj, number);
static const mp_rom_map_elem_t table[] = {{ {{ MP_ROM_QSTR(MP_QSTR_number), MP_ROM_PTR(&number_obj) }} }};
static MP_DEFINE_CONST_DICT(globals, table);
const mp_obj_module_t bench_module = {{ .base = {{ &mp_type_module }}, .globals = (mp_obj_dict_t *)&globals }};
MP_REGISTER_MODULE(MP_QSTR_bench, bench_module);
"""


def edit(folder: Path, number: int) -> None:
    """Change the number that the module gives."""
    (folder / "bench" / "bench.c").write_text(_MODULE.format(number=number), "utf-8")


def make_project(folder: Path) -> project.Project:
    """A unix firmware with one user C module."""
    (folder / "bench").mkdir(parents=True)
    (folder / "bench" / "micropython.mk").write_text("SRC_USERMOD_C += $(USERMOD_DIR)/bench.c\n", "utf-8")
    (folder / "natmod.toml").write_text('schema = 1\n[firmware]\nport = "unix"\nmodules = ["bench"]\n', "utf-8")
    edit(folder, 0)
    return project.load(folder)


def make_line(stage: Staging, sdk: SdkTree) -> Callable[[], None]:
    """Plain make with the variables of our own build, in its folder."""
    values = json.loads((stage.folder / "line.json").read_text("utf-8"))[0]
    folder = stage.folder / "tree" / "ports" / "unix"
    words = ["make", "-C", str(folder), f"-j{os.cpu_count()}", *(f"{key}={value}" for key, value in values.items())]
    env = {**os.environ, **environment(stage, sdk)}

    def run() -> None:
        subprocess.run(words, env=env, stdout=subprocess.DEVNULL, check=True)

    return run


def bench(box: Toolbox, sdk: SdkTree, folder: Path, rounds: int) -> None:
    """One full build, then edits for both in turn."""
    ctx, paths = JobContext(box.host), Paths.from_environment({"NATMOD_HOME": str(folder / "home")})
    request = FirmwareRequest(make_project(folder / "project"), sdk)
    ours = [_timed(lambda: build(ctx, request, box.host, paths))]
    print(f"unix, one user C module: first build {ours.pop():.1f} s")
    (stage,) = (paths.cache / "firmware").glob("work-*")
    plain, makes = make_line(Staging(stage), sdk), list[float]()
    for number in range(rounds):
        edit(request.project.root, 2 * number + 1)
        ours.append(_timed(lambda: build(ctx, request, box.host, paths)))
        edit(request.project.root, 2 * number + 2)
        makes.append(_timed(plain))
    for title, seconds in (("ours", ours), ("make", makes)):
        low, middle = min(seconds) * 1000, statistics.median(seconds) * 1000
        print(f"  {title:<6} min {low:7.0f} ms   median {middle:7.0f} ms   n={len(seconds)}")
    medians, lows = statistics.median(ours) / statistics.median(makes), min(ours) / min(makes)
    print(f"  ratio of medians {medians:.3f}, of the quickest {lows:.3f}   (goal: at most 1.1)")


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """A project in a temporary folder, with the tree that is installed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--sdk", help="a MicroPython version")
    options = parser.parse_args()
    with Toolbox.current() as box, tempfile.TemporaryDirectory(prefix="natmod-bench-") as folder:
        bench(box, box.sdks.ensure(JobContext(box.host), options.sdk), Path(folder), options.rounds)


if __name__ == "__main__":
    main()
