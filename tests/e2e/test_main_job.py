"""The main job: from C to a native module that answers on a board."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import processes
from tests.e2e.command import copy_example, natmod
from tests.examples import EXAMPLES, OWN_FIRMWARE, boards_of, promised
from toolchains import scaffold
from toolchains.sdk_tree import SdkTree

pytestmark = pytest.mark.usefixtures("warm_home", "rv32_firmware", "unix_firmware")


@pytest.fixture
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of an example (default: factorial), or a project that ``natmod new`` has just made."""
    kind, _space, template = getattr(request, "param", "factorial").partition(" ")
    return scaffold.new_project(tmp_path, "blinker", template) if template else copy_example(kind, tmp_path)


def test_the_demo_says_its_steps_and_the_result():
    said = natmod("demo")
    assert said.code == 0, said.err
    assert "factorial(10) = 3628800" in said.out
    assert "Build factorial for rv32imc" in said.err


@pytest.mark.parametrize(("example", "board"), [(name, board) for name in EXAMPLES for board in boards_of(name)])
def test_every_example_runs(example: str, board: str, tmp_path: Path):
    folder = copy_example(example, tmp_path)
    said = natmod("run", folder, "--board", board)
    assert said.code == 0, said.out + said.err
    assert promised(folder).match(said.out), said.out


@pytest.mark.parametrize(
    "project",
    [*EXAMPLES, *(f"new {name}" for name in scaffold.templates() if name not in OWN_FIRMWARE)],
    indirect=True,
)
def test_every_example_and_every_new_project_passes_its_tests_on_its_boards(project: Path, tmp_path: Path):
    addresses = boards_of(project.name)
    boards = [word for board in addresses for word in ("--board", board)]
    said = natmod("test", project, *boards, "--json", "--junit", tmp_path / "new" / "results.xml")
    assert said.code == 0, said.out + said.err
    (test,) = (project / "tests").glob("*.py")
    text = test.read_text("utf-8")
    proofs = text.count("\nprint(") + text.count("    print(")
    assert [board["address"] for board in said.record["boards"]] == list(addresses)
    for board in said.record["boards"]:
        assert [case["status"] for case in board["cases"]] == ["passed"]
        assert len(board["cases"][0]["output"].splitlines()) == proofs
    assert (tmp_path / "new" / "results.xml").read_text("utf-8").count("<testcase") == len(addresses)


def test_a_change_of_the_source_is_what_runs_next(project: Path):
    (project / "main.py").write_text("import factorial\nprint('answer', factorial.factorial(3))\n")
    assert "answer 6" in natmod("run", project, "--board", "sim:rv32").out
    source = project / "factorial.c"
    text = source.read_text()
    source.write_text(text.replace("result *= i;", "result += i;"))
    assert "answer 6" in natmod("run", project, "--board", "sim:rv32").out  # 1 + 2 + 3
    source.write_text(text.replace("result *= i;", "result += 2 * i;"))
    assert "answer 11" in natmod("run", project, "--board", "sim:rv32").out


def test_typed_text_reaches_input(project: Path):
    (project / "main.py").write_text("import factorial\nprint('answer', factorial.factorial(int(input('n? '))))\n")
    said = natmod("run", project, "--board", "sim:rv32", stdin=b"5\n")
    assert "answer 120" in said.out


def test_input_ends_when_what_is_piped_in_ends(project: Path):
    (project / "main.py").write_text("print('first', input())\nprint('second', input())\n")
    said = natmod("run", project, "--board", "sim:rv32", stdin=b"5\n")
    assert said.code == 1
    assert "first 5" in said.out
    assert "EOFError" in said.out


def test_the_project_s_other_files_are_served_too(project: Path):
    (project / "helper").mkdir()
    (project / "helper" / "__init__.py").write_text("def shout(x): return str(x) + '!'\n")
    (project / "table.txt").write_text("one\ntwo\n")
    (project / "main.py").write_text(
        "import factorial, helper\nprint(helper.shout(factorial.factorial(4)), open('table.txt').read().split())\n"
    )
    assert "24! ['one', 'two']" in natmod("run", project, "--board", "sim:rv32").out


def test_install_then_import_from_flash(project: Path):
    assert natmod("deploy", project, "--board", "sim:rv32").code == 0
    said = natmod("run", project, "--board", "sim:rv32", "--install")
    assert "factorial(10) = 3628800" in said.out


def test_json_is_one_record_with_a_schema(project: Path):
    record = natmod("run", project, "--board", "sim:rv32", "--json").record
    assert record["schema"] == 1
    assert record["ok"] is True
    assert record["build"]["arch"] == "rv32imc"


def test_new_then_run(tmp_path: Path):
    assert natmod("new", tmp_path / "blinker").code == 0
    said = natmod("run", tmp_path / "blinker", "--board", "sim:rv32")
    assert said.code == 0, said.err


def test_who_a_board_is():
    said = natmod("boards", "sim:rv32")
    assert "rv32imc" in said.out
    assert "1.26.1" in said.out


def test_the_demo_on_an_older_micropython(sdk_1250: SdkTree):
    said = natmod("demo", "--sdk", sdk_1250.version, "--json")
    assert said.code == 0, said.err
    assert said.record["board"]["version"] == "1.25.0"
    assert said.record["build"]["sdk"] == "1.25.0"
    assert said.record["run"]["output"].startswith("factorial(10) = 3628800")


def test_each_mistyped_verb_gets_the_nearest_one():
    said = natmod("biuld")
    assert said.code == 2
    assert "build" in said.err


def test_a_pipe_gets_the_result_and_nothing_else(project: Path):
    said = natmod("run", project, "--board", "sim:rv32")
    assert said.err == ""
    assert said.out.startswith("factorial(10) = 3628800\n")


def test_nothing_is_left_running(project: Path, home: Path):
    assert natmod("run", project, "--board", "sim:rv32").code == 0
    assert processes.wait_until_none(lambda: processes.with_home(home), 10) == []
    assert "No simulated board is running" in natmod("sim").out
