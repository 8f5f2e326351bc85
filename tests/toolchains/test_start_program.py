"""What goes to a board for a program to start there by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolchains import mpyfile, project
from toolchains.board_python import Loads, compiled, library_files
from toolchains.bytecode import PythonFailed
from toolchains.chips import arch
from toolchains.jobs import JobContext
from toolchains.scripts import Target, target_at
from toolchains.start_program import EndsItself, StartProgram, TwoMains, start_program

RV32 = Loads((6, 3), arch("rv32imc"))
_NATIVE_PYTHON = "import micropython\n@micropython.native\ndef f(x):\n    return x + 1\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "natmod.toml": 'schema = 1\n[run]\nfiles = ["www", "plugins", "table.csv"]\n',
        "main.py": "import helper, pkg.part, native, time\nopen('opened.txt')\n",
        "boot.py": "import early\n",
        "early.py": "",
        "helper.py": "def f():\n    return 1\n",
        "pkg/__init__.py": "",
        "pkg/part.py": _NATIVE_PYTHON,
        "unused.py": "",
        "plugins/one.py": "import late\n",
        "late.py": "",
        "www/index.html": "<html>",
        "www/.hidden": "",
        "table.csv": "1,2",
        "opened.txt": "o",
        "tests/test_it.py": "",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def made(ctx: JobContext, root: Path, loads: Loads = RV32, script: str | None = None) -> StartProgram:
    return start_program(ctx, target_at(root, script), {"native.mpy": b"M native"}, loads)


_CODE = ["/early", "/helper", "/late", "/pkg/__init__", "/pkg/part", "/plugins/one"]
_AS_THEY_ARE = ["/boot.py", "/main.py", "/native.mpy", "/opened.txt", "/table.csv", "/www/index.html"]


def test_the_script_what_it_imports_and_its_data_are_there(ctx: JobContext, root: Path) -> None:
    program = made(ctx, root)
    assert sorted(program.files) == sorted([*(f"{name}.mpy" for name in _CODE), *_AS_THEY_ARE])
    assert list(program.files)[-1] == "/main.py"
    assert program.files["/main.py"] == (root / "main.py").read_bytes()
    assert [wanted.name for wanted in program.outside] == ["time", "micropython"]
    assert mpyfile.read(program.files["/helper.mpy"]).arch_number == 0
    native = mpyfile.read(program.files["/pkg/part.mpy"])
    assert native.arch_name == "rv32imc"
    assert native.source_name == "pkg/part.py"  # what a traceback on the board says


@pytest.mark.parametrize("mpy", [None, (1, 0), (9, 9)])
def test_a_board_without_mpy_or_with_an_unknown_one_gets_python_as_it_is(
    ctx: JobContext, root: Path, mpy: tuple[int, int] | None
) -> None:
    program = made(ctx, root, Loads(mpy, None))
    assert {*(f"{name}.py" for name in _CODE), *_AS_THEY_ARE} == set(program.files)
    assert program.files["/helper.py"] == (root / "helper.py").read_bytes()


def test_a_board_without_native_code_is_given_what_it_can_judge_itself(ctx: JobContext, root: Path) -> None:
    files = made(ctx, root, Loads((6, 2), None)).files
    assert files["/pkg/part.py"] == _NATIVE_PYTHON.encode()
    assert "/helper.mpy" in files
    older = mpyfile.read(made(ctx, root, Loads((6, 2), arch("armv7m"))).files["/pkg/part.mpy"])
    assert (older.sub_version, older.arch_name) == (2, "armv7m")


def test_another_script_becomes_main(ctx: JobContext, root: Path) -> None:
    files = made(ctx, root, script="unused.py").files
    assert files["/main.py"] == b""
    assert "/unused.mpy" not in files
    assert "/helper.mpy" not in files
    (root / "unused.py").write_text("import main\n")
    with pytest.raises(TwoMains, match=r"unused\.py would be main\.py"):
        made(ctx, root, script="unused.py")


@pytest.mark.parametrize("path", ["main.py", "boot.py", "helper.py"])
def test_a_mistake_is_found_before_the_board_is_touched(ctx: JobContext, root: Path, path: str) -> None:
    (root / path).write_text("import helper\nx = = 3\n")
    with pytest.raises(PythonFailed, match=rf"{path} line 2"):
        made(ctx, root)


def test_a_program_that_would_start_without_end_is_refused(ctx: JobContext, root: Path) -> None:
    (root / "helper.py").write_text("import sys\ndef stop():\n    sys.exit()\n")
    assert "helper.py line 3: if sys.exit() is reached" in str(made(ctx, root).notes[0])
    (root / "helper.py").write_text("import sys\nif sys.platform == 'nowhere':\n    sys.exit()\n")
    with pytest.raises(EndsItself, match=r"helper\.py line 3 ends the program with sys\.exit\(\)"):  # by its import
        made(ctx, root)
    (root / "helper.py").write_text("")
    (root / "main.py").write_text("import sys\nsys.exit()\n")
    with pytest.raises(EndsItself, match=r"main\.py line 2 ends the program with sys\.exit\(\)"):
        made(ctx, root)


def test_what_others_may_import_is_installed_and_nothing_else(ctx: JobContext, root: Path) -> None:
    paths = library_files(root, leave_out="late.py")
    assert paths == ("early.py", "helper.py", "unused.py", "pkg/__init__.py", "pkg/part.py")
    assert set(compiled(ctx, root, ("helper.py",), RV32)) == {"helper.mpy"}


def test_a_project_with_its_only_file(ctx: JobContext, tmp_path: Path) -> None:
    (tmp_path / "blink.py").write_text("print(1)\n")
    target = Target(project.load(tmp_path), "blink.py")
    assert start_program(ctx, target, {}, RV32).files == {"/main.py": b"print(1)\n"}


def test_listed_files_are_held_to_the_rules_of_all_paths(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("")
    (tmp_path / "www").mkdir()
    for listed, words in (('"www"', None), ('"absent.txt"', "does not exist"), ('"../x"', "outside the project")):
        (tmp_path / "natmod.toml").write_text(f"schema = 1\n[run]\nfiles = [{listed}]\n")
        if words is None:
            assert project.load(tmp_path).files == ("www",)
        else:
            with pytest.raises(project.ProjectFileError, match=words):
                project.load(tmp_path)
