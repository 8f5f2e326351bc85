"""``natmod sim``: the simulated boards that run now."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from ide.board import simulator
from ide.cli.verb import Session, Verb
from toolchains.errors import Cancelled, UsageError
from toolchains.text import _

_LOOK_S = 0.2
_OF_ONE = ("download", "image", "renew")
_ACTIONS = ("status", "stop", *_OF_ONE)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", default="status", choices=_ACTIONS)
    parser.add_argument("board", nargs="?", help=str(_("sim:rv32, sim:esp32c3 … (stop: default all)")))
    parser.add_argument("file", nargs="?", type=Path, help=str(_("image: the firmware, a .bin")))


def _run(options: argparse.Namespace, session: Session) -> int:
    paths = session.toolbox.paths
    if options.action in _OF_ONE:
        return _with_one(options, session)
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


def _with_one(options: argparse.Namespace, session: Session) -> int:
    action, board = options.action, options.board
    if board is None or (action == "image" and options.file is None):
        example = _("Type it like this: natmod sim {action} sim:esp32c3", action=action)
        if action == "image":
            example = _("Type it like this: natmod sim image sim:esp32c3 firmware.bin")
        raise UsageError(_("The board, or the file, is not named."), next_step=example)
    if action == "image":
        return _image(board, options.file, session)
    return _download(board, session) if action == "download" else _renew(board, session)


def _image(address: str, file: Path, session: Session) -> int:
    from ide.board.esp_machines import use_image

    use_image(session.ctx, session.toolbox, address, file)
    session.out.record({"kind": "sim-image", "address": address, "file": str(file)})
    session.out.text(_("{board} starts {name} next time. Its files stay.", board=address, name=file.name))
    return 0


def _download(address: str, session: Session) -> int:
    """Hold the board in download mode until Ctrl-C, or until it ends."""
    with simulator.lease(session.ctx, session.toolbox, address) as lease:
        lease.download_mode()
        chip = address.removeprefix(simulator.PREFIX)
        words = ("python", "-m", "esptool", "--chip", chip, "--port", lease.port)
        command = " ".join((*words, "--before", "no-reset", "--after", "no-reset", "flash-id"))
        session.out.record({"kind": "sim-download", "address": address, "port": lease.port, "command": command})
        session.out.text(
            _("{board} waits for esptool, until you press Ctrl-C here: {command}", board=address, command=command)
        )
        try:
            while lease.alive:
                session.ctx.check()
                time.sleep(_LOOK_S)
        except Cancelled:
            session.out.text(_("{board} starts again.", board=address))
        finally:
            if lease.alive:
                lease.hard_reset()
    return 0


def _renew(address: str, session: Session) -> int:
    there = simulator.renew(session.toolbox.paths, address)
    session.out.record({"kind": "sim-renew", "address": address, "renewed": there})
    session.out.text(
        _("{board} starts with a fresh flash next time: firmware and no files.", board=address)
        if there
        else _("Nothing is kept of {board}.", board=address)
    )
    return 0


VERB = Verb(
    "sim",
    _("show or end the simulated boards"),
    _(
        "A simulated board starts when it is needed, sleeps while nobody talks to it, and ends a minute after its\n"
        "last user. Its port can be used by any program: mpremote connect PORT. Example: natmod sim stop sim:rv32\n"
        "A simulated ESP32 has a flash that stays. natmod sim download sim:esp32c3: its ROM waits for esptool;\n"
        "natmod sim image sim:esp32c3 FILE: it runs your firmware; natmod sim renew sim:esp32c3: it is as new."
    ),
    _arguments,
    _run,
)
