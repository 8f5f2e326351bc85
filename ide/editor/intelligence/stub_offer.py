"""The offer to get what code help needs for the connected board: said once for each release, done with one click."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ide.notify import Action
from toolchains.text import _
from toolchains.units import size_text

if TYPE_CHECKING:
    from ide.context import IdeContext
    from ide.editor.intelligence.python_help import PythonHelp
    from toolchains.board_stubs import Stubs
    from toolchains.jobs import JobContext
    from toolchains.paths import Paths


@dataclass
class StubOffer:
    """Remembers what was offered."""

    _offered: set[tuple[str, str]] = field(default_factory=set)

    def offer(self, ctx: IdeContext, python: PythonHelp) -> None:
        """Say it, if a Python file is on the screen and the board's stubs are not here."""
        identity, prepared = ctx.board.identity, python.prepared
        if identity is None or prepared is None or prepared.for_board or not python.documents:
            return
        from toolchains import board_stubs

        asked = board_stubs.wanted(identity.platform, identity.version)
        if asked is None or asked in self._offered:
            return
        self._offered.add(asked)
        platform, version = identity.platform, identity.version

        def get() -> None:
            def work(job: JobContext) -> Stubs:
                return _get(job, ctx.engine.paths, platform, version)

            title = _("Get what code help needs for {name} {version}", name=platform, version=asked[1])
            ctx.jobs.start(title, work, on_done=lambda _got: python.refresh(), long=True)

        ctx.notices.tell(
            _(
                "Code help does not know the modules of this board yet ({size}).",
                size=size_text(board_stubs.N_BYTES),
            ),
            actions=(Action(_("Get them"), get),),
        )


def _get(job: JobContext, paths: Paths, platform: str, version: str) -> Stubs:
    """Out of the pack that this copy was set up from, if it has them, else from the network."""
    from toolchains import board_stubs
    from toolchains.pack_source import PackSource

    pack = PackSource.remembered(job, paths)
    if pack is None:
        return board_stubs.get(job, paths, platform, version)
    with pack, TemporaryDirectory() as folder:
        return board_stubs.get(job, paths, platform, version, pack.stubs(Path(folder)))
