"""``natmod mend``: code that was written for an older MicroPython becomes what is written today."""

from __future__ import annotations

import argparse
from pathlib import Path

from ide.cli.verb import Session, Verb
from toolchains.doctor.kept import keep, take_back
from toolchains.errors import UsageError
from toolchains.mend import OldCode, Sources, mend_all, old_code, rules
from toolchains.text import _, _n


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", nargs="?", default=".", metavar="FOLDER", help=str(_("the code's folder (default: the current one)"))
    )
    parser.add_argument("--fix", action="store_true", help=str(_("change the files")))
    parser.add_argument(
        "--only",
        metavar="RULE",
        choices=[rule.id for rule in rules()],
        help=str(_("only what this rule finds; --list names them")),
    )
    parser.add_argument("--undo", action="store_true", help=str(_("take back what --fix changed")))
    parser.add_argument("--list", action="store_true", help=str(_("list the rules: what is old, and since when")))


def _run(options: argparse.Namespace, session: Session) -> int:
    if options.list:
        return _list(session)
    root = Path(options.folder).absolute()
    if not root.is_dir():
        raise UsageError(
            _("There is no folder {path}.", path=root), next_step=_("Name the folder that the code is in.")
        )
    if options.undo:
        for path in take_back(root):
            session.out.text(_("as before: {path}", path=path))
        return 0
    sources = Sources(root)
    found = [one for one in old_code(sources) if options.only in (None, one.rule.id)]
    for one in found:
        _show(session, root, one)
    if options.fix:
        return _fix(options, session, sources)
    session.out.record({"kind": "mend", "found": [one.to_json() for one in found]})
    if not found:
        session.out.text(_("Nothing here is of an older MicroPython."))
    else:
        session.out.text(_("Change all of it with: natmod mend --fix"))
    return 0


def _show(session: Session, root: Path, one: OldCode) -> None:
    where = one.path.relative_to(root).as_posix()
    session.out.text(f"{where}:{one.line}: {one.title}")
    session.out.text(f"    {one.explanation}")


def _fix(options: argparse.Namespace, session: Session, sources: Sources) -> int:
    fix = mend_all(sources, None if options.only is None else [options.only])
    changed: list[str] = []
    if fix is not None:
        undo = fix.apply(session.ctx.host)
        keep(sources.root, [undo])
        changed = [change.path.relative_to(sources.root).as_posix() for change in undo.changes]
    left = [one for one in old_code(Sources(sources.root)) if options.only in (None, one.rule.id)]
    session.out.record({"kind": "mend", "changed": changed, "left": [one.to_json() for one in left]})
    if changed:
        session.out.text(_n("Changed {n} file: {files}", "Changed {n} files: {files}", len(changed),
                            files=", ".join(changed)))  # fmt: skip
        session.out.text(_("Take it back with: natmod mend --undo"))
    else:
        session.out.text(_("Nothing here is of an older MicroPython."))
    return 0


def _list(session: Session) -> int:
    rows = []
    for rule in rules():
        session.out.record({"kind": "rule", "id": rule.id, "since": rule.since, "gone": rule.gone or None})
        rows.append((rule.id, rule.old, rule.new, rule.since))
    session.out.table((_("rule"), _("old"), _("today"), _("since")), rows)
    return 0


VERB = Verb(
    "mend",
    _("find code of an older MicroPython, and write it as it is written today"),
    _(
        "It looks at C files, Makefiles, CMake's files, scripts and natmod.toml; nothing is built. --fix changes all\n"
        "of it, --undo puts the files back as they were.\n"
        "Examples: natmod mend\n"
        "          natmod mend modules/lamp --fix\n"
        "          natmod mend --list"
    ),
    _arguments,
    _run,
)
