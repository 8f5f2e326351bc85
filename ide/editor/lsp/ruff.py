"""ruff as a server: lint and format of Python for boards. No Qt."""

from __future__ import annotations

import sysconfig
from pathlib import Path

from ide.editor.lsp.words import Launch
from toolchains.host import Host

#: Names that MicroPython has without an import: const() is the compiler's, the others are viper's types.
_BUILTINS = ("const", "ptr", "ptr8", "ptr16", "ptr32", "uint", "object")
_SETTINGS = {
    "configurationPreference": "filesystemFirst",
    "configuration": {"line-length": 100, "builtins": list(_BUILTINS), "lint": {"select": ["E9", "F"]}},
}


def program(host: Host) -> Path | None:
    """ruff of this environment, or of PATH; None for none."""
    found = Path(sysconfig.get_path("scripts")) / f"ruff{host.exe_suffix}"
    return found if found.is_file() else host.which("ruff")


def launch(program: Path, root: Path) -> Launch:
    """How it is started for a project; what the project's own ruff.toml says wins."""
    return Launch("ruff", (str(program), "server"), root, options={"settings": _SETTINGS})
