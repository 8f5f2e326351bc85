"""Projects with a Makefile are built: a module comes out, and again only for what changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.toolchains.makefile.makefiles import INCLUDE, written
from tests.toolchains.natmods import HEAD, INIT, Builder
from toolchains import mpyfile, natmod, project
from toolchains.build_errors import CompileFailed
from toolchains.build_records import BuildRequest, BuildResult
from toolchains.chips import arch
from toolchains.recipe import Wishes

BOTH = pytest.mark.parametrize(("arch_name", "pin"), [("x64", "gcc"), ("rv32imc", "zig")])


def _built(build: Builder, folder: Path, arch_name: str, pin: str, **variables: str) -> BuildResult:
    compiler = build.compiler(arch_name, pin)
    request = BuildRequest(project.load(folder), arch(arch_name), build.sdk, compiler, wishes=Wishes(variables))
    return natmod.build(build.ctx, request, build.linkers)


@BOTH
def test_features2_with_its_own_makefile(build: Builder, tmp_path: Path, arch_name: str, pin: str) -> None:
    folder = shutil.copytree(build.sdk.path / "examples" / "natmod" / "features2", tmp_path / "features2")
    result = _built(build, folder, arch_name, pin, MICROPY_FLOAT_IMPL="float")
    assert result.path.name == "features2.mpy"
    assert result.warnings == ()
    assert mpyfile.read_file(result.path).arch_number == arch(arch_name).number
    assert _built(build, folder, arch_name, pin, MICROPY_FLOAT_IMPL="float").rebuilt == ()
    if arch_name == "rv32imc":  # its Makefile builds without floats there
        with pytest.raises(
            CompileFailed, match=r"mp_obj_new_float.*write MICROPY_FLOAT_IMPL = float into the Makefile"
        ):
            _built(build, folder, arch_name, pin)


TREE = f"""
MOD = tree
CONFIG := plain
SRC = src/main.c src/a/util.c src/b/util.c tree_more.py
CFLAGS += -Iinclude
MPY_CROSS_FLAGS += -s $(subst tree_,,$<)
{INCLUDE}
# behind the include
CFLAGS += -std=gnu11
$(BUILD)/src/b/util.o: CFLAGS += -DEXTRA=20
ifeq ($(CONFIG),twice)
CFLAGS += -DTIMES=2
endif
dist: $(MOD).mpy
\tcp $< /somewhere
"""
MAIN = f"""{HEAD}#include "util.h"
static mp_obj_t answer(mp_obj_t x) {{ return mp_obj_new_int(TIMES * (util_a() + util_b()) + mp_obj_get_int(x)); }}
static MP_DEFINE_CONST_FUN_OBJ_1(answer_obj, answer);
{INIT}"""
HEADER = "#ifndef TIMES\n#define TIMES 1\n#endif\nint util_a(void);\nint util_b(void);\n"
FILES = {
    "GNUmakefile": TREE,
    "include/util.h": HEADER,
    "src/main.c": MAIN,
    "src/a/util.c": '#include "util.h"\nint util_a(void) { return 1; }\n',
    "src/b/util.c": '#include "util.h"\n#ifndef EXTRA\n#error no flag\n#endif\nint util_b(void) { return EXTRA; }\n',
    "tree_more.py": "def more():\n    return 1\n",
}


@BOTH
def test_folders_own_flags_and_a_chosen_configuration(build: Builder, tmp_path: Path, arch_name: str, pin: str) -> None:
    folder = written(tmp_path / "ein Baum", FILES)
    first = _built(build, folder, arch_name, pin)
    assert first.rebuilt == ("src/main.c", "src/a/util.c", "src/b/util.c", "tree_more.py", "tree.mpy")
    assert b"more.py" in first.path.read_bytes()
    assert b"tree_more.py" not in first.path.read_bytes()
    assert _built(build, folder, arch_name, pin).rebuilt == ()
    before = first.path.read_bytes()
    assert _built(build, folder, arch_name, pin, CONFIG="twice").path.read_bytes() != before
    written(folder, {"GNUmakefile": TREE.replace("EXTRA=20", "EXTRA=30")})
    again = _built(build, folder, arch_name, pin, CONFIG="twice")
    assert "src/b/util.c" in again.rebuilt
    assert "src/a/util.c" not in again.rebuilt
    written(folder, {"include/util.h": HEADER + "#define MORE\n"})
    assert len(_built(build, folder, arch_name, pin, CONFIG="twice").rebuilt) >= 3


@BOTH
def test_sources_beside_the_project_and_in_the_tree(build: Builder, tmp_path: Path, arch_name: str, pin: str) -> None:
    files = {
        "mod/Makefile": f"MOD = far\nSRC = far.c ../shared/one.c $(MPY_DIR)/lib/libm/roundf.c\n{INCLUDE}",
        "mod/far.c": MAIN.replace("util.h", "../shared/one.h"),
        "shared/one.h": HEADER + "float roundf(float);\n",
        "shared/one.c": '#include "one.h"\nint util_a(void) { return 1; }\n'
        "int util_b(void) { union { int i; float f; } x = {3}; x.f = roundf(x.f); return x.i; }\n",
    }
    folder = written(tmp_path, files) / "mod"
    first = _built(build, folder, arch_name, pin)
    assert first.rebuilt == ("far.c", "../shared/one.c", f"{build.sdk.path}/lib/libm/roundf.c", "far.mpy")
    # Headers outside that were written in the compiler's own moment are not trusted once.
    assert "far.mpy" not in _built(build, folder, arch_name, pin).rebuilt
    assert _built(build, folder, arch_name, pin).rebuilt == ()
    written(tmp_path, {"shared/one.h": files["shared/one.h"].replace("TIMES 1", "TIMES 3")})
    assert _built(build, folder, arch_name, pin).rebuilt == ("far.c", "../shared/one.c", "far.mpy")


def test_a_header_of_a_submodule_that_was_not_fetched(build: Builder, tmp_path: Path) -> None:
    makefile = f"MOD = m\nSRC = m.c\n{INCLUDE}CFLAGS += -Ideps/net/include\n"
    folder = written(tmp_path, {"Makefile": makefile, "m.c": f'#include "net.h"\n{HEAD}{INIT}'})
    (folder / "deps" / "net").mkdir(parents=True)
    with pytest.raises(CompileFailed, match=r"net\.h.*The folder deps/net is empty.*git submodule update"):
        _built(build, folder, "x64", "gcc")
