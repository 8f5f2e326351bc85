"""The engine's doors for many boards: who they are, all at once, what becomes of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ide import toolchain_facts
from ide.context import IdeContext
from ide.panels.flasher.tells import RowsTold, RowTold, State
from ide.words import words
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import JobContext
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.board.flash.backup_place import Backup
    from ide.board.flash.commands import Before
    from ide.board.flash.many import Row
    from ide.board.flash.picks import Picker
    from ide.board.flash.records import BoardFacts
    from toolchains.fetch import OfflineSource
    from toolchains.toolbox import Toolbox

Tell = Callable[[object], None]
_AT_ONCE = 16
_STATES: dict[str, State] = {"waiting": "idle", "done": "good", "failed": "bad", "stopped": "stopped"}
_STAGES: dict[str, Text] = {
    "waiting": _("waits"), "detecting": _("looking"), "help": _("press BOOT"), "choosing": _("firmware"),
    "writing": _("writing"), "deploying": _("the project"), "testing": _("smoke test"),
}  # fmt: skip


@dataclass(frozen=True)
class ManyOrder:
    """What the person wants of many boards. ``version``: empty for the newest that fits each; ``file`` for all."""

    ports: tuple[str, ...]
    version: str
    file: Path | None
    erases: bool
    project: Path | None
    smoke: bool


class ManyDoors:
    """For one window. ``rows`` are the last run's."""

    def __init__(self, ctx: IdeContext) -> None:
        self._ctx = ctx
        self.rows: list[Row] = []

    def versions(self, _ctx: JobContext) -> list[str]:
        """Releases that there is firmware of, the newest first."""
        from ide.board.flash import many, picks  # noqa: F401 - so that a click need not wait for them
        from ide.board.flash.firmware import FirmwareCatalog, is_preview

        rows = FirmwareCatalog.of(self._ctx.engine.paths).rows
        return [version for version in dict.fromkeys(row.version for row in rows) if not is_preview(version)]

    def identify(self, ctx: JobContext, tell: Tell, ports: list[str]) -> None:
        """Ask each who it is; one that does not answer says why in its line."""
        labels, rows = self._labels(), RowsTold(tell)

        def look(port: str) -> None:
            from ide.board.flash.detect import detect

            rows.put(RowTold(port, "working", _STAGES["detecting"]))
            try:
                with ctx.part() as part:
                    part.sink = lambda _event: None
                    facts = detect(part, self._ctx.engine.toolbox(), port)
            except Cancelled:
                return
            except StudioError as error:
                rows.put(RowTold(port, "bad", result=error.what, more=(error,), detail=error.detail))
                return
            mac = facts.chip.mac if facts.chip is not None else ""
            rows.put(RowTold(port, "idle", mac=mac, label=labels.get(mac, ""), facts=facts))

        with ThreadPoolExecutor(_AT_ONCE, "identify") as pool:
            list(pool.map(look, ports))
        ctx.check()

    def flash_all(self, ctx: JobContext, tell: Tell, order: ManyOrder) -> None:
        """All of them, each in a process of its own."""
        from ide.board.flash import many

        rows = RowsTold(tell)
        with toolchain_facts.sources_of(ctx, self._ctx.toolchains.pack) as sources:
            plan = many.Plan(
                order.ports, self._picker(order, sources), "all" if order.erases else "keep", smoke=order.smoke,
                patient=True, keep_files=_keep_files,
                deploy=many.installing(order.project) if order.project is not None else None,
            )  # fmt: skip
            self.rows = many.flash_all(ctx, self._ctx.engine.toolbox(), plan, lambda row: rows.put(told(row)))

    def _picker(self, order: ManyOrder, sources: Sequence[OfflineSource]) -> Picker:
        from ide.board.flash import picks
        from ide.board.flash.firmware import FirmwareCatalog

        word = order.version if order.file is None else str(order.file)
        return picks.by_word(FirmwareCatalog.of(self._ctx.engine.paths), word, sources=sources)

    def _labels(self) -> dict[str, str]:
        from ide.board.flash.labels import Labels

        return Labels.of(self._ctx.engine.paths).all()

    def label(self, ctx: JobContext, mac: str, label: str) -> None:
        """Keep a label."""
        from ide.board.flash.labels import Labels

        Labels.of(self._ctx.engine.paths).put(ctx, mac, label)

    def sheet(self, _ctx: JobContext, path: Path) -> None:
        """Write the page to print of the last run."""
        from ide.board.flash import sheet
        from toolchains.errors import disk_errors

        with disk_errors(path):
            path.write_text(sheet.html(self.rows, datetime.now(), language=words.language), "utf-8")


def _keep_files(ctx: JobContext, toolbox: Toolbox, facts: BoardFacts, before: Before) -> Sequence[Backup]:
    """What a board has is saved before all of it is erased."""
    from ide.board.flash import keep

    return keep.keep_files(ctx, toolbox, facts, before=before)


def told(row: Row) -> RowTold:
    """A row of the engine's, for the table."""
    state = _STATES.get(row.stage, "working")
    if row.stage == "done" and not row.good:
        state = "bad"
    step: Text | str = row.step if row.step is not None else _STAGES.get(row.stage, "")
    percent = row.percent if state == "working" and row.total else None
    detail = row.error.detail if row.error is not None else ""
    running = row.flashed.running if row.flashed is not None else None
    facts = replace(row.facts, running=running) if row.facts is not None and running is not None else row.facts
    return RowTold(
        row.port, state, step, percent, _result(row), _more(row), detail, row.mac, row.label, facts, row.lesson
    )


def _more(row: Row) -> tuple[Text | StudioError, ...]:
    """All that is to be said of a board that did not end well."""
    if row.error is not None:
        return (row.error,)
    if row.good:
        return ()
    return tuple(_("{check}: {found}", check=one.name, found=one.found) for one in row.checks if not one.good)


def _result(row: Row) -> Text | str:
    if row.error is not None:
        return row.error.what
    wrong = next((check for check in row.checks if not check.good), None)
    if wrong is not None:
        return _("{check}: {found}", check=wrong.name, found=wrong.found)
    running = row.flashed.running if row.flashed is not None else None
    if not row.ended or running is None:
        return ""
    if row.checks:
        return _("MicroPython {version}, all tests passed", version=running.version)
    return _("MicroPython {version} answers", version=running.version)
