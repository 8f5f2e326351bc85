"""The commands of files and texts. Those of the edit menu act on whatever text has the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QMenu

from ide.commands import Command, Commands
from ide.editor import edits
from ide.editor.editor import CodeEditor
from ide.editor.scintilla import M, S, Sci
from ide.editor.textfile import Form
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.context import IdeContext
    from ide.editor.area import EditorArea

#: The menu's encodings beyond Unicode: names for people and for Python.
_OLD_ENCODINGS = (("ISO 8859-1", "latin1"), ("Windows 1252", "cp1252"), ("Big5", "big5"), ("GB 18030", "gb18030"))
_IN_CONTEXT_MENU = (
    "edit.undo", "edit.redo", "", "edit.cut", "edit.copy", "edit.paste", "edit.select_all", "", "edit.toggle_comment",
    "edit.goto_symbol", "edit.find",
)  # fmt: skip


def register(commands: Commands, area: EditorArea, ctx: IdeContext) -> Callable[[], None]:
    """Add them; returns the undo."""
    make = _Maker(area)
    return commands.register(*_files(make, ctx), *_clipboard(make), *_search(make, ctx), *_lines(make), *_view(make))


def context_menu(area: EditorArea, commands: Commands) -> QMenu:
    """The menu of the right button: the commands that are wanted there."""
    menu = QMenu(area)
    for command_id in _IN_CONTEXT_MENU:
        command = commands.records.get(command_id)
        if command is None:
            menu.addSeparator()
            continue
        action = menu.addAction(str(command.title))
        action.setEnabled(command.enabled())
        action.triggered.connect(lambda _checked=False, run=command.run: run())
    menu.aboutToHide.connect(menu.deleteLater)
    return menu


class _Maker:
    """Makes commands that need a text."""

    def __init__(self, area: EditorArea) -> None:
        self.area = area

    def has_text(self) -> bool:
        return self.area.current() is not None

    def of_view(
        self, command_id: str, title: Text, run: Callable[[CodeEditor], object], shortcut: str = "", menu: str = ""
    ) -> Command:
        """A command for the text in front."""

        def run_it() -> None:
            view = self.area.current()
            if view is not None:
                run(view)

        return Command(command_id, title, run_it, shortcut, menu, enabled=self.has_text)

    def of_sci(
        self, command_id: str, title: Text, run: Callable[[Sci], object], shortcut: str = "", menu: str = ""
    ) -> Command:
        """The same, for what needs no more than Scintilla."""
        return self.of_view(command_id, title, lambda view: run(view.sci), shortcut, menu)

    def of_focus(self, command_id: str, title: Text, message: int, method: str, shortcut: str, menu: str) -> Command:
        """A command for any text that has the keyboard, the console's and one-line fields included."""

        def run() -> None:
            focus = QApplication.focusWidget()
            view = self.area.current()
            if isinstance(focus, Sci):
                focus.send(message)
            elif callable(act := getattr(focus, method, None)):  # one-line fields and Qt's own editors
                act()
            elif view is not None and (focus is None or self.area.isAncestorOf(focus)):
                view.sci.send(message)

        return Command(command_id, title, run, shortcut, menu)


def _files(make: _Maker, ctx: IdeContext) -> list[Command]:
    area = make.area

    def open_file() -> None:
        from PySide6.QtWidgets import QFileDialog  # here: a start should not pay for it

        start = area.current_path()
        dialog = QFileDialog(area, str(_("Open a file")), str(start.parent if start else ctx.project.folder))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: _open_all(area, names))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    return [
        Command("file.new", _("New text"), area.new, "Ctrl+N", "file/10"),
        Command("file.open", _("Open a file"), open_file, "Ctrl+O", "file/11"),
        Command("file.save", _("Save"), area.save, "Ctrl+S", "file/20", enabled=make.has_text),
        Command("file.save_as", _("Save as"), area.save_as, "Ctrl+Shift+S", "file/21", enabled=make.has_text),
        Command(
            "file.save_all", _("Save all"), lambda: area.save_all_then(lambda _good: None), "Ctrl+Alt+S", "file/22",
            enabled=lambda: bool(area.modified_paths()),
        ),
        Command(
            "file.close", _("Close the tab"), area.close_tab, "Ctrl+W", "file/30",
            enabled=lambda: area.panes.active.count() > 0,
        ),
        make.of_view(
            "file.compare", _("Compare with the disk"), lambda view: area.files.compare(view.document), "", "file/31"
        ),
        Command(
            "file.next_tab", _("Next tab"), lambda: area.panes.active.turn(1), "Ctrl+Tab", "view/60",
            enabled=lambda: area.panes.active.count() > 1,
        ),
        Command(
            "file.previous_tab", _("Previous tab"), lambda: area.panes.active.turn(-1), "Ctrl+Shift+Tab", "view/61",
            enabled=lambda: area.panes.active.count() > 1,
        ),
    ]  # fmt: skip


