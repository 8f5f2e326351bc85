"""The languages that a person has asked for, or told the system. Standard library only: studio.py has nothing else.

POSIX says them in the environment (gettext's rules), macOS also in the file that ``defaults read -g AppleLanguages``
shows, Windows by GetUserDefaultUILanguage. :meth:`toolchains.host.Host.languages` is the door to these.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ENGLISH = "en"
OPTION = "--lang"
#: Names the language of every command of a session; ``--lang`` goes before it, the system's language after it.
VARIABLE = "NATMOD_LANG"
_NEUTRAL = ("C", "POSIX")
_MACOS_SETTINGS = "Library/Preferences/.GlobalPreferences.plist"
#: Scripts and regions that write traditional characters. Windows has the name zh_CHT.
_TRADITIONAL = {"hant", "tw", "hk", "mo", "cht"}


def taken(args: Sequence[str]) -> tuple[str | None, list[str]]:
    """What ``--lang`` says, wherever it stands, and the other words. One without a value is left to argparse."""
    wish, rest = None, []
    words = iter(args)
    for word in words:
        option, equals, value = word.partition("=")
        if word == "--":
            rest += [word, *words]
        elif option != OPTION:
            rest.append(word)
        elif equals:
            wish = value
        else:
            following = next(words, "")
            if following and not following.startswith("-"):
                wish = following
            else:
                rest += [word, *filter(None, [following])]
    return wish, rest


def match(wish: str, languages: Iterable[str]) -> str | None:
    """The one of ``languages`` for a wish such as ``fr``, ``fr_CA.UTF-8`` or ``zh-Hant-HK``; None if there is none."""
    language, *rest = re.split(r"[-_.@]", wish.strip().lower())
    if language.upper() in _NEUTRAL:
        language = ENGLISH
    if language == "zh":
        language = "zh_TW" if "hans" not in rest and _TRADITIONAL & set(rest) else "zh_CN"
    return language if language in languages else None


def first(wishes: Iterable[str], languages: Sequence[str]) -> str:
    """The language for the first of the wishes that can be met; English if none can."""
    return next((found for wish in wishes if wish and (found := match(wish, languages))), ENGLISH)


def for_setting_up(args: Sequence[str], languages: Sequence[str]) -> list[str]:
    """What gettext wants to be told by a program that has nothing but these functions: the one language to speak."""
    from toolchains import lab
    from toolchains.host import Host

    host = Host.current()
    wishes = [taken(args)[0] or "", host.environ.get(VARIABLE, ""), lab.beside().language, *host.languages()]
    return [first(wishes, languages)]


def from_environment(environ: Mapping[str, str]) -> list[str]:
    """Best first, as written there: ``fr_CA.UTF-8``, ``zh_TW``. ``C`` alone where neutral words are asked for."""
    variables = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((environ[name] for name in variables if environ.get(name)), "")
    if locale in _NEUTRAL:
        return [locale]  # gettext then ignores LANGUAGE, too
    return [word for word in [*environ.get("LANGUAGE", "").split(":"), locale] if word]


def of_macos(home: Path) -> list[str]:
    """The languages of System Settings, such as ``zh-Hant-TW``, best first; none where they cannot be read."""
    import plistlib

    try:
        settings = plistlib.loads((home / _MACOS_SETTINGS).read_bytes(), fmt=plistlib.FMT_BINARY)
    except (OSError, plistlib.InvalidFileException):
        return []
    languages = settings.get("AppleLanguages") if isinstance(settings, dict) else None
    return [word for word in languages if isinstance(word, str)] if isinstance(languages, list) else []


def of_windows() -> list[str]:
    """The language that Windows itself is shown in."""
    import locale

    name = locale.windows_locale.get(_windows_ui_language())
    return [name] if name else []


def _windows_ui_language() -> int:
    """A language identifier, such as 0x0404 for Taiwan's Chinese; 0 on other systems."""
    if sys.platform != "win32":
        return 0
    import ctypes

    return int(ctypes.windll.kernel32.GetUserDefaultUILanguage())
