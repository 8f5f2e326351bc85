"""Find and replace in the files of a project. No Qt.

Regular expressions are Python's, looked for within one line (as the editor does in one file); ``\\1`` in a replacement
is the first group. A search runs in a worker; what the editor has not saved yet is given to it as ``unsaved``.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ide.editor.textfile import FileRefused, NotEncodable, TextFile, is_binary, load, save
from toolchains.errors import DiskError, UsageError
from toolchains.jobs import JobContext
from toolchains.text import _

#: Folders that hold nothing a person wrote; hidden ones are never looked into.
SKIPPED = ("build", "build-*", "__pycache__", "node_modules", "venv", "*.egg-info")
#: Bytes of the largest file that is looked into, and hits after which a search stops.
LARGEST = 8 * 1024 * 1024
MOST_HITS = 5000
_LONGEST_LINE = 20_000
_HEAD = 4096
_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n|\Z)")
_EOL = re.compile(r"\r\n|\r|\n")
_SHOWN_BEFORE, _SHOWN = 60, 200


class BadPattern(UsageError):
    """The regular expression, or the replacement, cannot be read."""

    code = "editor.pattern"


@dataclass(frozen=True)
class Query:
    """What is looked for. ``only`` and ``never`` are names or paths with ``*`` (``*.c``, ``src/*``)."""

    text: str
    regex: bool = False
    case: bool = False
    word: bool = False
    only: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    #: What each place would become; None when nothing is to be replaced.
    replacement: str | None = None

    def pattern(self) -> re.Pattern[str]:
        """The expression that finds it. Raises BadPattern."""
        source = self.text if self.regex else re.escape(self.text)
        if self.word:
            source = rf"(?<!\w)(?:{source})(?!\w)"
        try:
            return re.compile(source, 0 if self.case else re.IGNORECASE)
        except (re.error, OverflowError, RecursionError) as error:
            raise BadPattern(_("This regular expression cannot be read: {reason}.", reason=error)) from error


@dataclass(frozen=True)
class Hit:
    """One place. ``start`` and ``end`` count characters of the whole text, ``line`` and ``column`` from 1.

    ``shown`` is (a piece of) the line, ``mark`` where in it the found text is, ``fresh`` what would replace it.
    """

    line: int
    column: int
    start: int
    end: int
    found: str
    shown: str
    mark: tuple[int, int]
    fresh: str | None = None


@dataclass(frozen=True)
class FileHits:
    """The places in one file, in their order."""

    path: Path
    hits: tuple[Hit, ...]


@dataclass(frozen=True)
class Summary:
    """How a search ended. ``cut``: it stopped because there was too much."""

    n_files: int
    n_hits: int
    n_looked: int
    cut: bool = False


def hits_in(text: str, query: Query, pattern: re.Pattern[str] | None = None) -> Iterator[Hit]:
    """The places in one text. Raises BadPattern."""
    pattern = pattern or query.pattern()
    return _by_line(text, query, pattern) if query.regex else _plain(text, query, pattern)


def _by_line(text: str, query: Query, pattern: re.Pattern[str]) -> Iterator[Hit]:
    for number, match in enumerate(_LINE.finditer(text), 1):
        start, end = match.span(1)
        if start < end <= start + _LONGEST_LINE:
            for found in pattern.finditer(match[1]):
                if found.end() > found.start():
                    yield _hit(found, match[1], number, start, query)


def _plain(text: str, query: Query, pattern: re.Pattern[str]) -> Iterator[Hit]:
    """Without a regular expression: only lines with a hit are looked at."""
    number, counted = 1, 0
    ends = [end for end in "\n\r" if end in text]
    for start, _end in _plain_spans(text, query, pattern):
        at = max((text.rfind(end, counted, start) + 1 for end in ends), default=0) or counted
        line = _LINE.match(text, at)
        assert line is not None
        number += _n_line_ends(text, counted, at)
        counted = at
        inside = pattern.search(line[1], start - at)
        if inside is not None:
            yield _hit(inside, line[1], number, at, query)


def _plain_spans(text: str, query: Query, pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Where the very words are. ``str.find`` is ten times as fast as an expression that ignores case."""
    words, looked = query.text, text
    if not words or "\n" in words or "\r" in words:
        return
    if not query.case:
        words, looked = words.lower(), text.lower()
        if len(looked) != len(text) or len(words) != len(query.text):  # a rare letter that becomes two
            yield from (match.span() for match in pattern.finditer(text))
            return
    at = looked.find(words)
    while at >= 0:
        end = at + len(words)
        if query.word and not pattern.match(text, at):
            end = at + 1
        else:
            yield at, end
        at = looked.find(words, end)


def spans_in(text: str, query: Query) -> Iterator[tuple[int, int]]:
    """The places in one text as (start, end) in characters; much faster than whole hits. Raises BadPattern."""
    pattern = query.pattern()
    if not query.regex:
        return _plain_spans(text, query, pattern)
    return (
        (line.start() + found.start(), line.start() + found.end())
        for line in _LINE.finditer(text)
        if 0 < len(line[1]) <= _LONGEST_LINE
        for found in pattern.finditer(line[1])
        if found.end() > found.start()
    )


def _n_line_ends(text: str, start: int, end: int) -> int:
    if text.find("\r", start, end) < 0:
        return text.count("\n", start, end)
    return len(_EOL.findall(text, start, end))


def _hit(match: re.Match[str], line: str, number: int, offset: int, query: Query) -> Hit:
    start, end = match.span()
    cut = max(0, start - _SHOWN_BEFORE)
    return Hit(
        number,
        start + 1,
        offset + start,
        offset + end,
        match[0],
        line[cut : cut + _SHOWN],
        (start - cut, min(end - cut, _SHOWN)),
        _fresh(match, query),
    )


def _fresh(match: re.Match[str], query: Query) -> str | None:
    if query.replacement is None or not query.regex:
        return query.replacement
    try:
        return match.expand(query.replacement)
    except (re.error, IndexError) as error:
        raise BadPattern(_("This replacement cannot be read: {reason}.", reason=error)) from error


def files_below(ctx: JobContext, root: Path, query: Query) -> Iterator[Path]:
    """The files of a project that a search looks into, in the order of their names."""
    for folder, folders, files in os.walk(root):
        ctx.check()
        folders[:] = sorted(name for name in folders if not _is_skipped(name))
        for name in sorted(files):
            path = Path(folder) / name
            if _is_wanted(path, root, query):
                yield path


def _is_skipped(name: str) -> bool:
    return name.startswith(".") or any(fnmatch.fnmatch(name, pattern) for pattern in SKIPPED)


def _is_wanted(path: Path, root: Path, query: Query) -> bool:
    inside = path.relative_to(root).as_posix()

    def matches(pattern: str) -> bool:
        return fnmatch.fnmatch(inside if "/" in pattern else path.name, pattern)

    if query.only and not any(map(matches, query.only)):
        return False
    return not any(map(matches, query.never))


def find(
    ctx: JobContext,
    root: Path,
    query: Query,
    found: Callable[[FileHits], object],
    unsaved: Mapping[Path, str] | None = None,
) -> Summary:
    """Look into all files below ``root``; ``found`` is called, in this thread, for each file with hits.

    Raises BadPattern and Cancelled; files that cannot be read are passed over.
    """
    pattern = query.pattern()
    n_files = n_hits = n_looked = 0
    for path in files_below(ctx, root, query):
        text = unsaved[path] if unsaved and path in unsaved else _text_of(path)
        if text is None:
            continue
        n_looked += 1
        hits = []
        for hit in hits_in(text, query, pattern):
            hits.append(hit)
            if n_hits + len(hits) >= MOST_HITS:
                break
        if hits:
            n_files, n_hits = n_files + 1, n_hits + len(hits)
            found(FileHits(path, tuple(hits)))
        if n_hits >= MOST_HITS:
            return Summary(n_files, n_hits, n_looked, cut=True)
    return Summary(n_files, n_hits, n_looked)


def _text_of(path: Path) -> str | None:
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            return None
        with path.open("rb") as file:
            if is_binary(file.read(_HEAD)):
                return None
        return load(path).text
    except (OSError, DiskError, FileRefused):
        return None


@dataclass(frozen=True)
class Replaced:
    """What a replacement did. ``changed``: files that had changed since the search, and were left alone."""

    files: tuple[Path, ...]
    n_places: int
    changed: tuple[Path, ...] = ()
    failed: tuple[DiskError | NotEncodable | FileRefused, ...] = ()


def replaced(text: str, hits: Sequence[Hit]) -> str | None:
    """The text with these places replaced; None when it is not the text that was searched."""
    parts, last = [], 0
    for hit in hits:
        if text[hit.start : hit.end] != hit.found:
            return None
        parts += [text[last : hit.start], hit.found if hit.fresh is None else hit.fresh]
        last = hit.end
    return "".join([*parts, text[last:]])


def replace(ctx: JobContext, chosen: Collection[FileHits]) -> Replaced:
    """Write the replacements of these places, each file whole or not at all. Raises Cancelled."""
    done: list[Path] = []
    changed: list[Path] = []
    failed: list[DiskError | NotEncodable | FileRefused] = []
    n_places = 0
    for number, one in enumerate(chosen):
        ctx.progress(number, len(chosen), "")
        try:
            file: TextFile = load(one.path)
            text = replaced(file.text, one.hits)
            if text is None:
                changed.append(one.path)
                continue
            save(one.path, text, file.form)
        except (DiskError, NotEncodable, FileRefused) as error:
            failed.append(error)
            continue
        done.append(one.path)
        n_places += len(one.hits)
    return Replaced(tuple(done), n_places, tuple(changed), tuple(failed))
