"""Files to a board and from it, byte for byte; what is refused, and that the old file then stays."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ide.board import file_session, mount
from ide.board.errors import BoardFull, BoardGarbled
from ide.board.files import plans, transfer
from ide.board.files.errors import AlreadyThere, BadPath, ChangedOnBoard, IsFolder, NotOnBoard
from ide.board.files.records import Upload
from ide.board.link import Board
from tests.conftest import RecordingContext
from tests.fakes.hostile_names import HOSTILE_NAMES
from tests.ide.board.files.conftest import seen
from tests.sims import SimBoard
from toolchains.errors import Cancelled, DiskError
from toolchains.jobs import JobContext, Progress

Files = Callable[[], dict[str, bytes]]

_RANDOM = random.Random(7).randbytes(30_000)
_CONTENTS = {
    "empty": b"",
    "all byte values": bytes(range(256)) * 40,
    "control characters": b"\x03\x04\x1b\x0d\x0a\x18\x19\x00" * 1500,
    "only Ctrl-C": b"\x03" * 10_000,
    "text": b"def f(x):\r\n    return x  # caf\xc3\xa9\n" * 2000,
    "a start of a board": b"\r\nMicroPython v1.26.1 on 2026-01-01; X with Y\r\n>>> ",
    "zeros": bytes(100_000),
    "random": _RANDOM,
    **{f"{n} B": _RANDOM[:n] for n in (1, 255, 256, 257, 4095, 4096, 4097, 8191, 8192, 8193)},
}


def test_every_content_arrives_and_comes_back(
    board: Board, ctx: RecordingContext, on_board: Files, tmp_path: Path
) -> None:
    files = {f"/all/{name}": data for name, data in _CONTENTS.items()}
    report = transfer.upload(ctx, board, [Upload(data, path) for path, data in files.items()])
    assert [(f.path, f.n_bytes, f.skipped) for f in report.files] == [
        (p, len(data), False) for p, data in files.items()
    ]
    assert on_board() == {path: seen(data) for path, data in files.items()}
    transfer.download(ctx, board, ["/all"], tmp_path)
    assert {path.name: path.read_bytes() for path in (tmp_path / "all").iterdir()} == _CONTENTS


@pytest.mark.parametrize("name", ["empty", "all byte values", "text", "8193 B"])
def test_one_file_is_read_as_it_is_with_its_hash(name: str, board: Board, ctx: RecordingContext) -> None:
    data = _CONTENTS[name]
    transfer.write_file(ctx, board, "/file.bin", data)
    content = transfer.read_file(ctx, board, "/file.bin")
    assert (content.data, content.sha256) == (data, hashlib.sha256(data).hexdigest())


def test_hostile_names_both_ways(board: Board, ctx: RecordingContext, on_board: Files, tmp_path: Path) -> None:
    files = [Upload(name.encode(), f"/a folder/{name}") for name in HOSTILE_NAMES]
    transfer.upload(ctx, board, files)
    assert on_board() == {f"/a folder/{name}": name.encode() for name in HOSTILE_NAMES}
    report = transfer.download(ctx, board, ["/a folder"], tmp_path / "here")
    assert {file.path for file in report.files} == {file.path for file in files}
    for file in report.files:
        assert file.local is not None
        assert file.local.is_relative_to(tmp_path / "here" / "a folder")
        assert file.local.read_bytes() == file.path.removeprefix("/a folder/").encode()


def test_a_tree_comes_with_its_folders(board: Board, ctx: RecordingContext, tmp_path: Path) -> None:
    board.exec(ctx, "import os\nfor n in ('/t', '/t/empty', '/t/sub'):\n os.mkdir(n)\n")
    transfer.upload(ctx, board, [Upload(b"1", "/t/one"), Upload(b"2", "/t/sub/two")])
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "one").write_bytes(b"old")
    report = transfer.download(ctx, board, ["/t"], tmp_path)
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")}
    assert found == {"t", "t/empty", "t/one", "t/sub", "t/sub/two"}
    assert (tmp_path / "t" / "one").read_bytes() == b"1"
    assert set(report.folders) == {"/t", "/t/empty", "/t/sub"}


def test_what_is_there_is_not_sent_again_and_progress_is_told(
    board: Board, ctx: RecordingContext, tmp_path: Path
) -> None:
    source = tmp_path / "naïve file.bin"
    source.write_bytes(_RANDOM)
    transfer.upload(ctx, board, [Upload(source, "/x/y.bin")])
    shown = [event for event in ctx.events if isinstance(event, Progress)]
    assert shown[-1] == Progress(30_000, 30_000, "B")
    again = transfer.upload(ctx, board, [Upload(source, "/x/y.bin"), Upload(b"new", "/x/z")])
    assert [f.skipped for f in again.files] == [True, False]
    assert again.n_bytes == 3
    forced = transfer.upload(ctx, board, [Upload(source, "/x/y.bin")], again=True)
    assert not forced.files[0].skipped


def test_what_must_not_be_replaced_is_refused_before_the_first_byte(
    board: Board, ctx: RecordingContext, on_board: Files, tmp_path: Path
) -> None:
    transfer.upload(ctx, board, [Upload(b"old", "/b"), Upload(b"", "/folder/x")])
    with pytest.raises(AlreadyThere, match="/b is there already"):
        transfer.upload(ctx, board, [Upload(b"1", "/a"), Upload(b"2", "/b")], overwrite=False)
    transfer.upload(ctx, board, [Upload(b"old", "/b")], overwrite=False)  # the same: nothing to replace
    with pytest.raises(IsFolder):
        transfer.upload(ctx, board, [Upload(b"1", "/a"), Upload(b"2", "/folder")])
    with pytest.raises(BadPath):
        transfer.upload(ctx, board, [Upload(b"1", "/")])
    with pytest.raises(DiskError):
        transfer.upload(ctx, board, [Upload(tmp_path / "none", "/a")])
    assert set(on_board()) == {"/b", "/folder/x"}


def test_reading_what_is_not_there_or_no_file(board: Board, ctx: RecordingContext, tmp_path: Path) -> None:
    transfer.upload(ctx, board, [Upload(b"", "/folder/x")])
    with pytest.raises(NotOnBoard):
        transfer.read_file(ctx, board, "/none")
    with pytest.raises(IsFolder):
        transfer.read_file(ctx, board, "/folder")
    with pytest.raises(NotOnBoard):
        transfer.download(ctx, board, ["/folder", "/none"], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_written_only_over_the_one_that_was_read(
    board: Board, ctx: RecordingContext, on_board: Files
) -> None:
    first = transfer.write_file(ctx, board, "/a.py", b"one", expected="")
    second = transfer.write_file(ctx, board, "/a.py", b"two", expected=first.sha256)
    board.exec(ctx, "with open('/a.py', 'w') as f:\n f.write('the board itself')\n")
    with pytest.raises(ChangedOnBoard, match="not the file that was opened") as caught:
        transfer.write_file(ctx, board, "/a.py", b"three", expected=second.sha256)
    assert caught.value.there == hashlib.sha256(b"the board itself").hexdigest()
    with pytest.raises(ChangedOnBoard):
        transfer.write_file(ctx, board, "/a.py", b"three", expected="")
    assert on_board() == {"/a.py": b"the board itself"}
    transfer.write_file(ctx, board, "/a.py", b"three")
    board.exec(ctx, "import os\nos.remove('/a.py')\n")
    with pytest.raises(ChangedOnBoard, match="It is not there any more"):
        transfer.write_file(ctx, board, "/a.py", b"four", expected=hashlib.sha256(b"three").hexdigest())


def test_a_file_removed_between_two_steps_is_said(
    board: Board, ctx: RecordingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    transfer.upload(ctx, board, [Upload(b"1", "/t/one"), Upload(b"2", "/t/two")])
    whole = transfer.list_tree

    def then_gone(*args, **options):
        listing = whole(*args, **options)
        board.exec(ctx, "import os\nos.remove('/t/two')\n")
        return listing

    monkeypatch.setattr(transfer, "list_tree", then_gone)
    with pytest.raises(NotOnBoard, match="/t/two"):
        transfer.download(ctx, board, ["/t"], tmp_path)
    assert not (tmp_path / "t" / "two").exists()
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".natmod")]


def test_a_copy_that_differs_never_gets_the_real_name(
    board: Board, ctx: RecordingContext, on_board: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    transfer.upload(ctx, board, [Upload(b"old", "/a")])
    real = file_session.Session._data
    monkeypatch.setattr(file_session.Session, "_data", lambda self, offset: real(self, offset).replace(b"w", b"v"))
    with pytest.raises(BoardGarbled):
        transfer.upload(ctx, board, [Upload(b"new", "/a")])
    assert on_board() == {"/a": b"old"}


def test_a_cancel_leaves_the_old_file_and_no_half_one(
    board: Board, ctx: RecordingContext, on_board: Files, tmp_path: Path
) -> None:
    transfer.upload(ctx, board, [Upload(b"old", "/a"), Upload(_RANDOM * 6, "/large")])
    large = random.Random(1).randbytes(400_000)
    for work in (
        lambda job: transfer.upload(job, board, [Upload(large, "/a")]),
        lambda job: transfer.download(job, board, ["/large"], tmp_path),
    ):
        job = JobContext(ctx.host)

        def cancel_midway(event: object, job: JobContext = job) -> None:
            if isinstance(event, Progress) and event.done > 20_000 and not job.cancelled:
                threading.Thread(target=job.cancel).start()

        job.sink = cancel_midway
        with pytest.raises(Cancelled):
            work(job)
    assert on_board() == {"/a": b"old", "/large": seen(_RANDOM * 6)}
    assert list(tmp_path.iterdir()) == []


#: What lesser firmware lacks, taken away from the code that asks for it.
_POORER = {
    "no sys.stdin.buffer": ('getattr(sys.stdin,"buffer",None)', "None"),
    "no select": ("import select", "raise ImportError"),
    "no crc32": ('getattr(A,"crc32",sum)', "sum"),
    "no hashlib": ("import hashlib", "raise ImportError"),
    "no deflate": ("from deflate import DeflateIO", "raise ImportError"),
    "little memory": ("m=gc.mem_free()", "m=9000"),
}


@pytest.mark.parametrize("lack", _POORER)
def test_lesser_firmware_gets_the_same_files(
    lack: str, sim: SimBoard, board: Board, ctx: RecordingContext, on_board: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sim.address == "sim:rv32" and lack != "no sys.stdin.buffer":
        pytest.skip("the same code on a slower machine")
    whole = mount.device_code
    there, instead = _POORER[lack]

    def poorer(parts: tuple[str, ...]) -> str:
        assert there in whole(parts)
        return whole(parts).replace(there, instead)

    monkeypatch.setattr(mount, "device_code", poorer)
    files = {"/random": _RANDOM[:9_000], "/text": _CONTENTS["text"][:20_000], "/all": _CONTENTS["all byte values"]}
    transfer.upload(ctx, board, [Upload(data, path) for path, data in files.items()])
    assert on_board() == {path: seen(data) for path, data in files.items()}
    assert all(f.skipped for f in transfer.upload(ctx, board, [Upload(d, p) for p, d in files.items()]).files)
    for path, data in files.items():
        assert transfer.read_file(ctx, board, path).data == data


# --- a full board: only the simulated flash of sim:rv32 has an end -------------------------------------------------


@pytest.fixture
def small(sim: SimBoard, board: Board, ctx: RecordingContext) -> Board:
    """A board whose filesystem has room for less than 100 kB."""
    if sim.address != "sim:rv32":
        pytest.skip("the filesystem of sim:unix is this computer's")
    free = board.identity(ctx, fresh=True).fs_free
    assert free is not None
    code = "with open('/filler', 'wb') as f:\n b = bytes(4096)\n for _ in range(%d):\n  f.write(b)\n"
    board.exec(ctx, code % ((free - 100_000) // 4096), timeout=60)
    return board


def test_a_file_that_does_not_fit_is_refused_before_it_is_read(
    small: Board, ctx: RecordingContext, tmp_path: Path
) -> None:
    transfer.upload(ctx, small, [Upload(b"old", "/lib/a.bin")])
    source = tmp_path / "huge"
    with source.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(BoardFull, match="does not fit") as caught:
        transfer.upload(ctx, small, [Upload(b"1", "/one"), Upload(source, "/lib/a.bin")])
    assert caught.value.fields["needed"] >= 1 << 40
    assert small.ask(ctx, "(os.listdir('/'), os.listdir('/lib'))", "import os") == (["filler", "lib"], ["a.bin"])


def test_a_board_that_gets_full_in_the_middle_keeps_the_old_file(
    small: Board, ctx: RecordingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    transfer.upload(ctx, small, [Upload(b"old", "/a.bin")])

    def trusting(needed: object, old: object) -> Iterator[str]:
        yield from ()

    monkeypatch.setattr(plans, "check_space", trusting)
    with pytest.raises(BoardFull, match="does not fit"):
        transfer.upload(ctx, small, [Upload(random.Random(1).randbytes(150_000), "/a.bin")])
    assert small.ask(ctx, "(os.listdir('/'), open('/a.bin').read())", "import os") == (["a.bin", "filler"], "old")


def test_replacing_may_use_the_room_of_what_was_replaced(small: Board, ctx: RecordingContext) -> None:
    transfer.upload(ctx, small, [Upload(_RANDOM + bytes(10_000), "/a")])
    report = transfer.upload(ctx, small, [Upload(b"little", "/a"), Upload(_RANDOM + bytes(40_000), "/b")])
    assert not any(f.skipped for f in report.files)
