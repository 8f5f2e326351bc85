"""From words to files: packages with all that they need, the right files for the board, every one fetched and checked.

Nothing here touches a board.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ide.board.mip import addresses
from ide.board.mip.addresses import Word, understand
from ide.board.mip.compiling import compile_files
from ide.board.mip.errors import PackageBroken, PackageNotForBoard, PackageUnknown, PackageUnsafe
from ide.board.mip.library import MOST_FILE, Library
from ide.board.mip.package_json import MOST_PACKAGE, PackageJson
from ide.board.mip.records import BoardFacts, Content, Gathered, Package, PackageFile
from toolchains import mpyfile
from toolchains.errors import FetchError, MpyError, disk_errors
from toolchains.fetch_errors import NotOnServer
from toolchains.jobs import JobContext
from toolchains.mpy_loads import check_loads
from toolchains.text import _, _n

#: Packages of one install, with all that they need; bytes of all their files.
_MOST_PACKAGES, _MOST_BYTES = 200, 64 << 20
_PUBLISHER = "whoever publishes it gives no hash"
_LOCAL = "it lies on this computer"


def gather(ctx: JobContext, library: Library, words: Sequence[str], board: BoardFacts) -> Gathered:
    """The packages that ``words`` name, with what they need, and the content of all their files.

    Raises BadWord, PackageUnknown, PackageBroken, PackageUnsafe, PackageDamaged, PackageNotForBoard, PythonFailed, and
    the errors of a download.
    """
    packages = resolve(ctx, library, words, board)
    contents: dict[str, tuple[Content, ...]] = {}
    total = 0
    for package in packages:
        title = _n("Get {package} ({n} file)", "Get {package} ({n} files)", len(package.files), package=package.name)
        with ctx.step(title):
            found = [_content(ctx, library, package, file, board) for file in package.files]
            if board.compiled:
                found = compile_files(ctx, package, found, board)
        total += sum(len(one.data) for one in found)
        if total > _MOST_BYTES:
            raise PackageBroken(package.address, _("It is much too long."))
        contents[package.name] = tuple(found)
    unproved = [one.name for one in packages if any(file.unverified == _PUBLISHER for file in one.files)]
    if unproved:
        names = ", ".join(unproved)
        ctx.note(_("Nobody publishes hashes of the files of {names}: what came is what was installed.", names=names))
    return Gathered(packages, contents)


def resolve(ctx: JobContext, library: Library, words: Sequence[str], board: BoardFacts) -> tuple[Package, ...]:
    """The packages and what they need, what is needed first coming first. No file of theirs is fetched yet."""
    resolving = _Resolving(ctx, library, board)
    for word in words:
        resolving.add(understand(word), wanted=True)
    return tuple(resolving.found.values())


@dataclass
class _Resolving:
    """Packages met so far, by name."""

    ctx: JobContext
    library: Library
    board: BoardFacts
    found: dict[str, Package] = field(default_factory=dict)
    _met: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, word: Word, *, wanted: bool) -> str:
        """The package and all that it needs; its name. Packages that need one another are each met once."""
        self.ctx.check()
        key = (word.kind, word.name)
        if key in self._met:
            name = self._met[key]
            if wanted and name in self.found:
                self.found[name] = replace(self.found[name], wanted=True)
            return name
        if len(self._met) >= _MOST_PACKAGES:
            raise PackageBroken(word.shown, _("It needs too many others."))
        made = {"index": self._from_index, "web": self._from_web, "local": self._from_folder}[word.kind](word)
        package, needs = made
        self._met[key] = package.name
        deps = tuple(dict.fromkeys(self.add(need, wanted=False) for need in needs))
        self.found[package.name] = replace(package, deps=deps, wanted=wanted)
        return package.name

    # --- kinds of packages -----------------------------------------------------------------------------------------

    def _from_index(self, word: Word) -> tuple[Package, tuple[Word, ...]]:
        for key in dict.fromkeys((self.board.mpy_key, "py")):
            raw = self.library.package(self.ctx, key, word.name, word.version)
            if raw is not None:
                said = PackageJson(word.shown, raw)
                where = f"{self.library.index}/package/{key}/{word.name}"
                files = self._files(said, where, word)
                version = said.version or word.version
                return Package(word.name, version, "index", word.name, files), said.deps
        raise PackageUnknown(word.name, word.version, self._near(word.name))

    def _near(self, name: str) -> list[str]:
        try:
            names = [one.name for one in self.library.listed(self.ctx)]
        except FetchError as error:
            self.ctx.log(str(error))
            return []
        return difflib.get_close_matches(name, names) if name not in names else []

    def _from_web(self, word: Word) -> tuple[Package, tuple[Word, ...]]:
        address = addresses.for_board(word.name, self.board, word.shown)
        if addresses.is_file(address):
            name = posixpath.basename(address.partition("?")[0])
            url, pinned = addresses.url_at(address, word.version), addresses.is_pinned(word)
            file = PackageFile(name, url, unverified=_PUBLISHER, pinned=pinned)
            stem = name.rpartition(".")[0]
            return Package(stem, word.version, "web", word.name, (file,)), ()
        place, raw = self._package_json(address, word)
        said = PackageJson(word.shown, raw)
        files = self._files(said, place, word)
        return Package(_name_of(word.name), said.version or word.version, "web", word.name, files), said.deps

    def _package_json(self, address: str, word: Word) -> tuple[str, bytes]:
        """The package.json of an address, or the one for this board below it (``xtensawin_6.3/package.json``)."""
        place = addresses.package_json(address)
        pinned = addresses.is_pinned(word)
        try:
            return place, self.library.web(self.ctx, addresses.url_at(place, word.version), MOST_PACKAGE, pinned=pinned)
        except NotOnServer as error:
            own = addresses.folder_for(self.board)
            if error.passing or not own or address.endswith(".json"):
                raise
            inner = f"{address.rstrip('/')}/{own}/package.json"
            try:
                url = addresses.url_at(inner, word.version)
                return inner, self.library.web(self.ctx, url, MOST_PACKAGE, pinned=pinned)
            except NotOnServer:
                raise error from None

    def _from_folder(self, word: Word) -> tuple[Package, tuple[Word, ...]]:
        path = Path(os.path.expanduser(word.name)).absolute()
        with disk_errors(path):
            return self._from_path(path)

    def _from_path(self, path: Path) -> tuple[Package, tuple[Word, ...]]:
        if path.is_file() and path.suffix in (".py", ".mpy"):
            file = PackageFile(path.name, str(path), unverified=_LOCAL)
            return Package(path.stem, "", "local", str(path), (file,)), ()
        if path.is_dir():
            own = addresses.folder_for(self.board)
            places = [path / "package.json", *([path / own / "package.json"] if own else [])]
            there = next((place for place in places if place.is_file()), None)
            if there is None and own and (built := sorted((path / own).glob("*.mpy"))):
                found = tuple(PackageFile(one.name, str(one), unverified=_LOCAL) for one in built)
                return Package(path.name, "", "local", str(path), found), ()
            path = there or places[0]
        with disk_errors(path):
            raw = path.read_bytes()[: MOST_PACKAGE + 1]
        said = PackageJson(str(path), raw, local=True)
        files = self._local_files(said, path.parent)
        return Package(path.parent.name, said.version, "local", str(path), files), said.deps

    # --- their files -----------------------------------------------------------------------------------------------

    def _files(self, said: PackageJson, place: str, word: Word) -> tuple[PackageFile, ...]:
        rows = [PackageFile(path, prefix, prefix, tag=tag) for path, prefix, tag in said.hashes]
        for path, source, tag in said.urls:
            address = addresses.for_board(addresses.beside(place, source, said.where), self.board, word.shown)
            url = addresses.url_at(address, word.version)
            pinned = addresses.is_pinned(word) and not source.startswith("http")
            rows.append(PackageFile(path, url, unverified=_PUBLISHER, tag=tag, pinned=pinned))
        return self._for_board(said.where, rows)

    def _local_files(self, said: PackageJson, folder: Path) -> tuple[PackageFile, ...]:
        """Those of a package.json on this computer: files beside it or below, or on the web."""
        rows = [PackageFile(path, prefix, prefix, tag=tag) for path, prefix, tag in said.hashes]
        for path, source, tag in said.urls:
            source = addresses.for_board(source, self.board, folder.name)
            if source.startswith(("http://", "https://", "github:", "gitlab:", "codeberg:")):
                rows.append(PackageFile(path, addresses.url_at(source), unverified=_PUBLISHER, tag=tag))
                continue
            there = folder / source
            if "\\" in source or not there.resolve().is_relative_to(folder.resolve()):
                raise PackageUnsafe(said.where, source)
            rows.append(PackageFile(path, str(there), unverified=_LOCAL, tag=tag))
        return self._for_board(said.where, rows)

    def _for_board(self, where: str, rows: Iterable[PackageFile]) -> tuple[PackageFile, ...]:
        """Of files that are there for several boards, those of this one. One path has one file."""
        chosen: dict[str, PackageFile] = {}
        others: dict[str, PackageFile] = {}
        for row in rows:
            kept = chosen if row.tag is None or _suits(row.tag, self.board.loader.mpy) else others
            if row.tag is not None or row.path not in chosen:
                kept[row.path] = row
        for path in others:
            if path not in chosen:
                raise PackageNotForBoard(where, path, _("It is there for other boards only."))
        return tuple(chosen.values())


def _suits(tag: int, mpy: int) -> bool:
    """Whether a file with this tag is for a board with this ``_mpy``: the same version and architecture, and no more
    of the processor's extensions than it has (micropython-lib#1144, not merged yet)."""
    return tag & 0xFFFF == mpy & 0xFFFF and not (tag >> 16) & ~(mpy >> 16)


