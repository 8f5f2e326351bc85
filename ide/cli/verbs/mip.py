"""``natmod mip``: packages of MicroPython's index, from the web or a folder, onto the board and off it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from ide.board.boards import Boards
from ide.board.mip import addresses, builtin, install, resolve
from ide.board.mip.errors import PackageUnknown
from ide.board.mip.library import Library, search
from ide.board.mip.records import INDEX, BoardFacts, Installed, InstallReport, Listed
from ide.cli.the_board import address_of, the_board
from ide.cli.verb import Session, Verb, add_board
from toolchains.errors import UsageError
from toolchains.mpy_loads import Loader
from toolchains.text import _, _n
from toolchains.units import time_text


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=tuple(_ACTIONS))
    parser.add_argument(
        "what",
        nargs="*",
        metavar="WHAT",
        help=str(
            _(
                "search: words; info, remove: packages; install: NAME, NAME@VERSION, github:OWNER/REPO@TAG, an "
                "address, or a package.json, folder, .py or .mpy of this computer; builtin: a module of MicroPython "
                "that the firmware lacks, such as framebuf"
            )
        ),
    )
    add_board(parser)
    parser.add_argument("--index", default=INDEX, metavar="URL", help=str(_("another index: its address, or a folder")))
    parser.add_argument(
        "--target", metavar="FOLDER", help=str(_("another folder on the board than its first lib folder"))
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--py", action="store_true", help=str(_("take Python source even where the board loads .mpy")))
    form.add_argument("--mpy", action="store_true", help=str(_("compile what is Python source to .mpy for this board")))
    parser.add_argument("--sdk", metavar="VERSION", help=str(_("builtin: the MicroPython to build it from")))


def _run(options: argparse.Namespace, session: Session) -> int:
    if options.action not in ("search", "list") and not options.what:
        raise UsageError(
            _("'natmod mip {action}' needs the name of a package.", action=options.action),
            next_step=_("Example: natmod mip {action} {name}", action=options.action, name=_EXAMPLE[options.action]),
        )
    _ACTIONS[options.action](options, session)
    return 0


def _library(options: argparse.Namespace, session: Session) -> Library:
    index = options.index
    if not index.startswith(("http://", "https://")):
        index = str(Path(index).expanduser().absolute())
    return Library.open(session.ctx, session.toolbox.paths, index)


def _search(options: argparse.Namespace, session: Session) -> None:
    with _library(options, session) as library:
        found = search(library.listed(session.ctx), " ".join(options.what))
        _tell_stale(session, library)
    rows = [(one.name, one.version, one.description) for one in found]
    if rows:
        session.out.table((_("package"), _("version"), _("description")), rows)
    else:
        session.out.text(_("No package has these words in its name or description."))
    session.out.record({"kind": "mip search", "packages": [one.to_json() for one in found]})


def _info(options: argparse.Namespace, session: Session) -> None:
    with _library(options, session) as library:
        listed = {one.name: one for one in library.listed(session.ctx)}
        _tell_stale(session, library)
        chosen = []
        for name in options.what:
            if name not in listed:
                raise PackageUnknown(name)
            chosen.append(listed[name])
        for one in chosen:
            packages = resolve.resolve(session.ctx, library, [one.name], BoardFacts(Loader(0), "/lib"))
            needs = [package.name for package in packages if package.name != one.name]
            _show_info(session, one, needs)


def _show_info(session: Session, one: Listed, needs: list[str]) -> None:
    rows = [
        (_("version"), one.version),
        (_("other versions"), ", ".join(version for version in one.all_versions if version != one.version)),
        (_("description"), one.description),
        (_("license"), one.license),
        (_("needs"), ", ".join(needs)),
    ]
    session.out.table((_("package"), one.name), [row for row in rows if row[1]])
    session.out.record({"kind": "mip info", **one.to_json(), "needs": needs})


def _install(options: argparse.Namespace, session: Session) -> None:
    for word in options.what:
        addresses.understand(word)  # a wrong word is told before a board is looked for
    with _library(options, session) as library, the_board(options, session) as board:
        where = install.facts(session.ctx, board, options.target, python=options.py, compiled=options.mpy)
        gathered = resolve.gather(session.ctx, library, options.what, where)
        _tell_stale(session, library)
        report = install.install(session.ctx, board, gathered, where)
    session.out.record(report.to_json())
    _show_install(session, report)


def _show_install(session: Session, report: InstallReport) -> None:
    for package in report.packages:
        session.out.text(f"{package.name} {package.version}".rstrip())
    for path in report.written:
        session.out.text(f"  {path}")
    if report.skipped:
        n = len(report.skipped)
        session.out.text(_n("{n} file was there already.", "{n} files were there already.", n))
    if report.hidden:
        session.out.text(
            _(
                "These were on the board before, and 'import' finds them first: {paths}. Remove them with: natmod rm",
                paths=", ".join(report.hidden),
            )
        )
    session.out.text(_("Installed in {folder} in {time}.", folder=report.lib, time=time_text(report.seconds)))


def _remove(options: argparse.Namespace, session: Session) -> None:
    with the_board(options, session) as board:
        where = install.facts(session.ctx, board, options.target)
        report = install.remove(session.ctx, board, options.what, where.lib)
    session.out.record(report.to_json())
    for path in report.removed:
        session.out.text(_("Removed {path}.", path=path))
    if report.left:
        session.out.text(
            _("Changed since they were installed, and left on the board: {paths}.", paths=", ".join(report.left))
        )


def _list(options: argparse.Namespace, session: Session) -> None:
    with the_board(options, session) as board:
        where = install.facts(session.ctx, board, options.target)
        found = install.installed(session.ctx, board, where.lib)
        others = install.others(session.ctx, board, where.lib, found)
    packages = [one.to_json() for one in found]
    session.out.record({"kind": "mip list", "lib": where.lib, "packages": packages, "others": list(others)})
    if found:
        _show_list(session, found)
    elif not others:
        session.out.text(_("No packages yet. Install one with: natmod mip install umqtt.simple"))
    if others:
        session.out.text(
            _(
                "In {folder} without a note of what it is: {names}. 'natmod mip install NAME' takes a package into "
                "this list; what is the same is not sent again.",
                folder=where.lib,
                names=", ".join(others),
            )
        )


def _show_list(session: Session, found: Sequence[Installed]) -> None:
    rows = [(one.name, one.version, len(one.files), "" if one.wanted else _("needed by others")) for one in found]
    session.out.table((_("package"), _("version"), _("files"), ""), rows, right={2})


def _builtin(options: argparse.Namespace, session: Session) -> None:
    address = address_of(options, session)
    records = []
    with Boards(session.toolbox) as boards:
        for name in options.what:
            report = builtin.install_builtin(session.ctx, boards, name, address, sdk=options.sdk, target=options.target)
            records.append({**report.to_json(), "kind": "mip builtin", "name": name})
            session.out.text(_("{name} is on the board: {path}", name=name, path=f"{report.lib}/{name}.mpy"))
    session.out.record({"kind": "mip builtin", "modules": records})


def _tell_stale(session: Session, library: Library) -> None:
    if library.stale:
        session.ctx.note(_("{index} could not be reached: this is what is on this computer.", index=library.index))


_EXAMPLE = {"install": "umqtt.simple", "info": "umqtt.simple", "remove": "umqtt.simple", "builtin": "framebuf"}
_ACTIONS: dict[str, Callable[[argparse.Namespace, Session], None]] = {
    "search": _search,
    "info": _info,
    "install": _install,
    "list": _list,
    "remove": _remove,
    "builtin": _builtin,
}

VERB = Verb(
    "mip",
    _("find packages and put them on the board; the board needs no network"),
    _(
        "This computer reads the index, downloads the files that fit the board, and writes them as all files are\n"
        "written: temporary name, hash, rename. What the board has already is not sent again.\n"
        "Examples: natmod mip search mqtt; natmod mip install umqtt.simple; natmod mip list;\n"
        "natmod mip install github:owner/repository@v1.0; natmod mip builtin framebuf"
    ),
    _arguments,
    _run,
)
