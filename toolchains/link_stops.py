"""Where ``mpy_ld.py`` stopped with an exception: the relocation, symbol and object it was at, from its own frames.

It says ``assert 0`` for a relocation that it does not know, with or without the number, and trips over symbols that it
did not expect (facts.md c.6). Runs in the linker's child.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from toolchains.mpy_ld_types import ElfSymbol, LinkEnv, Relocation

#: The names under which its functions hold a relocation and a symbol.
_RELOCATIONS, _SYMBOLS = ("r", "reloc"), ("s", "sym")


def describe(error: BaseException) -> dict[str, Any]:
    """What an exception of ``mpy_ld.py`` was about, as far as it can be seen; plain data."""
    found: dict[str, Any] = {"error": f"{type(error).__name__}: {error}".strip(": ")}
    for frame in _frames(error.__traceback__):
        relocation = cast("Relocation | None", _first(frame, _RELOCATIONS))
        symbol = relocation.sym if relocation is not None else cast("ElfSymbol | None", _first(frame, _SYMBOLS))
        if symbol is not None:
            kind = frame.f_locals.get("r_info_type") if relocation is None else relocation["r_info_type"]
            found |= {"symbol": str(symbol.name), "file": str(getattr(symbol, "filename", "")), "relocation": kind}
            found |= {"bind": symbol["st_info"]["bind"], "place": str(symbol["st_shndx"])}
        env = cast("LinkEnv | None", frame.f_locals.get("env"))
        if env is not None:
            found["machine"] = env.arch.name
    return found


def _frames(traceback: TracebackType | None) -> Iterator[FrameType]:
    while traceback is not None:
        yield traceback.tb_frame
        traceback = traceback.tb_next


def _first(frame: FrameType, names: tuple[str, ...]) -> object:
    values = (frame.f_locals.get(name) for name in names)
    # Both have an entry of pyelftools; older trees use the names for other things as well.
    return next((value for value in values if hasattr(value, "entry") and _whole(value)), None)


def _whole(value: object) -> bool:
    """Whether this is a symbol, or a relocation that was given its symbol."""
    return hasattr(value, "sym") or hasattr(value, "name")
