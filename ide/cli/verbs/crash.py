"""``natmod crash``: a panic that a board printed becomes the function and line of C that it crashed at."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ide.board import crash_watch
from ide.cli.verb import Session, Verb, add_tools
from toolchains import chips, project
from toolchains.build_folder import FOLDER
from toolchains.build_records import BuildRequest
from toolchains.crash import dumps
from toolchains.crash.records import Crash, Dump
from toolchains.errors import ProjectError, UsageError, disk_errors
from toolchains.matrix import Cell, Plan, request_of
from toolchains.project import Project
from toolchains.text import _

#: A log of a day; more is not read.
_MOST = 16 << 20
_MOST_CRASHES = 20


class NoDump(UsageError):
    """There is no panic in what was read."""

    code = "crash.none"
    exit_code = 1

    def __init__(self, name: str) -> None:
        super().__init__(
            _("There is no crash of a board in {name}.", name=name),
            next_step=_('Give it all that the board printed, from "Guru Meditation Error" to "Rebooting...".'),
        )


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", nargs="?", metavar="FILE", help=str(_("a log; - is what is typed (default: the project's last crash)"))
    )
    parser.add_argument("--project", metavar="FOLDER", help=str(_("the project's folder (default: the current one)")))
    parser.add_argument(
        "--at", metavar="ADDRESS", help=str(_("where the board put the module's code (default: as in the last run)"))
    )
    parser.add_argument(
        "--fetch", action="store_true", help=str(_("get the official firmware's .elf file from micropython.org"))
    )
    parser.add_argument("--elf", type=Path, metavar="FILE", help=str(_("the firmware's .elf file, for its functions")))
    add_tools(parser)


def _run(options: argparse.Namespace, session: Session) -> int:
    proj = _project(options)
    text, name = _text(options, proj)
    found = list({(one.reason, one.pc, one.calls): one for one in dumps.dumps_in(text)}.values())
    if not found:
        raise NoDump(name)
    for dump in found[:_MOST_CRASHES]:
        crash = _crash(options, session, proj, dump)
        session.out.record(crash.to_json())
        _show(session, crash)
    return 0


def _project(options: argparse.Namespace) -> Project | None:
    try:
        return project.load(Path(options.project or "."))
    except ProjectError:
        if options.project:
            raise
        return None


def _text(options: argparse.Namespace, proj: Project | None) -> tuple[str, str]:
    """What to look at, and what it is called."""
    if options.file == "-":
        return sys.stdin.buffer.read(_MOST).decode("utf-8", "replace"), str(_("what was typed"))
    if options.file:
        with disk_errors(options.file), open(options.file, "rb") as file:
            return file.read(_MOST).decode("utf-8", "replace"), options.file
    folders = sorted((proj.root / FOLDER).glob("*")) if proj is not None else []
    kept = crash_watch.last_words(folders)
    if kept is None:
        raise UsageError(
            _("No crash is known of this project."),
            next_step=_("Name a file with what the board printed, or - to paste it: natmod crash -"),
        )
    return kept, str(_("the last crash"))


def _crash(options: argparse.Namespace, session: Session, proj: Project | None, dump: Dump) -> Crash:
    request = _request(options, session, proj, dump)
    marked = crash_watch.marked_place(dump, request) if request is not None and not options.at else None
    at = _number(options.at) if options.at else marked
    if at is None and request is not None:
        at = crash_watch.kept_place(request)
    elf = _elf(options, session, dump)
    ours = request.sdk if request is not None and dump.kind == "sim" and elf is None else None
    return crash_watch.explained(
        session.ctx, session.toolbox, dump, request, address=at, read=marked is not None, elf=elf, simulated=ours
    )


def _elf(options: argparse.Namespace, session: Session, dump: Dump) -> Path | None:
    from ide.board.flash import firmware_elf

    if options.elf is not None:
        firmware_elf.check_elf(options.elf, dump)
        return Path(options.elf)
    paths = session.toolbox.paths
    here = firmware_elf.elf_here(paths, dump)
    return here or (firmware_elf.fetch_elf(session.ctx, paths, dump) if options.fetch else None)


def _request(options: argparse.Namespace, session: Session, proj: Project | None, dump: Dump) -> BuildRequest | None:
    """What was built for the board that crashed; None without a project of C, or before its first build."""
    arch = chips.arch(crash_watch.arch_of(dump))
    if proj is None or not proj.native or not (proj.root / FOLDER / arch.name / "state.json").is_file():
        return None
    version = options.sdk or crash_watch.kept_sdk(proj.root / FOLDER / arch.name) or proj.pin_micropython
    sdk = session.toolbox.sdks.ensure(session.ctx, version)
    return request_of(session.ctx, session.toolbox, Plan(proj, options.compiler), Cell(arch, sdk, arch.name))[1]


def _number(text: str) -> int:
    try:
        return int(text, 16)
    except ValueError as error:
        raise UsageError(
            _("{text} is no address.", text=text), next_step=_("Write it like this: --at 0x400dabcd")
        ) from error


def _show(session: Session, crash: Crash) -> None:
    from toolchains.crash.explain import path_lines

    session.out.text(crash.sentence)
    for line in path_lines(crash):
        session.out.text(f"  {line}")
    if crash.note is not None:
        session.out.text(crash.note)


VERB = Verb(
    "crash",
    _("find the line of C at which a board crashed"),
    _(
        "Reads what a board printed when it crashed: an ESP32's panic, or that of our simulated board.\n"
        "Example: natmod crash log.txt --project examples/factorial\n"
        "MicroPython's own functions get names from the firmware's .elf file: --elf, or --fetch if it is official.\n"
        '"natmod run" does all this by itself.'
    ),
    _arguments,
    _run,
)
