"""What a simulated board costs while nobody uses it, and how fast it wakes up. Prints, asserts no time.

python -m tests.bench.bench_idle
"""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import serial

from ide.board import simulator
from ide.board.lease import Lease
from tests.waiting import wait_until
from toolchains.jobs import JobContext

if TYPE_CHECKING:
    from toolchains.sdk import SdkTree
    from toolchains.toolbox import Toolbox

_WATCH_S = 5.0


@pytest.mark.bench
@pytest.mark.parametrize("kind", sorted({*simulator.kinds()} - {"firmware"}))
def test_idle(kind: str, ctx: JobContext, toolbox: Toolbox, sdk_tree: SdkTree) -> None:
    simulator.lease(ctx, toolbox, f"sim:{kind}", sdk_tree).close()  # builds the firmware, if need be
    start = time.perf_counter()
    with (
        simulator.lease(ctx, toolbox, f"sim:{kind}", sdk_tree) as lease,
        serial.serial_for_url(lease.port, 115200, timeout=10) as port,
    ):
        print(f"\nsim:{kind}: lease in {(time.perf_counter() - start) * 1000:.0f} ms", end="")
        port.write(b"\r\x03")
        port.read_until(b"\n>>> ")
        print(f", first prompt after {(time.perf_counter() - start) * 1000:.0f} ms")
        _let_it_rest(kind, lease)
        for name, pid in (("keeper", lease.pid), ("machine", lease.machine_pid)):
            print(f"  {name}: {_busy(pid):.2f} % of a core while idle, {_resident(pid) / 1e6:.0f} MB")
        times = [_wake(kind, lease, port) for _time in range(5)]
        print(f"  first byte after a rest: min {min(times):.1f} ms, median {statistics.median(times):.1f} ms")


def _let_it_rest(kind: str, lease: Lease) -> None:
    if kind != "unix":  # which sleeps by itself
        wait_until(lambda: lease.status()["state"] == "paused", "it is paused")


def _wake(kind: str, lease: Lease, port: serial.SerialBase) -> float:
    _let_it_rest(kind, lease)
    port.reset_input_buffer()
    start = time.perf_counter()
    port.write(b"x")
    port.read(1)
    took = (time.perf_counter() - start) * 1000
    port.write(b"\x03")
    port.read_until(b"\n>>> ")
    return took


def _busy(pid: int) -> float:
    before, start = _ticks(pid), time.monotonic()
    time.sleep(_WATCH_S)
    return (_ticks(pid) - before) / os.sysconf("SC_CLK_TCK") / (time.monotonic() - start) * 100


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])  # user and system time: proc(5), fields 14 and 15


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


if __name__ == "__main__":
    raise SystemExit(pytest.main([__file__, "-s", "-q", "-p", "no:cacheprovider"]))
