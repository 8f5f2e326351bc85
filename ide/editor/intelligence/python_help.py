"""Help for Python: names and meanings by jedi, with the board's stubs; mistakes and format by ruff. No Qt."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ide.editor.intelligence.help import Missing, ServerHelp, Told
from ide.editor.intelligence.lsp_source import LspSource
from ide.editor.intelligence.marking import remark_of
from ide.editor.intelligence.source import Asked, Edits, Source
from ide.editor.lsp import ruff, types
from ide.editor.lsp.records import At, Edit, Item, Location, Outline, Remark, Signature
from ide.editor.lsp.words import Launch
from toolchains import board_stubs
from toolchains.contents import digest_of
from toolchains.edits import read_text
from toolchains.errors import StudioError, disk_errors
from toolchains.live_remarks import of_python
from toolchains.text import Text as Words
from toolchains.text import _

if TYPE_CHECKING:
    from ide.board.inspect import Identity
    from ide.context import IdeContext
    from ide.editor.intelligence.lsp_source import Text
    from toolchains.jobs import JobContext
    from toolchains.project import Project
    from toolchains.toolbox import Toolbox

#: Who says what is known better.
HINTS = "hints"
_MOST_OTHERS = 100
_CHILD = ("-P", "-m", "ide.editor.intelligence.python_child")


@dataclass(frozen=True)
class _Answers:
    """jedi's answers, and ruff's where it is the one who knows."""

    names: LspSource
    lint: LspSource | None

    def complete(self, path: Path, at: At, then: Callable[[Sequence[Item]], object]) -> Asked:
        return self.names.complete(path, at, then)

    def hover(self, path: Path, at: At, then: Callable[[str], object]) -> Asked:
        return self.names.hover(path, at, then)

    def signatures(self, path: Path, at: At, then: Callable[[Sequence[Signature], int], object]) -> Asked:
        return self.names.signatures(path, at, then)

    def definition(self, path: Path, at: At, then: Callable[[Sequence[Location]], object]) -> Asked:
        return self.names.definition(path, at, then)

    def references(self, path: Path, at: At, then: Callable[[Sequence[Location]], object]) -> Asked:
        return self.names.references(path, at, then)

    def rename(self, path: Path, at: At, name: str, then: Callable[[Edits], object]) -> Asked:
        return self.names.rename(path, at, name, then)

    def outline(self, path: Path, then: Callable[[Sequence[Outline]], object]) -> Asked:
        return self.names.outline(path, then)

    def format(self, path: Path, then: Callable[[Sequence[Edit]], object]) -> Asked:
        return (self.lint or self.names).format(path, then)


@dataclass(frozen=True)
class Prepared:
    """What jedi and its kin are started with. ``stubs``: the nearest; ``for_board``: they are of the board's port."""

    launch: Launch | None
    stubs: board_stubs.Stubs | None
    for_board: bool
    types: Launch | None = None


def prepare(toolbox: Toolbox, root: Path, project: Project | None, identity: Identity | None) -> Prepared:
    """Which stubs, and the signatures of the project's own native module. In a worker. Raises ``DiskError``."""
    platform = identity.platform if identity is not None else None
    version = identity.version if identity is not None else None
    stubs = board_stubs.best(toolbox.paths, platform, version)
    fitting = stubs is not None and (version is None or stubs.is_for(platform, version))
    own = toolbox.paths.cache / "code" / digest_of(str(root), "pyi")[:16]
    write_own(own, root, project)
    checker = types.program(toolbox.host)
    typed = types.launch(checker, root, stubs.folder if stubs is not None else None, own) if checker else None
    if importlib.util.find_spec("jedi") is None:
        return Prepared(None, stubs, fitting, typed)
    options = {
        "root": str(root), "stubs": [str(stubs.folder)] if stubs is not None else [], "paths": [str(own)],
        "cache": str(toolbox.paths.cache / "jedi"),
    }  # fmt: skip
    argv = (sys.executable, *_CHILD)
    return Prepared(Launch("python names", argv, root, options=options), stubs, fitting, typed)


def write_own(folder: Path, root: Path, project: Project | None) -> bool:
    """Write ``NAME.pyi`` of the project's native module from its C; whether it is another one now."""
    from toolchains.stubs.pyi_from_c import pyi_from_c

    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if project is None or not project.sources:
            return False
        text = "\n".join((root / one).read_text("utf-8", "replace") for one in project.sources if one.endswith(".c"))
        made = pyi_from_c(text, project.name)
        path = folder / f"{project.name}.pyi"
        if path.is_file() and path.read_text("utf-8") == made:
            return False
        path.write_text(made, "utf-8")
    return True


def _others(root: Path, path: Path, shown: Mapping[Path, str]) -> list[str]:
    """The texts of the project's other Python files, which may use what this one defines."""
    found = []
    for one in sorted(root.glob("*.py"))[:_MOST_OTHERS] if root.is_dir() else ():
        if one != path:
            try:
                found.append(shown[one] if one in shown else read_text(one))
            except StudioError:  # gone, or no text: it uses nothing
                continue
    return found


