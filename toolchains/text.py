"""Sentences for people, kept as data until the moment they are shown.

A sentence is written once, in English, as ``_("built {name} in {time}", name=..., time=...)``. Babel extracts the
first argument; the fields are filled in after translation, so an error raised deep in the engine is shown in the
language of whoever looks at it. Design.md section 10.
"""

from __future__ import annotations

import gettext as _gettext
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

DOMAIN = "natmod"
_WIDE_STOPS = ("。", "？", "！", "：")

_active: _gettext.NullTranslations = _gettext.NullTranslations()


@dataclass(frozen=True)
class Text:
    """One sentence: its message id (the English text), the plural form if it has one, and its named fields."""

    msgid: str
    fields: Mapping[str, object] = field(default_factory=dict)
    plural: str | None = None
    count: int = 0

    def __str__(self) -> str:
        if self.plural is None:
            template = _active.gettext(self.msgid)
        else:
            template = _active.ngettext(self.msgid, self.plural, self.count)
        return template.format_map(self.fields) if self.fields else template.replace("{{", "{").replace("}}", "}")


def _(msgid: str, **fields: object) -> Text:
    """A sentence with named fields; rendered, in the active language, by ``str()``."""
    return Text(msgid, fields)


def _n(one: str, many: str, n: int, **fields: object) -> Text:
    """A sentence whose form depends on the count ``n`` (available as the field ``{n}``)."""
    return Text(one, {"n": n, **fields}, many, n)


def sentences(*parts: object) -> str:
    """Sentences one after the other: a space between them, but none after a full-width stop (Chinese)."""
    said = ""
    for part in map(str, parts):
        said += part if not said or said.endswith(_WIDE_STOPS) else f" {part}"
    return said


def use_language(locale_dir: Path, language: str | None) -> None:
    """Make ``language`` (a code such as ``fr``) the active one; ``None`` or an unknown code gives English."""
    global _active
    if language is None:
        _active = _gettext.NullTranslations()
    else:
        _active = _gettext.translation(DOMAIN, localedir=locale_dir, languages=[language], fallback=True)
