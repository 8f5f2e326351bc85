"""``natmod compilers``: what is there, what can be had, and what to type for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ide.cli.main import main
from tests.fakes.apt import FakeMachine
from toolchains.host import Host

pytestmark = pytest.mark.skipif(
    (Host.current().system, Host.current().machine) != ("linux", "x86_64"), reason="the fake machine is a Debian PC"
)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeMachine:
    """A user of Debian with nothing but zig."""
    fake = FakeMachine(tmp_path)
    fake.set("updated")
    monkeypatch.setenv("PATH", fake.host.environ["PATH"])
    monkeypatch.setattr(Host, "is_root", lambda _self: False)
    return fake


@pytest.mark.usefixtures("bare")
def test_what_is_missing_is_listed_with_what_to_type(capsys: pytest.CaptureFixture[str]):
    assert main(["compilers"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (xtensawin,) = (line for line in lines if line.startswith("xtensawin"))
    assert xtensawin.endswith("not here; get it (174 MB) with: natmod compilers get xtensawin")
    arm = [line for line in lines if line.startswith("armv7m")]
    assert "zig" in arm[0]
    assert arm[1].endswith("sudo apt-get install --no-install-recommends gcc-arm-none-eabi")
    assert len([line for line in lines if line.startswith(("x64", "rv32imc"))]) == 2  # zig does


@pytest.mark.usefixtures("bare")
def test_programs_read_the_same(capsys: pytest.CaptureFixture[str]):
    assert main(["compilers", "--arch", "xtensawin", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["compilers"] == []
    (offer,) = record["offers"]
    assert offer["command"] == "natmod compilers get xtensawin"
    assert offer["size"] > 100_000_000
    assert offer["problem"] is None


@pytest.mark.usefixtures("bare")
def test_get_says_what_there_is_already(capsys: pytest.CaptureFixture[str]):
    assert main(["compilers", "get", "rv32imc"]) == 0
    assert capsys.readouterr().out.startswith("rv32imc: zig 0.")


def test_get_without_root_changes_nothing_and_names_the_line(bare: FakeMachine, capsys: pytest.CaptureFixture[str]):
    assert main(["compilers", "get", "armv7m"]) == 1
    assert "(46 MB) with: sudo apt-get install --no-install-recommends gcc-arm-none-eabi" in capsys.readouterr().err
    assert all("--print-uris" in call for call in bare.calls)


def test_get_needs_an_architecture(capsys: pytest.CaptureFixture[str]):
    assert main(["compilers", "get"]) == 2
    assert "natmod compilers get xtensawin" in capsys.readouterr().err
    assert main(["compilers", "get", "esp32"]) == 2
    assert "There is no architecture called esp32." in capsys.readouterr().err
