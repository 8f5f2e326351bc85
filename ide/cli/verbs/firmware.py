"""``natmod firmware``: whole firmware from a project: built, its boards listed."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from ide.cli.verb import Session, Verb
from toolchains import project
from toolchains.firmware import boards
from toolchains.firmware.build import FirmwareBuilt, FirmwareRequest, build
from toolchains.firmware.table import FirmwareTable
from toolchains.firmware.weighing import weigh
from toolchains.project import Project
from toolchains.sdk_tree import SdkTree
from toolchains.text import _
from toolchains.units import percent_text, size_text, time_text


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=tuple(_ACTIONS))
    parser.add_argument(
        "project", nargs="?", default=".", help=str(_("the project's folder (default: the current one)"))
    )
    parser.add_argument("--port", help=str(_("unix, qemu, minimal, esp32 … (default: the project's)")))
    parser.add_argument("--board", help=str(_("the board's name in MicroPython, such as VIRT_RV32")))
    parser.add_argument("--variant", help=str(_("a variant of the board")))
    parser.add_argument("--sdk", metavar="VERSION", help=str(_("MicroPython version to build, such as 1.26.1")))


def _run(options: argparse.Namespace, session: Session) -> int:
    return _ACTIONS[options.action](options, session)


def _asked(options: argparse.Namespace) -> Project:
    """The project, with what was said on the command line in place of what its file says."""
    found = project.load(Path(options.project))
    said = {key: getattr(options, key) for key in ("port", "board", "variant") if getattr(options, key)}
    if not said:
        return found
    if "port" in said and found.firmware is not None and said["port"] != found.firmware.port:
        said = {"board": None, "variant": None, **said}
    table = found.firmware or FirmwareTable(said.get("port") or "esp32")
    return replace(found, firmware=replace(table, **said))


def _sdk(options: argparse.Namespace, session: Session, wanted: Project | None) -> SdkTree:
    pinned = wanted.pin_micropython if wanted is not None else None
    return session.toolbox.sdks.ensure(session.ctx, options.sdk or pinned)


def _build(options: argparse.Namespace, session: Session) -> int:
    asked = _asked(options)
    sdk = _sdk(options, session, asked)
    toolbox = session.toolbox
    made = build(session.ctx, FirmwareRequest(asked, sdk), toolbox.host, toolbox.paths)
    session.out.text(
        _(
            "Built {file} ({size}) in {seconds}.",
            file=made.product,
            size=size_text(made.product.stat().st_size),
            seconds=time_text(made.seconds),
        )
    )
    for module in made.modules:
        session.out.text(_("In it: {names}, from {folder}", names=", ".join(module.names), folder=module.folder.name))
    session.out.record({"kind": "firmware", "micropython": sdk.version, **_record(made)})
    return 0


def _record(made: FirmwareBuilt) -> Mapping[str, object]:
    return {
        "port": made.target.port,
        "board": made.target.board,
        "variant": made.target.variant,
        "product": str(made.product),
        "elf": str(made.elf),
        "modules": [name for module in made.modules for name in module.names],
        "seconds": round(made.seconds, 3),
    }


def _size(options: argparse.Namespace, session: Session) -> int:
    asked = _asked(options)
    weighed = weigh(asked)
    out, whole = session.out, weighed.flash
    out.text(_("{flash} of flash, {ram} of RAM", flash=size_text(whole), ram=size_text(weighed.ram)))
    rows = [(name or _("other"), size_text(n), percent_text(n, whole)) for name, n in weighed.of_groups().items()]
    out.table((_("part"), _("size"), ""), rows, right={1, 2})
    out.record(
        {
            "kind": "firmware-size",
            "flash": weighed.flash,
            "ram": weighed.ram,
            "regions": dict(weighed.totals),
            "groups": weighed.of_groups(),
        }
    )
    return 0


def _boards(options: argparse.Namespace, session: Session) -> int:
    sdk = _sdk(options, session, None)
    known = boards.ports(sdk)
    if options.port is not None and options.port not in known:
        raise boards.NoSuchTarget(
            "port", _('This MicroPython has no port "{name}".', name=options.port), options.port, known
        )
    rows = []
    for port in (options.port,) if options.port else known:
        for board in boards.boards(sdk, port) or (None,):
            rows.append((port, board or "", ", ".join(boards.variants(sdk, port, board))))
    records = [{"port": port, "board": board or None, "variants": names.split(", ")} for port, board, names in rows]
    session.out.record({"kind": "firmware-boards", "micropython": sdk.version, "boards": records})
    session.out.table((_("port"), _("board"), _("variants")), rows)
    return 0


_ACTIONS: Mapping[str, Callable[[argparse.Namespace, Session], int]] = {
    "build": _build,
    "size": _size,
    "boards": _boards,
}

VERB = Verb(
    "firmware",
    _("Build a whole firmware: user C modules, frozen Python, any board"),
    _(
        """A firmware project has a table [firmware] in natmod.toml:

  [firmware]
  port = "qemu"
  board = "VIRT_RV32"
  modules = ["usermod/fast"]   folders with a micropython.mk
  freeze = ["app"]             Python files and packages that become part of it

  natmod firmware build
  natmod firmware size          what takes how much of it
  natmod firmware boards        all boards that there are"""
    ),
    _arguments,
    _run,
)
