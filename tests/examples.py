"""The examples of the checkout, and what their READMEs promise."""

from __future__ import annotations

import re
from pathlib import Path

from toolchains import paths

#: Those for a board; a plugin for the window is tested in tests/toolchains/test_plugins.py.
_DESCRIBED = sorted(paths.examples().glob("*/natmod.toml"))
#: Whole firmware: tests/ide/board/test_own_firmware.py.
FIRMWARE = [path.parent.name for path in _DESCRIBED if "[firmware]" in path.read_text("utf-8")]
EXAMPLES = [path.parent.name for path in _DESCRIBED if path.parent.name not in FIRMWARE]
#: Those with C to build; the others are Python alone.
NATIVE = [path.parent.name for path in _DESCRIBED if "[module]" in path.read_text("utf-8")]
#: New projects that run nowhere but on a firmware of their own.
OWN_FIRMWARE = ("usermod",)
_BOARDS = ("sim:rv32", "sim:unix")


def boards_of(name: str) -> tuple[str, ...]:
    """The simulated boards that an example of EXAMPLES, or a new project, runs on."""
    return ("sim:unix",) if name == "net_echo" else _BOARDS  # the other one has no network


def promised(folder: Path) -> re.Pattern[str]:
    """The output that the README promises: the indented block after the word "prints"; … stands for any number."""
    text = (folder / "README.md").read_text("utf-8")
    found = re.search(r"\bprints\n\n((?:    .*\n)+)", text)
    assert found, f"{folder.name}/README.md does not show what main.py prints"
    shown = "".join(line[4:] for line in found[1].splitlines(keepends=True))
    return re.compile(re.escape(shown).replace("…", "[0-9. ]+"))
