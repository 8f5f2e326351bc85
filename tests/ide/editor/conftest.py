"""An editor area with the real services of a window, and no window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytestqt.qtbot import QtBot

from ide.commands import Commands
from ide.editor.area import EditorArea
from ide.editor.editor import CodeEditor
from ide.editor.scintilla import Sci
from ide.job_queue import Jobs
from ide.notify import Notice, Notices
from ide.problems import Problems
from ide.pump import Pump
from ide.settings import Settings
from ide.themes import themes
from toolchains.paths import Paths


@dataclass
class Desk:
    """An area and what is around it. ``shown``: panels that somebody brought to the front."""

    area: EditorArea
    ctx: SimpleNamespace
    root: Path
    qtbot: QtBot
    shown: list[str] = field(default_factory=list)

    @property
    def commands(self) -> Commands:
        return self.ctx.commands

    @property
    def settings(self) -> Settings:
        return self.ctx.settings

    def file(self, name: str, text: str | bytes) -> Path:
        """A file of the project."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def open(self, path: Path) -> CodeEditor:
        """Open a file as a person does, and wait until it is there."""
        self.area.open(path)
        self.qtbot.waitUntil(lambda: self.area.current_path() == path)
        view = self.area.current()
        assert view is not None
        return view

    def view(self, name: str, text: str | bytes) -> CodeEditor:
        """A file of the project, open."""
        return self.open(self.file(name, text))

    @property
    def sci(self) -> Sci:
        """The text in front."""
        view = self.area.current()
        assert view is not None
        return view.sci

    def tabs(self) -> list[str]:
        """What the tabs of the pane in use say."""
        pane = self.area.panes.active
        return [pane.tabText(index) for index in range(pane.count())]

    def told(self) -> list[str]:
        """The notices."""
        return [str(notice.text) for notice in self.ctx.notices.kept]

    def notice(self, words: str) -> Notice:
        """Wait for a notice with these words."""
        kept = self.ctx.notices.kept
        self.qtbot.waitUntil(lambda: any(words in str(one.text) for one in kept))
        return next(one for one in kept if words in str(one.text))

    def bar(self) -> list[str]:
        """The buttons of the bar above the text in front."""
        view = self.area.current()
        assert view is not None
        return [button.text() for bar in self.area.files.outside.bars.of(view.document) for button in bar.buttons]

    def press(self, words: str) -> None:
        """Press a button of that bar."""
        view = self.area.current()
        assert view is not None
        buttons = [button for bar in self.area.files.outside.bars.of(view.document) for button in bar.buttons]
        next(button for button in buttons if button.text() == words).click()

    def saved(self, run: Callable[[], object]) -> None:
        """Do something that saves, and wait until the disk has it."""
        with self.qtbot.waitSignal(self.area.saved):
            run()


@pytest.fixture
def make_desk(qtbot: QtBot, paths: Paths, tmp_path: Path) -> Iterator[Callable[[], Desk]]:
    """``make_desk()`` is an area in the same project and home as the one before: another start of the program."""
    root = tmp_path / "projet à moi"
    root.mkdir()
    themes.use("light")
    ends: list[Callable[[], None]] = []

    def make() -> Desk:
        while ends:
            ends.pop()()
        area, pump = EditorArea(), Pump()
        qtbot.addWidget(area)
        notices, settings = Notices(), Settings(paths.config / "settings.toml")
        jobs = Jobs(pump.ring, notices.error)
        pump.add(jobs.drain)
        desk = Desk(area, SimpleNamespace(), root, qtbot)
        layout = SimpleNamespace(show_panel=lambda name, *, focus=False: desk.shown.append(name))
        desk.ctx = SimpleNamespace(
            settings=settings, commands=Commands(), jobs=jobs, notices=notices, problems=Problems(), themes=themes,
            project=SimpleNamespace(folder=root), editors=area, ring=pump.ring, add_drain=pump.add, layout=layout,
            state_folder=paths.state, window=area, intelligence=SimpleNamespace(source_for=lambda _document: None),
        )  # fmt: skip
        area.attach(desk.ctx)
        area.resize(900, 600)
        area.show()

        def end() -> None:
            jobs.close()
            pump.close()
            area.close_all()

        ends.append(end)
        return desk

    yield make
    while ends:
        ends.pop()()


@pytest.fixture
def desk(make_desk: Callable[[], Desk]) -> Desk:
    """An editor area in an empty project, on a path with accents and spaces."""
    return make_desk()
