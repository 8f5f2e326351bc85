"""``natmod demo``: on which board it runs on which system, and that a newcomer without one sees the build at least."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ide.board import simulator
from ide.board.esp_machines import Esp
from ide.board.pipeline import RunRequest
from ide.cli.run import run_verb
from ide.cli.verbs import demo
from tests.fakes import espressif
from tests.ide.board.esp_boards import with_qemu
from toolchains.errors import Cancelled
from toolchains.host import Host, System
from toolchains.jobs import JobContext


def play(monkeypatch: pytest.MonkeyPatch, host: Host) -> None:
    """From now on a command runs on that computer."""
    monkeypatch.setattr(Host, "current", lambda: host)
    monkeypatch.setattr("ide.cli.run.JobContext", partial(JobContext, host))


@pytest.mark.usefixtures("warm_home", "sdk_tree")
def test_without_a_simulated_board_the_module_is_built_and_the_next_step_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for maker in (simulator.Qemu, Esp):
        monkeypatch.setattr(maker, "available", lambda self, host: False)
    assert run_verb(["demo"]) == 0
    said = capsys.readouterr()
    assert "factorial.mpy" in said.out
    assert "natmod demo --board" in said.out


@pytest.mark.parametrize(
    ("system", "board"), [("linux", "sim:rv32"), ("windows", "sim:esp32c3"), ("macos", "sim:esp32c3")]
)
def test_the_board_is_the_one_that_needs_the_least_on_that_system(
    monkeypatch: pytest.MonkeyPatch, home: Path, tmp_path: Path, system: System, board: str
) -> None:
    asked: list[RunRequest] = []

    def note(_ctx: object, _boards: object, request: RunRequest, **_more: Any) -> None:
        asked.append(request)
        raise Cancelled

    host = replace(with_qemu(Host.current(), tmp_path / "qemu"), system=system)
    play(monkeypatch, host)
    monkeypatch.setattr(demo, "build_put_run", note)
    assert run_verb(["demo"]) == Cancelled.exit_code
    assert [request.board for request in asked] == [board]


@pytest.mark.usefixtures("warm_home", "sdk_tree")
def test_who_cannot_download_the_emulator_hears_that_and_sees_the_build(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = Host.current()
    host = replace(here, system="macos", environ={**here.environ, **espressif.OFFLINE})
    play(monkeypatch, host)
    assert run_verb(["demo"]) == 0
    said = capsys.readouterr()
    assert "The simulated board sim:esp32c3 runs in Espressif's QEMU, a download of" in said.out + said.err
    assert "github.com" in said.err
    assert "factorial.mpy" in said.out
    assert "zig" in said.out
    assert "natmod demo --board" in said.out
