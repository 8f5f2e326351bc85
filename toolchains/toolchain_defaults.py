"""The toolchain that a person chose for an architecture, for all projects: ``toolchains.json`` among the settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from toolchains.errors import disk_errors
from toolchains.host import Host
from toolchains.paths import Paths

_FILE = "toolchains.json"


def read(paths: Paths) -> dict[str, str]:
    """Architecture to ``tool@version``. A file that cannot be read counts as none: then our own choice holds."""
    try:
        loaded = json.loads((paths.config / _FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    rows = loaded.get("default") if isinstance(loaded, dict) else None
    pairs = rows.items() if isinstance(rows, dict) else ()
    return {arch: chosen for arch, chosen in pairs if isinstance(chosen, str)}


def write(paths: Paths, host: Host, chosen: Mapping[str, str]) -> None:
    """Keep them. DiskError where that cannot be."""
    path = paths.config / _FILE
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(f"{path}.new")
        text = json.dumps({"schema": 1, "default": dict(sorted(chosen.items()))}, indent=1)
        beside.write_text(text + "\n", "utf-8")
        host.replace(beside, path)
