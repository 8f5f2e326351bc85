"""Makefiles as people write them become what make would build from them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.toolchains.makefile.makefiles import INCLUDE, C, Recipes, made_up, written
from toolchains.recipe import CONFIG

FLAGS = (
    "-std=c99 -Os -Wall -Werror=implicit-function-declaration -Werror=int-conversion -DNDEBUG -DNO_QSTR"
    f" -DMICROPY_ENABLE_DYNRUNTIME -DMP_CONFIGFILE=<{CONFIG}> -fpic -fno-common -U_FORTIFY_SOURCE"
).split()


def test_the_plain_one(recipes: Recipes, tmp_path: Path) -> None:
    makefile = f"MPY_DIR = ../../..\nMOD = fact\nSRC = fact.c\nARCH = armv7m\n{INCLUDE}"
    recipe = recipes(written(tmp_path, {"Makefile": makefile, "fact.c": C}))
    assert recipe.name == "fact"
    assert recipe.sources == recipe.objects == ("fact.c",)
    assert recipe.flags == (
        "-I.",
        f"-I{recipes.sdk.path}",
        *FLAGS,
        "-fno-stack-protector",
        "-DMICROPY_FLOAT_IMPL=MICROPY_FLOAT_IMPL_DOUBLE",
    )
    assert (recipe.python, recipe.libs, recipe.runtime, recipe.notes) == ((), (), "auto", ())


@pytest.mark.parametrize("name", ["Makefile", "makefile", "GNUmakefile"])
def test_every_name_that_make_looks_for(recipes: Recipes, tmp_path: Path, name: str) -> None:
    folder = written(tmp_path, {name: f"MOD = fact\nSRC = fact.c\n{INCLUDE}", "fact.c": C})
    assert recipes(folder).sources == ("fact.c",)


TREE = """
# A library with its C code in folders and a configuration to choose.
MPY_DIR ?= $(HOME)/micropython
ARCH ?= armv6m
CONFIG := fp32
MPY_ABI_VERSION := 6.3
LIB_DIR := ../shared
DIST_DIR := dist/$(ARCH)_$(MPY_ABI_VERSION)
MOD = model
SRC = src/model.c src/a/util.c src/b/util.c model.py start.S
DIST_FILE = $(DIST_DIR)/$(MOD)_$(CONFIG).mpy

$(DIST_DIR):
\tmkdir -p $@

$(DIST_FILE): $(MOD).mpy | $(DIST_DIR)
\tcp $< $@

include $(MPY_DIR)/py/dynruntime.mk

# set after the include
LIBGCC_FILENAME = $(shell $(CROSS)gcc $(CFLAGS) -print-libgcc-file-name)
$(info LIBGCC $(LIBGCC_FILENAME))
CFLAGS += -I$(LIB_DIR) -Isrc/include -I$(MPY_DIR)/extmod -DCONFIG_$(CONFIG)
CFLAGS += -Wno-unused-function -std=gnu11
ifeq ($(CONFIG),int8)
CFLAGS += -DQUANTISED=1
endif

