"""What other programs do to open files: reload what nobody changed here, ask about what somebody did."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from pathlib import Path

from ide.editor import edits, textfile
from ide.editor.background import Background
from ide.editor.bars import Bars
from ide.editor.document import Document
from ide.editor.textfile import Stamp, TextFile
from ide.editor.watching import Watcher
from ide.notify import Notices
from toolchains.errors import StudioError
from toolchains.text import Text, _

_MOST_LINES = 30_000
ShowDiff = Callable[[Document, str], object]


class Outside:
    """Watches the files of documents. ``documents()`` are those that are open."""

    def __init__(
        self,
        watcher: Watcher,
        background: Background,
        notices: Notices,
        documents: Callable[[], Iterable[Document]],
        show_diff: ShowDiff,
        save: Callable[[Document], object],
    ) -> None:
        self.bars = Bars()
        self._watcher = watcher
        self._background = background
        self._notices = notices
        self._documents = documents
        self._show_diff = show_diff
        self._save = save
        watcher.look.connect(self._look)

    def follow(self) -> None:
        """The list of open files changed."""
        self._watcher.follow(document.path for document in self._documents() if document.path)

    def _look(self, paths: Iterable[Path]) -> None:
        wanted = set(paths)
        for document in list(self._documents()):
            if document.path in wanted:
                self.look_at(document)

    def look_at(self, document: Document) -> None:
        """Compare a file with what is known of it."""
        path = document.path
        if path is not None:
            self._background.do(lambda: textfile.stamp_of(path), lambda stamp: self._seen(document, path, stamp))

    def _seen(self, document: Document, path: Path, stamp: Stamp | None) -> None:
        if document.path != path or not document.views:
            return
        self._watcher.again()
        if stamp is None:
            self._gone(document)
        elif document.stamp is None or stamp == document.stamp:
            self._as_it_was(document, stamp)
        elif document.dirty and not self._is_only_gone(document):
            self.ask(document, stamp)
        else:
            self.reload(document)

    def _is_only_gone(self, document: Document) -> bool:
        return document.gone and not document.changed

    def _as_it_was(self, document: Document, stamp: Stamp) -> None:
        if document.gone:
            document.set_gone(False)
            self.bars.hide(document)

    def _gone(self, document: Document) -> None:
        if document.gone or document.stamp is None:
            return
        document.set_gone(True)
        self.bars.show(
            document,
            _("{name} is not on the disk any more; its text is still here.", name=document.name),
            (_("Save it again"), lambda: self._save(document)),
            (_("OK"), lambda: None),
        )

    def ask(self, document: Document, stamp: Stamp) -> None:
        """The file changed, and so did the text here: whose stays?"""

        def keep() -> None:
            document.stamp = stamp
            document.set_apart(True)

        self.bars.show(
            document,
            _("{name} was changed by another program, and here, too.", name=document.name),
            (_("Show the differences"), lambda: self.compare(document, stamp)),
            (_("Load the other one"), lambda: self.reload(document)),
            (_("Keep mine"), keep),
        )

    def compare(self, document: Document, stamp: Stamp | None = None) -> None:
        """Show what differs between the file and the text here, and ask again."""
        path, mine = document.path, document.text()
        if path is None:
            return

        def done(lines: str) -> None:
            self._show_diff(document, lines)

        def work() -> str:
            return difference(textfile.load(path).text, mine, _("on the disk"))

        self._background.do(work, done, self._notices.error)
        if stamp is not None:
            self.ask(document, stamp)

    def reload(self, document: Document, encoding: str = "") -> None:
        """Show what the file holds now; caret, folds and the way back (undo) stay.

        ``encoding``: read it as the person says; not while the text has changes.
        """
        path = document.path
        if path is None:
            return
        if encoding and document.changed:
            self._notices.tell(_("Save {name} first, or undo its changes.", name=document.name), kind="error")
            return
        now = document.edits

        def done(file: TextFile) -> None:
            if document.path == path and document.views:
                if document.edits == now:
                    take(document, file)
                elif file.stamp is not None:
                    self.ask(document, file.stamp)

        self._background.do(lambda: textfile.load(path, encoding), done, self._failed)

    def _failed(self, error: StudioError) -> None:
        self._notices.error(error)


def take(document: Document, file: TextFile) -> None:
    """Make the text and the form of a document those of its file."""
    sci = document.views[0].sci
    with_lock = document.locked
    if with_lock:
        sci.setReadOnly(False)
    edits.replace_all_text(sci, file.text)
    document.form, document.stamp, document.locked = file.form, file.stamp, file.locked
    document.set_gone(False)
    document.set_apart(False)
    document.views[0].mark_saved()
    sci.setReadOnly(file.locked)
    document.renamed.emit()


def difference(theirs: str, mine: str, where: Text) -> str:
    """In a worker: a text that is elsewhere (``where``) against the one here, as a unified diff; empty when they are
    the same."""
    one, other = theirs.splitlines(), mine.splitlines()
    if max(len(one), len(other)) > _MOST_LINES:
        one, other = _differing(one, other)
    return "\n".join(difflib.unified_diff(one, other, str(where), str(_("here")), lineterm=""))


def _differing(one: list[str], other: list[str]) -> tuple[list[str], list[str]]:
    """What is left of long texts without the lines that both begin and end with; at most so many lines."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return one[start : len(one) - end][:_MOST_LINES], other[start : len(other) - end][:_MOST_LINES]
