"""Pull the cable, cut the power or lose bytes at any moment of an install or a run; then look what the board has.

Promised: under the real name lies the old file or the new one, whole; the next install works and leaves nothing of the
broken one; a run behind a line that loses bytes gives the right result; no program is stuck afterwards.
"""

from __future__ import annotations

import contextlib
import hashlib
import random
import tempfile
from pathlib import Path
from unittest import mock

from ide.board import deploy, file_session
from ide.board.errors import BoardGone
from ide.board.link import open_link
from ide.board.served import Served
from tests.fakes.cable import Cable, LossyService
from tests.sims import SimBoard, sim_board
from toolchains.errors import BoardError
from toolchains.jobs import JobContext

_PATH = "/lib/module.mpy"
_FILES = "{n: open('/lib/' + n, 'rb').read() for n in os.listdir('/lib')}"

_undo = contextlib.ExitStack()
_sims: dict[str, SimBoard] = {}


def setup() -> None:
    """One board of each kind for all trials."""
    home = Path(_undo.enter_context(tempfile.TemporaryDirectory(prefix="nm")))
    for kind in ("unix", "rv32"):
        _sims[kind] = _undo.enter_context(sim_board(f"sim:{kind}", home / kind))


def teardown() -> None:
    """End the boards."""
    _sims.clear()
    _undo.close()


def trial(rng: random.Random) -> str:
    """One break of one kind at one moment."""
    sim = _sims[rng.choice(("unix", "unix", "rv32"))]
    kind = rng.choice((_broken_install, _broken_install, _broken_run, _lossy_install, _lossy_run))
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
