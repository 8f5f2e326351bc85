"""One window a project: a second start raises the first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pytestqt.qtbot import QtBot

from ide.instance import Instance
from tests.homes import CHECKOUT
from toolchains.host import Host

_SECOND = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from ide.instance import Instance
from toolchains.host import Host
app = QCoreApplication([])
instance = Instance(Host.current(), Path(sys.argv[1]), Path(sys.argv[2]))
claimed = instance.claim()
sys.exit(10 if claimed else 20 if instance.raise_other() else 30)
"""


def _second(state: Path, project: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", _SECOND, str(state), str(project)], cwd=CHECKOUT)


def test_a_second_start_raises_the_first_window(tmp_path: Path, host: Host, qtbot: QtBot) -> None:
    project = tmp_path / "élève 课程"
    project.mkdir()
    first = Instance(host, tmp_path / "state", project)
    assert first.claim()
    raised: list[bool] = []
    first.listen(lambda: raised.append(True))
    second = _second(tmp_path / "state", project)
    qtbot.waitUntil(lambda: second.poll() is not None, timeout=20_000)
    assert second.returncode == 20
    assert raised == [True]
    first.release()


def test_another_project_is_another_window(tmp_path: Path, host: Host, qtbot: QtBot) -> None:
    first = Instance(host, tmp_path / "state", tmp_path / "a")
    assert first.claim()
    second = _second(tmp_path / "state", tmp_path / "b")
    qtbot.waitUntil(lambda: second.poll() is not None, timeout=20_000)
    assert second.returncode == 10
    first.release()


def test_the_claim_of_a_process_that_ended_is_free_again(tmp_path: Path, host: Host, qtbot: QtBot) -> None:
    second = _second(tmp_path / "state", tmp_path)
    assert second.wait(20) == 10
    again = Instance(host, tmp_path / "state", tmp_path)
    assert again.claim()
    again.release()
