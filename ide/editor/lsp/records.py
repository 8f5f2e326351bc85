"""What language servers answer, as records: read from JSON that nobody has checked. No Qt.

Places in a text are pairs (line, byte of that line in UTF-8), both from 0, as Scintilla and the servers count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from ide.problems import Severity

At = tuple[int, int]

#: More of anything is left out: nobody reads it.
MOST = 500
_LONGEST = 4000
_SEVERITIES: dict[int, Severity] = {1: "error", 2: "warning", 3: "note", 4: "note"}
_KINDS = {
    2: "function", 3: "function", 4: "function", 5: "member", 6: "variable", 7: "class", 8: "class", 9: "module",
    10: "member", 13: "constant", 14: "keyword", 15: "text", 17: "file", 19: "file", 20: "constant", 21: "constant",
    22: "class", 25: "class",
}  # fmt: skip


@dataclass(frozen=True)
class Edit:
    """The text between two places becomes ``new``."""

    start: At
    end: At
    new: str


@dataclass(frozen=True)
class Item:
    """Something that completes a word. ``label`` is the name, ``detail`` what stands behind it, ``insert`` what is
    typed for it; ``order`` sorts (ascending); ``more`` are edits elsewhere. ``unlinkable``: MicroPython does not offer
    it to modules."""

    label: str
    insert: str
    kind: str
    detail: str
    doc: str
    order: str
    edit: Edit | None = None
    unlinkable: bool = False


@dataclass(frozen=True)
class Remark:
    """A complaint about a text. ``end`` is the place behind it; ``fixes`` are (title, edits by file)."""

    start: At
    end: At
    severity: Severity
    message: str
    code: str
    source: str
    fixes: tuple[tuple[str, dict[Path, tuple[Edit, ...]]], ...] = ()


@dataclass(frozen=True)
class Signature:
    """A call's form. ``active`` is (start, end) in ``label`` of the argument that is typed, if known."""

    label: str
    doc: str
    active: tuple[int, int] | None


@dataclass(frozen=True)
class Location:
    """A place in a file."""

    path: Path
    at: At


@dataclass(frozen=True)
class Outline:
    """A name that a text defines; ``depth`` is how far inside another one."""

    name: str
    kind: str
    at: At
    depth: int


def path_of(uri: object) -> Path | None:
    """The file that a ``file:`` address means; None for others."""
    if not isinstance(uri, str):
        return None
    parts = urlsplit(uri)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        return None
    path = Path(url2pathname(unquote(parts.path) if "%" not in url2pathname("%41") else parts.path))
    return path if path.is_absolute() else None


def plain(value: object) -> str:
    """A text that may be markdown, as plain words, not too long."""
    if isinstance(value, dict):
        value = value.get("value")
    elif isinstance(value, list):
        value = "\n".join(plain(part) for part in value[:20])
    if not isinstance(value, str):
        return ""
    text = re.sub(r"^[ \t]*```\w*[ \t]*$\n?", "", value[: 4 * _LONGEST], flags=re.M)
    text = re.sub(r"^---+$|^#{1,6} +", "", text, flags=re.M)
    text = re.sub(r"\\([_*#<>`\[\]()\\.!+-])", r"\1", text).replace("`", "").replace("&nbsp;", " ")
    return re.sub(r"\n{3,}", "\n\n", text).strip()[:_LONGEST]


def at_of(value: object) -> At | None:
    """A place of the protocol."""
    if isinstance(value, dict):
        line, byte = value.get("line"), value.get("character")
        if isinstance(line, int) and isinstance(byte, int) and 0 <= line < 1 << 31 and 0 <= byte < 1 << 31:
            return line, byte
    return None


def _range(value: object) -> tuple[At, At] | None:
    if not isinstance(value, dict):
        return None
    start, end = at_of(value.get("start")), at_of(value.get("end"))
    return (start, end) if start is not None and end is not None and start <= end else None


def _text(record: dict[str, Any], key: str) -> str:
    value = record.get(key)
    return value[:_LONGEST] if isinstance(value, str) else ""


def _records(value: object, most: int = MOST) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for one in value[:most]:
            if isinstance(one, dict):
                yield one


def edits_of(value: object) -> tuple[Edit, ...]:
    """Text edits, first to last; overlapping ones are left out."""
    found = []
    for one in _records(value, 100_000):
        where, new = _range(one.get("range")), one.get("newText")
        if where is not None and isinstance(new, str):
            found.append(Edit(*where, new))
    found.sort(key=lambda edit: (edit.start, edit.end))
    kept: list[Edit] = []
    for edit in found:
        if not kept or kept[-1].end <= edit.start:
            kept.append(edit)
    return tuple(kept)


def workspace_edits(value: object) -> dict[Path, tuple[Edit, ...]]:
    """Edits of several files, by file."""
    found: dict[Path, tuple[Edit, ...]] = {}
    if not isinstance(value, dict):
        return found
    changes = value.get("changes")
    if isinstance(changes, dict):
        for uri, edits in list(changes.items())[:MOST]:
            path = path_of(uri)
            if path is not None:
                found[path] = edits_of(edits)
    for one in _records(value.get("documentChanges")):
        document = one.get("textDocument")
        path = path_of(document.get("uri")) if isinstance(document, dict) else None
        if path is not None:
            found[path] = edits_of(one.get("edits"))
    return {path: edits for path, edits in found.items() if edits}


