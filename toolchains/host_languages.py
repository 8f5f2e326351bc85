"""The languages that a person has told the system, for :meth:`toolchains.host.Host.languages`.

POSIX says them in the environment (gettext's rules), macOS also in the file that ``defaults read -g AppleLanguages``
shows, Windows by GetUserDefaultUILanguage.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

_NEUTRAL = ("C", "POSIX")
_MACOS_SETTINGS = "Library/Preferences/.GlobalPreferences.plist"


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
        settings = plistlib.loads((home / _MACOS_SETTINGS).read_bytes())
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
