"""Programs of the system: installed for root on Debian, named with the line to type for everybody else."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.fakes.apt import FakeMachine
from toolchains import system
from toolchains.errors import Cancelled, ToolMissing
from toolchains.host import Host, System
from toolchains.jobs import Event, JobContext, Progress
from toolchains.system import InstallFailed, ensure_packages, ensure_programs, install_line
from toolchains.text import _

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the fake apt is a shell script")
REASON = _("The simulated board needs it.")
WANTED = {"wanted": "qemu-system-misc"}


@pytest.fixture
def machine(tmp_path: Path) -> FakeMachine:
    """Debian, as root, with fresh package lists."""
    fake = FakeMachine(tmp_path, root=True)
    fake.set("updated")
    return fake


def test_nothing_runs_when_all_is_there(machine: FakeMachine) -> None:
    (machine.folder / "wanted").symlink_to(machine.state / "program")
    ensure_programs(JobContext(machine.host), WANTED, REASON)
    assert machine.calls == []


def test_root_on_debian_gets_it_and_is_told_the_size_first(machine: FakeMachine) -> None:
    ctx = RecordingContext(machine.host)
    ensure_programs(ctx, WANTED, REASON)
    assert machine.host.which("wanted")
    assert ctx.said()[:2] == [
        "Install qemu-system-misc",
        "The simulated board needs it. Installing qemu-system-misc (46 MB).",
    ]
    assert [event.done for event in ctx.events if isinstance(event, Progress)] == [25, 100]
    assert all(call.startswith("noninteractive C ") for call in machine.calls)
    assert all("--no-install-recommends" in call and "--no-remove" in call for call in machine.calls)
    assert not any(" update" in call for call in machine.calls)


def test_old_lists_are_refreshed_only_when_they_lack_the_package(tmp_path: Path) -> None:
    fake = FakeMachine(tmp_path, root=True)
    ensure_programs(JobContext(fake.host), WANTED, REASON)
    assert sum("update" in call for call in fake.calls) == 1
    assert fake.host.which("wanted")


def test_a_user_on_debian_gets_the_line_and_the_size(machine: FakeMachine) -> None:
    machine.root = False
    with pytest.raises(ToolMissing) as raised:
        ensure_programs(JobContext(machine.host), WANTED, REASON)
    line = "sudo apt-get install --no-install-recommends qemu-system-misc"
    assert str(raised.value).endswith(f"Install it (46 MB) with: {line}")
    assert raised.value.fields["n_bytes"] == 48_000_000
    assert not machine.host.which("wanted")


def test_a_user_with_empty_lists_gets_the_line_that_fills_them(tmp_path: Path) -> None:
    fake = FakeMachine(tmp_path)
    with pytest.raises(ToolMissing, match="sudo apt-get update && sudo apt-get install"):
        ensure_programs(JobContext(fake.host), WANTED, REASON)


def test_another_package_manager_at_work_is_waited_for(machine: FakeMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "_LOCK_PAUSE_S", 0.01)
    machine.set("locked")
    ctx = RecordingContext(machine.host)
    ensure_programs(ctx, WANTED, REASON)
    assert "another package manager is at work; waiting for it" in ctx.said()
    assert machine.host.which("wanted")


@pytest.mark.parametrize(("flag", "words"), [("no-network", "Failed to fetch"), ("broken", "error processing package")])
def test_a_failed_install_is_one_sentence_with_apts_words_below(machine: FakeMachine, flag: str, words: str) -> None:
    machine.set(flag)
    with pytest.raises(InstallFailed, match="Installing qemu-system-misc failed") as raised:
        ensure_programs(JobContext(machine.host), WANTED, REASON)
    assert words in raised.value.detail
    assert "apt-get install --no-install-recommends qemu-system-misc" in str(raised.value)
    assert "sudo" not in str(raised.value)


def test_a_package_without_the_program_is_not_taken_for_success(machine: FakeMachine) -> None:
    machine.set("useless")
    with pytest.raises(ToolMissing, match="wanted"):
        ensure_programs(JobContext(machine.host), WANTED, REASON)


def test_a_cancel_while_downloading(machine: FakeMachine) -> None:
    ctx = JobContext(machine.host)

    def cancel(event: Event) -> None:
        if isinstance(event, Progress):
            ctx.cancel()

    ctx.sink = cancel
    with pytest.raises(Cancelled):
        ensure_programs(ctx, WANTED, REASON)
    assert not machine.host.which("wanted")


def test_a_cancel_while_dpkg_works_waits_for_dpkg(machine: FakeMachine) -> None:
    """Killing dpkg would leave the system's packages half installed."""
    gate = machine.state / "gate"
    os.mkfifo(gate)
    ctx = JobContext(machine.host)

    def cancel_while_dpkg_waits() -> None:
        with gate.open("w") as opened:  # opens when dpkg waits on the other side
            ctx.cancel()
            opened.write("go on\n")

    canceller = threading.Thread(target=cancel_while_dpkg_waits)
    canceller.start()
    with pytest.raises(Cancelled):
        ensure_programs(ctx, WANTED, REASON)
    canceller.join()
    assert machine.host.which("wanted")


