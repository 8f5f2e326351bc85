"""However mangled a Makefile is, the outcome is a recipe or an error of ours, and soon."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

from tests.toolchains.makefile.makefiles import Recipes, written
from tests.toolchains.makefile.test_builds import FILES
from tests.toolchains.makefile.test_like_make import BEFORE, EXPRESSIONS
from tests.toolchains.makefile.test_like_make import FILES as LINES
from tests.toolchains.makefile.test_shapes import TREE
from toolchains.errors import StudioError

_TIMES = int(os.environ.get("NATMOD_MANGLED", "250"))
_PIECES = [
    *("$(", ")", "${", "}", "$", "\\", "\n", "\t", "#", ":", "::", "=", ":=", "+=", "%", ",", "'", '"', " ", "|", ";"),
    *(
        "define x\n",
        "endef\n",
        "ifeq (",
        "else\n",
        "endif\n",
        "include ",
        "override ",
        "export ",
        "vpath % ",
        "\0",
        "é",
    ),
    *(
        "$(eval ",
        "$(call ",
        "$(foreach x,",
        "$(shell ",
        "$(wildcard ",
        "$(SRC)",
        "$(error ",
        "SRC",
        "MOD",
        "\udcff",
        "~",
    ),
]


def _mangled(dice: random.Random, text: str) -> str:
    for _time in range(dice.randint(1, 6)):
        at = dice.randrange(len(text) + 1)
        match dice.randrange(4):
            case 0:
                text = text[:at] + dice.choice(_PIECES) + text[at:]
            case 1:
                text = text[:at] + text[at + dice.randint(1, 8) :]
            case 2:
                other = dice.randrange(len(text) + 1)
                text = text[:at] + text[min(at, other) : max(at, other)][:200] + text[at:]
            case _:
                text = text[:at] + chr(dice.randrange(128)) + text[at + 1 :]
    return text


def test_mangled_makefiles(recipes: Recipes, tmp_path: Path) -> None:
    names = ("src/model.c", "src/a/util.c", "src/b/util.c", "model.py", "start.S", "part.mk")
    folder = written(tmp_path, {**FILES, **dict.fromkeys(names, "")})
    (folder / "GNUmakefile").unlink()
    expressions = "".join(f"$(info {line})\n" for line in EXPRESSIONS.split("\n"))
    texts = (FILES["GNUmakefile"], TREE, BEFORE + expressions + FILES["GNUmakefile"], LINES + FILES["GNUmakefile"])
    written(folder, {"Makefile": texts[0]})
    request = recipes.request(folder)
    outcomes = {"recipe": 0, "error": 0}
    for seed in range(_TIMES):
        dice = random.Random(seed)
        text = _mangled(dice, dice.choice(texts))
        (folder / "Makefile").write_bytes(text.encode("utf-8", "surrogateescape"))
        start = time.process_time()
        try:
            recipes.of(request)
            outcomes["recipe"] += 1
        except StudioError as error:
            str(error).encode()
            outcomes["error"] += 1
        assert time.process_time() - start < 10, seed
        recipes.ctx.events.clear()
    assert min(outcomes.values()) > _TIMES // 10