dist: $(DIST_FILE)
.PHONY: dist
clean: clean-dist
clean-dist:
\trm -rf dist
"""


def test_folders_twice_the_same_name_and_variables_after_the_include(recipes: Recipes, tmp_path: Path) -> None:
    names = ("src/model.c", "src/a/util.c", "src/b/util.c", "model.py", "start.S", "src/include/model.h")
    folder = written(tmp_path, {"Makefile": TREE, **dict.fromkeys(names, C)})
    recipe = recipes(folder, "armv7m")
    assert recipe.objects == ("src/model.c", "src/a/util.c", "src/b/util.c", "start.S")
    assert recipe.python == ("model.py",)
    assert recipe.include == ("src/include",)
    assert recipe.flags[-6:] == (
        "-I../shared",
        "-Isrc/include",
        f"-I{recipes.sdk.path}/extmod",
        "-DCONFIG_fp32",
        "-Wno-unused-function",
        "-std=gnu11",
    )
    assert "LIBGCC /no/libgcc.a" in recipes.ctx.said()
    chosen = recipes(folder, "armv7m", variables={"CONFIG": "int8"})
    assert chosen.flags[-4:] == ("-DCONFIG_int8", "-Wno-unused-function", "-std=gnu11", "-DQUANTISED=1")


def test_the_person_decides_before_the_file_unless_it_overrides(recipes: Recipes, tmp_path: Path) -> None:
    makefile = (
        "MOD = m\nSRC = m.c\nA = file\nB = file\noverride C = file\nD ?= file\nCFLAGS += -DA=$(A) -DB=$(B)\n"
        f"MPY_DIR = /nowhere\nARCH = nonsense\n{INCLUDE}CFLAGS += -DC=$(C) -DD=$(D)\n"
    )
    toml = 'schema = 1\n[make]\nA = "toml"\nB = "toml"\nC = "toml"\nD = 4\n'
    folder = written(tmp_path, {"Makefile": makefile, "m.c": C, "natmod.toml": toml})
    flags = recipes(folder, variables={"B": "line"}).flags
    assert [flag for flag in flags if flag[:4] in ("-DA=", "-DB=", "-DC=", "-DD=")] == [
        "-DA=toml",
        "-DB=line",
        "-DC=file",
        "-DD=4",
    ]


def test_changes_are_seen_at_once(recipes: Recipes, tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        {"Makefile": f"MOD = m\nSRC = $(wildcard *.c)\ninclude conf.mk\n{INCLUDE}", "m.c": C, "conf.mk": "CFLAGS=-DA"},
    )
    assert recipes(folder).flags[0] == "-DA"
    first = recipes(folder)
    assert recipes(folder) is first
    written(folder, {"conf.mk": "CFLAGS=-DB"})
    assert recipes(folder).flags[0] == "-DB"
    written(folder, {"n.c": C})
    assert recipes(folder).sources == ("m.c", "n.c")
    (folder / "m.c").unlink()
    assert recipes(folder).sources == ("n.c",)


def test_libraries_and_extra_objects(recipes: Recipes, tmp_path: Path) -> None:
    makefile = (
        "MOD = m\nSRC = m.c\nSRC_O += extra.o\nLINK_RUNTIME = 1\nMPY_LD_FLAGS += -llib/one.a -l lib/two.a\n"
        f"{INCLUDE}MPY_LD_FLAGS += -l'three.a'\n$(BUILD)/$(MOD).native.mpy: late.o\n"
    )
    files = ("m.c", "extra.o", "late.o", "lib/one.a", "lib/two.a", "three.a")
    (tmp_path / "no").mkdir()
    folder = written(tmp_path / "m", {"Makefile": makefile, **dict.fromkeys(files, "")})
    libgcc = tmp_path / "no" / "libgcc.a"
    libgcc.write_text("")
    recipe = recipes(folder, compiler=made_up(libgcc=libgcc, libm=None))
    assert recipe.objects == ("extra.o", "m.c", "late.o")
    assert recipe.libs == ("lib/one.a", "lib/two.a", "three.a")
    assert recipe.runtime == "on"


def test_searched_folders_and_sources_elsewhere(recipes: Recipes, tmp_path: Path) -> None:
    makefile = (
        "MOD = m\nVPATH = src:more\nvpath %.S asm\nSRC = m.c n.c s.S ../other/o.c $(MPY_DIR)/lib/x.c\n"
        f"SRC += $(CURDIR)/here.c\n{INCLUDE}"
    )
    names = ("m/src/m.c", "m/more/n.c", "m/asm/s.S", "other/o.c", "m/here.c")
    written(tmp_path, {"m/Makefile": makefile.replace("/lib/x.c", "/py/mpstate.c"), **dict.fromkeys(names, C)})
    tree = f"{recipes.sdk.path}/py/mpstate.c"
    # In the order of dynruntime.mk: C first.
    expected = ("src/m.c", "more/n.c", "../other/o.c", tree, "here.c", "asm/s.S")
    assert recipes(tmp_path / "m").objects == expected


def test_a_file_may_have_flags_of_its_own(recipes: Recipes, tmp_path: Path) -> None:
    makefile = (
        f"MOD = m\nSRC = m.c fast.c m.py n.py\nMPY_CROSS_FLAGS += -s $(notdir $<) -O2\n{INCLUDE}"
        "$(BUILD)/fast.o: CFLAGS += -O3\nn.py: x\n$(BUILD)/n.mpy: MPY_CROSS_FLAGS += -X emit=native\n"
        "all: CFLAGS += -DALL\nm.mpy: private CFLAGS += -DMINE\nother: CFLAGS += -DOTHER\nall: MPY_LD_FLAGS += -lx.a\n"
    )
    names = ("m.c", "fast.c", "m.py", "n.py", "x.a")
    recipe = recipes(written(tmp_path, {"Makefile": makefile, **dict.fromkeys(names, C)}))
    assert recipe.flags[-1] == "-DALL"
    assert recipe.own_flags["fast.c"] == (*recipe.flags, "-O3")
    assert recipe.libs == ("x.a",)
    assert recipe.bytecode_of("m.py") == ("m.py", ("-O2",))
    assert recipe.bytecode_of("n.py") == ("n.py", ("-O2", "-X", "emit=native"))


def test_zig_gets_its_own_flags(recipes: Recipes, tmp_path: Path) -> None:
    makefile = f"MOD = m\nSRC = m.c\nLINK_RUNTIME = 1\nCFLAGS = -DMINE\n{INCLUDE}CFLAGS += -O2\n"
    folder = written(tmp_path, {"Makefile": makefile, "m.c": C})
    recipe = recipes(folder, "xtensa", made_up("xtensa", "zig"))
    assert recipe.flags[0] == "-DMINE"
    at = recipe.flags.index("-U_FORTIFY_SOURCE")
    assert recipe.flags[at + 1 :] == (
        "-nostdinc",
        "-isystem",
        "/zig/include",
        "-DMICROPY_FLOAT_IMPL=MICROPY_FLOAT_IMPL_NONE",
        "-O2",
    )
    assert (recipe.libs, recipe.runtime) == ((), "on")


def test_folders_with_spaces_dollars_and_chinese(recipes: Recipes, tmp_path: Path) -> None:
    sdk = tmp_path / "mon $HOME (1)" / "课程"
    sdk.parent.mkdir()
    sdk.symlink_to(recipes.sdk.path, target_is_directory=True)
    recipes.sdk = type(recipes.sdk)(sdk, recipes.sdk.version, "folder")
    makefile = f"MOD = m\nSRC = $(CURDIR)/m.c $(realpath n.c)\n{INCLUDE}CFLAGS += -I$(MPY_DIR)/extmod -I'in side'\n"
    folder = written(tmp_path / "à côté; #1", {"Makefile": makefile, "m.c": C, "n.c": C, "in side/m.h": ""})
    recipe = recipes(folder)
    assert recipe.sources == ("m.c", "n.c")
    assert recipe.include == ("in side",)
    assert recipe.flags[1] == f"-I{sdk}"
    assert recipe.flags[-2:] == (f"-I{sdk}/extmod", "-Iin side")


def test_the_environment_counts_as_in_make_but_not_for_other_compilers(
    recipes: Recipes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    makefile = f"MOD = m\nSRC = m.c\nDEPTH ?= 8\nCFLAGS += -DDEPTH=$(DEPTH)\n{INCLUDE}CFLAGS += -I$(PWD)/x\n"
    folder = written(tmp_path, {"Makefile": makefile, "m.c": C})
    assert recipes(folder).flags[0] == "-DDEPTH=8"
    environ = {
        **os.environ,
        "PWD": "/elsewhere",
        "DEPTH": "16",
        "CFLAGS": "-march=nocona",
        "CROSS": "x-",
        "BUILD": "elsewhere",
    }
    recipes.ctx.host = type(recipes.ctx.host)("linux", "x86_64", environ)
    assert recipes(folder).flags[0] == "-DDEPTH=16"
    assert recipes(folder).flags[-1] == f"-I{tmp_path}/x"


def test_a_library_that_the_compiler_does_not_have(recipes: Recipes, tmp_path: Path) -> None:
    makefile = f"MOD = m\nSRC = m.c\n{INCLUDE}MPY_LD_FLAGS += -l$(realpath none.a) -l own.a\n"
    recipe = recipes(written(tmp_path, {"Makefile": makefile, "m.c": C, "own.a": ""}))
    assert recipe.libs == ("own.a",)
    assert [str(note) for note in recipe.notes] == ["One -l in MPY_LD_FLAGS names no library, and was left out."]


def test_the_compilers_library_by_name_brings_no_other_one(recipes: Recipes, tmp_path: Path) -> None:
    ask = "-l$(realpath $(shell $(CROSS)gcc $(CFLAGS_ARCH) --print-libgcc-file-name))"
    makefile = f"MOD = m\nSRC = m.c\n{INCLUDE}MPY_LD_FLAGS += {ask}\n"
    folder = written(tmp_path / "mod", {"Makefile": makefile, "m.c": C})
    written(tmp_path, {"libgcc.a": "", "libm.a": ""})
    recipe = recipes(folder, "x64", made_up(libgcc=tmp_path / "libgcc.a", libm=tmp_path / "libm.a"))
    assert (recipe.libs, recipe.runtime) == ((str(tmp_path / "libgcc.a"),), "auto")
    written(folder, {"Makefile": makefile.replace("SRC", "LINK_RUNTIME = 1\nSRC")})
    recipe = recipes(folder, "x64", made_up(libgcc=tmp_path / "libgcc.a", libm=tmp_path / "libm.a"))
    assert (recipe.libs, recipe.runtime) == ((), "on")
