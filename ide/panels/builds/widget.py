"""The Build panel: target, buttons, and pages for the output, the architectures, sizes, the module, and other files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QTabWidget, QVBoxLayout, QWidget

from ide import controls
from ide.commands import Command
from ide.context import IdeContext
from ide.elided import Elided
from ide.panels.builds import facts, wording
from ide.panels.builds.arches import Arches
from ide.panels.builds.facts import Facts, Memory, Product
from ide.panels.builds.firmware import Firmware
from ide.panels.builds.module import Module
from ide.panels.builds.output import Output
from ide.panels.builds.python import PythonFile
from ide.panels.builds.sizes import Sizes
from ide.panels.builds.targets import Targets
from ide.run_events import Lines
from ide.run_words import summary
from ide.runs import BOARD_ARCH, Ended
from ide.words import bind, words
from toolchains.errors import StudioError
from toolchains.jobs import JobContext, Note, StepEnded, StepStarted
from toolchains.text import Text, _
from toolchains.units import time_text


class BuildPanel(QWidget):
    """Shows what :mod:`ide.runs` builds; starts builds through the same commands as everybody."""

    def __init__(self, ctx: IdeContext) -> None:
        super().__init__()
        self._ctx = ctx
        self._memory = Memory()
        self._early: set[Path] | None = set()  # folders of builds that came before the memory was read
        self._product: Product | None = None
        self._facts: dict[str, Facts] = {}
        self._waiting: list[Product] = []  # built, and not looked at yet
        self._looking = False
        self._last: Ended | None = None
        self._told: StudioError | None = None
        self.targets = Targets(ctx, self)
        self.buttons = {
            "build": controls.button(self, _("Build"), self._build),
            "rebuild": controls.button(self, _("Build everything anew"), lambda: self._build(clean=True)),
            "clean": controls.button(self, _("Remove built files"), lambda: ctx.commands.run("project.clean")),
            "stop": controls.button(self, _("Stop"), lambda: ctx.commands.run("project.stop")),
        }
        self.status = Elided(self)
        self.status.setProperty("role", "muted")
        self.output = Output(ctx, self)
        self.arches = Arches(ctx, self._build_for, self)
        self.sizes = Sizes(ctx, self)
        self.module = Module(ctx, self)
        self.python = PythonFile(ctx, self.output, self)
        self.firmware = Firmware(ctx, self.output, self)
        self.pages = QTabWidget(self)
        self._lay_out()
        self._connect()
        self._remember()
        self._refresh()

    # --- its parts ------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(8)
        row.addWidget(self.targets)
        for button in self.buttons.values():
            row.addWidget(button)
        row.addWidget(self.status, 1)
        self._titles: tuple[tuple[QWidget, Text], ...] = (
            (self.output, _("Output")),
            (self.arches, _("Architectures")),
            (self.sizes, _("Sizes")),
            (self.module, _("Module")),
            (self.python, _("Python file")),
            (self.firmware, _("Firmware")),
        )
        for page, title in self._titles:
            self.pages.addTab(page, str(title))
        bind(self.pages, "setAccessibleName", _("Pages of the build"))
        self.pages.setDocumentMode(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.pages, 1)
        self.setFocusProxy(self.targets)

    def _connect(self) -> None:
        runs = self._ctx.runs
        runs.started.connect(self._started)
        runs.event.connect(self._event)
        runs.built.connect(lambda outcome: self._take(facts.of_outcome(outcome)))
        runs.made.connect(lambda made: self._take(facts.of_made(made)))
        runs.ended.connect(self._ended)
        self._ctx.add_drain(self.output.flush)
        self._ctx.commands.on_state.append(self._refresh)
        self._register()
        self.arches.surveyed.connect(lambda: self.targets.know(self.arches.served))
        self.arches.chosen.connect(self._chosen)
        self.pages.currentChanged.connect(lambda _at: self._seen())
        words.changed.connect(self._render)

    def _register(self) -> None:
        """Each page has a command; what a failed run needs is found by its name."""
        pages = (
            ("compilers", _("Compilers for each architecture"), self._show_compilers),
            ("sizes", _("Sizes and symbols of the module"), lambda: self._show_page(self.sizes)),
            ("module", _("What is in the module's file"), lambda: self._show_page(self.module)),
            ("python", _("Compile a Python file to .mpy"), lambda: self._show_page(self.python)),
            ("firmware", _("Make firmware"), lambda: self._show_page(self.firmware)),
        )
        self._ctx.commands.register(*(Command(f"build.{name}", title, run) for name, title, run in pages))

    def _show_page(self, page: QWidget) -> None:
        self.pages.setCurrentWidget(page)
        self._ctx.layout.show_panel("build", focus=True)

    def _show_compilers(self) -> None:
        """With the architecture in front that the last build had no compiler for."""
        error = self._ctx.runs.last.error if self._ctx.runs.last is not None else None
        arch = error.fields.get("arch") if error is not None else None
        self._show_page(self.arches)
        if isinstance(arch, str):
            self.arches.select(arch)

    def _remember(self) -> None:
        """The sizes that an earlier session left, to compare with."""
        root, memory = self._ctx.project.folder, self._memory

        def done(_result: object) -> None:
            for folder in self._early or ():
                memory.snapshots.pop(folder, None)
            self._early = None

        self._ctx.jobs.start(
            _("Look at earlier builds"), lambda _ctx: memory.read(root), on_done=done, on_error=done, quiet=True
        )

    # --- what the person does -------------------------------------------------------------------------------------

    def _build(self, *, clean: bool = False) -> None:
        wanted = self.targets.wanted
        if wanted == BOARD_ARCH:
            self._ctx.commands.run("project.rebuild" if clean else "project.build")
        elif not self._ctx.settings.on("run.save_first") or self._ctx.editors.save_all():
            self._ctx.runs.build(wanted, clean=clean)

    def _build_for(self, arch: str) -> None:
        self.targets.choose(arch)
        self._build()

    def _chosen(self, arch: str) -> None:
        """A row of the architectures: its last module is what the other pages show."""
        product = self.arches.products.get(arch)
        if product is not None and arch in self._facts:
            self._show(product)

    def showEvent(self, event: QShowEvent) -> None:
        """What takes a while to find out is found out for those who look."""
        super().showEvent(event)
        self.arches.look()
        self._seen()

    # --- what happens ---------------------------------------------------------------------------------------------

    def _started(self, kind: str) -> None:
        self._refresh()
        if kind == "clean":
            return
        self.output.restart()
        if kind == "build" and self.pages.currentWidget() in (self.python, self.firmware):
            self.pages.setCurrentWidget(self.output)

    def _event(self, event: object) -> None:
        if isinstance(event, Lines):
            self.output.say(*[f"    {line}" for line in event.lines])
        elif isinstance(event, StepStarted):
            self.output.say(str(event.title))
        elif isinstance(event, Note):
            self.output.say(str(event.text))
        elif isinstance(event, StepEnded) and event.depth == 0:
            self.output.say(f"    {time_text(event.seconds)}")

    def _take(self, product: Product | None) -> None:
        """A module was made, or could not be."""
        if product is None:
            return
        self.output.say(*wording.product_lines(product))
        self._told = product.error
        self.arches.add(product)
        if product.result is None:
            return
        if self._early is not None:
            self._early.add(product.result.path.parent)
        self._waiting = [one for one in self._waiting if one.arch != product.arch] + [product]

    def _ended(self, ended: Ended) -> None:
        self._refresh()
        self._last = ended
        self._render()
        if ended.kind == "clean" and ended.good:
            self._waiting, self._facts = [], {}
            self.arches.forget()
            self._show(None)
        elif ended.error is not None and ended.error is not self._told:
            self.output.say(str(ended.error))
        self.output.say(str(summary(ended)))
        self.output.flush()
        self._look()

    def _look(self) -> None:
        """Work out what is worth knowing of what was built, one after the other, in a worker."""
        if self._looking or not self._waiting:
            return
        product, memory = self._waiting.pop(0), self._memory
        result = product.result
        assert result is not None
        self._looking = True

        def done(found: Facts) -> None:
            self._looking = False
            self._facts[product.arch] = found
            self._show(product)
            self._look()

        def failed(_error: StudioError) -> None:  # the file went meanwhile: there is nothing to show
            self._looking = False
            self._look()

        self._ctx.jobs.start(
            _("Look at the module"), lambda _ctx: memory.look(result), on_done=done, on_error=failed, quiet=True
        )

    def _show(self, product: Product | None) -> None:
        """Sizes and module of one architecture, or of none."""
        self._product = product
        found = self._facts[product.arch] if product is not None else None
        self.sizes.show_facts(found)
        self.module.show_product(product, found)
        self._seen()

    def _seen(self) -> None:
        """The command lines are asked for when they can be seen."""
        if self.module.isVisible() and not self._ctx.runs.busy:
            self._ask_commands()

    def _ask_commands(self) -> None:
        """The command lines of the module that is shown."""
        product, ctx = self._product, self._ctx
        if product is None or product.result is None or not self.module.wants_commands:
            return
        self.module.wants_commands = False
        result, root, wishes, toolbox = product.result, ctx.project.folder, ctx.runs.wishes, ctx.engine.toolbox

        def work(job: JobContext) -> str:
            return facts.commands(job, toolbox(), root, result, wishes)

        def done(text: str) -> None:
            if self._product is product:
                self.module.show_commands(text)

        ctx.jobs.start(
            _("Look at the module"), work, on_done=done, quiet=True,
            on_error=lambda error: self.module.show_commands(str(error)),
        )  # fmt: skip

    def _refresh(self) -> None:
        busy = self._ctx.runs.busy
        for name, button in self.buttons.items():
            button.setEnabled(busy if name == "stop" else not busy)

    def _render(self) -> None:
        self.status.setText(str(summary(self._last)) if self._last is not None else "")
        for at, (_page, title) in enumerate(self._titles):
            self.pages.setTabText(at, str(title))
