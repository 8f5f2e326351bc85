"""Filesystem images of boards, read and made on this computer: littlefs and FAT, as MicroPython has them.

Images are not trusted: what reads them is a child process (:mod:`ide.board.flash.fs_worker`), names are made safe, and
nothing is larger than the image that it came from. Paths on the board begin with a slash.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from ide.board.flash.errors import FlashError
from ide.board.flash.safe_names import safe_names
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.text import _
from toolchains.units import size_text

FsKind = Literal["littlefs", "fat"]
BLOCK = 4096
#: What a filesystem of MicroPython can be; ``empty``: MicroPython makes one when it starts.
Content = Literal["littlefs", "fat", "empty", "unknown"]

_LARGEST = 128 << 20
_TIMEOUT_S = 60.0
_NOT_FOR_BOARDS = {".git", ".natmod", "__pycache__", ".DS_Store", "Thumbs.db"}


class FilesystemDamaged(FlashError):
    """The image is no filesystem that we know, or too broken to be read or changed."""

    code = "flash.fs"

    def __init__(self, words: str = "") -> None:
        super().__init__(
            _("The filesystem of the board cannot be read."),
            why=_("It is damaged, or it is none that MicroPython makes (littlefs or FAT)."),
            next_step=_("Keep a backup of the partition, then erase it: MicroPython makes a new one when it starts."),
            detail=words,
        )


class FilesystemFull(FlashError):
    """The files do not fit. Sizes in bytes."""

    code = "flash.fs.full"

    def __init__(self, needed: int, size: int) -> None:
        super().__init__(
            _("The files do not fit: they have {needed}, and the filesystem has {size}.", needed=size_text(needed),
              size=size_text(size)),
            next_step=_("Leave some out, or make the partition larger."),
            needed=needed,
            size=size,
        )  # fmt: skip


class BadFsRequest(FlashError):
    """What was asked for cannot be done with this image or folder; ``what`` says why."""

    code = "flash.fs.request"


@dataclass(frozen=True)
class BoardFile:
    """A file or folder in an image; ``data`` is None when only names were asked for, and for folders."""

    path: str
    folder: bool
    size: int
    data: bytes | None = None

    @property
    def sha256(self) -> str:
        """Of its content, hex; empty when that was not read."""
        return hashlib.sha256(self.data).hexdigest() if self.data is not None else ""


@dataclass(frozen=True)
class Unpacked:
    """Files of an image. ``broken`` are paths that could not be read; ``whole``: nothing seems to be missing.

    ``names``: the relative path of each of ``files`` in the folder that they were put into, if they were.
    """

    files: tuple[BoardFile, ...]
    broken: tuple[str, ...]
    whole: bool
    names: tuple[str, ...] = ()


def content_of(image: bytes) -> Content:
    """What an image is, by its first blocks."""
    if not image[: 2 * BLOCK].strip(b"\xff"):  # littlefs begins in both of them, and one may be lost
        return "empty"
    if b"littlefs" in (image[8:16], image[BLOCK + 8 : BLOCK + 16]):
        return "littlefs"
    if image[510:512] == b"\x55\xaa" and image[:1] in (b"\xeb", b"\xe9"):
        (sector,) = struct.unpack_from("<H", image, 11)
        return "fat" if sector in (512, 1024, 2048, 4096) else "unknown"
    return "unknown"


def _kind(image: bytes) -> FsKind:
    kind = content_of(image)
    if kind == "littlefs" or kind == "fat":
        return kind
    raise FilesystemDamaged


def files(ctx: JobContext, image: bytes) -> tuple[BoardFile, ...]:
    """What is in an image, without contents; nothing in an empty one. Raises FilesystemDamaged."""
    if content_of(image) == "empty":
        return ()
    answer, _data = _ask(ctx, {"op": "list", "kind": _kind(image)}, image)
    return tuple(BoardFile(path, folder, size) for path, folder, size in _entries(answer))


def read(ctx: JobContext, image: bytes) -> Unpacked:
    """All files of an image, with their contents. Raises FilesystemDamaged."""
    if content_of(image) == "empty":
        return Unpacked((), (), True)
    answer, data = _ask(ctx, {"op": "read", "kind": _kind(image)}, image)
    found: list[BoardFile] = []
    at = 0
    for path, folder, size in _entries(answer):
        found.append(BoardFile(path, folder, size, None if folder else data[at : at + size]))
        at += 0 if folder else size
    if at != len(data):
        raise FilesystemDamaged("sizes")
    return Unpacked(tuple(found), tuple(map(str, answer.get("broken", ()))), bool(answer.get("whole")))


def _entries(answer: dict[str, Any]) -> list[tuple[str, bool, int]]:
    """What the child says of the files. It may have been made to say anything."""
    try:
        return [(str(path), bool(folder), int(size)) for path, folder, size in answer["entries"] if int(size) >= 0]
    except (KeyError, TypeError, ValueError) as error:
        raise FilesystemDamaged(str(error)) from error


def unpack(ctx: JobContext, image: bytes, into: Path) -> Unpacked:
    """Put the files of an image into a folder, which is made. Raises FilesystemDamaged, DiskError."""
    found = read(ctx, image)
    names = safe_names((file.path, "folder" if file.folder else "file") for file in found.files)
    with disk_errors(into):
        into.mkdir(parents=True, exist_ok=True)
        for file, name in zip(found.files, names, strict=True):
            ctx.check()
            place = ctx.host.extended(into / name)
            if file.data is None:
                place.mkdir(parents=True, exist_ok=True)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(file.data)
    return replace(found, names=tuple(names))


def build(ctx: JobContext, folder: Path, size: int, kind: FsKind = "littlefs") -> bytes:
    """An image of ``size`` bytes with the files of a folder.

    Hidden folders of tools (``.git``, ``__pycache__``), and links, are left out. Raises FilesystemFull, BadFsRequest,
    DiskError.
    """
    return build_of(ctx, _folder_rows(ctx, folder), size, kind)


def build_of(ctx: JobContext, rows: Sequence[BoardFile], size: int, kind: FsKind = "littlefs") -> bytes:
    """An image of ``size`` bytes with these files and folders, folders before what is in them."""
    if size % BLOCK or not 2 * BLOCK <= size <= _LARGEST:
        raise BadFsRequest(_("A filesystem has a multiple of 4 kB, at least 8 kB: {size}.", size=size_text(size)))
    needed = sum(row.size for row in rows)
    if needed > size:
        raise FilesystemFull(needed, size)
    entries = [[row.path, row.folder, 0 if row.folder else row.size] for row in rows]
    request = {"op": "build", "kind": kind, "size": size, "entries": entries}
    _answer, image = _ask(ctx, request, b"".join(row.data or b"" for row in rows), full=FilesystemFull(needed, size))
    if len(image) != size:
        raise FilesystemDamaged("size")
    return image


def _folder_rows(ctx: JobContext, folder: Path) -> list[BoardFile]:
    found: list[BoardFile] = []
    total = 0
    with disk_errors(folder):
        for path in sorted(folder.rglob("*")):
            ctx.check()
            inside = path.relative_to(folder)
            if path.is_symlink() or _NOT_FOR_BOARDS & set(inside.parts):
                continue
            name = f"/{inside.as_posix()}"
            if path.is_dir():
                found.append(BoardFile(name, True, 0))
            elif path.is_file():
                total += path.stat().st_size
                if total > _LARGEST:
                    raise BadFsRequest(_("{folder} has more than any board can hold.", folder=folder))
                data = path.read_bytes()
                found.append(BoardFile(name, False, len(data), data))
    return found


def rename(ctx: JobContext, image: bytes, *pairs: tuple[str, str]) -> tuple[bytes, tuple[int, ...]]:
    """The image with files renamed, and the numbers of the 4096-byte blocks that are not as before.

    Every file of the image is compared afterwards: the names are all that changes. Raises FilesystemDamaged, and
    BadFsRequest when there is something of a new name.
    """
    before = read(ctx, image)
    _answer, after = _ask(ctx, {"op": "rename", "kind": _kind(image), "pairs": pairs}, image)
    if len(after) != len(image):
        raise FilesystemDamaged("size")
    new = dict(pairs)
    wanted = {(new.get(file.path, file.path), file.folder, file.data) for file in before.files}
    now = read(ctx, after)
    broken = {new.get(path, path) for path in before.broken}
    if wanted != {(file.path, file.folder, file.data) for file in now.files} or broken != set(now.broken):
        raise FilesystemDamaged("changed")
    return after, changed_blocks(image, after)


def changed_blocks(before: bytes, after: bytes) -> tuple[int, ...]:
    """The numbers of the blocks in which two images of the same size differ."""
    count = -(-len(after) // BLOCK)
    return tuple(n for n in range(count) if before[n * BLOCK : (n + 1) * BLOCK] != after[n * BLOCK : (n + 1) * BLOCK])


def runs_of(blocks: Sequence[int]) -> list[tuple[int, int]]:
    """Numbers of blocks as (first, count) of blocks in a row."""
    found: list[tuple[int, int]] = []
    for block in blocks:
        if found and sum(found[-1]) == block:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((block, 1))
    return found


def _ask(
    ctx: JobContext, request: dict[str, Any], body: bytes, *, full: FilesystemFull | None = None
) -> tuple[dict[str, Any], bytes]:
    """One request to a child of its own, which may die of a hostile image."""
    argv = ctx.host.self_command("--worker", "filesystem")
    with ctx.step(_("look into the filesystem") if request["op"] in ("list", "read") else _("change the filesystem")):
        done = ctx.run(argv, stdin=json.dumps(request).encode() + b"\n" + body, check=False, timeout=_TIMEOUT_S)
    line, _newline, data = done.stdout.partition(b"\n")
    try:
        answer: dict[str, Any] = dict(json.loads(line))
    except (TypeError, ValueError) as error:
        raise FilesystemDamaged(done.stderr.decode("utf-8", "backslashreplace")) from error
    match answer.get("error"):
        case None if done.returncode == 0:
            return answer, data
        case "full":
            raise full or FilesystemFull(len(body), len(body))
        case "exists":
            raise BadFsRequest(
                _("There is something called {name} on the board already.", name=answer.get("words", "?"))
            )
    raise FilesystemDamaged(str(answer.get("words", "")))
