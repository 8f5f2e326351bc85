"""A build or run that lacks a compiler: the notice with exactly the right offer, and getting it, and going on then."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from ide.commands import Command
from ide.notify import Action
from ide.toolchain_facts import Pack, cost, name_of, open_pack, serving, short_title
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import JobContext
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.context import IdeContext
    from toolchains.providers import Offer

#: The code of :class:`toolchains.compilers.NoCompiler`, whose module is not loaded for the first picture.
NO_COMPILER = "compiler.none"


class CompilerNotice(QObject):
    """Remembers what was lacking last. ``changed``: something lacks, with an offer or without, or no longer does."""

    changed = Signal()

    def __init__(self, ctx: IdeContext) -> None:
        super().__init__(ctx.window)
        self._ctx = ctx
        self.offer: Offer | None = None
        self.arch = ""
        self._pinned = False
        self._go_on: Callable[[], object] = lambda: None
        ctx.runs.started.connect(lambda _kind: self._set("", None))
        ctx.commands.register(
            Command("toolchains.get_missing", _("Get the compiler that was lacking"), self.get,
                    enabled=lambda: self.offer is not None),
        )  # fmt: skip

    def tell(self, error: StudioError) -> None:
        """Say what is lacking as soon as it is known what can be had instead."""
        arch, pin = str(error.fields.get("arch") or ""), error.fields.get("pin")
        self._go_on, self._pinned = self._ctx.runs.repeat, pin is not None
        engine, session, identity = self._ctx.engine, self._ctx.toolchains, self._ctx.board.identity
        version = identity.version if identity is not None else None
        known = session.pack

        def work(ctx: JobContext) -> tuple[list[Offer], Pack | None]:
            pack = known or open_pack(ctx, None, engine.paths, here=True)
            return serving(ctx, engine.toolbox(), arch, None if pin is None else str(pin), version, pack), pack

        def done(found: tuple[list[Offer], Pack | None]) -> None:
            offers, pack = found
            if pack is not None and session.pack is None:
                session.use_pack(pack)
            session.ask_pack()
            self._show(error, arch, offers)

        self._ctx.jobs.start(
            _("Look at toolchains"), work, quiet=True, on_done=done,
            on_error=lambda _fault: self._show(error, arch, []),
        )  # fmt: skip

    def _show(self, error: StudioError, arch: str, offers: list[Offer]) -> None:
        best = next((one for one in offers if one.by_us), None)
        typed = next((one for one in offers if one.command), None)
        self._set(arch, best)
        others = Action(_("Other ways"), lambda: self._ctx.commands.run("toolchains.show_missing"))
        detail = "\n".join(str(part) for part in (error.why, error.detail) if part)
        if best is not None:
            get = Action(short_title(best), self.get)
            self._ctx.notices.tell(_sentence(error, best), kind="error", detail=detail, actions=(get, others))
        elif typed is not None:
            command = typed.command
            copy = Action(_("Copy the command"), lambda: QGuiApplication.clipboard().setText(command))
            self._ctx.notices.tell(
                _("{what} It can be had with: {command}", what=error.what, command=command), kind="error",
                detail=detail, actions=(copy, others),
            )  # fmt: skip
        else:
            self._ctx.notices.error(error, (others,))

    def get(self) -> None:
        """Get what was lacking, then do what was asked for once more."""
        offer, go_on, ctx = self.offer, self._go_on, self._ctx
        if offer is None:
            return
        self._set("", None)
        ctx.notices.dismiss()
        ctx.toolchains.get(
            [offer], then=lambda: self._here(offer, go_on), failed=self._failed, or_another=not self._pinned
        )
        ctx.notices.tell(
            _("{name} is on its way. Python, native and viper code runs meanwhile.", name=name_of(offer)),
            actions=(Action(_("Show"), lambda: ctx.layout.show_panel("toolchains", focus=True)),),
        )  # fmt: skip

    def _here(self, offer: Offer, go_on: Callable[[], object]) -> None:
        ctx = self._ctx

        def go() -> None:
            if not ctx.settings.on("run.save_first") or ctx.editors.save_all():
                go_on()

        if ctx.runs.busy:  # the person did something else meanwhile
            ctx.notices.tell(
                _("The compiler for {arch} is here.", arch=", ".join(offer.arches)),
                kind="good",
                actions=(Action(_("Go on"), go),),
            )
        else:
            go()

    def _failed(self, error: StudioError) -> None:
        if not isinstance(error, Cancelled):
            show = Action(_("Show"), lambda: self._ctx.layout.show_panel("toolchains", focus=True))
            self._ctx.notices.error(error, (show,))

    def _set(self, arch: str, offer: Offer | None) -> None:
        if (arch, offer) != (self.arch, self.offer):
            self.arch, self.offer = arch, offer
            self._ctx.commands.refresh()
            self.changed.emit()


def _sentence(error: StudioError, offer: Offer) -> Text:
    price = cost(offer)
    if not price:
        return _("{what} {name} serves.", what=error.what, name=name_of(offer))
    return _(
        "{what} {name} serves: {cost}. Python, native and viper code runs without it.",
        what=error.what, name=name_of(offer), cost=price,
    )  # fmt: skip
