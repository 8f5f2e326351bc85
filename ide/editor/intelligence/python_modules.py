"""Which modules a board's Python can import: those of its stubs, else those that MicroPython has on most boards."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

#: A line up to a caret in the name of a module.
_IMPORT = re.compile(r"\s*(?:import\s+(?:[\w.]+(?:\s+as\s+\w+)?\s*,\s*)*|from\s+)(\w*)\Z")
#: docs.micropython.org, "MicroPython libraries": what is there whatever the port.
_USUAL = (
    "array", "asyncio", "binascii", "builtins", "cmath", "collections", "deflate", "errno", "framebuf", "gc", "hashlib",
    "heapq", "io", "json", "machine", "math", "micropython", "os", "platform", "random", "re", "select", "socket",
    "ssl", "struct", "sys", "time", "uctypes", "vfs",
)  # fmt: skip


def modules(stubs: Iterable[str], own: Iterable[str]) -> tuple[str, ...]:
    """Names that can be imported, sorted; ``own`` are the project's folders."""
    folders = [place for folder in stubs for place in (Path(folder), Path(folder, "stdlib"))]
    found = {name for folder in folders for name in _in(folder)} or set(_USUAL)
    found.update(name for folder in own for name in _in(Path(folder)))
    return tuple(sorted(found))


def typed_module(line: str) -> str | None:
    """What is typed of a module's name at the end of a line; None where no module is named."""
    found = _IMPORT.match(line)
    return found[1] if found is not None else None


def _in(folder: Path) -> set[str]:
    try:
        rows = list(folder.iterdir())
    except OSError:  # no such folder, or not ours to read
        return set()
    files = {path.stem for path in rows if path.suffix in (".py", ".pyi") and path.stem.isidentifier()}
    packages = {path.name for path in rows if any((path / f"__init__{end}").is_file() for end in (".py", ".pyi"))}
    return {name for name in files | packages if not name.startswith("__")}
