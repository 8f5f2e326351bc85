"""Help for Python: ruff for mistakes and format; names and meanings from a worker that knows boards. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ide.editor.intelligence.help import Missing, ServerHelp, Told
from ide.editor.intelligence.lsp_source import LspSource
from ide.editor.lsp import ruff
from toolchains.text import _

if TYPE_CHECKING:
    from ide.context import IdeContext
    from ide.editor.intelligence.lsp_source import Text


class PythonHelp(ServerHelp):
    """Starts with the first Python file on the screen."""

    suffixes = (".py",)

    def __init__(self, ctx: IdeContext, told: Told, changed: Callable[[], object]) -> None:
        super().__init__(ctx, "python", told, changed)
        self._begun = False

    def opened(self, path: Path, document: Text) -> None:
        """The first one starts it."""
        super().opened(path, document)
        if not self._begun:
            self._begun = True
            self.refresh()

    def refresh(self) -> None:
        """Start ruff, once."""
        if self.source is not None or not self._begun:
            return
        program = ruff.program(self._ctx.engine.host)
        if program is None:
            self.missing = Missing(
                _("Python is not checked while you type: the program ruff is missing."),
                _('Install it with: python -m pip install "natmod-studio[gui]"'),
            )
            self._changed()
            return
        self.begin(LspSource(self.server(ruff.launch(program, self._ctx.project.folder)), "python"))
