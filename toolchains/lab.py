"""``lab.toml``: what a teacher sets for a room of machines. It presets; what a person chose already stays.

Beside studio.py, or in a pack, whose copy is then in the configuration folder. It names things by name only: there is
no command, no address that code comes from, and no path in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from toolchains import languages, portable
from toolchains.errors import StudioError
from toolchains.host_languages import match
from toolchains.mirrors import PRESETS, MirrorError, Mirrors
from toolchains.pack_manifest import LAB
from toolchains.paths import Paths
from toolchains.project_file import Document, Section
from toolchains.sdk_tree import check_supported
from toolchains.text import _

_KEYS = ("language", "board", "sdk", "mirror", "project", "hidden")
_BOARD = re.compile(r"COM\d{1,3}|/dev/(?!.*\.\.)[\w./-]+|sim:\w+|(?:socket|rfc2217)://[\w.-]+:\d{1,5}")
_PROJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_PANEL = re.compile(r"[A-Za-z][\w.-]*")


@dataclass(frozen=True)
class Lab:
    """The presets; empty where there is none.

    ``language`` is a code of the catalogue (``zh_TW``), ``board`` an address (``sim:rv32``, ``COM3``), ``sdk`` a
    MicroPython version, ``mirror`` where downloads come from instead, ``project`` the example that opens first,
    ``hidden`` the panels that are not shown at first.
    """

    language: str = ""
    board: str = ""
    sdk: str = ""
    mirror: Mirrors = field(default_factory=Mirrors)
    project: str = ""
    hidden: tuple[str, ...] = ()


def load(path: Path) -> Lab:
    """Read a ``lab.toml``. Raises :class:`~toolchains.project_file.ProjectFileError`, which names the line."""
    document = Document.read(path)
    document.known((), document.data, _KEYS, {})
    top = document.table(())
    return Lab(
        language=_language(top),
        board=_matching(top, "board", _BOARD, "COM3, /dev/ttyUSB0, sim:rv32"),
        sdk=_sdk(top),
        mirror=_mirror(top),
        project=_matching(top, "project", _PROJECT, "factorial"),
        hidden=_hidden(top),
    )


def file_of(paths: Paths, checkout: Path | None = None) -> Path | None:
    """The lab.toml that holds here: the one beside studio.py, else that of the last pack; None without any."""
    root = checkout or portable.checkout()
    places = [*([root / LAB] if root is not None else []), paths.config / LAB]
    return next((place for place in places if place.is_file()), None)


def of(paths: Paths) -> Lab:
    """The presets that hold here. Raises ProjectFileError."""
    path = file_of(paths)
    return load(path) if path is not None else Lab()


def if_good(paths: Paths) -> Lab:
    """The presets that hold here; none where the file is wrong, which is said elsewhere, once."""
    try:
        return of(paths)
    except StudioError:
        return Lab()


def _matching(top: Section, name: str, form: re.Pattern[str], example: str) -> str:
    value = top.text(name) or ""
    if value and not form.fullmatch(value):
        top.fail(name, _('"{key}" cannot be that.', key=name), _("Write it like {example}.", example=example))
    return value


def _language(top: Section) -> str:
    value = top.text("language")
    if value is None:
        return ""
    known = languages.known()
    found = match(value, known)
    if found is None:
        step = _("Use one of: {known}.", known=", ".join(known))
        top.fail("language", _('"{key}" cannot be that.', key="language"), step)
    return found


def _sdk(top: Section) -> str:
    value = (top.text("sdk") or "").removeprefix("v")
    if value:
        try:
            check_supported(value)
        except StudioError as error:
            top.fail("sdk", error.what, error.next_step)
    return value


def _mirror(top: Section) -> Mirrors:
    """A preset's id, what stands in for github.com, or a table with the keys of mirrors.toml."""
    value = top.values.get("mirror")
    if not isinstance(value, Mapping):
        word = top.text("mirror") or ""
        value = {"github_assets": next((one.github_assets for one in PRESETS if one.id == word), word)}
    try:
        return Mirrors.from_mapping(value, LAB)
    except MirrorError as error:
        top.fail("mirror", error.what, error.why)


def _hidden(top: Section) -> tuple[str, ...]:
    found = top.texts("hidden") or ()
    for index, name in enumerate(found):
        if not _PANEL.fullmatch(name):
            step = _("Write it like {example}.", example='hidden = ["race", "tests"]')
            top.fail("hidden", _('"{key}" has something that is no name of a panel.', key="hidden"), step, index)
    return found
