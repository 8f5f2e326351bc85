"""Handing over from studio.py to the program."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.homes import CHECKOUT
from toolchains import setting_up


@pytest.mark.skipif(sys.platform == "win32", reason="there it depends on how the tests were started")
def test_only_on_windows_a_console_closes_with_us() -> None:
    assert not setting_up.own_console()


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT to a process group")
def test_on_windows_ctrl_c_leaves_the_decision_to_the_program(tmp_path: Path) -> None:
    child = (
        "import signal, sys, threading\n"
        "done = threading.Event()\n"
        "signal.signal(signal.SIGINT, lambda *_: done.set())\n"
        "print('ready', flush=True)\n"
        "done.wait()\n"
        "sys.exit(42)\n"
    )
    call = f"setting_up.hand_over([sys.executable, '-c', {child!r}], 'win32')"
    parent = f"import sys; from toolchains import setting_up; sys.exit({call})"
    argv = [sys.executable, "-c", parent]
    with subprocess.Popen(argv, cwd=CHECKOUT, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(10) == 42
