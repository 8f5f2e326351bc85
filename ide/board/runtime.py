"""The folder of one running keeper: its lock, its address card, its socket, its log, the files of its machine.

One folder a kind of board and state directory, for this user only (0700). Whoever holds the lock owns the folder: the
keeper as long as it lives, or whoever clears up after a keeper that was killed. The last thing an owner does is to
remove the folder, lock file included; therefore a lock counts only while its file is still the one in the folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import stat
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from toolchains.errors import BoardError
from toolchains.host import Host
from toolchains.text import _

#: sun_path holds 108 bytes on Linux, 104 on macOS, the closing zero included.
_SOCKET_PATH_LIMIT = 103
_SOCKET = "control"


@dataclass(frozen=True)
class Card:
    """How to reach a keeper: its process, its control address (``unix:PATH`` or ``tcp:PORT``) and its password."""

    pid: int
    control: str
    token: str


class RunFolder:
    """The folder ``state/sim/KIND`` and what is in it."""

    def __init__(self, path: Path, host: Host) -> None:
        self.path = path
        self.host = host
        self._lock: int | None = None

    @property
    def kind(self) -> str:
        """The kind of board that the keeper here keeps."""
        return self.path.name

    @property
    def log(self) -> Path:
        """What the keeper and its machine print."""
        return self.path / "keeper.log"

    @property
    def disk(self) -> Path:
        """The private filesystem of a machine that has none of its own."""
        return self.path / "disk"

    @property
    def _card(self) -> Path:
        return self.path / "keeper.json"

    @property
    def _lock_file(self) -> Path:
        return self.path / "keeper.lock"

    # -- ownership --

    def acquire(self) -> bool:
        """Become the owner of the folder, which is made if need be. False: somebody else is, or was a moment ago."""
        try:
            make_folder(self.path)
            descriptor = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:  # the owner before us removed the folder just now
            return False
        if self.host.try_lock(descriptor) and self._is_current(descriptor):
            self._lock = descriptor
            return True
        os.close(descriptor)
        return False

    def _is_current(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), os.stat(self._lock_file))
        except FileNotFoundError:
            return False

    def clear(self) -> None:
        """Remove what a keeper that was killed left here. For the owner."""
        for entry in self.path.iterdir():
            if entry == self._lock_file:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)
        self._remove_short_folder()

    def release(self) -> None:
        """Remove the folder with all that is in it, then give up ownership."""
        if self._lock is None:
            return
        self.clear()
        if self.host.system != "windows":
            self._lock_file.unlink(missing_ok=True)
        os.close(self._lock)
        self._lock = None
        with contextlib.suppress(OSError):
            if self.host.system == "windows":  # which does not let go of an open file
                self._lock_file.unlink(missing_ok=True)
            self.path.rmdir()
            self.path.parent.rmdir()  # only when no other kind runs

    def sweep(self) -> None:
        """Clear up if a keeper was killed here; nothing if one is alive, or never was."""
        if self._lock_file.exists() and self.acquire():
            self.release()

    # -- the address card --

    def write_card(self, card: Card) -> None:
        """Publish how to reach the keeper, at once and whole."""
        temporary = self._card.with_suffix(".new")
        temporary.write_text(json.dumps({"schema": 1, **asdict(card)}), encoding="utf-8")
        self.host.replace(temporary, self._card)

    def read_card(self) -> Card | None:
        """The card of the keeper that runs here, or ran until it was killed."""
        try:
            data = json.loads(self._card.read_text(encoding="utf-8"))
            return Card(int(data["pid"]), str(data["control"]), str(data["token"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def remove_card(self) -> None:
        """From now on nobody new finds the keeper."""
        self._card.unlink(missing_ok=True)
        self._socket_path().unlink(missing_ok=True)

    # -- the control socket --

    def listen(self) -> tuple[socket.socket, str]:
        """The listening control socket (``AF_UNIX``; on Windows 127.0.0.1 and a password) and its address."""
        if sys.platform == "win32" or self.host.system == "windows":
            listener = socket.create_server(("127.0.0.1", 0))
            return listener, f"tcp:{listener.getsockname()[1]}"
        path = self._socket_path()
        if path.parent != self.path:
            _make_private(path.parent)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen(16)
        return listener, f"unix:{path}"

    def _socket_path(self) -> Path:
        inside = self.path / _SOCKET
        return self._short_folder() / _SOCKET if _too_long(inside) else inside

    def _short_folder(self) -> Path:
        import hashlib  # only here: it loads OpenSSL, and the keeper is to stay small

        name = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"natmod-{_user()}-{name}"

    def _remove_short_folder(self) -> None:
        if not _too_long(self.path / _SOCKET):
            return
        folder = self._short_folder()
        with contextlib.suppress(OSError):
            (folder / _SOCKET).unlink(missing_ok=True)
            folder.rmdir()


def make_folder(path: Path) -> None:
    """Make a folder for this user only, unless it is there. Others may remove it at any time; ``Path.mkdir`` alone
    then fails if it is there at the first look and gone at the second. Raises ``OSError``."""
    while True:
        try:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except FileExistsError:
            with contextlib.suppress(FileNotFoundError):
                if not stat.S_ISDIR(path.stat().st_mode):
                    raise
        else:
            return


def connect(control: str, timeout: float) -> socket.socket:
    """A connection to the control address of a card. Raises ``OSError`` when nobody listens there."""
    family, _colon, where = control.partition(":")
    if sys.platform == "win32" or family == "tcp":
        return socket.create_connection(("127.0.0.1", int(where)), timeout)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(timeout)
    try:
        connection.connect(where)
    except OSError:
        connection.close()
        raise
    return connection


def _user() -> int:
    if sys.platform == "win32":
        return 0
    return os.getuid()


def _too_long(path: Path) -> bool:
    return len(os.fsencode(path)) > _SOCKET_PATH_LIMIT


def _make_private(folder: Path) -> None:
    """Make a folder of ours in the temporary folder, where others may have put something in its place before us."""
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != _user() or status.st_mode & 0o077:
        raise BoardError(
            _("The folder {folder} belongs to somebody else.", folder=folder),
            next_step=_("Set NATMOD_HOME to a folder with a short path, then try again."),
        )
