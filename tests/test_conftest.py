"""The guards of conftest.py: a test that leaves something behind must fail."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.fakes import espressif
from tests.homes import CHECKOUT
from toolchains.compilers import CompilerFinder
from toolchains.jobs import JobContext
from toolchains.manager import Toolchains
from toolchains.paths import Paths

_PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider", "-W", "ignore"]
_CASES = """
    import logging, subprocess, sys, threading, os

    def test_thread(request):
        threading.Thread(target=threading.Event().wait, name="forgotten", daemon=True).start()

    def test_child():
        test_child.kept = subprocess.Popen(["sleep", "100"])

    def test_daemon(home):
        # The shell ends at once; its child belongs to nobody, but carries the test's home.
        subprocess.run(["sh", "-c", "sleep 101 >/dev/null 2>&1 &"], check=True)

    def test_warning():
        logging.getLogger("somewhere").warning("odd")

    def test_clean(ctx, paths):
        done = ctx.run([sys.executable, "-c", "print(1)"])
        assert done.text == "1\\n"
        assert str(paths.data).startswith(os.environ["NATMOD_HOME"])
"""


def _run(folder: Path, cases: str, *options: str, **environ: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_cases.py").write_text(textwrap.dedent(cases))
    return subprocess.run(
        [*_PYTEST, *options, "-c", CHECKOUT / "pyproject.toml", folder / "test_cases.py"],
        cwd=CHECKOUT,
        env={**os.environ, "NATMOD_TEST_GRACE": "0.3", **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_left_behind_fails_the_test(tmp_path: Path) -> None:
    done = _run(tmp_path, _CASES)
    assert "The test left behind: thread 'forgotten'" in done.stdout
    assert "(sleep 100)" in done.stdout
    assert "(sleep 101)" in done.stdout
    assert "Unexpected log: somewhere: odd" in done.stdout
    assert "5 passed, 4 errors" in done.stdout, done.stdout


_QT_CASES = """
    import warnings
    from PySide6.QtCore import QObject, QThread, QTimer, qWarning
    from PySide6.QtWidgets import QApplication, QLabel, QWidget

    kept = []

    def test_offscreen(qapp):
        assert qapp.platformName() == "offscreen"

    def test_window(qapp):
        kept.append(QLabel("left"))
        kept[-1].setWindowTitle("forgotten")

    def test_timer(qapp):
        kept.append(QTimer())
        kept[-1].start(12345)

    def test_qthread(qapp):
        kept.append(QThread())
        kept[-1].start()

    def test_qt_warning(qapp):
        qWarning("odd words")

    def test_slot(qapp, qtbot):
        QTimer.singleShot(0, lambda: 1 / 0)
        qtbot.wait(20)

    def test_clean(qapp, qtbot):
        window = QWidget()
        child = QTimer(window)
        child.start(100)
        qtbot.addWidget(window)
        other = QWidget()
        other.show()
        other.deleteLater()

    def test_end(qapp):
        kept[-1].quit()
        kept[-1].wait()
"""


def test_what_is_left_of_qt_fails_the_test(tmp_path: Path) -> None:
    pytest.importorskip("pytestqt")
    done = _run(tmp_path, _QT_CASES)
    assert "The test left behind: window QLabel 'forgotten'" in done.stdout
    assert "The test left behind: timer of 12345 ms" in done.stdout
    assert "The test left behind: thread <PySide6.QtCore.QThread" in done.stdout
    assert "odd words" in done.stdout
    assert "ZeroDivisionError" in done.stdout
    assert "2 failed, 6 passed, 3 errors" in done.stdout, done.stdout


def test_what_is_installed_in_a_borrowed_home_stays_there(
    ctx: JobContext, warm_paths: Paths, shared_paths: Paths, tmp_path: Path
) -> None:
    before = sorted((shared_paths.store / "toolchains").glob("[!.]*"))
    espressif.publish(warm_paths, espressif.make())
    manager = Toolchains(warm_paths, ctx.host, CompilerFinder(warm_paths, ctx.host))
    source = espressif.Pack(warm_paths, espressif.make(), tmp_path)
    manager.install(ctx, f"xtensa-esp-elf@{espressif.VERSION}", sources=[source])
    assert espressif.VERSION in [one.version for one in manager.installed()]
    assert sorted((shared_paths.store / "toolchains").glob("[!.]*")) == before
    assert not (shared_paths.data / "catalog").exists()
    assert {path.name for path in before} <= {one.folder.name for one in manager.installed()}
