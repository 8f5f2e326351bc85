"""The list of causes is true: each has its words and a test that is there."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.homes import CHECKOUT
from tests.toolchains.doctor.sick import COMPILED, CURED, TOLD
from toolchains.doctor import classes as module
from toolchains.doctor.classes import classes
from toolchains.hints import hints


def _tests(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_each_cause_has_words_and_a_test() -> None:
    known = classes()
    assert set(module._KNOWN) == set(hints().stages)
    assert len({str(one.title) for one in known}) == len(known)
    for one in known:
        file, _colons, name = one.test.partition("::")
        assert name in _tests(CHECKOUT / file), one.id


def test_each_cause_that_is_one_of_many_is_among_them() -> None:
    cured = {one.cause for one in (*CURED, *COMPILED)}
    told = {one.cause for one in TOLD} | {"undeclared", "compile"}
    for one in classes():
        if one.test.endswith("::test_cured"):
            assert one.id in cured
            assert one.fixable
        if one.test.endswith("::test_told"):
            assert one.id in told
            assert not one.fixable
