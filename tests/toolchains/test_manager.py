"""All toolchains through one door: what is needed, what is had from whom, and where one provider fails, the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.fakes import espressif as fake
from tests.fakes.apt import FakeMachine
from tests.toolchains.managing import bare, no_network, toolchains
from toolchains import providers
from toolchains.chips import arch
from toolchains.compilers import CompilerFinder, NoCompiler
from toolchains.errors import ToolMissing, UsageError
from toolchains.fetch_errors import NetworkError
from toolchains.host import Host, System
from toolchains.jobs import JobContext, StepStarted
from toolchains.manager import NoToolchain
from toolchains.paths import Paths
from toolchains.plugins import Found, Loaded
from toolchains.providers import Offer, Provider, Ways
from toolchains.store import Store
from toolchains.text import _
from toolchains.zig import Zig

__all__ = ["no_network"]
pytestmark = pytest.mark.usefixtures("no_network")


# --- what is needed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("system", "machine", "most"),
    [("linux", "x86_64", 65), ("linux", "aarch64", 65), ("macos", "aarch64", 65), ("windows", "x86_64", 135)],
)
def test_what_a_board_lacks_is_said_with_both_sizes(
    paths: Paths, tmp_path: Path, system: System, machine: str, most: int
) -> None:
    manager = toolchains(paths, bare(tmp_path, system, machine))
    (need,) = manager.needs(RecordingContext(bare(tmp_path, system, machine)), ["xtensawin"], "1.26.1")
    assert need.choice is None
    assert need.best is not None
    assert need.best == need.offers[0]
    assert (need.best.provider, need.best.program) == ("espressif", "xtensa-esp32-elf-gcc")
    assert need.best.size is not None
    assert need.best.disk is not None
    assert 40 < need.best.size / 1_000_000 < most
    assert need.best.disk > need.best.size


def test_zig_serves_risc_v_and_nothing_lacks(paths: Paths, tmp_path: Path) -> None:
    host = bare(tmp_path, "macos")
    (need,) = toolchains(paths, host).needs(RecordingContext(host), ["rv32imc"])
    assert need.offers == ()
    assert need.choice is not None
    assert need.choice.toolchain.startswith("zig@0.")


@pytest.mark.parametrize(("release", "lacks"), [(None, True), ("1.26.1", True), ("1.29.0", False), ("1.33.0", False)])
def test_zig_serves_arm_from_the_release_whose_linker_reads_it(
    paths: Paths, tmp_path: Path, release: str | None, lacks: bool
) -> None:
    host = bare(tmp_path, "macos")
    (need,) = toolchains(paths, host).needs(RecordingContext(host), ["armv7m"], release)
    assert bool(need.offers) == lacks


def test_a_board_with_a_newer_micropython_than_we_know_is_offered_what_the_newest_takes(
    paths: Paths, tmp_path: Path
) -> None:
    manager = toolchains(paths, bare(tmp_path))
    assert [one.id for one in manager.offers("xtensawin", "1.31.0")] == [
        one.id for one in manager.offers("xtensawin", "1.29")
    ]


def test_each_architecture_is_looked_at_once(paths: Paths, tmp_path: Path) -> None:
    host = bare(tmp_path, "macos")
    found = toolchains(paths, host).needs(RecordingContext(host), ["rv32imc", "xtensawin", "rv32imc"])
    assert [need.arch for need in found] == ["rv32imc", "xtensawin"]


# --- what can be had -------------------------------------------------------------------------------------------------


def _best(paths: Paths, host: Host, name: str) -> Offer:
    return toolchains(paths, host).offers(name, "1.26.1")[0]


@pytest.mark.parametrize(
    ("root", "name", "command"),
    [
        (True, "armv7m", ""),
        (True, "xtensa", ""),
        (False, "xtensawin", ""),  # in the user's own folder
        (False, "armv7m", "sudo apt-get install --no-install-recommends gcc-arm-none-eabi libnewlib-arm-none-eabi"),
    ],
)
def test_on_debian_a_package_is_got_or_there_is_something_to_type(
    paths: Paths, tmp_path: Path, root: bool, name: str, command: str
) -> None:
    offer = _best(paths, FakeMachine(tmp_path, root=root).host, name)
    assert (offer.command, offer.problem) == (command, None)
    assert offer.by_us == (not command)
    assert offer.size is not None
    assert 10_000_000 < offer.size < 300_000_000


@pytest.mark.parametrize(
    ("system", "manager", "name", "command"),
    [
        ("macos", "brew", "armv6m", "brew install gcc-arm-embedded"),
        ("windows", "winget.exe", "armv7emdp", "winget install Arm.GnuArmEmbeddedToolchain"),
        ("linux", "pacman", "armv7m", "sudo pacman -S arm-none-eabi-gcc arm-none-eabi-newlib"),
        ("linux", "pacman", "x86", "sudo pacman -S gcc"),
        ("linux", "nothing", "xtensa", ""),
    ],
)
def test_elsewhere_the_other_package_manager(
    paths: Paths, tmp_path: Path, system: System, manager: str, name: str, command: str
) -> None:
    offer = _best(paths, FakeMachine(tmp_path, system, programs=(manager,)).host, name)
    assert offer.command == command
    assert (offer.problem is None) == bool(command)
    assert not offer.by_us


@pytest.mark.parametrize(
    ("root", "name", "step"),
    [
        (True, "xtensawin", "Install one with: natmod toolchain install xtensawin"),
        (False, "x86", "Install one with: sudo apt-get install --no-install-recommends gcc-i686-linux-gnu"),
    ],
)
def test_no_compiler_names_what_to_type(tmp_path: Path, paths: Paths, root: bool, name: str, step: str) -> None:
    host = FakeMachine(tmp_path, root=root).host
    with pytest.raises(NoCompiler) as raised:
        CompilerFinder(paths, host).choose(RecordingContext(host), arch(name))
    assert step in str(raised.value)


@pytest.mark.parametrize("pin", ["xtensa-esp-elf@esp-14.2.0_20241119", "esp-14.2.0_20241119"])
def test_a_pinned_toolchain_that_is_not_here_is_named_exactly(tmp_path: Path, paths: Paths, pin: str) -> None:
    host = bare(tmp_path)
    with pytest.raises(NoCompiler, match=r"natmod toolchain install xtensa-esp-elf@esp-14\.2\.0_20241119"):
        CompilerFinder(paths, host).choose(RecordingContext(host), arch("xtensawin"), pin)


def test_where_nothing_can_be_had_the_names_are_said(paths: Paths, tmp_path: Path) -> None:
    host = Host("linux", "riscv64", {"PATH": str(tmp_path)})
    with pytest.raises(NoCompiler, match=r"put it on PATH: xtensa-esp32-elf-gcc, xtensa-esp-elf-gcc\."):
        CompilerFinder(paths, host).choose(RecordingContext(host), arch("xtensawin"))


def test_zig_that_was_removed_is_offered_with_pips_line(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Zig, "bundled", lambda _host: None)
    host = bare(tmp_path, "windows")
    offer = _best(paths, host, "rv32imc")
    assert (offer.provider, offer.by_us) == ("espressif", True)
    (zig,) = (one for one in toolchains(paths, host).offers("rv32imc") if one.tool == "zig")
    assert "pip install ziglang==0." in zig.command
    with pytest.raises(ToolMissing, match="pip install ziglang"):
        toolchains(paths, host).install(RecordingContext(host), zig.id)


# --- getting ---------------------------------------------------------------------------------------------------------


def test_a_user_without_root_gets_the_line_and_nothing_is_installed(tmp_path: Path, paths: Paths) -> None:
    machine = FakeMachine(tmp_path)
    machine.set("updated")
    with pytest.raises(ToolMissing, match=r"Install it \(46 MB\) with: sudo apt-get install .* gcc-arm-none-eabi"):
        toolchains(paths, machine.host).install(RecordingContext(machine.host), "armv7m")


def test_what_serves_is_not_got_again(host: Host, paths: Paths, ctx: RecordingContext) -> None:
    one = toolchains(paths, host).install(ctx, "esp32c3")
    assert (one.tool, one.found_where) == ("zig", "zig")
    assert not any(isinstance(event, StepStarted) for event in ctx.events)


def _provider(name: str, install: object, **more: object) -> Loaded[Provider]:
    offer = Offer(name, f"{name}@1", name, "1", ("xtensawin",), (), "xtensa-esp32-elf-gcc", 1000, 5000, **more)  # type: ignore[arg-type]
    record = Provider(name, _("the shop {name}", name=name), lambda _host, _paths: [offer], install)  # type: ignore[arg-type]
    return Loaded(Found("group", name, "x:y", "acme", "1"), record)


def _fails(ctx: JobContext, _paths: Paths, _offer: Offer, _ways: Ways) -> None:
    raise NetworkError(_("The shop is closed."))


def _puts(ctx: JobContext, paths: Paths, offer: Offer, _ways: Ways) -> None:
    archive = fake.make()

    def fill(folder: Path) -> tuple[str, dict[str, object]]:
        from toolchains.archive import unpack

        packed = paths.cache / archive.name
        packed.parent.mkdir(parents=True, exist_ok=True)
        packed.write_bytes(archive.data)
        unpack(ctx, packed, folder, links="keep", strip=False)
        return offer.id, {"origin": offer.provider}

    Store(paths.store / "toolchains").install(ctx, fill)


def _shops(monkeypatch: pytest.MonkeyPatch, *good: Loaded[Provider]) -> None:
    monkeypatch.setattr(providers, "plugged", lambda: (list(good), []))


def test_where_one_provider_is_not_reached_the_next_is_asked(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _shops(monkeypatch, _provider("first", _fails), _provider("second", _fails), _provider("third", _puts))
    host = bare(tmp_path)
    ctx = RecordingContext(host)
    one = toolchains(paths, host).install(ctx, "xtensawin")
    assert (one.id, one.origin, one.arches) == ("third@1", "third", ("xtensawin",))
    said = ctx.said()
    assert "The shop is closed. Trying the shop second." in said
    assert "The shop is closed. Trying the shop third." in said


def test_where_nobody_is_reached_the_first_ones_words_are_said(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _shops(monkeypatch, _provider("first", _fails), _provider("second", _fails))
    host = bare(tmp_path)
    with pytest.raises(NetworkError, match="The shop is closed"):
        toolchains(paths, host).install(RecordingContext(host), "esp32s3")


def test_who_names_a_version_gets_no_other_and_who_takes_an_offer_may(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _shops(monkeypatch, _provider("first", _fails), _provider("second", _puts))
    host = bare(tmp_path)
    manager = toolchains(paths, host)
    (first, _second) = manager.offers("xtensawin")
    with pytest.raises(NetworkError):
        manager.install(RecordingContext(host), first.id)
    with pytest.raises(NetworkError):
        manager.install(RecordingContext(host), "xtensawin", provider="first")
    assert manager.install(RecordingContext(host), first).id == "second@1"


def test_one_that_a_person_would_have_to_type_is_no_way_out(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _shops(monkeypatch, _provider("first", _fails), _provider("second", _puts, command="sudo second"))
    host = bare(tmp_path)
    with pytest.raises(NetworkError):
        toolchains(paths, host).install(RecordingContext(host), "xtensawin")


def test_a_provider_that_there_is_not(paths: Paths, host: Host, ctx: RecordingContext) -> None:
    with pytest.raises(UsageError, match="no provider of toolchains called acme"):
        toolchains(paths, host).install(ctx, "xtensawin", provider="acme")


def test_what_cannot_be_had_here_says_why(paths: Paths, tmp_path: Path) -> None:
    host = Host("linux", "riscv64", {"PATH": str(tmp_path)})
    with pytest.raises(NoToolchain, match="no compiler for this kind of computer"):
        toolchains(paths, host).install(RecordingContext(host), "xtensawin")


def test_a_package_whose_program_is_here_is_not_among_what_could_be_had(paths: Paths, tmp_path: Path) -> None:
    program = tmp_path / "arm-none-eabi-gcc"
    program.write_text("")
    program.chmod(0o755)
    host = Host("linux", "x86_64", {"PATH": str(tmp_path), "HOME": str(tmp_path)})
    manager = toolchains(paths, host)
    programs = {offer.program for offer in manager.offers() if offer.provider == "system_packages"}
    assert "xtensa-lx106-elf-gcc" in programs
    assert program.name not in programs
    assert program.name in {offer.program for offer in manager.offers("armv7m")}  # its libraries may lack
