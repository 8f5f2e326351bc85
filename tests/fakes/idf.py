"""A stand-in for ESP-IDF: the layout, file names and entry points of the real one, real CMake and ninja behind them.

Its compiler is this computer's, under the name that Espressif's has; its Python environment is ours. What it builds of
a project are the user modules, with MicroPython's real headers, beside a few files in place of the port.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from toolchains.host import Host

TREE = Path(__file__).parent / "idf_tree"
COMPILER = "esp-14.2.0_20241119"
#: The tools of tools.json: name, version, how it is installed, chips, folders for PATH, variables.
_TOOLS: Sequence[tuple[str, str, str, Sequence[str], list[list[str]], dict[str, str]]] = (
    ("xtensa-esp-elf-gdb", "14.2_20240403", "always", ("esp32", "esp32s3"), [["xtensa-esp-elf-gdb", "bin"]], {}),
    ("xtensa-esp-elf", COMPILER, "always", ("esp32", "esp32s2", "esp32s3"), [["xtensa-esp-elf", "bin"]], {}),
    ("riscv32-esp-elf", COMPILER, "always", ("esp32s3", "esp32c3", "esp32c6"), [["riscv32-esp-elf", "bin"]], {}),
    ("esp32ulp-elf", "2.38_20240113", "always", ("esp32", "esp32s3"), [["esp32ulp-elf", "bin"]], {}),
    ("esp-rom-elfs", "20241011", "always", ("all",), [[""]], {"ESP_ROM_ELF_DIR": "${TOOL_PATH}/"}),
    ("openocd-esp32", "v0.12.0-esp32-20241016", "always", ("all",), [["openocd-esp32", "bin"]], {}),
    ("cmake", "3.30.2", "on_request", ("all",), [["bin"]], {}),
)
#: Of the small ones: version, and a file in the archive.
_SMALL = {
    "esp32ulp-elf": ("2.38_20240113", "esp32ulp-elf/bin/esp32ulp-elf-as"),
    "esp-rom-elfs": ("20241011", "esp32_rev0_rom.elf"),
}
_SHA = "0123456789abcdef" * 4


@dataclass(frozen=True)
class StandIn:
    """An ESP-IDF with its tools, in one folder."""

    path: Path
    root: Path
    python: Path

    @property
    def environ(self) -> dict[str, str]:
        """Variables of a computer where it was exported."""
        own = {key: os.environ[key] for key in ("PATH", "TMPDIR", "LANG") if key in os.environ}
        path = os.pathsep.join((str(Path(sys.executable).parent), own["PATH"]))
        return {
            **own,
            "PATH": path,
            "HOME": str(self.root / "home"),
            "IDF_PATH": str(self.path),
            "IDF_TOOLS_PATH": str(self.root / "espressif"),
        }

    @property
    def host(self) -> Host:
        """That computer."""
        return Host("linux", "x86_64", self.environ)

    @property
    def calls(self) -> list[dict[str, Any]]:
        """What idf.py was called with, each time: ``argv`` and ``cwd``."""
        file = self.path / "calls.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.is_file() else []


def make(root: Path, version: str = "5.4.2", name: str = "esp-idf") -> StandIn:
    """One in ``root``, with all tools. Skips where there is no compiler."""
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("needs gcc")
    path = root / name
    shutil.copytree(TREE, path)
    _versioned(path, version)
    tools = root / "espressif"
    (path / "tools" / "tools.json").write_text(json.dumps(tools_json()), "utf-8")
    for tool, release, _install, _chips, paths, _variables in _TOOLS[:-1]:
        for parts in paths:
            tools.joinpath("tools", tool, release, *parts).mkdir(parents=True, exist_ok=True)
    for tool, program in (("xtensa-esp-elf", "xtensa-esp32s3-elf-gcc"), ("riscv32-esp-elf", "riscv32-esp-elf-gcc")):
        _script(tools / "tools" / tool / COMPILER / tool / "bin" / program, compiler)
    python = tools / "python_env" / f"idf{version.rpartition('.')[0]}_py3.11_env" / "bin" / "python3"
    _script(python, sys.executable)
    return StandIn(path, root, python)


def release(folder: Path, version: str = "5.4.2") -> list[Path]:
    """What Espressif has for download, as files in ``folder``: the release, and two tools that it needs."""
    tools = {}
    for name, (number, member) in _SMALL.items():
        tools[name] = folder / f"{name}-{number}.tar.gz"
        with tarfile.open(tools[name], "w:gz") as tar:
            tar.addfile(tarfile.TarInfo(member))
    tree = folder / f"esp-idf-v{version}"
    shutil.copytree(TREE, tree)
    _versioned(tree, version)
    said = json.dumps(tools_json({name: path.read_bytes() for name, path in tools.items()}))
    (tree / "tools" / "tools.json").write_text(said, "utf-8")
    zipped = Path(shutil.make_archive(str(tree), "zip", folder, tree.name))
    shutil.rmtree(tree)
    return [zipped, *tools.values()]


def tools_json(archives: Mapping[str, bytes] | None = None) -> dict[str, Any]:
    """The file, in the form of ESP-IDF's; with the hashes of archives that there are."""
    real = archives or {}
    return {
        "version": 3,
        "tools": [
            {
                "name": name,
                "install": install,
                "supported_targets": list(chips),
                "export_paths": paths,
                "export_vars": variables,
                "versions": [
                    {"name": version, "status": "recommended", "linux-amd64": _archive(name, version, real.get(name))}
                ],
            }
            for name, version, install, chips, paths, variables in _TOOLS
        ],
    }


def _archive(name: str, version: str, data: bytes | None) -> dict[str, Any]:
    digest = _SHA if data is None else hashlib.sha256(data).hexdigest()
    url = f"https://github.com/espressif/{name}-{version}.tar.gz"
    return {"url": url, "size": 1 if data is None else len(data), "sha256": digest}


def _versioned(path: Path, version: str) -> None:
    file = path / "tools" / "cmake" / "version.cmake"
    major, minor, patch = version.split(".")
    text = file.read_text()
    for old, new in (("MAJOR 5", f"MAJOR {major}"), ("MINOR 4", f"MINOR {minor}"), ("PATCH 2", f"PATCH {patch}")):
        text = text.replace(old, new)
    file.write_text(text)


def _script(place: Path, program: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f'#!/bin/sh\nexec "{program}" "$@"\n')
    place.chmod(0o755)
