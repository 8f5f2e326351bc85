"""What a person is told to type where Linux, or a program of the system, keeps a board's port from them."""

from __future__ import annotations

import errno
import grp
import os
import re
import shlex
from pathlib import Path
from types import SimpleNamespace

import pytest

from ide.board import access, ports
from ide.board.board_list import list_boards, list_without_driver
from ide.board.errors import BoardBusy, BoardNotAllowed
from ide.board.flash import trouble, usb_tree
from ide.board.flash.trouble import Plugged, TakenByBraille
from ide.board.flash.usb import UsbPort
from ide.board.flash.usb_tree import UsbDevice
from tests.fakes.usb_ports import CH340, CP2102, JTAG, UsbPorts
from toolchains.host import Host
from toolchains.jobs import Completed, JobContext


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> UsbPorts:
    return UsbPorts(monkeypatch)


def linux(folder: Path, *programs: str, **environ: str) -> Host:
    """A Linux with these programs, and a home whose name is difficult."""
    bin_folder = folder / "bin"
    bin_folder.mkdir(exist_ok=True)
    for name in programs:
        (bin_folder / name).write_text("#!/bin/sh\n")
        (bin_folder / name).chmod(0o755)
    home = folder / "l'élève 1"
    return Host("linux", "x86_64", {"PATH": str(bin_folder), "NATMOD_HOME": str(home), **environ})


def seats(folder: Path) -> Path:
    (folder / "run" / "systemd" / "seats").mkdir(parents=True)
    (folder / "run" / "systemd" / "seats" / "seat0").touch()
    return folder / "run"


def proc(folder: Path, *names: str) -> Path:
    """Programs of somebody else: their names are to be seen, what they have open is not."""
    root = folder / "proc"
    for pid, name in enumerate(names, 100):
        (root / str(pid)).mkdir(parents=True)
        (root / str(pid) / "comm").write_text(name + "\n")
    return root


# --- permission ----------------------------------------------------------------------------------------------------


def test_the_rule_gives_the_port_to_whoever_sits_there_and_to_nobody_else(tmp_path: Path) -> None:
    line = access.permission_line(linux(tmp_path, "udevadm"), 0x1234, run=seats(tmp_path))
    assert line is not None
    words = shlex.split(line)
    assert words[:2] == ["sudo", "cp"]
    assert words[3] == "/etc/udev/rules.d/"
    assert "chmod" not in line
    text = Path(words[2]).read_text("ascii")
    assert Path(words[2]).name < "73-seat-late.rules"
    assert 'TAG+="uaccess"' in text
    assert "MODE" not in text
    assert "1234" in text
    assert re.search(r'SUBSYSTEM=="tty".*\b1a86\b', text)
    assert not re.search(r"ID_MM.*\b1a86\b|\b1a86\b.*ID_MM", text)  # modems have such bridges, too


def test_each_rule_is_one_that_udev_can_read() -> None:
    for line in access.rules([0x303A]).splitlines():
        if line and not line.startswith("#"):
            for part in re.split(r", (?=[A-Z])", line):
                assert re.fullmatch(r'[A-Z]+(\{\w+\})?(==|=|\+=)"[^"]+"', part), part


