"""Expressions that nobody wrote mean to us what they mean to GNU make."""

from __future__ import annotations

import os
import random
from pathlib import Path

from tests.toolchains.makefile.readers import by_make, evaluated

_SEEDS = int(os.environ.get("NATMOD_MAKE_SEEDS", "3"))
_EACH = 400
#: Of one kind in an expression: a comma that brackets of another kind hold separates.
_BRACKETS = ("()", "()", "{}")

_BEFORE = r"""
A = x.c xy.c z.h
B := a/b.c  c.S   ./d
C = $(A) $(B)
D =
E = $(1)-$(2)
F = %.c
G = A
H = a\#b
define I
$(A)
$(1)
endef
"""
_ATOMS = [
    *(
        "a",
        "b.c",
        "x/y.o",
        "%",
        "%.c",
        ".c",
        ".",
        "/",
        "  ",
        " ",
        "x y",
        "1",
        "2",
        "0",
        "./a",
        "../b",
        "a.b.c",
        "-",
        "$$",
    ),
    *(
        "$(A)",
        "$(B)",
        "${C}",
        "$(D)",
        "$A",
        "$(G)",
        "$($(G))",
        "$(A:.c=.o)",
        "$(B:%.c=x%)",
        "$(H)",
        "$(nothing)",
        "\\",
        "\\%",
    ),
    *("$(A:%=%%)", "$(F)", "$(I)", "%%", "a%b", "=", ":", "'", '"', "#"[:0], "x.c", "armv6m", "~", "*.c", "s?b"),
]
_FUNCTIONS = {
    **dict.fromkeys(("strip", "sort", "words", "firstword", "lastword", "dir", "notdir", "suffix", "basename"), 1),
    **dict.fromkeys(("abspath", "realpath", "origin", "flavor", "value", "info"), 1),
    **dict.fromkeys(("findstring", "filter", "filter-out", "addsuffix", "addprefix", "join"), 2),
    **dict.fromkeys(("subst", "patsubst", "foreach", "if", "or", "and", "call", "word", "wordlist"), 3),
}


def _expression(dice: random.Random, depth: int, brackets: str) -> str:
    return "".join(_piece(dice, depth, brackets) for _ in range(dice.randint(1, 3)))


def _piece(dice: random.Random, depth: int, brackets: str) -> str:
    if depth == 0 or dice.random() < 0.4:
        return dice.choice(_ATOMS)
    name = dice.choice(list(_FUNCTIONS))
    arguments = [_expression(dice, depth - 1, brackets) for _ in range(_FUNCTIONS[name])]
    if name == "foreach":
        arguments = ["v", arguments[1], f"{arguments[2]}<$(v)>"]
    elif name == "call":
        arguments[0] = dice.choice(["E", "I", "subst", "A", "D"])
        arguments += ["x"] if arguments[0] == "subst" else []
    elif name == "patsubst":
        arguments[0] = dice.choice(["%", "%.c", "x%", "x.c", "a%c", "", "$(F)", "%/y.o"])
    elif name == "word":
        arguments = [dice.choice("123"), arguments[1]]
    elif name == "wordlist":
        arguments = [dice.choice("123"), dice.choice("0123"), arguments[2]]
    elif name in ("or", "and", "if"):
        arguments = arguments[: dice.randint(2, 3)]
    blank = dice.choice([" ", "  "])
    return f"${brackets[0]}{name}{blank}{dice.choice([',', ', ', ',']).join(arguments)}{brackets[1]}"


def test_random_expressions_have_the_value_that_make_gives_them(tmp_path: Path) -> None:
    for name in ("a.c", "b.c", "sub/q.c"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    for seed in range(_SEEDS):
        dice = random.Random(seed)
        lines = [_expression(dice, 3, dice.choice(_BRACKETS)) for _ in range(_EACH)]
        marked = (f"V{n} = {line}.\n$(info {n}: [$(V{n})])\n" for n, line in enumerate(lines))
        text = _BEFORE + "".join(marked)
        ours, theirs = evaluated(tmp_path, text), by_make(tmp_path, text)
        different = [(seed, a, b) for a, b in zip(ours, theirs, strict=False) if a != b]
        assert different == []
        assert len(ours) == len(theirs)
