"""The Firmware panel: what is built for whom, the build itself, and what came out. It writes natmod.toml, no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from ide import controls, page_parts
from ide.commands import Command
from ide.context import IdeContext
from ide.firmware_edits import ProjectEdits
from ide.flow import Flow
from ide.output_view import OutputView
from ide.panels.firmware import weighed, work
from ide.panels.firmware.begin_page import BeginPage
from ide.panels.firmware.contents_page import ContentsPage
from ide.panels.firmware.doing import Doing
from ide.panels.firmware.sizes_page import SizesPage
from ide.panels.firmware.target_page import TargetPage
from ide.panels.firmware.uses import Uses, simulated
from ide.panels.firmware.weighed import Base, Weighed
from ide.panels.firmware.work import Survey
from ide.problem_sources import of_error
from ide.words import bind, words
from ide.work_bar import Work
from toolchains.errors import Cancelled, StudioError
from toolchains.text import Text, _, sentences
from toolchains.units import size_text, time_text

if TYPE_CHECKING:
    from toolchains.firmware.built import FirmwareBuilt
    from toolchains.firmware.table import FirmwareTable

#: The simulated board that starts what was built last.
ADDRESS = "sim:firmware"
#: Who the problems of a firmware's build are from.
SOURCE = "firmware"


class FirmwarePanel(QWidget):
    """It looks at the project when it is seen, after a change and after a build."""

    def __init__(self, ctx: IdeContext) -> None:
        super().__init__()
        self._ctx = ctx
        self._stale = True
        self._base: Base = "last"
        self.survey = Survey()
        #: Jobs that find something out.
        self.looking = 0
        self.edits = ProjectEdits(ctx, self)
        self.doing = Doing(ctx, self.edits)
        self.title = QLabel(self)
        self.title.setProperty("role", "heading")
        self.said = page_parts.sentence(self)
        self.output = OutputView(ctx, _("Output of the build"), _("What a build says appears here. Press Build."), self)
        self.work = Work(ctx, self.output, self)
        self.uses = Uses(ctx, self.run, self)
        self.act = page_parts.big(self, _("Build the firmware"), lambda: self.build())
        self.undo = controls.button(self, _("Undo"), self.edits.undo)
        self.begin = BeginPage(work.first(ctx.engine.host), self._begin, self.doing.paste, self)
        self.target = TargetPage(self.doing.change, self.doing.pin, self.doing.lines, self)
        self.contents = ContentsPage(self.doing, self)
        self.sizes = SizesPage(ctx, self._compare, self.doing.enlarge, self.copy_report, self)
        self.pages = QTabWidget(self)
        self.stack = QStackedWidget(self)
        self._lay_out()
        self._connect()
        self._render()

    # --- its parts ------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._titles: tuple[tuple[QWidget, Text], ...] = (
            (self.target, _("Target")), (self.contents, _("Contents")), (self.output, _("Output")),
            (self.sizes, _("Sizes")),
        )  # fmt: skip
        for page, title in self._titles:
            self.pages.addTab(page, str(title))
        self.pages.setDocumentMode(True)
        bind(self.pages, "setAccessibleName", _("Pages of the firmware"))
        acts = QWidget(self)
        flow = Flow(acts)
        self.title.setMinimumHeight(self.act.sizeHint().height())
        for widget in (self.act, *self.uses.buttons, self.undo, self.title):
            flow.addWidget(widget)
        full = QWidget(self)
        top = QHBoxLayout()
        top.setContentsMargins(8, 4, 8, 4)
        top.setSpacing(12)
        top.addWidget(acts, 1)
        top.addWidget(self.work, 1)
        below = QVBoxLayout()
        below.setContentsMargins(8, 0, 8, 0)
        below.addWidget(self.said)
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addLayout(below)
        column.addWidget(self.pages, 1)
        self.stack.addWidget(self.begin)
        self.stack.addWidget(full)
        page_parts.stacked(self, self.stack)
        self.setFocusProxy(self.act)

    def _connect(self) -> None:
        ctx = self._ctx
        ctx.project.changed.connect(self._project_changed)
        self.edits.changed.connect(self._edited)
        self.work.changed.connect(self._render)
        ctx.add_drain(self.output.flush)
        words.changed.connect(self._render)
        ctx.commands.register(
            Command(
                "firmware.build", _("Build the firmware"), self._build_shown,
                enabled=lambda: self._table() is not None and not self.work.busy,
            ),
            Command(
                "firmware.run", _("Run the firmware on the simulator"), self.run,
                enabled=lambda: simulated(self._table()) and not self.work.busy and not ctx.runs.busy,
            ),
            Command("firmware.sizes", _("What takes room in the firmware"), lambda: self.show_page(self.sizes)),
            Command("firmware.contents", _("What is built into the firmware"), lambda: self.show_page(self.contents)),
            Command(
                "firmware.report", _("Copy build report"), self.copy_report,
                enabled=lambda: self.survey.result is not None,
            ),
        )  # fmt: skip

    def show_page(self, page: QWidget) -> None:
        """Bring one of its pages to the front."""
        self.pages.setCurrentWidget(page)
        self._ctx.layout.show_panel("firmware", focus=True)

    def showEvent(self, event: QShowEvent) -> None:
        """Now somebody looks."""
        super().showEvent(event)
        if self._stale:
            self.look()

    # --- the project ----------------------------------------------------------------------------------------------

    def _table(self) -> FirmwareTable | None:
        project = self._ctx.project.project
        return project.firmware if project is not None else None

    def _edited(self) -> None:
        notes, self.doing.notes = self.doing.notes, []
        if notes and self.edits.problem is None:
            self._ctx.notices.tell(Text("{said}", {"said": sentences(*notes)}))
        self._render()

    def _project_changed(self) -> None:
        self._render()
        self.look()

    def look(self) -> None:
        """Find out what there is to choose from and what the last build weighs, if somebody sees it."""
        self._stale = True
        project = self._ctx.project.project
        if not self.isVisible() or project is None:
            return
        self._stale = False
        toolbox = self._ctx.engine.toolbox

        def done(found: Survey) -> None:
            self.survey = found
            self._over()
            self._render()
            self.weigh()

        self._start(_("Look at the project"), lambda job: work.survey(job, toolbox(), project), done)

    def weigh(self) -> None:
        """What the last firmware weighs, against what was chosen."""
        project, result, base = self._ctx.project.project, self.survey.result, self._base
        toolbox = self._ctx.engine.toolbox
        if project is None or project.firmware is None or result is None:
            self.sizes.show_nothing()
            return

        def done(found: Weighed) -> None:
            self._over()
            self.sizes.show_weighed(found)

        def failed(error: StudioError) -> None:
            self._over()
            if not isinstance(error, Cancelled):
                self.sizes.show_message(error)

        self._start(
            _("Look at the firmware"), lambda job: weighed.weigh(job, toolbox(), project, result, base), done, failed
        )

    def _start(
        self,
        title: Text,
        find: Callable[..., object],
        done: Callable[..., object],
        failed: Callable[[StudioError], object] | None = None,
    ) -> None:
        self.looking += 1
        self._ctx.jobs.start(title, find, on_done=done, on_error=failed or (lambda _error: self._over()), quiet=True)

    def _over(self) -> None:
        self.looking -= 1

    def _compare(self, base: Base) -> None:
        """Against another one; MicroPython alone is built for it, once."""
        project, toolbox = self._ctx.project.project, self._ctx.engine.toolbox

        def over(_result: object) -> None:
            self.weigh()

        self._base = base
        if base == "stock" and project is not None:
            self.work.start(
                _("Build MicroPython alone"), lambda job: weighed.build_stock(job, toolbox(), project), over, over
            )
        else:
            self.weigh()

    def _begin(self) -> None:
        self.doing.begin(self.begin.pickers.target)

    # --- the build ------------------------------------------------------------------------------------------------

    def _build_shown(self) -> None:
        self._ctx.layout.show_panel("firmware")
        self.build()

    def run(self) -> None:
        """Build it, then run the project's program on the machine that it is for."""
        ctx = self._ctx

        def started() -> None:
            if ctx.board.address != ADDRESS:
                ctx.board.use(ADDRESS)
            ctx.runs.run()

        if ctx.board.address == ADDRESS:  # running builds it, too
            ctx.commands.run("project.run")
        else:
            self.build(then=started)

    def build(self, then: Callable[[], object] | None = None) -> None:
        """Save what is open, build, then go on."""
        if self._table() is None or self.work.busy:
            return
        if self._ctx.settings.on("run.save_first") and not self._ctx.editors.save_all():
            return
        toolbox, root = self._ctx.engine.toolbox, self._ctx.project.folder
        self.output.restart()
        self._ctx.problems.put(SOURCE, ())
        self.pages.setCurrentWidget(self.output)

        def done(made: FirmwareBuilt) -> None:
            self._built(made)
            if then is not None:
                then()

        self.work.start(_("Build the firmware"), lambda job: work.build(job, toolbox(), root), done, self._not_built)

    def _built(self, made: FirmwareBuilt) -> None:
        size = made.product.stat().st_size
        self.output.say(str(_("Built {file} ({size}) in {seconds}.", file=made.product, size=size_text(size),
                              seconds=time_text(made.seconds))))  # fmt: skip
        self.pages.setCurrentWidget(self.sizes)
        self.look()

    def _not_built(self, error: StudioError) -> None:
        if not isinstance(error, Cancelled):
            self._ctx.problems.put(SOURCE, of_error(error, self._ctx.project.folder))
        else:
            self.output.say(str(_("Cancelled. The next build goes on where this one was.")))
        self._render()

    def copy_report(self) -> None:
        """What was built of what, for a mail or an issue."""
        if self.survey.result is not None:
            QGuiApplication.clipboard().setText(work.report(self.survey.result))
            self._ctx.notices.tell(_("The build report is in the clipboard."), kind="good")

    # --- what is shown --------------------------------------------------------------------------------------------

    def _render(self) -> None:
        project = self._ctx.project.project
        table = project.firmware if project is not None else None
        self.stack.setCurrentIndex(0 if table is None else 1)
        self.begin.show_project(project, self.survey, self._ctx.project.error)
        if project is not None and table is not None:
            self.title.setText(table.label)
            self.target.show_project(project, self.survey)
            self.contents.show_project(project, self.survey)
        self.uses.show_result(table, self.survey.result, busy=self.work.busy)
        self.act.setEnabled(not self.work.busy and not self.edits.busy)
        self.undo.setEnabled(bool(self.edits.steps) and not self.edits.busy)
        problem = self.edits.problem
        self.begin.show_problem(problem)
        page_parts.say(self.said, str(problem) if problem is not None else None, "bad")
        for at, (_page, title) in enumerate(self._titles):
            self.pages.setTabText(at, str(title))
        self._ctx.commands.refresh()
