"""What the menu of the panel does: a newer list of tools, a pack, a mirror. All of it in workers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from ide import toolchain_facts
from ide.context import IdeContext
from ide.toolchain_facts import Pack
from ide.toolchain_tasks import Task
from toolchains.jobs import JobContext
from toolchains.mirrors import Mirrors
from toolchains.text import Text, _, _n


class More:
    """Starts tasks of the session."""

    def __init__(self, ctx: IdeContext) -> None:
        self._ctx = ctx

    def ask_tools_json(self, parent: QWidget) -> None:
        """Let the person choose a newer list of Espressif's."""
        dialog = QFileDialog(parent, str(_("Import Espressif's tools.json…")))
        dialog.setNameFilters([str(_("Lists of tools (*.json)")), str(_("All files (*)"))])
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.import_tools_json(Path(path)))
        dialog.open()

    def import_tools_json(self, path: Path) -> None:
        """Read it into the catalogue."""
        toolbox = self._ctx.engine.toolbox

        def work(ctx: JobContext, _control: Any) -> int:  # noqa: ANN401 - Control
            from toolchains.catalog import Catalog

            return len(Catalog.of(toolbox().paths).import_file(ctx, path))

        def result(count: int) -> Text:
            return _n("{n} toolchain is in {file}.", "{n} toolchains are in {file}.", count, file=path.name)

        self._ctx.toolchains.do(Task(_("Import {file}", file=path.name), work, result=result))

    def open_pack(self, where: str) -> None:
        """From now on toolchains are looked for in this pack before the network is asked."""
        session, paths = self._ctx.toolchains, self._ctx.engine.paths

        def work(ctx: JobContext, _control: Any) -> Pack | None:  # noqa: ANN401 - Control
            from toolchains import pack_memory

            pack = toolchain_facts.open_pack(ctx, where, paths)
            if pack is not None:
                pack_memory.remember(paths, pack.where)
            return pack

        def result(pack: Pack) -> Text:
            names = ", ".join(sorted(row.release.id for row in pack.toolchains))
            if not names:
                return _("The pack is open. It holds no toolchains.")
            return _("The pack is open. Taken from it, without the internet: {names}.", names=names)

        self._ctx.toolchains.do(
            Task(_("Open the pack {name}", name=where), work, then=session.use_pack, result=result)
        )  # fmt: skip

    def read_mirrors(self, show: Callable[[Mirrors], object]) -> None:
        """Which are in use."""
        paths = self._ctx.engine.paths
        self._ctx.jobs.start(_("Mirror"), lambda _ctx: Mirrors.saved(paths), on_done=show, quiet=True)

    def save_mirrors(self, mirrors: Mirrors) -> None:
        """Use these from now on."""
        paths = self._ctx.engine.paths

        def said(_none: None) -> Text:
            return _("Downloads use this mirror from now on.") if mirrors else _("Downloads use no mirror from now on.")

        self._ctx.toolchains.do(Task(_("Mirror"), lambda _ctx, _control: mirrors.save(paths), result=said))
