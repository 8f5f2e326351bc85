"""The engine's parts, put together once per process: host, folders, SDK trees, compilers, toolchains, linkers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING

from toolchains.host import Host
from toolchains.paths import Paths

# Each is loaded when it is first asked for: most verbs that talk to a board need none of them.
if TYPE_CHECKING:
    from toolchains.compilers import CompilerFinder
    from toolchains.linker import LinkerPool
    from toolchains.manager import Toolchains
    from toolchains.sdk import SdkStore


@dataclass(frozen=True)
class Toolbox:
    """Everything a job needs besides its :class:`~toolchains.jobs.JobContext`. Close it to end the warm children."""

    host: Host
    paths: Paths

    @staticmethod
    def of(host: Host) -> Toolbox:
        """The toolbox for this host and the folders that its environment names."""
        return Toolbox(host, Paths.of(host))

    @cached_property
    def sdks(self) -> SdkStore:
        """The MicroPython trees of this user."""
        from toolchains.sdk import SdkStore

        return SdkStore(self.paths)

    @cached_property
    def compilers(self) -> CompilerFinder:
        """Which compiler serves which architecture."""
        from toolchains.compilers import CompilerFinder

        return CompilerFinder(self.paths, self.host)

    @cached_property
    def linkers(self) -> LinkerPool:
        """The linkers that are kept warm."""
        from toolchains.linker import LinkerPool

        return LinkerPool(self.host)

    @cached_property
    def toolchains(self) -> Toolchains:
        """What toolchains there are, and the getting of them. A build that has its compiler does not load it."""
        from toolchains.manager import Toolchains

        return Toolchains(self.paths, self.host, self.compilers)

    @staticmethod
    def current() -> Toolbox:
        """The toolbox for this machine and user."""
        return Toolbox.of(Host.current())

    def close(self) -> None:
        """End the children that were kept warm."""
        if "linkers" in self.__dict__:
            self.linkers.close()

    def __enter__(self) -> Toolbox:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()
