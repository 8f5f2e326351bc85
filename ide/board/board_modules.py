"""Which modules a board has itself: built in, frozen, or among its files. Nothing is imported to find out."""

from __future__ import annotations

from collections.abc import Iterable

from ide.board.errors import BoardExecError
from ide.board.link import Board
from toolchains.jobs import JobContext

#: How help('modules') ends.
_AFTER = "Plus any modules"

_ON_DISK = """\
import os, sys
def _there(p):
 try:
  os.stat(p)
  return True
 except OSError:
  return False
def _on_disk(names):
 return [n for n in names if any(_there((p+"/" if p else "")+n+s) for p in sys.path for s in ("",".py",".mpy"))]
"""


def missing_modules(ctx: JobContext, board: Board, names: Iterable[str]) -> tuple[str, ...]:
    """Those of ``names`` (of whole modules, no dots) that the board cannot import; empty if it cannot tell."""
    asked = tuple(dict.fromkeys(names))
    if not asked:
        return ()
    try:
        said = board.exec(ctx, "help('modules')", isolated=True).decode("utf-8", "replace")
    except BoardExecError:  # built without it
        return ()
    listed = listed_modules(said)
    if listed is None:
        return ()
    built_in = {name.split("/")[0] for name in listed}
    left = tuple(name for name in asked if not _among(name, built_in))
    if not left:
        return ()
    there = board.ask(ctx, f"_on_disk({left!r})", _ON_DISK, isolated=True)
    return tuple(name for name in left if not isinstance(there, list) or name not in there)


def listed_modules(said: str) -> tuple[str, ...] | None:
    """The names that ``help('modules')`` lists, such as ``asyncio/core``; None where it did not come to its end."""
    if _AFTER not in said:
        return None
    return tuple(dict.fromkeys(said.partition(_AFTER)[0].split()))


def _among(name: str, built_in: set[str]) -> bool:
    """Older programs write ``utime`` for ``time``; MicroPython takes both."""
    return name in built_in or (name.startswith("u") and name[1:] in built_in)
