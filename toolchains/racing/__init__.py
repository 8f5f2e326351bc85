"""Races of a person's own function: found in the project's Python files, and made in the other ways by machine.

``functions`` finds it and how it is called, ``variants`` makes the ways and the script that races them.
"""

from toolchains.racing.functions import CannotRace, Function, at, find, functions_of, in_project, with_call
from toolchains.racing.variants import NATIVE, PYTHON, VIPER, Variants, make

__all__ = [
    "NATIVE",
    "PYTHON",
    "VIPER",
    "CannotRace",
    "Function",
    "Variants",
    "at",
    "find",
    "functions_of",
    "in_project",
    "make",
    "with_call",
]
