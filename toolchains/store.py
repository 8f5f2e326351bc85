"""What is installed: folders with a stamp inside, so that the disk itself says what is there.

An install is filled beside its final place, listed in a manifest, stamped, tried, and then renamed into it in one
step. A second install of the same name gets a folder of its own (``1.26.1~2``), and only then does the older one go:
whenever a process is killed, either the old or the new one is there, whole. Folders whose name starts with a dot are
leftovers and never listed. The pattern is hatch's (``python/core.py``), with a rename instead of a swap.
"""

from __future__ import annotations

import errno
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from toolchains.errors import DiskError, StudioError, disk_errors
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.locks import locked
from toolchains.store_files import MANIFEST, STAMP, FileFault, Seal, faults, size_of, write_manifest
from toolchains.text import _

__all__ = ["MANIFEST", "STAMP", "Entry", "FileFault", "NotInstalled", "Seal", "Store"]

_LOCK = ".lock"
#: In the stamp, what the manifest says in short.
_CONTENTS = "contents"

Fill = Callable[[Path], tuple[str, Mapping[str, object]]]


class NotInstalled(StudioError):
    """Nothing of that name is in the store."""

    code = "store.missing"

    def __init__(self, name: str, root: Path) -> None:
        super().__init__(
            _("{name} is not installed.", name=name),
            why=_("It is not in {path}.", path=root),
            next_step=_("Install it first."),
            name=name,
            path=str(root),
        )


@dataclass(frozen=True)
class Entry:
    """One installed thing: its name, its folder, and what its stamp says."""

    name: str
    folder: Path
    stamp: Mapping[str, object]

    @property
    def bytes(self) -> int | None:
        """How much its files hold, as counted when it was installed; None for what an early release installed."""
        contents = self.stamp.get(_CONTENTS)
        number = contents.get("bytes") if isinstance(contents, dict) else None
        return number if isinstance(number, int) else None


