"""All toolchains through one door: what is needed, what is had from whom, and where one provider fails, the next."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.fakes import espressif as fake
from tests.fakes.apt import FakeMachine
from toolchains import providers
from toolchains.chips import arch
from toolchains.compilers import CompilerFinder, NoCompiler
from toolchains.errors import ToolMissing, UsageError
from toolchains.fetch_errors import NetworkError
from toolchains.host import Host, System
from toolchains.jobs import JobContext, StepStarted
from toolchains.manager import NoToolchain, Toolchains
from toolchains.paths import Paths
from toolchains.plugins import Found, Loaded
from toolchains.providers import Offer, Provider, Ways
from toolchains.store import Store
from toolchains.text import _
from toolchains.zig import Zig

XTENSA = f"xtensa-esp-elf@{fake.VERSION}"


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in fake.OFFLINE.items():
        monkeypatch.setenv(name, value)


def toolchains(paths: Paths, host: Host) -> Toolchains:
    return Toolchains(paths, host, CompilerFinder(paths, host))


def bare(tmp_path: Path, system: System = "linux", machine: str = "x86_64") -> Host:
    """A computer with nothing on it but a shell."""
    return Host(
        system, machine, {"PATH": "/usr/bin:/bin" if system == "linux" else str(tmp_path), "HOME": str(tmp_path)}
    )


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


# --- keeping ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def two(paths: Paths, host: Host) -> Toolchains:
    """Two versions of Espressif's compiler."""
    archives = [fake.make(version="esp-14.8.0_20290101"), fake.make()]
    fake.publish(paths, *archives)
    for archive in archives:
        with fake.github(host, archive) as (there, _server):
            toolchains(paths, there).install(RecordingContext(there), f"{archive.tool}@{archive.version}")
    return toolchains(paths, host)


def test_the_persons_choice_is_used_until_it_is_gone(two: Toolchains, paths: Paths, host: Host) -> None:
    older = "xtensa-esp-elf@esp-14.8.0_20290101"
    ctx, finder = RecordingContext(host), CompilerFinder(paths, host)
    assert finder.choose(ctx, arch("xtensawin")).toolchain == XTENSA
    two.set_default("xtensawin", older)
    choice = finder.choose(ctx, arch("xtensawin"))
    assert (choice.toolchain, str(choice.reason)) == (older, "chosen for xtensawin on this computer")
    assert {one.id: one.default_for for one in two.installed() if one.ours} == {older: ("xtensawin",), XTENSA: ()}
    assert two.remove(ctx, older).id == older
    assert two.default_of("xtensawin") is None
    assert finder.choose(ctx, arch("xtensawin")).toolchain == XTENSA


def test_a_choice_that_somebody_else_removed_is_no_fault(two: Toolchains, paths: Paths, host: Host) -> None:
    two.set_default("xtensawin", XTENSA)
    settings = paths.config / "toolchains.json"
    settings.write_text(json.dumps({"schema": 1, "default": {"xtensawin": "gone@1", "x64": 3}}))
    finder, ctx = CompilerFinder(paths, host), RecordingContext(host)
    assert finder.choose(ctx, arch("xtensawin")).toolchain == XTENSA
    for text in ("", "[]", '{"default": []}'):
        settings.write_text(text)
        assert two.default_of("xtensawin") is None
        assert finder.choose(ctx, arch("xtensawin")).toolchain == XTENSA


def test_zig_can_be_the_choice(paths: Paths, host: Host, ctx: RecordingContext) -> None:
    manager = toolchains(paths, host)
    zig = next(one for one in manager.installed() if one.tool == "zig")
    manager.set_default("x64", zig.id)
    choice = CompilerFinder(paths, host).choose(ctx, arch("x64"))
    assert (choice.compiler.kind, choice.toolchain) == ("zig", zig.id)
    assert CompilerFinder(paths, host).choose(ctx, arch("x64"), zig.id).compiler.kind == "zig"
    with pytest.raises(NoCompiler):
        CompilerFinder(paths, host).choose(ctx, arch("x64"), "zig@0.1.0")


