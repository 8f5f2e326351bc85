"""What idf.py sees: ESP-IDF's variables and its programs on PATH, as its export script would set them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from toolchains.catalog import Catalog
from toolchains.firmware.idf.data import TOOL
from toolchains.firmware.idf.errors import GET, IdfToolMissing
from toolchains.firmware.idf.places import Idf
from toolchains.firmware.idf.tools import Tool, needed, place_of
from toolchains.host import Host
from toolchains.paths import Paths
from toolchains.text import _

#: Programs that ESP-IDF takes from the system, or from its Python environment.
_OF_SYSTEM = {"cmake": "CMake", "ninja": "ninja"}


def environment(idf: Idf, chip: str, host: Host, paths: Paths) -> Mapping[str, str]:
    """The variables to set. Raises :class:`IdfToolMissing`, naming the program and how to get it."""
    if idf.python is None:
        why = _("Its Python environment was never made.")
        command = GET.format(tool=f"{TOOL}@v{idf.version}")
        raise IdfToolMissing("Python", idf.version, command, why)
    folders, variables = [idf.python.parent], dict[str, str]()
    for tool in needed(idf, chip, host):
        place = place_of(tool, idf, paths)
        if place is None:
            raise IdfToolMissing(tool.id, idf.version, _way(tool, idf, paths))
        folders += [place / path for path in tool.paths]
        variables |= {key: value.replace("${TOOL_PATH}", str(place)) for key, value in tool.variables}
    folders.append(idf.path / "tools")
    path = os.pathsep.join((*map(str, folders), host.environ.get("PATH", os.defpath)))
    seen = Host(host.system, host.machine, {**host.environ, "PATH": path})
    for program, title in _OF_SYSTEM.items():
        if seen.which(program) is None:
            raise IdfToolMissing(title, idf.version, f'"{idf.python}" -m pip install {program}')
    return {
        **variables,
        "PATH": path,
        "IDF_PATH": str(idf.path),
        "IDF_TOOLS_PATH": str(idf.tools_path),
        "IDF_PYTHON_ENV_PATH": str(_environment_of(idf.python)),
        "ESP_IDF_VERSION": idf.minor,
        "PYTHONUTF8": "1",
        "PYTHONNOUSERSITE": "1",
        "IDF_TARGET": "",
        "IDF_CCACHE_ENABLE": host.environ.get("IDF_CCACHE_ENABLE", ""),
    }


def _environment_of(python: Path) -> Path:
    return python.parent.parent


def _way(tool: Tool, idf: Idf, paths: Paths) -> str:
    if Catalog.of(paths).get(tool.id) is not None:
        return GET.format(tool=tool.id)
    return GET.format(tool=f"{TOOL}@v{idf.version}")
