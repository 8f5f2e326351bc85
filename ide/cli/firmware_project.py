"""The firmware project that ``natmod firmware`` was asked about, with what the command line says in its place."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from ide.cli.verb import Session
from toolchains import project
from toolchains.firmware.table import FirmwareTable
from toolchains.project import Project
from toolchains.sdk_tree import SdkTree


def asked(options: argparse.Namespace) -> Project:
    """The project, with what was said on the command line in place of what its file says."""
    found = project.load(Path(options.project))
    said = {key: getattr(options, key) for key in ("port", "board", "variant") if getattr(options, key)}
    if not said:
        return found
    if "port" in said and found.firmware is not None and said["port"] != found.firmware.port:
        said = {"board": None, "variant": None, **said}
    table = found.firmware or FirmwareTable(said.get("port") or "esp32")
    return replace(found, firmware=replace(table, **said))


def sdk_for(options: argparse.Namespace, session: Session, wanted: Project | None) -> SdkTree:
    """The MicroPython that is asked for, or that the project names; fetched if need be."""
    pinned = wanted.pin_micropython if wanted is not None else None
    return session.toolbox.sdks.ensure(session.ctx, options.sdk or pinned)
