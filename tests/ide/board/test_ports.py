"""Which ports there are, and why one would not open."""

from __future__ import annotations

import errno
import grp
from pathlib import Path
from types import SimpleNamespace

import pytest
from serial.tools import list_ports as serial_ports

from ide.board import ports
from ide.board.errors import BoardBusy, BoardNotAllowed, BoardNotFound
from tests.fakes.board import FakeBoard
from tests.fakes.wire import PtyBoard


def _port(device: str, vid: int | None, product: str | None = None, description: str = "n/a") -> SimpleNamespace:
    return SimpleNamespace(
        device=device, vid=vid, pid=1, serial_number="A1", product=product, description=description
    )  # fmt: skip


def test_boards_come_first_and_have_a_title(monkeypatch: pytest.MonkeyPatch) -> None:
    there = [
        _port("/dev/ttyS0", None),
        _port("/dev/ttyUSB0", 0x10C4, "CP2102 USB to UART Bridge Controller"),
        _port("COM3", 0x303A, None, "USB JTAG/serial debug unit (COM3)"),
    ]
    monkeypatch.setattr(serial_ports, "comports", lambda: there)
    found = ports.list_ports()
    assert [(port.address, port.likely) for port in found] == [
        ("/dev/ttyUSB0", True), ("COM3", True), ("/dev/ttyS0", False),
    ]  # fmt: skip
    assert [port.title for port in found] == [
        "CP2102 USB to UART Bridge Controller", "USB JTAG/serial debug unit (COM3)", "/dev/ttyS0",
    ]  # fmt: skip


def test_this_computers_ports_can_be_listed() -> None:
    assert all(port.address for port in ports.list_ports())


def _proc(root: Path, pid: int, name: str, target: str) -> Path:
    fds = root / str(pid) / "fd"
    fds.mkdir(parents=True)
    (fds / "5").symlink_to(target)
    (root / str(pid) / "comm").write_text(name + "\n")
    return root


def test_a_busy_port_names_the_program_that_has_it(tmp_path: Path) -> None:
    proc = _proc(tmp_path, 4321, "picocom", "/dev/ttyUSB0")
    error = ports.open_error("/dev/ttyUSB0", OSError(errno.EAGAIN, "Could not exclusively lock port"), proc=proc)
    assert isinstance(error, BoardBusy)
    assert "picocom (process 4321)" in str(error)


def test_a_busy_port_whose_holder_is_hidden_is_still_a_sentence(tmp_path: Path) -> None:
    error = ports.open_error("/dev/ttyUSB0", OSError(errno.EBUSY, "busy"), proc=tmp_path)
    assert isinstance(error, BoardBusy)
    assert "serial monitor" in str(error)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="/proc is not there")
def test_we_are_not_named_as_the_holder_ourselves() -> None:
    with PtyBoard(FakeBoard()) as pty:
        assert ports.port_holder(pty.path) is None


def _owned_by(monkeypatch: pytest.MonkeyPatch, port: Path, group: str, mode: int = 0o660) -> str:
    port.touch()
    port.chmod(mode)
    monkeypatch.setattr(grp, "getgrgid", lambda gid: SimpleNamespace(gr_name=group))
    return str(port)


@pytest.mark.parametrize("code", [errno.EACCES, errno.EPERM])
def test_no_permission_names_the_group_that_owns_the_port(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: int
) -> None:
    address = _owned_by(monkeypatch, tmp_path / "ttyUSB0", "dialout")
    error = ports.open_error(address, OSError(code, "Permission denied"))
    assert isinstance(error, BoardNotAllowed)
    assert "sudo usermod -aG dialout $USER" in str(error)


@pytest.mark.parametrize(("group", "mode"), [("nobody", 0o660), ("root", 0o660), ("dialout", 0o600)])
def test_nobody_is_told_to_join_a_group_that_does_not_help(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, group: str, mode: int
) -> None:
    address = _owned_by(monkeypatch, tmp_path / "ttyUSB0", group, mode)
    error = ports.open_error(address, OSError(errno.EACCES, "Permission denied"))
    assert isinstance(error, BoardNotAllowed)
    assert "usermod" not in str(error)


def test_a_missing_port_lists_those_that_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serial_ports, "comports", lambda: [_port("/dev/ttyACM0", 0x303A)])
    error = ports.open_error("/dev/ttyUSB0", OSError(errno.ENOENT, "No such file"))
    assert isinstance(error, BoardNotFound)
    assert "/dev/ttyACM0" in str(error)