@pytest.mark.parametrize(
    ("name", "manager", "line"),
    [
        ("macos", "brew", "brew install gcc qemu"),
        ("windows", "winget", "winget install BrechtSanders.WinLibs.POSIX.UCRT SoftwareFreedomConservancy.QEMU"),
        ("linux", "dnf", "sudo dnf install gcc qemu-system-riscv-core"),
        ("linux", "pacman", "sudo pacman -S gcc qemu-system-riscv"),
        ("linux", "nothing", ""),
    ],
)
def test_elsewhere_the_line_is_for_that_package_manager(tmp_path: Path, name: System, manager: str, line: str) -> None:
    fake = FakeMachine(tmp_path, name, programs=(manager + Host(name, "").exe_suffix,))
    with pytest.raises(ToolMissing) as raised:
        ensure_programs(JobContext(fake.host), {**WANTED, "cc-not-there": "gcc"}, REASON)
    assert raised.value.fields["command"] == line
    assert line in str(raised.value)


def test_real_apt_knows_the_size(ctx: RecordingContext) -> None:
    if not ctx.host.is_debian():
        pytest.skip("apt is needed")
    assert system._download_size(ctx, ["no-such-package-anywhere"]) is None
    size = system._download_size(ctx, ["cowsay"])
    if size is None:
        pytest.skip("apt's package lists are empty (apt-get update)")
    assert 10_000 < size < 100_000_000


# --- packages that hold no program -----------------------------------------------------------------------------------


def _with_packages(tmp_path: Path, installed: str) -> FakeMachine:
    fake = FakeMachine(tmp_path, root=True, programs=("apt-get", "dpkg", "dpkg-query"))
    fake.set("updated")
    (fake.folder / "dpkg-query").write_text(f"#!/bin/sh\necho {installed} installed\necho other not-installed\n")
    return fake


def test_packages_that_are_installed_are_left_alone(tmp_path: Path) -> None:
    fake = _with_packages(tmp_path, "libnewlib-arm-none-eabi")
    ensure_packages(RecordingContext(fake.host), ["libnewlib-arm-none-eabi"], _("The tests need it."))
    assert fake.calls == []


def test_packages_that_are_missing_are_installed(tmp_path: Path) -> None:
    fake = _with_packages(tmp_path, "gcc")
    ctx = RecordingContext(fake.host)
    ensure_packages(ctx, ["gcc", "other"], _("The tests need it."))
    assert ctx.said()[:2] == ["Install other", "The tests need it. Installing other (46 MB)."]
    assert not any("gcc" in call for call in fake.calls)


def test_a_line_that_nobody_knows_is_empty() -> None:
    assert install_line(Host("linux", "x86_64", {"PATH": ""}), ["gcc"]) == ""
