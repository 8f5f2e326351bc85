"""A simulated ESP32, by its name, on a stand-in for Espressif's QEMU: kept, erased, put back, rescued."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.board import simulator
from ide.board.flash import backup, on_chip, rescue, restore
from ide.board.flash.keep import keep_files
from ide.board.flash.records import BoardFacts
from ide.board.flash.rescue import RescueStep
from tests.conftest import RecordingContext
from tests.fakes import images
from tests.ide.board.esp_boards import keep_firmware, with_qemu
from tests.waiting import wait_until
from toolchains.host import Host
from toolchains.paths import Paths
from toolchains.sdk import DEFAULT_VERSION
from toolchains.toolbox import Toolbox

#: A small filesystem: what is read and written is as many bytes as there are.
_ROWS = (*images.DEFAULT_TABLE, images.Row("vfs", 1, 0x81, 0x200000, 0x40000))
_MAIN = b"print('again and again')"


@pytest.fixture(params=["esp32", "esp32c3", "esp32s3"])
def chip(request: pytest.FixtureRequest) -> str:
    """Every simulated ESP32."""
    return str(request.param)


@pytest.fixture
def name(chip: str) -> str:
    """What a person calls it."""
    return f"sim:{chip}"


@pytest.fixture
def box(chip: str, host: Host, paths: Paths, tmp_path: Path) -> Iterator[Toolbox]:
    """A computer with the stand-in, where the simulated board stays while the test lasts."""
    keep_firmware(paths, chip, DEFAULT_VERSION, rows=_ROWS)
    with Toolbox.of(with_qemu(host, tmp_path / "qemu")) as toolbox:
        yield toolbox
    folder = simulator.run_folder(paths, chip, host)
    wait_until(lambda: not folder.path.exists(), "the keeper's folder is gone")


def test_by_its_name_it_is_filled_kept_erased_put_back_and_rescued(
    ctx: RecordingContext, box: Toolbox, name: str, tmp_path: Path
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "main.py").write_bytes(_MAIN)
    with simulator.lease(ctx, box, name), on_chip.opened(ctx, box, name) as there:
        filled = restore.write_folder(ctx, box, name, folder, facts=there.facts)
        assert (filled.port, filled.verified) == (name, True)
        facts = BoardFacts(name, there.facts, filled.running, "", "simulated")
        (kept,) = keep_files(ctx, box, facts)
        assert [file.path for file in kept.manifest.files] == ["/main.py"]
        assert kept.place.is_dir()
        vfs = there.table().vfs
        assert vfs is not None
        there.erase((vfs.offset, vfs.size))
        assert keep_files(ctx, box, facts) == ()
        done = restore.restore(ctx, box, name, kept.place, facts=there.facts)
        assert (done.port, done.verified) == (name, True)
        assert done.running is not None
        assert backup.files(ctx, box, name, facts=there.facts).image() == kept.image()
        steps: list[RescueStep] = []
        rescued = rescue.rescue(ctx, box, name, steps.append, seconds=0)
    assert rescued.port == name
    assert rescued.running is not None
    assert rescued.renamed == (("/main.py", "/main.py.off"),)
    assert [(step.number, step.state) for step in steps] == [(2, "begun"), (2, "helped")]


def test_a_simulated_board_that_answers_is_rescued_by_the_first_step(
    ctx: RecordingContext, box: Toolbox, name: str
) -> None:
    with simulator.lease(ctx, box, name):
        done = rescue.rescue(ctx, box, name, lambda step: None, seconds=60)
    assert (done.step, done.port) == (1, name)
    assert done.running is not None
