"""``natmod watch`` as it is used: an editor that saves, a board that runs, a person who types."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.command import CHECKOUT, copy_example, environment, start_argv

pytestmark = pytest.mark.usefixtures("warm_home", "rv32_firmware")

LOOP = "import time\nprint('looping')\nwhile True:\n    time.sleep(0.05)\n"


class Watched:
    """A ``natmod watch`` that runs, and what it has said so far."""

    def __init__(self, process: subprocess.Popen[bytes], output: int) -> None:
        self.process = process
        self._said = b""
        self._seen = 0
        self._new = threading.Condition()
        self._reader = threading.Thread(target=self._read, args=(output,))
        self._reader.start()

    def _read(self, output: int) -> None:
        while True:
            try:
                data = os.read(output, 4096)
            except OSError:  # a terminal whose last user left
                data = b""
            with self._new:
                self._said += data
                self._new.notify_all()
            if not data:
                break
        os.close(output)

    def until(self, words: str) -> str:
        """Wait for these words, after those that were waited for before; what was said up to them."""
        wanted = words.encode()
        with self._new:
            found = self._new.wait_for(lambda: self._said.find(wanted, self._seen) >= 0, 60)
            assert found, f"no {words!r} in: {self._said[self._seen :].decode()}"
            end = self._said.find(wanted, self._seen) + len(wanted)
            text, self._seen = self._said[self._seen : end], end
        return text.decode()

    def end(self) -> int:
        """Ctrl-C; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        code = self.process.wait(20)
        self._reader.join()
        return code


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_example("factorial", tmp_path)


@pytest.fixture
def watched(project: Path) -> Iterator[Watched]:
    ours, theirs = os.pipe()
    process = subprocess.Popen(
        start_argv("watch", project, "--board", "sim:rv32"),
        stdin=subprocess.PIPE,
        stdout=theirs,
        stderr=theirs,
        cwd=CHECKOUT,
        env=environment(),
    )
    os.close(theirs)
    watched = Watched(process, ours)
    yield watched
    if process.poll() is None:
        watched.end()
    if process.stdin is not None:
        process.stdin.close()


def test_an_afternoon_of_saves(watched: Watched, project: Path) -> None:
    source, main = project / "factorial.c", project / "main.py"
    text = source.read_text("utf-8")
    watched.until("factorial(10) = 3628800")
    watched.until("heap: ")

    source.write_text(text.replace("return result;", "return result + 1;"), "utf-8")
    watched.until("--- saved: factorial.c")
    assert "after the save" in watched.until("factorial(10) = 3628801")

    source.write_text(text.replace("return result;", "return result +;"), "utf-8")
    watched.until("The C code has 1 error")

    (project / "new.tmp").write_text(text, "utf-8")  # an editor that saves by renaming, and errors that are mended
    os.replace(project / "new.tmp", source)
    watched.until("factorial(10) = 3628800")

    main.write_text(LOOP)
    watched.until("looping")
    main.write_text("print('stopped cleanly:', 6 * 7)\n1 / 0\n")  # while it loops
    assert "KeyboardInterrupt" not in watched.until("stopped cleanly: 42")
    watched.until("ZeroDivisionError")

    (project / "natmod.toml").write_text("schema = 1\nnonsense = 1\n")
    watched.until("nonsense")
    assert watched.end() == 0
    assert "The watch has ended." in watched.until("ended.")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc that tells a process's time")
def test_nothing_is_done_while_nothing_is_saved(watched: Watched, project: Path) -> None:
    watched.until("heap: ")
    (project / "notes.txt").write_text("no source\n")
    before = _cpu(watched.process.pid)
    with pytest.raises(subprocess.TimeoutExpired):
        watched.process.wait(3)  # three seconds of nothing
    assert _cpu(watched.process.pid) - before < 0.1
    assert watched.process.stdin is not None
    (project / "main.py").write_text("print('hello', input('who? '))\nprint('and', input())\n")
    watched.until("who? ")
    watched.process.stdin.write(b"you\nme\n")
    watched.process.stdin.flush()
    watched.until("hello you")
    watched.until("and me")


def _cpu(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_on_a_terminal_keys_reach_the_program_and_ctrl_c_ends_the_watch(project: Path) -> None:
    (project / "main.py").write_text("print('hello', input('who? '))\n" + LOOP)
    master, slave = os.openpty()
    process = subprocess.Popen(
        start_argv("watch", project, "--board", "sim:rv32"),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=CHECKOUT,
        env=environment(),
        start_new_session=True,
    )
    os.close(slave)
    watched = Watched(process, os.dup(master))
    watched.until("who? ")
    os.write(master, b"ada\r")
    watched.until("hello ada")
    watched.until("looping")
    os.write(master, b"\x03")
    assert process.wait(20) == 0
    watched.until("The watch has ended.")
    os.close(master)
    assert watched.end() == 0
