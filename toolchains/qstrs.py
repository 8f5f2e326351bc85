"""Which interned strings a project's text mentions, and which of its own files that text is in.

MicroPython's ``mpy_ld.py --preprocess`` looks for ``MP_QSTR_`` in the files it is given and follows no include, so
a header has to be listed too (facts.md c.2). The headers of the project are found here by following the includes in the
text; conditions are not evaluated, a header too many only costs a look.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from toolchains.contents import MEMO, MISSING, digest

_QSTR = re.compile(rb"MP_QSTR_[A-Za-z0-9_]*")
_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*["<]([^">\n]+)[">]', re.M)
#: The assembler's own, which no compiler's list of headers has; in C, the quotes are escaped.
_EMBED = re.compile(rb'\.inc(?:lude|bin)[ \t]+\\?"([^"\\\n]+)\\?"')

#: What a text includes and mentions, by its content hash. A session edits few files: it stays small.
_parsed: dict[str, tuple[tuple[str, ...], frozenset[str]]] = {}
_PARSED_MOST = 4096

#: Behind an empty assembler statement, a compiler knows nothing about an address.
_HIDDEN_TABLE = """
static inline const uint16_t *natmod_hidden(const uint16_t *table) {
    __asm__("" : "+r"(table));
    return table;
}
#define mp_native_qstr_table natmod_hidden(mp_native_qstr_table)
"""


def hide_table(header: Path) -> None:
    """Add to the header of ``mpy_ld.py --preprocess`` what lets modules for the ESP8266 link at all.

    With its ``-mforce-l32``, GCC makes the address of each entry of the table a constant of its own, which mpy_ld.py
    cannot relocate; upstream's make fails there too (GCC 12, MicroPython 1.26 and 1.29).
    """
    with header.open("a", encoding="utf-8") as file:
        file.write(_HIDDEN_TABLE)


@dataclass(frozen=True)
class Scan:
    """The project's own files that its sources lead to: content hash by path, the qstrs, and where they stand.

    ``leads`` are, by path, all places where the files that it includes were looked for: those that were found, and
    those before them where a new file would be found first.
    """

    hashes: dict[str, str]
    qstrs: frozenset[str]
    mentioning: tuple[str, ...]
    leads: dict[str, tuple[str, ...]]

    def reach(self, source: str) -> dict[str, str]:
        """The content hash of each place that a source leads to, :data:`MISSING` for those where nothing was."""
        found: dict[str, str] = {}
        waiting = [source]
        while waiting:
            path = waiting.pop()
            if path not in found:
                found[path] = self.hashes.get(path, MISSING)
                waiting += self.leads.get(path, ())
        return found


def scan(root: Path, files: Iterable[str], include: Iterable[str]) -> Scan:
    """Follow the includes of ``files`` inside ``root``. Paths are relative to ``root``, as are ``include`` folders."""
    folders = ("", *include)
    hashes: dict[str, str] = {}
    names: set[str] = set()
    mentioning: list[str] = []
    leads: dict[str, tuple[str, ...]] = {}
    waiting = list(files)
    while waiting:
        path = waiting.pop(0)
        if path in hashes:
            continue
        hashes[path], includes, qstrs = _parse(root / path)
        names |= qstrs
        if qstrs:
            mentioning.append(path)
        leads[path] = tuple(
            place for target in includes for place in _places(root, (os.path.dirname(path), *folders), target)
        )
        waiting += (place for place in leads[path] if (root / place).is_file())
    return Scan(hashes, frozenset(names), tuple(mentioning), leads)


def _parse(path: Path) -> tuple[str, tuple[str, ...], frozenset[str]]:
    key = MEMO.of(path)
    found = _parsed.get(key)
    if found is not None or key == MISSING:
        return (key, *(found or ((), frozenset())))
    data = path.read_bytes()
    targets = (*_INCLUDE.findall(data), *_EMBED.findall(data))
    includes = tuple(match.decode("utf-8", "surrogateescape") for match in targets)
    qstrs = frozenset(match.decode() for match in _QSTR.findall(data))
    if len(_parsed) >= _PARSED_MOST:
        _parsed.clear()
    _parsed[digest(data)] = (includes, qstrs)
    return digest(data), includes, qstrs


def _places(root: Path, folders: Iterable[str], target: str) -> Iterable[str]:
    """Where a file that is included may be in the project: up to the first place where it is."""
    for folder in folders:
        path = os.path.normpath(os.path.join(folder, target)).replace(os.sep, "/")
        if not os.path.isabs(path) and not path.startswith(".."):
            yield path
            if (root / path).is_file():
                return
