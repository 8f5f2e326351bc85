"""Lessons as folders: ours in ``resources/learn``, a teacher's anywhere. Read as something that nobody checked.

A lesson is a folder: ``lesson.toml``, a page for each language (``page.fr.md``), ``snippets`` (Python files, or folders
that are projects), ``exercise`` (a project with tests) and ``solution`` (files that go over the exercise). A page names
code by a line of its own: ``{{hello.py}}`` or ``{{square/square.c}}``; so the code is one text for all languages.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from toolchains.errors import DiskError, StudioError, disk_errors
from toolchains.host_languages import ENGLISH
from toolchains.paths import resources
from toolchains.text import Text, _

SCHEMA = 1
FILE, SNIPPETS, EXERCISE, SOLUTION = "lesson.toml", "snippets", "exercise", "solution"
_LISTS = ("shown", "needs", "computer")
_KEYS = {"schema", "minutes", *_LISTS}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_PAGE = re.compile(r"page\.([A-Za-z]{2,3}(?:_[A-Za-z]{2,4})?)\.md")
_SNIPPET = re.compile(r"^\{\{([^{}\n]+)\}\}[ \t]*$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
#: Links that a page may have, besides those to lessons.
_WEB = ("https://", "http://")
TO_LESSON = "lesson:"
_MOST_BYTES = 256 * 1024
_MOST_LESSONS = 200


class LessonError(StudioError):
    """A lesson's folder is not what it has to be."""

    code = "lesson"


@dataclass(frozen=True)
class Lesson:
    """One lesson. ``languages``: those of its pages. ``shown``: snippets that are only for a firmware: not tried.

    ``needs``: modules without which a board cannot run its code. ``computer``: snippets that are the other end of a
    connection, and run on this computer.
    """

    folder: Path
    minutes: int
    languages: tuple[str, ...]
    shown: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    computer: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """``01-running``."""
        return self.folder.name

    @property
    def exercise(self) -> Path | None:
        """The project that its check is about."""
        found = self.folder / EXERCISE
        return found if found.is_dir() else None

    def page(self, language: str) -> str:
        """Its text in a language, else in English, else in any. Raises LessonError, DiskError."""
        chosen = next((one for one in (language, ENGLISH) if one in self.languages), self.languages[0])
        return _text(self.folder / f"page.{chosen}.md")

    def title(self, language: str) -> str:
        """The page's first heading, without its number sign; the folder's name where there is none."""
        found = re.search(r"^# +(.+)$", self.page(language), re.MULTILINE)
        return found[1].strip() if found else self.name

    def code(self, snippet: str) -> str:
        """A snippet's text. Raises LessonError where there is none, or the name leads elsewhere."""
        return _text(self.file(snippet))

    def file(self, snippet: str) -> Path:
        """Where a snippet is. Raises LessonError."""
        inside = (self.folder / SNIPPETS).resolve()
        try:
            found = (inside / snippet).resolve()
            there = found.is_relative_to(inside) and found.is_file()
        except (OSError, ValueError):
            there = False
        if not there:
            raise LessonError(
                _("Lesson {lesson} has no code called {name}.", lesson=self.name, name=snippet),
                next_step=_("Put the file into its folder {folder}.", folder=SNIPPETS),
                snippet=snippet,
            )
        return found

    def project(self, snippet: str) -> Path | None:
        """The project that a snippet is a file of; None where it is a program by itself."""
        path = self.file(snippet).relative_to((self.folder / SNIPPETS).resolve())
        return self.folder / SNIPPETS / path.parts[0] if len(path.parts) > 1 else None

    def tried(self, snippet: str) -> bool:
        """Whether it can run on a board as it is."""
        if snippet in self.shown or snippet in self.computer:
            return False
        return snippet.endswith(".py") or self.project(snippet) is not None

    def runs_here(self, snippet: str) -> bool:
        """Whether it may run on this computer: only what we wrote ourselves does."""
        return snippet in self.computer and self.folder.parent == ours()


@dataclass(frozen=True)
class _Table:
    """What lesson.toml says."""

    minutes: int
    lists: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Shelf:
    """The lessons of a folder, in order, and what is wrong with those that cannot be read."""

    lessons: tuple[Lesson, ...]
    faults: tuple[StudioError, ...] = ()

    def named(self, name: str) -> Lesson:
        """The lesson with this name, or whose name begins so. Raises LessonError."""
        fits = [one for one in self.lessons if one.name == name]
        fits = fits or [one for one in self.lessons if name and one.name.startswith(name)]
        if len(fits) == 1:
            return fits[0]
        raise LessonError(
            _("There is no lesson called {name}.", name=f'"{name}"'),
            next_step=_("There are: {files}.", files=", ".join(one.name for one in self.lessons) or "–"),
        )


