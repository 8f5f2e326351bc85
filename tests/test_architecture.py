"""The rules of taste of design.md section 7 that a program can check."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.homes import CHECKOUT

_MOST_LINES, _MOST_FUNCTION_LINES = 400, 60
_BROAD = {"Exception", "BaseException"}
#: Where code runs that is not ours, and whose every fault must become a reply.
_MAY_CATCH_ALL = {"toolchains/link_worker.py"}


def _product() -> list[Path]:
    folders = (CHECKOUT / "toolchains", CHECKOUT / "ide")
    return [CHECKOUT / "studio.py", *sorted(path for folder in folders for path in folder.rglob("*.py"))]


def _everything() -> list[Path]:
    folders = (CHECKOUT / "tests", CHECKOUT / "resources", CHECKOUT / "examples")
    return [*_product(), *sorted(path for folder in folders for path in folder.rglob("*.py"))]


def _nodes(paths: list[Path]) -> Iterator[tuple[str, ast.AST]]:
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
            yield f"{path.relative_to(CHECKOUT)}:{getattr(node, 'lineno', 0)}", node


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {path.relative_to(CHECKOUT): len(path.read_text("utf-8").splitlines()) for path in _everything()}
    assert {str(path): n for path, n in lengths.items() if n > _MOST_LINES} == {}


def test_no_function_is_longer_than_60_lines() -> None:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    lengths = {
        f"{place} {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for place, node in _nodes(_everything())
        if isinstance(node, functions)
    }
    assert {place: n for place, n in lengths.items() if n > _MOST_FUNCTION_LINES} == {}


def test_only_the_command_line_prints() -> None:
    inside = [path for path in _product() if path.name != "studio.py" and "cli" not in path.parts]
    prints = [
        place
        for place, node in _nodes(inside)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert prints == []


def test_no_except_catches_everything() -> None:
    broad = []
    ours = [path for path in _product() if path.relative_to(CHECKOUT).as_posix() not in _MAY_CATCH_ALL]
    for place, node in _nodes(ours):
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            names = {item.id for item in caught if isinstance(item, ast.Name)}
            # One that always raises again only tidies up.
            if (node.type is None or names & _BROAD) and not isinstance(node.body[-1], ast.Raise):
                broad.append(place)
    assert broad == []


def test_no_shell() -> None:
    shells = [
        place
        for place, node in _nodes(_product())
        if isinstance(node, ast.keyword) and node.arg == "shell" and getattr(node.value, "value", None) is not False
    ]
    assert shells == []


def test_import_arrows_point_one_way() -> None:
    argv = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    done = subprocess.run(argv, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


#: Imports every module of the engine, the boards and the command line where PySide6 cannot be had.
_IMPORT_ALL = """
import importlib, pkgutil, sys

class NoQt:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("PySide6", "shiboken6"):
            raise ModuleNotFoundError(name + " is not for these rooms", name=name)

sys.meta_path.insert(0, NoQt())
for package in ("toolchains", "ide.board", "ide.learn", "ide.cli"):
    module = importlib.import_module(package)
    for found in pkgutil.walk_packages(module.__path__, package + "."):
        if not found.name.endswith("__main__") and "._" not in found.name:
            importlib.import_module(found.name)
            print(found.name)
assert not [name for name in sys.modules if name.startswith("PySide6")]
"""


def test_engine_boards_and_command_line_import_without_qt() -> None:
    argv = [sys.executable, "-W", "error", "-c", _IMPORT_ALL]
    done = subprocess.run(argv, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) > 20


@pytest.mark.parametrize("folder", ["toolchains", "ide/board", "ide/cli", "ide/learn"])
def test_no_source_names_qt(folder: str) -> None:
    names = [path.name for path in (CHECKOUT / folder).rglob("*.py") if "PySide6" in path.read_text("utf-8")]
    assert names == []