def _open_all(area: EditorArea, names: list[str]) -> None:
    for name in names:
        area.open(Path(name))


def _clipboard(make: _Maker) -> list[Command]:
    return [
        make.of_focus("edit.undo", _("Undo"), M.Undo, "undo", "Ctrl+Z", "edit/10"),
        make.of_focus("edit.redo", _("Redo"), M.Redo, "redo", "Ctrl+Shift+Z | Ctrl+Y", "edit/11"),
        make.of_focus("edit.cut", _("Cut"), M.Cut, "cut", "Ctrl+X", "edit/20"),
        make.of_focus("edit.copy", _("Copy"), M.CopyAllowLine, "copy", "Ctrl+C", "edit/21"),
        make.of_focus("edit.paste", _("Paste"), M.Paste, "paste", "Ctrl+V", "edit/22"),
        make.of_focus("edit.select_all", _("Select all"), M.SelectAll, "selectAll", "Ctrl+A", "edit/23"),
    ]


def _search(make: _Maker, ctx: IdeContext) -> list[Command]:
    area = make.area

    def find_in_files() -> None:
        view = area.current()
        ctx.layout.show_panel("search", focus=True)
        area.search_wanted.emit(view.sci.selected() if view is not None else "")

    def go_to(view: CodeEditor, *, names: bool) -> None:
        from ide.editor.goto import GoTo

        box = GoTo(view, area)
        box.show_for(names=names)
        source = ctx.intelligence.source_for(view.document) if names else None
        if source is not None and view.document.path is not None:
            box.destroyed.connect(source.outline(view.document.path, box.use_outline).cancel)

    def step(view: CodeEditor, *, back: bool) -> None:
        area.find_bar.look_at(view)
        if area.find_bar.text.text():
            area.find_bar.step(back=back)
        else:
            area.find_bar.open(view, replace=False)

    return [
        make.of_view("edit.find", _("Find"), lambda view: area.find_bar.open(view, replace=False), "Ctrl+F", "edit/30"),
        make.of_view(
            "edit.replace", _("Replace"), lambda view: area.find_bar.open(view, replace=True), "Ctrl+H", "edit/31"
        ),
        make.of_view("edit.find_next", _("Find next"), lambda view: step(view, back=False), "F3", "edit/32"),
        make.of_view(
            "edit.find_previous", _("Find previous"), lambda view: step(view, back=True), "Shift+F3", "edit/33"
        ),
        Command("edit.find_in_files", _("Find in the project"), find_in_files, "Ctrl+Shift+F", "edit/34"),
        make.of_view("edit.goto_line", _("Go to line"), lambda view: go_to(view, names=False), "Ctrl+G", "edit/40"),
        make.of_view(
            "edit.goto_symbol",
            _("Go to function or name"),
            lambda view: go_to(view, names=True),
            "Ctrl+Shift+O",
            "edit/41",
        ),
    ]


