"""What a pack says of itself: ``manifest.json``, written by us, and read as if a stranger had written it.

A pack (``lab.natmodpack``) is one file, or one folder, or that folder behind an HTTP server: everything that setting up
a classroom without a network takes. The manifest names each file with its size and SHA-256; nothing else in a pack is
ever looked at. All faults of a manifest are :class:`PackUnsafe`, with the place in its words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, cast, get_args

from toolchains.catalog_records import PLATFORMS, CatalogBroken, Checked, Release, release_from, release_record
from toolchains.chips import chips
from toolchains.errors import FetchError
from toolchains.text import Text, _

MANIFEST = "manifest.json"
LAB = "lab.toml"
#: The folder in which a pack has what an index of packages for boards has.
PACKAGES = "packages"
SUFFIX = ".natmodpack"
SCHEMA = 1
#: The longest manifest that is read (bytes), the most files, and the largest file and pack (bytes).
MAX_MANIFEST = 8 << 20
MAX_FILES = 20_000
MAX_SIZE = 64 << 30
_MAX_STAMP = 20_000

Kind = Literal["toolchain", "sdk", "wheel", "firmware", "example", "catalog", "package", "stub", "lab"]
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@~=,!-]*")
_PYTHON = re.compile(r"3\.\d{1,2}")
_RELEASE = re.compile(r"\d{1,3}\.\d{1,3}\.\d{1,3}(?:-[A-Za-z0-9.]+)?")
#: Names that Windows keeps for devices, with any ending.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
#: Of an archive that was packed from a store there is no address; that of a record must be one of https.
NOWHERE = "https://pack.invalid/"


class PackError(FetchError):
    """Something about a pack. ``fields["pack"]`` is where it was looked for."""

    code = "pack"


class PackUnsafe(PackError):
    """The manifest says what no manifest of ours says; nothing of the pack was used. ``fields["place"]``: where."""

    code = "pack.unsafe"

    def __init__(self, where: str, place: str, why: Text) -> None:
        super().__init__(
            _("The pack {pack} was refused because of {place} in its manifest.", pack=where, place=place),
            why=why,
            next_step=_("Get it again from whoever made it, or make it anew with: natmod toolchain pack"),
            pack=where,
            place=place,
        )


class PackTooNew(PackError):
    """A later release of ours made it. ``fields["schema"]`` is its number."""

    code = "pack.schema"

    def __init__(self, where: str, schema: object) -> None:
        super().__init__(
            _("The pack {pack} was made by a newer Natmod Studio.", pack=where),
            next_step=_("Update Natmod Studio, or make the pack with this one."),
            pack=where,
            schema=schema,
        )


@dataclass(frozen=True)
class PackFile:
    """One file: its path in the pack (posix, relative), bytes, SHA-256 in hex, and what it is for.

    ``platform`` is a key of the catalogue (``linux-amd64``), ``python`` like ``3.11``; None: for all. ``version`` is
    that of an SDK or a firmware.
    """

    path: str
    size: int
    sha256: str
    kind: Kind
    platform: str | None = None
    python: str | None = None
    version: str | None = None

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class Packed:
    """One toolchain: its row of the catalogue, whose files are those of the pack.

    ``stamp`` is what the store's stamp said of one that was packed from a store (None: the maker's own archive), and
    ``slim`` whether C++ and unused libraries were left out.
    """

    release: Release
    stamp: Mapping[str, object] | None = None
    slim: bool = False


@dataclass(frozen=True)
class Manifest:
    """What is in a pack, when and by what it was made, and for which platforms, chips and Pythons."""

    made: str
    maker: str
    platforms: tuple[str, ...] = ()
    chips: tuple[str, ...] = ()
    pythons: tuple[str, ...] = ()
    files: tuple[PackFile, ...] = ()
    toolchains: tuple[Packed, ...] = field(default=())

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def of_kind(self, kind: Kind) -> list[PackFile]:
        """The files of one kind, in the order of the pack."""
        return [file for file in self.files if file.kind == kind]

    def file(self, path: str) -> PackFile | None:
        """The file of that path in the pack."""
        return next((file for file in self.files if file.path == path), None)

    def to_json(self) -> bytes:
        """As it is written: one file a line."""
        head = {
            "schema": SCHEMA,
            "made": self.made,
            "maker": self.maker,
            "platforms": self.platforms,
            "chips": self.chips,
            "pythons": self.pythons,
        }
        files = [{key: value for key, value in asdict(file).items() if value is not None} for file in self.files]
        rows = [_row(packed) for packed in self.toolchains]
        lines = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
        for name, records in (("toolchains", rows), ("files", files)):
            inside = ",\n".join(f"  {json.dumps(record)}" for record in records)
            lines.append(f' "{name}": [\n{inside}\n ]' if records else f' "{name}": []')
        return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _row(packed: Packed) -> dict[str, Any]:
    stamp = {} if packed.stamp is None else {"stamp": dict(packed.stamp)}
    return {**release_record(packed.release), **stamp, "slim": packed.slim}


# --- reading --------------------------------------------------------------------------------------------------------


def parse(where: str, raw: bytes) -> Manifest:
    """The manifest of the pack at ``where``. Raises :class:`PackUnsafe` or :class:`PackTooNew`."""
    if len(raw) > MAX_MANIFEST:
        raise PackUnsafe(where, MANIFEST, _("It is longer than any manifest."))
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise PackUnsafe(where, MANIFEST, _("It is no JSON: {reason}.", reason=error)) from error
    schema = data.get("schema") if isinstance(data, dict) else None
    if isinstance(schema, int) and schema > SCHEMA:
        raise PackTooNew(where, schema)
    try:
        return _manifest(Checked(data, MANIFEST))
    except CatalogBroken as error:
        place = str(error.fields["where"]) or MANIFEST
        raise PackUnsafe(where, place, error.why or error.what) from error


def _manifest(top: Checked) -> Manifest:
    if top["schema"].value != SCHEMA:
        raise top["schema"].wrong(_("it is not {n}", n=SCHEMA))
    files = tuple(_file(row) for row in _rows(top["files"]))
    _check_all(top["files"], files)
    known = {file.sha256: file for file in files if file.kind == "toolchain"}
    return Manifest(
        made=top["made"].text(40),
        maker=top["maker"].text(100),
        platforms=_among(top["platforms"], PLATFORMS),
        chips=_among(top["chips"], chips()),
        pythons=tuple(_python(item) for item in top["pythons"].items()),
        files=files,
        toolchains=tuple(_packed(row, known) for row in top["toolchains"].items()),
    )


def _rows(said: Checked) -> list[Checked]:
    """Like :meth:`Checked.items`, but a pack has more files than a list of toolchains has rows."""
    if not isinstance(said.value, list) or len(said.value) > MAX_FILES:
        raise said.wrong(_("it should be a list of at most {n} files", n=MAX_FILES))
    return [Checked(row, said.name, f"{said.where}[{n}]") for n, row in enumerate(said.value)]


def _among(said: Checked, known: Iterable[str]) -> tuple[str, ...]:
    for word in said.words():
        if word not in known:
            raise said.wrong(_("{value} is not known here", value=word))
    return said.words()


def _python(said: Checked) -> str:
    if not _PYTHON.fullmatch(said.text(10)):
        raise said.wrong(_("{value} is no version of Python", value=said.text(10)))
    return said.text(10)


def _file(said: Checked) -> PackFile:
    kind, path, size = said["kind"].word(), _path(said["path"]), said["size"].value
    if kind not in get_args(Kind):
        raise said["kind"].wrong(_("{value} is no kind of file that a pack has", value=kind))
    if path.lower() == MANIFEST or (kind == "lab") != (path == LAB):
        raise said["path"].wrong(_("{path} cannot be of the kind {kind}", path=path, kind=kind))
    if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size <= MAX_SIZE:
        raise said["size"].wrong(_("it should be a number of bytes"))
    version = said["version"].word() if said.has("version") or kind == "sdk" else None
    if kind == "sdk" and not _RELEASE.fullmatch(str(version)):
        raise said["version"].wrong(_("{value} is no release of MicroPython", value=str(version)))
    return PackFile(
        path,
        size,
        said["sha256"].sha256(),
        cast("Kind", kind),
        _among(Checked([said["platform"].value], said.name, said["platform"].where), PLATFORMS)[0]
        if said.has("platform")
        else None,
        _python(said["python"]) if said.has("python") else None,
        version,
    )


def _path(said: Checked) -> str:
    path = said.text()
    for part in path.split("/"):
        if part in ("", ".", ".."):
            raise said.wrong(_("the path {path} leads out of the pack", path=repr(path)))
        if not _PART.fullmatch(part) or part.endswith(".") or _DEVICE.fullmatch(part):
            raise said.wrong(_("not every system allows the path {path}", path=repr(path)))
    return path


def _check_all(said: Checked, files: Iterable[PackFile]) -> None:
    """No two of one path, nor a file that is another one's folder; not more bytes than a disk of today holds."""
    seen: dict[str, bool] = {}
    total = 0
    for file in files:
        total += file.size
        parts = file.path.lower().split("/")
        for depth in range(1, len(parts) + 1):
            name, is_file = "/".join(parts[:depth]), depth == len(parts)
            if name in seen and (seen[name] or is_file):
                raise said.wrong(_("two of them have the path {path}", path=repr(file.path)))
            seen[name] = is_file
    if total > MAX_SIZE:
        raise said.wrong(_("together they are larger than any pack"))


def _packed(said: Checked, known: Mapping[str, PackFile]) -> Packed:
    release = release_from(said)
    for archive in release.files.values():
        file = known.get(archive.sha256)
        if file is None or (file.size, file.name) != (archive.size, archive.name):
            raise said["files"].wrong(_("{name} is not among the files of the pack", name=archive.name))
    stamp = said["stamp"].value if said.has("stamp") else None
    if stamp is not None and (not isinstance(stamp, dict) or len(json.dumps(stamp)) > _MAX_STAMP):
        raise said["stamp"].wrong(_("it should be a short table"))
    return Packed(release, stamp, said.has("slim") and said["slim"].value is True)
