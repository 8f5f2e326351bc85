"""What a backup says of itself: ``manifest.json``, written by us, read as something that anybody may have made."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ide.board.flash.errors import FlashError
from toolchains.text import Text, _

SCHEMA = 1
MANIFEST, TABLE_CSV = "manifest.json", "partitions.csv"
#: Bytes of a manifest, and of everything in a backup.
LARGEST_MANIFEST = 16 << 20
LARGEST = 512 << 20

BackupKind = Literal["flash", "partition", "files"]
_KINDS: dict[str, BackupKind] = {"flash": "flash", "partition": "partition", "files": "files"}
_HASH = re.compile(r"[0-9a-f]{64}")
_WORD = re.compile(r"[\w .:+-]{0,80}")
_MEMBER = re.compile(r"(?!/)(?!.*(?:^|/)\.\.?(?:/|$))[^\\\x00-\x1f]{1,4000}")


class BadBackup(FlashError):
    """The file or folder is no backup of ours, or not as it was when it was made."""

    code = "flash.backup"

    def __init__(self, name: str, why: Text) -> None:
        super().__init__(
            _("The backup {name} cannot be used.", name=name),
            why=why,
            next_step=_("Choose another backup."),
            name=name,
        )


@dataclass(frozen=True)
class Member:
    """A file of the backup: its name with slashes, bytes, SHA-256 in hex."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class KeptFile:
    """A file or folder of the board, and the member that holds it (empty for a folder)."""

    path: str
    folder: bool
    member: str


@dataclass(frozen=True)
class Manifest:
    """What was backed up. Sizes and addresses in bytes.

    ``created`` is a date in ISO form, with the zone; ``firmware`` the banner of what ran, where it was found;
    ``partition`` is empty for a whole flash; ``image`` is the member with the bytes of the flash from ``address``.
    ``files`` and ``broken`` (paths that could not be read) are of the kind ``files``; ``filesystem`` is ``littlefs``,
    ``fat``, ``empty`` or ``unknown``.
    """

    kind: BackupKind
    created: str
    chip: str
    description: str
    mac: str
    flash_size: int
    firmware: str
    partition: str
    address: int
    image: str
    members: tuple[Member, ...]
    filesystem: str = ""
    files: tuple[KeptFile, ...] = ()
    broken: tuple[str, ...] = ()
    whole: bool = True

    def member(self, name: str) -> Member | None:
        """The member of a name."""
        return next((member for member in self.members if member.name == name), None)

    @property
    def image_size(self) -> int:
        """Bytes of the image."""
        found = self.member(self.image)
        return found.size if found is not None else 0

    def to_json(self) -> str:
        """The text of ``manifest.json``."""
        return json.dumps({"schema": SCHEMA, **asdict(self)}, indent=1, ensure_ascii=False) + "\n"


def read_manifest(name: str, text: bytes) -> Manifest:
    """The manifest in ``text``; ``name`` is the backup's, for the sentence. Raises BadBackup."""
    try:
        data: dict[str, Any] = json.loads(text)
        if data["schema"] != SCHEMA:
            raise BadBackup(name, _("It was made by a newer Natmod Studio."))
        manifest = _manifest(data)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadBackup(name, _("Its manifest.json makes no sense.")) from error
    return manifest


def _manifest(data: dict[str, Any]) -> Manifest:
    members = tuple(Member(_member(row["name"]), _size(row["size"]), _hash(row["sha256"])) for row in data["members"])
    names = {member.name for member in members}
    files = tuple(_kept(row, names) for row in data["files"])
    if len(names) != len(members) or sum(member.size for member in members) > LARGEST:
        raise ValueError("members")
    if data["image"] not in names:
        raise ValueError("image")
    return Manifest(
        kind=_KINDS[data["kind"]],
        created=_word(data["created"]),
        chip=_word(data["chip"]),
        description=_said(data["description"]),
        mac=_word(data["mac"]),
        flash_size=_size(data["flash_size"]),
        firmware=_said(data["firmware"]),
        partition=_said(data["partition"]),
        address=_size(data["address"]),
        image=str(data["image"]),
        members=members,
        filesystem=_word(data["filesystem"]),
        files=files,
        broken=tuple(str(path) for path in data["broken"]),
        whole=bool(data["whole"]),
    )


def _kept(row: dict[str, Any], names: set[str]) -> KeptFile:
    kept = KeptFile(str(row["path"]), bool(row["folder"]), str(row["member"]))
    if kept.folder == (kept.member in names) or not kept.path.startswith("/"):
        raise ValueError("files")
    return kept


def _member(name: object) -> str:
    if not isinstance(name, str) or not _MEMBER.fullmatch(name):
        raise ValueError("name")
    return name


def _hash(text: object) -> str:
    if not isinstance(text, str) or not _HASH.fullmatch(text):
        raise ValueError("sha256")
    return text


def _word(text: object) -> str:
    if not isinstance(text, str) or not _WORD.fullmatch(text):
        raise ValueError("word")
    return text


def _said(text: object) -> str:
    return "".join(letter for letter in str(text)[:200] if letter.isprintable())


def _size(number: object) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= LARGEST:
        raise ValueError("size")
    return number
