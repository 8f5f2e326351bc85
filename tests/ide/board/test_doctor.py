"""Cured modules run on the simulated RISC-V board, and what that board itself refuses is explained."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.board import deploy
from ide.board.deploy import Served
from ide.board.errors import BoardExecError
from tests.compilers import Compilers
from tests.conftest import RecordingContext
from tests.sims import SimBoard, sim_board
from tests.toolchains.doctor.patients import Sick, Ward
from tests.toolchains.doctor.sick import COMPILED, CURED
from tests.toolchains.natmods import Builder, finder, module
from tests.toolchains.trees import as_1_22
from toolchains import mpy_loads, mpyfile, project
from toolchains.doctor import Finding, diagnose
from toolchains.doctor.treatment import treat
from toolchains.jobs import JobContext
from toolchains.natmod import BuildResult
from toolchains.sdk_tree import SdkTree

_FILE = "import small\nn = small.answer(40)\nprint('answer', n)\n"


@pytest.fixture(scope="module")
def sim(tmp_path_factory: pytest.TempPathFactory, sdk_tree: SdkTree) -> Iterator[SimBoard]:
    with sim_board("sim:rv32", tmp_path_factory.mktemp("b")) as board:
        board.toolbox.linkers.start(sdk_tree)  # here, so that no test is blamed for having started it
        yield board


@pytest.fixture
def ward(sim: SimBoard, sdk_tree: SdkTree, compiler_for: Compilers, tmp_path: Path) -> Ward:
    ctx = RecordingContext(sim.toolbox.host)
    build = Builder(ctx, sdk_tree, sim.toolbox.linkers, finder(ctx))
    return Ward(build, compiler_for, tmp_path / "sick project", sdk_tree)


def _run(sim: SimBoard, ctx: JobContext, folder: Path, data: bytes) -> tuple[str, str | None]:
    """What the program prints, and its traceback."""
    (folder / "main.py").write_text(_FILE)
    printed = bytearray()
    sim.link.soft_reset(ctx)
    outcome = deploy.try_run(ctx, sim.link, Served(folder, {"small.mpy": data}), "main.py", on_output=printed.extend)
    return printed.decode(), outcome.traceback


def _name(value: object) -> str | None:
    return value.cause if isinstance(value, Sick) else None


@pytest.mark.parametrize("sick", [*CURED, *COMPILED], ids=_name)
def test_a_cured_module_runs(sim: SimBoard, ward: Ward, ctx: RecordingContext, sick: Sick) -> None:
    ward.admit(sick)
    before = ward.contents()
    _found, result = ward.heal("rv32imc")
    printed, traceback = _run(sim, ctx, ward.folder, result.path.read_bytes())
    assert traceback is None
    assert f"answer {sick.answer}" in printed
    (ward.folder / "main.py").unlink()
    ward.take_back()
    assert ward.contents() == before


def _refused(sim: SimBoard, ctx: JobContext, ward: Ward, data: bytes) -> Finding:
    """What the doctor makes of the board's own words, and of what is known before it is asked."""
    identity = sim.link.identity(ctx)
    _printed, traceback = _run(sim, ctx, ward.folder, data)
    assert traceback is not None
    loaded = project.load(ward.folder)
    (found,) = diagnose(BoardExecError(traceback), loaded, ward.sdk, identity.loader)
    with pytest.raises(mpy_loads.NotLoadable) as caught:
        mpy_loads.check_loads(mpyfile.read(data), identity.loader)
    (early,) = diagnose(caught.value, loaded, ward.sdk, identity.loader)
    assert (early.cause_id, early.fix) == (found.cause_id, found.fix)
    return found


def test_another_mpy_version(
    sim: SimBoard, ward: Ward, ctx: RecordingContext, sdk_1250: SdkTree, tmp_path: Path
) -> None:
    """The project asks for an older MicroPython than the board has."""
    old = SdkTree.open(as_1_22(sdk_1250, tmp_path / "mpy 1.22"))
    ward.others = {"1.22.2": old}
    ward.admit(
        Sick("mpy-version", {"small.c": module("    return mp_obj_new_int(42);")}, '[pin]\nmicropython = "1.22.2"')
    )
    before = ward.contents()
    result = ward.attempt("x64", "zig")
    assert isinstance(result, BuildResult)
    found = _refused(sim, ctx, ward, result.path.read_bytes())
    assert found.cause_id == "mpy-version"
    (ward.folder / "main.py").unlink()
    treated = treat([found], chosen_cause="mpy-version")
    assert treated is not None
    ward.done.append(treated)
    result = ward.attempt("rv32imc")
    assert isinstance(result, BuildResult)
    assert "answer 42" in _run(sim, ctx, ward.folder, result.path.read_bytes())[0]
    (ward.folder / "main.py").unlink()
    ward.take_back()
    assert ward.contents() == before
    ward.build.linkers.get(old).end()


def test_another_processor(sim: SimBoard, ward: Ward, ctx: RecordingContext) -> None:
    ward.admit(Sick("mpy-arch", {"small.c": module()}))
    result = ward.attempt("x64", "zig")
    assert isinstance(result, BuildResult)
    found = _refused(sim, ctx, ward, result.path.read_bytes())
    assert (found.cause_id, found.fix, found.command) == ("mpy-arch", None, "natmod run")


def test_no_module(sim: SimBoard, ward: Ward, ctx: RecordingContext) -> None:
    ward.admit(Sick("no-module", {"small.c": module()}))
    (ward.folder / "main.py").write_text("import small\n")
    sim.link.soft_reset(ctx)
    traceback = deploy.try_run(ctx, sim.link, Served(ward.folder), "main.py", on_output=lambda data: None).traceback
    assert traceback is not None
    (found,) = diagnose(BoardExecError(traceback), project.load(ward.folder), ward.sdk)
    assert (found.cause_id, found.command) == ("no-module", "natmod deploy")
    (found,) = diagnose(BoardExecError(traceback.replace("small", "urequests")), project.load(ward.folder))
    assert found.command == "natmod mip install urequests"
