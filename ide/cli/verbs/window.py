"""``natmod window``: the window, in a process of its own (the command line knows no Qt)."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from ide.cli.verb import Session, Verb
from toolchains import window_needs
from toolchains.host_languages import VARIABLE
from toolchains.text import _


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", nargs="?", help=str(_("folder of the project (default: the last one)")))
    parser.add_argument("--check", action="store_true", help=str(_("only see to what it needs, and open nothing")))


def _run(options: argparse.Namespace, session: Session) -> int:
    window_needs.ensure(session.ctx)
    if not options.check:
        return _become_window(options, session)
    window_needs.prove(session.ctx)
    advice = window_needs.font_advice(session.ctx.host)
    if advice is not None:
        session.out.text(advice)
    session.out.record({"kind": "window", "ready": True})
    return 0


def _become_window(options: argparse.Namespace, session: Session) -> int:
    """Become the window's process (POSIX), or wait for it (Windows, where exec would return to the shell at once)."""
    # -P: a random.py or types.py in the person's folder must not stand in for Python's own.
    argv = [sys.executable, "-P", "-m", "ide.app", *([options.project] if options.project else [])]
    environ = {**session.ctx.host.environ, VARIABLE: options.lang}
    if session.ctx.host.system != "windows":
        os.execve(argv[0], argv, environ)
    return subprocess.run(argv, env=environ, check=False).returncode


VERB = Verb(
    "window",
    _("open the window"),
    _("Needs a display, and the Python packages of the extra 'gui'. Example: natmod window blinker"),
    _arguments,
    _run,
)
