"""``natmod new``: a folder that builds and runs as it is."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from ide.cli.verb import Session, Verb
from toolchains import scaffold
from toolchains.host import Host
from toolchains.text import _

#: A port of MicroPython, from the sources of a release.
_PORT = "port"


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help=str(_("the module's name, or a path that ends with it")))
    parser.add_argument(
        "--template",
        default="module",
        choices=sorted((*scaffold.templates(), _PORT)),
        help=str(_("what to begin with (default: module)")),
    )


def _run(options: argparse.Namespace, session: Session) -> int:
    where = Path(options.name)
    if options.template == _PORT:
        from toolchains.firmware.new_port import new_port

        project = new_port(where.parent, where.name, session.toolbox.sdks.ensure(session.ctx))
        argument = _as_typed(str(project), session.ctx.host)
        said = _("Made {project}. Next: natmod firmware build {argument}", project=project, argument=argument)
    else:
        project = scaffold.new_project(where.parent, where.name, options.template)
        argument = _as_typed(str(project), session.ctx.host)
        said = _("Made {project}. Next: natmod run {argument}", project=project, argument=argument)
    session.out.text(said)
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
    _(
        "Example: natmod new blinker; natmod run blinker. Without C: natmod new blinker --template python.\n"
        "A port of MicroPython of your own: natmod new myport --template port"
    ),
    _arguments,
    _run,
)
