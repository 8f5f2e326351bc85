"""What a room's ``lab.toml`` presets in the window, at its first start. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field

from ide.settings import Settings
from toolchains import lab
from toolchains.errors import StudioError
from toolchains.lab import Lab
from toolchains.paths import Paths


@dataclass(frozen=True)
class Presets:
    """The presets that hold for this window; ``first``: this person has not seen them before."""

    lab: Lab = field(default_factory=Lab)
    first: bool = False
    #: What is wrong with the file, to be said once.
    complaint: StudioError | None = None


def begin(paths: Paths, settings: Settings) -> Presets:
    """Read them; at their first start the settings become the room's, but for those that the person has changed."""
    try:
        first = lab.first_time(paths, "window")
        if first is not None and first.language and settings.is_default("window.language"):
            settings.set("window.language", first.language)
        lab.use_mirror(paths)
        return Presets(lab.of(paths), first is not None)
    except StudioError as error:
        return Presets(complaint=error)
