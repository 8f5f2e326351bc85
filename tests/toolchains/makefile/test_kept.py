"""A Makefile that was read is not read again by the next program that is started, unless something has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.toolchains.makefile.makefiles import INCLUDE, C, Recipes, written
from toolchains.makefile import kept
from toolchains.makefile.errors import MakefileError
from toolchains.paths import Paths

TEXT = f"MOD = m\nSRC = $(wildcard *.c)\nifneq ($(EXTRA),)\nCFLAGS += -D$(EXTRA)\nendif\n{INCLUDE}"


def _never(*_arguments: object) -> None:
    raise AssertionError("the Makefile was read again")


def test_the_next_program_reads_nothing_again(
    recipes: Recipes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written(tmp_path, {"Makefile": TEXT, "m.c": C})
    first = recipes(folder)
    monkeypatch.setattr(kept, "_kept", {})
    monkeypatch.setattr("toolchains.makefile.recipes.recipe_of_makefile", _never)
    assert recipes(folder) == first


@pytest.mark.parametrize("change", ["text", "file", "environment", "entry", "reader"])
def test_whatever_it_depends_on_leads_to_a_new_reading(
    recipes: Recipes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    folder = written(tmp_path, {"Makefile": TEXT, "m.c": C})
    first = recipes(folder)
    monkeypatch.setattr(kept, "_kept", {})
    if change == "text":
        written(folder, {"Makefile": "CFLAGS = -DNEW\n" + TEXT})
        assert recipes(folder).flags[0] == "-DNEW"
    elif change == "file":
        written(folder, {"n.c": C})
        assert recipes(folder).sources == ("m.c", "n.c")
    elif change == "environment":
        recipes.ctx.host.environ["EXTRA"] = "FROM_OUTSIDE"  # type: ignore[index]
        assert "-DFROM_OUTSIDE" in recipes(folder).flags
    elif change == "entry":
        entries = list((Paths.of(recipes.ctx.host).cache / "recipes").glob("*.json"))
        for entry in entries:
            entry.write_text('{"key": 1}')
        assert entries
        assert recipes(folder) == first
    else:
        monkeypatch.setattr(kept, "_reader", lambda: (("another.py", 1, 1),))
        monkeypatch.setattr("toolchains.makefile.recipes.recipe_of_makefile", _never)
        with pytest.raises(AssertionError):
            recipes(folder)


def test_a_makefile_with_a_mistake_is_read_each_time(recipes: Recipes, tmp_path: Path) -> None:
    folder = written(tmp_path, {"Makefile": "ifeq (a,\n" + TEXT, "m.c": C})
    for _round in range(2):
        with pytest.raises(MakefileError):
            recipes(folder)
