"""The list of names while one types: when it comes, what it shows, which keys it takes, what is written."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication

from ide.editor.intelligence.matching import fitting
from ide.editor.intelligence.typing_watch import wants_arguments, wants_list
from ide.editor.lsp.records import Edit
from ide.editor.scintilla import M
from ide.themes import NAMES, themes
from tests.ide.editor.intelligence.conftest import Helped
from tests.ide.editor.intelligence.scripted import item

_NAMES = [
    item("mp_obj_get_int", "function", "(mp_const_obj_t arg) mp_int_t"),
    item("mp_obj_new_int", "function", "(mp_int_t value) mp_obj_t"),
    item("mp_obj_t", "class"),
    item("mp_obj_new_int_from_ll", "function", "(long long val)", unlinkable=True),
    item("main", "function", "(void) int"),
    item("obj.h", "file", insert='obj.h"'),
]


def test_when_a_list_comes_by_itself() -> None:
    for before, language in (
        ("  mp", "c"), ("x = p.", "python"), ("self->", "c"), ("f(a).", "c"), ("a[1].", "c"), ('"a".', "python"),
        ("{.", "c"), ('#include "py/', "c"), ("# include <", "c"),
        ("from machine import ", "python"), ("import ", "python"), ("été", "python"),
    ):  # fmt: skip
        assert wants_list(before, language), before
    for before in ("  m", "1.", "0x1f", "3.5e", "  ", "", "x ", "-", ">", "a->b ", '"a".', 'x = "', "a / ", "a <"):
        assert not wants_list(before, "c"), before
    assert all(wants_arguments(before) for before in ("mp_obj_new_int(", "f(1,"))
    assert not any(wants_arguments(before) for before in ("if (", "(", "while(", "f"))


def test_the_nearest_name_is_first_and_what_does_not_link_last() -> None:
    names = [
        item("new_int"),
        item("x_int", unlinkable=True),
        item("INT"),
        item("int"),
        item("print_it"),
        item("integer"),
    ]
    assert [one.label for one in fitting("int", names)] == ["int", "integer", "INT", "new_int", "print_it", "x_int"]
    assert [one.label for one in fitting("", names)][-1] == "x_int"
    assert fitting("zz", names) == []


def test_typing_opens_and_narrows_the_list_with_one_question(helped: Helped) -> None:
    sci = helped.open("void f(void) {\n    |\n}\n")
    helped.source.items = _NAMES
    helped.type("m")
    assert helped.shown() == []
    helped.type("p")
    helped.type("_")
    assert helped.shown() == ["mp_obj_get_int", "mp_obj_new_int", "mp_obj_t", "mp_obj_new_int_from_ll"]
    helped.type("obj_new")
    assert helped.shown() == ["mp_obj_new_int", "mp_obj_new_int_from_ll"]
    assert helped.source.count() == 1
    assert helped.source.asked[0].at == (1, 6)
    assert sci.hasFocus()
    helped.press(Qt.Key.Key_Backspace)
    assert len(helped.shown()) == 2
    helped.type(" ")
    assert helped.shown() == []


def test_keys_choose_and_a_function_gets_its_brackets(helped: Helped) -> None:
    helped.source.items = _NAMES
    helped.open("void f(void) {\n    |\n}\n")
    helped.type("mp_o")
    helped.press(Qt.Key.Key_Down)
    assert helped.chosen() == "mp_obj_new_int"
    helped.press(Qt.Key.Key_Up)
    helped.press(Qt.Key.Key_Up)
    assert helped.chosen() == "mp_obj_new_int_from_ll"
    assert helped.popup.about.text() == "mp_obj_new_int_from_ll does not link."
    helped.press(Qt.Key.Key_PageUp)
    helped.press(Qt.Key.Key_Down)
    helped.type("b")
    assert helped.chosen() == "mp_obj_new_int", "what the person chose stays"
    helped.press(Qt.Key.Key_Return)
    assert helped.line() == "    mp_obj_new_int(|)"
    helped.type("3)")
    assert helped.line() == "    mp_obj_new_int(3)|"
    helped.type("; ma")
    helped.press(Qt.Key.Key_Tab)
    assert helped.line().endswith("main()|"), "nothing is to be written between them"


@pytest.mark.parametrize(
    ("text", "keys", "after"),
    [
        ("|(1);", "mp_obj_get_i", "mp_obj_get_int|(1);"),
        ("MP_DEFINE_CONST_FUN_OBJ_1(f_obj, |);", "mp_obj_g", "MP_DEFINE_CONST_FUN_OBJ_1(f_obj, mp_obj_get_int|);"),
        ("call(&|);", "mp_obj_g", "call(&mp_obj_get_int|);"),
        ("mp|int;", "_obj_n", "mp_obj_new_int(|);"),
        ('#include "|"', "py/", '#include "py/obj.h"|'),
        ('g("é", |);', "mp_obj_g", 'g("é", mp_obj_get_int(|));'),
    ],
)
def test_what_is_around_the_caret_is_respected(helped: Helped, text: str, keys: str, after: str) -> None:
    helped.source.items = [_NAMES[-1]] if keys == "py/" else _NAMES
    helped.open(text)
    helped.type(keys)
    helped.press(Qt.Key.Key_Tab)
    assert helped.line() == after


def test_a_whole_word_leaves_enter_to_the_text_and_escape_is_a_no(helped: Helped) -> None:
    helped.source.items = [item("passed"), item("pass", "keyword")]
    sci = helped.open("|", "a.py")
    helped.type("pass")
    assert helped.chosen() == "pass"
    helped.type("\n")
    assert sci.text() == "pass\n"
    helped.type("pa")
    helped.press(Qt.Key.Key_Escape)
    helped.type("s")
    assert helped.shown() == []
    helped.type(" pa")
    assert helped.shown()


def test_no_list_in_comments_strings_or_with_two_carets(helped: Helped) -> None:
    helped.source.items = _NAMES
    sci = helped.open("|\n")
    helped.type('// mp_o\nx = "mp_o')
    assert helped.source.count() == 0
    helped.press(Qt.Key.Key_End)
    helped.type(";\n")
    sci.send(M.AddSelection, 0, 0)
    helped.type("mp_")
    assert helped.source.count() == 0
    sci.send(M.SetEmptySelection, 0)
    helped.desk.commands.run("code.complete")
    assert helped.source.count() == 1


def test_late_double_and_wrong_answers_do_nothing(helped: Helped) -> None:
    helped.open("|\n")
    helped.type("mp")
    helped.type("_obj")
    assert helped.source.count() == 1, "a slow source is not asked again at each key"
    helped.type("; ma")
    assert helped.source.asked[0].cancelled
    helped.answer(0, _NAMES)
    assert helped.shown() == []
    helped.answer(1, _NAMES)
    assert helped.shown() == ["main"]
    helped.answer(0, [item("mp_late")])
    helped.answer(1, [item("mad")])
    assert helped.shown() == ["main"]
    helped.type("i")
    helped.press(Qt.Key.Key_Left)
    helped.press(Qt.Key.Key_Left)
    helped.press(Qt.Key.Key_Left)
    assert helped.shown() == []


def test_an_answer_that_may_be_cut_is_asked_again_as_the_word_grows(helped: Helped) -> None:
    helped.open("|\n")
    helped.type("mp")
    helped.answer(0, [item(f"mp_{number}") for number in range(2000)])
    assert len(helped.shown()) == 300
    helped.type("_x")
    assert helped.source.count() == 2
    helped.answer(1, [item("mp_x1"), item("mp_x2")])
    assert helped.shown() == ["mp_x1", "mp_x2"]


def test_rubbish_is_shown_as_text_and_written_nowhere_else(helped: Helped) -> None:
    helped.source.items = [
        item("mp_a", detail="\n<b>\x00" * 500, doc="<img src='x'>\n" * 50, edit=Edit((7, 0), (9, 9), "mp_a")),
        item("mp_" + "x" * 4000),
    ]
    helped.open("a;\nb = |;\nc;\n")
    helped.type("mp_")
    helped.settle()
    assert helped.popup.width() < helped.desk.area.width()
    helped.press(Qt.Key.Key_Return)
    assert helped.desk.sci.text() == "a;\nb = mp_a;\nc;\n"


def test_a_server_may_mend_the_dot(helped: Helped) -> None:
    helped.source.items = [item("used", "member", insert="->used", edit=Edit((0, 4), (0, 5), "->used")), item("utter")]
    helped.open("self|;")
    helped.type(".")
    assert helped.shown() == ["used", "utter"]
    helped.type("u")
    helped.press(Qt.Key.Key_Return)
    assert helped.line() == "self->used|;"


def test_it_goes_when_one_looks_elsewhere(helped: Helped) -> None:
    helped.source.items = _NAMES
    sci = helped.open("|" + "\n" * 200)

    def again() -> None:
        helped.desk.commands.run("code.complete")
        assert helped.shown()

    again()
    sci.send(M.LineScroll, 0, 3)
    helped.settle()
    assert helped.shown() == []
    sci.send(M.ScrollCaret)
    helped.settle()
    again()
    helped.desk.area.zoom(1)
    assert helped.shown() == []
    again()
    QApplication.sendEvent(sci, QInputMethodEvent("你", []))
    assert helped.shown() == []
    QApplication.sendEvent(sci, QInputMethodEvent())
    again()
    helped.desk.view("b.c", "")
    assert not helped.desk.area.window().findChildren(type(helped.popup))[0].isVisible()


def test_it_stays_within_the_window_in_every_theme(helped: Helped) -> None:
    helped.source.items = [item(f"mp_obj_name_{number}", "function", "(int x)") for number in range(40)]
    helped.open("\n" * 60 + " " * 90 + "|")
    for theme in NAMES:
        themes.use(theme)
        helped.desk.commands.run("code.complete")
        window = helped.desk.area.window().rect()
        assert window.contains(helped.popup.geometry())
        line = helped.popup.line_rect(helped.desk.sci.caret())
        assert not helped.popup.geometry().intersects(line), "the line itself is seen"


def test_two_panes_have_a_list_each(helped: Helped) -> None:
    helped.source.items = _NAMES
    helped.open("|\n")
    helped.desk.area.panes.split()
    helped.settle()
    helped.type("mp_")
    assert helped.shown()
    assert sum(one.isVisible() for one in helped.desk.area.window().findChildren(type(helped.popup))) == 1


def test_who_asks_by_key_is_told_that_there_is_nothing(helped: Helped) -> None:
    helped.source.off = True
    helped.open("|\n")
    helped.type("mp_")
    assert helped.source.asked == []
    for off in (True, False):
        helped.source.off = off
        helped.desk.commands.run("code.complete")
        for question in helped.source.asked:
            question.then([])
        helped.settle()
        assert helped.help.completer.visible
        assert "Nothing" in helped.popup.about.text()
        helped.press(Qt.Key.Key_Escape)
        assert not helped.help.completer.visible
    helped.desk.commands.run("code.complete")
    helped.source.asked[-1].then([])
    helped.type("x")
    assert not helped.help.completer.visible
