"""basedpyright, where somebody installed it: real type checking of Python, with the board's stubs. No Qt.

It brings a Node of 280 MB with it and takes 250 MB of memory, so it is no part of Natmod Studio
(shared/reference/editor.md section 8).
"""

from __future__ import annotations

import sysconfig
from pathlib import Path

from ide.editor.lsp.words import Launch
from toolchains.host import Host

_NAME = "basedpyright-langserver"


def program(host: Host) -> Path | None:
    """It, of this environment or of PATH; None for none."""
    found = Path(sysconfig.get_path("scripts")) / f"{_NAME}{host.exe_suffix}"
    return found if found.is_file() else host.which(_NAME)


def launch(program: Path, root: Path, stubs: Path | None, own: Path) -> Launch:
    """How it is started: what it gets when it asks for settings serves each of its sections."""
    analysis: dict[str, object] = {
        "typeCheckingMode": "basic",
        "diagnosticMode": "openFilesOnly", "diagnosticSeverityOverrides": {"reportMissingModuleSource": "none"},
        "extraPaths": [str(own)], "autoSearchPaths": False,
    }  # fmt: skip
    if stubs is not None:
        analysis |= {"stubPath": str(stubs), "typeshedPaths": [str(stubs)], "extraPaths": [str(own), str(stubs)]}
    settings = {**analysis, "analysis": analysis}
    return Launch("basedpyright", (str(program), "--stdio"), root, configuration=settings, start_s=60.0)
