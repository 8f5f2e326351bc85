"""The console's view, without a board: what can be typed where, and what is shown of what is printed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ide.editor.scintilla import M
from ide.panels.console.ansi import Look
from ide.panels.console.transcript import Transcript
from ide.panels.console.view import ConsoleView
from ide.themes import themes

Key = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def view(qtbot: QtBot) -> ConsoleView:
    made = ConsoleView(1000, 10)
    qtbot.addWidget(made)
    made.resize(600, 200)
    made.show()
    made.take_focus()
    made.accept(True)
    made.show_bytes(b"hello\r\n>>> ")
    return made


def press(view: ConsoleView, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """One key, without those that are held down with it, and whether or not anybody wants it."""
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(view, QKeyEvent(kind, key, modifiers))


def shown(view: Transcript) -> str:
    return view.text()


def test_a_line_is_edited_here_and_goes_when_it_is_entered(qtbot: QtBot, view: ConsoleView) -> None:
    qtbot.keyClicks(view, "prnt(1)")
    for _again in range(5):
        press(view, Key.Key_Left)
    qtbot.keyClicks(view, "i")
    assert shown(view) == "hello\n>>> print(1)"
    with qtbot.waitSignal(view.entered) as sent:
        press(view, Key.Key_Return)
    assert sent.args == ["print(1)"]
    assert shown(view) == "hello\n>>> print(1)"  # until the board's echo takes its place
    view.show_bytes(b"print(1)\r\n1\r\n>>> ")
    assert shown(view) == "hello\n>>> print(1)\n1\n>>> "


def test_output_comes_before_what_is_being_typed(qtbot: QtBot, view: ConsoleView) -> None:
    qtbot.keyClicks(view, "abc")
    press(view, Key.Key_Left)
    view.show_bytes(b"tick\r\n>>> ")
    qtbot.keyClicks(view, "X")
    assert shown(view) == "hello\n>>> tick\n>>> abXc"
    assert view.line() == "abXc"


def test_the_transcript_cannot_be_changed(qtbot: QtBot, view: ConsoleView) -> None:
    view.send(M.SetSel, 1, 3)
    press(view, Key.Key_Delete)
    press(view, Key.Key_X, CTRL)
    view.send(M.SetEmptySelection, 2)
    press(view, Key.Key_Backspace)
    press(view, Key.Key_Backspace, CTRL)
    press(view, Key.Key_T, CTRL)
    press(view, Key.Key_D, CTRL | SHIFT)
    assert shown(view) == "hello\n>>> "
    view.send(M.SetSel, 1, 3)
    qtbot.keyClicks(view, "z")
    assert shown(view) == "hello\n>>> z"
    view.send(M.SetSel, 0, view.send(M.GetLength))
    press(view, Key.Key_Backspace)
    assert shown(view).startswith("hello\n>>> ")


def test_words_are_rubbed_out_and_no_prompt_with_them(qtbot: QtBot, view: ConsoleView) -> None:
    qtbot.keyClicks(view, "import os.path")
    press(view, Key.Key_Backspace, CTRL)
    assert view.line() == "import os."
    press(view, Key.Key_Backspace, CTRL)
    press(view, Key.Key_Backspace, CTRL)
    assert view.line() == "import "
    for _again in range(5):
        press(view, Key.Key_Backspace, CTRL)
    assert shown(view) == "hello\n>>> "


def test_home_and_left_stop_at_the_prompt(qtbot: QtBot, view: ConsoleView) -> None:
    qtbot.keyClicks(view, "ab")
    press(view, Key.Key_Home)
    press(view, Key.Key_Left)
    qtbot.keyClicks(view, "X")
    assert view.line() == "Xab"
    press(view, Key.Key_End)
    press(view, Key.Key_Home, SHIFT)
    qtbot.keyClicks(view, "new")
    assert view.line() == "new"
    press(view, Key.Key_Escape)
    assert view.line() == ""


def test_history(qtbot: QtBot, view: ConsoleView) -> None:
    for line in ("a = 1", "print(a)"):
        qtbot.keyClicks(view, line)
        press(view, Key.Key_Return)
        view.show_bytes(line.encode() + b"\r\n>>> ")
    qtbot.keyClicks(view, "a")
    press(view, Key.Key_Up)
    assert view.line() == "a = 1"
    press(view, Key.Key_Down)
    assert view.line() == "a"
    press(view, Key.Key_Escape)
    press(view, Key.Key_Up)
    assert view.line() == "print(a)"


def test_ctrl_c_copies_or_interrupts(qtbot: QtBot, view: ConsoleView) -> None:
    with qtbot.waitSignal(view.interrupt_wanted):
        press(view, Key.Key_C, CTRL)
    view.send(M.SetSel, 0, 5)
    with qtbot.assertNotEmitted(view.interrupt_wanted):
        press(view, Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == "hello"


def test_ctrl_d_and_backspace_on_an_empty_line_are_for_the_board(qtbot: QtBot, view: ConsoleView) -> None:
    with qtbot.waitSignal(view.end_wanted):
        press(view, Key.Key_D, CTRL)
    with qtbot.waitSignal(view.rubout_wanted):
        press(view, Key.Key_Backspace)
    qtbot.keyClicks(view, "x")
    with qtbot.assertNotEmitted(view.end_wanted), qtbot.assertNotEmitted(view.rubout_wanted):
        press(view, Key.Key_D, CTRL)
        press(view, Key.Key_Backspace)


def test_one_line_is_pasted_into_the_line_several_are_run(qtbot: QtBot, view: ConsoleView) -> None:
    qtbot.keyClicks(view, "f()")
    press(view, Key.Key_Left)
    QGuiApplication.clipboard().setText("1, 2")
    press(view, Key.Key_V, CTRL)
    assert view.line() == "f(1, 2)"
    press(view, Key.Key_Escape)
    QGuiApplication.clipboard().setText("a = 1\r\nprint(a)\r\n")
    with qtbot.waitSignal(view.pasted) as sent:
        press(view, Key.Key_V, CTRL)
    assert sent.args == ["a = 1\nprint(a)\n"]
    assert view.line() == ""


def test_nothing_is_typed_where_nobody_reads(qtbot: QtBot, view: ConsoleView) -> None:
    view.accept(False)
    QApplication.sendEvent(view, QKeyEvent(QEvent.Type.KeyPress, Key.Key_X, Qt.KeyboardModifier.NoModifier, "x"))
    press(view, Key.Key_Return)
    press(view, Key.Key_Tab)
    QGuiApplication.clipboard().setText("y")
    press(view, Key.Key_V, CTRL)
    compose(view, "", "漢")
    assert shown(view) == "hello\n>>> "


# --- Chinese -------------------------------------------------------------------------------------------------------


def compose(view: ConsoleView, preedit: str, commit: str = "") -> None:
    event = QInputMethodEvent(preedit, [])
    if commit:
        event.setCommitString(commit)
    QApplication.sendEvent(view, event)


def test_chinese_is_composed_at_the_caret(qtbot: QtBot, view: ConsoleView) -> None:
    qtbot.keyClicks(view, "x = ''")
    press(view, Key.Key_Left)
    compose(view, "n")
    assert view.line() == "x = 'n'"
    compose(view, "ni")
    assert view.line() == "x = 'ni'"
    compose(view, "", "你")
    assert view.line() == "x = '你'"
    compose(view, "hao")
    compose(view, "")
    assert view.line() == "x = '你'"
    compose(view, "", "好")
    assert view.line() == "x = '你好'"
    assert view.send(M.GetReadOnly)
    assert not view.send(M.CanUndo)


def test_output_waits_while_a_word_is_composed(qtbot: QtBot, view: ConsoleView) -> None:
    compose(view, "ni")
    view.feed(b"tick\r\n>>> ")
    view.say("ours\n", fresh=True)
    compose(view, "nih")
    assert not view.work()
    assert shown(view) == "hello\n>>> nih"
    with qtbot.waitSignal(view.composed):
        compose(view, "", "你")
    assert view.work()
    assert shown(view) == "hello\n>>> tick\n>>> \nours\n你"


def test_much_is_shown_in_pieces_and_what_would_scroll_away_not_at_all(view: ConsoleView) -> None:
    for at in range(0, 1_000_000, 20_000):
        view.feed(b"\x1b[3%dm" % (at // 20_000 % 8) + b"".join(b"line %d\r\n" % n for n in range(at, at + 20_000, 8)))
    view.feed(b">>> ")
    assert not shown(view).endswith("line 999992\n>>> ")
    while view.work():
        pass
    assert shown(view).endswith("line 999992\n>>> ")
    assert view.send(M.GetLineCount) <= 1251
    last = view.send(M.GetStyleAt, view.send(M.GetLength) - 10)
    assert last == view.style_of(Look(fore=1))


def test_more_than_can_wait_is_left_out_and_said(view: ConsoleView) -> None:
    view.limit = 1_000_000
    compose(view, "n")
    for _again in range(60):
        view.feed(b"0123456789\r\n" * 5000)
    compose(view, "")
    while view.work():
        pass
    assert "left out" in shown(view)
    assert 160_000 < view.send(M.GetLineCount) < 180_000


# --- completion ----------------------------------------------------------------------------------------------------


def test_one_name_is_put_in_and_several_as_far_as_they_agree(qtbot: QtBot, view: ConsoleView) -> None:
    qtbot.keyClicks(view, "x.im")
    with qtbot.waitSignal(view.completion_wanted) as asked:
        press(view, Key.Key_Tab)
    assert asked.args == ["x.im"]
    view.offer("x.im", 2, ["implementation"])
    assert view.line() == "x.implementation"
    view.set_line("pr")
    view.offer("pr", 0, ["print", "printer"])
    assert view.line() == "print"
    view.offer("stale", 0, ["stale_name"])
    assert view.line() == "print"


@pytest.mark.qt_log_ignore("This plugin does not support raise")
def test_several_names_are_a_list(qtbot: QtBot, view: ConsoleView) -> None:
    view.set_line("p")
    qtbot.waitUntil(view.hasFocus)
    view.offer("p", 0, ["pass", "pow", "print"])
    assert view.send(M.AutoCActive)
    press(view, Key.Key_Down)
    press(view, Key.Key_Return)
    assert view.line() == "pow"
    qtbot.waitUntil(lambda: bool(view.send(M.GetReadOnly)))
    view.set_line("p")
    view.offer("p", 0, ["pass", "pow", "print"])
    view.show_bytes(b"something else\r\n>>> ")
    assert not view.send(M.AutoCActive)
    assert view.line() == "p"


def test_tab_at_the_start_is_an_indent(qtbot: QtBot, view: ConsoleView) -> None:
    with qtbot.assertNotEmitted(view.completion_wanted):
        press(view, Key.Key_Tab)
    assert view.line() == "    "


# --- what is shown -------------------------------------------------------------------------------------------------


def test_the_indent_of_the_board_can_be_rubbed_out(view: ConsoleView) -> None:
    view.show_bytes(b"for i in x:\r\n...     ")
    view.show_bytes(b"\x08\x08\x08\x08\x1b[K")
    assert shown(view) == "hello\n>>> for i in x:\n... "


def test_a_character_split_over_two_reads_is_whole(view: ConsoleView) -> None:
    data = "漢字".encode()
    for at in range(len(data)):
        view.show_bytes(data[at : at + 1])
        assert "�" not in shown(view)
    assert shown(view).endswith("漢字")


def test_colours_are_styles_and_follow_the_theme(view: ConsoleView) -> None:
    view.show_bytes(b"\x1b[31mred\x1b[0m plain")
    at = shown(view).index("red")
    red = view.send(M.GetStyleAt, at)
    assert red != view.send(M.GetStyleAt, at + 5)
    before = view.send(M.StyleGetFore, red)
    themes.use("dark")
    try:
        assert view.send(M.StyleGetFore, red) != before
    finally:
        themes.use("light")


def test_more_colours_than_there_are_styles_do_no_harm(view: ConsoleView) -> None:
    for fore in range(16):
        for back in range(16):
            view.show_bytes(b"\x1b[38;5;%d;48;5;%d;1mx" % (fore, back))
    view.show_bytes(b"\x1b[0;35my")
    assert shown(view).endswith("x" * 256 + "y")


def test_the_number_of_lines_is_bounded(view: ConsoleView) -> None:
    for start in range(0, 20_000, 500):
        view.show_bytes(b"".join(b"line %d\r\n" % n for n in range(start, start + 500)))
    view.show_bytes(b"".join(b"last %d\r\n" % n for n in range(5000)) + b">>> ")
    assert 1000 <= view.send(M.GetLineCount) <= 1251
    assert shown(view).endswith("last 4999\n>>> ")
    assert view.line() == ""


def test_the_view_follows_the_end_unless_one_reads_further_up(qtbot: QtBot, view: ConsoleView) -> None:
    view.show_bytes(b"".join(b"line %d\r\n" % n for n in range(100)))
    assert view.follows
    last = view.send(M.GetLineCount)
    assert view.send(M.GetFirstVisibleLine) + view.send(M.LinesOnScreen) >= last
    view.verticalScrollBar().setValue(20)
    view.show_bytes(b"more\r\n" * 10)
    assert view.send(M.GetFirstVisibleLine) == 20
    view.show_bytes(b"more\r\n" * 1240)
    first = view.line_text(view.send(M.GetFirstVisibleLine))
    view.show_bytes(b"more\r\n" * 3)
    assert view.line_text(view.send(M.GetFirstVisibleLine)) == first
    qtbot.keyClicks(view, "x")
    assert view.follows
    view.resize(600, 120)
    qtbot.waitUntil(lambda: view.send(M.GetFirstVisibleLine) + view.send(M.LinesOnScreen) >= view.send(M.GetLineCount))


def test_clear_keeps_the_prompt_and_what_is_typed(qtbot: QtBot, view: ConsoleView) -> None:
    qtbot.keyClicks(view, "abc")
    press(view, Key.Key_L, CTRL)
    assert shown(view) == ">>> abc"
    view.show_bytes(b"\x08\x08\x08\x08>>> \r\n")
    assert shown(view) == ">>> \nabc"
