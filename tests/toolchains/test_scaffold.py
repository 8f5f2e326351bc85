"""``natmod new``: a project that is complete, or nothing at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolchains import project, scaffold
from toolchains.errors import DiskError, UsageError
from toolchains.paths import resources
from toolchains.scaffold import ScaffoldError, new_project


@pytest.mark.parametrize("template", sorted(scaffold.templates()))
@pytest.mark.parametrize("name", ["blinker", "ring_buffer", "_x", "none", "X2"])
def test_a_new_project_loads_and_names_everything_after_itself(tmp_path: Path, template: str, name: str) -> None:
    folder = new_project(tmp_path, name, template)
    assert folder == tmp_path / name
    assert [p.name for p in tmp_path.iterdir()] == [name]
    made = project.load(folder)
    if template in ("usermod", "frozen"):
        assert made.firmware is not None
        assert made.script == "main.py"
    elif template in ("python", "native", "viper"):  # imported by its file's name; the project itself has none
        assert (made.native, made.script) == (False, "main.py")
    else:
        assert (made.name, made.sources, made.script) == (name, (f"{name}.c",), "main.py")
    assert (folder / "tests" / f"test_{name}.py").is_file()
    assert (folder / ".gitignore").read_text("utf-8") == ".natmod/\n"
    for path in folder.rglob("*"):
        if path.is_file():
            assert "${" not in path.read_text("utf-8") or path.suffix == ".cmake"
            assert b"\r" not in path.read_bytes()
        if path.suffix == ".py":
            compile(path.read_text("utf-8"), path, "exec")


def test_the_first_template_is_the_default(tmp_path: Path) -> None:
    assert next(iter(scaffold.templates())) == "module"
    assert "MP_QSTR_add" in (new_project(tmp_path, "blinker") / "blinker.c").read_text("utf-8")


def test_no_template_file_is_unused() -> None:
    stored = {p.relative_to(resources() / "templates") for p in (resources() / "templates").rglob("*") if p.is_file()}
    used = {Path(t.name, file) for t in scaffold.templates().values() for file in t.files.values()}
    assert stored == used


@pytest.mark.parametrize("make", ["file", "full folder", "dangling link"])
def test_nothing_is_ever_overwritten(tmp_path: Path, make: str) -> None:
    taken = tmp_path / "blinker"
    if make == "file":
        taken.write_text("mine", "utf-8")
    elif make == "full folder":
        taken.mkdir()
        (taken / "notes.txt").write_text("mine", "utf-8")
    else:
        taken.symlink_to(tmp_path / "nowhere")
    with pytest.raises(ScaffoldError, match="exists already"):
        new_project(tmp_path, "blinker")
    assert [p.name for p in tmp_path.iterdir()] == ["blinker"]
    if make == "full folder":
        assert [p.name for p in taken.iterdir()] == ["notes.txt"]


def test_an_empty_folder_of_that_name_is_used(tmp_path: Path) -> None:
    (tmp_path / "blinker").mkdir()
    assert project.load(new_project(tmp_path, "blinker")).name == "blinker"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("my-module", "For example: my_module"),
        ("2fast", "For example: module_2fast"),
        ("class", "Python language"),
        ("main", "MicroPython uses it"),
        ("tests", "another name"),
        ("éclair", "For example: eclair"),
        ("a" * 65, "at most 64"),
        ("", "letters, digits"),
        ("..", "letters, digits"),
    ],
)
def test_names_that_could_not_be_imported_are_refused(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        new_project(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_template_lists_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="module, class"):
        new_project(tmp_path, "blinker", "clas")


def test_a_place_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(DiskError):
        new_project(tmp_path / "file", "blinker")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
