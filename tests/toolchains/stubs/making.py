"""Signatures for the tests, and what is made from them."""

from __future__ import annotations

from pathlib import Path

from toolchains.stubs import files
from toolchains.stubs.model import Module
from toolchains.stubs.signatures import read

EVERYTHING = (Path(__file__).parent / "everything.pyi").read_text("utf-8")


def module(text: str, name: str = "example") -> Module:
    """The module that signatures describe; the test fails where there is a problem."""
    found = read(text, name, f"{name}.pyi")
    assert not found.problems, [(one.line, str(one.text)) for one in found.problems]
    return found.module


def project(folder: Path, text: str = EVERYTHING, name: str = "example") -> Path:
    """The folder with a native module made from signatures."""
    files.plan(module(text, name), "natmod", folder).apply()
    return folder


def said(text: str, target: files.Target = "natmod") -> list[tuple[int, str]]:
    """Line and sentence of every problem."""
    return [(one.line, str(one.text)) for one in files.problems(read(text, "example"), target)]
