"""One simulated board of each kind, for all trials of a campaign that talks to boards."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from tests.sims import SimBoard, sim_board

#: By kind, ``unix`` and ``rv32``; empty outside a campaign.
sims: dict[str, SimBoard] = {}

_undo = contextlib.ExitStack()


def setup() -> None:
    """Start them."""
    home = Path(_undo.enter_context(tempfile.TemporaryDirectory(prefix="nm")))
    for kind in ("unix", "rv32"):
        sims[kind] = _undo.enter_context(sim_board(f"sim:{kind}", home / kind))


def teardown() -> None:
    """End them."""
    sims.clear()
    _undo.close()
