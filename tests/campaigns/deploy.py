"""Pull the cable, cut the power or lose bytes at any moment of an install or a run; then look what the board has.

Promised: under the real name lies the old file or the new one, whole; the next install works and leaves nothing of the
broken one; a run behind a line that loses bytes gives the right result; no program is stuck afterwards. A program that
was being put on the board to start by itself, or taken back, is complete the next time, and the board is exactly as it
was before when it has been taken back.
"""

from __future__ import annotations

import contextlib
import hashlib
import random
import tempfile
from pathlib import Path
from unittest import mock

from ide.board import deploy, file_session, start_plans
from ide.board.errors import BoardGone
from ide.board.link import Board, open_link
from ide.board.served import Served
from ide.board.start_plans import Changes
from ide.board.start_record import PATH, Shelf
from tests.fakes.cable import Cable, LossyService
from tests.sims import SimBoard
from tests.two_boards import setup, sims, teardown
from toolchains.errors import BoardError
from toolchains.jobs import JobContext

__all__ = ["setup", "teardown", "trial"]  # setup and teardown are those of the boards

_PATH = "/lib/module.mpy"
_FILES = "{n: open('/lib/' + n, 'rb').read() for n in os.listdir('/lib')}"


def trial(rng: random.Random) -> str:
    """One break of one kind at one moment."""
    sim = sims[rng.choice(("unix", "unix", "rv32"))]
    kinds = (_broken_install, _broken_install, _broken_run, _lossy_install, _lossy_run, _broken_start, _broken_start)
    kind = rng.choice((*kinds, _lossy_start))
    return kind(rng, sim)


def _broken_install(rng: random.Random, sim: SimBoard) -> str:
    ctx = JobContext(sim.toolbox.host)
    old, new = rng.randbytes(rng.randrange(1, 9000)), rng.randbytes(rng.randrange(1, 20_000))
    deploy.install(ctx, sim.link, {_PATH: old})
    sim.link.close()
    power = rng.random() < 0.5
    try:
        label = _install_until_cut(ctx, sim, new, rng.randrange(100, 6000 + len(new) * 3 // 2))
        if power:
            sim.lease.hard_reset()
    finally:
        board = sim.reopen()
    board.soft_reset(ctx)
    there = board.ask(ctx, _FILES, "import os")
    assert isinstance(there, dict)
    assert there["module.mpy"] in (old, new), "half a file under the real name"
    found = "new" if there.pop("module.mpy") == new else "old"
    assert all(name.startswith(".natmod-tmp-") for name in there), there
    deploy.install(ctx, board, {_PATH: new})
    assert board.ask(ctx, _FILES, "import os") == {"module.mpy": new}
    return f"install {label}{' and power cut' if power else ''}: {found} file"


def _install_until_cut(ctx: JobContext, sim: SimBoard, new: bytes, cut_after: int) -> str:
    with Cable(sim.lease.port, cut_after) as cable:
        board = open_link(ctx, cable.port)
        try:
            deploy.install(ctx, board, {_PATH: new})
        except BoardGone:
            return "unplugged"
        finally:
            board.close()
    return "whole"


def _broken_run(rng: random.Random, sim: SimBoard) -> str:
    ctx = JobContext(sim.toolbox.host)
    with tempfile.TemporaryDirectory() as folder:
        files = _project(Path(folder), rng.randbytes(20_000))
        sim.link.close()
        label = "whole"
        try:
            with Cable(sim.lease.port, rng.randrange(100, 40_000)) as cable:
                board = open_link(ctx, cable.port)
                try:
                    deploy.try_run(ctx, board, files, "main.py")
                except BoardGone:
                    label = "unplugged"
                finally:
                    board.close()
        finally:
            board = sim.reopen()
        _check_run(deploy.try_run(ctx, board, files, "main.py"), files)
    return f"run {label}: runs again"


def _lossy_install(rng: random.Random, sim: SimBoard) -> str:
    ctx = JobContext(sim.toolbox.host)
    new = rng.randbytes(rng.randrange(1, 20_000))
    with _loss(rng), mock.patch.object(file_session, "HostService", LossyService):
        try:
            deploy.install(ctx, sim.link, {_PATH: new})
        except BoardError:
            # Said in time, instead of a wrong file: the board gave up after thirty tries.
            return "lossy install: refused"
    assert deploy.board_hashes(ctx, sim.link, [_PATH]) == {_PATH: hashlib.sha256(new).hexdigest()}
    return "lossy install: right"


def _lossy_run(rng: random.Random, sim: SimBoard) -> str:
    ctx = JobContext(sim.toolbox.host)
    with tempfile.TemporaryDirectory() as folder, _loss(rng), mock.patch.object(deploy, "HostService", LossyService):
        files = _project(Path(folder), rng.randbytes(5_000))
        _check_run(deploy.try_run(ctx, sim.link, files, "main.py"), files)
    return "lossy run: right"


# --- a program that starts by itself ---

_WALK = """
import os
def walk(folder, found):
    for name in os.listdir(folder):
        if os.stat(folder + name)[0] & 0x4000:
            walk(folder + name + "/", found)
        else:
            with open(folder + name, "rb") as f:
                found[folder + name] = f.read()
    return found
def wipe(folder):
    for name in os.listdir(folder):
        if os.stat(folder + name)[0] & 0x4000:
            wipe(folder + name + "/")
            os.rmdir(folder + name)
        else:
            os.remove(folder + name)
"""
_NAMES = ("/main.py", "/boot.py", "/helper.py", "/helper.mpy", "/pkg/part.mpy", "/data/table.csv", "/lib/other.py")
#: What files of that name may hold: boot.py and main.py are run at each reset.
_CODE = b"print('%d')\n"


def _some_files(rng: random.Random, share: float) -> dict[str, bytes]:
    files = {name: _CODE % rng.randrange(10**6) for name in _NAMES if rng.random() < share}
    return {n: d if n.endswith(".py") else d + rng.randbytes(rng.randrange(3000)) for n, d in files.items()}


def _program(rng: random.Random) -> dict[str, bytes]:
    files = {name: data for name, data in _some_files(rng, 0.6).items() if not name.startswith("/lib/")}
    return {**files, "/main.py": _CODE % rng.randrange(10**6)}


def _all_files(ctx: JobContext, board: Board) -> dict[str, bytes]:
    board.soft_reset(ctx)
    found = board.ask(ctx, "walk('/', {})", _WALK)
    assert isinstance(found, dict)
    return found


def _assert_has(there: dict[str, bytes], before: dict[str, bytes], program: dict[str, bytes]) -> None:
    hidden = {name[:-4] + ".py" for name in program if name.endswith(".mpy")} - program.keys()
    wanted = {name: data for name, data in before.items() if name not in hidden} | program
    assert {name: data for name, data in there.items() if name != PATH} == wanted


def _put(ctx: JobContext, board: Board, shelf: Shelf, files: dict[str, bytes]) -> None:
    board.soft_reset(ctx)
    session = file_session.Session(ctx)
    session.run(board, start_plans.put(session, shelf, "campaign", files, Changes()))


def _take_back(ctx: JobContext, board: Board, shelf: Shelf) -> None:
    board.soft_reset(ctx)
    session = file_session.Session(ctx)
    session.run(board, start_plans.take_back(session, shelf, Changes()))


def _broken_start(rng: random.Random, sim: SimBoard) -> str:
    ctx = JobContext(sim.toolbox.host)
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder), sim.toolbox.host)
        before, first, second = _begin(ctx, rng, sim), _program(rng), _program(rng)
        stage, power = rng.choice(("put", "exchange", "undo")), rng.random() < 0.5
        if stage != "put":
            _put(ctx, sim.link, shelf, first)
        sim.link.close()
        try:
            label = _start_until_cut(ctx, rng, sim, shelf, {"put": first, "exchange": second}.get(stage))
            if power:
                sim.lease.hard_reset()
        finally:
            board = sim.reopen()
        if rng.random() < 0.6:
            _put(ctx, board, shelf, second)
            _assert_has(_all_files(ctx, board), before, second)
        _take_back(ctx, board, shelf)
        assert _all_files(ctx, board) == before, "not as it was before"
        # After a cut we cannot always know that the note has gone, or never came.
        assert label != "whole" or not any(Path(folder).rglob("*")), "old files kept for nothing"
        board.exec(ctx, _WALK + "wipe('/')\n")
    return f"start: {stage} {label}{' and power cut' if power else ''}: as it was"