def _name_of(address: str) -> str:
    """A package's name from where it is: the last folder."""
    path = address.partition("?")[0].removesuffix("package.json").rstrip("/")
    last = path.rpartition("/")[2].rpartition(":")[2] or path
    return last.removesuffix(".json")[:100]


def _content(ctx: JobContext, library: Library, package: Package, file: PackageFile, board: BoardFacts) -> Content:
    """Fetch a file and check that it is for this board."""
    if file.prefix:
        data = library.by_hash(ctx, package.name, file.path, file.prefix)
    elif file.unverified == _LOCAL:
        with disk_errors(file.address), Path(file.address).open("rb") as stream:
            data = stream.read(MOST_FILE + 1)
    else:
        data = library.web(ctx, file.address, pinned=file.pinned)
    if len(data) > MOST_FILE:
        raise PackageBroken(file.address, _("It is much too long."))
    if file.path.endswith(".mpy"):
        _check_mpy(package, file, data, board)
    return Content(file, data, hashlib.sha256(data).hexdigest())


def _check_mpy(package: Package, file: PackageFile, data: bytes, board: BoardFacts) -> None:
    try:
        check_loads(mpyfile.read(data), board.loader)
    except MpyError as error:
        raise PackageNotForBoard(package.name, file.path, error.what) from error
