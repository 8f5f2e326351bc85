"""A firmware's sizes against those of the build before, and against MicroPython without anything of the project."""

from __future__ import annotations

import filecmp
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from toolchains.contents import digest_of
from toolchains.errors import disk_errors
from toolchains.firmware.built import MAP, RECORD, FirmwareRequest, folder_of, table_of
from toolchains.firmware.sizes import Piece, Sizes
from toolchains.firmware.weighing import NotBuilt, weigh_folder
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.project import Project
from toolchains.sdk_tree import SdkTree

#: In the folder of results: the firmware before this one.
_LAST = "last"


@dataclass(frozen=True)
class Change:
    """Stored bytes of one thing now and before; 0 for what was not or is no more."""

    name: str
    now: int
    before: int

    @property
    def change(self) -> int:
        """Bytes more than before."""
        return self.now - self.before


def keep_last(folder: Path, elf: Path) -> None:
    """Before new results are laid into ``folder``: keep those that are there, unless ``elf`` is the same firmware.

    A folder that nobody can make sense of is not kept. Raises ``DiskError``.
    """
    with disk_errors(folder):
        old = _elf_in(folder)
        if old is None or filecmp.cmp(old, elf, shallow=False):
            return
        last = folder / _LAST
        last.mkdir(exist_ok=True)
        for path in (old, folder / MAP, folder / RECORD):
            if path.is_file():
                path.replace(last / path.name)


def _elf_in(folder: Path) -> Path | None:
    try:
        record = json.loads((folder / RECORD).read_text("utf-8"))
        found = folder / Path(str(record.get("elf", record["product"]))).name
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return found if found.is_file() else None


def last(project: Project) -> Sizes | None:
    """The sizes of the build before the last one; None where there was none. Raises ``BadImage``, ``DiskError``."""
    label = table_of(project).label
    try:
        return weigh_folder(folder_of(project, label) / _LAST, label)
    except NotBuilt:
        return None


def stock(ctx: JobContext, project: Project, sdk: SdkTree, host: Host, paths: Paths) -> Sizes:
    """The sizes of MicroPython alone for the same board, which is built if it was not yet.

    Raises what :func:`toolchains.firmware.build.build` raises, ``BadImage``.
    """
    from toolchains.firmware.build import build  # here, because a build keeps what was before it, with this module

    plain = _plain(project, sdk, host, paths)
    label = table_of(plain).label
    folder = folder_of(plain, label)
    if _elf_in(folder) is None:
        build(ctx, FirmwareRequest(plain, sdk), host, paths)
    return weigh_folder(folder, label)


def stock_there(project: Project, sdk: SdkTree, host: Host, paths: Paths) -> bool:
    """Whether :func:`stock` has nothing to build."""
    plain = _plain(project, sdk, host, paths)
    return _elf_in(folder_of(plain, table_of(plain).label)) is not None


def _plain(project: Project, sdk: SdkTree, host: Host, paths: Paths) -> Project:
    """A project of ours that makes the same firmware with nothing in it."""
    table = table_of(project)
    own_boards = project.root / "boards"
    key = digest_of(table.label, sdk.identity, str(own_boards) if own_boards.is_dir() else "")[:16]
    root = paths.cache / "firmware" / f"stock-{key}"
    with disk_errors(root):
        root.mkdir(parents=True, exist_ok=True)
        if own_boards.is_dir():
            host.link_folder(root / "boards", own_boards)
    bare = replace(type(table)(table.port), board=table.board, variant=table.variant)
    return Project(root, name="stock", sources=(), firmware=bare)


def by_group(piece: Piece) -> str:
    """The part of the firmware."""
    return piece.group


def by_file(piece: Piece) -> str:
    """The object file."""
    return piece.file or piece.group


def by_symbol(piece: Piece) -> str:
    """The function or the constant."""
    return piece.symbol


def compare(now: Sizes, before: Sizes | None, key: Callable[[Piece], str] = by_group) -> tuple[Change, ...]:
    """Stored bytes by ``key``, the largest now first; without ``before`` nothing has changed."""
    after, was = _stored(now, key), _stored(before, key) if before is not None else None
    names = {*after, *(was or ())}
    found = [Change(name, after.get(name, 0), (was or after).get(name, 0)) for name in names]
    return tuple(sorted(found, key=lambda one: (-one.now, -abs(one.change), one.name)))


def _stored(sizes: Sizes, key: Callable[[Piece], str]) -> Mapping[str, int]:
    found: dict[str, int] = defaultdict(int)
    for piece in sizes.pieces:
        if piece.region != "zeroed":
            found[key(piece)] += piece.size
    return found
