"""Trying a project on a board, and installing files on it: what a person would notice, on real simulated boards."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.board import deploy, file_session, install, mount
from ide.board.errors import BoardExecError, BoardFull, BoardGarbled, BoardGone
from ide.board.link import Board, open_link
from ide.board.served import Served
from tests.conftest import RecordingContext
from tests.fakes.cable import Cable
from tests.sims import SimBoard, sim_board
from toolchains import natmod, project
from toolchains.errors import Cancelled
from toolchains.jobs import JobContext, Progress
from toolchains.natmod import BuildRequest

_SOURCE = """
#include "py/dynruntime.h"
static mp_obj_t version(void) {
    return mp_obj_new_str("version 0000", 12);
}
static MP_DEFINE_CONST_FUN_OBJ_0(version_obj, version);
mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) {
    MP_DYNRUNTIME_INIT_ENTRY
    mp_store_global(MP_QSTR_version, MP_OBJ_FROM_PTR(&version_obj));
    MP_DYNRUNTIME_INIT_EXIT
}
"""


@pytest.fixture(scope="module", params=["sim:unix", "sim:rv32"])
def sim(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimBoard]:
    with sim_board(request.param, tmp_path_factory.mktemp("b")) as board:
        yield board


@pytest.fixture
def board(sim: SimBoard, ctx: RecordingContext) -> Iterator[Board]:
    """The board, with an empty filesystem before and after."""
    _wipe(sim.link, ctx)
    yield sim.link
    _wipe(sim.link, ctx)


def _wipe(board: Board, ctx: JobContext) -> None:
    board.exec(
        ctx,
        """
import os
def wipe(folder):
    for name in os.listdir(folder or "/"):
        path = folder + "/" + name
        if os.stat(path)[0] & 0x4000:
            wipe(path)
            os.rmdir(path)
        else:
            os.remove(path)
wipe("")
""",
    )


def board_files(board: Board, ctx: JobContext) -> dict[str, bytes]:
    """What lies on the board's own filesystem."""
    setup = """
import os
def walk(folder, found):
    for name in os.listdir(folder or "/"):
        path = folder + "/" + name
        if os.stat(path)[0] & 0x4000:
            walk(path, found)
        else:
            found[path] = open(path, "rb").read()
    return found
"""
    found = board.ask(ctx, "walk('', {})", setup)
    assert isinstance(found, dict)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "project"
    path.mkdir()
    return path


def run(board: Board, folder: Path, script: str, ctx: JobContext, **options) -> deploy.RunOutcome:
    (folder / "main.py").write_text(script)
    return deploy.try_run(ctx, board, Served(folder), "main.py", **options)


