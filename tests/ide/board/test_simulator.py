"""The real simulated boards, each from the SDK tree up: what a program that opens their port meets."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import serial

from ide.board import simulator
from ide.board.esp_machines import ESP_CHIPS, fetch_firmware, find_qemu, firmware_for
from ide.board.lease import Lease
from ide.board.machines import MachineSpec
from tests.waiting import wait_until
from toolchains.errors import UsageError
from toolchains.fetch import NetworkError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.toolbox import Toolbox

if TYPE_CHECKING:
    from toolchains.sdk import SdkTree

FRIENDLY = b"\n>>> "
RAW = b"raw REPL; CTRL-B to exit\r\n>"


#: The firmware of a project is tested in test_own_firmware.py.
@pytest.fixture(params=sorted({*simulator.kinds()} - {"firmware", "arm-m7"}))
def kind(request: pytest.FixtureRequest, host: Host) -> str:
    name = str(request.param)
    if not simulator.kinds()[name].available(host):
        pytest.skip(f"sim:{name} does not run on this computer")
    if name in ESP_CHIPS and find_qemu(host, Paths.of(host), ESP_CHIPS[name]) is None:
        pytest.skip(f"sim:{name} needs Espressif's {ESP_CHIPS[name].program}, which is not here")
    return name


@pytest.fixture
def lease(kind: str, ctx: JobContext, toolbox: Toolbox, sdk_tree: SdkTree) -> Iterator[Lease]:
    if kind in ESP_CHIPS:
        try:
            fetch_firmware(ctx, toolbox.paths, firmware_for(ESP_CHIPS[kind], sdk_tree.version))
        except NetworkError as error:
            pytest.skip(f"sim:{kind} needs official firmware, and micropython.org cannot be reached: {error.what}")
    with simulator.lease(ctx, toolbox, f"sim:{kind}", sdk_tree) as held:
        yield held
    folder = simulator.run_folder(toolbox.paths, kind, toolbox.host)
    wait_until(lambda: not folder.path.exists(), "the keeper's folder is gone")


@pytest.fixture
def port(lease: Lease) -> Iterator[serial.SerialBase]:
    with serial.serial_for_url(lease.port, 115200, timeout=10, exclusive=True) as opened:
        opened.write(b"\r\x03\x01")
        opened.read_until(RAW)
        yield opened


def run(port: serial.SerialBase, code: bytes) -> bytes:
    """What ``code`` prints, in the raw REPL."""
    port.write(code + b"\x04")
    return bytes(port.read_until(b"\x04>"))[2:-3].replace(b"\r\n", b"\n")


@pytest.mark.parametrize("kind", ["rv32", "unix"])
def test_an_old_micropython_is_built_for_but_not_simulated(kind: str, ctx: JobContext, sdk_tree: SdkTree) -> None:
    old = replace(sdk_tree, version="1.24.1")
    with Toolbox.of(ctx.host) as toolbox, pytest.raises(UsageError, match=r"1\.25 and newer, not 1\.24\.1"):
        simulator.lease(ctx, toolbox, f"sim:{kind}", old)


def test_python_runs_on_it(port: serial.SerialBase) -> None:
    assert run(port, b"import sys; print(sys.implementation.version[:3])") == b"(1, 26, 1)\n"


def test_it_is_listed_with_what_it_runs(lease: Lease, toolbox: Toolbox) -> None:
    (status,) = simulator.status(toolbox.paths)
    assert (status.address, status.version, status.leases) == (lease.address, "1.26.1", 1)


def test_ctrl_c_stops_a_program(port: serial.SerialBase) -> None:
    port.write(b"print('on')\nwhile True: pass\n\x04")
    port.read_until(b"on\r\n")
    port.write(b"\x03")
    assert b"KeyboardInterrupt" in port.read_until(b"\x04>")


def test_a_soft_reset_forgets_names_and_keeps_files(port: serial.SerialBase) -> None:
    run(port, b"a = 1\nwith open('kept', 'w') as f: f.write('here')")
    port.write(b"\x04")
    port.read_until(RAW)
    assert run(port, b"print('a' in globals(), open('kept').read())") == b"False here\n"


def test_the_reset_button_helps_where_ctrl_c_does_not(lease: Lease, port: serial.SerialBase) -> None:
    port.write(b"import micropython\nmicropython.kbd_intr(-1)\nprint('deaf')\nwhile True: pass\n\x04")
    port.read_until(b"deaf\r\n")
    port.write(b"\x03" * 100)
    lease.hard_reset()
    assert port.read_until(FRIENDLY).endswith(FRIENDLY)
    port.write(b"\x01")
    port.read_until(RAW)
    assert run(port, b"print(6 * 7)") == b"42\n"


def test_code_longer_than_every_buffer_on_the_way_arrives_whole(port: serial.SerialBase) -> None:
    text = b"".join(b"%06d" % number for number in range(30_000 // 6))
    assert run(port, b"s = '" + text + b"'\nprint(len(s), hash(s) == hash(s[:]), s[-6:])") == b"30000 True 004999\n"


def test_output_longer_than_every_buffer_on_the_way_arrives_whole(port: serial.SerialBase) -> None:
    said = run(port, b"for i in range(20000): print(i)")
    assert said == b"".join(b"%d\n" % number for number in range(20_000))


def test_a_program_that_floods_while_nobody_listens_can_be_ended(lease: Lease, port: serial.SerialBase) -> None:
    port.write(b"while True: print('flood' * 20)\n\x04")
    port.read_until(b"floodflood")
    port.close()
    lease.hard_reset()
    wait_until(lambda: lease.status()["state"] in ("paused", "running"), "it still answers")
    lease.close()


def test_files_survive_the_reset_button(lease: Lease, port: serial.SerialBase) -> None:
    run(port, b"import os\nwith open('kept', 'w') as f: f.write('here')\nif hasattr(os, 'sync'): os.sync()")
    lease.hard_reset()
    port.read_until(FRIENDLY)
    port.write(b"\x01")
    port.read_until(RAW)
    assert run(port, b"print(open('kept').read())") == b"here\n"


def test_a_machine_that_was_killed_is_started_afresh_for_the_next_user(
    kind: str, ctx: JobContext, toolbox: Toolbox, sdk_tree: SdkTree, lease: Lease
) -> None:
    os.kill(lease.pid, signal.SIGKILL)
    wait_until(lambda: not lease.alive, "the first is gone")
    with simulator.lease(ctx, toolbox, f"sim:{kind}", sdk_tree) as second:
        assert second.machine_pid != lease.machine_pid
        with serial.serial_for_url(second.port, 115200, timeout=10) as port:
            port.write(b"\r")
            assert port.read_until(FRIENDLY).endswith(FRIENDLY)


@pytest.mark.parametrize("kind", ["rv32"])
def test_an_idle_machine_is_paused_and_wakes_up_for_the_first_byte(lease: Lease, port: serial.SerialBase) -> None:
    for _time in range(3):
        wait_until(lambda: lease.status()["state"] == "paused", "it is paused")
        assert run(port, b"print('awake')") == b"awake\n"


@pytest.mark.parametrize("kind", ["rv32"])
def test_a_quiet_program_is_not_paused(port: serial.SerialBase) -> None:
    assert run(port, b"import time\nprint('====>', end='')\ntime.sleep(1.2)\nprint('done')") == b"====>done\n"


def test_the_windows_way_works_here_too(ctx: JobContext, toolbox: Toolbox, sdk_tree: SdkTree) -> None:
    made = simulator.kinds()["rv32"].maker.machine(ctx, toolbox, sdk_tree)
    windows = replace(toolbox.host, system="windows")
    spec = MachineSpec("sim:rv32", made.driver, made.argv, "key", linger=0.0)
    with simulator.lease_machine(ctx, windows, simulator.run_folder(toolbox.paths, "rv32", windows), spec) as held:
        assert held.port.startswith("socket://127.0.0.1:")
        with serial.serial_for_url(held.port, timeout=10) as port:
            port.write(b"\r\x03\x01")
            port.read_until(RAW)
            assert run(port, b"print(6 * 7)") == b"42\n"


def test_an_unknown_kind_is_named_with_the_known_ones(ctx: JobContext, toolbox: Toolbox) -> None:
    with pytest.raises(UsageError, match=r"no simulated board sim:z80\. Use one of: sim:arm, .*, sim:rv32, sim:unix"):
        simulator.lease(ctx, toolbox, "sim:z80")


def test_sim_unix_is_offered_only_where_it_runs(host: Host) -> None:
    unix = simulator.kinds()["unix"]
    assert unix.available(replace(host, system="linux", machine="x86_64"))
    assert not unix.available(replace(host, system="windows"))
    assert not unix.available(replace(host, machine="aarch64"))


@pytest.mark.parametrize(("value", "seconds"), [("0", 0.0), ("2.5", 2.5), ("-1", 0.0), ("soon", 60.0)])
def test_how_long_a_board_lingers_is_a_setting(host: Host, value: str, seconds: float) -> None:
    assert simulator.linger(replace(host, environ={"NATMOD_SIM_LINGER": value})) == seconds