def items_of(value: object) -> list[Item]:
    """Completions, in the server's own order."""
    if isinstance(value, dict):
        value = value.get("items")
    found = []
    for one in _records(value, 2000):
        label = _text(one, "label").strip(" \u2022")
        insert = _text(one, "insertText") or label
        edit = one.get("textEdit")
        made = edits_of([edit]) if isinstance(edit, dict) else ()
        if made:
            insert = made[0].new
        name = _text(one, "filterText") or re.split(r"[\s(]", label)[0]
        if not name or not insert or "\n" in insert:
            continue
        rest = label[len(name) :] if label.startswith(name) else ""
        detail = " ".join(part for part in (rest.strip(), _text(one, "detail")) if part)
        kind = one.get("kind")
        found.append(
            Item(
                name, insert, _KINDS.get(kind, "text") if isinstance(kind, int) else "text", detail,
                plain(one.get("documentation")), _text(one, "sortText") or label, made[0] if made else None,
            )
        )  # fmt: skip
    return sorted(found, key=lambda item: item.order)


def remarks_of(params: object) -> tuple[Path, int | None, tuple[Remark, ...]] | None:
    """``textDocument/publishDiagnostics``: file, version of the text, complaints."""
    if not isinstance(params, dict):
        return None
    path, version = path_of(params.get("uri")), params.get("version")
    if path is None:
        return None
    found = []
    for one in _records(params.get("diagnostics")):
        where = _range(one.get("range"))
        message = _text(one, "message").strip()
        if where is not None and message:
            severity, code = one.get("severity"), one.get("code")
            found.append(
                Remark(
                    *where, _SEVERITIES.get(severity, "error") if isinstance(severity, int) else "error", message,
                    str(code)[:100] if isinstance(code, str | int) else "", _text(one, "source"), _fixes(one, path),
                )
            )  # fmt: skip
    return path, version if isinstance(version, int) else None, tuple(found)


def _fixes(record: dict[str, Any], path: Path) -> tuple[tuple[str, dict[Path, tuple[Edit, ...]]], ...]:
    found = []
    for action in _records(record.get("codeActions"), 10):  # clangd's own, "codeActionsInline"
        edits = workspace_edits(action.get("edit"))
        if edits and _text(action, "title"):
            found.append((_text(action, "title"), edits))
    data = record.get("data")
    if isinstance(data, dict):  # ruff's own
        edits_here = edits_of(data.get("edits"))
        title = data.get("title")
        if edits_here and isinstance(title, str):
            found.append((title[:200], {path: edits_here}))
    return tuple(found)


def hover_of(value: object) -> str:
    """What is known of the word there, as plain words; empty for nothing."""
    return plain(value.get("contents")) if isinstance(value, dict) else ""


def signatures_of(value: object) -> tuple[tuple[Signature, ...], int]:
    """The forms that a call may have, and which of them is typed."""
    if not isinstance(value, dict):
        return (), 0
    found = []
    general = value.get("activeParameter")
    for one in _records(value.get("signatures"), 20):
        label = _text(one, "label")
        if not label:
            continue
        own = one.get("activeParameter")
        number = own if isinstance(own, int) else general if isinstance(general, int) else -1
        found.append(Signature(label, plain(one.get("documentation")), _argument(one, label, number)))
    active = value.get("activeSignature")
    return tuple(found), min(active, len(found) - 1) if isinstance(active, int) and active > 0 and found else 0


def _argument(record: dict[str, Any], label: str, number: int) -> tuple[int, int] | None:
    known = record.get("parameters")
    if not isinstance(known, list) or not 0 <= number < len(known) or not isinstance(known[number], dict):
        return None
    name = known[number].get("label")
    if isinstance(name, str) and name in label:
        start = label.index(name)
        return start, start + len(name)
    if isinstance(name, list) and len(name) == 2 and all(isinstance(one, int) for one in name):
        return max(0, name[0]), max(0, name[1])
    return None


def locations_of(value: object) -> list[Location]:
    """Places, for "go to" and references."""
    if isinstance(value, dict):
        value = [value]
    found = []
    for one in _records(value):
        path = path_of(one.get("uri") or one.get("targetUri"))
        where = _range(one.get("range") or one.get("targetSelectionRange"))
        if path is not None and where is not None:
            found.append(Location(path, where[0]))
    return found


def outline_of(value: object, depth: int = 0) -> list[Outline]:
    """The names that a text defines, in its order."""
    found: list[Outline] = []
    for one in _records(value):
        where = _range(one.get("selectionRange"))
        if where is None:
            location = one.get("location")
            where = _range(location.get("range")) if isinstance(location, dict) else None
        name, kind = _text(one, "name"), one.get("kind")
        if where is not None and name:
            found.append(Outline(name, _SYMBOLS.get(kind, "") if isinstance(kind, int) else "", where[0], depth))
            if depth < 10:
                found += outline_of(one.get("children"), depth + 1)
    return found[:MOST]


_SYMBOLS = {5: "class", 6: "()", 9: "()", 12: "()", 23: "struct", 10: "enum", 13: "", 14: "", 22: "", 8: ""}
