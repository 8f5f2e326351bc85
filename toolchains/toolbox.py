"""The engine's parts, put together once per process: host, folders, SDK trees, compilers, toolchains, linkers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING

from toolchains.compilers import CompilerFinder
from toolchains.host import Host
from toolchains.linker import LinkerPool
from toolchains.paths import Paths
from toolchains.sdk import SdkStore

if TYPE_CHECKING:
    from toolchains.manager import Toolchains


@dataclass(frozen=True)
class Toolbox:
    """Everything a job needs besides its :class:`~toolchains.jobs.JobContext`. Close it to end the warm children."""

    host: Host
    paths: Paths
    sdks: SdkStore
    compilers: CompilerFinder
    linkers: LinkerPool

    @staticmethod
    def of(host: Host) -> Toolbox:
        """The toolbox for this host and the folders that its environment names."""
        paths = Paths.of(host)
        return Toolbox(host, paths, SdkStore(paths), CompilerFinder(paths, host), LinkerPool(host))

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
        self.linkers.close()

    def __enter__(self) -> Toolbox:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()
