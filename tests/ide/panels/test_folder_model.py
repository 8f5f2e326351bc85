"""Trees of files: names that are no Unicode, or no line, are shown and kept apart."""

from __future__ import annotations

from pathlib import PurePath, PurePosixPath

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ide.folder_model import FILE, FolderModel, Row, shown


class Model(FolderModel):
    """Listed by the test."""

    def list_folder(self, folder: PurePath) -> None:
        """Later."""


@pytest.fixture
def model(qtbot: QtBot) -> Model:
    made = Model(PurePosixPath("/"), QApplication.instance(), columns=2)
    made.look(made.root)
    return made


def test_a_name_that_is_no_unicode_stays_itself(model: Model) -> None:
    odd, plain = "a\udcffb", "ab"
    model.done(model.root, [Row(odd, FILE, "1 B"), Row(plain, FILE, "2 B")])
    root = model.index(0, 0)
    assert [model.path_of(model.index(row, 0, root)) for row in range(2)] == [
        PurePosixPath("/a\udcffb"), PurePosixPath("/ab"),
    ]  # fmt: skip
    assert [model.index(row, 0, root).data() for row in range(2)] == ["a\\xffb", "ab"]
    model.look(model.root)
    model.done(model.root, [Row(odd, FILE, "3 B")])
    assert model.rowCount(root) == 1
    assert model.index_of(PurePosixPath("/a\udcffb")).siblingAtColumn(1).data() == "3 B"
    model.deleteLater()


def test_a_line_break_in_a_name_is_no_line_break() -> None:
    assert shown("a\nb\tc 中文 é") == "a\\nb\\tc 中文 é"
