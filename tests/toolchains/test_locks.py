"""One process at a time, and whoever waits is told so."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from toolchains.errors import Cancelled
from toolchains.host import Host
from toolchains.jobs import Event, JobContext, Note
from toolchains.locks import locked


def test_a_free_lock_is_taken_in_silence(ctx: RecordingContext, tmp_path: Path) -> None:
    with locked(ctx, tmp_path / "lock"):
        pass
    assert ctx.said() == []


def test_who_waits_is_told_and_can_cancel(ctx: RecordingContext, tmp_path: Path) -> None:
    notes: list[str] = []

    def cancel_when_told(event: Event) -> None:
        assert isinstance(event, Note)
        notes.append(str(event.text))
        threading.Timer(0.2, waiting.cancel).start()

    waiting = JobContext(Host.current(), cancel_when_told)
    with locked(ctx, tmp_path / "lock"), pytest.raises(Cancelled), locked(waiting, tmp_path / "lock"):
        pass
    assert len(notes) == 1
    assert str(tmp_path) in notes[0]
    with locked(ctx, tmp_path / "lock"):
        pass
