"""What can be done with a row: get it, or verify, repair, remove, prefer it, open a terminal with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QGuiApplication

from ide.context import IdeContext
from ide.panels.toolchains.rows import Row
from ide.toolchain_facts import get_title, name_of, sources_of
from ide.toolchain_tasks import Task
from toolchains.jobs import JobContext
from toolchains.providers import Offer
from toolchains.text import Text, _, _n
from toolchains.toolchain_records import Installed, Need
from toolchains.units import size_text

if TYPE_CHECKING:
    from toolchains.fetch_control import Control
    from toolchains.manager import Toolchains

#: Of more ways to get a compiler for one architecture the best ones have a button; all are in the table.
_CHOICES = 3
#: Names of files that are told; of more only the number.
_NAMED = 3


@dataclass(frozen=True)
class Act:
    """One button."""

    name: str
    title: Text
    run: Callable[[], object]
    hint: Text | None = None


class Acts:
    """``ask(sentence, title, run)``: let the person say yes to what cannot be undone."""

    def __init__(self, ctx: IdeContext, ask: Callable[[Text, Text, Callable[[], object]], object]) -> None:
        self._ctx, self._ask = ctx, ask

    def of(self, row: Row | None) -> tuple[Act, ...]:
        """What can be done, the most likely first."""
        thing = row.thing if row is not None else None
        if isinstance(thing, Offer):
            return self._offered(thing)
        if isinstance(thing, Need):
            usable = [offer for offer in thing.offers if offer.problem is None]
            return tuple(act for offer in usable[:_CHOICES] for act in self._offered(offer))
        if isinstance(thing, Installed):
            return self._installed(thing)
        return ()

    def _offered(self, offer: Offer) -> tuple[Act, ...]:
        if offer.by_us:
            if self._ctx.toolchains.getting(offer):
                return ()
            return (Act("get", get_title(offer), lambda: self._ctx.toolchains.get([offer])),)
        if offer.command:
            line = offer.command
            return (Act("copy", _("Copy the command"), lambda: QGuiApplication.clipboard().setText(line), Text(line)),)
        return ()

    def _installed(self, one: Installed) -> tuple[Act, ...]:
        prefer = (
            Act("default", _("No longer the default"), lambda: self._prefer(one, None))
            if one.default_for
            else Act("default", _("Make default"), lambda: self._prefer(one, one.id),
                     _("Use it for every project that names no other"))
        )  # fmt: skip
        terminal = Act("terminal", _("Open a terminal"), lambda: self._terminal(one),
                       _("A terminal in which its programs are found"))  # fmt: skip
        if not one.ours:
            return (prefer, terminal)
        return (
            prefer,
            terminal,
            Act("verify", _("Verify"), lambda: self._verify(one), _("Compare every file with what was installed")),
            Act("repair", _("Repair"), lambda: self._repair(one), _("Download and install it once more")),
            Act("remove", _("Remove…"), lambda: self._ask_remove(one)),
        )

    # --- done in workers ------------------------------------------------------------------------------------------

    def _do(
        self,
        title: Text,
        work: Callable[[JobContext, Toolchains], Any],
        result: Callable[[Any], Text | None] = lambda _value: None,
        doubtful: Callable[[Any], bool] = lambda _value: False,
    ) -> None:
        toolbox = self._ctx.engine.toolbox
        self._ctx.toolchains.do(
            Task(title, lambda ctx, _control: work(ctx, toolbox().toolchains), result=result, doubtful=doubtful)
        )

    def _prefer(self, one: Installed, wanted: str | None) -> None:
        def work(_ctx: JobContext, manager: Toolchains) -> None:
            for arch in one.arches if wanted is not None else one.default_for:
                manager.set_default(arch, wanted)

        self._do(_("Choose the default compiler"), work)

    def _verify(self, one: Installed) -> None:
        def result(faults: Sequence[Any]) -> Text:
            if not faults:
                return _("{name}: every file is as it was installed.", name=name_of(one))
            names = ", ".join(str(fault.path) for fault in faults[:_NAMED])
            return _n("{name}: {n} file is not as it was installed: {names}. Press Repair.",
                      "{name}: {n} files are not as they were installed: {names}… Press Repair.",
                      len(faults), name=name_of(one), names=names)  # fmt: skip

        self._do(_("Verify {name}", name=name_of(one)), lambda ctx, manager: manager.verify(ctx, one.id), result,
                 doubtful=bool)  # fmt: skip

    def _repair(self, one: Installed) -> None:
        toolbox, pack = self._ctx.engine.toolbox, self._ctx.toolchains.pack

        def work(ctx: JobContext, control: Control) -> object:
            with sources_of(ctx, pack) as sources:
                return toolbox().toolchains.repair(ctx, one.id, control=control, sources=sources)

        self._ctx.toolchains.do(
            Task(
                _("Repair {name}", name=name_of(one)), work, downloads=True, about=(one.id,),
                result=lambda _made: _("{name} is as new.", name=name_of(one)),
            )
        )  # fmt: skip

    def _ask_remove(self, one: Installed) -> None:
        what = _("Remove {name} from this computer? It can be had again.", name=name_of(one))
        yes = _("Remove ({size})", size=size_text(one.disk)) if one.disk else _("Remove")

        def remove() -> None:
            self._do(
                _("Remove {name}", name=name_of(one)), lambda ctx, manager: manager.remove(ctx, one.id),
                lambda _none: _("{name} is gone.", name=name_of(one)),
            )  # fmt: skip

        self._ask(what, yes, remove)

    def _terminal(self, one: Installed) -> None:
        engine, folder = self._ctx.engine, self._ctx.project.folder

        def work(_ctx: JobContext, manager: Toolchains) -> None:
            from toolchains import terminals

            terminals.open_terminal(engine.host, engine.paths, manager.environment(one.id), one.id, folder)

        self._do(_("Open a terminal"), work)

    def prune(self) -> None:
        """Remove what interrupted downloads and installations left."""
        self._do(
            _("Remove leftovers"), lambda ctx, manager: manager.prune(ctx),
            lambda freed: _("{size} freed.", size=size_text(freed)) if freed else _("There was nothing to remove."),
        )  # fmt: skip
