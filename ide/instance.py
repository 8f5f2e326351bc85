"""One window a project and user: a lock says who has it, a local socket lets a second start raise the first."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from ide.session_state import project_key
from toolchains.errors import disk_errors
from toolchains.host import Host

_ANSWER_MS = 2000


class Instance(QObject):
    """This process's claim on a project. Kept until the process ends, however it ends."""

    def __init__(self, host: Host, state_folder: Path, project: Path) -> None:
        super().__init__()
        self._host = host
        key = project_key(project)
        self._lock_file = state_folder / "windows" / f"{key}.lock"
        user = project_key(state_folder)[:8]
        self._name = f"natmod-studio-{user}-{key}"
        self._lock: int | None = None
        self._server: QObject | None = None

    def claim(self) -> bool:
        """Whether this process is the one for the project now. Raises DiskError."""
        with disk_errors(self._lock_file):
            self._lock_file.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600)
            if not self._host.try_lock(lock):
                os.close(lock)
                return False
        self._lock = lock
        return True

    def raise_other(self) -> bool:
        """Ask the process that has the project to show its window; whether it answered."""
        from PySide6.QtNetwork import QLocalSocket  # here, because the first start does not need it

        channel = QLocalSocket()
        channel.connectToServer(self._name)
        if not channel.waitForConnected(_ANSWER_MS):
            return False
        channel.write(b"raise\n")
        channel.flush()
        answered = channel.bytesAvailable() > 0 or channel.waitForReadyRead(_ANSWER_MS)  # it may be here already
        channel.disconnectFromServer()
        return answered

    def listen(self, come_forward: Callable[[], None]) -> None:
        """Answer later starts."""
        from PySide6.QtNetwork import QLocalServer

        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        QLocalServer.removeServer(self._name)  # of a process that was killed: the lock says that nobody has it

        def called() -> None:
            channel = server.nextPendingConnection()
            channel.disconnected.connect(channel.deleteLater)
            come_forward()
            channel.write(b"here\n")
            channel.flush()

        server.newConnection.connect(called)
        server.listen(self._name)
        self._server = server

    def release(self) -> None:
        """Let another process have the project."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
