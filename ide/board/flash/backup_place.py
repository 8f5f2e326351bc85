"""Where backups are: a dated folder, or the same in one .zip file; written whole or not at all, and read with care."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ide.board.flash.backup_manifest import LARGEST_MANIFEST, MANIFEST, BadBackup, Manifest, Member, read_manifest
from toolchains.archive_errors import DAMAGE
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.text import _

_PART = ".part"


@dataclass(frozen=True)
class Backup:
    """A backup on this computer: a folder, or a .zip file."""

    place: Path
    manifest: Manifest

    def read(self, member: Member) -> bytes:
        """The bytes of a member, compared with its hash. Raises BadBackup, DiskError."""
        data = _read(self.place, member.name, member.size)
        if len(data) != member.size or hashlib.sha256(data).hexdigest() != member.sha256:
            raise BadBackup(self.place.name, _("{name} in it is not as it was when it was made.", name=member.name))
        return data

    def image(self) -> bytes:
        """The bytes of the flash that it keeps. Raises BadBackup, DiskError."""
        member = self.manifest.member(self.manifest.image)
        assert member is not None  # read_manifest has seen to it
        return self.read(member)


def open_backup(place: Path) -> Backup:
    """The backup in a folder or a .zip file; its members are proved when they are read. Raises BadBackup, DiskError."""
    return Backup(place, read_manifest(place.name, _read(place, MANIFEST, LARGEST_MANIFEST)))


def prove(ctx: JobContext, backup: Backup) -> None:
    """Compare every member with its hash. Raises BadBackup."""
    with ctx.step(_("compare the backup with its hashes")):
        for member in backup.manifest.members:
            ctx.check()
            backup.read(member)


def _read(place: Path, name: str, most: int) -> bytes:
    """At most ``most`` bytes and one more, so that too many are seen."""
    if place.is_dir():
        with disk_errors(place / name):
            path = place / name
            if not path.is_file() or not path.resolve().is_relative_to(place.resolve()):
                raise BadBackup(place.name, _("{name} is missing in it.", name=name))
            with path.open("rb") as file:
                return file.read(most + 1)
    with disk_errors(place):
        raw = place.open("rb")
    try:
        with raw, zipfile.ZipFile(raw) as archive, archive.open(name) as file:
            return file.read(most + 1)
    except KeyError as error:
        raise BadBackup(place.name, _("{name} is missing in it.", name=name)) from error
    except DAMAGE as error:
        raise BadBackup(place.name, _("It is no backup of Natmod Studio, or damaged.")) from error


def folder_of(paths: Paths) -> Path:
    """Where backups go when nobody says: ``backups`` in the person's data."""
    return paths.data / "backups"


def backups(folder: Path) -> list[Backup]:
    """What backups there are, the newest first. What is none is passed over."""
    found = []
    for place in folder.iterdir() if folder.is_dir() else ():
        if place.suffix == ".zip" or (place.is_dir() and place.suffix != _PART):
            try:
                found.append(open_backup(place))
            except BadBackup:
                continue
    return sorted(found, key=lambda backup: backup.manifest.created, reverse=True)


@contextmanager
def making(ctx: JobContext, folder: Path, name: str) -> Iterator[Path]:
    """A new folder to fill; when the body is through it gets its name, else it is gone."""
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        place = _free(folder, name)
        part = place.with_name(place.name + _PART)
        part.mkdir()
    try:
        yield part
        with disk_errors(place):
            ctx.host.replace(part, place)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _free(folder: Path, name: str) -> Path:
    number = 1
    while True:
        place = folder / (name if number == 1 else f"{name}_{number}")
        if not any((folder / (place.name + end)).exists() for end in ("", _PART, ".zip")):
            return place
        number += 1


def zipped(ctx: JobContext, place: Path) -> Path:
    """Make one .zip file of a backup's folder, which goes away; its path."""
    target = place.with_name(place.name + ".zip")
    part = target.with_name(target.name + _PART)
    with ctx.step(_("pack the backup into one file")), disk_errors(target):
        try:
            with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                for path in sorted(place.rglob("*")):
                    ctx.check()
                    if path.is_file():
                        archive.write(path, path.relative_to(place).as_posix())
            ctx.host.replace(part, target)
        finally:
            part.unlink(missing_ok=True)
        shutil.rmtree(place, ignore_errors=True)
    return target
