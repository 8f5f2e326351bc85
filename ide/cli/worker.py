"""``natmod --worker …``: the children that this program starts of itself. Imports nothing it does not need."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def run_worker(args: Sequence[str]) -> int:
    """Run the worker that ``args`` name; its exit code."""
    kind, *rest = args or [""]
    if kind == "link":
        from toolchains.link_worker import main as link_main

        return link_main(Path(rest[0]), Path(rest[1]))
    if kind == "keep":
        from ide.board.keeper import main as keep_main

        return keep_main(rest)
    if kind == "filesystem":
        from ide.board.flash.fs_worker import main as filesystem_main

        return filesystem_main()
    from toolchains.errors import UsageError
    from toolchains.text import _

    raise UsageError(_("There is no worker called {kind}.", kind=kind))
