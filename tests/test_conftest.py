"""The guards of conftest.py: a test that leaves something behind must fail."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

from tests.homes import CHECKOUT

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


def test_what_is_left_behind_fails_the_test(tmp_path: Path) -> None:
    (tmp_path / "test_cases.py").write_text(textwrap.dedent(_CASES))
    done = subprocess.run(
        [*_PYTEST, "-c", CHECKOUT / "pyproject.toml", tmp_path / "test_cases.py"],
        cwd=CHECKOUT,
        env={**os.environ, "NATMOD_TEST_GRACE": "0.3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "The test left behind: thread 'forgotten'" in done.stdout
    assert "(sleep 100)" in done.stdout
    assert "(sleep 101)" in done.stdout
    assert "Unexpected log: somewhere: odd" in done.stdout
    assert "5 passed, 4 errors" in done.stdout, done.stdout
