"""What "run this" means, from a folder or from one Python file."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolchains.errors import UsageError
from toolchains.project import ProjectFileError
from toolchains.scripts import NoScript, suite_at, target_at

_TOML = 'schema = 1\n[run]\nscript = "main.py"\n'
_NATIVE = '#include "py/dynruntime.h"\nmp_obj_t mpy_init(void) {}\n'


def make(root: Path, *paths: str, **contents: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text({"natmod.toml": _TOML, "Makefile": "MOD = m\n"}.get(path.split("/")[-1], ""))
    for path, text in contents.items():
        (root / path.replace("__", ".")).write_text(text)
    return root


@pytest.mark.parametrize(
    ("paths", "asked", "folder", "script"),
    [
        (["main.py", "other.py"], ".", ".", "main.py"),
        (["only.py"], ".", ".", "only.py"),
        (["main.py", "other.py"], "other.py", ".", "other.py"),
        (["natmod.toml", "main.py", "tests/t.py"], "tests/t.py", ".", "tests/t.py"),
        (["natmod.toml", "main.py", "deep/er/t.py"], "deep/er/t.py", ".", "deep/er/t.py"),
        (["Makefile", "main.py", "tests/t.py"], "tests/t.py", ".", "tests/t.py"),
        (["natmod.toml", "main.py", "in/natmod.toml", "in/main.py", "in/x.py"], "in/x.py", "in", "x.py"),
        (["natmod.toml", "main.py", ".hidden/x.py"], ".hidden/x.py", ".hidden", "x.py"),
        (["main.py", "tests/t.py"], "tests/t.py", "tests", "t.py"),
        (["a.c", "b.c", "lone.py"], "lone.py", ".", "lone.py"),
    ],
)
def test_a_file_brings_its_project_along(
    tmp_path: Path, paths: list[str], asked: str, folder: str, script: str
) -> None:
    make(tmp_path, *paths)
    target = target_at(tmp_path / asked)
    assert (target.project.root, target.script) == (tmp_path / folder, script)


def test_a_file_beside_a_lone_c_module_runs_with_the_module(tmp_path: Path) -> None:
    make(tmp_path, "try_it.py", blink__c=_NATIVE)
    target = target_at(tmp_path / "try_it.py")
    assert (target.project.native, target.project.sources, target.script) == (True, ("blink.c",), "try_it.py")


def test_several_files_and_no_main_are_named(tmp_path: Path) -> None:
    make(tmp_path, "a.py", "b.py")
    with pytest.raises(NoScript, match=r"no main\.py, and several Python files: a\.py, b\.py\. .* --script a\.py"):
        target_at(tmp_path)
    assert target_at(tmp_path, "b.py").script == "b.py"
    assert target_at(tmp_path, to_run=False).script is None


def test_a_script_that_is_not_there(tmp_path: Path) -> None:
    make(tmp_path, "main.py")
    with pytest.raises(UsageError, match=r"no script tests/x\.py"):
        target_at(tmp_path, "tests/x.py")
    with pytest.raises(UsageError, match="a script already"):
        target_at(tmp_path / "main.py", "main.py")
    with pytest.raises(UsageError, match=r"no file .*absent\.py"):
        target_at(tmp_path / "absent.py")
    make(tmp_path, "project/main.py", "project/tests/t.py")
    for script in ("../main.py", str(tmp_path / "main.py"), "tests", "tests/../../main.py"):
        with pytest.raises(UsageError, match="There is no script"):
            target_at(tmp_path / "project", script)
    for script in ("tests/t.py", "./tests/t.py", "tests/../tests/t.py", str(tmp_path / "project" / "tests" / "t.py")):
        assert target_at(tmp_path / "project", script).script == "tests/t.py"
    assert target_at(tmp_path / "project" / ".." / "project", "tests/t.py").script == "tests/t.py"


def test_a_broken_project_above_is_said_not_passed_over(tmp_path: Path) -> None:
    make(tmp_path, "tests/t.py", natmod__toml="schema = 1\nwrong = 2\n")
    with pytest.raises(ProjectFileError, match="wrong"):
        target_at(tmp_path / "tests" / "t.py")


@pytest.mark.parametrize(
    ("paths", "asked", "folder", "script"),
    [
        (["main.py", "tests/t.py"], ".", ".", None),
        (["main.py", "tests/t.py"], "tests", ".", None),
        (["main.py", "tests/t.py"], "tests/t.py", ".", "tests/t.py"),
        (["main.py", "other.py"], "other.py", ".", "other.py"),
        (["natmod.toml", "main.py", "tests/deep/t.py"], "tests/deep/t.py", ".", "tests/deep/t.py"),
        (["tests/main.py", "tests/tests/t.py"], "tests", "tests", None),
    ],
)
def test_tests_bring_their_project_along(
    tmp_path: Path, paths: list[str], asked: str, folder: str, script: str | None
) -> None:
    make(tmp_path, *paths)
    found = suite_at(tmp_path / asked)
    assert (found.project.root, found.script) == (tmp_path / folder, script)
