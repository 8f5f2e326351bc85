"""The catalogues of sentences: extract from the code, update each language, compile.

    python3 studio.py messages                    after a change to a sentence in the code
    python3 studio.py messages --missing FILE     what has no translation yet, to fill in (tests/tools/translations.py)
    python3 studio.py messages --merge FILE       what was filled in

``resources/locale/natmod.pot`` is the template, ``<language>/LC_MESSAGES/natmod.{po,mo}`` the languages. English is
written by this command: each translation is the message itself. Other languages keep what their translators wrote; new
messages come without a translation (and are then shown in English). Nothing here depends on the time or on line
numbers, so that the files change only when a sentence does. What argparse says of itself is in the catalogue, too.
"""

from __future__ import annotations

import io
import re
import string
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import ClassVar

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

from tests.homes import CHECKOUT
from tests.tools.streams import show

LOCALE = CHECKOUT / "resources" / "locale"
ENGLISH = "en"
_DOMAIN = "natmod"
_KEYWORDS = {"_": None, "_n": (1, 2)}
#: What argparse says, through gettext, to somebody who types ``natmod``: the keys that it looks up.
ARGPARSE: tuple[str | tuple[str, str], ...] = (
    "%(prog)s: error: %(message)s\n",
    ("expected %s argument", "expected %s arguments"),
    "ambiguous option: %(option)s could match %(matches)s",
    "argument %(argument_name)s: %(message)s",
    "expected at least one argument",
    "expected at most one argument",
    "expected one argument",
    "ignored explicit argument %r",
    "invalid %(type)s value: %(value)r",
    "invalid choice: %(value)r (choose from %(choices)s)",
    "not allowed with argument %s",
    "one of the arguments %s is required",
    "options",
    "positional arguments",
    "show this help message and exit",
    "the following arguments are required: %s",
    "unrecognized arguments: %s",
    "usage: ",
)
#: One fixed moment: a catalogue is dated by git.
_WHEN = datetime(2026, 1, 1, tzinfo=UTC)


class _Catalog(Catalog):
    """A catalogue that does not depend on the release of Babel that writes it, and does not name it."""

    #: As the catalogues were written. Babel 2.19 wants a third form for a million in French, which no sentence needs.
    _FORMS: ClassVar[dict[str, tuple[int, str]]] = {"fr": (2, "(n > 1)")}

    @property
    def num_plurals(self) -> int:
        return self._forms()[0]

    @property
    def plural_expr(self) -> str:
        return self._forms()[1]

    def _forms(self) -> tuple[int, str]:
        return self._FORMS.get(self.locale_identifier or "") or (super().num_plurals, super().plural_expr)

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in super().mime_headers if name != "Generated-By"]


def sources() -> list[Path]:
    """The files that hold sentences."""
    folders = (CHECKOUT / "toolchains", CHECKOUT / "ide")
    return [CHECKOUT / "studio.py", *sorted(path for folder in folders for path in folder.rglob("*.py"))]


@cache
def template() -> Catalog:
    """Every message of the code, with the file it is in. Read once: nobody changes the code meanwhile."""
    catalog = _new(None)
    for path in sources():
        for _line, message, comments, _context in extract_from_file("python", path, _KEYWORDS, ["l10n:"]):
            where = [(path.relative_to(CHECKOUT).as_posix(), 0)]
            catalog.add(message, locations=where, auto_comments=comments)
    for message in ARGPARSE:
        catalog.add(message, locations=[("argparse", 0)])
    return catalog


def _new(language: str | None) -> Catalog:
    return _Catalog(
        locale=language,
        header_comment="# Sentences of Natmod Studio. Refresh with: python3 studio.py messages\n#",
        domain=_DOMAIN,
        project="Natmod Studio",
        version="1",
        copyright_holder="the Natmod Studio authors",
        msgid_bugs_address="the project's issues",
        creation_date=_WHEN,
        revision_date=_WHEN,
        last_translator="the Natmod Studio authors",
        language_team=language or "",
        fuzzy=False,
    )


def languages() -> list[str]:
    """The languages that there are, English first."""
    others = {path.parts[-3] for path in LOCALE.glob(f"*/LC_MESSAGES/{_DOMAIN}.po")} - {ENGLISH}
    return [ENGLISH, *sorted(others)]


