"""What is said to the person: one bar that waits its turn, and a list of everything that was said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ide.board.errors import BoardNotFound
from ide.dialogs import AboutDialog, MessagesDialog
from ide.engine import Engine
from ide.notify import Action, NoticeBar, Notices
from ide.words import words
from toolchains.errors import BuildError, Cancelled
from toolchains.text import Text, _

LINES = "\n".join(f"in_c.c:{n}: error: expected ';'" for n in range(500))


class Around:
    """A window with an editor and the bar below it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.notices = Notices()
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.editor = QLineEdit(self.window)
        self.bar = NoticeBar(self.notices, self.window)
        layout = QVBoxLayout(self.window)
        layout.addWidget(self.editor)
        layout.addWidget(self.bar)
        layout.addStretch(1)
        self.window.setFocusProxy(self.editor)
        self.window.resize(600, 500)
        self.window.show()


@pytest.fixture
def around(qtbot: QtBot) -> Around:
    return Around(qtbot)


def test_an_error_is_shown_until_it_is_closed(around: Around, qtbot: QtBot) -> None:
    assert not around.bar.isVisible()
    around.notices.error(BuildError(_("The compiler failed."), next_step=_("Look at line 7."), detail=LINES))
    assert around.bar.isVisible()
    assert around.bar.label.text() == "The compiler failed. Look at line 7."
    assert around.bar.accessibleName() == "error: The compiler failed. Look at line 7."
    assert not around.bar.detail.isVisible()
    around.bar.details.click()
    assert around.bar.detail.isVisible()
    assert around.bar.height() < 300  # 500 lines scroll
    assert LINES in around.bar.detail.toPlainText()
    around.bar.copy.click()
    assert QGuiApplication.clipboard().text() == f"The compiler failed. Look at line 7.\n{LINES}"
    around.bar.close_button.click()
    assert not around.bar.isVisible()


def test_what_was_cancelled_is_no_error(around: Around) -> None:
    around.notices.error(Cancelled())
    assert around.notices.kept == []
    assert not around.bar.isVisible()


def test_several_wait_their_turn(around: Around) -> None:
    for name in ("one", "two", "three"):
        around.notices.tell(Text(name))
    assert (around.bar.label.text(), around.bar.count.text()) == ("three", "2 more")
    around.notices.dismiss()
    assert (around.bar.label.text(), around.bar.count.text()) == ("two", "1 more")
    around.notices.dismiss()
    assert around.bar.label.text() == "one"
    assert not around.bar.count.isVisible()
    around.notices.dismiss()
    assert not around.bar.isVisible()
    around.notices.dismiss()  # one too many


def test_the_same_again_takes_the_place_of_the_one_before(around: Around) -> None:
    for name in ("one", "two", "one", "one"):
        around.notices.tell(Text(name))
    assert (around.bar.label.text(), around.bar.count.text()) == ("one", "1 more")
    assert len(around.notices.kept) == 4


def test_something_new_makes_all_of_them_go(around: Around) -> None:
    around.notices.tell(Text("one"))
    around.notices.tell(Text("two"))
    around.notices.clear()
    assert not around.bar.isVisible()
    around.notices.tell(Text("three"))
    assert not around.bar.count.isVisible()


def test_a_very_long_sentence_is_cut_and_is_among_the_details(around: Around) -> None:
    around.notices.tell(Text("word " * 2000), detail="the rest")
    assert len(around.bar.label.text()) < 400
    assert around.bar.label.text().endswith("…")
    assert around.bar.height() < 200
    around.bar.details.click()
    assert around.bar.detail.toPlainText().startswith("word word")
    assert around.bar.detail.toPlainText().endswith("the rest")


def test_a_compilers_words_are_no_markup(around: Around) -> None:
    around.notices.tell(Text("#include <b>bold</b>"))
    assert around.bar.label.textFormat() == Qt.TextFormat.PlainText


def test_escape_closes_it_and_gives_the_focus_back(around: Around, qtbot: QtBot) -> None:
    around.notices.tell(Text("one"))
    around.notices.tell(Text("two"))
    around.bar.copy.setFocus()
    qtbot.waitUntil(around.bar.copy.hasFocus)
    qtbot.keyClick(around.bar.copy, Qt.Key.Key_Escape)
    assert around.bar.label.text() == "one"
    qtbot.keyClick(around.bar.copy, Qt.Key.Key_Escape)
    assert not around.bar.isVisible()
    qtbot.waitUntil(around.editor.hasFocus)


def test_buttons_do_what_they_say_and_go_with_their_notice(around: Around) -> None:
    done: list[str] = []
    around.notices.tell(Text("one"), actions=(Action(Text("Do it"), lambda: done.append("it")),))
    button = around.bar._buttons[0]
    assert button.text() == "Do it"
    button.click()
    assert done == ["it"]
    around.notices.tell(Text("two"))
    assert around.bar._buttons == []
    around.notices.dismiss()
    assert [button.text() for button in around.bar._buttons] == ["Do it"]


def test_it_speaks_another_language_at_once(around: Around) -> None:
    around.notices.error(BoardNotFound("COM7"))
    assert "There is no board at COM7" in around.bar.label.text()
    words.use("fr")
    try:
        assert "COM7" in around.bar.label.text()
        assert "There is no" not in around.bar.label.text()
    finally:
        words.use("en")


# --- the dialogs ---------------------------------------------------------------------------------------------------


@pytest.fixture
def messages(around: Around) -> Iterator[MessagesDialog]:
    dialog = MessagesDialog(around.notices, around.window)
    dialog.show()
    yield dialog
    dialog.close()


def test_without_messages_the_list_says_what_will_be_there(messages: MessagesDialog) -> None:
    assert messages.empty.isVisible()
    assert not messages.copy.isEnabled()


def test_everything_that_was_said_is_kept_newest_first(around: Around, messages: MessagesDialog) -> None:
    around.notices.tell(Text("hello"))
    around.notices.error(BuildError(_("The compiler failed."), detail=LINES))
    rows = [messages.list.topLevelItem(at) for at in range(messages.list.topLevelItemCount())]
    assert [row.text(2) for row in rows if row] == ["The compiler failed.", "hello"]
    assert [row.text(1) for row in rows if row] == ["error", "message"]
    assert messages.text.toPlainText() == "hello"  # it was chosen when the error came, and stays so
    messages.list.setCurrentItem(messages.list.topLevelItem(0))
    assert messages.text.toPlainText() == f"The compiler failed.\n{LINES}"
    messages.copy.click()
    assert QGuiApplication.clipboard().text().endswith(LINES)
    messages.copy_all.click()
    assert "message: hello" in QGuiApplication.clipboard().text()
    assert not messages.isModal()


def test_about_says_the_version_the_licences_and_where_things_are(around: Around, home: object) -> None:
    dialog = AboutDialog(Engine(), around.window)
    dialog.show()
    words_of_it = " ".join(label.text() for label in dialog.findChildren(type(around.bar.label)))
    assert "Version 0." in words_of_it
    assert str(home) in words_of_it
    licences = dialog.licences.toPlainText()
    assert "MIT License" in licences
    assert "pyside6-essentials" in licences
    dialog.close()
