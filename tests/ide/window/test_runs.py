"""What can come between a click and its result: Stop at any step, an unplugged board, a full disk, a closed window."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ide.runs import Ended, StageBegan
from tests import processes
from tests.disks import small_disk
from tests.ide.panels.stand_in import Studio, studio
from toolchains import paths
from toolchains.errors import Cancelled, DiskError
from toolchains.jobs import StepStarted
from toolchains.project_file import ProjectFileError
from toolchains.toolbox import Toolbox

BOARD = "sim:rv32"
_PATIENCE = 60_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "factorial"
    shutil.copytree(paths.examples() / "factorial", place, ignore=shutil.ignore_patterns(".natmod"))
    return place


@pytest.fixture
def ide(qtbot, folder: Path, toolbox: Toolbox, rv32_firmware: Path) -> Iterator[Studio]:
    with studio(folder) as found:
        found.ctx.board.use(BOARD)
        qtbot.waitUntil(lambda: found.ctx.board.state == "prompt", timeout=_PATIENCE)
        yield found


def ended(ide: Studio) -> Ended:
    last = ide.ctx.runs.last
    assert last is not None
    return last


def run(ide: Studio, qtbot) -> Ended:
    with qtbot.waitSignal(ide.ctx.runs.ended, timeout=_PATIENCE):
        assert ide.ctx.runs.run()
    return ended(ide)


@pytest.mark.parametrize("stage", ["at once", "board", "sdk", "compiler", "build", "check", "put", "run"])
def test_stop_at_any_step(stage: str, ide: Studio, qtbot, folder: Path) -> None:
    (folder / "main.py").write_text("import time, factorial\nprint('on')\nwhile True: time.sleep(1)\n", "utf-8")
    runs = ide.ctx.runs
    if stage == "at once":
        undo = runs.started.connect(lambda _kind: runs.stop())
    else:
        undo = runs.stage.connect(lambda began: runs.stop() if began.name == stage else None)
    last = run(ide, qtbot)
    assert isinstance(last.error, Cancelled)
    assert not runs.busy
    assert ide.ctx.problems.all() == []
    assert not ide.crashes
    # The board is well: the next run works.
    runs.disconnect(undo)
    (folder / "main.py").write_text("import factorial\nprint('answer', factorial.factorial(5))\n", "utf-8")
    assert run(ide, qtbot).good
    assert "answer 120" in ide.text


def test_a_second_run_while_one_runs_is_refused(ide: Studio, qtbot, folder: Path) -> None:
    (folder / "main.py").write_text("import time\nprint('on')\nwhile True: time.sleep(1)\n", "utf-8")
    assert ide.ctx.runs.run()
    qtbot.waitUntil(lambda: "on\r\n" in ide.text, timeout=_PATIENCE)
    assert not ide.ctx.runs.run()
    assert not ide.ctx.runs.build()
    assert not ide.ctx.runs.clean()
    with qtbot.waitSignal(ide.ctx.runs.ended, timeout=_PATIENCE):
        ide.ctx.runs.stop()


def test_another_board_is_chosen_while_a_program_runs(ide: Studio, qtbot, folder: Path) -> None:
    (folder / "main.py").write_text("import time\nprint('on')\nwhile True: time.sleep(1)\n", "utf-8")
    assert ide.ctx.runs.run()
    qtbot.waitUntil(lambda: "on\r\n" in ide.text, timeout=_PATIENCE)
    with qtbot.waitSignal(ide.ctx.runs.ended, timeout=_PATIENCE):
        ide.ctx.board.use(None)
    assert isinstance(ended(ide).error, Cancelled)


def test_the_window_is_closed_while_a_program_runs(qtbot, folder: Path, toolbox: Toolbox, rv32_firmware: Path) -> None:
    (folder / "main.py").write_text("import time\nprint('on')\nwhile True: time.sleep(1)\n", "utf-8")
    with studio(folder) as ide:
        ide.ctx.board.use(BOARD)
        assert ide.ctx.runs.run()
        qtbot.waitUntil(lambda: "on\r\n" in ide.text, timeout=_PATIENCE)
    assert isinstance(ended(ide).error, Cancelled)  # and the fixtures look for what is left behind


def test_the_board_goes_away_while_its_program_runs(ide: Studio, qtbot, folder: Path) -> None:
    (folder / "main.py").write_text("import time\nprint('on')\nwhile True: time.sleep(1)\n", "utf-8")
    assert ide.ctx.runs.run()
    qtbot.waitUntil(lambda: "on\r\n" in ide.text, timeout=_PATIENCE)
    _pull_the_plug(ide)
    qtbot.waitUntil(lambda: not ide.ctx.runs.busy, timeout=_PATIENCE)
    error = ended(ide).error
    assert error is not None
    assert error.code == "board.gone"
    qtbot.waitUntil(lambda: ide.ctx.board.state == "lost", timeout=_PATIENCE)
    assert "The connection to the board" in ide.text


def _pull_the_plug(ide: Studio) -> None:
    """End the simulated machine under the board."""
    for process in processes.with_home(Path(os.environ["NATMOD_HOME"])):
        if "qemu-system" in process.command:
            os.kill(process.pid, signal.SIGKILL)


def test_a_wrong_natmod_toml_leads_to_its_line(ide: Studio, qtbot, folder: Path) -> None:
    file = folder / "natmod.toml"
    file.write_text(file.read_text("utf-8").replace("script", "scirpt"), "utf-8")
    last = run(ide, qtbot)
    assert isinstance(last.error, ProjectFileError)
    (problem,) = ide.ctx.problems.of("build")
    assert problem.path == file
    assert "scirpt" in file.read_text("utf-8").splitlines()[(problem.line or 0) - 1]
    assert "scirpt" in ide.text


def test_no_compiler(ide: Studio, qtbot, folder: Path) -> None:
    file = folder / "natmod.toml"
    file.write_text(file.read_text("utf-8") + '\n[pin]\ncompiler = { rv32imc = "gcc-99" }\n', "utf-8")
    last = run(ide, qtbot)
    assert last.error is not None
    assert last.error.code == "compiler.none"
    assert last.stages[-1][0] == "compiler"
    assert "gcc-99" in ide.text
    assert ide.ctx.problems.count("error") == 1


def test_a_full_disk(qtbot, folder: Path, tmp_path: Path, toolbox: Toolbox, rv32_firmware: Path) -> None:
    with ExitStack() as stack:
        small = stack.enter_context(small_disk(tmp_path / "small", "64k"))
        place = small / "factorial"
        shutil.copytree(folder, place)
        (place / "filler").write_bytes(b"x" * 16_384)
        ide = stack.enter_context(studio(place))
        ide.ctx.board.use(BOARD)
        qtbot.waitUntil(lambda: ide.ctx.board.state == "prompt", timeout=_PATIENCE)
        last = run(ide, qtbot)
        assert isinstance(last.error, DiskError)
        (place / "filler").unlink()
        shutil.rmtree(place / ".natmod")
        assert not ide.ctx.runs.busy
        assert "no space left" in ide.text


def test_the_first_error_of_many_architectures_is_told_once(ide: Studio, qtbot, folder: Path) -> None:
    source = folder / "factorial.c"
    source.write_text(source.read_text("utf-8").replace("return", "retrun", 1), "utf-8")
    with qtbot.waitSignal(ide.ctx.runs.ended, timeout=_PATIENCE):
        assert ide.ctx.runs.build(("rv32imc", "x64"))
    assert [outcome.status for outcome in ended(ide).outcomes] == ["failed", "failed"]
    assert not ended(ide).good
    places = [(one.path, one.line, one.message) for one in ide.ctx.problems.of("build")]
    assert len(places) == len(set(places))


def test_a_fault_of_ours_ends_the_build_and_is_told(ide: Studio, qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_words: object, **_more: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr("ide.builds.build_for", broken)
    with qtbot.waitSignal(ide.ctx.runs.ended, timeout=_PATIENCE):
        assert ide.ctx.runs.build()
    assert [str(crash) for crash in ide.crashes] == ["a fault"]
    error = ended(ide).error
    assert error is not None
    assert error.code == "internal"
    assert not ide.ctx.runs.busy


def test_built_files_go_even_where_the_project_is_broken(ide: Studio, qtbot, folder: Path) -> None:
    assert run(ide, qtbot).good
    assert (folder / ".natmod").is_dir()
    (folder / "natmod.toml").write_text("not toml at all", "utf-8")
    with qtbot.waitSignal(ide.ctx.runs.ended, timeout=_PATIENCE):
        ide.ctx.runs.clean()
    assert not (folder / ".natmod").exists()
    assert ended(ide).good


def test_steps_come_with_their_times(ide: Studio, qtbot) -> None:
    stages: list[StageBegan] = []
    events: list[object] = []
    ide.ctx.runs.stage.connect(stages.append)
    ide.ctx.runs.event.connect(events.append)
    last = run(ide, qtbot)
    names = ["board", "sdk", "compiler", "build", "check", "put", "run", "report"]
    assert [one.name for one in stages] == names
    assert [name for name, _seconds in last.stages] == names
    assert sum(seconds for _name, seconds in last.stages) <= last.seconds + 0.001
    assert any(isinstance(event, StepStarted) for event in events)
