"""``natmod demo`` where there is no simulated board, as on Windows today."""

from __future__ import annotations

import pytest

from ide.board import simulator
from ide.cli.run import run_verb


@pytest.mark.usefixtures("warm_home", "sdk_tree")
def test_without_a_simulated_board_the_module_is_built_and_the_next_step_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(simulator.Rv32, "available", lambda self, host: False)
    assert run_verb(["demo"]) == 0
    said = capsys.readouterr()
    assert "factorial.mpy" in said.out
    assert "natmod demo --board" in said.out
