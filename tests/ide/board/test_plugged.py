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
from toolchains.chips import arch
from toolchains.compiler_offers import offer_for

_BOARD = """
from ide.board.simulator import SimulatorKind
from toolchains.text import Text

class Maker:
    def available(self, host):
        return True

KIND = SimulatorKind("toaster", Text("a toaster with MicroPython"), Maker(), api=1)
"""
_PROVIDER = """
from toolchains.providers import Provider

PROVIDER = Provider(
    id="elsewhere", arches=("rv32imc", "xtensawin"), program="riscv32-esp-elf-gcc", ensure=lambda ctx, paths: None,
    obstacle=lambda host: None, size=lambda: 55_000_000, api=1,
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
    assert list(simulator.kinds()) == ["rv32", "unix"]
    assert simulator.plugged()[1] == []
    assert [one.found.distribution for one in providers.plugged()[0]] == ["natmod-studio"]


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


def test_a_compiler_of_a_plugin_is_offered_where_we_have_none(installed: Plugins, tmp_path: Path) -> None:
    installed.add("acme-gcc", "[natmod_studio.toolchains]\nx = acme_gcc:PROVIDER\n", _PROVIDER)
    host = FakeMachine(tmp_path).host
    offer = offer_for(host, arch("rv32imc"))
    assert (offer.command, offer.size) == ("natmod compilers get rv32imc", 55_000_000)
    assert offer_for(host, arch("xtensawin")).program == "xtensa-esp32-elf-gcc"
    assert offer_for(host, arch("x64")).command != "natmod compilers get x64"
