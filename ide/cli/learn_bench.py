"""The benches of ``natmod learn``: struct, regular expressions, modules, statvfs; all asked of the board."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

from ide.cli.the_board import the_board
from ide.cli.verb import Session
from toolchains.errors import UsageError
from toolchains.text import Text, _
from toolchains.units import size_text


def _struct(options: argparse.Namespace, session: Session) -> int:
    from ide.learn import struct_bench

    if not options.what:
        raise UsageError(_("Which format?"), next_step=_("Example: {example}", example="natmod learn struct '<BHh'"))
    text, *values = options.what
    with the_board(options, session) as board:
        layout = struct_bench.ask(session.ctx, board, text, ", ".join(values))
    session.out.record({"kind": "struct", **layout.to_json()})
    for line in (*struct_bench.drawn(layout), "", layout.c_struct):
        session.out.text(line)
    if layout.trouble:
        session.out.text(_("The board could not pack these values: {reason}", reason=layout.trouble))
    return 1 if layout.trouble else 0


def _regex(options: argparse.Namespace, session: Session) -> int:
    from ide.learn import regex_bench

    with the_board(options, session) as board:
        if not options.what:
            rows, functions = regex_bench.supported(session.ctx, board)
        else:
            pattern, text = (*options.what, "")[:2]
            match = regex_bench.search(session.ctx, board, pattern, text)
    if options.what:
        session.out.record({"kind": "match", "groups": match.groups, "trouble": match.trouble})
        session.out.text(match.trouble or repr(match.groups))
        return 0 if match.groups else 1
    session.out.record(
        {
            "kind": "regex",
            "tried": [{"pattern": one.pattern, "verdict": one.verdict, "said": one.said} for one in rows],
            "functions": functions,
        }
    )
    table = [(one.what, one.pattern, regex_bench.VERDICTS[one.verdict], one.said) for one in rows]
    session.out.table((_("what"), _("pattern"), _("on this board"), ""), table)
    session.out.table(
        (_("function"), _("on this board")), [(f"re.{name}", _yes(there)) for name, there in functions.items()]
    )
    return 0


def _yes(there: bool) -> Text:
    return _("yes") if there else _("no")


def _modules(options: argparse.Namespace, session: Session) -> int:
    from ide.learn import reference

    if options.what:
        return _module(options, session)
    with the_board(options, session) as board:
        found = reference.modules(session.ctx, board, session.toolbox)
    session.out.record({"kind": "modules", "modules": [vars(one) for one in found]})
    session.out.table((_("module"), _("on this board")), [(one.name, _yes(one.on_board)) for one in found])
    return 0


def _module(options: argparse.Namespace, session: Session) -> int:
    from ide.learn import reference

    with the_board(options, session) as board:
        found = reference.contents(session.ctx, board, session.toolbox, options.what[0])
    names = [vars(one) for one in found.names]
    session.out.record({"kind": "names", "module": found.module, "on_board": found.on_board, "names": names})
    session.out.table(reference.HEADS, [(one.name, *one.cells) for one in found.names])
    for fault in found.faults:
        session.out.text(fault)
    if not found.on_board:
        session.out.text(_("This board does not have {module}.", module=found.module))
    return 0 if found.on_board else 1


def _disk(options: argparse.Namespace, session: Session) -> int:
    from ide.learn import reference

    path = options.what[0] if options.what else "/"
    with the_board(options, session) as board:
        disk = reference.disk(session.ctx, board, path)
    fields = {one.name: one.value for one in disk.fields}
    session.out.record({"kind": "statvfs", "path": path, "fields": fields, "total": disk.total, "free": disk.free})
    rows = [(n, one.name, one.value, one.meaning) for n, one in enumerate(disk.fields)]
    session.out.table(("", _("field"), _("value"), _("what it says")), rows, right={0, 2})
    session.out.text(
        _(
            "f_frsize × f_blocks = {total}, f_frsize × f_bavail = {free} free",
            total=size_text(disk.total),
            free=size_text(disk.free),
        )
    )
    return 0


ACTIONS: Mapping[str, Callable[[argparse.Namespace, Session], int]] = {
    "struct": _struct,
    "regex": _regex,
    "modules": _modules,
    "disk": _disk,
}
