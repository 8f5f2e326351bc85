"""The Flasher panel with played doors, and what tests ask it."""

from __future__ import annotations

from dataclasses import dataclass

from ide.panels.flasher.card import Card
from ide.panels.flasher.widget import FlasherPanel
from tests.fakes.flash_doors import Played, PlayedDoors
from tests.ide.panels.stand_in import Studio

PATIENCE = 20_000
PORT = "socket://127.0.0.1:1"


@dataclass
class Desk:
    """A panel, its window's services and what the doors were asked."""

    ide: Studio
    panel: FlasherPanel
    played: Played

    @property
    def card(self) -> Card:
        return self.panel.side.card

    def over(self, qtbot) -> None:
        qtbot.waitUntil(lambda: not self.panel.work.busy, timeout=PATIENCE)

    def looked(self, qtbot) -> None:
        self.panel.ports.use(PORT)
        self.panel.one.look()
        self.over(qtbot)


def desk(ide: Studio, qtbot) -> Desk:
    doors = PlayedDoors(ide.ctx)
    panel = FlasherPanel(ide.ctx, doors)
    qtbot.addWidget(panel)
    panel.resize(1280, 380)
    panel.show()
    qtbot.waitExposed(panel)
    return Desk(ide, panel, doors.played)
