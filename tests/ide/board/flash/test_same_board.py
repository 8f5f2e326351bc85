"""Another board at the port than the one that was shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ide.board.flash import same_board
from ide.board.flash.errors import AnotherBoard
from ide.board.flash.records import BoardFacts
from tests.fakes.flash_doors import CHIP, EMPTY, WITH_PYTHON
from toolchains.host import Host


@pytest.mark.parametrize(
    "found",
    [
        replace(EMPTY, chip=replace(CHIP, mac="7c:df:a1:00:00:02")),
        replace(EMPTY, chip=replace(CHIP, chip="esp32c6")),
        replace(EMPTY, chip=replace(CHIP, mac="", flash_size=8 << 20)),
        replace(WITH_PYTHON, chip=None),
    ],
)
def test_another_mac_chip_or_size_stops(found: BoardFacts) -> None:
    with pytest.raises(AnotherBoard, match="Another board is at"):
        same_board.check(EMPTY, found)


def test_the_same_board_in_another_state_is_the_same() -> None:
    same_board.check(EMPTY, WITH_PYTHON)
    same_board.check(EMPTY, replace(WITH_PYTHON, chip=replace(CHIP, flash_size=2 << 20, revision=None)))
    same_board.check(replace(WITH_PYTHON, chip=None), EMPTY)


def test_a_port_that_went_and_came_is_another_plug_in(tmp_path: Path, host: Host) -> None:
    port = tmp_path / "tty"
    port.touch()
    first = same_board.plug_in(host, str(port))
    assert first == same_board.plug_in(host, str(port))
    port.rename(tmp_path / "other")
    port.touch()
    assert host.system != "linux" or first != same_board.plug_in(host, str(port))
    assert same_board.plug_in(host, "COM3") is None
