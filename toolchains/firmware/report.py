"""A firmware's record as a text for a ticket or a release: versions, hashes, flags, what is in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from toolchains.text import _
from toolchains.units import size_text

#: Keys of the record that have a line of their own.
_SAID = {"schema", "port", "board", "variant", "micropython", "sources", "product", "bytes", "sha256", "modules",
         "seconds", "natmod_studio", "elf", "files"}  # fmt: skip


def text(record: Mapping[str, Any]) -> str:
    """Markdown. Whatever else the record holds is a line too, so that nothing is left out."""
    return "\n".join(_lines(record)) + "\n"


def _lines(record: Mapping[str, Any]) -> Iterator[str]:
    label = " ".join(str(record[key]) for key in ("port", "board", "variant") if record.get(key))
    yield f"# {label}"
    yield ""
    size = record.get("bytes")
    yield _line(_("file"), f"{record.get('product')} ({size_text(size) if isinstance(size, int) else '?'})")
    yield _line("sha256", record.get("sha256"))
    yield _line("MicroPython", f"{record.get('micropython')} ({record.get('sources')})")
    yield _line("Natmod Studio", record.get("natmod_studio"))
    modules = record.get("modules")
    for module in modules if isinstance(modules, list) else ():
        if isinstance(module, Mapping):
            names = _shown(module.get("names", ()))
            yield _line(_("user C module"), f"{names} ({module.get('folder')}, sha256 {module.get('sha256')})")
    for key, value in record.items():
        if key not in _SAID and value not in (None, [], {}, ""):
            yield _line(key, _shown(value))


def _line(name: object, value: object) -> str:
    return f"- {name}: {value}"


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {each}" for key, each in value.items())
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
