"""The engine behind the window: host, folders, and, when somebody needs them, toolbox and boards. No Qt."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from toolchains.host import Host
from toolchains.paths import Paths

if TYPE_CHECKING:
    from ide.board.boards import Boards
    from toolchains.toolbox import Toolbox


class Engine:
    """What the whole process shares. The toolbox is made at its first use, from any thread: it costs 0.1 s."""

    def __init__(self, host: Host | None = None) -> None:
        self.host = host or Host.current()
        self.paths = Paths.of(self.host)
        self._lock = threading.Lock()
        self._toolbox: Toolbox | None = None

    def toolbox(self) -> Toolbox:
        """SDK trees, compilers, linkers."""
        with self._lock:
            if self._toolbox is None:
                from toolchains.toolbox import Toolbox

                self._toolbox = Toolbox.of(self.host)
            return self._toolbox

    def boards(self) -> Boards:
        """A set of connections of its own, for the one thread that asks."""
        from ide.board.boards import Boards

        return Boards(self.toolbox())

    def close(self) -> None:
        """End the children that were kept warm."""
        with self._lock:
            if self._toolbox is not None:
                self._toolbox.close()
                self._toolbox = None
