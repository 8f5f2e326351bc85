"""The records of the catalogue of toolchains: one archive, one release; and how they are read from what is not trusted.

A record may come from our own data, from a tools.json that a person imports, or from the manifest of a pack: all go
through the same :class:`Checked`, which says where a value is wrong. Facts: the schema of Espressif's tools.json.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import urlsplit

from toolchains.chips import chips
from toolchains.errors import FetchError
from toolchains.text import Text, _

Kind = Literal["gcc", "clang", "qemu"]

#: Keys of Espressif's tools.json for a platform (``any`` has never been used for these tools).
PLATFORMS = (
    "linux-amd64",
    "linux-arm64",
    "linux-armel",
    "linux-armhf",
    "linux-i686",
    "macos",
    "macos-arm64",
    "win32",
    "win64",
    "win-arm64",
)
#: What a platform runs as well: Windows for ARM runs programs for x64.
ALSO_RUNS = {"win-arm64": ("win64",)}

_MAX_BYTES = 8 * 1000**3
_MAX_ITEMS = 400
_WORD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._+-]{0,94}[A-Za-z0-9_+-])?")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MINOR = re.compile(r"1\.\d{1,3}")
_ARCHIVES = (".tar.xz", ".tar.gz", ".zip")
_KINDS = ("gcc", "clang", "qemu")
#: Names that Windows keeps for devices, whatever follows the first dot.
_DEVICES = re.compile(r"(?:CON|PRN|AUX|NUL|COM\d|LPT\d)(?:\..*)?", re.IGNORECASE)
#: Of a tool's answer to its version command, this much is looked at.
_LINES, _COLUMNS = 10, 300


class CatalogBroken(FetchError):
    """A file that should list toolchains cannot be understood, or is not to be trusted."""

    code = "fetch.catalog"

    def __init__(self, name: str, where: str, problem: Text) -> None:
        super().__init__(
            _("{name} is not a list of toolchains that can be used.", name=name),
            why=_("At {where}: {problem}.", where=where or name, problem=problem),
            next_step=_("Use the tools.json of an ESP-IDF release, unchanged."),
            name=name,
            where=where,
        )


@dataclass(frozen=True)
class File:
    """One archive: its name, its https address, its size in bytes, its SHA-256 in lower-case hex."""

    name: str
    url: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Release:
    """One tool in one version.

    ``arches``: the native architectures that it compiles modules for (none: it serves firmware only);
    ``chips``: those whose firmware it builds, or that it simulates;
    ``micropython``: releases (``1.26``) whose official firmware is built with an ESP-IDF that recommends it;
    ``natmod``: the first and the last release of MicroPython whose mpy_ld.py reads its objects, "" for none;
    ``idf``: the ESP-IDF releases that list it; ``program``: what compiles a module, or runs the simulation;
    ``bin``: the folder of programs in the unpacked archive, with slashes; ``version_command`` and ``version_regex``:
    see :meth:`version_in`; ``files``: by platform, one of :data:`PLATFORMS`;
    ``origin``: ``espressif``, or the name of an imported file.
    """

    tool: str
    version: str
    kind: Kind
    arches: tuple[str, ...]
    chips: tuple[str, ...]
    micropython: tuple[str, ...]
    natmod: tuple[str, str]
    idf: tuple[str, ...]
    program: str
    bin: str
    version_command: tuple[str, ...]
    version_regex: str
    files: Mapping[str, File]
    origin: str = "espressif"

    @property
    def id(self) -> str:
        """Its name everywhere: ``xtensa-esp-elf@esp-14.2.0_20241119``."""
        return f"{self.tool}@{self.version}"

    @property
    def module_chips(self) -> tuple[str, ...]:
        """The chips that its native modules are for; more than ``chips``, since one module serves a whole family."""
        return tuple(chip.name for chip in chips().values() if chip.arch in self.arches)

    def file_for(self, platform: str | None) -> File | None:
        """The archive for a platform, or one that this platform runs as well; None: there is none."""
        keys = (platform, *ALSO_RUNS.get(platform, ())) if platform else ()
        return next((self.files[key] for key in keys if key in self.files), None)

    def serves(self, arch: str, micropython: str | None = None) -> bool:
        """Whether it compiles native modules for ``arch`` that the tools of that MicroPython (``1.26.1``) can link."""
        if arch not in self.arches or self.kind != "gcc":
            return False
        if micropython is None:
            return True
        first, last = (minor_key(text) for text in self.natmod)
        return first <= minor_key(micropython) <= last

    def version_in(self, output: str) -> str | None:
        """The version that its answer to the version command tells, None if that is no answer.

        Espressif's older patterns have two groups, joined by a dash (``version_regex_replace`` in tools.json).
        """
        pattern = re.compile(self.version_regex)
        for line in output.splitlines()[:_LINES]:
            found = pattern.search(line[:_COLUMNS])
            if found:
                return "-".join(group for group in found.groups() if group)
        return None


def minor_key(version: str) -> tuple[int, int]:
    """What to compare releases of MicroPython by: (1, 26) for ``1.26.1`` and for ``v1.26.0-preview``."""
    found = re.match(r"v?(\d{1,6})\.(\d{1,6})", version)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def version_key(version: str) -> tuple[int, ...]:
    """What to compare versions of a tool by: GCC's, clang's or QEMU's own, then the date of Espressif's build."""
    number = re.search(r"(\d{1,6})\.(\d{1,6})\.(\d{1,6})", version)
    date = re.search(r"_(20\d{6})$", version)
    return (*(map(int, number.groups()) if number else (0, 0, 0)), int(date[1]) if date else 0)


class Checked:
    """A value out of a file that is not trusted, and where in it; each method says what is wrong with the value."""

    def __init__(self, value: object, name: str, where: str = "") -> None:
        self.value, self.name, self.where = value, name, where

    def wrong(self, problem: Text) -> CatalogBroken:
        """The error for this place."""
        return CatalogBroken(self.name, self.where, problem)

    def has(self, key: str) -> bool:
        """Whether this is an object with such a member."""
        return isinstance(self.value, dict) and key in self.value

    def __getitem__(self, key: str) -> Checked:
        if not isinstance(self.value, dict) or key not in self.value:
            raise self.wrong(_("{key} is missing", key=key))
        return Checked(self.value[key], self.name, f"{self.where}.{key}" if self.where else key)

    def items(self) -> list[Checked]:
        """The elements of a list, no more of them than makes sense."""
        if not isinstance(self.value, list) or len(self.value) > _MAX_ITEMS:
            raise self.wrong(_("it should be a list, and not a long one"))
        return [Checked(item, self.name, f"{self.where}[{n}]") for n, item in enumerate(self.value)]

    def text(self, longest: int = 300) -> str:
        """A string that can be shown and kept."""
        if not isinstance(self.value, str) or len(self.value) > longest or not self.value.isprintable():
            raise self.wrong(_("it should be a short text"))
        return self.value

    def word(self) -> str:
        """A string that can be part of a file's name on every system."""
        text = self.text()
        if not _WORD.fullmatch(text) or ".." in text or _DEVICES.fullmatch(text):
            raise self.wrong(_("{value} cannot be a name here", value=text))
        return text

    def words(self) -> tuple[str, ...]:
        """A list of :meth:`word`, each once."""
        return tuple(dict.fromkeys(item.word() for item in self.items()))

    def size(self) -> int:
        """A number of bytes."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or not 0 < self.value <= _MAX_BYTES:
            raise self.wrong(_("it should be a number of bytes"))
        return self.value

    def sha256(self) -> str:
        """A check sum, in lower-case hex."""
        text = self.text().lower()
        if not _SHA256.fullmatch(text):
            raise self.wrong(_("it should be a SHA-256"))
        return text

    def url(self) -> str:
        """An address that is safe to ask for an archive: https, a host, no name or password."""
        text = self.text(1000)
        try:
            parts = urlsplit(text)
            good = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
        except ValueError:  # a port that is none, brackets that do not match
            good = False
        if not good or not text.isascii() or re.search(r"[\s\\\"'<>#]", text):
            raise self.wrong(_("{value} is not an https address", value=text[:80]))
        return text

    def archive_name(self) -> str:
        """The name of an archive of a kind that can be unpacked."""
        text = self.word()
        if not text.endswith(_ARCHIVES):
            raise self.wrong(_("{value} is not an archive of a known kind", value=text))
        return text

    def folder(self) -> str:
        """A folder inside an archive, with slashes; empty: the archive itself."""
        text = self.text()
        for part in text.split("/") if text else ():
            Checked(part, self.name, self.where).word()
        return text


def release_record(release: Release) -> dict[str, object]:
    """A release as JSON has it, for the manifest of a pack; :func:`release_from` reads it back."""
    files = {key: [file.name, file.url, file.size, file.sha256] for key, file in release.files.items()}
    plain = {name: getattr(release, name) for name in Release.__dataclass_fields__}
    return {
        **{name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()},
        "files": files,
    }


def release_from(record: Checked, known_regexes: frozenset[str] = frozenset()) -> Release:
    """A release out of a record that is not trusted. Raises :class:`CatalogBroken`.

    Patterns are believed only where our own catalogue has the same one: a hostile one could keep Python busy for ever.
    """
    kind = record["kind"].word()
    if kind not in _KINDS:
        raise record["kind"].wrong(_("{value} is not a kind of tool that is known", value=kind))
    version = record["version"].word()
    return Release(
        tool=record["tool"].word(),
        version=version,
        kind=cast("Kind", kind),
        arches=record["arches"].words(),
        chips=record["chips"].words(),
        micropython=record["micropython"].words(),
        natmod=_span(record["natmod"]),
        idf=record["idf"].words(),
        program=record["program"].word(),
        bin=record["bin"].folder(),
        version_command=version_command(record["version_command"]),
        version_regex=safe_regex(record["version_regex"].text(), version, known_regexes),
        files={key: _file(record["files"][key]) for key in PLATFORMS if record["files"].has(key)},
        origin=record["origin"].text(),
    )


def version_command(said: Checked) -> tuple[str, ...]:
    """The command that asks a tool for its version: a bare name, and ``--version``."""
    words = [item.text() for item in said.items()]
    if len(words) != 2 or words[1] != "--version":
        raise said.wrong(_("it should be a program and --version"))
    return said.items()[0].word(), words[1]


def safe_regex(pattern: str, version: str, known: frozenset[str]) -> str:
    """``pattern`` if it is one of ``known``, else one that finds the version as it is written."""
    return pattern if pattern in known else rf"(?<![\w.-])({re.escape(version)})(?![\w.-])"


def _file(said: Checked) -> File:
    parts = said.items()
    if len(parts) != 4:
        raise said.wrong(_("it should be a name, an address, a size and a SHA-256"))
    return File(parts[0].archive_name(), parts[1].url(), parts[2].size(), parts[3].sha256())


def _span(said: Checked) -> tuple[str, str]:
    first, last = [*(item.text() for item in said.items()), "", ""][:2]
    if (first or last) and not (_MINOR.fullmatch(first) and _MINOR.fullmatch(last)):
        raise said.wrong(_("it should be the first and the last release of MicroPython"))
    return first, last
