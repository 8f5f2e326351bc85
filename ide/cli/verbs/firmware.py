"""``natmod firmware``: whole firmware from a project: built, its boards listed."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

from ide.cli import firmware_export, firmware_import, firmware_nvs, firmware_size
from ide.cli.firmware_project import asked, sdk_for
from ide.cli.verb import Session, Verb
from toolchains.firmware import boards
from toolchains.firmware.build import FirmwareBuilt, FirmwareRequest, build
from toolchains.text import _
from toolchains.units import size_text, time_text


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=tuple(_ACTIONS))
    parser.add_argument(
        "project", nargs="?", default=".", help=str(_("the project's folder (default: the current one)"))
    )
    parser.add_argument("--port", help=str(_("unix, qemu, minimal, esp32 … (default: the project's)")))
    parser.add_argument("--board", help=str(_("the board's name in MicroPython, such as VIRT_RV32")))
    parser.add_argument("--variant", help=str(_("a variant of the board")))
    parser.add_argument("--sdk", metavar="VERSION", help=str(_("MicroPython version to build, such as 1.26.1")))
    parser.add_argument("-o", "--output", metavar="FILE", help=str(_("where the result goes")))
    firmware_size.arguments(parser)
    firmware_import.arguments(parser)
    firmware_export.arguments(parser)
    firmware_nvs.arguments(parser)


def _run(options: argparse.Namespace, session: Session) -> int:
    return _ACTIONS[options.action](options, session)


def _build(options: argparse.Namespace, session: Session) -> int:
    wanted = asked(options)
    sdk = sdk_for(options, session, wanted)
    toolbox = session.toolbox
    made = build(session.ctx, FirmwareRequest(wanted, sdk), toolbox.host, toolbox.paths)
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


def _boards(options: argparse.Namespace, session: Session) -> int:
    sdk = sdk_for(options, session, None)
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
    "size": firmware_size.run,
    "boards": _boards,
    "flash": firmware_export.flash,
    "export": firmware_export.export,
    "report": firmware_export.report,
    "import": firmware_import.run,
    "nvs": firmware_nvs.run,
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
  natmod firmware boards        all boards that there are
  natmod firmware flash         onto a board with an ESP32
  natmod firmware report        what it was built of, to copy
  natmod firmware export        a workflow for GitHub that builds the same
  natmod firmware import --line 'make BOARD=… USER_C_MODULES=…'
  natmod firmware nvs TABLE.csv -o nvs.bin   an image of the ESP32's partition nvs"""
    ),
    _arguments,
    _run,
)
