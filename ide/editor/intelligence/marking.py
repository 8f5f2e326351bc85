"""From what servers say of a text to problems with places that people count, and what mends them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from ide.editor.document import Document
from ide.editor.lsp.records import At, Edit, Remark
from ide.editor.scintilla import M, Sci
from ide.problems import Problem
from toolchains.edits import Fix, TextEdit
from toolchains.live_remarks import NOT_LINKABLE, LiveRemark
from toolchains.text import Text, _

#: Who found these problems.
SOURCE = "code help"


def problems_of(document: Document, remarks: Sequence[Remark]) -> list[Problem]:
    """The problems of an open document."""
    if not document.views or document.path is None:
        return []
    sci, path = document.views[0].sci, document.path
    found = []
    for one in remarks:
        line, column = place_of(sci, one.start)
        found.append(
            Problem(one.severity, first_words(one.message), path, line, column, live=True, end=place_of(sci, one.end)),
        )
    return found


def first_words(message: str) -> str:
    """A server's message without what it adds for terminals: the lines of other places."""
    return message.partition("\n\n")[0].replace(" (fix available)", "").strip()


def title_of(title: str, edits: Mapping[Path, Sequence[Edit]]) -> str:
    """What a fix does: what it writes, where that says more than a compiler's note."""
    every = [edit for some in edits.values() for edit in some]
    new = every[0].new if len(every) == 1 else ""
    if title.endswith(" declared here") and new:
        return str(_("Write {near}", near=new))
    return title


def told_once(remarks: Sequence[Remark]) -> list[Remark]:
    """Without what a compiler says of a name that no module can reach: to include its header would not help."""
    ours = {(one.start, one.end) for one in remarks if one.code == NOT_LINKABLE}
    return [one for one in remarks if one.code == NOT_LINKABLE or (one.start, one.end) not in ours]


def place_of(sci: Sci, at: At) -> tuple[int, int]:
    """Line and column, from 1 and in characters, of a place of a server."""
    line = min(at[0], sci.line_of(sci.send(M.GetLength)))
    return sci.place(min(sci.line_start(line) + at[1], sci.line_end(line)))


def remark_of(text: str, one: LiveRemark) -> Remark:
    """A remark of ours in the form of the servers'. Its fix is found by :func:`fixes_of`."""
    return Remark(at_of(text, one.start), at_of(text, one.end), one.severity, str(one.message), one.code, SOURCE)


def at_of(text: str, place: int) -> At:
    """The place of a server of a character of a text."""
    start = text.rfind("\n", 0, place) + 1
    return text.count("\n", 0, place), len(text[start:place].encode())


def fix_of(title: str, edits: dict[Path, tuple[Edit, ...]], texts: dict[Path, str]) -> Fix | None:
    """A fix of a server as ours; None where it changes a file whose text is not known."""
    made = []
    for path, those in edits.items():
        if path not in texts:
            return None
        text = texts[path]
        lines = lines_of(text)
        made += [
            TextEdit.at(path, text, character_of(lines, one.start), character_of(lines, one.end), one.new)
            for one in those
        ]
    words = title[:1].upper() + title[1:]
    return Fix(Text(words) if words else _("Fix"), tuple(made)) if made else None


def lines_of(text: str) -> list[str]:
    """The lines with their ends; unlike ``splitlines``, a form feed ends none."""
    return io.StringIO(text, newline="").readlines()


def character_of(lines: Sequence[str], at: At) -> int:
    """The character of a text, given as its lines, at a place of a server."""
    before = sum(len(line) for line in lines[: at[0]])
    if at[0] >= len(lines):
        return before
    return before + len(lines[at[0]].encode()[: at[1]].decode(errors="ignore"))