@pytest.mark.parametrize(
    ("programs", "environ", "with_seats", "maker"),
    [
        ((), {}, True, 0x303A),  # no udev: a container
        (("udevadm",), {}, False, 0x303A),  # no systemd
        (("udevadm",), {"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, True, 0x303A),  # nobody sits there
        (("udevadm",), {}, True, None),  # not at USB
    ],
)
def test_where_the_rule_would_not_help_it_is_not_offered(
    tmp_path: Path, programs: tuple[str, ...], environ: dict[str, str], with_seats: bool, maker: int | None
) -> None:
    run = seats(tmp_path) if with_seats else tmp_path / "run"
    assert access.permission_line(linux(tmp_path, *programs, **environ), maker, run=run) is None


@pytest.mark.parametrize("full", [False, True])
def test_a_port_that_one_may_not_use_names_the_line_or_else_the_group(
    tmp_path: Path, bus: UsbPorts, monkeypatch: pytest.MonkeyPatch, full: bool
) -> None:
    host, port = linux(tmp_path, "udevadm"), tmp_path / "ttyUSB0"
    port.touch()
    port.chmod(0o660)
    bus.plug(str(port), CP2102)
    monkeypatch.setattr(access, "_RUN", seats(tmp_path))
    monkeypatch.setattr(grp, "getgrgid", lambda gid: SimpleNamespace(gr_name="dialout"))
    access_of_all = os.access
    monkeypatch.setattr("os.access", lambda path, mode: path != str(port) and access_of_all(path, mode))
    if full:  # no disk to write the rule to
        Path(host.environ["NATMOD_HOME"]).write_text("a file")
    error = ports.open_error(str(port), OSError(errno.EACCES, "Permission denied"), host=host)
    assert isinstance(error, BoardNotAllowed)
    listed = next(board for board in list_boards(host) if board.address == str(port))
    for text in (str(error), str(listed.reason)):
        assert ("sudo cp" in text) is not full
        assert ("usermod -aG dialout" in text) is full


# --- programs that take boards -------------------------------------------------------------------------------------


def test_a_program_of_the_system_that_hides_what_it_has_is_named_as_the_likely_one(tmp_path: Path) -> None:
    host = linux(tmp_path, "udevadm")
    root = proc(tmp_path, "systemd", "ModemManager")
    error = ports.open_error("/dev/ttyACM0", OSError(errno.EBUSY, "busy"), proc=root, host=host)
    assert isinstance(error, BoardBusy)
    assert (error.holder, error.pid) == ("ModemManager", None)
    assert "most likely" in str(error)
    assert "wait, then try again" in str(error)
    assert "70-natmod-boards.rules" in str(error)


def test_a_lock_of_somebody_else_is_not_blamed_on_the_system(tmp_path: Path) -> None:
    root = proc(tmp_path, "ModemManager")
    error = ports.open_error("/dev/ttyACM0", OSError(errno.EAGAIN, "locked"), proc=root, host=linux(tmp_path))
    assert isinstance(error, BoardBusy)
    assert error.holder is None


@pytest.mark.parametrize(
    ("manager", "line"), [("apt-get", "sudo apt remove brltty"), ("dnf", "sudo dnf remove brltty"),
                          ("pacman", "sudo pacman -R brltty"), ("other", "sudo apt remove brltty")]
)  # fmt: skip
def test_braille_is_removed_with_the_systems_own_program(tmp_path: Path, manager: str, line: str) -> None:
    assert line in str(access.advice(linux(tmp_path, manager), "brltty"))


def test_without_udev_modem_manager_is_stopped(tmp_path: Path) -> None:
    assert "systemctl disable --now ModemManager" in str(access.advice(linux(tmp_path), "ModemManager"))


def _lsof(monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    monkeypatch.setattr(JobContext, "run", lambda self, argv, **more: Completed(tuple(argv), 0, said, b""))


MAC = Host("macos", "aarch64")


def test_macos_names_the_holder_through_lsof(monkeypatch: pytest.MonkeyPatch) -> None:
    _lsof(monkeypatch, f"p{os.getpid()}\ncpython\np812\ncThonny Élan\nf5\n".encode())
    error = ports.open_error("/dev/cu.usbmodem1", OSError(errno.EBUSY, "busy"), host=MAC)
    assert "Thonny Élan (process 812)" in str(error)


@pytest.mark.parametrize("said", [b"", b"p\nc\n", b"\xff\xfe", b"p99999999999999\ncx\n", b"cno number\n"])
def test_what_lsof_says_is_not_trusted(monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    _lsof(monkeypatch, said)
    assert ports.port_holder("/dev/cu.usbmodem1", host=MAC) is None


def test_windows_does_not_tell_and_that_is_still_a_sentence(bus: UsbPorts) -> None:
    error = ports.open_error(
        "COM3", OSError("could not open port 'COM3': PermissionError(13, 'Access is denied.', None, 5)"),
        proc=Path("nowhere"), host=Host("windows", "x86_64"),
    )  # fmt: skip
    assert isinstance(error, BoardBusy)
    assert "serial monitor" in str(error)


# --- no port at all ------------------------------------------------------------------------------------------------


def _usb(root: Path, name: str, numbers: tuple[int, int], tty: str = "") -> None:
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "idVendor").write_text(f"{numbers[0]:04x}\n")
    (folder / "idProduct").write_text(f"{numbers[1]:04x}\n")
    if tty:
        (folder / f"{name}:1.0" / tty).mkdir(parents=True)


@pytest.mark.parametrize(
    ("name", "tty", "named"), [("brltty", "", True), ("brltty", "ttyUSB1", False), ("bash", "", False)]
)
def test_a_bridge_that_braille_took_from_us_is_told_from_a_pulled_cable(
    tmp_path: Path, name: str, tty: str, named: bool
) -> None:
    sysfs, port = tmp_path / "usb", UsbPort("/dev/ttyUSB0", *CH340)
    ctx = JobContext(linux(tmp_path, "apt-get"))
    assert trouble.taken_away(ctx, port, proc=proc(tmp_path, name), sysfs=sysfs) is None  # pulled
    _usb(sysfs, "1-1", CH340, tty)
    error = trouble.taken_away(ctx, port, proc=tmp_path / "proc", sysfs=sysfs)
    assert isinstance(error, TakenByBraille) is named
    if named:
        assert "sudo apt remove brltty" in str(error)


@pytest.mark.parametrize("system", ["linux", "windows", "macos"])
def test_a_board_without_a_port_is_listed_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, bus: UsbPorts, system: str
) -> None:
    bus.plug("COM4", JTAG)
    there = [UsbDevice(*CH340, "USB Serial"), UsbDevice(*JTAG, "a board that works", has_port=True)]
    monkeypatch.setattr(usb_tree, "devices", lambda ctx: there)
    monkeypatch.setattr(access, "running", lambda *_folder: set())
    found = list_without_driver(JobContext(Host(system, "x86_64")))  # type: ignore[arg-type]
    assert [(str(board.title), board.address, board.available) for board in found] == [("CH340", "", False)]
    assert "has no driver for it" in str(found[0].reason)
    assert Plugged.now(JobContext(Host(system, "x86_64"))).devices[0].title == "USB Serial"  # type: ignore[arg-type]
