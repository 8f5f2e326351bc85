"""Which language of the catalogue a person reads: the one that was asked for, else the system's, else English."""

from __future__ import annotations

from pathlib import Path

from toolchains.errors import UsageError
from toolchains.host import Host
from toolchains.host_languages import ENGLISH, VARIABLE, first, match
from toolchains.paths import resources
from toolchains.text import DOMAIN, _, use_language

_spoken = ENGLISH


def folder() -> Path:
    """Where the catalogues are."""
    return resources() / "locale"


def known() -> list[str]:
    """The languages that there are, sorted."""
    return sorted(path.parts[-3] for path in folder().glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))


def asked_for(wish: str) -> str:
    """The language for what a person typed; :class:`UsageError` names those that there are."""
    found = match(wish, known())
    if found is None:
        raise UsageError(
            _("There are no sentences in the language {name}.", name=f'"{wish}"'),
            next_step=_("Use one of: {known}.", known=", ".join(known())),
            language=wish,
        )
    return found


def of_system(host: Host) -> str:
    """The language of ``NATMOD_LANG``, else the first of the system's languages that there is, else English."""
    return first([host.environ.get(VARIABLE, ""), *host.languages()], known())


def use(language: str) -> None:
    """Speak ``language`` from now on."""
    global _spoken
    _spoken = language
    use_language(folder(), None if language == ENGLISH else language)


def spoken() -> str:
    """The language of now: for pages, which are data in several languages of their own."""
    return _spoken
