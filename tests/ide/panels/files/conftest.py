"""The files panel on a real MicroPython, beside a project on a difficult path."""

from __future__ import annotations

import ast
import dataclasses
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, cast

import pytest
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from ide.context import IdeContext
from ide.panels.files import looker
from ide.panels.files.widget import FilesPanel
from ide.words import words
from tests.ide.panels.fake_editors import FakeEditors
from tests.ide.panels.parts import window_parts
from tests.sims import WIPE, SimBoard, sim_board
from toolchains.errors import StudioError
from toolchains.jobs import JobContext

PATIENT = 60_000
FILES = {
    "main.py": "print('été 中文')\n",
    "lib/two words.py": "x = 2\n",
    ".git/config": "no",
    "__pycache__/a.pyc": "no",
}


class Editors(FakeEditors):
    """The editor area: documents are looked up, pages are kept."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: list[Any] = []

    def document_of(self, path: Path) -> Any:
        return next((one for one in self.documents if one.path == path), None)

    def show_page(self, page: QWidget) -> None:
        self.pages.append(page)


@dataclass
class Hand:
    """A person at the panel: does things, waits for what comes of it, reads what is shown."""

    ctx: IdeContext
    panel: FilesPanel
    qtbot: QtBot
    printed: bytearray = field(default_factory=bytearray)

    @property
    def editors(self) -> Editors:
        return cast(Editors, self.ctx.editors)

    def until(self, reached: Any) -> None:
        self.qtbot.waitUntil(reached, timeout=PATIENT)

    def shown(self, folder: str = "/") -> list[str]:
        """The rows of a folder of the board, as they are read."""
        model = self.panel.model
        parent = model.index_of(PurePosixPath(folder))
        return [str(model.index(row, 0, parent).data()) for row in range(model.rowCount(parent))]

    def select(self, *paths: str) -> None:
        """On the board; the last one is the current one."""
        tree = self.panel.tree
        tree.clearSelection()
        for path in paths:
            index = self.panel.model.index_of(PurePosixPath(path))
            assert index.isValid(), path
            flags = tree.selectionModel().SelectionFlag
            tree.selectionModel().setCurrentIndex(index, flags.Select | flags.Rows)

    def select_local(self, path: PurePath) -> None:
        self.until(lambda: self.panel.local_model.index_of(path).isValid())
        self.panel.local.clearSelection()
        self.panel.local.select(path)

    def settle(self) -> None:
        """What is being done is over, and the tree shows it."""
        looker, board = self.panel.looker, self.ctx.board
        self.until(
            lambda: (
                not self.panel.work.busy
                and not self.ctx.jobs.running
                and board.state == "prompt"
                and not looker.looking
                and not looker._away
            )
        )

    def exec(self, code: str) -> bytes:
        """Run code on the board behind the panel's back, without a trace; what it printed."""
        said: list[Any] = []

        def work(ctx: Any, boards: Any) -> bytes:
            return bytes(boards.open(ctx, self.ctx.board.address).exec(ctx, code, isolated=True))

        self.ctx.board.submit(cast(Any, "ask"), work, on_done=said.append, on_error=said.append, quiet=True)
        self.until(lambda: bool(said))
        assert not isinstance(said[0], StudioError), said[0]
        return bytes(said[0])

    def write(self, path: str, data: bytes) -> None:
        """Behind the panel's back; its folder, too."""
        folder = posixpath.dirname(path)
        self.exec(
            f"import os\ntry:\n os.mkdir({folder!r})\nexcept OSError:\n pass\nopen({path!r},'wb').write({data!r})"
        )

    def read(self, path: str) -> bytes | None:
        """What the board has; None when there is no such file."""
        code = f"try:\n print(open({path!r},'rb').read())\nexcept OSError:\n print(None)"
        return cast("bytes | None", ast.literal_eval(self.exec(code).decode()))

    def box(self) -> QMessageBox:
        """The question that is asked."""
        self.until(lambda: self.panel.window().findChild(QMessageBox) is not None)
        return cast(QMessageBox, self.panel.window().findChild(QMessageBox))

    def answer(self, title: str) -> str:
        """Press this button; what was asked."""
        box = self.box()
        text = box.text()
        next(button for button in box.buttons() if button.text() == title).click()
        self.until(lambda: self.panel.window().findChild(QMessageBox) is None)
        return text


@pytest.fixture(scope="package")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimBoard]:
    """A sim:unix that runs as long as these tests do: each joins it, which is quicker than to start one."""
    with sim_board("sim:unix", tmp_path_factory.mktemp("p")) as sim:
        sim.link.close()
        yield sim


@pytest.fixture
def warm_home(home: Path, _shared: SimBoard, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where the shared board's keeper is found."""
    shared = _shared.toolbox.host.environ["NATMOD_HOME"]
    monkeypatch.setenv("NATMOD_HOME", shared)
    return Path(shared)


@pytest.fixture
def _empty_board(_shared: SimBoard) -> Iterator[None]:
    """Nothing on the shared board, before and after; no name of the last test is in its memory."""
    yield
    job, link = JobContext(_shared.toolbox.host), _shared.reopen()
    link.exec(job, WIPE, isolated=True)
    link.soft_reset(job)
    link.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "élève 课程" / "demo"
    for name, text in FILES.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(text, "utf-8")
    return target


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[QWidget]:
    widget = QWidget()
    widget.resize(280, 640)
    yield widget
    widget.close()
    widget.deleteLater()


@pytest.fixture
def ctx(warm_home: Path, _empty_board: None, window: QWidget, folder: Path, tmp_path: Path) -> Iterator[IdeContext]:
    with window_parts(folder) as parts:
        yield dataclasses.replace(parts, editors=cast(Any, Editors()), window=window, state_folder=tmp_path / "state")
        words.use("en")


@pytest.fixture
def hand(ctx: IdeContext, window: QWidget, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Hand:
    """The panel on the screen, without a board. It looks sooner after the prompt than for a person, who types on."""
    monkeypatch.setattr(looker, "_SETTLE_MS", 30)
    panel = FilesPanel(ctx)
    panel.setParent(window)
    panel.resize(window.size())
    window.show()
    qtbot.waitExposed(window)
    made = Hand(ctx, panel, qtbot)
    ctx.board.printed.connect(made.printed.extend)
    made.until(lambda: not ctx.jobs.running)
    return made


@pytest.fixture
def board(hand: Hand) -> Hand:
    """The same with sim:unix, whose files are listed."""
    hand.ctx.board.use("sim:unix")
    hand.until(lambda: hand.ctx.board.identity is not None and hand.panel.model.names(PurePosixPath("/")) is not None)
    return hand
