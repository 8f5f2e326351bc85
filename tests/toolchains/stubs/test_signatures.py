"""What signatures mean, and what C cannot express: in words, with the line, and the rest is read all the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.toolchains.stubs.making import EVERYTHING, module, said
from toolchains.stubs.c_module import c_source
from toolchains.stubs.model import MISSING, Kind
from toolchains.stubs.python_test import python_test
from toolchains.stubs.signatures import read


def test_functions_arguments_and_defaults() -> None:
    found = {one.name: one for one in module(EVERYTHING).functions}
    scale = found["scale"]
    assert [(one.name, one.type.kind, one.default, one.how) for one in scale.arguments] == [
        ("value", Kind.FLOAT, MISSING, "either"),
        ("factor", Kind.FLOAT, 2.0, "either"),
        ("twice", Kind.BOOL, False, "name"),
        ("name", Kind.STR, "x", "name"),
        ("n", Kind.INT, -3, "name"),
    ]
    assert scale.raises == (("ValueError", "if factor is 0"), ("SensorError", "never"))
    assert found["maybe"].returns.optional
    assert found["maybe"].arguments[0].type.optional
    assert (found["many"].least, found["many"].most) == (1, None)
    assert found["position"].keywords is False
    assert scale.keywords


def test_a_class() -> None:
    vector = module(EVERYTHING).classes[0]
    stored = {one.name: one for one in vector.properties}
    assert stored["y"].stored
    assert stored["y"].value == 1.0
    assert not stored["length"].stored
    assert not stored["length"].writable
    assert stored["angle"].writable
    assert vector.init is not None
    assert len(vector.init.arguments) == 2
    assert vector.special("iter")
    assert not vector.special("next")
    assert [one.name for one in vector.methods if one.static] == ["zero"]


def test_typing_of_all_ages() -> None:
    text = (
        "import typing as t\nfrom typing import Optional, Union, List\nPoint = tuple[int, int]\n"
        "def f(a: Optional[int], b: 'List[int]', c: t.Any, d: Union[int, None], e: int | float, p: Point): ...\n"
    )
    kinds = [(one.type.kind, one.type.optional) for one in module(text).functions[0].arguments]
    assert kinds == [
        (Kind.INT, True),
        (Kind.LIST, False),
        (Kind.OBJECT, False),
        (Kind.INT, True),
        (Kind.FLOAT, False),
        (Kind.TUPLE, False),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("async def f(): ...", "async"),
        ("def f(**more): ...", "take a dict"),
        ("def f(a: set[int]): ...", "list"),
        ("def f(a: complex): ...", "tuple[float, float]"),
        ("def f(a: int | str): ...", "write object"),
        ("def f(a: Nowhere): ...", "Nowhere is not known"),
        ("def f() -> Iterator[int]: ...", "cannot yield"),
        ("def f(a: int = ...): ...", "in place of the dots"),
        ("def f(a: list[int] = []): ...", "write None"),
        ("def f(a: int = 1 << 40): ...", "plain value"),
        ("def f(a: int = 99999999999): ...", "too big"),
        ("def f(a: float = 1e999): ...", "no number"),
        ("def f(): ...\ndef f(a: int): ...", "another f"),
        ("@overload\ndef f(): ...", "one signature"),
        ("@cached\ndef f(): ...", "@cached"),
        ("def été(): ...", "without accents"),
        ("def f() -> memoryview: ...", "bytes and bytearray"),
        ("def f() -> Sequence[int]: ...", "list or tuple"),
        ("def f(*a: int, b: int = 1): ...", "every call gives"),
        ("X: int", "needs its value"),
        ("X = [1, 2]", "write None"),
        ("if True:\n    X = 1", "Only functions"),
        ("class A(B): ...", "inherits from nothing"),
        ("class A(Protocol): ...", "inherits from nothing"),
        ("class A(OSError): ...", "OSError cannot be a base"),
        ("class A:\n    def __del__(self): ...", "__del__ has no place"),
        ("class A:\n    @classmethod\n    def f(cls): ...", "@classmethod"),
        ("class A:\n    def __len__(self) -> str: ...", "__len__ gives int"),
        ("class A:\n    def __add__(self): ...", "1 arguments"),
        ("class A:\n    def __next__(self) -> int: ...", "has __iter__"),
        ("class A:\n    def f(): ...", "first argument is self"),
        ("def __init__(): ...", "part of its own"),
        ("def f(:", "no Python"),
        ("X = '\\ud800'", "no valid Unicode"),
        ("X = 1\0", "no"),
        ("X = " + "(" * 3000 + ")" * 3000, "no"),
        ("#" * 300_000, "too long"),
    ],
)
def test_what_c_cannot_express_is_said_in_words(text: str, words: str) -> None:
    problems = said(text)
    assert len(problems) == 1
    assert words in problems[0][1]
    assert 1 <= problems[0][0] <= text.count("\n") + 1


def test_or_none_changes_nothing_else() -> None:
    text = "def f(a: list | None, b: bytearray | None, c: None | tuple[int, str]) -> list[int] | None: ..."
    found = module(text).functions[0]
    assert [one.type.kind for one in found.arguments] == [Kind.LIST, Kind.BUFFER, Kind.TUPLE]
    assert all(one.type.optional for one in found.arguments)
    assert found.returns.kind is Kind.LIST


def test_what_sets_a_property_adds_no_second_complaint() -> None:
    text = "class A:\n    @property\n    def p(self) -> set: ...\n    @p.setter\n    def p(self, v: int) -> None: ...\n"
    assert len(said(text)) == 1


def test_the_rest_is_read_all_the_same() -> None:
    found = read(
        "def good() -> int: ...\nasync def bad(): ...\nclass A:\n    def f(self): ...\n    x: set\n", "example"
    )
    assert [one.line for one in found.problems] == [2, 5]
    assert found.module.functions[0].name == "good"
    assert found.module.classes[0].methods[0].name == "f"


def test_a_firmware_keeps_no_big_int() -> None:
    assert said("X = 0x7fffffff", "natmod") == []
    assert "31 bits" in said("X = 0x7fffffff", "usermod")[0][1]


_PIECES = st.sampled_from(
    [
        "def f(",
        "a",
        ": int",
        " = 1",
        ", *",
        ", /",
        ") -> ",
        "list[int]",
        ": ...\n",
        "class A",
        ":\n",
        "    x: str\n",
        "    def __iter__(self)",
        "@property\n",
        "None",
        "|",
        "tuple[",
        "]",
        "'",
        '"""',
        "\\\n",
        "Final",
        "é",
        "\t",
        "{",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_PIECES, max_size=25).map("".join) | st.text(max_size=80))
def test_whatever_is_typed_is_answered(text: str) -> None:
    """A dialog calls it at each key."""
    found = read(text, "example")
    for one in found.problems:
        assert str(one.text)
        assert one.line >= 1
        assert one.column >= 1
    for target in ("natmod", "usermod"):
        assert c_source(found.module, target).endswith("}\n") or target == "usermod"
    compile(python_test(found.module), "test", "exec")
