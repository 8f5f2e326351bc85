"""The keeper with a fake machine: what somebody who uses a simulated board through its port notices."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import serial

from ide.board import simulator
from ide.board.lease import Lease, SimulatorEnded, SimulatorInUse, ask_keeper
from ide.board.machines import MachineSpec
from ide.board.runtime import RunFolder, make_folder
from tests.fakes import machine
from tests.waiting import wait_until
from toolchains.errors import Cancelled, DiskError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths

SPEC = MachineSpec("sim:rv32", "qemu", machine.command(), "key", "1.99.0", linger=0.0)


@pytest.fixture
def folder(paths: Paths, host: Host) -> Iterator[RunFolder]:
    folder = simulator.run_folder(paths, "rv32", host)
    yield folder
    wait_until(lambda: not folder.path.exists(), "the keeper's folder is gone")


@pytest.fixture
def lease(ctx: JobContext, host: Host, folder: RunFolder) -> Iterator[Lease]:
    with simulator.lease_machine(ctx, host, folder, SPEC) as held:
        yield held


@pytest.fixture
def port(lease: Lease) -> Iterator[serial.Serial]:
    with open_port(lease) as opened:
        yield opened


def open_port(lease: Lease) -> serial.SerialBase:
    return serial.serial_for_url(lease.port, 115200, timeout=10)


def ask(port: serial.SerialBase, line: bytes) -> bytes:
    """The echo of ``line`` and all up to the next prompt; what the board said before it is dropped."""
    port.write(line + b"\r")
    said = b""
    while line not in said:
        said = bytes(port.read_until(b"\r\n>>> "))
        assert said, "silence"
    return said[said.index(line) :]


def state(lease: Lease) -> str:
    return str(lease.status()["state"])


def wait_until_paused(lease: Lease) -> None:
    wait_until(lambda: state(lease) == "paused", "the machine is paused")


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def test_whoever_opens_the_port_talks_to_the_board(port: serial.Serial) -> None:
    assert ask(port, b"count") == b"count\r\n6\r\n>>> "


def test_it_is_paused_at_the_prompt_and_answers_at_once_when_somebody_types(lease: Lease, port: serial.Serial) -> None:
    wait_until_paused(lease)
    assert ask(port, b"count") == b"count\r\n6\r\n>>> "
    wait_until_paused(lease)


def test_a_program_that_draws_an_arrow_and_computes_is_not_paused(lease: Lease, port: serial.Serial) -> None:
    port.write(b"busy\r")
    port.read_until(b"====>")
    with pytest.raises(TimeoutError):
        wait_until(lambda: state(lease) == "paused", "paused", seconds=1.0)
    port.write(b"\x03")
    wait_until_paused(lease)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the system does not tell")
def test_a_machine_that_has_no_turn_is_not_taken_for_one_that_rests(lease: Lease, port: serial.Serial) -> None:
    port.timeout = 0.2
    said, states = b"", set()
    port.write(b"late\r")
    while b"computed\r\n>>> " not in said and states <= {"running"}:
        said += port.read(100)
        states.add(state(lease))
    assert states == {"running"}
    wait_until_paused(lease)


def test_a_client_that_floods_loses_no_byte(port: serial.Serial) -> None:
    port.timeout = 30
    sent = threading.Thread(target=lambda: port.write(b"\0" * 300_000))
    sent.start()
    sent.join()
    assert ask(port, b"count") == b"count\r\n300006\r\n>>> "


def test_a_board_that_floods_while_nobody_reads_can_be_reset(lease: Lease) -> None:
    with open_port(lease) as port:
        port.write(b"flood\r")
        port.read_until(b"flood flood")
        lease.hard_reset()
        port.reset_input_buffer()
        port.read_until(b"\r\n>>> ")
        assert ask(port, b"count").endswith(b">>> ")


def test_memory_does_not_grow_while_a_board_floods_and_nobody_reads(lease: Lease) -> None:
    with open_port(lease) as port:
        port.write(b"flood\r")
        port.read_until(b"flood flood")
        before = resident(lease.pid)
        wait_until(lambda: state(lease) == "running", "the keeper still answers")
        assert resident(lease.pid) - before < 1 << 20


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def test_what_the_board_prints_while_nobody_has_the_port_open_is_lost_as_on_a_wire(lease: Lease) -> None:
    with open_port(lease) as port:
        port.write(b"flood\r")
        port.read_until(b"flood flood")
    with open_port(lease) as port:  # it goes on
        port.read_until(b"flood")
        port.write(b"\x03")
        port.read_until(b"\r\n>>> ")
    wait_until_paused(lease)
    descriptor = os.open(lease.port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb", buffering=0) as plain:
        assert plain.read(1) is None


def test_clients_come_and_go_on_one_port(lease: Lease) -> None:
    for number in range(1, 6):
        with open_port(lease) as port:
            assert ask(port, b"count") == b"count\r\n%d\r\n>>> " % (number * 6)


def test_what_is_typed_just_before_closing_still_arrives(lease: Lease) -> None:
    with open_port(lease) as port:
        port.write(b"\0" * 1000)
    with open_port(lease) as port:
        assert ask(port, b"count") == b"count\r\n1006\r\n>>> "


def test_two_users_share_one_machine_which_ends_with_the_last(
    ctx: JobContext, host: Host, folder: RunFolder, lease: Lease
) -> None:
    with simulator.lease_machine(ctx, host, folder, SPEC) as second:
        assert (second.pid, second.machine_pid, second.port) == (lease.pid, lease.machine_pid, lease.port)
        lease.close()
        assert second.alive
        assert not gone(second.machine_pid)
    wait_until(lambda: gone(second.machine_pid), "the machine is gone")


def test_two_who_start_at_the_same_instant_get_the_same_machine(ctx: JobContext, host: Host, folder: RunFolder) -> None:
    held: list[Lease] = []
    start = threading.Barrier(3)

    def take() -> None:
        start.wait()
        held.append(simulator.lease_machine(ctx, host, folder, SPEC))

    threads = [threading.Thread(target=take) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.machine_pid for one in held}) == 1
    for one in held:
        one.close()


def test_cancel_does_not_wait_for_a_machine_that_never_comes_to_life(
    ctx: JobContext, host: Host, folder: RunFolder, tmp_path: Path
) -> None:
    note = tmp_path / "pid"
    code = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(1000)"
    mute = replace(SPEC, argv=(sys.executable, "-c", code))

    def cancel_when_started() -> None:
        wait_until(lambda: note.exists() and note.read_text(), "the machine runs")
        ctx.cancel()

    canceller = threading.Thread(target=cancel_when_started)
    canceller.start()
    with pytest.raises(Cancelled):
        simulator.lease_machine(ctx, host, folder, mute)
    canceller.join()
    os.kill(int(note.read_text()), signal.SIGKILL)


def test_a_folder_that_the_last_keeper_removes_just_now_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, looks = tmp_path / "rv32", [0]
    path.mkdir()
    is_dir = Path.is_dir

    def removed_between_two_looks(self: Path) -> bool:
        looks[0] += 1
        if looks[0] == 1:
            path.rmdir()
        return is_dir(self)

    monkeypatch.setattr(Path, "is_dir", removed_between_two_looks)
    make_folder(path)
    assert is_dir(path)
    assert looks[0]
    (tmp_path / "file").write_text("")
    with pytest.raises(FileExistsError):
        make_folder(tmp_path / "file")


def test_a_user_that_is_killed_gives_up_its_lease(lease: Lease, folder: RunFolder) -> None:
    pid = os.fork()
    if not pid:
        called = ask_keeper(folder, {"op": "lease", "key": "key", "pid": os.getpid(), "name": "child"})
        os.kill(os.getpid(), signal.SIGKILL if called else signal.SIGTERM)
    assert os.waitpid(pid, 0)[1] == signal.SIGKILL
    wait_until(lambda: len(lease.status()["leases"]) == 1, "only our own lease is left")


def test_killing_the_keeper_ends_the_machine_and_the_next_user_gets_a_new_one(
    ctx: JobContext, host: Host, folder: RunFolder
) -> None:
    with simulator.lease_machine(ctx, host, folder, SPEC) as first:
        os.kill(first.pid, signal.SIGKILL)
        wait_until(lambda: not first.alive and gone(first.machine_pid), "the machine is gone")
        with pytest.raises(SimulatorEnded, match=r"sim:rv32 has ended\. Run again"):
            first.hard_reset()
        with simulator.lease_machine(ctx, host, folder, SPEC) as second, open_port(second) as port:
            assert ask(port, b"count").endswith(b"6\r\n>>> ")


def test_the_last_user_clears_up_behind_a_keeper_that_was_killed(
    ctx: JobContext, host: Host, folder: RunFolder
) -> None:
    with simulator.lease_machine(ctx, host, folder, SPEC) as held:
        os.kill(held.pid, signal.SIGKILL)
        wait_until(lambda: not held.alive, "the lease is gone")
    assert not folder.path.exists()


def test_when_the_machine_dies_its_users_are_told(lease: Lease, port: serial.Serial, folder: RunFolder) -> None:
    port.write(b"die\r")
    wait_until(lambda: not lease.alive, "the lease has ended")
    wait_until(lambda: gone(lease.pid) and not folder.path.exists(), "the keeper is gone")


def test_a_polite_request_to_end_is_obeyed(lease: Lease) -> None:
    os.kill(lease.pid, signal.SIGTERM)
    wait_until(lambda: not lease.alive and gone(lease.machine_pid), "all is gone")


def test_hard_reset_restarts_a_busy_machine_and_forgets_what_was_typed(lease: Lease, port: serial.Serial) -> None:
    port.write(b"busy\r")
    port.read_until(b"====>")
    lease.hard_reset()
    assert port.read_until(b"\r\n>>> ").endswith(b"information.\r\n>>> ")
    assert ask(port, b"hello") == b"hello\r\n>>> "


def test_another_firmware_replaces_one_that_nobody_uses(ctx: JobContext, host: Host, folder: RunFolder) -> None:
    lingering = replace(SPEC, linger=60.0)
    with simulator.lease_machine(ctx, host, folder, lingering) as old:
        pass
    assert not gone(old.machine_pid)
    with simulator.lease_machine(ctx, host, folder, replace(SPEC, key="other")) as new:
        assert new.machine_pid != old.machine_pid
        wait_until(lambda: gone(old.machine_pid), "the old machine is gone")


def test_another_firmware_does_not_replace_one_in_use(
    ctx: JobContext, host: Host, folder: RunFolder, lease: Lease
) -> None:
    with pytest.raises(SimulatorInUse) as caught:
        simulator.lease_machine(ctx, host, folder, replace(SPEC, key="other"))
    assert f"({os.getpid()})" in str(caught.value)
    assert "natmod sim stop sim:rv32" in str(caught.value)
    assert lease.alive


def test_it_lingers_after_its_last_user_and_is_found_again(
    ctx: JobContext, host: Host, folder: RunFolder, paths: Paths
) -> None:
    lingering = replace(SPEC, linger=60.0)
    with simulator.lease_machine(ctx, host, folder, lingering) as first:
        pass
    with simulator.lease_machine(ctx, host, folder, lingering) as second:
        assert second.machine_pid == first.machine_pid
    assert simulator.stop(paths, "sim:rv32") == ["sim:rv32"]
    assert gone(second.machine_pid)


def test_status_and_stop_see_what_runs(paths: Paths, lease: Lease) -> None:
    (running,) = simulator.status(paths)
    assert (running.address, running.version, running.leases, running.port) == ("sim:rv32", "1.99.0", 1, lease.port)
    assert running.to_json()["users"][0]["pid"] == os.getpid()
    assert simulator.stop(paths) == ["sim:rv32"]
    assert simulator.status(paths) == []
    assert not lease.alive


def test_a_machine_that_does_not_start_is_reported_with_its_own_words(
    ctx: JobContext, host: Host, folder: RunFolder
) -> None:
    with pytest.raises(simulator.SimulatorFailed) as caught:
        simulator.lease_machine(ctx, host, folder, replace(SPEC, argv=machine.command("fail")))
    assert "no such machine" in caught.value.detail


def test_a_missing_program_is_reported(ctx: JobContext, host: Host, folder: RunFolder) -> None:
    with pytest.raises(simulator.SimulatorFailed) as caught:
        simulator.lease_machine(ctx, host, folder, replace(SPEC, argv=("/nowhere/qemu",)))
    assert "/nowhere/qemu" in caught.value.detail


def test_a_long_state_folder_is_no_trouble(ctx: JobContext, host: Host, home: Path) -> None:
    folder = RunFolder(home / ("long" * 25) / "state" / "sim" / "rv32", host)
    with simulator.lease_machine(ctx, host, folder, SPEC) as held, open_port(held) as port:
        assert ask(port, b"count").endswith(b"6\r\n>>> ")
        card = folder.read_card()
        assert card is not None
    control = Path(card.control.removeprefix("unix:"))
    wait_until(lambda: not control.exists() and not control.parent.exists(), "the socket is gone")


def test_only_its_own_user_may_come_in(lease: Lease, folder: RunFolder) -> None:
    assert folder.path.stat().st_mode & 0o077 == 0
    card = folder.read_card()
    assert card is not None
    stranger = socket.socket(socket.AF_UNIX)
    with stranger:
        stranger.settimeout(10)
        stranger.connect(card.control.removeprefix("unix:"))
        stranger.sendall(b'{"schema": 1, "op": "stop", "token": "guess"}\n')
        assert stranger.recv(100) == b""
    assert lease.alive


def test_on_windows_the_same_over_tcp(ctx: JobContext, host: Host, paths: Paths) -> None:
    windows = replace(host, system="windows")
    folder = RunFolder(paths.state / "sim" / "rv32", windows)
    with simulator.lease_machine(ctx, windows, folder, SPEC) as held:
        assert held.port.startswith("socket://127.0.0.1:")
        with open_port(held) as port:
            assert ask(port, b"count") == b"count\r\n6\r\n>>> "
            held.hard_reset()
            assert port.read_until(b"\r\n>>> ").endswith(b"\r\n>>> ")
        wait_until_paused(held)
    wait_until(lambda: not folder.path.exists(), "the keeper's folder is gone")


def test_a_keeper_whose_starter_went_away_does_not_stay(host: Host, folder: RunFolder) -> None:
    argv = host.self_command("--worker", "keep", str(folder.path), SPEC.to_text(), host.system)
    with host.popen(argv) as process:  # as after Ctrl-C in the moment of the start
        assert process.stdout is not None
        process.stdout.close()
    wait_until(lambda: not folder.path.exists(), "the keeper's folder is gone", seconds=5.0)


def test_a_fault_of_the_keeper_itself_is_not_swallowed(ctx: JobContext, host: Host, folder: RunFolder) -> None:
    with pytest.raises(simulator.SimulatorFailed) as caught:
        simulator.lease_machine(ctx, host, folder, replace(SPEC, argv=("nul\0",)))
    assert "Traceback" in caught.value.detail


def test_a_state_folder_that_cannot_be_made_is_named(ctx: JobContext, host: Host, home: Path) -> None:
    home.mkdir(parents=True)
    (home / "state").write_text("a file where a folder should be")
    with pytest.raises(DiskError, match="state"):
        simulator.lease_machine(ctx, host, RunFolder(home / "state" / "sim" / "rv32", host), SPEC)
