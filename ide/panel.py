"""What a panel is, for those of ours and for plugins alike. No Qt: a plugin is described before it is loaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from toolchains.text import Text

if TYPE_CHECKING:
    from ide.context import IdeContext
    from toolchains.project import Project

#: The version of what a panel may count on: :class:`PanelInfo` and :class:`ide.context.IdeContext`.
API = 1

Area = Literal["left", "right", "bottom"]


@dataclass(frozen=True)
class PanelInfo:
    """A panel. ``create(ctx)`` returns its QWidget; it is called once, after the window is on the screen.

    ``order`` sorts the panels of an area; ``shown``: whether it is open at first. ``hint`` says what it is for.
    ``setting``: the key of a setting that shows it, in front, or hides it, whenever the window opens. ``suits``: for
    which projects a panel that is not open at first is shown all the same, behind the others of its area.
    """

    id: str
    title: Text
    area: Area
    create: Callable[[IdeContext], Any]
    order: int = 50
    shown: bool = True
    hint: Text | None = None
    setting: str = ""
    suits: Callable[[Project], bool] | None = None
    api: int = API
