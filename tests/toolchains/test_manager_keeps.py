"""What is installed is kept: the person's choice, checks, tidying up, the environment, and what comes out of packs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.fakes import espressif as fake
from tests.toolchains.managing import no_network, toolchains
from toolchains.chips import arch
from toolchains.compilers import CompilerFinder, NoCompiler
from toolchains.host import Host
from toolchains.manager import NoToolchain, Toolchains
from toolchains.paths import Paths
from toolchains.store import Store

__all__ = ["no_network"]
pytestmark = pytest.mark.usefixtures("no_network")
XTENSA = f"xtensa-esp-elf@{fake.VERSION}"


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
