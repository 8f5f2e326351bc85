"""Simulated boards and compilers of other people's: entry points of an installed distribution, on the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.board import simulator
from ide.cli.main import main
from tests.fakes.apt import FakeMachine
from tests.fakes.plugins import Plugins
from toolchains import providers
from toolchains.compilers import CompilerFinder
from toolchains.jobs import JobContext
from toolchains.manager import Toolchains
from toolchains.paths import Paths

_BOARD = """
from ide.board.simulator import SimulatorKind
from toolchains.text import Text

class Maker:
    def available(self, host):
        return True

KIND = SimulatorKind("toaster", Text("a toaster with MicroPython"), Maker(), api=1)
"""
_PROVIDER = """
from toolchains.providers import Offer, Provider
from toolchains.text import Text

GCC = Offer("elsewhere", "acme-gcc@1.2", "acme-gcc", "1.2", ("rv32imc", "xtensa"), (), "riscv32-esp-elf-gcc", 55)

def install(ctx, paths, offer, ways):
    raise OSError(f"{offer.id} is sold out")

PROVIDER = Provider(
    "elsewhere", Text("Acme's shop"), offers=lambda host, paths: [GCC], install=install, api=1
)
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plugins]:
    before = set(sys.modules)
    simulator.plugged.cache_clear()
    providers.plugged.cache_clear()
    yield Plugins(tmp_path / "site", monkeypatch)
    simulator.plugged.cache_clear()
    providers.plugged.cache_clear()
    for name in set(sys.modules) - before:
        if name.startswith("acme"):
            del sys.modules[name]


def test_ours_come_through_the_door() -> None:
    assert list(simulator.kinds()) == ["arm", "arm-m7", "esp32", "esp32c3", "esp32s3", "firmware", "rv32", "unix"]
    assert simulator.plugged()[1] == []
    found = providers.plugged()[0]
    assert {one.found.distribution for one in found} == {"natmod-studio"}
    assert [one.plugin.id for one in found] == [
        "bundled_zig",
        "debian_xtensa",
        "esp_idf",
        "espressif",
        "system_packages",
    ]


def test_a_board_of_a_plugin_is_listed_and_a_broken_one_named(
    installed: Plugins, capsys: pytest.CaptureFixture[str]
) -> None:
    installed.add("acme-toaster", "[natmod_studio.boards]\ntoaster = acme_toaster:KIND\n", _BOARD)
    installed.add("acme-broken", "[natmod_studio.boards]\nkettle = acme_broken:KIND\n", "raise OSError('no water')")
    assert main(["boards", "--json"]) == 0
    said = capsys.readouterr()
    assert {"address": "sim:toaster", "title": "a toaster with MicroPython"} in json.loads(said.out)["boards"]
    assert "The plugin kettle of acme-broken cannot be used. It failed with OSError: no water." in said.err
    assert simulator.kind_of("sim:toaster").name == "toaster"


def test_nobody_takes_the_place_of_ours(installed: Plugins) -> None:
    source = _BOARD.replace('"toaster"', '"rv32"')
    installed.add("acme-rv32", "[natmod_studio.boards]\nother = acme_rv32:KIND\n", source)
    assert simulator.kinds()["rv32"] is simulator.RV32


def test_a_compiler_of_a_plugin_is_offered_after_ours(installed: Plugins, tmp_path: Path, paths: Paths) -> None:
    installed.add("acme-gcc", "[natmod_studio.toolchains]\nx = acme_gcc:PROVIDER\n", _PROVIDER)
    host = FakeMachine(tmp_path).host
    toolchains = Toolchains(paths, host, CompilerFinder(paths, host))
    risc_v = [offer.id for offer in toolchains.offers("rv32imc") if offer.by_us]
    assert risc_v[-1] == "acme-gcc@1.2"
    assert risc_v[0].startswith("riscv32-esp-elf@")
    assert toolchains.needs(JobContext(host), ["xtensa"])[0].best == toolchains.offers("xtensa")[0]
    assert "acme-gcc@1.2" not in [offer.id for offer in toolchains.offers("x64")]


def test_a_provider_that_fails_is_blamed_and_a_broken_one_named(
    installed: Plugins, capsys: pytest.CaptureFixture[str]
) -> None:
    installed.add("acme-gcc", "[natmod_studio.toolchains]\nx = acme_gcc:PROVIDER\n", _PROVIDER)
    installed.add("acme-old", "[natmod_studio.toolchains]\ny = acme_old:PROVIDER\n", "raise OSError('no water')")
    assert main(["toolchain", "install", "acme-gcc@1.2"]) == 1
    said = capsys.readouterr().err
    assert "The plugin x of acme-gcc cannot be used. It failed with OSError: acme-gcc@1.2 is sold out." in said
    assert main(["toolchain", "list", "--arch", "xtensa"]) == 0
    assert "The plugin y of acme-old cannot be used." in capsys.readouterr().err


def test_a_provider_whose_offers_fail_does_not_keep_ours_from_being_offered(
    installed: Plugins, capsys: pytest.CaptureFixture[str]
) -> None:
    source = _PROVIDER.replace("[GCC]", "1 / 0")
    installed.add("acme-gcc", "[natmod_studio.toolchains]\nx = acme_gcc:PROVIDER\n", source)
    assert main(["toolchain", "list", "--arch", "xtensawin", "--json"]) == 0
    said = capsys.readouterr()
    assert {offer["provider"] for offer in json.loads(said.out)["offers"]} >= {"espressif"}
    assert (
        "The plugin x of acme-gcc cannot be used. It failed with ZeroDivisionError" in json.loads(said.err)["sentence"]
    )