class PythonHelp:
    """Two servers behind one source, a third where somebody installed it. Begins with the first Python file shown."""

    suffixes = (".py", ".pyi")

    def __init__(self, ctx: IdeContext, told: Told, changed: Callable[[], object]) -> None:
        self._ctx, self._told, self._changed = ctx, told, changed
        self.lint = ServerHelp(ctx, "python", told, changed)
        self.names = ServerHelp(ctx, "python names", told, changed)
        self.types = ServerHelp(ctx, "python types", told, changed)
        self.missing: Missing | None = None
        self.prepared: Prepared | None = None
        self.preparing = self._again = self._closed = False

    @property
    def documents(self) -> dict[Path, Text]:
        """What is on the screen."""
        return self.names.documents

    @property
    def ready(self) -> bool:
        """Whether names are known."""
        return self.names.ready

    @property
    def without_stubs(self) -> bool:
        """Whether nothing is known of any board's modules."""
        return self.prepared is not None and self.prepared.stubs is None

    @property
    def given_up(self) -> bool:
        """Whether one of the two ended too often."""
        return self.names.given_up or self.lint.given_up

    @property
    def gave_up(self) -> Words:
        """What is said then."""
        return self.names.gave_up

    @property
    def answers(self) -> Source | None:
        """Who is asked."""
        lint = self.lint.source if self.lint.ready else None
        return _Answers(self.names.source, lint) if self.names.source is not None else None

    def opened(self, path: Path, document: Text) -> None:
        """A Python file is on the screen; the first one begins everything."""
        first = not self.documents
        for one in self._three():
            one.opened(path, document)
        if first and self.names.source is None:
            self.refresh()
        self._look(path, document)

    def closed(self, path: Path) -> None:
        """It is not any more."""
        for one in self._three():
            one.closed(path)

    def edited(self, path: Path) -> None:
        """Somebody paused."""
        for one in self._three():
            one.edited(path)
        self._look(path, self.documents[path])

    def _look(self, path: Path, document: Text) -> None:
        """Look for what is known better, in a thread."""
        text, edits, root = document.text(), document.edits, self._ctx.project.folder
        shown = {one: each.text() for one, each in self.documents.items()}
        if path.suffix != ".py":
            return

        def work(_job: JobContext) -> list[Remark]:
            return [remark_of(text, one) for one in of_python(path, text, _others(root, path, shown))]

        def done(found: list[Remark]) -> None:
            if path in self.documents and document.edits == edits:
                self._told(path, HINTS, found)

        self._ctx.jobs.start(_("Look for what is known better"), work, on_done=done, quiet=True)

    def drain(self) -> bool:
        """What they told."""
        return any([one.drain() for one in self._three()])  # noqa: C419 - each of them

    def end(self) -> None:
        """End them."""
        for one in self._three():
            one.end()

    def end_soon(self) -> None:
        """The window is about to go."""
        for one in self._three():
            one.end_soon()

    def close(self) -> None:
        """The window goes."""
        self._closed = True
        for one in self._three():
            one.close()

    def _three(self) -> tuple[ServerHelp, ...]:
        return self.lint, self.names, self.types

    def refresh(self) -> None:
        """The project, the board or the stubs may be others."""
        if self._closed:
            return
        if self.preparing:
            self._again = True
            return
        self.preparing = True
        if self.lint.source is None:
            self._begin_lint()
        ctx = self._ctx
        root, project, identity = ctx.project.folder, ctx.project.project, ctx.board.identity

        def work(_job: JobContext) -> Prepared:
            return prepare(ctx.engine.toolbox(), root, project, identity)

        ctx.jobs.start(_("Prepare the code help"), work, on_done=self._ready, on_error=self._failed, quiet=True)

    def _begin_lint(self) -> None:
        program = ruff.program(self._ctx.engine.host)
        if program is None:
            self._miss("ruff")
            return
        self.lint.begin(LspSource(self.lint.server(ruff.launch(program, self._ctx.project.folder)), "python"))

    def _miss(self, name: str) -> None:
        self.missing = Missing(
            _("There is no help for Python: the program {name} is missing.", name=name),
            _('Install it with: python -m pip install "natmod-studio[gui]"'),
        )
        self._changed()

    def _ready(self, found: Prepared) -> None:
        self.preparing = False
        if self._closed:
            return
        before, self.prepared = self.prepared, found
        if found.launch is None:
            self._miss("jedi")
        elif self.names.source is None or before is None or before.launch != found.launch:
            self.names.begin(LspSource(self.names.server(found.launch), "python"))
        if found.types is not None and (self.types.source is None or before is None or before.types != found.types):
            self.types.begin(LspSource(self.types.server(found.types), "python"))
        self._changed()
        again, self._again = self._again, False
        if again:
            self.refresh()

    def _failed(self, error: StudioError) -> None:
        self.preparing = False
        self.missing = Missing(error.what, error.next_step or _("Look at the project, then open it again."))
        self._changed()
