"""What idf.py sees: ESP-IDF's variables and its programs on PATH, as its export script would set them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from toolchains.catalog import Catalog
from toolchains.chips import chips
from toolchains.firmware.idf.data import TOOL, idf_data
from toolchains.firmware.idf.errors import GET, IdfToolMissing
from toolchains.firmware.idf.places import OURS, Idf
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
        script = idf.path / "tools" / "idf_tools.py"
        command = (
            GET.format(tool=f"{TOOL}@v{idf.version}") if idf.where == OURS else f'python "{script}" install-python-env'
        )
        raise IdfToolMissing("Python", idf.version, command, why)
    folders, variables, missing = [idf.python.parent], dict[str, str](), list[Tool]()
    for tool in needed(idf, chip, host):
        place = place_of(tool, idf, paths)
        if place is None:
            missing += [tool] if _compiles_for(tool, chip) else []
            continue
        folders += [place / path for path in tool.paths]
        variables |= {key: value.replace("${TOOL_PATH}", str(place)) for key, value in tool.variables}
    if missing:
        raise IdfToolMissing(", ".join(tool.id for tool in missing), idf.version, _way(missing, idf, chip, paths))
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


def _compiles_for(tool: Tool, chip: str) -> bool:
    """Whether the chip's own program is compiled with it; a compiler may be for a part of the chip that is not used."""
    arch = idf_data()["compilers"].get(tool.name)
    return arch is None or chip not in chips() or chips()[chip].arch == arch


def _way(missing: Sequence[Tool], idf: Idf, chip: str, paths: Paths) -> str:
    """Of an ESP-IDF that somebody else put here, its own installer is asked."""
    if idf.where != OURS:
        return f'"{idf.python}" "{idf.path / "tools" / "idf_tools.py"}" install --targets={chip}'
    catalog = Catalog.of(paths)
    own = f"{TOOL}@v{idf.version}"
    return GET.format(tool=" ".join(dict.fromkeys(one.id if catalog.get(one.id) else own for one in missing)))
