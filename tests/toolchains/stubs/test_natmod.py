"""What is made compiles without a warning for every architecture, and does on a board what its signatures say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ide.board.boards import Boards
from ide.board.testing import SuiteRequest, run_tests
from tests.toolchains.natmods import Builder
from tests.toolchains.stubs.at_random import signatures
from tests.toolchains.stubs.making import EVERYTHING, project
from toolchains import natmod
from toolchains import project as projects
from toolchains.chips import arch
from toolchains.compilers import Compiler
from toolchains.jobs import JobContext
from toolchains.natmod import BuildRequest
from toolchains.sdk_tree import SdkTree
from toolchains.toolbox import Toolbox

_ALL = ("x86", "x64", "armv6m", "armv7m", "armv7emsp", "armv7emdp", "xtensa", "xtensawin", "rv32imc")
#: Names that mean something in C, or to the generator itself.
ODD = """
class Vector:
    base: int
    int: float
    def new(self, self_in: int) -> int: ...
    def add(self, result: int, default: str = "") -> int: ...
    def __add__(self, other: int) -> int: ...
    def print(self) -> None: ...
    def get_x(self) -> int: ...
    x: int
    @property
    def size(self) -> int: ...
    def get_size(self) -> int: ...
def register(int: int, float: float, args: str, n_args: bytes, has_x: int | None, x: int | None) -> int: ...
def Vector_new(a: int, a_len: str, a_obj: int = 1) -> None: ...
def globals(_private: int, values: list, allowed: int = -2147483648) -> "tuple[int, str, list[int], Vector | None]": ...
def texts(a: str = "\\"\\\\?\\?/\\n\\x00é", b: bytes = b"\\xff??/", c: str | None = "x", d: int | None = 4) -> None: ...
def eight(a: int, b: int, c: int, d: int, e: int, f: int, g: int, h: int) -> int: ...
def optional_last(a: int, b: bytes = b"ab", c: str = "x", d: float = 1.5, e: bool = True, /) -> None: ...
"""


@pytest.mark.parametrize("name", _ALL)
def test_it_compiles_without_a_warning_for(
    build: Builder, compiler_for: Callable[[str], Compiler], tmp_path: Path, name: str
) -> None:
    for number, text in enumerate((EVERYTHING, ODD)):
        folder = project(tmp_path / str(number), text)
        request = BuildRequest(projects.load(folder), arch(name), build.sdk, compiler_for(name), None)
        assert natmod.build(build.ctx, request, build.linkers).warnings == ()


@pytest.mark.parametrize("pin", ["zig", "gcc"])
def test_it_compiles_with_both_compilers_and_the_older_tree(
    build: Builder, compiler_for: Callable[..., Compiler], sdk_1250: SdkTree, tmp_path: Path, pin: str
) -> None:
    if pin == "gcc":
        compiler_for("rv32imc", "gcc")
    assert build(project(tmp_path / pin), pin=pin, sdk=sdk_1250).warnings == ()


@pytest.mark.parametrize("text", [EVERYTHING, ODD], ids=["everything", "odd"])
def test_its_test_passes_on_a_board(ctx: JobContext, toolbox: Toolbox, tmp_path: Path, text: str) -> None:
    assert _passes(ctx, toolbox, project(tmp_path / "p", text))


@pytest.mark.parametrize("seed", [1, 2])
def test_signatures_at_random_do_what_they_say(ctx: JobContext, toolbox: Toolbox, tmp_path: Path, seed: int) -> None:
    assert _passes(ctx, toolbox, project(tmp_path / "p", signatures(seed)))


def test_finished_functions_work_on_a_board(ctx: JobContext, toolbox: Toolbox, tmp_path: Path) -> None:
    """The person's part is all that is missing: values, a callback, an exception, a class that one can walk through."""
    text = """
class Wrong(ValueError): ...
def mean(numbers: list[float], scale: float = 1.0) -> float: ...
def apply(call: Callable[[int], int], times: int) -> int: ...
def split(data: bytes) -> tuple[int, bytes]: ...
def fail(text: str) -> None: ...
class Ring:
    size: int
    def __init__(self, size: int, step: int = 1) -> None: ...
    def __iter__(self) -> Iterator[int]: ...
    def __len__(self) -> int: ...
    def __getitem__(self, index: int) -> int: ...
"""
    folder = project(tmp_path / "p", text)
    code = {
        "mean": "for (size_t i = 0; i < numbers_len; i++) { result += mp_obj_get_float(numbers[i]); }"
        " result = result * scale / (mp_float_t)numbers_len;",
        "apply": "for (mp_int_t i = 0; i < times; i++) { mp_obj_t n = mp_obj_new_int(i);"
        " result += mp_obj_get_int(mp_call_function_n_kw(call, 1, 0, &n)); }",
        "split": "result[0] = mp_obj_new_int(data.len); result[1] = mp_obj_new_bytes(data.buf, 1);",
        "fail": 'mp_raise_msg((const mp_obj_type_t *)&example_Wrong_type, MP_ERROR_TEXT("no")); (void)text;',
        "Ring:fields": "mp_int_t step;",
        "Ring.__init__": "self->step = step;",
        "Ring.__iter__": "if (index < (size_t)self->size) { done = false; result = (mp_int_t)index * self->step; }",
        "Ring.__len__": "result = self->size;",
        "Ring.__getitem__": "result = index * self->step;",
    }
    source = folder / "example.c"
    c_text = source.read_text("utf-8")
    for key, line in code.items():
        mark = f"--- your code: {key} ---\n"
        assert mark in c_text
        c_text = c_text.replace(mark, f"{mark}    {line}\n")
    source.write_text(c_text, "utf-8")
    (folder / "tests" / "test_example.py").unlink()
    (folder / "tests" / "test_mine.py").write_text(
        "import example\nassert example.mean([1.0, 2.0, 3.0], scale=2.0) == 4.0\n"
        "assert example.apply(lambda n: n * n, 4) == 14\nassert example.split(b'xyz') == (3, b'x')\n"
        "try:\n    example.fail('x')\n    assert False\nexcept ValueError as error:\n"
        "    assert type(error) is example.Wrong and error.args[0] == 'no'\n"
        "ring = example.Ring(4, step=2)\nassert list(ring) == [0, 2, 4, 6] == [x for x in ring]\n"
        "assert len(ring) == ring.size == 4 and ring[5] == 10\nring.size = 2\nassert list(ring) == [0, 2]\n"
        "class Named(example.Ring):\n    pass\nassert list(Named(2)) == [0, 1]\n",
        "utf-8",
    )
    assert _passes(ctx, toolbox, folder)
    project(folder, text)
    (folder / "tests" / "test_example.py").unlink()
    assert _passes(ctx, toolbox, folder), "made again, it is the same"


def _passes(ctx: JobContext, toolbox: Toolbox, folder: Path) -> bool:
    with Boards(toolbox) as boards:
        (result,) = run_tests(ctx, boards, SuiteRequest(folder, ("sim:rv32",)), lambda board, case: None)
    if result.error is not None:
        raise result.error
    assert all(case.good for case in result.cases), result.cases
    return bool(result.cases)
