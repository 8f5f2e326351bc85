"""Commands of a Makefile run only with the person's word, which is theirs and not the project's."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.toolchains.makefile.makefiles import INCLUDE, C, Recipes, made_up, written
from toolchains.errors import Cancelled
from toolchains.makefile.errors import MakefileError, NeedsConsent
from toolchains.makefile.running import CommandFailed

SHELL = f"""MOD = m
SRC = m.c
INC := $(shell echo ran >> trace; echo found)
{INCLUDE}
CFLAGS += -I$(INC)
"""


@pytest.fixture
def asking(tmp_path: Path) -> Path:
    return written(tmp_path / "project", {"Makefile": SHELL, "m.c": C})


def test_nothing_runs_without_consent_and_the_error_says_all(recipes: Recipes, asking: Path) -> None:
    with pytest.raises(NeedsConsent) as caught:
        recipes(asking)
    (command,) = caught.value.commands
    assert (command.text, command.place.line, command.variable) == ("echo ran >> trace; echo found", 3, "INC")
    text = str(caught.value)
    assert 'Line 3 of Makefile wants to run "echo ran >> trace; echo found"' in text
    assert "--allow-run" in text
    assert "--set INC=…" in text
    assert not (asking / "trace").exists()


def test_an_answer_takes_the_place_of_the_command_and_is_remembered(recipes: Recipes, asking: Path) -> None:
    assert recipes(asking, variables={"INC": "mine"}).flags[-1] == "-Imine"
    assert recipes(asking).flags[-1] == "-Imine"
    assert not (asking / "trace").exists()
    written(asking, {"Makefile": SHELL.replace("echo found", "echo other")})
    with pytest.raises(NeedsConsent):
        recipes(asking)


def test_a_consent_is_remembered_for_this_very_command_in_this_very_folder(
    recipes: Recipes, asking: Path, tmp_path: Path, home: Path
) -> None:
    assert recipes(asking, allow_run=True).flags[-1] == "-Ifound"
    assert recipes(asking).flags[-1] == "-Ifound"
    assert (asking / "trace").read_text() == "ran\nran\n"  # as make does, once for each reading
    kept = json.loads((home / "config" / "makefile-answers.json").read_text())
    assert list(kept["projects"]) == [str(asking)]
    assert {path.name for path in asking.iterdir()} == {"Makefile", "m.c", "trace"}
    with pytest.raises(NeedsConsent):
        recipes(written(tmp_path / "other", {"Makefile": SHELL, "m.c": C}))
    written(asking, {"Makefile": SHELL.replace("found", "other")})
    with pytest.raises(NeedsConsent):
        recipes(asking)


def test_several_commands_are_asked_about_at_once_even_before_what_they_break(recipes: Recipes, tmp_path: Path) -> None:
    makefile = (
        "MOD = m\nPKG = $(shell python3 -c 'import pkg; print(pkg.dir)')\nSRC = m.c $(PKG)/x.c\n"
        "V != git describe\nifeq ($(V),)\n$(error no version)\nendif\ninclude $(PKG)/more.mk\n"
        f"CFLAGS += $(shell pkg-config --cflags x)\n{INCLUDE}"
    )
    with pytest.raises(NeedsConsent) as caught:
        recipes(written(tmp_path, {"Makefile": makefile, "m.c": C}))
    assert [(one.text, one.variable, one.place.line) for one in caught.value.commands] == [
        ("git describe", "V", 4),
        ("python3 -c 'import pkg; print(pkg.dir)'", "PKG", 2),
        ("pkg-config --cflags x", None, 9),
    ]
    assert "--set" not in str(caught.value)  # an answer for all but one of them would not be enough


def test_commands_that_decide_nothing_about_the_module_are_neither_run_nor_asked_about(
    recipes: Recipes, tmp_path: Path
) -> None:
    makefile = (
        "MOD = m\nSRC = m.c\nVERSION := v$(strip $(shell git describe))\nCLANG := $(if $(shell which clang),clang,)\n"
        "$(info version $(VERSION))\nFUZZ = $(addprefix fuzz/,$(shell ls fuzz))\n"
        f"{INCLUDE}\ndist: $(FUZZ)\n\tcp $< $(VERSION)\n$(CLANG)-test: $(FUZZ)\n"
    )
    recipe = recipes(written(tmp_path, {"Makefile": makefile, "m.c": C}), allow_run=True)
    assert recipe.sources == ("m.c",)
    assert "version v…" in recipes.ctx.said()
    for use in (
        "CFLAGS += -D$(VERSION)",
        "ifeq ($(CLANG),)\nendif",
        "include $(FUZZ)",
        "SRC += $(VERSION).c",
        "MOD := $(CLANG)",
    ):
        folder = written(tmp_path / use[:4], {"Makefile": makefile.replace(INCLUDE, f"{use}\n{INCLUDE}"), "m.c": C})
        with pytest.raises(NeedsConsent) as caught:
            recipes(folder)
        assert len(caught.value.commands) == 1


def test_a_command_made_of_what_another_one_prints(recipes: Recipes, tmp_path: Path) -> None:
    makefile = (
        f"MOD = m\nSRC = m.c\nA := $(shell echo 3; echo)\nB := $(shell expr $(A) + 4)\n{INCLUDE}CFLAGS += -DB=$(B)\n"
    )
    folder = written(tmp_path, {"Makefile": makefile, "m.c": C})
    with pytest.raises(NeedsConsent) as caught:
        recipes(folder)
    assert [command.text for command in caught.value.commands] == ["echo 3; echo"]
    assert recipes(folder, allow_run=True).flags[-1] == "-DB=7"


def test_a_command_that_fails_or_is_cancelled(recipes: Recipes, tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        {"m.c": C, "Makefile": f"MOD = m\nSRC = m.c\nX := $(shell echo why >&2; exit 3)\n{INCLUDE}CFLAGS += $(X)"},
    )
    with pytest.raises(CommandFailed) as caught:
        recipes(folder, allow_run=True)
    assert "line 3" in str(caught.value)
    assert "code 3" in str(caught.value)
    assert caught.value.detail == "why\n"
    recipes.ctx.cancel()
    with pytest.raises(Cancelled):
        recipes(folder, allow_run=True)


def test_on_a_computer_without_a_shell(recipes: Recipes, asking: Path) -> None:
    recipes.ctx.host = type(recipes.ctx.host)("windows", "x86_64", {**recipes.ctx.host.environ, "PATH": ""})
    with pytest.raises(MakefileError, match="needs a shell") as caught:
        recipes(asking, allow_run=True)
    assert "--set INC=…" in str(caught.value)
    assert recipes(asking, variables={"INC": "mine"}).flags[-1] == "-Imine"


def test_an_exported_variable_reaches_the_command(recipes: Recipes, tmp_path: Path) -> None:
    makefile = f"MOD = m\nSRC = m.c\nexport LEVEL = $(DEEP)\nDEEP = 7\nX := $(shell echo $$LEVEL a; echo b)\n{INCLUDE}"
    folder = written(tmp_path, {"Makefile": f"{makefile}CFLAGS += '-DX=$(X)'\n", "m.c": C})
    assert recipes(folder, allow_run=True).flags[-1] == "-DX=7 a b"


# --- rules that make files ------------------------------------------------------------------------------------------

MAKES = f"""MOD = m
SRC = gen/table.c m.c
{INCLUDE}
gen/table.c: table.txt gen.py | gen
\t@echo made >> trace
\t-false
\t$(PY) gen.py $< > $@
gen:
\tmkdir -p $@
m.c: gen/table.h
gen/%.h: gen/%.c
\tcp $< $@
PY = {sys.executable}
"""
GEN = "import sys; print('// ' + open(sys.argv[1]).read().strip())\n"


def test_a_rule_that_makes_a_source_is_run_with_consent_and_again_when_its_needs_change(
    recipes: Recipes, tmp_path: Path
) -> None:
    folder = written(tmp_path, {"Makefile": MAKES, "m.c": C, "table.txt": "one", "gen.py": GEN})
    with pytest.raises(NeedsConsent) as caught:
        recipes(folder)
    assert [command.makes for command in caught.value.commands] == [*["gen"], *["gen/table.c"] * 3, "gen/table.h"]
    assert "Makefile:6: gen/table.c: echo made >> trace" in caught.value.detail
    assert recipes(folder, allow_run=True).sources == ("gen/table.c", "m.c")
    assert (folder / "gen" / "table.h").read_text() == "// one\n"
    recipes(folder)
    assert (folder / "trace").read_text() == "made\n"
    written(folder, {"table.txt": "two"})
    recipes(folder)
    assert (folder / "gen" / "table.h").read_text() == "// two\n"
    (folder / "gen" / "table.c").unlink()
    recipes(folder)
    assert (folder / "trace").read_text() == "made\n" * 3


def test_a_rule_whose_commands_ask_in_their_turn(recipes: Recipes, tmp_path: Path) -> None:
    makefile = (
        f"MOD = m\nSRC = m.c\n{INCLUDE}$(BUILD)/m.o: gen.h\n"
        "gen.h: gen.in\n\tmkdir -p made\n\t# in between\n\t$(eval TAG := $(shell echo v1.2; echo))\n"
        "\t$(eval MAJOR := $(shell printf %s '$(TAG)' | cut -c2; echo))\n\tsed s/TAG/$(MAJOR)/ $< > $@\n"
    )
    folder = written(tmp_path, {"Makefile": makefile, "m.c": C, "gen.in": "TAG\n"})
    with pytest.raises(NeedsConsent) as caught:
        recipes(folder)
    assert [command.text for command in caught.value.commands] == ["echo v1.2; echo", "mkdir -p made"]
    assert not (folder / "made").exists()
    recipes(folder, allow_run=True)
    assert (folder / "gen.h").read_text() == "1\n"


def test_a_command_finds_the_tools_of_the_compiler(recipes: Recipes, tmp_path: Path) -> None:
    tool = written(tmp_path / "tools", {"far-ar": "#!/bin/sh\necho $1 > $1\n"}) / "far-ar"
    tool.chmod(0o755)
    makefile = f"MOD = m\nSRC = m.c\nSRC_O = part.o\n{INCLUDE}part.o:\n\tfar-ar $@\n"
    folder = written(tmp_path / "mod", {"Makefile": makefile, "m.c": C})
    compiler = made_up(command=(str(tmp_path / "tools" / "far-gcc"),))
    assert recipes(folder, "x64", compiler, allow_run=True).objects == ("part.o", "m.c")


def test_what_is_there_and_was_not_made_here_is_left_alone(recipes: Recipes, tmp_path: Path) -> None:
    files = {"m.c": C, "table.txt": "one", "gen.py": GEN, "gen/table.c": "// shipped\n", "gen/table.h": ""}
    assert recipes(written(tmp_path, {"Makefile": MAKES, **files})).sources == ("gen/table.c", "m.c")
    assert (tmp_path / "gen" / "table.c").read_text() == "// shipped\n"


def test_an_object_a_library_and_an_included_file_can_be_made(recipes: Recipes, tmp_path: Path) -> None:
    makefile = (
        f"include conf.mk\nMOD = m\nSRC = m.c\nSRC_O += fast.o\n{INCLUDE}MPY_LD_FLAGS += -lx.a\n"
        "conf.mk:\n\techo 'CFLAGS += -DCONF' > $@\nfast.o: fast.asm ; cp $< $@\n%.a:\n\ttouch $@\n"
    )
    folder = written(tmp_path, {"Makefile": makefile, "m.c": C, "fast.asm": ""})
    recipe = recipes(folder, allow_run=True)
    assert recipe.flags[0] == "-DCONF"
    assert recipe.objects == ("fast.o", "m.c")
    assert recipe.libs == ("x.a",)


def test_a_rule_that_does_not_make_its_target(recipes: Recipes, tmp_path: Path) -> None:
    makefile = f"MOD = m\nSRC = m.c\n{INCLUDE}\nm.c:\n\ttrue\n"
    with pytest.raises(MakefileError, match=r"line 5.*did not make it"):
        recipes(written(tmp_path, {"Makefile": makefile}), allow_run=True)


def test_broken_settings_are_no_consent(recipes: Recipes, asking: Path, home: Path) -> None:
    for text in ("{", "[]", '{"projects": 3}', f'{{"projects": {{"{asking}": {{"allowed": []}}}}}}'):
        written(home / "config", {"makefile-answers.json": text})
        with pytest.raises(NeedsConsent):
            recipes(asking)
