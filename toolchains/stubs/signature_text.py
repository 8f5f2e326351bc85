"""A function's signature as Python text, which stands above the function in C and in a ``.pyi``."""

from __future__ import annotations

from toolchains.stubs.model import MISSING, Argument, Function, Type


def signature(function: Function, *, name: str = "", method: bool = False) -> str:
    """``name(a: int, b: float = 2.0) -> int``."""
    words = ["self"] if method and not function.static else []
    before = ""
    for argument in function.arguments:
        if before == "position" and argument.how != "position":
            words.append("/")
        if argument.how == "name" and before not in ("name", "many"):
            words.append("*")
        words.append(_argument(argument))
        before = argument.how
    if before == "position":
        words.append("/")
    return f"{name or function.name}({', '.join(words)}) -> {written(function.returns)}"


def written(kind: Type) -> str:
    """An annotation as it was written, on one line; ``| None`` where only a default of None said so."""
    text = " ".join(kind.text.split()) or kind.name or kind.kind.value
    text = text.strip("'\"") if text[:1] in "'\"" else text
    optional = kind.optional and "None" not in text and "Optional" not in text
    return f"{text} | None" if optional else text


def _argument(argument: Argument) -> str:
    if argument.how == "many":
        return f"*{argument.name}: {written(argument.type)}"
    text = f"{argument.name}: {written(argument.type)}"
    return text if argument.default is MISSING else f"{text} = {argument.default!r}"
