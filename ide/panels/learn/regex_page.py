"""The bench for regular expressions: a person's own on the board, and what of the language the board has."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ide.context import IdeContext
from ide.controls import button, field
from ide.learn import regex_bench
from ide.learn.regex_bench import VERDICTS, Match, Tried
from ide.page_parts import big, say
from ide.panels.learn.question import QuestionPage
from ide.panels.learn.table import Table
from toolchains.text import Text, _


class RegexPage(QuestionPage):
    """Pattern and text; below, the table."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(
            ctx, parent, _("Regular expressions"),
            _("MicroPython has a small part of Python's re. Try your pattern on the board, or see what it can do."),
        )  # fmt: skip
        self.pattern = field(self, _("Pattern, such as (\\d+)-(\\w+)"))
        self.text = field(self, _("Text to search in"))
        self.go = big(self, _("Search on the board"), self.search)
        self.look = button(self, _("What can this board do?"), self.try_all)
        self.table = Table(self, _("What the board can do"), (_("pattern"), _("on this board"), _("what")))
        for one in (self.pattern, self.text):
            one.returnPressed.connect(self.search)
        for part in (self.pattern, self.text, self.go, self.said, self.look):
            self.column.addWidget(part)
        self.column.addWidget(self.table, 1)
        self.setFocusProxy(self.pattern)

    def search(self) -> None:
        """Search once."""
        pattern, text = self.pattern.text(), self.text.text()
        self.ask(_("Search"), lambda job, board: regex_bench.search(job, board, pattern, text), self._found)

    def _found(self, match: Match) -> None:
        if match.trouble:
            say(self.said, _("The board does not take this pattern: {reason}", reason=match.trouble), "bad")
        elif match.groups is None:
            say(self.said, _("Nothing in this text fits."))
        else:
            groups = "  ".join(f"{n}: {one!r}" for n, one in enumerate(match.groups))
            say(self.said, _("Found. Groups, 0 is all of it: {groups}", groups=groups), "good")

    def try_all(self) -> None:
        """Try every part of the language."""
        self.ask(_("Regular expressions"), regex_bench.supported, self._tried)

    def _tried(self, answer: tuple[tuple[Tried, ...], dict[str, bool]]) -> None:
        rows, functions = answer
        shown: list[tuple[object, ...]] = [(one.pattern, _verdict(one), one.what) for one in rows]
        shown += [(f"re.{name}()", VERDICTS["yes" if there else "no"], "") for name, there in functions.items()]
        self.table.fill(shown)


def _verdict(one: Tried) -> Text | str:
    return f"{VERDICTS[one.verdict]}: {one.said}" if one.verdict == "differs" else VERDICTS[one.verdict]
