"""The firmware of a project on a simulated machine: built, booted and asked by the same click as any other board."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.board import own_firmware, simulator, testing
from ide.board.board_list import list_boards
from ide.board.boards import Boards
from ide.board.memory.import_cost import cost_of
from ide.board.own_firmware import NothingBuilt
from ide.board.pipeline import RunReport, RunRequest, build_put_run
from ide.board.testing import SuiteRequest
from tests.conftest import RecordingContext
from tests.examples import FIRMWARE, OWN_FIRMWARE, promised
from tests.waiting import wait_until
from toolchains import scaffold
from toolchains.paths import examples
from toolchains.toolbox import Toolbox

ADDRESS = "sim:firmware"


@pytest.fixture
def boards(toolbox: Toolbox) -> Iterator[Boards]:
    with Boards(toolbox) as held:
        yield held
    simulator.stop(toolbox.paths, ADDRESS)
    folder = simulator.run_folder(toolbox.paths, own_firmware.NAME, toolbox.host)
    wait_until(lambda: not folder.path.exists(), "the keeper's folder is gone")


def run(ctx: RecordingContext, boards: Boards, folder: Path) -> tuple[RunReport, str]:
    shown = bytearray()
    report = build_put_run(ctx, boards, RunRequest(folder), on_output=shown.extend)
    return report, shown.decode().replace("\r\n", "\n")


@pytest.mark.slow
@pytest.mark.parametrize("name", [*FIRMWARE, *(f"new {template}" for template in OWN_FIRMWARE)])
def test_it_boots_and_does_what_its_readme_says(
    ctx: RecordingContext, boards: Boards, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "élève" / name.removeprefix("new ")
    if name.startswith("new "):
        folder = scaffold.new_project(folder, "blinker", folder.name)
    else:
        shutil.copytree(examples() / name, folder)
    report, shown = run(ctx, boards, folder)
    assert (report.address, report.build) == (ADDRESS, None)
    assert promised(folder).fullmatch(shown), shown
    assert ADDRESS in [board.address for board in list_boards(boards.toolbox.host)]
    (result,) = testing.run_tests(ctx, boards, SuiteRequest(folder), lambda board, case: None)
    assert (result.ok, len(result.cases)) == (True, 1)
    if name == "freeze_package":
        files, *_more, frozen = cost_of(ctx, boards, ADDRESS, folder, "morse", runs=1).costs
        assert (str(files.why_not), frozen.way, frozen.why_not) == ("This board has no filesystem.", "frozen", None)
        assert frozen.ram
    source = folder / "checksum" / "checksum.c"
    if source.is_file():  # a change is in what runs next
        source.write_text(source.read_text("utf-8").replace("crc = 0;", "crc = 0xff;"), "utf-8")
        assert "= 0xf4" not in run(ctx, boards, folder)[1]


def test_nothing_is_offered_before_it_is_built(ctx: RecordingContext, boards: Boards) -> None:
    assert ADDRESS not in [board.address for board in list_boards(boards.toolbox.host)]
    with pytest.raises(NothingBuilt):
        boards.open(ctx, ADDRESS)