def _lines(make: _Maker) -> list[Command]:
    sci, view = make.of_sci, make.of_view

    def read_as(one: CodeEditor, *, encoding: str) -> None:
        make.area.files.outside.reload(one.document, encoding)

    # Not in the menu, which would be higher than a small screen: the palette has them.
    forms = (
        ("edit.eol_lf", _("Line ends: LF (Linux, macOS)"), "\n"),
        ("edit.eol_crlf", _("Line ends: CRLF (Windows)"), "\r\n"),
        ("edit.eol_cr", _("Line ends: CR"), "\r"),
    )
    return [
        view(
            "edit.toggle_comment", _("Comment or not"),
            lambda one: edits.toggle_comment(one.sci, one.document.language), "Ctrl+/", "edit/50",
        ),
        sci("edit.indent", _("Indent"), lambda one: edits.indent(one, deeper=True), "Ctrl+]", "edit/51"),
        sci("edit.outdent", _("Indent less"), lambda one: edits.indent(one, deeper=False), "Ctrl+[", "edit/52"),
        sci("edit.duplicate_line", _("Duplicate the line"), edits.duplicate, "Ctrl+Shift+D", "edit/53"),
        sci(
            "edit.move_line_up", _("Move the line up"), lambda one: edits.move_lines(one, up=True), "Alt+Up",
            "edit/54",
        ),
        sci(
            "edit.move_line_down", _("Move the line down"), lambda one: edits.move_lines(one, up=False), "Alt+Down",
            "edit/55",
        ),
        sci(
            "edit.add_caret_above", _("One more cursor above"), lambda one: edits.add_caret(one, above=True),
            "Ctrl+Alt+Up", "edit/60",
        ),
        sci(
            "edit.add_caret_below", _("One more cursor below"), lambda one: edits.add_caret(one, above=False),
            "Ctrl+Alt+Down", "edit/61",
        ),
        sci(
            "edit.select_next_occurrence", _("Select the next place with the same text"), edits.select_next, "Ctrl+D",
            "edit/62",
        ),
        *(view(name, title, partial(_use_eol, eol=eol)) for name, title, eol in forms),
        view("edit.encoding_utf8", _("Encoding: UTF-8"), lambda one: _use_encoding(one, bom=False)),
        view(
            "edit.encoding_utf8_bom", _("Encoding: UTF-8 with a mark (BOM)"), lambda one: _use_encoding(one, bom=True)
        ),
        view("edit.trim", _("Remove blanks at the ends of lines"), _trim, "", "edit/70"),
        *(
            view(f"edit.read_as_{one}", _("Read the file again as {name}", name=name), partial(read_as, encoding=one))
            for name, one in (("UTF-8", "utf8"), *_OLD_ENCODINGS)
        ),
    ]  # fmt: skip


def _use_eol(view: CodeEditor, *, eol: str) -> None:
    form = view.document.form
    edits.convert_eol(view.sci, eol)
    view.document.set_form(Form(form.encoding, form.bom, eol))


def _use_encoding(view: CodeEditor, *, bom: bool) -> None:
    view.document.set_form(Form("utf-8", bom, view.document.form.eol))


def _trim(view: CodeEditor) -> None:
    edits.trim(view.sci, blanks=True, final_newline=False, eol=view.document.form.eol)


def _view(make: _Maker) -> list[Command]:
    area, sci = make.area, make.of_sci
    settings = area.ctx.settings
    return [
        Command("view.zoom_in", _("Larger text"), lambda: area.zoom(1), "Ctrl++ | Ctrl+=", "view/20"),
        Command("view.zoom_out", _("Smaller text"), lambda: area.zoom(-1), "Ctrl+-", "view/21"),
        Command("view.zoom_reset", _("Text in its normal size"), lambda: area.zoom(0), "Ctrl+0", "view/22"),
        Command(
            "view.presentation", _("Presentation: large text"), lambda: area.present(not area.presenting), "F11",
            "view/23", checked=lambda: area.presenting,
        ),
        Command(
            "view.split", _("Two texts side by side"), area.panes.split, "Ctrl+\\", "view/30", enabled=make.has_text,
            checked=lambda: len(area.panes.all) == 2,
        ),
        Command(
            "view.wrap", _("Wrap long lines"), lambda: settings.set("editor.wrap", not settings.on("editor.wrap")),
            "Alt+Z", "view/31", checked=lambda: settings.on("editor.wrap"),
        ),
        sci("view.fold", _("Fold"), lambda one: _fold(one, S.FoldAction.Contract), "Ctrl+Shift+[", "view/40"),
        sci("view.unfold", _("Unfold"), lambda one: _fold(one, S.FoldAction.Expand), "Ctrl+Shift+]", "view/41"),
        sci("view.fold_all", _("Fold all"), lambda one: _fold_all(one, S.FoldAction.Contract), "", "view/42"),
        sci("view.unfold_all", _("Unfold all"), lambda one: _fold_all(one, S.FoldAction.Expand), "", "view/43"),
    ]  # fmt: skip


def _fold(sci: Sci, action: int) -> None:
    """Fold what the caret is in, or unfold what it is on."""
    line = sci.line_of(sci.caret())
    if not sci.send(M.GetFoldLevel, line) & S.FoldLevel.HeaderFlag:
        line = sci.send(M.GetFoldParent, line)
    if line >= 0:
        sci.send(M.FoldLine, line, action)
        sci.send(M.GotoPos, sci.send(M.GetLineIndentPosition, line))


def _fold_all(sci: Sci, action: int) -> None:
    sci.send(M.Colourise, 0, -1)
    sci.send(M.FoldAll, action | S.FoldAction.ContractEveryLevel)
