"""Where else Espressif's files can be had: the mirrors that ESP-IDF's own installer knows, and the person's own.

The settings are ESP-IDF's, so that what works there works here: ``IDF_GITHUB_ASSETS`` (a host, without scheme) and
``IDF_MIRROR_PREFIX_MAP`` (``regex,replacement`` items between semicolons; the first that changes an address wins; the
replacement is plain text). ``mirrors.toml`` in the configuration folder holds the same; the environment goes first.
Source: ``tools/idf_tools.py`` of ESP-IDF, ``apply_mirror_prefix_map`` and ``apply_github_assets_option``.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from toolchains.errors import StudioError, disk_errors
from toolchains.host import Host
from toolchains.paths import Paths
from toolchains.text import Text, _

if TYPE_CHECKING:
    from toolchains.fetch import Download

ASSETS = "IDF_GITHUB_ASSETS"
PREFIX_MAP = "IDF_MIRROR_PREFIX_MAP"
FILE = "mirrors.toml"
_GITHUB = "https://github.com/"
#: A regex sees nothing longer, so that the work is bounded (see :func:`_compiled`).
_MOST_URL = 500
_MOST_PATTERN = 200
_MOST_ITEMS = 50
_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~%!$&'()*+,;=:@/-]*)?")


class MirrorError(StudioError):
    """A mirror's setting cannot be used. ``fields["where"]`` names the variable or the file."""

    code = "mirror"


@dataclass(frozen=True)
class Preset:
    """A mirror that needs no typing: its id, its name, and its ``github_assets``."""

    id: str
    title: Text
    github_assets: str


#: Documented values of IDF_GITHUB_ASSETS.
PRESETS = (
    Preset("espressif", _("Espressif's own server"), "dl.espressif.com/github_assets"),
    Preset("espressif-china", _("Espressif's server in China"), "dl.espressif.cn/github_assets"),
)


@dataclass(frozen=True)
class Mirrors:
    """``github_assets``: what stands in for github.com, without scheme (""). ``prefix_map``: ``regex,replacement``."""

    github_assets: str = ""
    prefix_map: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "github_assets", _assets(self.github_assets, FILE))
        _items(self.prefix_map, FILE)

    @staticmethod
    def of(host: Host, paths: Paths) -> Mirrors:
        """What the environment says, else what was saved. Raises :class:`MirrorError` for what makes no sense."""
        saved = Mirrors.saved(paths)
        assets, items = host.environ.get(ASSETS, "").strip(), host.environ.get(PREFIX_MAP, "").strip()
        if assets:
            saved = dataclasses.replace(saved, github_assets=_assets(assets, ASSETS))
        if items:
            words = tuple(item.strip() for item in items.split(";") if item.strip())
            _items(words, PREFIX_MAP)
            saved = dataclasses.replace(saved, prefix_map=words)
        return saved

    @staticmethod
    def saved(paths: Paths) -> Mirrors:
        """What ``mirrors.toml`` says; no file, no mirrors. Raises :class:`MirrorError`, DiskError."""
        file = paths.config / FILE
        with disk_errors(file):
            try:
                said = tomllib.loads(file.read_text("utf-8"))
            except FileNotFoundError:
                return Mirrors()
            except ValueError as error:  # TOML, or not even UTF-8
                raise _bad(str(file), _("It is not TOML: {reason}.", reason=error)) from error
        return Mirrors.from_mapping(said, str(file))

    @staticmethod
    def from_mapping(said: Mapping[str, object], where: str) -> Mirrors:
        """From the two keys, as a file or a lab's preset has them. Raises :class:`MirrorError`, naming ``where``."""
        unknown = sorted(said.keys() - {"github_assets", "prefix_map"})
        if unknown:
            raise _bad(where, _("{name} is no setting of mirrors.", name=unknown[0]))
        assets, items = said.get("github_assets", ""), said.get("prefix_map", [])
        if not isinstance(assets, str):
            raise _bad(where, _("{name} must be a text.", name="github_assets"))
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise _bad(where, _("{name} must be a list of texts.", name="prefix_map"))
        _items(items, where)
        return Mirrors(_assets(assets, where), tuple(items))

    def save(self, paths: Paths) -> None:
        """Keep it in ``mirrors.toml``; without any mirror the file goes. Raises DiskError."""
        import tomlkit

        file = paths.config / FILE
        with disk_errors(file):
            if not self:
                file.unlink(missing_ok=True)
                return
            document = tomlkit.document()
            if self.github_assets:
                document["github_assets"] = self.github_assets
            if self.prefix_map:
                document["prefix_map"] = list(self.prefix_map)
            file.parent.mkdir(parents=True, exist_ok=True)
            beside = file.with_name(f".{FILE}.new")
            beside.write_text(tomlkit.dumps(document), "utf-8")
            beside.replace(file)

    def __bool__(self) -> bool:
        return bool(self.github_assets or self.prefix_map)

    def rewrite(self, url: str) -> list[str]:
        """The addresses to try: the mirror's, if there is one for it, then the original."""
        mirrored = url
        if len(url) <= _MOST_URL:
            for search, replacement in self._map:
                changed = search.sub(lambda _match, plain=replacement: plain, mirrored)  # type: ignore[misc]
                if changed != mirrored:
                    mirrored = changed
                    break
        if self.github_assets and mirrored.startswith(_GITHUB):
            mirrored = f"https://{self.github_assets}/{mirrored.removeprefix(_GITHUB)}"
        return list(dict.fromkeys([mirrored, url])) if _is_address(mirrored) else [url]

    def applied(self, download: Download) -> Download:
        """The same file, at the mirrors first."""
        urls = [new for url in (download.url, *download.urls) for new in self.rewrite(url)]
        first, *others = sorted(dict.fromkeys(urls), key=lambda url: url in (download.url, *download.urls))
        return dataclasses.replace(download, url=first, urls=tuple(others))

    @property
    def _map(self) -> list[tuple[re.Pattern[str], str]]:
        return _items(self.prefix_map, FILE)


