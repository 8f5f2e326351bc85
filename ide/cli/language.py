"""The language that ``natmod`` speaks: ``--lang``, else NATMOD_LANG, else the system's; argparse's own words, too."""

from __future__ import annotations

import argparse
import gettext
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from toolchains import lab, languages
from toolchains.host import Host
from toolchains.host_languages import ENGLISH, OPTION, VARIABLE, taken
from toolchains.paths import Paths
from toolchains.text import DOMAIN, _


def speak(args: Sequence[str]) -> tuple[str, list[str]]:
    """Choose the language and begin to speak it; its code, and the words that are left without ``--lang``.

    Raises ``UsageError``, in the system's language, for a language that there is not.
    """
    usual = _usual(Host.current())
    languages.use(usual)
    wish, rest = taken(args)
    language = usual if wish is None else languages.asked_for(wish)
    languages.use(language)
    if not _can_be_written():
        language = ENGLISH
        languages.use(language)
    return language, rest


def _usual(host: Host) -> str:
    """That of NATMOD_LANG, else the room's (lab.toml), else the system's."""
    preset = "" if host.environ.get(VARIABLE) else lab.if_good(Paths.from_environment(host.environ)).language
    return preset or languages.of_system(host)


def _can_be_written() -> bool:
    """Whether standard output has the language's letters: a pipe on Windows has those of one code page only."""
    try:
        # l10n: the name of your language, in your language
        str(_("English")).encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def add_language(parser: argparse.ArgumentParser) -> None:
    """The language option, the same on every verb. :func:`speak` has taken it out; here it is explained."""
    known = ", ".join(languages.known())
    words = _("language of the sentences: {known} (default: NATMOD_LANG, else the system's)", known=known)
    parser.add_argument(OPTION, metavar="LANG", help=str(words))


@contextmanager
def argparse_in(language: str) -> Iterator[None]:
    """While the body runs, argparse finds its words in our catalogue: it asks gettext, which asks LANGUAGE."""
    if language == ENGLISH:
        yield
        return
    domain, before = gettext.textdomain(), os.environ.get("LANGUAGE")
    gettext.bindtextdomain(DOMAIN, str(languages.folder()))
    gettext.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = language
    try:
        yield
    finally:
        gettext.textdomain(domain)
        del os.environ["LANGUAGE"]
        if before is not None:
            os.environ["LANGUAGE"] = before
