"""``natmod new``: a folder that builds and runs as it is."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from ide.cli.verb import Session, Verb
from toolchains import scaffold
from toolchains.host import Host
from toolchains.text import _


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help=str(_("the module's name, or a path that ends with it")))
    parser.add_argument(
        "--template",
        default="module",
        choices=sorted(scaffold.templates()),
        help=str(_("what to begin with (default: module)")),
    )


def _run(options: argparse.Namespace, session: Session) -> int:
    where = Path(options.name)
    project = scaffold.new_project(where.parent, where.name, options.template)
    argument = _as_typed(str(project), session.ctx.host)
    session.out.text(_("Made {project}. Next: natmod run {argument}", project=project, argument=argument))
    session.out.record({"kind": "new", "project": str(project)})
    return 0


def _as_typed(word: str, host: Host) -> str:
    """The word as a shell wants it: in quotes when it has spaces. The shells of Windows know double ones only."""
    if host.system == "windows":
        return f'"{word}"' if " " in word else word
    return shlex.quote(word) if not word.replace("/", "").isalnum() else word


VERB = Verb(
    "new",
    _("make a new project: C source, script, tests, natmod.toml"),
    _("Example: natmod new blinker; natmod run blinker. Without C: natmod new blinker --template python"),
    _arguments,
    _run,
)