def test_pruning_frees_the_archives_and_what_was_left(two: Toolchains, paths: Paths, ctx: RecordingContext) -> None:
    archives = list((paths.cache / "toolchains").glob("*.tar.xz"))
    left = paths.store / "toolchains" / ".new-killed"
    left.mkdir()
    (left / "half").write_bytes(bytes(5000))
    assert two.prune(ctx) >= 5000 + sum(path.stat().st_size for path in archives if path.exists())
    assert not any(path.exists() for path in [left, *archives])
    assert len(archives) == 2
    assert two.prune(ctx) == 0
    assert len([one for one in two.installed() if one.ours]) == 2


def test_disk_use_is_known_at_once(two: Toolchains, paths: Paths) -> None:
    ours = [one.disk or 0 for one in two.installed() if one.ours]
    assert two.disk_use() == sum(ours)
    files = (path for path in (paths.store / "toolchains").rglob("*") if path.is_file() and not path.is_symlink())
    assert 0 < sum(ours) <= sum(path.stat().st_size for path in files)


def test_the_environment_has_its_programs_first(two: Toolchains, host: Host) -> None:
    assert two.environment(XTENSA)["PATH"].startswith(f"{two.get(XTENSA).bin}:")
    assert two.environment(XTENSA)["PATH"].endswith(host.environ["PATH"])


def test_what_is_on_path_is_listed_with_what_it_serves(paths: Paths, tmp_path: Path) -> None:
    (tmp_path / "arm-none-eabi-gcc").write_text("#!/bin/sh\n")
    (tmp_path / "arm-none-eabi-gcc").chmod(0o755)
    host = Host("linux", "x86_64", {"PATH": str(tmp_path)})
    (one,) = (one for one in toolchains(paths, host).installed() if one.found_where == "PATH")
    assert (one.id, one.version) == ("arm-none-eabi-gcc", "")
    assert one.arches == ("armv6m", "armv7m", "armv7emsp", "armv7emdp")


def test_looking_costs_no_program_and_no_network(two: Toolchains, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_args: object, **_more: object) -> None:
        raise AssertionError

    monkeypatch.setattr(Host, "popen", forbidden)
    monkeypatch.setattr("socket.socket.connect", forbidden)
    assert two.installed()
    assert two.offers()


# --- packs -----------------------------------------------------------------------------------------------------------


def test_a_pack_comes_before_everything_else(paths: Paths, host: Host, tmp_path: Path) -> None:
    archive = fake.make()
    fake.publish(paths, archive)
    pack = fake.Pack(paths, archive, tmp_path)
    manager, ctx = toolchains(paths, host), RecordingContext(host)
    first = manager.offers("xtensawin", sources=[pack])[0]
    assert (first.provider, first.id, str(first.reason)) == ("pack", XTENSA, "It is in the pack.")
    one = manager.install(ctx, "xtensawin", sources=[pack], provider="pack")
    assert one.id == XTENSA
    with pytest.raises(NoToolchain, match="The pack has none"):
        manager.install(ctx, "rv32imc", sources=[pack], provider="pack")


def test_one_that_was_packed_from_a_store_gets_its_name_and_stamp_again(
    paths: Paths, host: Host, tmp_path: Path
) -> None:
    archive = fake.make()
    fake.publish(paths, archive)
    pack = fake.Pack(paths, archive, tmp_path, stamp={"name": "xtensa-esp-elf", "recipe": "ours"})
    manager, ctx = toolchains(paths, host), RecordingContext(host)
    manager.install(ctx, XTENSA, sources=[pack])
    entry = Store(paths.store / "toolchains").get("xtensa-esp-elf")
    assert entry is not None
    assert entry.stamp["recipe"] == "ours"
    assert manager.get(XTENSA).ours