@pytest.fixture(scope="module")
def module(sim: SimBoard, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A native module for this board, whose ``version()`` says ``version 0000``."""
    root = tmp_path_factory.mktemp("versioned")
    (root / "versioned.c").write_text(_SOURCE)
    (root / "natmod.toml").write_text('schema = 1\n[module]\nname = "versioned"\nsources = ["versioned.c"]\n')
    ctx = JobContext(sim.toolbox.host)
    arch = sim.link.identity(ctx).arch
    assert arch is not None
    compiler = sim.toolbox.compilers.choose(ctx, arch).compiler
    request = BuildRequest(project.load(root), arch, sim.toolbox.sdks.get("1.26.1"), compiler)
    return natmod.build(ctx, request, sim.toolbox.linkers).path.read_bytes()


# --- try ------------------------------------------------------------------------------------------------------------


def test_a_native_module_runs_from_ram_and_the_flash_stays_as_it_was(
    board: Board, folder: Path, ctx: RecordingContext, module: bytes
) -> None:
    deploy.install(ctx, board, {"/keep.txt": b"mine"})
    (folder / "main.py").write_text("import versioned\nprint(versioned.version())\n")
    seen: list[bytes] = []
    outcome = deploy.try_run(ctx, board, Served(folder, {"versioned.mpy": module}), "main.py", on_output=seen.append)
    assert outcome.output == b"".join(seen) == b"version 0000\r\n"
    assert outcome.traceback is None
    assert outcome.heap_before is not None
    assert outcome.heap_after is not None
    assert 0 < outcome.heap_after - outcome.heap_before < 4000
    assert outcome.to_json()["schema"] == 1
    assert board_files(board, ctx) == {"/keep.txt": b"mine"}


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_two_hundred_runs_end_with_the_same_heap_and_never_with_old_code(
    board: Board, folder: Path, ctx: RecordingContext, module: bytes
) -> None:
    (folder / "main.py").write_text("import versioned, side\nprint(versioned.version(), side.number)\n")
    heaps = set()
    for number in range(200):
        (folder / "side.py").write_text(f"number = {number:4}\n")
        overlay = {"versioned.mpy": module.replace(b"version 0000", b"version %04d" % number)}
        outcome = deploy.try_run(ctx, board, Served(folder, overlay), "main.py")
        assert outcome.output == b"version %04d %d\r\n" % (number, number)
        heaps.add((outcome.heap_before, outcome.heap_after))
    assert len(heaps) == 1


def test_a_traceback_names_the_file_and_line_and_nothing_of_ours(
    board: Board, folder: Path, ctx: RecordingContext
) -> None:
    (folder / "part.py").write_text("def halve(x):\n    return x / 0\n")
    outcome = run(board, folder, "import part\nprint('before')\npart.halve(3)\n", ctx)
    assert outcome.output == b"before\r\n"
    assert outcome.traceback == (
        "Traceback (most recent call last):\n"
        '  File "main.py", line 3, in <module>\n'
        '  File "part.py", line 2, in halve\n'
        "ZeroDivisionError: divide by zero\n"
    )
    assert outcome.heap_after is not None
    missing = run(board, folder, "open('no.txt')\n", ctx).traceback
    assert missing is not None
    assert missing.splitlines()[1:] == ['  File "main.py", line 1, in <module>', "OSError: [Errno 2] ENOENT"]


def test_a_syntax_error_of_the_script_is_its_own(board: Board, folder: Path, ctx: RecordingContext) -> None:
    outcome = run(board, folder, "x = 1\ny = = 2\n", ctx)
    assert outcome.traceback is not None
    assert 'File "main.py", line 2' in outcome.traceback
    assert "stdin" not in outcome.traceback


def test_a_missing_script_is_said_to_be_missing(board: Board, folder: Path, ctx: RecordingContext) -> None:
    outcome = deploy.try_run(ctx, board, Served(folder), "absent.py")
    assert outcome.traceback is not None
    assert "ENOENT" in outcome.traceback


def test_sys_exit_is_a_normal_end(board: Board, folder: Path, ctx: RecordingContext) -> None:
    outcome = run(board, folder, "import sys\nprint('bye')\nsys.exit(3)\n", ctx)
    assert (outcome.output, outcome.traceback, outcome.exit_value) == (b"bye\r\n", None, "3")
    assert run(board, folder, "raise SystemExit\n", ctx).exit_value == ""


def test_the_programs_names_stay_for_the_prompt_and_ours_do_not(
    board: Board, folder: Path, ctx: RecordingContext
) -> None:
    board.soft_reset(ctx)
    before = board.ask(ctx, "list(globals())")
    run(board, folder, "answer = 42\ndef f():\n    return answer\n", ctx)
    assert board.ask(ctx, "f()") == 42
    assert set(board.ask(ctx, "list(globals())")) == {*before, "answer", "f"}
    assert board.ask(ctx, "'natmod' in os.listdir('/')", "import os") is False
    board.soft_reset(ctx)
    assert board.ask(ctx, "'answer' in globals()") is False


def test_stop_ends_an_endless_loop_and_the_board_is_ready_again(
    board: Board, folder: Path, ctx: RecordingContext
) -> None:
    def stop(data: bytes) -> None:
        if data.endswith(b"\n"):
            threading.Thread(target=board.interrupt).start()

    outcome = run(board, folder, "print('on and on')\nwhile True:\n    pass\n", ctx, on_output=stop)
    assert outcome.interrupted
    assert run(board, folder, "print('again')\n", ctx).output == b"again\r\n"


def test_a_cancel_stops_the_program_and_leaves_the_board_usable(
    board: Board, folder: Path, ctx: RecordingContext
) -> None:
    job = JobContext(ctx.host)

    def cancel(data: bytes) -> None:
        threading.Thread(target=job.cancel).start()

    with pytest.raises(Cancelled):
        run(board, folder, "print('x')\nwhile True:\n    open('main.py').read()\n", job, on_output=cancel)
    assert run(board, folder, "print('again')\n", ctx).output == b"again\r\n"


def test_input_gets_what_is_typed(board: Board, folder: Path, ctx: RecordingContext) -> None:
    seen = bytearray()

    def answer(data: bytes) -> None:
        seen.extend(data)
        if seen.endswith(b"name? "):
            board.type(b"Ada\r")

    outcome = run(board, folder, "n = input('name? ')\nprint('hello', n)\n", ctx, on_output=answer)
    assert outcome.output.endswith(b"hello Ada\r\n")


@pytest.mark.parametrize("address", ["sim:unix", "sim:rv32"])
def test_pulling_the_cable_out_says_so(address: str, tmp_path: Path, folder: Path, ctx: RecordingContext) -> None:
    (folder / "big.bin").write_bytes(bytes(100_000))
    with sim_board(address, tmp_path / "b") as own:
        own.link.close()
        with Cable(own.lease.port, cut_after=20_000) as cable:
            torn = open_link(ctx, cable.port)
            with pytest.raises(BoardGone):
                run(torn, folder, "while True:\n    open('big.bin').read()\n", ctx)
            torn.close()
        assert run(own.reopen(), folder, "print('again')\n", ctx).output == b"again\r\n"


def test_firmware_that_cannot_mount_is_named_as_such(folder: Path, ctx: RecordingContext) -> None:
    class Bare:
        """A board without ``vfs``; a double, since every simulated board has it."""

        def soft_reset(self, ctx: JobContext) -> None:
            pass

        def exec(self, ctx: JobContext, code: str, **options: object) -> bytes:
            if code.startswith("def"):
                return b""
            raise BoardExecError("Traceback (most recent call last):\nImportError: can't import name mount\n")

    with pytest.raises(deploy.MountUnsupported, match="cannot use a folder of the computer"):
        run(Bare(), folder, "print(1)\n", ctx)  # type: ignore[arg-type]


# --- install --------------------------------------------------------------------------------------------------------


def test_installed_files_are_there_and_a_second_time_nothing_is_written(board: Board, ctx: RecordingContext) -> None:
    data = random.Random(1).randbytes(9_001)
    files = {"a.mpy": data, "package/__init__.py": b"", "/deep/er/b.txt": b"b\n"}
    first = deploy.install(ctx, board, files)
    assert [(f.path, f.n_bytes, f.skipped) for f in first.files] == [
        ("/lib/a.mpy", 9001, False),
        ("/lib/package/__init__.py", 0, False),
        ("/deep/er/b.txt", 2, False),
    ]
    there = {"/lib/a.mpy": data, "/lib/package/__init__.py": b"", "/deep/er/b.txt": b"b\n"}
    assert board_files(board, ctx) == there
    assert deploy.board_hashes(ctx, board, ["/lib/a.mpy", "/none"]) == {
        "/lib/a.mpy": hashlib.sha256(data).hexdigest(),
        "/none": None,
    }
    second = deploy.install(ctx, board, {**files, "/deep/er/b.txt": b"new\n"})
    assert [f.skipped for f in second.files] == [True, True, False]
    assert board_files(board, ctx) == {**there, "/deep/er/b.txt": b"new\n"}
    assert any(isinstance(event, Progress) and event.total == 9003 for event in ctx.events)


def test_an_installed_module_is_imported_from_the_board(
    board: Board, folder: Path, ctx: RecordingContext, module: bytes
) -> None:
    deploy.install(ctx, board, {"versioned.mpy": module})
    (folder / "versioned.py").write_text("raise Exception('not me')")
    (folder / "main.py").write_text("import versioned\nprint(versioned.version())\n")
    outcome = deploy.try_run(ctx, board, Served(folder, installed=("versioned.mpy",)), "main.py")
    assert outcome.output == b"version 0000\r\n"


def test_a_board_that_cannot_hash_is_read_back(
    board: Board, ctx: RecordingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = mount.device_code
    monkeypatch.setattr(mount, "device_code", lambda parts: whole(parts).replace("import hashlib", "raise ImportError"))
    data = random.Random(2).randbytes(3_000)
    deploy.install(ctx, board, {"a.bin": data})
    assert deploy.board_hashes(ctx, board, ["/lib/a.bin"]) == {"/lib/a.bin": hashlib.sha256(data).hexdigest()}
    assert deploy.install(ctx, board, {"a.bin": data}).files[0].skipped


def test_leftovers_of_a_broken_install_go_and_the_old_file_stays_until_the_end(
    board: Board, ctx: RecordingContext
) -> None:
    deploy.install(ctx, board, {"a.txt": b"old"})
    board.exec(ctx, "open('/lib/.natmod-tmp-612e747874', 'w').write('half')")
    deploy.install(ctx, board, {"a.txt": b"new"})
    assert board_files(board, ctx) == {"/lib/a.txt": b"new"}


def test_remove_tells_what_was_there(board: Board, ctx: RecordingContext) -> None:
    deploy.install(ctx, board, {"a.txt": b"a", "b.txt": b"b"})
    assert deploy.remove(ctx, board, ["/lib/a.txt", "/lib/none.txt"]) == ("/lib/a.txt",)
    assert board_files(board, ctx) == {"/lib/b.txt": b"b"}


def test_a_cancelled_install_leaves_the_old_file(board: Board, ctx: RecordingContext) -> None:
    deploy.install(ctx, board, {"a.bin": b"old"})
    job = JobContext(ctx.host)

    def cancel_midway(event: object) -> None:
        if isinstance(event, Progress) and event.done > 20_000 and not job.cancelled:
            threading.Thread(target=job.cancel).start()

    job.sink = cancel_midway
    with pytest.raises(Cancelled):
        deploy.install(job, board, {"a.bin": bytes(400_000)})
    assert board_files(board, ctx) == {"/lib/a.bin": b"old"}


def test_a_copy_that_differs_never_gets_the_real_name(
    board: Board, ctx: RecordingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy.install(ctx, board, {"a.bin": b"old"})
    real = file_session.Session._data
    monkeypatch.setattr(file_session.Session, "_data", lambda self, offset: real(self, offset).replace(b"w", b"v"))
    with pytest.raises(BoardGarbled):
        deploy.install(ctx, board, {"a.bin": b"new"})
    assert board_files(board, ctx) == {"/lib/a.bin": b"old"}


# --- a full board: only the simulated flash of sim:rv32 has an end -------------------------------------------------


@pytest.fixture
def small(sim: SimBoard, board: Board, ctx: RecordingContext) -> Board:
    """A board whose filesystem has room for less than 100 kB."""
    if sim.address != "sim:rv32":
        pytest.skip("the filesystem of sim:unix is this computer's")
    free = board.identity(ctx, fresh=True).fs_free
    assert free is not None
    blocks = (free - 100_000) // 4096
    code = "with open('/filler', 'wb') as f:\n b = bytes(4096)\n for _ in range(%d):\n  f.write(b)\n"
    board.exec(ctx, code % blocks, timeout=60)
    return board


def test_a_file_that_does_not_fit_is_refused_before_anything_is_written(small: Board, ctx: RecordingContext) -> None:
    deploy.install(ctx, small, {"a.bin": b"old"})
    with pytest.raises(BoardFull, match="does not fit") as caught:
        deploy.install(ctx, small, {"a.bin": bytes(150_000)})
    assert caught.value.fields["needed"] >= 150_000
    assert 0 < caught.value.fields["free"] < 100_000
    assert small.ask(ctx, "(os.listdir('/lib'), open('/lib/a.bin').read())", "import os") == (["a.bin"], "old")
    assert not any(isinstance(event, Progress) and event.total == 150_000 for event in ctx.events)


def test_a_board_that_gets_full_in_the_middle_keeps_no_half_file(
    small: Board, ctx: RecordingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy.install(ctx, small, {"a.bin": b"old"})

    def trusting(stale: object, there: object) -> Iterator[str]:
        yield from ()

    monkeypatch.setattr(install, "check_room", trusting)
    with pytest.raises(BoardFull, match="does not fit"):
        deploy.install(ctx, small, {"a.bin": random.Random(1).randbytes(150_000)})
    assert small.ask(ctx, "(os.listdir('/lib'), open('/lib/a.bin').read())", "import os") == (["a.bin"], "old")


def test_replacing_a_file_may_use_the_room_of_another_that_was_replaced(small: Board, ctx: RecordingContext) -> None:
    deploy.install(ctx, small, {"a.bin": bytes(40_000)})
    report = deploy.install(ctx, small, {"a.bin": b"little", "b.bin": bytes(70_000)})
    assert not any(f.skipped for f in report.files)
