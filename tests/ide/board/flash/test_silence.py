"""A run of esptool that waits for ever for its flash program is ended, and the failure is that of the flash program."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ide.board.flash import failures, silence
from ide.board.flash.progress import Heard
from toolchains.host import Host

_WAITS = (sys.executable, "-c", "import sys; sys.stdin.read()")


@pytest.mark.parametrize(("line", "ended"), [("Uploading stub flasher...", True), ("Connecting...", False)])
def test_only_a_flash_program_that_is_silent_is_given_up(host: Host, line: str, ended: bool) -> None:
    heard = Heard()
    heard.hear(line)
    with subprocess.Popen(_WAITS, stdin=subprocess.PIPE) as process:
        with silence.guarded(host, process, heard, seconds=0.2):
            try:
                process.wait(30 if ended else 1.5)
            except subprocess.TimeoutExpired:
                assert not ended
        process.kill()
    assert bool(heard.error) is ended
    if ended:
        failure = failures.failure_of(heard)
        assert (failure.kind, failure.again) == ("stub", ("no-stub",))
