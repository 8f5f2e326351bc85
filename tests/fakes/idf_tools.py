"""A tools.json as ESP-IDF has it, small, and with wishes."""

from __future__ import annotations

import json
from typing import Any

SHA = "0123456789abcdef" * 4
_REGEX = r"\(crosstool-NG\s+(?:crosstool-ng-)?([0-9a-zA-Z\.\-_]+)\)"


def version(
    name: str, *, megabytes: int = 90, tool: str = "xtensa-esp-elf", platforms: str = "linux-amd64 win64"
) -> Any:
    """One version with an archive for each platform."""
    base = f"https://github.com/espressif/crosstool-NG/releases/download/{name}"
    archives = {
        key: {"sha256": SHA, "size": megabytes * 1_000_000, "url": f"{base}/{tool}-{name}-{key}.tar.xz"}
        for key in platforms.split()
    }
    return {"name": name, "status": "recommended", **archives}


def tool(*versions: Any, name: str = "xtensa-esp-elf", **wishes: Any) -> Any:
    """One tool; ``wishes`` replace what it says."""
    return {
        "name": name,
        "description": "Toolchain for 32-bit Xtensa based on GCC",
        "export_paths": [[name, "bin"]],
        "export_vars": {},
        "install": "always",
        "supported_targets": ["esp32", "esp32s2", "esp32s3", "esp32x99"],
        "version_cmd": [f"{name}-gcc", "--version"],
        "version_regex": _REGEX,
        "versions": list(versions),
        **wishes,
    }


def tools_json(*tools: Any) -> bytes:
    """The file."""
    return json.dumps({"version": 3, "tools": list(tools)}).encode()
