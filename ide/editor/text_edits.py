"""Edits of files (:mod:`toolchains.edits`) in texts that are open: on the screen at once, one step of undo."""

from __future__ import annotations

from collections.abc import Sequence

from ide.editor.document import Document
from ide.editor.edits import one_step
from toolchains.edits import TextEdit, edited, line_end


def make_edits(document: Document, edits: Sequence[TextEdit]) -> None:
    """Change an open text. Raises ``EditRefused``, and changes nothing, when something else stands at a place."""
    text = document.text()
    edited(text, edits)
    end, sci = line_end(text), document.views[0].sci
    with one_step(sci):
        # From the back, so that places stay; insertions at one place come out in their order.
        for edit in reversed(sorted(edits, key=lambda one: (one.start, one.end))):  # noqa: C413 - not the same
            start = len(text[: edit.start].encode())
            stop = start + len(text[edit.start : edit.end].encode())
            sci.replace(start, stop, edit.new.replace("\r\n", "\n").replace("\n", end))
