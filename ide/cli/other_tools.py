"""What the commands of other tools for boards are called here (``resources/other_tools.json``)."""

from __future__ import annotations

import json

from ide.cli.output import Output
from toolchains.paths import resources
from toolchains.text import _

_TOOLS = ("ampy", "mpremote", "rshell")


def is_other(name: str) -> bool:
    """Whether there is a table for this tool."""
    return name in _TOOLS


def show_other(out: Output, name: str) -> int:
    """The table of one tool; the exit code."""
    rows = json.loads((resources() / "other_tools.json").read_text("utf-8"))["tools"][name]
    out.table((name, "natmod"), rows)
    out.text(_("'natmod VERB --help' teaches one of them."))
    return 0
