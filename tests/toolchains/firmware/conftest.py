"""The simulated boards, from both ends of the supported MicroPython versions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.ide.cli.said import Said
from tests.toolchains.firmware.machine import Machine
from toolchains.firmware import rv32, unix
from toolchains.host import Host
from toolchains.paths import Paths
from toolchains.sdk import SdkTree


@pytest.fixture(scope="session", params=["rv32-1.26.1", "rv32-1.25.0", "unix-1.26.1", "unix-1.25.0"])
def firmware(
    request: pytest.FixtureRequest, session_ctx: RecordingContext, shared_paths: Paths
) -> tuple[str, SdkTree, Path]:
    """The kind of board, the tree and the built firmware."""
    kind, version = request.param.split("-")
    host = Host.current()
    if kind == "rv32" and host.which("qemu-system-riscv32") is None:
        pytest.skip("needs qemu-system-riscv32 (Debian: qemu-system-misc)")
    if kind == "unix" and (host.system, host.machine) != ("linux", "x86_64"):
        pytest.skip("needs x86-64 Linux")
    sdk: SdkTree = request.getfixturevalue("sdk_tree" if version == "1.26.1" else "sdk_1250")
    build = rv32.build if kind == "rv32" else unix.build
    return kind, sdk, build(session_ctx, sdk, shared_paths, host)


@pytest.fixture
def board(firmware: tuple[str, SdkTree, Path], tmp_path: Path) -> Iterator[Machine]:
    """A board that was just switched on, at its friendly prompt."""
    root = tmp_path / "root"
    root.mkdir()
    machine = Machine(firmware[2], root)
    try:
        machine.until(b">>> ")
        yield machine
    finally:
        machine.close()


@pytest.fixture
def natmod(capsys: pytest.CaptureFixture[str]) -> Said:
    """``natmod``, run in this process."""
    return Said(capsys)
