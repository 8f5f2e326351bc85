"""The person's settings: one table of what there is; ``settings.toml`` holds only what differs. No Qt.

Design.md section 11, "Settings". Keys that we do not know survive, and so do comments and what another window wrote
meanwhile; a file that cannot be read is renamed aside and said once.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from toolchains.errors import StudioError, disk_errors
from toolchains.text import Text, _

Value = bool | int | str
#: What reading a file of garbage raises: TOML's errors and those of letters are ValueErrors.
_GARBAGE = (OSError, ValueError, RecursionError)


@dataclass(frozen=True)
class Setting:
    """One setting. ``choices`` are (value, words) pairs; ``low`` and ``high`` bound a number."""

    key: str
    default: Value
    title: Text
    choices: tuple[tuple[str, Text], ...] = ()
    low: int = 0
    high: int = 1_000_000

    def accepts(self, value: object) -> bool:
        """Whether a value from the file may be used."""
        if type(value) is not type(self.default):
            return False
        if self.choices:
            return value in [choice for choice, _words in self.choices]
        return not isinstance(value, int) or isinstance(value, bool) or self.low <= value <= self.high


_LANGUAGES = (
    ("", _("as the system")),
    ("en", _("English")),
    ("fr", Text("Français")),
    ("zh_TW", Text("繁體中文")),
    ("zh_CN", Text("简体中文")),
)
_THEMES = (
    ("", _("as the system")),
    ("light", _("light")),
    ("dark", _("dark")),
    ("contrast", _("high contrast")),
)

#: The part of a key before its dot, in words, in the order of the dialog.
GROUPS: tuple[tuple[str, Text], ...] = (
    ("window", _("Window")),
    ("editor", _("Editor")),
    ("run", _("Build and run")),
    ("board", _("Board")),
    ("console", _("Console")),
    ("learn", _("Learn")),
)

TABLE: tuple[Setting, ...] = (
    Setting("window.language", "", _("Language"), _LANGUAGES),
    Setting("window.theme", "", _("Colours"), _THEMES),
    Setting("window.welcome", True, _("Show the start page when the window opens")),
    Setting("editor.font_family", "", _("Font of the editor (empty: the system's monospace font)")),
    Setting("editor.font_size", 11, _("Font size of the editor"), low=6, high=48),
    Setting("editor.tab_width", 4, _("Columns of an indent"), low=1, high=16),
    Setting("editor.trim_blanks", True, _("Remove blanks at the ends of lines when saving")),
    Setting("editor.final_newline", True, _("End files with a line break when saving")),
    Setting("editor.wrap", False, _("Wrap long lines")),
    Setting("editor.complete_brackets", True, _("Close brackets while typing")),
    Setting("editor.intelligence", True, _("Code help while typing")),
    Setting("run.save_first", True, _("Save all files before a build or run")),
    Setting("run.clear_console", False, _("Clear the console before a run")),
    Setting("board.connect", True, _("Connect to the last board when the window opens")),
    Setting("board.vitals", True, _("Ask for the board's memory while its prompt is free")),
    Setting("board.vitals_s", 5, _("Seconds between two such asks, at least"), low=1, high=3600),
    Setting("board.index", "", _("Index of packages: an address or a folder (empty: micropython.org)")),
    Setting("console.lines", 10_000, _("Lines that the console keeps"), low=100, high=200_000),
    Setting("console.baud", 115_200, _("Speed of the serial monitor in baud"), low=50, high=12_000_000),
    Setting("learn.person", "", _("Your name, for the results of lessons")),
    Setting("learn.results", "", _("Folder for the results of lessons (empty: beside your projects)")),
    Setting("learn.lessons", "", _("Folder with other lessons (empty: ours)")),
)


def _raise(error: StudioError) -> None:
    raise error


@dataclass
class Settings:
    """Values by key. Listeners are called with the key after it changed.

    A file that cannot be written is told to ``failed`` (unless somebody sets it: raised); the value holds all the
    same, and is written with the next one.
    """

    path: Path
    _values: dict[str, Value] = field(default_factory=dict)
    listeners: list[Callable[[str], None]] = field(default_factory=list)
    #: What was wrong with the file when it was read, to be said once.
    complaint: Text | None = None
    failed: Callable[[StudioError], object] = _raise
    _unwritten: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._table = {setting.key: setting for setting in TABLE}

    @staticmethod
    def load(path: Path) -> Settings:
        """Read the file. A missing one is all defaults; garbage is renamed to ``settings.toml.unreadable``."""
        settings = Settings(path)
        try:
            settings._take(tomllib.loads(path.read_text("utf-8")))
        except FileNotFoundError:
            pass
        except _GARBAGE as error:
            settings._put_aside(error)
        return settings

    def _put_aside(self, error: Exception) -> None:
        aside = _free(self.path.with_name(f"{self.path.name}.unreadable"))
        try:
            os.replace(self.path, aside)
        except OSError:
            aside = self.path
        self.complaint = _(
            "The settings could not be read ({reason}); the defaults hold. The old file is kept as {path}.",
            reason=error, path=aside,
        )  # fmt: skip

    def _take(self, file: dict[str, Any]) -> None:
        for key, setting in self._table.items():
            table, _dot, name = key.partition(".")
            section = file.get(table)
            value = section.get(name) if isinstance(section, dict) else None
            if value is not None and setting.accepts(value):
                self._values[key] = value

    def get(self, key: str) -> Value:
        """The value of a setting: the person's, else the default."""
        return self._values.get(key, self._table[key].default)

    def text(self, key: str) -> str:
        """A setting that is text."""
        return str(self.get(key))

    def number(self, key: str) -> int:
        """A setting that is a whole number."""
        return int(self.get(key))

    def on(self, key: str) -> bool:
        """A setting that is on or off."""
        return bool(self.get(key))

    def is_default(self, key: str) -> bool:
        """Whether a setting has the value that it has from the start."""
        return self.get(key) == self._table[key].default

    def reset(self, key: str) -> None:
        """Back to the default."""
        self.set(key, self._table[key].default)

    def set(self, key: str, value: Value) -> None:
        """Change a setting and write it to the file. Raises ValueError for a value it cannot have."""
        setting = self._table[key]
        if not setting.accepts(value):
            raise ValueError(f"{key} cannot be {value!r}")
        if self.get(key) == value:
            return
        self._values[key] = value
        for listener in list(self.listeners):
            listener(key)
        self._unwritten.add(key)
        try:
            self._write()
        except StudioError as error:
            self.failed(error)
        else:
            self._unwritten.clear()

    def _write(self) -> None:
        """Put what changed into the file as it is now; into a fresh one, all that differs."""
        import tomlkit  # here, because only a change needs it

        with disk_errors(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                document, keys = tomlkit.parse(self.path.read_text("utf-8")), sorted(self._unwritten)
            except FileNotFoundError:
                document, keys = tomlkit.document(), list(self._table)
            except _GARBAGE as error:
                self._put_aside(error)
                document, keys = tomlkit.document(), list(self._table)
            for key in keys:
                self._put(document, key)
            _replace(self.path, tomlkit.dumps(document))

    def _put(self, document: MutableMapping[str, Any], key: str) -> None:
        """One value into the document; one that is the default out of it."""
        table, _dot, name = key.partition(".")
        section = document.get(table)
        if not isinstance(section, MutableMapping):
            if self.is_default(key):
                return
            document[table] = {}
            section = document[table]
        if self.is_default(key):
            section.pop(name, None)
        else:
            section[name] = self.get(key)
        if not section:
            document.pop(table)


def _free(path: Path) -> Path:
    """This path, or one with a number where there is such a file already."""
    number, found = 1, path
    while found.exists():
        number += 1
        found = path.with_name(f"{path.name}-{number}")
    return found


def _replace(path: Path, text: str) -> None:
    """Write a file so that at every moment the old or the new one is there, whole. Raises OSError."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        fresh.write_text(text, "utf-8")
        os.replace(fresh, path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
