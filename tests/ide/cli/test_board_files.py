"""``natmod ls``, ``cp``, ``sync``, ``cat``, ``rm``, ``mkdir`` and ``mv``, as a person types them."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.board import simulator
from ide.cli.other_tools import _TOOLS
from ide.cli.run import VERBS
from tests.ide.cli.said import Said
from toolchains.jobs import JobContext
from toolchains.toolbox import Toolbox


@pytest.fixture
def port(ctx: JobContext, toolbox: Toolbox) -> Iterator[str]:
    """A board that keeps its files from one command to the next."""
    with simulator.lease(ctx, toolbox, "sim:unix") as lease:
        yield lease.port


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "élève 1"
    (path / "lib").mkdir(parents=True)
    (path / "main.py").write_text("print('ü')\n", "utf-8")
    (path / "lib" / "two words.py").write_text("x = 1\n")
    monkeypatch.chdir(path)
    return path


def test_files_go_to_the_board_and_come_back(natmod: Said, port: str, folder: Path) -> None:
    board = ("--board", port)
    code, out, err = natmod("cp", "main.py", ":", *board)
    assert (code, err) == (0, "")
    assert "main.py → :/main.py" in out
    assert natmod("cp", "-r", "lib", ":/", *board)[0] == 0
    assert "(is there already)" in natmod("cp", "-r", "lib", ":/", *board)[1]
    code, out, _err = natmod("ls", "-r", *board)
    assert [line.split()[-1] for line in out.splitlines()[1:4]] == ["lib/", "words.py", "main.py"]
    assert "free" in out
    assert natmod("cp", ":main.py", "back.py", *board)[0] == 0
    assert natmod("cp", "-r", ":lib", "down", *board)[0] == 0
    assert (folder / "back.py").read_bytes() == (folder / "main.py").read_bytes()
    assert (folder / "down" / "lib" / "two words.py").read_text() == "x = 1\n"
    assert natmod("cp", ":main.py", ":/copy/main.py", *board)[0] == 0
    code, (record,) = natmod.records("cp", "main.py", ":/again.py", *board)
    assert (code, [(row["path"], row["skipped"]) for row in record["files"]]) == (0, [("/again.py", False)])
    code, (record,) = natmod.records("cat", ":/copy/main.py", *board)
    assert (code, record["text"]) == (0, "print('ü')\n")


def test_files_are_renamed_removed_and_listed_as_records(natmod: Said, port: str, folder: Path) -> None:
    board = ("--board", port)
    natmod("cp", "main.py", "lib/two words.py", ":/a/", *board)
    assert natmod("mv", ":a/main.py", ":/b.py", *board)[0] == 0
    assert natmod("mkdir", ":c/d", *board)[0] == 0
    assert natmod("mv", ":b.py", ":c/d", *board)[0] == 0
    code, (record,) = natmod.records("ls", "-r", *board)
    assert code == 0
    assert [entry["path"] for entry in record["entries"]] == [
        "/a", "/a/two words.py", "/c", "/c/d", "/c/d/b.py"]  # fmt: skip
    assert natmod("rm", ":a", *board)[0] == 1
    code, _out, err = natmod("rm", "-r", ":a", ":none", *board)
    assert (code, "The board has no /none" in err) == (1, True)
    code, (record,) = natmod.records("rm", "-r", ":a", ":c", *board)
    assert len(record["removed"]) == 5
    assert "There is nothing in /." in natmod("ls", *board)[1]


def test_sync_shows_what_it_does_and_deletes_only_when_told(natmod: Said, port: str, folder: Path) -> None:
    board = ("--board", port)
    natmod("cp", "main.py", ":/only there.py", *board)
    code, out, _err = natmod("sync", "--dry-run", *board)
    assert code == 0
    assert "nothing was done" in out
    assert "/only there.py" not in out
    assert "1 file or folder is on the target only and stays" in out
    assert "2 changed, 0 were the same" in natmod("sync", *board)[1]
    assert "/only there.py" in natmod("ls", *board)[1].replace("only", "/only")
    natmod("cp", "main.py", ":/webrepl_cfg.py", *board)
    assert natmod("sync", "--delete", "--json", *board)[0] == 2, "nobody can be asked"
    code, out, err = natmod("sync", "--delete", *board)
    assert (code, "/only there.py" in out) == (2, True)
    assert "2 files and folders will be deleted from :/. Among them: /webrepl_cfg.py" in err
    assert "--yes" in err
    assert "only there.py" in natmod("ls", *board)[1]
    code, (record,) = natmod.records("sync", "--delete", "--yes", *board)
    assert record["done"]["removed"] == ["/only there.py", "/webrepl_cfg.py"]
    assert "All is the same: 2 files." in natmod("sync", *board)[1]
    (folder / "main.py").unlink()
    assert natmod("sync", "--pull", *board)[0] == 0
    assert (folder / "main.py").exists()


@pytest.mark.parametrize(("answer", "stays"), [("yes\n", False), ("y\n", True), ("\n", True), ("", True)])
def test_on_a_terminal_deleting_is_asked(
    answer: str, stays: bool, natmod: Said, port: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = ("--board", port)
    natmod("cp", "main.py", ":/only there.py", *board)
    terminal = io.StringIO(answer)
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    code, out, err = natmod("sync", "--delete", *board)
    assert code == 0
    assert "1 file or folder will be deleted from :/. Type yes to do it:" in err
    assert ("nothing was done" in out) == stays
    assert ("only there.py" in natmod("ls", *board)[1]) == stays


def test_what_cannot_be_meant_is_said(natmod: Said, port: str, folder: Path) -> None:
    board = ("--board", port)
    code, _out, err = natmod("cp", "main.py", "x", *board)
    assert (code, "Put a colon before the path that is" in err) == (2, True)
    assert natmod("cp", "main.py", *board)[0] == 2
    assert "Add -r" in natmod("cp", "lib", ":", *board)[2]
    natmod("cp", "main.py", ":", *board)
    (folder / "main.py").write_text("other")
    assert "is there already" in natmod("cp", "-n", "main.py", ":", *board)[2]
    assert "is there already" in natmod("cp", "-n", ":main.py", "main.py", *board)[2]


def test_the_tools_that_people_come_from_are_known() -> None:
    assert set(_TOOLS) >= {"ampy", "mpremote", "rshell"}


@pytest.mark.parametrize("tool", _TOOLS)
def test_commands_of_other_tools_have_names_here(tool: str, natmod: Said) -> None:
    code, out, _err = natmod("help", tool)
    assert code == 0
    ours = [line.split("natmod ")[1].split()[0] for line in out.splitlines() if "  natmod " in line][0:]
    assert {"ls", "cp", "rm"} <= {word for word in ours if word != "…"} <= set(VERBS)
    code, _out, err = natmod(tool)
    assert (code, f"natmod help {tool}" in err) == (2, True)
