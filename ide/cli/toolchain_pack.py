"""``natmod toolchain pack``: one file with everything for a room without internet."""

from __future__ import annotations

import argparse

from ide.cli.verb import Session
from toolchains.errors import UsageError
from toolchains.text import _


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of ``pack``, among those of the other actions."""


def run(options: argparse.Namespace, session: Session) -> int:
    """Make a pack; the exit code."""
    raise UsageError(_("Packs cannot be made yet."))
