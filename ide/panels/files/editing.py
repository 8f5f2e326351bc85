"""A board's file edited in place: a kept copy is opened, and each time it is saved it goes back to the board.

The board's file is only replaced if it is the one that was read: else both are kept and the person chooses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from ide.context import IdeContext
from ide.notify import Action
from ide.panels.files.kept import Kept, KeptCopies
from ide.panels.files.looker import CONNECTED
from ide.panels.files.work import Work
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import JobContext
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.board.link import Board

OCCUPIED, CHANGED = "board.occupied", "files.changed"


class Editing(QObject):
    """``said(sentence or error)``: how it went. ``changed``: what waits for the board is different. ``sent``: a file
    went there."""

    said = Signal(object)
    changed = Signal()
    sent = Signal()

    def __init__(self, ctx: IdeContext, work: Work, parent: QObject) -> None:
        super().__init__(parent)
        self._ctx, self._work = ctx, work
        self.copies = KeptCopies(ctx.state_folder, ctx.project.folder)
        self._sending: set[Path] = set()
        self._again: set[Path] = set()
        self._known = self._reading = False
        self._later: list[Callable[[], object]] = []
        self._writing = self._write_again = False
        ctx.editors.saved.connect(self._saved)
        self._look()

    def _look(self) -> None:
        if not self._reading:
            self._reading = True
            self._ctx.jobs.start(
                _("Look for kept board files"), lambda _ctx: self.copies.read(), on_done=self._read, quiet=True,
                on_error=self._not_read,
            )  # fmt: skip

    def _read(self, found: list[Kept]) -> None:
        self._known, self._reading = True, False
        self.copies.use(found)
        self.changed.emit()
        later, self._later = self._later, []
        for do in later:
            do()

    def _not_read(self, error: StudioError) -> None:
        self._reading = False
        self._later.clear()
        self.said.emit(error)

    def _when_read(self, do: Callable[[], object]) -> None:
        """Before the list is read nobody knows which copies wait: they, or the list, would be written over."""
        if self._known:
            do()
        else:
            self._later.append(do)
            self._look()

    def board_key(self) -> str:
        """What names the board of now: its own number, else where it is."""
        board = self._ctx.board
        return (board.identity.unique_id if board.identity is not None else None) or board.address or ""

    # --- open ------------------------------------------------------------------------------------------------------

    def open(self, path: PurePosixPath) -> None:
        """Fetch a file and show it. One that is open with changes, or waits for the board, is shown as it is here."""
        self._when_read(lambda: self._open(path))

    def _open(self, path: PurePosixPath) -> None:
        key, name = self.board_key(), str(path)
        kept = self.copies.find(key, name)
        document = self._ctx.editors.document_of(kept.local) if kept is not None else None
        if kept is not None and (kept.waiting or (document is not None and document.dirty)):
            self._ctx.editors.open(kept.local)
            if kept.waiting:
                self.said.emit(_("{name} is shown as it was saved here: the board does not have that yet.", name=name))
            return
        place = kept.local if kept is not None else self.copies.place(key, name)

        def work(ctx: JobContext, board: Board) -> Kept:
            from ide.panels.files import edited

            return edited.fetch(ctx, board, Kept(key, name, place, ""))

        self.said.emit(None)
        title = _("Open {name} of the board", name=path.name)
        self._work.start(title, work, done=self._opened, failed=self.said.emit, way="look")

    def _opened(self, kept: Kept) -> None:
        self._put(kept)
        self._ctx.editors.open(kept.local)

    # --- save ------------------------------------------------------------------------------------------------------

    def _saved(self, local: Path) -> None:
        if self.copies.folder in local.parents:
            self._when_read(lambda: self._kept(local))

    def _kept(self, local: Path) -> None:
        kept = self.copies.of(local)
        if kept is not None:
            self._put(replace(kept, waiting=True))
            self.send(local)

    def send_all(self) -> None:
        """Everything that waits for this board."""
        for kept in self.copies.waiting():
            self.send(kept.local)

    def send(self, local: Path, *, stop: bool = False) -> None:
        """Put a copy back in its place. ``stop``: a program that the board runs may be stopped for it."""
        kept = self.copies.of(local)
        if kept is None:
            return
        if local in self._sending:
            self._again.add(local)
            return
        if kept.board != self.board_key() or self._ctx.board.state not in CONNECTED:
            self.said.emit(
                _("{name} is kept here: its board is not connected. It can be sent when the board is back.",
                  name=kept.name)
            )  # fmt: skip
            return
        self._sending.add(local)

        def work(ctx: JobContext, board: Board) -> Kept:
            from ide.panels.files import edited

            return edited.send(ctx, board, kept)

        self._work.start(
            _("Save {name} on the board", name=kept.name), work, done=lambda new: self._went(local, new),
            failed=lambda error: self._failed(local, error), way="stop" if stop else "pass",
        )  # fmt: skip

    def _went(self, local: Path, new: Kept) -> None:
        self._over(local, new)
        self.said.emit(_("{name} is on the board.", name=new.name))
        self.sent.emit()

    def _over(self, local: Path, new: Kept | None) -> bool:
        """One way or the other it was tried. What was saved meanwhile still waits; whether there is such."""
        self._sending.discard(local)
        again = local in self._again
        self._again.discard(local)
        if new is not None:
            self._put(replace(new, waiting=again))
            if again:
                self.send(local)
        return again

    def _failed(self, local: Path, error: StudioError) -> None:
        self._over(local, None)
        kept = self.copies.of(local)
        if kept is None or isinstance(error, Cancelled):
            return
        if error.code == OCCUPIED:
            self._ctx.notices.tell(
                _("{name} is kept here and not yet on the board: the board runs a program.", name=kept.name),
                actions=(self._action(_("Stop it and send the file"), lambda: self.send(local, stop=True)),),
            )
        elif error.code == CHANGED:
            self._conflict(kept, error)
        else:
            again = self._action(_("Send it again"), lambda: self.send(local))
            self._ctx.notices.error(error, (again,))

    def _action(self, title: Text, run: Callable[[], object]) -> Action:
        def do() -> None:
            self._ctx.notices.dismiss()
            run()

        return Action(title, do)

    # --- two versions ----------------------------------------------------------------------------------------------

    def _conflict(self, kept: Kept, error: StudioError) -> None:
        """Whose stays? Whichever it is, the other one stays beside it here."""
        local, gone = kept.local, error.fields.get("there") is None
        mine = self._action(_("Put mine there"), lambda: self._resolve(local, "keep_mine"))
        others = (
            self._action(_("Take the board's"), lambda: self._resolve(local, "take_theirs")),
            Action(_("Show what differs"), lambda: self._resolve(local, "compare")),
        )
        if gone:
            self._ctx.notices.error(error, (mine,))
            return
        text = _("{name} was changed on the board, too. Whose stays?", name=kept.name)
        self._ctx.notices.tell(text, kind="error", actions=(mine, *others))

    def _resolve(self, local: Path, way: str) -> None:
        kept = self.copies.of(local)
        if kept is None or local in self._sending:
            return
        self._sending.add(local)

        def work(ctx: JobContext, board: Board) -> Any:  # noqa: ANN401 - as the way has it
            from ide.panels.files import edited

            return getattr(edited, way)(ctx, board, kept)

        def done(answer: Any) -> None:  # noqa: ANN401 - as the way has it
            if way == "compare":
                again = self._over(local, None)
                self._show_difference(kept, answer)
                if again:
                    self.send(local)
            else:
                self._settled(local, *answer)

        self._work.start(
            _("Look at {name} on the board", name=kept.name), work, done=done,
            failed=lambda error: self._failed(local, error), way="pass",
        )  # fmt: skip

    def _settled(self, local: Path, new: Kept, other: Path | None) -> None:
        self._over(local, new)
        self.sent.emit()
        if other is None:
            self.said.emit(_("{name} is on the board.", name=new.name))
            return
        show = self._action(_("Open {name}", name=other.name), lambda: self._ctx.editors.open(other))
        self._ctx.notices.tell(
            _("{name} is the same here and on the board. The other version is kept as {other}.", name=new.name,
              other=other.name),
            kind="good", actions=(show,),
        )  # fmt: skip

    def _show_difference(self, kept: Kept, lines: str) -> None:
        from ide.editor.comparison import Comparison

        if lines:
            title = _("{name}: board and here", name=kept.name)
            self._ctx.editors.show_page(Comparison(str(kept.local), kept.name, lines, self._ctx.settings, title))
        else:
            self.said.emit(_("{name} has the same text here and on the board.", name=kept.name))

    # --- what is remembered ----------------------------------------------------------------------------------------

    def moved(self, old: PurePosixPath, new: PurePosixPath) -> None:
        """A file has another name on the board: the copy goes there from now on."""
        key = self.board_key()

        def rename() -> None:
            self.copies.renamed(key, str(old), str(new))
            self._write()

        self._when_read(rename)

    def _put(self, kept: Kept) -> None:
        spare = self.copies.put(kept)
        self._write(spare)
        self.changed.emit()

    def _write(self, spare: Iterable[Path] = ()) -> None:
        """Write the list in a worker; what changed meanwhile afterwards."""
        if self._writing:
            self._write_again = True
            return
        self._writing, self._write_again = True, False
        found, gone = self.copies.all(), [one for one in spare if self._ctx.editors.document_of(one) is None]

        def work(_ctx: JobContext) -> None:
            self.copies.write(found)
            for local in gone:
                local.unlink(missing_ok=True)

        self._ctx.jobs.start(
            _("Note which files are the board's"), work, on_done=lambda _none: self._written(),
            on_error=self._not_written, quiet=True,
        )  # fmt: skip

    def _written(self) -> None:
        self._writing = False
        if self._write_again:
            self._write()

    def _not_written(self, error: StudioError) -> None:
        self._writing = False
        self.said.emit(error)
