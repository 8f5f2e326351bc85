"""A child that must not outlive its parent, although the parent is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests import homes, processes
from tests.waiting import wait_until
from toolchains.host import Host

#: Starts ``sleep`` as a keeper starts its machine, says its process id, and waits to be killed.
_PARENT = """
import sys
from pathlib import Path
from dataclasses import replace
from toolchains.host import Host

host = replace(Host.current(), system=sys.argv[1])
child = host.popen(["sleep", "1000"], die_with_parent=True, stdout=None, stderr=None)
sys.stdout.write("started\\n")
sys.stdout.flush()
child.wait()
"""


def sleepers(home: Path) -> list[processes.Process]:
    return [one for one in processes.with_home(home) if "sleep 1000" in one.command]


@pytest.mark.parametrize("system", ["linux", "macos"])
def test_it_ends_when_its_parent_is_killed(system: str, home: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT, system], cwd=homes.CHECKOUT, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"started\n"
        wait_until(lambda: sleepers(home), "the child runs")
        os.kill(parent.pid, signal.SIGKILL)
    wait_until(lambda: not processes.with_home(home), "the child is gone")


def test_a_shell_in_between_hands_on_the_exit_code(host: Host) -> None:
    mac = replace(host, system="macos")
    with mac.popen(["sh", "-c", "exit 7"], die_with_parent=True) as process:
        assert process.wait() == 7


def test_killing_the_shell_in_between_ends_the_child_too(host: Host, home: Path) -> None:
    mac = replace(host, system="macos")
    with mac.popen(["sleep", "1000"], die_with_parent=True, stdout=None, stderr=None) as process:
        wait_until(lambda: sleepers(home), "the child runs")
        mac.kill_tree(process)
    wait_until(lambda: not processes.with_home(home), "the child is gone")