def _read_stamp(folder: Path) -> Mapping[str, object] | None:
    try:
        stamp = json.loads((folder / STAMP).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return stamp if isinstance(stamp, dict) else None


def _serial(folder: Path) -> tuple[str, int] | None:
    name, tilde, number = folder.name.rpartition("~")
    if not tilde:
        return folder.name, 1
    return (name, int(number)) if number.isdecimal() else None


class Store:
    """The installed things below one root folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def entries(self) -> list[Entry]:
        """What is installed, by name; half-installed and foreign folders are ignored."""
        newest: dict[str, tuple[int, Entry]] = {}
        for folder in self._folders():
            serial, stamp = _serial(folder), _read_stamp(folder)
            if serial is None or stamp is None:
                continue
            name, number = serial
            if name not in newest or newest[name][0] < number:
                newest[name] = (number, Entry(name, folder, stamp))
        return [entry for _number, entry in sorted(newest.values(), key=lambda pair: pair[1].name)]

    def get(self, name: str) -> Entry | None:
        """The entry of that name, or None."""
        return next((entry for entry in self.entries() if entry.name == name), None)

    def install(
        self,
        ctx: JobContext,
        fill: Fill,
        prove: Callable[[Path], object] | None = None,
        *,
        seal: Seal | None = None,
        unless: Callable[[], Entry | None] = lambda: None,
    ) -> Entry:
        """Let ``fill`` put everything into a fresh folder and return its name and stamp; it then replaces the old one.

        ``prove`` is given the filled folder, which will still be renamed, and raises if it does not serve. ``seal``
        has the hashes of what was unpacked there (:func:`toolchains.archive.unpack`). ``unless`` is asked once no
        other process installs: what it returns was put there meanwhile and serves, so that nothing is done.

        An exception of ``fill`` or ``prove``, a cancel, or the end of this process at any point leaves the old one in
        place.
        """
        with self._writing(ctx):
            there = unless()
            if there is not None:
                return there
            self._sweep(ctx)
            beside = Path(tempfile.mkdtemp(prefix=".new-", dir=self.root))
            try:
                tree = beside / "it"
                tree.mkdir()
                name, said = fill(tree)
                contents = write_manifest(ctx, tree, seal)
                stamp = {"schema": 1, "name": name, **said, _CONTENTS: contents}
                (tree / STAMP).write_text(json.dumps(stamp, indent=1), "utf-8")
                if prove is not None:
                    prove(tree)
                ctx.check()
                folder = self._next_folder(name)
                ctx.host.replace(tree, folder)
            finally:
                _delete(ctx.host, beside)
            self._drop_if_free(ctx, [old for old in self._named(name) if old != folder])
        return Entry(name, folder, stamp)

    def remove(self, ctx: JobContext, name: str) -> bool:
        """Remove ``name``; whether it was there."""
        if not self._named(name):
            return False
        with self._writing(ctx):
            self._drop(ctx, self._named(name))
        return True

    def verify(self, ctx: JobContext, name: str) -> list[FileFault]:
        """Read every file of ``name`` and compare it with what was installed; what is not the same, by path.

        Raises :class:`NotInstalled`. Python's ``__pycache__`` counts as nothing. A single fault of the manifest
        itself (:data:`MANIFEST`) means that nothing can be said: install it again.
        """
        while True:
            entry = self._entry(name)
            try:
                found = faults(ctx, entry.folder, entry.stamp.get(_CONTENTS))
            except DiskError:
                if self.get(name) == entry:
                    raise
                continue
            if not found or self.get(name) == entry:  # else another process replaced it meanwhile
                return found

    def disk_use(self, name: str) -> int:
        """The bytes of ``name``, at once, from its stamp. Raises :class:`NotInstalled`."""
        entry = self._entry(name)
        return entry.bytes if entry.bytes is not None else size_of(Host.current(), entry.folder)

    def prune(self, ctx: JobContext) -> int:
        """Remove what killed processes left, and installs that a newer one of the same name replaced; bytes freed."""
        if not self._leftovers() and not self._replaced():
            return 0
        with self._writing(ctx):
            return self._sweep(ctx, count=True)

    def _entry(self, name: str) -> Entry:
        entry = self.get(name)
        if entry is None:
            raise NotInstalled(name, self.root)
        return entry

    def _folders(self) -> list[Path]:
        try:
            return [p for p in self.root.iterdir() if p.is_dir() and not p.name.startswith(".")]
        except OSError:
            return []

    def _named(self, name: str) -> list[Path]:
        return [folder for folder in self._folders() if (_serial(folder) or ("", 0))[0] == name]

    def _replaced(self) -> list[Path]:
        """Whole installs of which a newer one is there."""
        current = {entry.name: entry.folder for entry in self.entries()}
        return [
            folder
            for folder in self._folders()
            if folder != current.get((_serial(folder) or ("", 0))[0], folder) and _read_stamp(folder) is not None
        ]

    def _leftovers(self) -> list[Path]:
        return [*self.root.glob(".new-*"), *self.root.glob(".old-*")]

    def _next_folder(self, name: str) -> Path:
        numbers = [(_serial(folder) or ("", 0))[1] for folder in self._named(name)]
        return self.root / (f"{name}~{max(numbers) + 1}" if numbers else name)

    def _drop(self, ctx: JobContext, folders: list[Path]) -> None:
        """Take folders away: first out of sight in one step, then their content."""
        for folder in sorted(folders, key=lambda f: (_serial(f) or ("", 0))[1]):
            trash = Path(tempfile.mkdtemp(prefix=".old-", dir=self.root))
            try:
                ctx.host.replace(folder, trash / "it")
            finally:
                _delete(ctx.host, trash)

    def _drop_if_free(self, ctx: JobContext, folders: list[Path]) -> None:
        """The same for what a newer one has replaced: on Windows its programs may still run, and it goes later."""
        try:
            self._drop(ctx, folders)
        except PermissionError as error:
            ctx.log(f"still in use, removed another time: {error.filename}")

    def _sweep(self, ctx: JobContext, *, count: bool = False) -> int:
        """Remove what a killed process left; called under the lock, so nobody is still working in it.

        The bytes that were freed, if they shall be counted.
        """
        left = [*self._leftovers(), *self._replaced()]
        freed = sum(size_of(ctx.host, folder) for folder in left) if count else 0
        self._drop_if_free(ctx, self._replaced())
        for folder in self._leftovers():
            _delete(ctx.host, folder)
        return freed

    @contextmanager
    def _writing(self, ctx: JobContext) -> Iterator[None]:
        """Around all that changes the store: one process at a time; the disk's refusals are sentences."""
        with disk_errors(self.root):
            try:
                self.root.mkdir(parents=True, exist_ok=True)
                with locked(ctx, self.root / _LOCK):
                    yield
            except PermissionError as error:
                raise self._refused(error) from error
            except OSError as error:
                if error.errno != errno.EROFS:
                    raise
                raise self._refused(error) from error

    def _refused(self, error: OSError) -> DiskError:
        return DiskError(
            _("Nothing can be changed in {path}.", path=self.root),
            why=_("The system says of {path}: {reason}.", path=error.filename or self.root, reason=error.strerror),
            next_step=_(
                "End all programs of it that are running, or set NATMOD_HOME to a folder of your own, then try again."
            ),
            path=str(error.filename or self.root),
            errno=error.errno,
        )


def _delete(host: Host, folder: Path) -> None:
    shutil.rmtree(host.extended(folder), ignore_errors=True)
