"""A fault of ours: texts are kept, an account is written and shown, the window goes on."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ide.crash import CrashHandler
from ide.notify import Notices

pytestmark = pytest.mark.logs_warnings


class _Around:
    def __init__(self, folder: Path) -> None:
        self.kept: list[bool] = []
        self.shown: list[Path] = []
        self.notices = Notices()
        self.handler = CrashHandler(folder, self.notices, lambda: self.kept.append(True), self.shown.append)


@pytest.fixture
def around(tmp_path: Path, qtbot: QtBot) -> Iterator[_Around]:
    made = _Around(tmp_path / "crashes")
    made.handler.install()
    yield made
    made.handler.remove()


def _fault() -> ZeroDivisionError:
    try:
        1 // 0  # noqa: B018
    except ZeroDivisionError as error:
        return error
    raise AssertionError


def test_texts_are_kept_and_the_account_can_be_read(around: _Around) -> None:
    around.handler.caught(_fault())
    assert around.kept == [True]
    notice = around.notices.kept[-1]
    assert "Your files and unsaved text are kept" in str(notice.text)
    assert "ZeroDivisionError" in notice.detail
    notice.actions[0].run()
    assert "ZeroDivisionError" in around.shown[0].read_text("utf-8")


def test_a_fault_in_a_thread_is_shown_by_the_window(around: _Around) -> None:
    rung: list[bool] = []
    around.handler.ring = lambda: rung.append(True)

    def work() -> None:
        raise _fault()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert rung == [True]
    assert around.handler.drain()
    assert "ZeroDivisionError" in around.notices.kept[-1].detail
    assert not around.handler.drain()


def test_the_hooks_are_given_back(tmp_path: Path, qtbot: QtBot) -> None:
    before = sys.excepthook, threading.excepthook
    handler = CrashHandler(tmp_path, Notices(), lambda: None, lambda path: None)
    handler.install()
    handler.watch_faults()
    handler.remove()
    assert (sys.excepthook, threading.excepthook) == before


def test_it_is_said_where_nothing_can_be_written_and_texts_cannot_be_kept(tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "file").write_text("no folder")
    notices = Notices()

    def keep() -> None:
        raise OSError("no room")

    handler = CrashHandler(tmp_path / "file" / "crashes", notices, keep, lambda path: None)
    handler.watch_faults()
    with pytest.raises(OSError, match="no room"):
        handler.caught(_fault())
    assert "ZeroDivisionError" in notices.kept[-1].detail
    assert notices.kept[-1].actions == ()
    handler.remove()