def ours() -> Path:
    """The folder of our own lessons."""
    return resources() / "learn"


def shelf(folder: Path | None = None) -> Shelf:
    """The lessons of a folder (ours by default). Raises LessonError where there are none at all, DiskError."""
    place = folder or ours()
    with disk_errors(place):
        inside = sorted(path for path in place.iterdir() if path.is_dir() and not path.name.startswith("."))
    found: list[Lesson] = []
    faults: list[StudioError] = []
    for path in inside[:_MOST_LESSONS]:
        if not looks_like_one(path):
            continue
        try:
            found.append(read(path))
        except (LessonError, DiskError) as error:
            faults.append(error)
    if not found and not faults:
        raise LessonError(
            _("There are no lessons in {folder}.", folder=place),
            next_step=_("A lesson is a folder with {file} and a page such as page.en.md.", file=FILE),
        )
    return Shelf(tuple(found), tuple(faults))


def looks_like_one(folder: Path) -> bool:
    """Whether somebody meant it to be a lesson."""
    try:
        return (folder / FILE).exists() or any(folder.glob("page.*.md"))
    except OSError:
        return False


def read(folder: Path) -> Lesson:
    """A lesson's folder as a record; every page is read and every name in it looked up. Raises LessonError."""
    if not _NAME.fullmatch(folder.name):
        raise _bad(folder, _("its folder's name may have letters, digits, - and _ only"))
    table = _table(folder)
    languages = tuple(sorted(found[1] for path in folder.iterdir() if (found := _PAGE.fullmatch(path.name))))
    if not languages:
        raise _bad(folder, _("it has no page such as page.en.md"))
    lesson = Lesson(folder, table.minutes, languages, **table.lists)
    for language in languages:
        _look_at_page(lesson, language)
    return lesson


def snippets(page: str) -> tuple[str, ...]:
    """The code that a page names, in order, each once."""
    return tuple(dict.fromkeys(name.strip() for name in _SNIPPET.findall(page)))


def links(page: str) -> tuple[str, ...]:
    """Where its links lead."""
    return tuple(dict.fromkeys(_LINK.findall(page)))


def with_code(page: str, show: dict[str, str]) -> str:
    """The page with what ``show`` has in the place of each name of code."""
    return _SNIPPET.sub(lambda found: show.get(found[1].strip(), ""), page)


def _look_at_page(lesson: Lesson, language: str) -> None:
    page = lesson.page(language)
    for snippet in snippets(page):
        lesson.code(snippet)
    for link in links(page):
        target = link.removeprefix(TO_LESSON)
        if link.startswith(_WEB) or (link.startswith(TO_LESSON) and looks_like_one(lesson.folder.parent / target)):
            continue
        raise _bad(lesson.folder, _("a link of page.{language}.md leads nowhere: {link}", language=language, link=link))


def _table(folder: Path) -> _Table:
    path = folder / FILE
    if not path.is_file():
        raise _bad(folder, _("it has no {file}", file=FILE))
    try:
        table = tomllib.loads(_text(path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _bad(folder, _("{file} cannot be read ({reason})", file=FILE, reason=error)) from error
    unknown = sorted(set(table) - _KEYS)
    if unknown:
        raise _bad(folder, _("{file} has the unknown word {key}", file=FILE, key=unknown[0]))
    minutes = table.get("minutes", 10)
    if table.get("schema") != SCHEMA:
        raise _bad(folder, _("{file} must say: schema = 1", file=FILE))
    if type(minutes) is not int or not 0 < minutes < 1000:
        raise _bad(folder, _("minutes in {file} is no number from 1 to 999", file=FILE))
    lists = {key: table.get(key, []) for key in _LISTS}
    for key, names in lists.items():
        if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
            raise _bad(folder, _("{key} in {file} is no list of names", key=key, file=FILE))
    return _Table(minutes, {key: tuple(names) for key, names in lists.items()})


def _bad(folder: Path, why: Text) -> LessonError:
    return LessonError(
        _("Lesson {name} cannot be used: {why}.", name=folder.name, why=why),
        next_step=_("Mend it in {folder}, then open the lessons again.", folder=folder),
        folder=str(folder),
    )


def _text(path: Path) -> str:
    with disk_errors(path), path.open("rb") as file:
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise _bad(path.parent, _("{file} is larger than 256 kB", file=path.name))
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise _bad(path.parent, _("{file} is no text in UTF-8", file=path.name)) from error
