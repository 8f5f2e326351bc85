"""What a person's word for a package means, and where its parts are.

The short forms are mip's (docs/reference/packages.rst): ``name``, ``name@version``, ``github:org/repo/path@ref``,
``gitlab:``, ``codeberg:``, ``http(s)://``; a path on this computer with ``.json``, ``.py`` or ``.mpy``, or a folder.
In an address ``{MPY_ARCH}`` and ``{MPY_VERSION}`` stand for the board's (micropython#19478, not merged yet).
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from ide.board.mip.errors import PackageError, PackageNotForBoard, PackageUnsafe
from ide.board.mip.records import LATEST, BoardFacts
from toolchains.chips import arch_for_board
from toolchains.text import _

#: Where the forms lead to: owner, repository, version or branch, path.
_HOSTS = {
    "github": "https://raw.githubusercontent.com/{owner}/{repo}/{ref}/{path}",
    "gitlab": "https://gitlab.com/{owner}/{repo}/-/raw/{ref}/{path}",
    "codeberg": "https://codeberg.org/api/v1/repos/{owner}/{repo}/raw/{path}?ref={ref}",
}
_HEAD = "HEAD"
_SHORT = re.compile(r"(github|gitlab|codeberg):([A-Za-z0-9._-]+)/([A-Za-z0-9._-]+)(?:/(.*))?")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,60}")
_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]{0,100}")
_RELEASE = re.compile(r"v?[0-9]+(?:\.[0-9]+)+[A-Za-z0-9.-]*|[0-9a-f]{40}")
_FILES = (".py", ".mpy")
#: In an address: what stands for the board's architecture and .mpy version.
_PLACES = re.compile(r"\{(MPY_ARCH|MPY_VERSION)\}")
_LONGEST = 1000

Kind = Literal["index", "web", "local"]


class BadWord(PackageError):
    """What was typed is no package."""

    code = "package.word"
    exit_code = 2

    def __init__(self, word: str) -> None:
        super().__init__(
            _("{word} is no name of a package, nor where one could be.", word=repr(word[:80])),
            next_step=_(
                "Write it like umqtt.simple, umqtt.simple@1.3, github:owner/repository, https://… or a package.json."
            ),
            package=word,
        )


@dataclass(frozen=True)
class Word:
    """A package as it was asked for. ``name``: of an index, or the address or path as it was written.

    ``version``: of an index, or a branch or tag; "" for the newest.
    """

    kind: Kind
    name: str
    version: str = ""

    @property
    def shown(self) -> str:
        """As a person writes it."""
        return f"{self.name}@{self.version}" if self.version else self.name


def understand(word: str, *, local: bool = True) -> Word:
    """The package that ``word`` names. ``local``: paths on this computer are allowed. Raises :class:`BadWord`."""
    word = word.strip()
    if not word or len(word) > _LONGEST or not word.isprintable():
        raise BadWord(word)
    if word.startswith(("http://", "https://")):
        return Word("web", _checked(word))
    if _SHORT.match(word):
        return _short(word)
    if local and _is_path(word):
        return Word("local", word)
    name, _at, version = word.partition("@")
    if not _NAME.fullmatch(name) or ".." in name or (version and not _VERSION.fullmatch(version)):
        raise BadWord(word)
    return Word("index", name, "" if version == LATEST else version)


def with_version(word: Word, version: str) -> Word:
    """The same with the version that somebody else asks for: ``[name, version]`` in a package.json."""
    if word.kind == "local" or word.version or not version or version == LATEST:
        return word
    return understand(f"{word.name}@{version}", local=False)


def url_of(word: Word) -> str:
    """The address of a package on the web, with its version in it."""
    if not _SHORT.match(word.name):
        return word.name
    return url_at(word.name, word.version)


def url_at(address: str, version: str = "") -> str:
    """An address, short forms as http; ``version``: a branch or tag, for the short forms."""
    found = _SHORT.fullmatch(address)
    if found is None:
        return address
    host, owner, repo, path = found[1], found[2], found[3], found[4] or ""
    return _HOSTS[host].format(owner=owner, repo=repo, ref=version or _HEAD, path=path)


def is_file(address: str) -> bool:
    """Whether it leads to a file rather than to a package."""
    return urlsplit(address).path.endswith(_FILES) or address.endswith(_FILES)


def package_json(address: str) -> str:
    """Where the package.json of an address is, in the address' own form."""
    return address if address.endswith(".json") else f"{address.rstrip('/')}/package.json"


def beside(address: str, source: str, where: str) -> str:
    """The address of a file that a package.json at ``address`` names: its own, or one beside the package.json.

    Raises :class:`PackageUnsafe` for what leads to another place than the web.
    """
    if source.startswith(("http://", "https://")) or _SHORT.fullmatch(source):
        return source
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", source) or "\\" in source or source.startswith("/"):
        raise PackageUnsafe(where, source)
    folder = address.rpartition("/")[0]
    root = re.match(r"(?:https?://[^/]+|[a-z]+:[^/]+/[^/]+)", folder)
    top = root[0] if root else ""
    inside = posixpath.normpath(f"{folder.removeprefix(top).strip('/')}/{source}".lstrip("/"))
    if not top or inside.startswith(".."):
        raise PackageUnsafe(where, source)
    return f"{top}/{inside}"


def for_board(address: str, board: BoardFacts, package: str) -> str:
    """The address with the board's architecture and .mpy version in it. Raises :class:`PackageNotForBoard`."""
    if not _PLACES.search(address):
        return address
    arch = arch_for_board(board.loader.arch_number)
    if arch is None or board.python:
        raise PackageNotForBoard(package, posixpath.basename(address), _("It is native, and its firmware loads none."))
    return _PLACES.sub(lambda found: arch.name if found[1] == "MPY_ARCH" else board.abi, address)


def folder_for(board: BoardFacts) -> str:
    """The folder of a native package for the board, ``xtensawin_6.3``; "" where it loads no native modules.

    It is what ``natmod build --all`` makes, and what emlearn-micropython publishes (:mod:`toolchains.dist`).
    """
    arch = arch_for_board(board.loader.arch_number)
    return f"{arch.name}_{board.abi}" if arch is not None and not board.python else ""


def is_pinned(word: Word) -> bool:
    """Whether a release or a commit is named, whose content never changes; that of a branch does."""
    return word.kind == "web" and bool(_RELEASE.fullmatch(word.version))


def _short(word: str) -> Word:
    address, _at, ref = word.partition("@")
    if not _SHORT.fullmatch(address) or ".." in word or (ref and not _REF.fullmatch(ref)):
        raise BadWord(word)
    return Word("web", address, ref)


def _checked(url: str) -> str:
    """An http address with a host, and nobody's password in it."""
    try:
        parts = urlsplit(url)
        good = bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        good = False
    if not good or re.search(r"[\s\\\"'<>#]", url):
        raise BadWord(url)
    return url


def _is_path(word: str) -> bool:
    """A bare word is a package of the index, also where a folder has its name: then it is ``./word``."""
    return word.endswith((".json", *_FILES)) or "/" in word or "\\" in word or word in (".", "..")
