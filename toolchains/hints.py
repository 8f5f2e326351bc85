"""What failures mean, and what to write instead, as data: ``resources/hints.json``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from toolchains.c_text import Call
from toolchains.paths import resources


@dataclass(frozen=True)
class Instead:
    """A name that does not link. ``use``: what does the same, or "". ``call``: how, with ``$1``, ``$2`` and ``$*`` for
    the arguments; "" where it takes more than other words. ``symbol``: what the linker calls it."""

    name: str
    symbol: str
    use: str = ""
    call: str = ""

    def written(self, call: Call) -> str | None:
        """The call to write instead; None where this call has too few arguments for it."""
        wanted = max((int(number) for number in re.findall(r"\$(\d)", self.call)), default=0)
        if not self.call or len(call.arguments) < wanted:
            return None
        return re.sub(
            r"\$([\d*])", lambda at: call.whole if at[1] == "*" else call.arguments[int(at[1]) - 1], self.call
        )


@dataclass(frozen=True)
class Hints:
    """The rows of the file."""

    data: Mapping[str, Any]

    @cached_property
    def stages(self) -> dict[str, str]:
        """Each class of failures, and when it shows: ``compile``, ``link`` or ``import``."""
        return {row["id"]: row["stage"] for row in self.data["classes"]}

    @cached_property
    def compiler(self) -> tuple[tuple[str, re.Pattern[str]], ...]:
        """Classes and the words of compilers that mean them."""
        return tuple((row["class"], re.compile(row["pattern"])) for row in self.data["compiler"])

    @cached_property
    def old_macros(self) -> Mapping[str, str]:
        """Macros that MicroPython had once, and what is written today."""
        return dict(self.data["old_macros"])

    @cached_property
    def float_names(self) -> frozenset[str]:
        """Names that are there only where floating-point numbers are."""
        return frozenset(self.data["float_names"])

    @cached_property
    def libm(self) -> frozenset[str]:
        """Functions of a maths library, those for ``float`` too."""
        return frozenset({*self.data["libm"], *(f"{name}f" for name in self.data["libm"])})

    @cached_property
    def api(self) -> dict[str, Instead]:
        """By name: MicroPython's own functions that no module reaches."""
        return _rows(self.data["api"])

    @cached_property
    def c_library(self) -> dict[str, Instead]:
        """By name: functions of C's library, which is not there."""
        return _rows(self.data["c_library"])


def _rows(rows: list[dict[str, str]]) -> dict[str, Instead]:
    return {
        row["name"]: Instead(row["name"], row.get("for", row["name"]), row.get("use", ""), row.get("call", ""))
        for row in rows
    }


@cache
def hints() -> Hints:
    """The file, read once."""
    return Hints(json.loads((resources() / "hints.json").read_text("utf-8")))
