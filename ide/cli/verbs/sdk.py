"""``natmod sdk``: the MicroPython source trees that modules are built against."""

from __future__ import annotations

import argparse
from pathlib import Path

from ide.cli.verb import Session, Verb
from toolchains.errors import UsageError
from toolchains.sdk import SdkTree
from toolchains.text import _


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", default="list", choices=("list", "get", "add", "remove"))
    parser.add_argument("what", nargs="?", help=str(_("get, remove: a version; add: a folder or an archive")))
    parser.add_argument(
        "--from", dest="source", metavar="PACK", help=str(_("get: out of a pack: a file, a folder or an address"))
    )


def _run(options: argparse.Namespace, session: Session) -> int:
    sdks = session.toolbox.sdks
    if options.action == "get" and options.source is not None:
        from toolchains.pack_memory import remember
        from toolchains.pack_source import PackSource

        with PackSource.open(session.ctx, options.source) as pack:
            _show(session, [sdks.ensure(session.ctx, options.what or pack.newest_sdk, pack)])
        remember(session.toolbox.paths, pack.where)
        return 0
    if options.action != "list" and options.what is None:
        raise UsageError(
            _("'natmod sdk {action}' needs one more word.", action=options.action),
            next_step=_("Example: natmod sdk get 1.26.1"),
        )
    if options.action == "get":
        _show(session, [sdks.ensure(session.ctx, options.what)])
    elif options.action == "add":
        _show(session, [sdks.add(session.ctx, Path(options.what))])
    elif options.action == "remove":
        sdks.remove(options.what)
        session.out.text(_("Removed MicroPython {version}.", version=options.what))
        session.out.record({"kind": "sdk-removed", "version": options.what})
    else:
        _show(session, sdks.installed())
    return 0


def _show(session: Session, trees: list[SdkTree]) -> None:
    session.out.record({"kind": "sdks", "sdks": [_record(tree) for tree in trees]})
    if not trees:
        session.out.text(_("No MicroPython sources yet. Get them with: natmod sdk get 1.26.1"))
        return
    session.out.table(
        (_("MicroPython"), _(".mpy"), _("symbols"), _("folder")),
        [(t.version, f"{t.mpy_version}.{t.mpy_sub_version}", len(t.symbols), t.path) for t in trees],
    )


def _record(tree: SdkTree) -> dict[str, object]:
    return {
        "version": tree.version,
        "mpy": [tree.mpy_version, tree.mpy_sub_version],
        "path": str(tree.path),
        "origin": tree.origin,
        "symbols": list(tree.symbols),
    }


VERB = Verb(
    "sdk",
    _("list, get, add or remove MicroPython source trees"),
    _(
        "A native module is built with the headers and the linker of the MicroPython that the board runs.\n"
        "Examples: natmod sdk get 1.26.1; natmod sdk add ~/src/micropython; natmod sdk remove 1.25.0"
    ),
    _arguments,
    _run,
)
