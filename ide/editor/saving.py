"""Saving: the text goes to a worker, what became of it comes back. Nobody's changes are written over unasked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ide.editor import edits, textfile
from ide.editor.background import Background
from ide.editor.document import Document
from ide.editor.textfile import Form, NotEncodable, Stamp
from ide.notify import Action, Notices
from ide.settings import Settings
from toolchains.errors import StudioError
from toolchains.text import _

Then = Callable[[bool], object]


class ChangedOnDisk(StudioError):
    """Another program changed the file since it was read. Field: ``stamp``, its present state."""

    code = "editor.changed"

    def __init__(self, path: Path, stamp: Stamp) -> None:
        super().__init__(_("{path} was changed by another program.", path=path), stamp=stamp)
        self.stamp = stamp


def _nothing(_good: bool) -> None:
    """The wish of somebody who does not wait for the end."""


class Saver:
    """Writes documents. ``changed(document, stamp)`` is called when a file turns out to be another program's, ``again``
    when the person wants to try once more."""

    def __init__(
        self,
        settings: Settings,
        notices: Notices,
        background: Background,
        changed: Callable[[Document, Stamp], object],
        again: Callable[[Document], object],
    ) -> None:
        self._settings = settings
        self._notices = notices
        self._background = background
        self._changed = changed
        self._again = again

    def save(self, document: Document, then: Then = _nothing) -> None:
        """Write a document that has a path; ``then(whether it worked)`` is called some time later."""
        assert document.path is not None
        self._tidy(document)
        path, stamp, edits_now = document.path, document.stamp, document.edits
        text = document.text()
        form = textfile.form_to_save(text, document.form, path)

        def failed(error: StudioError) -> None:
            self._failed(document, error)
            then(False)

        def done(stamp: Stamp) -> None:
            if document.path == path:
                document.saved(stamp, form, edits_now)
            then(True)

        self._background.do(lambda: _write(path, text, form, stamp), done, failed)

    def _tidy(self, document: Document) -> None:
        if document.views:
            edits.trim(
                document.views[0].sci,
                blanks=self._settings.on("editor.trim_blanks") and not document.language.blanks_matter,
                final_newline=self._settings.on("editor.final_newline"),
                eol=document.form.eol,
            )

    def _failed(self, document: Document, error: StudioError) -> None:
        if isinstance(error, ChangedOnDisk):
            self._changed(document, error.stamp)  # asked at the text, which may be behind others: said as well
            self._notices.error(error)
        elif isinstance(error, NotEncodable):
            self._notices.error(error, (Action(_("Save as UTF-8"), lambda: self._save_as_utf8(document)),))
        else:
            self._notices.error(error)

    def _save_as_utf8(self, document: Document) -> None:
        document.set_form(Form("utf-8", False, document.form.eol))
        self._notices.dismiss()
        self._again(document)


def _write(path: Path, text: str, form: Form, expected: Stamp | None) -> Stamp:
    """In the worker: write unless the file is not the one that was read. A file that is gone is made again."""
    now = textfile.stamp_of(path)
    if now is not None and expected is not None and now != expected:
        raise ChangedOnDisk(path, now)
    return textfile.save(path, text, form)
