"""Espressif's compilers: offered by the catalogue, fetched, unpacked, proved, kept; and all that can go wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.fakes import espressif as fake
from tests.homes import CHECKOUT
from tests.toolchains.natmods import Builder
from toolchains import natmod, project
from toolchains.chips import arch
from toolchains.compilers import Compiler, CompilerFinder
from toolchains.errors import Cancelled, FetchError, StudioError
from toolchains.host import Host, System
from toolchains.jobs import Event, StepStarted
from toolchains.manager import Toolchains
from toolchains.natmod import BuildRequest
from toolchains.paths import Paths
from toolchains.providers import Offer, espressif
from toolchains.providers.archives import NotProved
from toolchains.store import Store

LINUX = Host("linux", "x86_64", {"PATH": "/usr/bin:/bin"})
XTENSA = "xtensa-esp-elf@" + fake.VERSION


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in fake.OFFLINE.items():
        monkeypatch.setenv(name, value)


def toolchains(paths: Paths, host: Host) -> Toolchains:
    return Toolchains(paths, host, CompilerFinder(paths, host))


def nothing_left(paths: Paths) -> None:
    root = paths.store / "toolchains"
    assert Store(root).entries() == []
    assert [path.name for path in root.glob("*") if path.name != ".lock"] == []


# --- what is offered -------------------------------------------------------------------------------------------------


def _compilers(host: Host, paths: Paths, name: str) -> list[Offer]:
    return [offer for offer in espressif.offers(host, paths) if offer.serves(name, "1.26.1")]


@pytest.mark.parametrize(
    ("host", "name", "most"),
    [
        (LINUX, "xtensawin", 65_000_000),
        (Host("linux", "aarch64"), "xtensawin", 65_000_000),
        (Host("macos", "aarch64"), "xtensawin", 65_000_000),
        (Host("macos", "x86_64"), "xtensawin", 70_000_000),
        (Host("windows", "x86_64"), "xtensawin", 135_000_000),
        (Host("windows", "aarch64"), "xtensawin", 135_000_000),
        (Host("windows", "x86_64"), "rv32imc", 272_000_000),
    ],
)
def test_the_smallest_that_serves_comes_first(host: Host, paths: Paths, name: str, most: int) -> None:
    found = _compilers(host, paths, name)
    sizes = [offer.size or 0 for offer in found]
    assert sizes == sorted(sizes)
    assert 40_000_000 < sizes[0] <= most
    assert "smallest" in str(found[0].reason)
    assert all(offer.disk is not None and offer.disk > 2 * (offer.size or 0) for offer in found)
    assert all(offer.by_us for offer in found)


def test_a_release_whose_objects_the_linker_cannot_read_is_not_offered_for_it(paths: Paths) -> None:
    new = [offer.version for offer in espressif.offers(LINUX, paths) if offer.serves("xtensawin", "1.29.0")]
    old = [offer.version for offer in _compilers(LINUX, paths, "xtensawin")]
    assert "esp-16.1.0_20260609" in set(new) - set(old)


def test_a_computer_that_espressif_makes_nothing_for_is_told_so(paths: Paths) -> None:
    found = espressif.offers(Host("linux", "riscv64"), paths)
    assert {arch for offer in found for arch in offer.arches} == {"xtensawin", "rv32imc"}
    assert all("no compiler for this kind of computer" in str(offer.problem) for offer in found)


# --- getting ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("system", "machine", "platform", "tool"),
    [
        ("linux", "x86_64", "linux-amd64", "xtensa-esp-elf"),
        ("linux", "x86_64", "linux-amd64", "riscv32-esp-elf"),
        ("macos", "aarch64", "macos-arm64", "xtensa-esp-elf"),
        ("windows", "x86_64", "win64", "xtensa-esp-elf"),
        ("windows", "aarch64", "win64", "riscv32-esp-elf"),
    ],
)
def test_it_is_fetched_proved_and_found(paths: Paths, system: System, machine: str, platform: str, tool: str) -> None:
    archive = fake.make(tool, platform=platform)
    fake.publish(paths, archive)
    machine_data = {"PROGRAMDATA": str(paths.data.parent)}  # on Windows, where plain names live
    played = replace(LINUX, system=system, machine=machine, environ={**LINUX.environ, **machine_data})
    with fake.github(played, archive) as (host, server):
        ctx = RecordingContext(host)
        manager = toolchains(paths, host)
        one = manager.install(ctx, f"{tool}@{fake.VERSION}")
    assert len(server.requests) == 1
    assert (one.id, one.found_where, one.version) == (f"{tool}@{fake.VERSION}", "store", fake.VERSION)
    assert one.disk is not None
    assert one.disk > 1000
    assert manager.verify(ctx, one.id) == []
    wanted = arch(one.arches[0])
    choice = CompilerFinder(paths, host).choose(ctx, wanted)
    assert Path(choice.compiler.command[0]).is_relative_to(one.folder)
    assert (choice.compiler.version, choice.toolchain) == (fake.VERSION, one.id)


def test_links_of_the_archive_stay_links(paths: Paths, host: Host) -> None:
    archive = fake.make()
    fake.publish(paths, archive)
    with fake.github(host, archive) as (there, _server):
        one = toolchains(paths, there).install(RecordingContext(there), XTENSA)
    assert (one.bin / "xtensa-esp-elf-cc").is_symlink()
    assert (one.folder / "xtensa-esp-elf/xtensa-esp-elf/bin/gcc").samefile(one.bin / "xtensa-esp-elf-gcc")


def test_a_second_version_stands_beside_the_first(paths: Paths, host: Host) -> None:
    archives = [fake.make(version="esp-14.8.0_20290101"), fake.make()]
    fake.publish(paths, *archives)
    for archive in archives:
        with fake.github(host, archive) as (there, _server):
            toolchains(paths, there).install(RecordingContext(there), f"{archive.tool}@{archive.version}")
    manager = toolchains(paths, host)
    assert {one.version for one in manager.installed() if one.ours} == {"esp-14.8.0_20290101", fake.VERSION}
    finder = CompilerFinder(paths, host)
    ctx = RecordingContext(host)
    assert finder.choose(ctx, arch("xtensawin")).compiler.version == fake.VERSION
    assert finder.choose(ctx, arch("xtensawin"), "esp-14.8.0_20290101").compiler.version == "esp-14.8.0_20290101"
    pinned = finder.choose(ctx, arch("xtensawin"), "xtensa-esp-elf@esp-14.8.0_20290101")
    assert pinned.toolchain == "xtensa-esp-elf@esp-14.8.0_20290101"


def test_what_is_there_is_not_fetched_again(paths: Paths, host: Host) -> None:
    archive = fake.make()
    fake.publish(paths, archive)
    with fake.github(host, archive) as (there, server):
        for _time in range(2):
            toolchains(paths, there).install(RecordingContext(there), XTENSA)
    assert len(server.requests) == 1


def test_a_damaged_one_is_repaired_from_the_kept_archive(paths: Paths, host: Host) -> None:
    archive = fake.make()
    fake.publish(paths, archive)
    with fake.github(host, archive) as (there, _server):
        manager = toolchains(paths, there)
        one = manager.install(RecordingContext(there), XTENSA)
    manager, ctx = toolchains(paths, host), RecordingContext(host)
    (one.bin / "xtensa-esp-elf-gcc").write_text("#!/bin/sh\n")
    assert [fault.kind for fault in manager.verify(ctx, XTENSA)]
    repaired = manager.repair(ctx, XTENSA)
    assert manager.verify(ctx, XTENSA) == []
    assert repaired.id == XTENSA
    assert "repair" not in " ".join(ctx.said())


# --- what goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("says", "words"),
    [("esp-1.0.0_20200101", "It says that it is esp-1.0.0_20200101"), ("something else", "does not tell its version")],
)
def test_another_version_than_the_catalogues_is_not_kept(paths: Paths, host: Host, says: str, words: str) -> None:
    archive = fake.make(says=says)
    fake.publish(paths, archive)
    with fake.github(host, archive) as (there, _server), pytest.raises(NotProved, match=words):
        toolchains(paths, there).install(RecordingContext(there), XTENSA)
    nothing_left(paths)


def test_one_that_does_not_run_is_not_kept_and_the_old_one_stays(paths: Paths, host: Host) -> None:
    good = fake.make()
    fake.publish(paths, good)
    with fake.github(host, good) as (there, _server):
        toolchains(paths, there).install(RecordingContext(there), XTENSA)
    bad = fake.make(programs=("another-program",))
    fake.publish(paths, bad)
    with fake.github(host, bad) as (there, _server):
        manager = toolchains(paths, there)
        ctx = RecordingContext(there)
        (manager.get(XTENSA).bin / "xtensa-esp-elf-gcc").chmod(0o700)
        (manager.get(XTENSA).folder / "xtensa-esp-elf/share/licenses/gcc/COPYING3").unlink()
        with pytest.raises(NotProved, match="does not run"):
            manager.repair(ctx, XTENSA)
    assert manager.get(XTENSA).program("xtensa-esp32-elf-gcc", host) is not None
    assert CompilerFinder(paths, host).choose(ctx, arch("xtensawin")).toolchain == XTENSA


def test_a_compiler_for_another_processor_is_not_kept(paths: Paths, host: Host, monkeypatch) -> None:
    monkeypatch.setitem(fake._MACHINES, "xtensa-esp-elf", r"\363\000")
    archive = fake.make()
    fake.publish(paths, archive)
    with fake.github(host, archive) as (there, _server), pytest.raises(NotProved, match="another processor"):
        toolchains(paths, there).install(RecordingContext(there), XTENSA)
    nothing_left(paths)


def test_wrong_content_is_never_unpacked(paths: Paths, host: Host) -> None:
    archive = fake.make()
    fake.publish(paths, archive)
    other = replace(archive, data=archive.data[:-1] + b"?")
    with fake.github(host, other) as (there, _server):
        ctx = RecordingContext(there)
        with pytest.raises(FetchError):
            toolchains(paths, there).install(ctx, XTENSA)
    assert not any(line.startswith("Unpack") for line in ctx.said())
    assert any("SHA-256" in line for line in ctx.said())
    nothing_left(paths)


@pytest.mark.parametrize("step", range(4))
def test_a_cancel_at_any_step_leaves_nothing(paths: Paths, host: Host, step: int) -> None:
    archive = fake.make()
    fake.publish(paths, archive)
    with fake.github(host, archive) as (there, _server):
        ctx = RecordingContext(there)
        seen: list[str] = []

        def cancel(event: Event) -> None:
            if isinstance(event, StepStarted):
                seen.append(str(event.title))
                if len(seen) == step + 1:
                    ctx.cancel()

        ctx.sink = cancel
        with pytest.raises(Cancelled):
            toolchains(paths, there).install(ctx, XTENSA)
    nothing_left(paths)


def test_where_github_is_not_reached_the_error_says_what_to_do(paths: Paths, host: Host) -> None:
    archive = fake.make()
    fake.publish(paths, archive)
    with pytest.raises(FetchError) as caught:
        toolchains(paths, host).install(RecordingContext(host), XTENSA)
    assert archive.name in str(caught.value)
    nothing_left(paths)


def test_a_version_that_nobody_has(paths: Paths, host: Host) -> None:
    with pytest.raises(StudioError, match="no toolchain called xtensa-esp-elf@esp-99"):
        toolchains(paths, host).install(RecordingContext(host), "xtensa-esp-elf@esp-99.0.0_20990101")


# --- the whole way ---------------------------------------------------------------------------------------------------


def test_an_example_is_built_with_what_came_over_the_network(
    paths: Paths, build: Builder, compiler_for: Callable[[str], Compiler], tmp_path: Path
) -> None:
    """The work is done by Debian's compiler under Espressif's names; the module is the same to the byte."""
    real = compiler_for("xtensawin")
    archive = fake.make(real=Path(real.command[0]))
    fake.publish(paths, archive)
    with fake.github(build.ctx.host, archive) as (host, _server):
        ctx = RecordingContext(host)
        one = toolchains(paths, host).install(ctx, XTENSA)
    assert {chip for chip in ("esp32", "esp32s3") if toolchains(paths, host).named(ctx, chip) == one} == {
        "esp32",
        "esp32s3",
    }
    choice = CompilerFinder(paths, host).choose(ctx, arch("xtensawin"), sdk=build.sdk)
    assert choice.toolchain == XTENSA
    made = []
    for name, compiler in (("theirs", choice.compiler), ("debians", real)):
        folder = tmp_path / name
        shutil.copytree(CHECKOUT / "examples" / "factorial", folder, ignore=shutil.ignore_patterns(".natmod"))
        request = BuildRequest(project.load(folder), arch("xtensawin"), build.sdk, compiler, None)
        made.append(natmod.build(ctx, request, build.linkers).path.read_bytes())
    assert made[0] == made[1]
