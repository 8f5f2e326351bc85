"""A question on the terminal, before something is lost."""

from __future__ import annotations

import signal
import sys

from toolchains.errors import UsageError
from toolchains.text import Text, _


def agree(question: Text, *, agreed: bool, as_json: bool) -> bool:
    """Whether a person says yes. ``agreed``: it was said with the command (``--yes``).

    Raises ``UsageError`` where nobody can be asked: not on a terminal, or with ``--json``. Ctrl-C ends the command.
    """
    if agreed:
        return True
    if as_json or not sys.stdin.isatty():
        raise UsageError(
            _("{question} Nobody can be asked here, so nothing was done.", question=question),
            next_step=_("Look at what it would do with --dry-run, then add --yes."),
        )
    yes = str(_("yes"))
    sys.stderr.write(f"{question} {_('Type {yes} to do it:', yes=yes)} ")
    sys.stderr.flush()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        answer = sys.stdin.readline().strip().casefold()
    finally:
        signal.signal(signal.SIGINT, before)
    return answer in {"yes", yes.casefold()}
