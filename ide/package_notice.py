"""What a board could not install or import, and this computer can put there: the notice with exactly that offer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ide.board.mip.trouble import MipFailed, ModuleMissing, Watcher
from ide.notify import Action
from ide.package_work import Asker
from toolchains.text import _

if TYPE_CHECKING:
    from ide.context import IdeContext

#: Words of which one is in every line that matters: a flood without them costs nothing.
_SIGNS = (b"Error", b"Installing ", b"mip/__init__")
#: Of a flood that has them, so many of the newest bytes are read.
_MOST = 16_000
_TAIL = 16


class PackageNotice(QObject):
    """Reads what the board prints; says what it means, and does what is asked for."""

    def __init__(self, ctx: IdeContext) -> None:
        super().__init__(ctx.window)
        self._ctx = ctx
        self.work = ctx.packages
        self._asker = Asker(self._ended, ctx.notices.error)
        self._watcher = Watcher()
        self._tail = b""
        self._reading = False
        self._said: set[tuple[str, str]] = set()
        ctx.board.printed.connect(self._printed)
        ctx.runs.started.connect(self._began)

    def _began(self, _kind: str) -> None:
        """A new run may say the same once more."""
        self._said.clear()

    def _printed(self, data: bytes) -> None:
        """Read on only where a line may matter; its end may come with the next piece."""
        joined = self._tail + data[-_MOST:]
        self._tail = data[-_TAIL:]
        if not self._reading and not any(sign in joined for sign in _SIGNS):
            return
        for found in self._watcher.feed(data[-_MOST:] if self._reading else joined):
            self._tell(found)
        self._reading = not data.endswith(b"\n") or any(sign in joined for sign in _SIGNS)

    def _tell(self, found: MipFailed | ModuleMissing) -> None:
        key = found.package if isinstance(found, MipFailed) else found.name
        if (found.kind, key) in self._said:
            return
        self._said.add((found.kind, key))
        if isinstance(found, MipFailed):
            self._tell_mip(found)
        elif found.native and self._can_load_native():
            self._tell_native(found)
        elif found.name != "mip":
            self.work.look_up(found.name, self._tell_known)
        else:
            self._ctx.notices.tell(
                _("This firmware has no mip. Packages can be put on the board from this computer."),
                actions=(self._show(),),
            )

    def _tell_known(self, package: str) -> None:
        """The index has a package of that name: on the list that is on this computer, so nobody was asked."""
        what = _("The board has no {name}. There is a package of that name.", name=package)
        install = Action(_("Install {name}", name=package), lambda: self._do(package))
        self._ctx.notices.tell(what, actions=(install, self._show()))

    def _tell_mip(self, found: MipFailed) -> None:
        what = _(
            "mip on the board ended with error {n}. {why} This computer can fetch {package} and put it there.",
            n=found.errno, why=found.why, package=found.package or _("the package"),
        )  # fmt: skip
        actions = [self._show()]
        if found.package:
            actions.insert(0, Action(_("Install from this computer"), lambda: self._do(found.package)))
        self._ctx.notices.tell(what, kind="error", actions=tuple(actions))

    def _tell_native(self, found: ModuleMissing) -> None:
        what = _(
            "This firmware has no {name}. MicroPython's examples have it as a native module, which can be built for "
            "this board.",
            name=found.name,
        )
        build = Action(_("Build {name} and put it there", name=found.name), lambda: self._build(found.name))
        self._ctx.notices.tell(what, kind="error", actions=(build,))

    def _can_load_native(self) -> bool:
        identity = self._ctx.board.identity
        return identity is not None and identity.arch is not None

    def _show(self) -> Action:
        return Action(_("Packages"), lambda: self._ctx.layout.show_panel("packages", focus=True))

    def _do(self, package: str) -> None:
        if not self._shown_busy():
            self._ctx.notices.dismiss()
            self.work.install([package], asker=self._asker)

    def _build(self, name: str) -> None:
        if not self._shown_busy():
            self._ctx.notices.dismiss()
            self.work.build(name, asker=self._asker)

    def _shown_busy(self) -> bool:
        """Whether something is being done already: the offer stays, and the panel shows what."""
        if self.work.busy:
            self._show().run()
        return self.work.busy

    def _ended(self, _report: object) -> None:
        self._ctx.notices.tell(_("It is on the board now. Run the program again."), kind="good")