def _begin(ctx: JobContext, rng: random.Random, sim: SimBoard) -> dict[str, bytes]:
    before = _some_files(rng, 0.5)
    sim.link.exec(ctx, _WALK + "wipe('/')\n")
    deploy.install(ctx, sim.link, before)
    return before


def _start_until_cut(
    ctx: JobContext, rng: random.Random, sim: SimBoard, shelf: Shelf, files: dict[str, bytes] | None
) -> str:
    with Cable(sim.lease.port, rng.randrange(100, 25_000)) as cable:
        board = open_link(ctx, cable.port)
        try:
            if files is None:
                _take_back(ctx, board, shelf)
            else:
                _put(ctx, board, shelf, files)
        except BoardGone:
            return "unplugged"
        finally:
            board.close()
    return "whole"


def _lossy_start(rng: random.Random, sim: SimBoard) -> str:
    ctx = JobContext(sim.toolbox.host)
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder), sim.toolbox.host)
        before, program, label = _begin(ctx, rng, sim), _program(rng), "right"
        with _loss(rng), mock.patch.object(file_session, "HostService", LossyService):
            try:
                _put(ctx, sim.link, shelf, program)
            except BoardError:
                label = "refused"
        if label == "right":
            _assert_has(_all_files(ctx, sim.link), before, program)
        _take_back(ctx, sim.link, shelf)
        assert _all_files(ctx, sim.link) == before, "not as it was before"
        sim.link.exec(ctx, _WALK + "wipe('/')\n")
    return f"lossy start: {label}"


@contextlib.contextmanager
def _loss(rng: random.Random):
    LossyService.rng, LossyService.rate = rng, rng.choice((0.005, 0.02))
    try:
        yield
    finally:
        LossyService.rate = 0.0


def _project(folder: Path, data: bytes) -> Served:
    (folder / "data.bin").write_bytes(data)
    (folder / "summing.py").write_text("import hashlib\ndef f(d):\n    return hashlib.sha256(d).digest().hex()\n")
    # Said eight times over: the program's own output has no check sum, and a lossy line takes its share of it.
    show = "x = summing.f(open('data.bin', 'rb').read())\nfor _ in range(8):\n    print('=' + x + '=')\n"
    (folder / "main.py").write_text("import summing\n" + show)
    return Served(folder)


def _check_run(outcome: deploy.RunOutcome, files: Served) -> None:
    assert outcome.traceback is None, outcome.traceback
    wanted = hashlib.sha256((files.root / "data.bin").read_bytes()).hexdigest()
    assert f"={wanted}=".encode() in outcome.output, outcome.output
