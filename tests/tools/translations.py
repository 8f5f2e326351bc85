"""What still has to be translated, as one JSON file to fill in, and the way back into the catalogues.

    python3 studio.py messages --missing work.json    write every sentence that some language lacks
    python3 studio.py messages --merge work.json      put what was filled in into the catalogues, and compile them

The file is a list with one object a sentence: ``en`` is the sentence (one with two forms, for one and for many, is a
list), ``where`` the file that it is in, and under each language its translation, empty where there is none yet. A
sentence with forms has a list of as many as the language has (French two, Chinese one). Fill in what is empty, with the
same ``{fields}``; resources/locale/glossary.json has the words to use. French is typed with ordinary spaces: the ones
that must not break (before : ; ? ! » and after «) are put in on merging.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message

from tests.tools import messages
from tests.tools.streams import show

#: The languages that the product is complete in; English is the sentences themselves.
LANGUAGES = ("fr", "zh_CN", "zh_TW")

Row = dict[str, str | list[str]]


def is_done(message: Message) -> bool:
    """Whether a message has all its forms, none of them a guess (fuzzy)."""
    return all(messages.forms(message)) and not message.fuzzy


def missing(language: str) -> list[Message]:
    """The sentences of today's code that a language lacks."""
    return [m for m in messages.updated(language, messages.template()) if m.id and not is_done(m)]


def rows() -> list[Row]:
    """A row for each sentence that some language lacks, by the file that it is in."""
    template = messages.template()
    catalogs = {language: messages.updated(language, template) for language in LANGUAGES}
    found: list[tuple[str, Row]] = []
    for message in template:
        translated = {language: catalog.get(message.id) for language, catalog in catalogs.items()}
        if message.id and not all(one is not None and is_done(one) for one in translated.values()):
            found.append((message.locations[0][0], _row(message, translated)))
    return [row for _where, row in sorted(found, key=lambda pair: (pair[0], str(pair[1]["en"])))]


def _row(message: Message, translated: dict[str, Message | None]) -> Row:
    row: Row = {"where": message.locations[0][0], "en": _plain(message.id)}
    if message.auto_comments:
        row["note"] = " ".join(message.auto_comments)
    return row | {language: _plain(one.string) for language, one in translated.items() if one is not None}


def _plain(text: str | tuple[str, ...] | list[str]) -> str | list[str]:
    return text if isinstance(text, str) else list(text)


def merge(filled: list[Row]) -> Iterator[str]:
    """Put the translations of ``filled`` into the catalogues; yields what is wrong with rows that were left out."""
    template = messages.template()
    for language in LANGUAGES:
        catalog = messages.updated(language, template)
        for row in filled:
            problem = _put(catalog, language, row)
            if problem:
                yield problem
        messages.write(language, catalog)


def _put(catalog: Catalog, language: str, row: Row) -> str | None:
    texts = [typeset(language, text) for text in _listed(row.get(language, ""))]
    if not any(texts):
        return None
    source = row["en"]
    message = catalog.get(source if isinstance(source, str) else tuple(source))
    if message is None:
        return f"{language}: no code says {source!r} (any more)"
    wanted = 1 if isinstance(source, str) else catalog.num_plurals
    if len(texts) != wanted or not all(texts):
        return f"{language}: {source!r} needs {wanted} forms, not {texts!r}"
    tried = Message(message.id, texts[0] if isinstance(source, str) else tuple(texts))
    wrong = list(messages.faults_of(tried, language))
    if wrong:
        return wrong[0]
    message.string = tried.string
    message.flags.discard("fuzzy")
    return None


def _listed(text: str | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else text


def typeset(language: str, text: str) -> str:
    """French with spaces that do not break where its rules want them; other languages as they are."""
    if language != "fr":
        return text
    return re.sub(r"(?<=«) | (?=[:;?!»%](?:[^\w/]|$))| (?=(?:[kMGT]?o|s|min)\b(?!'))", "\u00a0", text)


def main(args: list[str]) -> int:
    """``--missing FILE`` or ``--merge FILE``."""
    action, file = args[0], Path(args[1])
    if action == "--missing":
        found = rows()
        file.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
        show(f"{file}: {len(found)} sentences; fill them in, then: python3 studio.py messages --merge {file}")
        return 0
    problems = list(merge(json.loads(file.read_text("utf-8"))))
    for problem in problems:
        show(f"left out: {problem}")
    return 1 if problems else 0
