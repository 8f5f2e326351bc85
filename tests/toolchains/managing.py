"""What the tests of the manager share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes import espressif as fake
from toolchains.compilers import CompilerFinder
from toolchains.host import Host, System
from toolchains.manager import Toolchains
from toolchains.paths import Paths


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine reaches nobody but itself."""
    for name, value in fake.OFFLINE.items():
        monkeypatch.setenv(name, value)


def toolchains(paths: Paths, host: Host) -> Toolchains:
    return Toolchains(paths, host, CompilerFinder(paths, host))


def bare(tmp_path: Path, system: System = "linux", machine: str = "x86_64") -> Host:
    """A computer with nothing on it but a shell."""
    return Host(
        system, machine, {"PATH": "/usr/bin:/bin" if system == "linux" else str(tmp_path), "HOME": str(tmp_path)}
    )