def file_of(language: str, suffix: str) -> Path:
    """The ``po`` or ``mo`` file of a language."""
    return LOCALE / language / "LC_MESSAGES" / f"{_DOMAIN}.{suffix}"


def updated(language: str, messages: Catalog) -> Catalog:
    """The catalogue of a language for the messages of today; what its translators wrote is kept."""
    catalog = _new(language)
    written = _new(language)
    if language != ENGLISH and file_of(language, "po").is_file():
        with file_of(language, "po").open("rb") as file:
            written = read_po(file, locale=language, domain=_DOMAIN)
    for message in messages:
        if not message.id:
            continue
        old = written.get(message.id)
        text = message.id if language == ENGLISH else _empty(message, catalog) if old is None else old.string
        translators = old.user_comments if old is not None else []
        catalog.add(
            message.id,
            text,
            locations=message.locations,
            auto_comments=message.auto_comments,
            user_comments=translators,
            flags=["fuzzy"] if old is not None and old.fuzzy else [],
        )
    return catalog


def _empty(message: Message, catalog: Catalog) -> str | tuple[str, ...]:
    return "" if isinstance(message.id, str) else ("",) * catalog.num_plurals


def po_bytes(catalog: Catalog) -> bytes:
    """A catalogue as a ``.po`` (or ``.pot``) file."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=110, sort_output=True, include_lineno=False)
    return buffer.getvalue()


def mo_bytes(catalog: Catalog) -> bytes:
    """A catalogue as the ``.mo`` file that gettext reads."""
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def files() -> Iterator[tuple[Path, bytes]]:
    """Every file of the catalogue as it should be."""
    messages = template()
    yield LOCALE / f"{_DOMAIN}.pot", po_bytes(messages)
    for language in languages():
        catalog = updated(language, messages)
        yield file_of(language, "po"), po_bytes(catalog)
        yield file_of(language, "mo"), mo_bytes(catalog)


def fields(text: str) -> set[str]:
    """The named fields of a sentence."""
    return {name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}


def _placeholders(text: str) -> set[str]:
    """Named fields, and those of the sentences of argparse, which writes them in the manner of printf."""
    return fields(text) | set(re.findall(r"%(?:\(\w+\))?[sr]", text))


def faults(language: str) -> Iterator[str]:
    """What is wrong with the compiled catalogue of a language: fields that differ from the message's."""
    with file_of(language, "mo").open("rb") as file:
        compiled = read_mo(file)
    for message in compiled:
        if message.id:
            yield from faults_of(message, language)


def faults_of(message: Message, language: str) -> Iterator[str]:
    """What is wrong with one translation."""
    ids = message.id if isinstance(message.id, (list, tuple)) else (message.id,)
    texts = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
    wanted = set().union(*(_placeholders(text) for text in ids))
    for text in texts:
        try:
            # A plural form may leave the number out ("one file").
            wrong = _placeholders(text) ^ wanted if len(ids) == 1 else _placeholders(text) - wanted
        except ValueError as error:
            yield f"{language}: {text!r}: {error}"
            continue
        if text and wrong:
            yield f"{language}: {text!r} has other fields than {ids[0]!r}: {', '.join(sorted(wrong))}"


def write(language: str, catalog: Catalog) -> None:
    """Write both files of a language."""
    file_of(language, "po").parent.mkdir(parents=True, exist_ok=True)
    file_of(language, "po").write_bytes(po_bytes(catalog))
    file_of(language, "mo").write_bytes(mo_bytes(catalog))


def forms(message: Message) -> tuple[str, ...]:
    """The translation of a message in all its forms; an empty text for one that is missing."""
    return tuple(message.string) if isinstance(message.string, (list, tuple)) else (str(message.string),)


def main() -> int:
    """Write every file that is not as it should be."""
    for path, content in files():
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            show(f"written: {path.relative_to(CHECKOUT)}")
    total = sum(1 for message in template() if message.id)
    for language in languages():
        with file_of(language, "po").open("rb") as file:
            done = sum(1 for message in read_po(file) if message.id and all(forms(message)) and not message.fuzzy)
        show(f"{language}: {done} of {total} sentences")
    return 0


if __name__ == "__main__":
    from tests.tools import translations  # which needs this module

    asked = translations.main(sys.argv[1:]) if sys.argv[1:] else 0
    sys.exit(main() or asked)
