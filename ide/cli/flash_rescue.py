"""``natmod flash rescue``: a board that loops, sleeps or restarts in boot.py or main.py, brought to its prompt."""

from __future__ import annotations

import argparse
import math

from ide.board.flash.errors import NotInDownloadMode
from ide.board.flash.facts_words import banner
from ide.board.flash.rescue import NotRescued, Rescued, RescueStep, rescue
from ide.cli.flash_parts import Words, helper_of, port_of, words_of
from ide.cli.verb import Session
from toolchains.jobs import JobContext
from toolchains.text import _


def run(options: argparse.Namespace, session: Session) -> int:
    """Step by step, each with what it changes; the exit code."""
    words_of(options, 0)
    helper = helper_of(options, session)

    def wait(ctx: JobContext, at: str) -> str:
        return Words(session).to_download(ctx, at, NotInDownloadMode(at))

    try:
        done = rescue(
            session.ctx, session.toolbox, port_of(options, session), _Steps(session), options.allow_erase,
            wait_for_download=wait if helper is not None else None,
        )  # fmt: skip
    except NotRescued as error:
        if error.backup is not None:
            session.out.text(_("What could be kept is in {place}.", place=error.backup.place))
        if error.may_erase:
            error.next_step = _("{step} That is: natmod flash rescue --allow-erase", step=error.next_step or "")
        raise
    _show(session, done)
    return 0


class _Steps:
    """Says each step once, and how long there is left now and then."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._told = math.inf

    def __call__(self, step: RescueStep) -> None:
        ctx = self._session.ctx
        if step.state == "waiting" and step.left is not None:
            if self._told - step.left >= 5:
                self._told = step.left
                ctx.note(_("  {text} ({n} s left)", text=step.text, n=math.ceil(step.left)))
        elif step.state == "begun":
            ctx.note(_("{number}. {text} {changes}", number=step.number, text=step.text, changes=step.changes))
        else:
            ctx.note(_("   {text}", text=step.text))


def _show(session: Session, done: Rescued) -> None:
    out = session.out
    if done.running is not None:
        out.text(_("{port} answers: {banner}", port=done.port, banner=banner(done.running)))
    for old, new in done.renamed:
        out.text(_("{old} is called {new} now.", old=old, new=new))
    if done.backup is not None:
        out.text(_("The files as they were are kept in {place}.", place=done.backup.place))
    out.record(
        {
            "kind": "flash-rescue",
            "step": done.step,
            "port": done.port,
            "running": done.running.to_json() if done.running is not None else None,
            "renamed": [list(pair) for pair in done.renamed],
            "backup": str(done.backup.place) if done.backup is not None else None,
        }
    )
