"""What the compiler for xtensawin is made of, as data, and the error of its making."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from toolchains.errors import CompilerError
from toolchains.paths import resources


class XtensaFailed(CompilerError):
    """Debian's packages could not be made a compiler for xtensawin."""

    code = "compiler.xtensa"


@cache
def data() -> dict[str, Any]:
    """``resources/debian_xtensa.json``."""
    loaded: dict[str, Any] = json.loads((resources() / "debian_xtensa.json").read_text("utf-8"))
    return loaded
