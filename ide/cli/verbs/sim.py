"""``natmod sim``: the simulated boards that run now."""

from __future__ import annotations

import argparse

from ide.board import simulator
from ide.cli.verb import Session, Verb
from toolchains.text import _


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", default="status", choices=("status", "stop"))
    parser.add_argument("board", nargs="?", help=str(_("sim:rv32 or sim:unix (default: all)")))


def _run(options: argparse.Namespace, session: Session) -> int:
    paths = session.toolbox.paths
    if options.action == "stop":
        ended = simulator.stop(paths, options.board)
        session.out.text(
            _("Ended: {boards}.", boards=", ".join(ended)) if ended else _("No simulated board was running.")
        )
        session.out.record({"kind": "sim-stop", "ended": list(ended)})
        return 0
    running = simulator.status(paths)
    session.out.record({"kind": "sim", "running": [status.to_json() for status in running]})
    if not running:
        session.out.text(_("No simulated board is running. Start one with: natmod run --board sim:rv32"))
        return 0
    session.out.table(
        (_("board"), _("MicroPython"), _("port"), _("state"), _("users")),
        [(s.address, s.version, s.port, s.state, s.leases) for s in running],
    )
    return 0


VERB = Verb(
    "sim",
    _("show or end the simulated boards"),
    _(
        "A simulated board starts when it is needed, sleeps while nobody talks to it, and ends a minute after its\n"
        "last user. Its port can be used by any program: mpremote connect PORT. Example: natmod sim stop sim:rv32"
    ),
    _arguments,
    _run,
)
