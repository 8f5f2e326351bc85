"""Why a board's filesystem has the size it has: the chip's flash, the table, and the firmware that wrote it."""

from __future__ import annotations

from ide.board.storage.on_board import Storage
from toolchains.text import Text


def why(storage: Storage, chip_flash: int | None = None) -> tuple[Text, ...]:
    """Sentences, the most important first. ``chip_flash``: what the loader says the chip has, in bytes, or None."""
    raise NotImplementedError
