"""Packages go onto a simulated board and off it, and the board says itself what it can import."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.board.boards import Boards
from ide.board.files import browse, change, transfer
from ide.board.files.records import Upload
from ide.board.mip import builtin, install, resolve
from ide.board.mip.builtin import NoSuchExample
from ide.board.mip.errors import NotInstalled, PackageNeeded
from ide.board.mip.library import Library
from ide.board.mip.records import InstallReport
from tests.compilers import Compilers
from tests.conftest import RecordingContext
from tests.fakes.mip_index import MipIndex, mpy
from tests.sims import SimBoard, sim_board
from toolchains.bytecode import PythonFailed
from toolchains.paths import Paths
from toolchains.toolbox import Toolbox

pytestmark = pytest.mark.usefixtures("warm_home")


@pytest.fixture(scope="module")
def board(unix_firmware: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimBoard]:
    with sim_board("sim:unix", tmp_path_factory.mktemp("b")) as board:
        yield board


class Room:
    """A board and an index."""

    def __init__(self, ctx: RecordingContext, board: SimBoard, index: MipIndex, paths: Paths) -> None:
        self.ctx, self.board, self.index, self.paths = ctx, board.link, index, paths
        self.lib = install.facts(ctx, board.link).lib

    def install(self, *words: str, python: bool = False, compiled: bool = False) -> InstallReport:
        with Library(self.paths, str(self.index.folder)) as library:
            where = install.facts(self.ctx, self.board, python=python, compiled=compiled)
            gathered = resolve.gather(self.ctx, library, words, where)
            return install.install(self.ctx, self.board, gathered, where)

    def remove(self, *names: str) -> tuple[str, ...]:
        return install.remove(self.ctx, self.board, names, self.lib).packages

    def ask(self, expression: str, setup: str) -> object:
        self.board.soft_reset(self.ctx)
        return self.board.ask(self.ctx, expression, setup, isolated=True)

    def there(self) -> list[str]:
        return [entry.path.removeprefix(f"{self.lib}/") for entry in browse.list_tree(self.ctx, self.board, self.lib)
                .entries]  # fmt: skip


@pytest.fixture
def room(ctx: RecordingContext, board: SimBoard, tmp_path: Path, paths: Paths) -> Iterator[Room]:
    room = Room(ctx, board, MipIndex(tmp_path / "served"), paths)
    yield room
    names = [one.name for one in install.installed(ctx, board.link, room.lib)]
    if names:
        room.remove(*names)


def test_what_another_program_installed_is_listed_and_taken_into_the_note(room: Room) -> None:
    put = [Upload(b"n = 41\n", f"{room.lib}/low.py"), Upload(b"", f"{room.lib}/other/__init__.py")]
    transfer.upload(room.ctx, room.board, put)
    assert set(install.others(room.ctx, room.board, room.lib, ())) == {"low.py", "other/"}
    room.index.add("low", {"low.py": b"n = 41\n"}, keys=("py",))
    assert room.install("low").written == ()
    found = install.installed(room.ctx, room.board, room.lib)
    assert [one.name for one in found] == ["low"]
    assert install.others(room.ctx, room.board, room.lib, found) == ("other/",)
    room.remove("low")
    assert "low.py" not in room.there()
    change.remove(room.ctx, room.board, [f"{room.lib}/other"], recursive=True)
    assert install.others(room.ctx, room.board, f"{room.lib}/nowhere", ()) == ()


def test_what_is_published_as_source_is_compiled_on_wish(room: Room, tmp_path: Path) -> None:
    room.index.add("src", {"src/__init__.py": b"from .low import n\n", "src/low.py": b"n = 41\n", "main.py": b"1\n"},
                   keys=("py",))  # fmt: skip
    report = room.install("src", compiled=True)
    names = {path.removeprefix(f"{room.lib}/") for path in report.written}
    assert names == {"src/__init__.mpy", "src/low.mpy", "main.py"}
    assert room.ask("src.n", "import src") == 41
    room.install("src")  # as it is published: what was compiled goes
    assert "src/low.mpy" not in room.there()
    assert room.ask("src.n", "import src") == 41
    room.index.add("bad", {"bad.py": b"def f(:\n"}, keys=("py",))
    with pytest.raises(PythonFailed) as failed:
        room.install("bad", compiled=True)
    assert "bad.py" in str(failed.value)
    assert "bad.mpy" not in room.there()


def test_a_package_and_what_it_needs_can_be_imported(room: Room, tmp_path: Path) -> None:
    room.index.add("app", {"app/__init__.mpy": mpy(room.ctx, tmp_path / "m", "import low\nanswer = low.n + 1")},
                   deps=[["low", "latest"]], keys=("6",))  # fmt: skip
    room.index.add("low", {"low.py": b"n = 41\n"}, keys=("py",))
    report = room.install("app")
    assert report.written == (f"{room.lib}/low.py", f"{room.lib}/app/__init__.mpy")
    assert room.ask("app.answer", "import app") == 42
    found = install.installed(room.ctx, room.board, room.lib)
    assert [(one.name, one.wanted, one.deps) for one in found] == [("app", True, ("low",)), ("low", False, ())]


def test_what_is_there_already_is_not_sent_again(room: Room) -> None:
    room.index.add("low", {"low.py": b"n = 41\n"})
    assert room.install("low").skipped == ()
    again = room.install("low")
    assert (again.written, again.skipped) == ((), (f"{room.lib}/low.py",))


def test_a_package_goes_with_what_only_it_needed(room: Room) -> None:
    room.index.add("app", {"app/__init__.py": b"", "app/deep/x.py": b""}, deps=[["low", "latest"]])
    room.index.add("low", {"low.py": b"n = 41\n"})
    room.index.add("other", {"other.py": b""})
    room.install("app", "other")
    with pytest.raises(PackageNeeded, match="app"):
        room.remove("low")
    assert room.remove("app") == ("app", "low")
    assert room.there() == [install.NOTE, "other.py"]
    room.remove("other")
    assert room.there() == []
    with pytest.raises(NotInstalled):
        room.remove("app")


def test_a_file_that_somebody_changed_is_left(room: Room) -> None:
    room.index.add("low", {"low.py": b"n = 41\n", "more.py": b""})
    room.install("low")
    transfer.upload(room.ctx, room.board, [Upload(b"mine", f"{room.lib}/low.py")])
    report = install.remove(room.ctx, room.board, ["low"], room.lib)
    assert (report.removed, report.left) == ((f"{room.lib}/more.py",), (f"{room.lib}/low.py",))
    change.remove(room.ctx, room.board, [f"{room.lib}/low.py"])


def test_a_newer_version_takes_the_place_of_the_older_one(room: Room, tmp_path: Path) -> None:
    """Also the source that ``import`` would find before the new .mpy."""
    room.index.add("low", {"low.py": b"n = 1\n", "gone.py": b""}, "1.0", keys=("py",))
    room.index.add("low", {"low.mpy": mpy(room.ctx, tmp_path / "m", "n = 2")}, "2.0", keys=("6",))
    room.install("low", python=True)
    room.install("low")
    assert room.there() == [install.NOTE, "low.mpy"]
    assert room.ask("low.n", "import low") == 2


def test_a_source_of_somebody_else_is_told_and_left(room: Room, tmp_path: Path) -> None:
    transfer.upload(room.ctx, room.board, [Upload(b"n = 1\n", f"{room.lib}/low.py")])
    room.index.add("low", {"low.mpy": mpy(room.ctx, tmp_path / "m", "n = 2")}, keys=("6",))
    assert room.install("low").hidden == (f"{room.lib}/low.py",)
    change.remove(room.ctx, room.board, [f"{room.lib}/low.py"])


@pytest.mark.parametrize("note", [b"", b"[]", b'{"packages": 5}', b'{"packages": {"a": {"files": {"../x": ""}}}}',
                                  b"[" * 9000, b"\xff"])  # fmt: skip
def test_a_note_that_makes_no_sense_is_none(room: Room, note: bytes) -> None:
    path = f"{room.lib}/{install.NOTE}"
    transfer.upload(room.ctx, room.board, [Upload(note, path)])
    assert install.installed(room.ctx, room.board, room.lib) == ()
    change.remove(room.ctx, room.board, [path])


def test_a_module_that_a_firmware_lacks_is_built_for_the_board(
    ctx: RecordingContext, toolbox: Toolbox, rv32_firmware: Path, compiler_for: Compilers
) -> None:
    compiler_for.make_ready("rv32imc")
    with Boards(toolbox) as boards:
        report = builtin.install_builtin(ctx, boards, "framebuf", "sim:rv32")
        (path,) = report.written
        assert path.endswith("/lib/framebuf.mpy")
        board = boards.open(ctx, "sim:rv32")
        assert [one.name for one in install.installed(ctx, board, report.lib)] == ["framebuf"]
        assert "framebuf" not in install.lacks(ctx, board)
        change.rename(ctx, board, path, path.replace("framebuf", "ours"))
        filled = "[ours.FrameBuffer(b, 8, 8, 3).fill(1), bytes(b)][1]"
        assert board.ask(ctx, filled, "import ours\nb = bytearray(8)", isolated=True) == b"\xff" * 8
        change.remove(ctx, board, [path.replace("framebuf", "ours")])
        with pytest.raises(NoSuchExample):
            builtin.install_builtin(ctx, boards, "nothing", "sim:rv32")
