"""Long work: progress, log, steps, child processes and cancel, all through one object.

Every long task is a function ``work(ctx, ...) -> Result``. Each call on ``ctx`` is also the point where a cancel takes
hold. Nothing here knows who is watching: events go to one callable (the CLI's printer, the window's deque).
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from toolchains.errors import Cancelled, ToolFailed, ToolMissing
from toolchains.host import Host
from toolchains.text import Text


@dataclass(frozen=True)
class StepStarted:
    """A named part of the work began; ``depth`` counts the steps around it."""

    title: Text
    depth: int


@dataclass(frozen=True)
class StepEnded:
    """A named part ended well, after ``seconds``."""

    title: Text
    seconds: float
    depth: int


@dataclass(frozen=True)
class Progress:
    """``done`` of ``total`` (None: unknown) in ``unit`` (``B`` for bytes, else a plain count)."""

    done: int
    total: int | None
    unit: str


@dataclass(frozen=True)
class Log:
    """One line of a tool, or of ours, worth keeping but not worth a step."""

    line: str


@dataclass(frozen=True)
class Note:
    """A sentence that the person should read even when all goes well."""

    text: Text


Event = StepStarted | StepEnded | Progress | Log | Note
Sink = Callable[[Event], None]


@dataclass(frozen=True)
class Completed:
    """A child process that ended: its argv, exit code, and what it printed."""

    argv: tuple[str, ...]
    returncode: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        """Standard output, then standard error, as text."""
        return (self.stdout + self.stderr).decode("utf-8", "backslashreplace")


def _ignore(event: Event) -> None:
    """The sink of a job that nobody watches."""


@dataclass
class JobContext:
    """What a task is given: the host it runs on, where its events go, and whether it was cancelled."""

    host: Host = field(default_factory=Host.current)
    sink: Sink = _ignore

    def __post_init__(self) -> None:
        self._cancelled = threading.Event()
        # Re-entrant: a signal handler cancels in the very thread that may be holding it.
        self._lock = threading.RLock()
        self._children: set[subprocess.Popen[bytes]] = set()
        self._on_cancel: list[Callable[[], None]] = []
        self._depth = 0
        #: (title, seconds) of every ended step, in the order of their end.
        self.timings: list[tuple[Text, float]] = []

    def check(self) -> None:
        """Raise :class:`Cancelled` if somebody cancelled."""
        if self._cancelled.is_set():
            raise Cancelled

    @property
    def cancelled(self) -> bool:
        """Whether somebody cancelled."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Cancel from any thread: children are ended, waiting calls return, the next call on the context raises."""
        with self._lock:
            self._cancelled.set()
            children, callbacks = list(self._children), list(self._on_cancel)
        for child in children:
            self.host.kill_tree(child)
        for callback in callbacks:
            callback()

    @contextmanager
    def cancelling(self, callback: Callable[[], None]) -> Iterator[None]:
        """While the body runs, a cancel also calls ``callback`` (from the cancelling thread)."""
        with self._lock:
            self._on_cancel.append(callback)
        try:
            self.check()
            yield
        finally:
            with self._lock:
                self._on_cancel.remove(callback)

    @contextmanager
    def part(self, seconds: float | None = None) -> Iterator[JobContext]:
        """A job inside this one. It is cancelled with this one, by itself, or after ``seconds``; this one goes on."""
        inner = JobContext(self.host, self.sink)
        inner._depth = self._depth
        clock = threading.Timer(seconds or 0, inner.cancel)
        with self.cancelling(inner.cancel):
            if seconds is not None:
                clock.start()
            try:
                yield inner
            finally:
                clock.cancel()

    def progress(self, done: int, total: int | None = None, unit: str = "B") -> None:
        """Report how far the current step is."""
        self.check()
        self.sink(Progress(done, total, unit))

    def log(self, line: str) -> None:
        """Keep a line for the log."""
        self.check()
        self.sink(Log(line))

    def note(self, text: Text) -> None:
        """Tell the person something."""
        self.check()
        self.sink(Note(text))

    @contextmanager
    def step(self, title: Text) -> Iterator[None]:
        """Name and time a part of the work."""
        self.check()
        depth = self._depth
        self.sink(StepStarted(title, depth))
        self._depth = depth + 1
        start = time.perf_counter()
        try:
            yield
        finally:
            self._depth = depth
        seconds = time.perf_counter() - start
        self.timings.append((title, seconds))
        self.sink(StepEnded(title, seconds, depth))

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str | None] | None = None,
        stdin: bytes | None = None,
        check: bool = True,
        timeout: float | None = None,
    ) -> Completed:
        """Run a program to its end. With ``check``, a non-zero exit raises :class:`ToolFailed`.

        ``timeout`` is in seconds; a program that outlasts it is killed and reported as failed.
        """
        words = tuple(str(a) for a in argv)
        with self.child(words, cwd=cwd, env=env, stdin=subprocess.PIPE if stdin is not None else None) as process:
            try:
                out, err = process.communicate(stdin, timeout)
            except subprocess.TimeoutExpired:
                self.host.kill_tree(process)
                out, err = process.communicate()
        self.check()
        done = Completed(words, process.returncode, out, err)
        if check and done.returncode:
            raise ToolFailed(words, done.returncode, done.text)
        return done

    def run_lines(
        self,
        argv: Sequence[str | Path],
        on_line: Callable[[str], None],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str | None] | None = None,
    ) -> int:
        """Run a program and hand on each line of its output as it comes; the exit code."""
        with self.child(tuple(str(a) for a in argv), cwd=cwd, env=env, merge=True) as process:
            assert process.stdout is not None
            for raw in process.stdout:
                on_line(raw.decode("utf-8", "backslashreplace").rstrip("\r\n"))
            process.wait()
        self.check()
        return process.returncode

    @contextmanager
    def child(
        self,
        argv: tuple[str, ...],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str | None] | None = None,
        stdin: int | None = None,
        merge: bool = False,
        gentle: bool = False,
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A child process that a cancel, or an exception of the body, ends together with all it started.

        ``gentle``: see :meth:`~toolchains.host.Host.popen`.
        """
        self.check()
        try:
            process = self.host.popen(
                argv,
                cwd=cwd,
                env=env,
                stdin=stdin if stdin is not None else subprocess.DEVNULL,
                stderr=subprocess.STDOUT if merge else subprocess.PIPE,
                gentle=gentle,
            )
        except FileNotFoundError as error:
            raise ToolMissing(argv[0]) from error
        except OSError as error:
            raise ToolFailed(argv, -1, str(error)) from error
        with self._lock:
            self._children.add(process)
        try:
            if self.cancelled:
                self.host.kill_tree(process)
            yield process
        finally:
            with self._lock:
                self._children.discard(process)
            self.host.kill_tree(process)
            process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()
