"""Compilers that come as packages of the system: ``resources/catalog/system.json``, and names in ``packages.json``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from toolchains.host import Host
from toolchains.paths import resources
from toolchains.system import install_line, other_commands


@dataclass(frozen=True)
class SystemPackage:
    """How a compiler is had from the system that we run on. Nothing is run to find out.

    ``called``: what the program is called when it comes from there (Arch: ``riscv64-elf-gcc``); ``debian`` and
    ``runtime``: Debian's packages with the compiler and with its C and maths library; ``command``: what to type for
    both, empty where no package is known; ``size``: bytes, on Debian.
    """

    program: str
    called: str
    debian: str
    runtime: tuple[str, ...]
    command: str
    size: int | None


@cache
def _programs() -> dict[str, dict[str, Any]]:
    loaded: dict[str, Any] = json.loads((resources() / "catalog" / "system.json").read_text("utf-8"))
    programs: dict[str, dict[str, Any]] = loaded["programs"]
    return programs


def system_programs() -> tuple[str, ...]:
    """The compilers that some system's packages offer."""
    return tuple(_programs())


def system_package(program: str, host: Host) -> SystemPackage | None:
    """How ``program`` is had here; None: no system that we know has it."""
    row = _programs().get(program)
    if row is None:
        return None
    debian, runtime = str(row["debian"]), tuple(row.get("runtime", ()))
    wanted = (debian, *runtime)
    if host.is_debian():
        return SystemPackage(program, program, debian, runtime, install_line(host, wanted), row.get("size"))
    manager, command = next(other_commands(host, wanted), ("", ""))
    return SystemPackage(program, row.get("called", {}).get(manager, program), debian, runtime, command, None)
