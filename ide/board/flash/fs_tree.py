"""What the two filesystems have in common, as seen by the child process that reads hostile images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

#: No board that we know has more; a folder that contains itself does.
MOST_ENTRIES = 20_000
_DEEPEST = 24


class Damaged(Exception):
    """The image is no filesystem, or a broken one."""


class Full(Exception):
    """There is no room for what is to be written."""


class Exists(Exception):
    """Something has that name already."""


@dataclass(frozen=True)
class Entry:
    """A file or folder; ``path`` begins with a slash."""

    path: str
    folder: bool
    size: int


class Tree(Protocol):
    """A mounted image. All methods raise Damaged."""

    @property
    def image(self) -> bytes:
        """As it is now."""

    @property
    def strayed(self) -> bool:
        """Whether something outside of the image was asked for: it is damaged."""

    def listed(self, folder: str) -> Iterator[Entry]:
        """What is in a folder."""

    def read(self, path: str, most: int) -> bytes:
        """A file; Damaged when it has more than ``most`` bytes."""

    def rename(self, old: str, new: str) -> None:
        """Rename a file. Raises Exists rather than replacing another."""

    def make_folder(self, path: str) -> None:
        """Make a folder; its parent is there. Raises Full."""

    def write(self, path: str, data: bytes) -> None:
        """Make a file. Raises Full."""

    def close(self) -> None:
        """Write what is not yet written."""


class Flash(Protocol):
    """The bytes that an image is mounted on. ``strayed``: more was asked for than there is."""

    buffer: bytearray
    strayed: bool


class OnFlash:
    """A mounted image, as far as it is nothing but its bytes."""

    def __init__(self, flash: Flash) -> None:
        self._flash = flash

    @property
    def image(self) -> bytes:
        """As it is now."""
        return bytes(self._flash.buffer)

    @property
    def strayed(self) -> bool:
        """Whether it was asked for what is not there: it is damaged."""
        return self._flash.strayed


def walk(tree: Tree, folder: str = "/", depth: int = 0) -> Iterator[Entry]:
    """Everything in a tree, folders before what is in them."""
    if depth > _DEEPEST:
        raise Damaged("folders in folders without end")
    for number, entry in enumerate(tree.listed(folder)):
        if number > MOST_ENTRIES:
            raise Damaged("a folder without end")
        yield entry
        if entry.folder:
            yield from walk(tree, entry.path, depth + 1)
