"""Which language of the catalogue a person reads: the one that was asked for, else the system's, else English."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from toolchains.errors import UsageError
from toolchains.host import Host
from toolchains.paths import resources
from toolchains.text import DOMAIN, _, use_language

ENGLISH = "en"
#: Names the language of every command of a session; ``natmod --lang`` goes before it, the system's language after it.
VARIABLE = "NATMOD_LANG"
#: Scripts and regions that write traditional characters. Windows has the name zh_CHT.
_TRADITIONAL = {"hant", "tw", "hk", "mo", "cht"}
_NEUTRAL = {"c", "posix"}


def folder() -> Path:
    """Where the catalogues are."""
    return resources() / "locale"


def known() -> list[str]:
    """The languages that there are, sorted."""
    return sorted(path.parts[-3] for path in folder().glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))


def match(wish: str, languages: Iterable[str]) -> str | None:
    """The one of ``languages`` for a wish such as ``fr``, ``fr_CA.UTF-8`` or ``zh-Hant-HK``; None if there is none."""
    language, *rest = re.split(r"[-_.@]", wish.strip().lower())
    if language in _NEUTRAL:
        language = ENGLISH
    if language == "zh":
        language = "zh_TW" if "hans" not in rest and _TRADITIONAL & set(rest) else "zh_CN"
    return language if language in languages else None


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
    wishes = [host.environ.get(VARIABLE, ""), *host.languages()]
    there = known()
    return next((found for wish in wishes if wish and (found := match(wish, there))), ENGLISH)


def use(language: str) -> None:
    """Speak ``language`` from now on."""
    use_language(folder(), None if language == ENGLISH else language)
