"""Pictures of learning: a lesson, the struct bench and a race that is over in each language, and which way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.panels.learn.widget import LearnPanel
from ide.panels.race.widget import RacePanel
from tests.tools.patience import wait_until

if TYPE_CHECKING:
    from tests.tools.photographer import Photographer

LANGUAGES = ("fr", "zh_TW", "zh_CN", "en")
#: All that is pictured here: whoever looks at the pictures misses none.
NAMES = (*(f"{what}-{language}" for what in ("lesson", "struct", "race") for language in LANGUAGES), "which-way")


def learn_pictures(photographer: Photographer) -> None:
    """The board is sim:rv32, at its prompt."""
    ide = photographer.ide
    ide.docks.show_panel("learn")
    dock = ide.docks.docks["learn"]
    wait_until(lambda: dock.made)
    panel = dock.findChild(LearnPanel)
    assert isinstance(panel, LearnPanel)
    wait_until(lambda: bool(panel.lessons.opened))
    for language in LANGUAGES:
        panel.show_page(panel.lessons)
        before = panel.lessons.opened
        ide.commands.run(f"view.language_{language}")
        wait_until(lambda before=before: panel.lessons.opened is not before)
        panel.lessons.show_lesson("05-first-module")
        photographer.shoot(f"lesson-{language}")
        panel.show_page(panel.struct)
        wait_until(lambda: ide.board.state == "prompt")
        panel.struct.ask_board()
        wait_until(lambda: not panel.struct.busy)
        photographer.shoot(f"struct-{language}")
    panel.show_page(panel.way)
    photographer.shoot("which-way")
    panel.show_page(panel.lessons)
    _race(photographer)
    ide.docks.show_panel("start")


def _race(photographer: Photographer) -> None:
    ide = photographer.ide
    ide.docks.show_panel("race")
    dock = ide.docks.docks["race"]
    wait_until(lambda: dock.made)
    panel = dock.findChild(RacePanel)
    assert isinstance(panel, RacePanel)
    wait_until(lambda: bool(panel.choices) and panel.racing.possible)
    panel.start()
    wait_until(lambda: panel.report is not None and not panel.racing.running)
    for language in LANGUAGES:
        ide.commands.run(f"view.language_{language}")
        photographer.shoot(f"race-{language}")
