"""``lab.toml``: what a teacher sets for a room of machines. It presets; what a person chose already stays.

Beside studio.py, or in a pack, whose copy is then in the configuration folder. It names things by name only: there is
no command, no address that code comes from, and no path in it.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toolchains import portable
from toolchains.errors import StudioError, disk_errors
from toolchains.paths import Paths
from toolchains.text import _

# What reads the file is loaded where there is one: every start asks.
if TYPE_CHECKING:
    from toolchains.mirrors import Mirrors
    from toolchains.project_file import Section

FILE = "lab.toml"
_KEYS = ("language", "board", "sdk", "mirror", "project", "hidden")
_BOARD = re.compile(r"COM\d{1,3}|/dev/(?!.*\.\.)[\w./-]+|sim:[\w-]+|(?:socket|rfc2217)://[\w.-]+:\d{1,5}")
_PROJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_PANEL = re.compile(r"[A-Za-z][\w.-]*")
#: Who has been given which file, by its hash.
_SEEN = "lab-seen.json"


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
    mirror: Mirrors | None = None
    project: str = ""
    hidden: tuple[str, ...] = ()


def load(path: Path) -> Lab:
    """Read a ``lab.toml``. Raises :class:`~toolchains.project_file.ProjectFileError`, which names the line."""
    from toolchains.project_file import Document

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
    places = [*([root / FILE] if root is not None else []), paths.config / FILE]
    return next((place for place in places if place.is_file()), None)


def of(paths: Paths) -> Lab:
    """The presets that hold here. Raises ProjectFileError."""
    path = file_of(paths)
    return load(path) if path is not None else Lab()


def beside() -> Lab:
    """The presets beside studio.py alone: all there is before anything is installed. None where they are wrong."""
    root = portable.checkout()
    try:
        return load(root / FILE) if root is not None and (root / FILE).is_file() else Lab()
    except StudioError:
        return Lab()


def if_good(paths: Paths) -> Lab:
    """The presets that hold here; none where the file is wrong, which is said elsewhere, once."""
    try:
        return of(paths)
    except StudioError:
        return Lab()


def first_time(paths: Paths, reader: str) -> Lab | None:
    """The presets, if ``reader`` has not been given this very file before; from now on it has.

    Raises ProjectFileError, DiskError.
    """
    from toolchains.contents import digest

    path = file_of(paths)
    if path is None:
        return None
    found, note = load(path), paths.state / _SEEN
    with disk_errors(path):
        content = digest(path.read_bytes())
    try:
        seen = json.loads(note.read_text("utf-8"))
    except (OSError, ValueError):
        seen = {}
    if isinstance(seen, dict) and seen.get(reader) == content:
        return None
    with disk_errors(note):
        note.parent.mkdir(parents=True, exist_ok=True)
        fresh = note.with_name(f"{note.name}.{os.getpid()}.new")
        fresh.write_text(json.dumps({**(seen if isinstance(seen, dict) else {}), reader: content}), "utf-8")
        os.replace(fresh, note)
    return found


def use_mirror(paths: Paths) -> None:
    """At the first start, downloads come from the room's mirror, unless the person has named one.

    Raises ProjectFileError, MirrorError, DiskError.
    """
    found = first_time(paths, "mirror")
    if found is not None and found.mirror:
        from toolchains.mirrors import Mirrors

        if not Mirrors.saved(paths):
            found.mirror.save(paths)


def _matching(top: Section, name: str, form: re.Pattern[str], example: str) -> str:
    value = top.text(name) or ""
    if value and not form.fullmatch(value):
        top.fail(name, _('"{key}" cannot be that.', key=name), _("Write it like {example}.", example=example))
    return value


def _language(top: Section) -> str:
    from toolchains import languages
    from toolchains.host_languages import match

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
    from toolchains.sdk_tree import check_supported

    value = (top.text("sdk") or "").removeprefix("v")
    if value:
        try:
            check_supported(value)
        except StudioError as error:
            top.fail("sdk", error.what, error.next_step)
    return value


def _mirror(top: Section) -> Mirrors | None:
    """A preset's id, what stands in for github.com, or a table with the keys of mirrors.toml."""
    from toolchains.mirrors import PRESETS, MirrorError, Mirrors

    value = top.values.get("mirror")
    if value is None:
        return None
    if not isinstance(value, dict):
        word = top.text("mirror") or ""
        value = {"github_assets": next((one.github_assets for one in PRESETS if one.id == word), word)}
    try:
        return Mirrors.from_mapping(value, FILE)
    except MirrorError as error:
        top.fail("mirror", error.what, error.why)


def _hidden(top: Section) -> tuple[str, ...]:
    found = top.texts("hidden") or ()
    for index, name in enumerate(found):
        if not _PANEL.fullmatch(name):
            step = _("Write it like {example}.", example='hidden = ["race", "tests"]')
            top.fail("hidden", _('"{key}" has something that is no name of a panel.', key="hidden"), step, index)
    return found
