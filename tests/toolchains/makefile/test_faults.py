"""Whatever is wrong with a Makefile is said with file and line, in plain words, and in good time."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.toolchains.makefile.makefiles import INCLUDE, C, Recipes, written
from toolchains.jobs import Note
from toolchains.makefile.errors import MakefileError, MakefileSays, TooMuch
from toolchains.makefile.missing import SubmoduleMissing
from toolchains.project import ProjectFileError

HEAD = "MOD = m\nSRC = m.c\n"
GOOD = HEAD + INCLUDE


@pytest.mark.parametrize(
    ("makefile", "words"),
    [
        (HEAD + "nonsense\n", r"line 3: this line is neither an assignment nor a rule: nonsense"),
        (HEAD + "        rm -rf x\n", r"line 3.*begin it with a tab instead of spaces"),
        (HEAD + "\trm x\n", r"line 3.*begins with a tab.*no rule"),
        (HEAD + "ifeq($(A),1)\n", r"line 3.*Put a space behind ifeq"),
        (HEAD + "X = $(subst a,b\nY := $(X)\n", r"line 4: the call of the function subst has no closing \)"),
        (HEAD + "X := $(A\n", r"line 3: a reference to a variable has no closing \)"),
        (HEAD + "ifeq (a,b)\nX = 1\n", r"line 3: this condition has no endif"),
        (HEAD + "endif\n", r'line 3: "endif" without an if'),
        (HEAD + "else\n", r'line 3: "else" without an if'),
        (HEAD + "ifdef A\nelse\nelse\nendif\n", r"line 5: this condition has a second else"),
        (HEAD + "ifdef A\nelse huh\nendif\n", r'line 4: "huh" cannot stand behind else'),
        (
            HEAD + "ifeq (a b)\nendif\n",
            r"line 3: this condition cannot be understood.*Write: ifeq \(\$\(NAME\),value\)",
        ),
        (HEAD + "ifdef a b\nendif\n", r"line 3: this condition cannot be understood.*Write: ifdef NAME"),
        (HEAD + "A = $(B)\nB = $(A)\nX := $(A)\n", r"line 3: the variable A is made of itself"),
        (HEAD + "CFLAGS = $(CFLAGS) -O2\n" + INCLUDE, r"line 3: the variable CFLAGS is made of itself.*CFLAGS := …"),
        (HEAD + "define X\nabc\n", r"line 3: this define has no endef"),
        (HEAD + "= 3\n", r"line 3: the name of the variable is missing"),
        (HEAD + "include nothing.mk\n" + INCLUDE, r"line 3: the included file nothing.mk is not there"),
        (HEAD + "include again.mk\n" + INCLUDE, r"again.mk line 2: .*again.mk includes itself"),
        (HEAD + "X := $(word x,a)\n", r'line 3: the function word needs a number, not "x"'),
        (HEAD + "X := $(word 0,a)\n", r"line 3: the function word counts from 1"),
        (HEAD + "X := $(subst a)\n", r"line 3: the function subst needs 3 arguments"),
        (HEAD + "X := $(call subst,a)\n", r"line 3: the function subst needs 3 arguments"),
        (HEAD + "$(error no $(ARCH) here)\n", r"line 3: the Makefile stops here: no x64 here"),
        (HEAD + "$(file >x,y)\n", r"line 3.*that is not done here"),
        (HEAD + "load x.so\n", r"line 3.*cannot load extensions"),
        (HEAD + "ifeq ($(MAKECMDGOALS),mpy)\n" + INCLUDE + "endif\n", r"It asks for make's goal.* MAKECMDGOALS=mpy"),
        (HEAD + "ifneq (,$(filter a b,$(MAKECMDGOALS)))\n" + INCLUDE + "endif\n", r"It asks.* MAKECMDGOALS=all"),
        (HEAD, r"does not include py/dynruntime.mk.*include \$\(MPY_DIR\)"),
        ("SRC = m.c\n" + INCLUDE, r"gives the module no name.*MOD = name"),
        ("MOD = a-b\nSRC = m.c\n" + INCLUDE, r"line 1: \"a-b\" cannot be a module's name"),
        ("MOD = m\n" + INCLUDE, r"names no C file: SRC is empty.*SRC = m.c"),
        ("MOD = m\n\nSRC = m.c other.c\n" + INCLUDE, r"line 3: the file other.c is not there.*take it out of SRC"),
        ("MOD = m\nSRC = m.c\nSRC += lib.py\n" + INCLUDE, r"line 3: the file lib.py is not there"),
        ("MOD = m\nSRC = m.c\nSRC_O = x.o\n" + INCLUDE, r"the file x.o is not there"),
        (HEAD + "CFLAGS += -fplugin=x.so\n" + INCLUDE, r'line 3: the flag "-fplugin=x.so" cannot be used here'),
        (HEAD + "CFLAGS += -wrapper sh\n" + INCLUDE, r'the flag "-wrapper" cannot be used here'),
        (HEAD + "CFLAGS += @file\n" + INCLUDE, r'"@file" among the compiler\'s flags is no flag'),
        (HEAD + "CFLAGS += -DX='a\n" + INCLUDE, r"a quote is open at the end of this command"),
        (HEAD + "MPY_LD_FLAGS += --wrong\n" + INCLUDE, r'"--wrong" in MPY_LD_FLAGS is no option'),
        (HEAD + "MPY_LD_FLAGS += -lnone.a\n" + INCLUDE, r"line 3: the library none.a is not there"),
        (HEAD + "MPY_EXTERN_SYM_FILE = rom.ld\n" + INCLUDE, r"line 3: the file rom.ld is not there"),
    ],
)
def test_a_fault_has_its_line_and_says_what_to_do(recipes: Recipes, tmp_path: Path, makefile: str, words: str) -> None:
    with pytest.raises(MakefileError, match=words):
        recipes(written(tmp_path, {"Makefile": makefile, "m.c": C, "again.mk": "\ninclude again.mk\n"}))


def test_a_fault_in_an_included_file_names_that_file(recipes: Recipes, tmp_path: Path) -> None:
    files = {"Makefile": GOOD + "include conf/more.mk\n", "m.c": C, "conf/more.mk": "A = 1\n\nwhat\n"}
    with pytest.raises(MakefileError, match=r"^conf/more.mk line 3: "):
        recipes(written(tmp_path, files))


def test_what_the_makefile_says(recipes: Recipes, tmp_path: Path) -> None:
    makefile = f"$(info one)\n{GOOD}$(warning careful)\n$(info $(MOD) two)\n"
    folder = written(tmp_path, {"Makefile": makefile, "m.c": C})
    for _again in range(2):
        recipes.ctx.events.clear()
        (note,) = recipes(folder).notes
        assert str(note) == "Makefile line 5: careful"
        assert recipes.ctx.said() == ["one", "m two"]
    assert not [event for event in recipes.ctx.events if isinstance(event, Note)]  # the build tells the notes
    with pytest.raises(MakefileSays):
        recipes(folder, "x64", variables={"MOD": "$(error no)"})


@pytest.mark.parametrize(
    "makefile",
    [
        "A := aaaaaaaaaaaaaaaa\n" + "A := $(A)$(A)\n" * 40,
        "L = 0 1 2 3 4 5 6 7 8 9\n" + "X := $(foreach a,$(L)," * 9 + "$(a)" + ")" * 9 + "\n",
        "f = $(call f,$(1)x)\nX := $(call f,x)\n",
        "f = $(call f)$(call f)\nX := $(call f)\n",
        "X := " + "$(" * 3000 + "A" + ")" * 3000 + "\n",
        "$(eval $$(eval $$(eval x := 1)))\n" + "f = $(eval $(value f))\n$(f)\n",
        "X := $(wildcard /*/*/*/*/*/*)\n",
        "A=x\n" + "".join(f"A{n} = $(A{n - 1})$(A{n - 1})\n" for n in range(1, 60)) + "A0 = $(A)\nX := $(A59)\n",
        "include more/*.mk\n",
        "X := $(subst a,$(B),$(C))\n",
    ],
)
def test_a_makefile_that_would_never_end_is_stopped(recipes: Recipes, tmp_path: Path, makefile: str) -> None:
    given = {"B": "b" * 3000, "C": "a" * 3000}
    written(tmp_path, {f"more/{n}.mk": "A = 1\n" for n in range(300)})
    folder = written(tmp_path, {"Makefile": HEAD + makefile + INCLUDE, "m.c": C})
    start = time.process_time()
    with pytest.raises(TooMuch):
        recipes(folder, variables=given)
    assert time.process_time() - start < 20


def test_a_makefile_that_is_no_text(recipes: Recipes, tmp_path: Path) -> None:
    folder = written(tmp_path, {"Makefile": GOOD, "m.c": C})
    (folder / "Makefile").write_bytes(b"MOD=m\n" + bytes(range(128, 256)) + b"\n")
    with pytest.raises(MakefileError, match="line 2: this line is neither") as caught:
        recipes(folder)
    str(caught.value).encode()


def test_a_file_of_a_submodule_that_was_not_fetched(recipes: Recipes, tmp_path: Path) -> None:
    makefile = f"MOD = m\nSRC = m.c ../deps/dsp/src/fir.c\n{INCLUDE}"
    folder = written(tmp_path / "mod", {"Makefile": makefile, "m.c": C})
    (tmp_path / "deps" / "dsp").mkdir(parents=True)
    with pytest.raises(MakefileError, match=r"line 2: the file .*fir.c is not there.*submodule") as caught:
        recipes(folder)
    assert "The folder ../deps/dsp is empty." in str(caught.value)


def test_variables_that_nobody_may_set(recipes: Recipes, tmp_path: Path) -> None:
    folder = written(tmp_path, {"Makefile": GOOD, "m.c": C})
    with pytest.raises(ProjectFileError, match="CROSS"):
        recipes(folder, variables={"CROSS": "evil-"})


def test_btree_without_its_submodule_says_what_the_tree_lacks(recipes: Recipes) -> None:
    example = recipes.sdk.path / "examples" / "natmod" / "btree"
    if (recipes.sdk.path / "lib" / "berkeley-db-1.xx" / "btree").is_dir():
        pytest.skip("this tree has the sources of berkeley-db")
    with pytest.raises(SubmoduleMissing, match=r"lacks .*lib/berkeley-db-1.xx") as caught:
        recipes(example)
    assert "official release archive" in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes among its files")
def test_a_pipe_where_a_file_should_be_is_not_waited_for(recipes: Recipes, tmp_path: Path) -> None:
    makefile = f'MOD = m\nSRC = m.c\nX := $(shell grep -q "a" "pipe"; echo $$?)\n{INCLUDE}CFLAGS += -DX=$(X)\n'
    folder = written(tmp_path, {"Makefile": makefile, "m.c": C})
    os.mkfifo(folder / "pipe")
    assert recipes(folder).flags[-1] == "-DX=2"
    written(folder, {"Makefile": f"{GOOD}MPY_LD_FLAGS += -lpipe\n"})
    with pytest.raises(MakefileError, match="the library pipe is not there"):
        recipes(folder)
