"""Signatures at random, of everything that C can express."""

from __future__ import annotations

import random

_TYPES = (
    *("int", "float", "bool", "str", "bytes", "bytearray", "list[int]", "tuple[int, str]", "tuple[int, ...]"),
    *("dict[str, int]", "object", "A", "Callable[[int], int]", "list[A]", "list", "Sequence[float]"),
)
_DEFAULTS = {
    "int": ("0", "-2147483648", "7"),
    "float": ("1.5", "-2", "1e-5"),
    "bool": ("True", "False"),
    "str": ('"x"', '""', '"é\\n"'),
    "bytes": ('b""', 'b"\\xff"'),
    "tuple[int, str]": ('(1, "a")',),
    "tuple[int, ...]": ("()", "(1, 2)"),
    "object": ("3", "None", "1.5", '"s"', "(1, (2, 3))", "True", "b'a'"),
    "Sequence[float]": ("(1.0, 2.0)",),
}


def signatures(seed: int, functions: int = 100, methods: int = 30) -> str:
    """A class with attributes and methods, and functions."""
    dice = random.Random(seed)
    lines = ["class A:", '    def __init__(self, p: int, q: str = "x") -> None: ...']
    lines += [f"    f{number}: {_type(dice)}" for number in range(12)]
    for number in range(methods):
        words = _arguments(dice)
        lines.append(f"    def m{number}(self{', ' if words else ''}{words}) -> {_result(dice)}: ...")
    for number in range(8):
        lines += ["    @property", f"    def p{number}(self) -> {_result(dice, ())}: ...", f"    @p{number}.setter"]
        lines.append(f"    def p{number}(self, value: {_type(dice)}) -> None: ...")
    lines += [f"def g{number}({_arguments(dice)}) -> {_result(dice)}: ..." for number in range(functions)]
    return "\n".join(lines) + "\n"


def _type(dice: random.Random) -> str:
    return dice.choice(_TYPES) + (" | None" if dice.random() < 0.25 else "")


def _result(dice: random.Random, more: tuple[str, ...] = ("None",)) -> str:
    return dice.choice((*_TYPES[:-1], *more)) + (" | None" if dice.random() < 0.2 else "")


def _arguments(dice: random.Random) -> str:
    count = dice.randint(0, 5)
    needed = dice.randint(0, count)
    words = [_argument(dice, number, number < needed) for number in range(count)]
    way = dice.random()
    if way < 0.2 and words:
        words.append("/")
    elif way < 0.4 and words:
        words.insert(dice.randint(0, len(words) - 1), "*")
    elif way < 0.5 and needed == count:
        words.append(f"*rest: {dice.choice(_TYPES)}")
    return ", ".join(words)


def _argument(dice: random.Random, number: int, needed: bool) -> str:
    kind = dice.choice(_TYPES)
    text = f"{dice.choice('abcdxyzn')}{number}: {kind}{' | None' if dice.random() < 0.25 else ''}"
    if needed:
        return text
    known = _DEFAULTS.get(kind, ())
    return f"{text} = {dice.choice(known) if known and dice.random() < 0.7 else 'None'}"
