"""The catalogues of sentences: extract from the code, update each language, compile.

``resources/locale/natmod.pot`` is the template, ``<language>/LC_MESSAGES/natmod.{po,mo}`` the languages. English is
written by this command: each translation is the message itself. Other languages keep what their translators wrote; new
messages come without a translation (and are then shown in English). Nothing here depends on the time or on line
numbers, so that the files change only when a sentence does.
"""

from __future__ import annotations

import io
import string
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

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
#: One fixed moment: a catalogue is dated by git.
_WHEN = datetime(2026, 1, 1, tzinfo=UTC)


class _Catalog(Catalog):
    """A catalogue that does not name the release of Babel that wrote it."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in super().mime_headers if name != "Generated-By"]


def sources() -> list[Path]:
    """The files that hold sentences."""
    folders = (CHECKOUT / "toolchains", CHECKOUT / "ide")
    return [CHECKOUT / "studio.py", *sorted(path for folder in folders for path in folder.rglob("*.py"))]


def template() -> Catalog:
    """Every message of the code, with the file it is in."""
    catalog = _empty(None)
    for path in sources():
        for _line, message, comments, _context in extract_from_file("python", path, _KEYWORDS, ["l10n:"]):
            where = [(path.relative_to(CHECKOUT).as_posix(), 0)]
            catalog.add(message, locations=where, auto_comments=comments)
    return catalog


def _empty(language: str | None) -> Catalog:
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
    catalog = _empty(language)
    written = _empty(language)
    if language != ENGLISH and file_of(language, "po").is_file():
        with file_of(language, "po").open("rb") as file:
            written = read_po(file, locale=language, domain=_DOMAIN)
    for message in messages:
        if not message.id:
            continue
        old = written.get(message.id)
        text = message.id if language == ENGLISH else _empty_like(message) if old is None else old.string
        translators = old.user_comments if old is not None else []
        catalog.add(
            message.id,
            text,
            locations=message.locations,
            auto_comments=message.auto_comments,
            user_comments=translators,
        )
    return catalog


def _empty_like(message: Message) -> str | tuple[str, ...]:
    return "" if isinstance(message.id, str) else ("",) * len(message.id)


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


def faults(language: str) -> Iterator[str]:
    """What is wrong with the compiled catalogue of a language: fields that differ from the message's."""
    with file_of(language, "mo").open("rb") as file:
        compiled = read_mo(file)
    for message in compiled:
        if message.id:
            yield from _faults_of(message, language)


def _faults_of(message: Message, language: str) -> Iterator[str]:
    ids = message.id if isinstance(message.id, (list, tuple)) else (message.id,)
    texts = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
    wanted = set().union(*(fields(text) for text in ids))
    for text in texts:
        try:
            # A plural form may leave the number out ("one file").
            wrong = fields(text) ^ wanted if len(ids) == 1 else fields(text) - wanted
        except ValueError as error:
            yield f"{language}: {text!r}: {error}"
            continue
        if text and wrong:
            yield f"{language}: {text!r} has other fields than {ids[0]!r}: {', '.join(sorted(wrong))}"


def main() -> int:
    """Write every file that is not as it should be."""
    for path, content in files():
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            show(f"written: {path.relative_to(CHECKOUT)}")
    messages = len(template())
    for language in languages():
        with file_of(language, "po").open("rb") as file:
            done = sum(1 for message in read_po(file) if message.id and all(_forms(message)))
        show(f"{language}: {done} of {messages} sentences")
    return 0


def _forms(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, (list, tuple)) else (str(message.string),)


if __name__ == "__main__":
    sys.exit(main())
