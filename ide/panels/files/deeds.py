"""What can be done to the files on the board: names, away, properties. What is lost is said before it is."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from ide.context import IdeContext
from ide.folder_model import FOLDER, KIND
from ide.panels.files.questions import PropertiesDialog, ask
from ide.panels.files.trees import BoardTree
from ide.panels.files.work import Way, Work
from toolchains.errors import UsageError
from toolchains.jobs import JobContext
from toolchains.text import Text, _, _n

if TYPE_CHECKING:
    from ide.board.files.records import Entry, Properties
    from ide.board.link import Board

_MOST_BYTES = 255


class Deeds(QObject):
    """``said(sentence or error)``: how it went. ``renamed(old, new)``, ``made(path)``: something on the board was."""

    said = Signal(object)
    renamed = Signal(object, object)
    made = Signal(object)

    def __init__(self, ctx: IdeContext, tree: BoardTree, work: Work) -> None:
        super().__init__(tree)
        self._ctx, self._tree, self._work = ctx, tree, work
        tree.trash_wanted.connect(self.delete)
        tree.typed.connect(self._typed)

    def _do(self, title: Text, work: Any, done: Any, *, way: Way = "act") -> None:  # noqa: ANN401 - as Work.start has it
        self.said.emit(None)
        self._work.start(title, work, done=done, failed=self.said.emit, way=way)

    # --- names -----------------------------------------------------------------------------------------------------

    def new(self, *, is_folder: bool) -> None:
        """Type a name for something new beside what is current."""
        self._ctx.layout.show_panel("files", focus=True)
        self._tree.begin_new(is_folder=is_folder)

    def rename(self) -> None:
        """Type another name."""
        self._ctx.layout.show_panel("files", focus=True)
        self._tree.rename_current()

    def _typed(self, folder: PurePosixPath, old: PurePosixPath | None, name: str, is_folder: bool) -> None:
        problem = name_problem(name)
        if problem is not None:
            self.said.emit(UsageError(problem, next_step=_("Choose another name.")))
            return
        new = folder / name
        if old is not None:
            self.move([(old, new)])
        elif is_folder:
            self._make_folder(new)
        else:
            self._make_file(new)

    def move(self, pairs: list[tuple[PurePosixPath, PurePosixPath]]) -> None:
        """Give files other names or places; nothing is replaced."""
        pairs = [(old, new) for old, new in pairs if old != new and old not in new.parents]
        if not pairs:
            return

        def work(ctx: JobContext, board: Board) -> None:
            from ide.board.files import change

            for old, new in pairs:
                change.rename(ctx, board, str(old), str(new))

        def done(_none: object) -> None:
            for old, new in pairs:
                self.renamed.emit(old, new)

        self._do(_("Rename on the board"), work, done)

    def _make_folder(self, new: PurePosixPath) -> None:
        def work(ctx: JobContext, board: Board) -> None:
            from ide.board.files import change

            change.make_folder(ctx, board, str(new))

        self._do(_("Make a folder on the board"), work, lambda _none: self.made.emit(new))

    def _make_file(self, new: PurePosixPath) -> None:
        def work(ctx: JobContext, board: Board) -> None:
            from ide.board.files import transfer

            transfer.write_file(ctx, board, str(new), b"", expected="")

        self._do(_("Make a file on the board"), work, lambda _none: self.made.emit(new))

    # --- away ------------------------------------------------------------------------------------------------------

    def delete(self) -> None:
        """Ask with the names of all that would be lost, then do it: a board has no trash."""
        chosen = self._chosen()
        if not chosen:
            return

        def work(ctx: JobContext, board: Board) -> tuple[Entry, ...]:
            from ide.panels.files import asks

            return asks.contents(ctx, board, [(str(path), is_folder) for path, is_folder in chosen])

        def ask_now(found: tuple[Entry, ...]) -> None:
            self._ask_to_delete(chosen, found)

        self._do(_("Look at what would be deleted"), work, ask_now, way="look")

    def _ask_to_delete(self, chosen: list[tuple[PurePosixPath, bool]], found: tuple[Entry, ...]) -> None:
        names = [f"{path}/" if is_folder else str(path) for path, is_folder in chosen]
        folders = [str(path) for path, is_folder in chosen if is_folder]
        inside = [entry.path for entry in found if any(entry.path.startswith(f"{one}/") for one in folders)]
        more = _("A board has no trash: what is deleted is lost.")
        question = _("Delete this from the board {board}?", board=self._ctx.board.address or "")
        if inside:
            question = _n(
                "Delete this from the board {board}, with {n} file in its folders?",
                "Delete this from the board {board}, with {n} files in its folders?", len(inside),
                board=self._ctx.board.address or "",
            )  # fmt: skip
        self.box = ask(
            self._ctx.window, _("Delete from the board"), question, [*names, *(f"    {one}" for one in inside)],
            _("Delete"), lambda: self._delete(chosen), more=more,
        )  # fmt: skip

    def _delete(self, chosen: list[tuple[PurePosixPath, bool]]) -> None:
        paths = [str(path) for path, _is_folder in chosen]

        def work(ctx: JobContext, board: Board) -> tuple[str, ...]:
            from ide.board.files import change

            return change.remove(ctx, board, paths, recursive=True)

        def done(removed: tuple[str, ...]) -> None:
            n = len(removed)
            one = _("{name} is deleted.", name=removed[0]) if n == 1 else None
            self.said.emit(one or _n("{n} file or folder is deleted.", "{n} files and folders are deleted.", n))

        self._do(_("Delete from the board"), work, done)

    def _chosen(self) -> list[tuple[PurePosixPath, bool]]:
        model = self._tree.model()
        assert hasattr(model, "index_of")
        return [(path, model.index_of(path).data(KIND) == FOLDER) for path in self._tree.paths()]

    # --- properties ------------------------------------------------------------------------------------------------

    def properties(self) -> None:
        """Size, hash, filesystem of what is current."""
        path = self._tree.current()
        if path is None:
            return
        name, is_folder = str(path), self._tree.is_folder_current()

        def work(ctx: JobContext, board: Board) -> tuple[Properties, int | None]:
            from ide.board.files import browse

            found = browse.properties(ctx, board, name)
            inside = browse.list_tree(ctx, board, name).entries if is_folder else ()
            return found, sum(not entry.is_folder for entry in inside) if is_folder else None

        def show(answer: tuple[Properties, int | None]) -> None:
            PropertiesDialog(*answer, self._ctx.window).open()

        self._do(_("Look at a file of the board"), work, show, way="look")


def name_problem(name: str) -> Text | None:
    """Why a file on a board cannot have this name; None where it can."""
    if not name.strip():
        return _("A file needs a name.")
    bad = name in (".", "..") or "/" in name or "\0" in name or len(name.encode("utf-8", "replace")) > _MOST_BYTES
    return _("“{name}” cannot be the name of a file.", name=name.replace("\0", "?")) if bad else None
