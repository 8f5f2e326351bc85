"""Python signatures, read as data: ``ast`` only, nothing is run. What C cannot express is said, with its line."""

from __future__ import annotations

from dataclasses import dataclass

from toolchains.stubs.model import Module
from toolchains.text import Text


@dataclass(frozen=True)
class Problem:
    """What C cannot express, or cannot be read; ``line`` and ``column`` count from 1."""

    line: int
    column: int
    text: Text


@dataclass(frozen=True)
class Reading:
    """The module, without the parts that have a problem; and the problems, in the order of their lines."""

    module: Module
    problems: tuple[Problem, ...]


def read(text: str, name: str, origin: str = "") -> Reading:
    """The module ``name`` that signatures (of a ``.pyi``, or typed) describe. Never raises for what stands in them."""
    raise NotImplementedError
