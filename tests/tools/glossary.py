"""Whether the translations use the words of resources/locale/glossary.json."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from babel.messages import Message

from tests.tools import messages

#: A term in prose: not in an option, a path, a file's name or the words of a command; FILE and PORT stand for others.
_TERM = r'(?<![\w\-/.:$\["])(?<!natmod ){term}(?![\w\-/])(?![.:]\w)(?! ?=)'


@dataclass(frozen=True)
class Term:
    """An English term, what finds it in a sentence, and the words for it in each language."""

    english: str
    pattern: re.Pattern[str]
    words: dict[str, list[str]]


@cache
def terms() -> tuple[Term, ...]:
    """The terms, longest first: a sentence about a native module has the term "native module", not "module"."""
    rows = sorted(_data()["terms"], key=lambda row: -len(row["en"]))
    return tuple(Term(row["en"], _pattern(row["en"]), {k: v for k, v in row.items() if k != "en"}) for row in rows)


def _pattern(term: str) -> re.Pattern[str]:
    plural = f"{re.escape(term[1:-1])}(?:y|ies)" if term.endswith("y") else f"{re.escape(term[1:])}(?:s|es)?"
    return re.compile(_TERM.format(term=f"[{term[0]}{term[0].upper()}]{plural}"))


@cache
def _data() -> dict[str, list[dict[str, str | list[str]]]]:
    return json.loads((messages.LOCALE / "glossary.json").read_text("utf-8"))


def terms_of(sentence: str) -> list[Term]:
    """The terms that a sentence has."""
    rest = re.sub(r"\{\w+[^}]*\}", "{}", sentence)
    found = []
    for term in terms():
        rest, n = term.pattern.subn("{}", rest)
        if n:
            found.append(term)
    return found


def faults_of(message: Message, language: str) -> Iterator[str]:
    """The terms of a message for which its translation has another word than the glossary's."""
    ids = (message.id,) if isinstance(message.id, str) else message.id
    text = " ".join(messages.forms(message)).lower()
    for term in terms_of(ids[0]):
        words = term.words[language]
        if text.strip() and not any(word in text for word in words) and not _is_exempt(term, ids[0], language):
            yield f"{language}: {ids[0]!r} has the term {term.english!r}: write {' or '.join(words)}, not {text!r}"


def _is_exempt(term: Term, sentence: str, language: str) -> bool:
    return any(
        row["en"] == term.english and row["sentence"] == sentence and language in row["languages"]
        for row in _data()["exceptions"]
    )
