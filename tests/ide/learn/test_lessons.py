"""Lessons as data: complete in each language, and sentences where a folder holds garbage."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ide.learn import doing, lessons
from ide.learn.lessons import LessonError
from toolchains import languages, project

_LANGUAGES = ("en", "fr", "zh_CN", "zh_TW")
_OURS = lessons.shelf()


def test_there_are_whole_lessons_in_order() -> None:
    assert _OURS.faults == ()
    assert [one.name[:2] for one in _OURS.lessons] == [f"{n:02}" for n in range(1, 10)]
    assert sorted(languages.known()) == sorted(_LANGUAGES)


@pytest.mark.parametrize("lesson", _OURS.lessons, ids=lambda one: one.name)
def test_a_lesson_says_and_shows_the_same_in_all_languages(lesson: lessons.Lesson) -> None:
    assert lesson.languages == _LANGUAGES
    pages = {one: lesson.page(one) for one in _LANGUAGES}
    english = pages["en"]
    for language, page in pages.items():
        assert lessons.snippets(page) == lessons.snippets(english), language
        assert lessons.links(page) == lessons.links(english), language
        assert re.findall(r"^#+ |^- |^\d\. ", page, re.M) == re.findall(r"^#+ |^- |^\d\. ", english, re.M), language
        assert "```" not in page, "code is a file that is tested, not a part of the page"
        assert not re.search(r"^(    |\t)\S", page, re.M) or "1. " in page
        assert set(re.findall(r"`[^`]+`", page)) == set(re.findall(r"`[^`]+`", english)), language
        assert "<" not in re.sub(r"`[^`]*`", "", page), "no HTML"


@pytest.mark.parametrize("lesson", _OURS.lessons, ids=lambda one: one.name)
def test_a_page_is_written_as_its_language_is(lesson: lessons.Lesson) -> None:
    french = re.sub(r"`[^`]*`|\]\([^)]*\)|\{\{[^}]*\}\}", "", lesson.page("fr"))
    assert not re.search(r"(?<!\xa0)[;?!»]|[^\xa0]:(?=\s)|«(?!\xa0)", french), "a no-break space is missing"
    for chinese in ("zh_CN", "zh_TW"):
        text = re.sub(r"`[^`]*`", "", lesson.page(chinese))
        assert not re.search(r"[\u4e00-\u9fff][,;:?!]|[\u4e00-\u9fff]\.", text), "a stop of half width"
    simplified, traditional = lesson.page("zh_CN"), lesson.page("zh_TW")
    assert not set("開個這為會檔碼體時說讀寫類別") & set(simplified)
    assert not set("开个这为会码体时说读写类别") & set(traditional)
    assert "函式" not in simplified
    assert "函数" not in traditional


@pytest.mark.parametrize("lesson", _OURS.lessons, ids=lambda one: one.name)
def test_its_code_is_all_shown_and_its_projects_can_be_opened(lesson: lessons.Lesson, tmp_path: Path) -> None:
    shown = set(lessons.snippets(lesson.page("en")))
    inside = lesson.folder / lessons.SNIPPETS
    there = {path.relative_to(inside).as_posix() for path in inside.rglob("*.*")}
    assert {name for name in there if not name.endswith("natmod.toml")} <= shown
    for name in shown:
        found = project.load(doing.take_snippet(lesson, name, tmp_path))
        assert found.root.is_relative_to(tmp_path)
    exercise = project.load(doing.take_exercise(lesson, tmp_path))
    solved = {path.relative_to(lesson.folder / lessons.SOLUTION) for path in (lesson.folder / "solution").rglob("*.*")}
    assert all((exercise.root / name).is_file() for name in solved)
    (exercise.root / "main.py").write_text("mine")
    doing.take_exercise(lesson, tmp_path)
    assert (exercise.root / "main.py").read_text() == "mine"


def test_a_language_without_a_page_falls_back_to_english(tmp_path: Path) -> None:
    made(tmp_path, "01-a", page="# In English\n")
    assert lessons.shelf(tmp_path).lessons[0].title("fr") == "In English"


def test_the_words_for_a_lesson() -> None:
    assert _OURS.named("04").name == "04-viper"
    for wrong in ("", "0", "99", "../01-running"):
        with pytest.raises(LessonError, match="There is no lesson called"):
            _OURS.named(wrong)


def made(folder: Path, name: str, toml: str = "schema = 1\n", page: str = "# A\n") -> Path:
    place = folder / name
    (place / "snippets").mkdir(parents=True)
    (place / "lesson.toml").write_text(toml)
    (place / "page.en.md").write_text(page)
    return place


@pytest.mark.parametrize(
    ("toml", "page", "says"),
    [
        ("schema = 2", "# A", "must say: schema = 1"),
        ("schema = ", "# A", "cannot be read"),
        ("schema = 1\ncolour = 3", "# A", "unknown word colour"),
        ("schema = 1\nminutes = true", "# A", "no number"),
        ("schema = 1\nshown = [1]", "# A", "no list of names"),
        ("schema = 1\nneeds = 'socket'", "# A", "no list of names"),
        ("schema = 1", "{{gone.py}}", "no code called gone.py"),
        ("schema = 1", "{{../lesson.toml}}", "no code called ../lesson.toml"),
        ("schema = 1", "{{/etc/passwd}}", "no code called /etc/passwd"),
        ("schema = 1", "{{nul\0l}}", "no code called"),
        ("schema = 1", "[a](other.md)", "leads nowhere: other.md"),
        ("schema = 1", "[a](lesson:none)", "leads nowhere"),
        ("schema = 1", "[a](javascript:x)", "leads nowhere"),
    ],
)
def test_a_lesson_of_garbage_is_a_sentence_and_the_others_are_there(
    tmp_path: Path, toml: str, page: str, says: str
) -> None:
    made(tmp_path, "01-good")
    made(tmp_path, "02-bad", toml, page)
    found = lessons.shelf(tmp_path)
    assert [one.name for one in found.lessons] == ["01-good"]
    assert [says in str(fault) for fault in found.faults] == [True]


def test_a_folder_of_garbage(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "a.txt").write_bytes(bytes(range(256)))
    with pytest.raises(LessonError, match="There are no lessons in"):
        lessons.shelf(tmp_path)
    bad = made(tmp_path, "01-bytes")
    (bad / "page.en.md").write_bytes(bytes(range(256)))
    large = made(tmp_path, "02-large")
    (large / "page.en.md").write_bytes(b"a" * 300_000)
    (made(tmp_path, "03-folder") / "page.fr.md").mkdir()
    (made(tmp_path, "04 blank") / "page.en.md").write_text("")
    (made(tmp_path, "05-link") / "snippets" / "x.py").symlink_to("/etc/hostname")
    (tmp_path / "05-link" / "page.en.md").write_text("{{x.py}}\n")
    found = lessons.shelf(tmp_path)
    assert found.lessons == ()
    assert len(found.faults) == 5
    assert all(str(fault).endswith(".") for fault in found.faults)