def _bad(where: str, why: Text) -> MirrorError:
    return MirrorError(
        _("The mirrors in {where} cannot be used.", where=where),
        why=why,
        next_step=_("Correct it, or take it away."),
        where=where,
    )


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and len(url) <= 2 * _MOST_URL


def _assets(value: str, where: str) -> str:
    value = value.strip().rstrip("/")
    if "://" in value:
        raise _bad(
            where,
            _("It must be a server's name without https://, such as {example}.", example=PRESETS[0].github_assets),
        )
    if value and (len(value) > _MOST_PATTERN or not _HOST.fullmatch(value)):
        raise _bad(where, _("{value} is no name of a server.", value=value[:_MOST_PATTERN]))
    return value


def _items(items: tuple[str, ...] | list[str], where: str) -> list[tuple[re.Pattern[str], str]]:
    if len(items) > _MOST_ITEMS:
        raise _bad(where, _("It has more than {n} items.", n=_MOST_ITEMS))
    found = []
    for item in items:
        search, comma, replacement = item.partition(",")
        if not comma:
            raise _bad(where, _("{item} has no comma between what is searched and its replacement.", item=item[:80]))
        if len(replacement) > _MOST_URL:
            raise _bad(where, _("{item} is too long.", item=item[:80]))
        found.append((_compiled(search, where), replacement))
    return found


#: What stands for one character in a regex: an escape or a class.
_ATOM = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.S)
_TWICE = re.compile(r"[*+?}][*+{]|\)[*+?{]|\(\?(?!:)|\\[0-9gkbB]|\|")
_MANY = re.compile(r"[*+{]")


def _compiled(pattern: str, where: str) -> re.Pattern[str]:
    """A regex whose work on an address is bounded: no repeated groups, no alternatives, at most two long repeats.

    Python's regexes cannot be stopped, and these may come from a stranger's file.
    """
    plain = _ATOM.sub("x", pattern)
    hard = _TWICE.search(plain) or re.search(r"\\[0-9gk]", pattern) or len(pattern) > _MOST_PATTERN
    if not pattern or hard or len(_MANY.findall(plain)) > 2 or plain.count("?") > 3:
        raise _bad(where, _("{pattern} is not a search pattern that is allowed here.", pattern=pattern[:80] or '""'))
    try:
        return re.compile(pattern)
    except re.error as error:
        raise _bad(where, _("{pattern} is no search pattern: {reason}.", pattern=pattern[:80], reason=error)) from error
