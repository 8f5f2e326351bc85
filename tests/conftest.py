"""What every test gets: a home of its own, parts made once a run, and a failure when it leaves something behind."""

from __future__ import annotations

import gc
import itertools
import logging
import os
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import homes, processes, qt_leaks
from toolchains import languages
from toolchains.host import Host
from toolchains.host_languages import ENGLISH, VARIABLE
from toolchains.jobs import Event, JobContext, Log, Note, StepStarted
from toolchains.paths import Paths

if TYPE_CHECKING:
    from tests.compilers import Compilers
    from toolchains.sdk import SdkTree
    from toolchains.toolbox import Toolbox

#: How long a thread or child that is on its way out may take, in seconds.
_GRACE_S = float(os.environ.get("NATMOD_TEST_GRACE", "5"))
_numbers = itertools.count(1)
#: Rooms of tests that import Qt.
_WINDOW = ("tests/ide/window", "tests/ide/editor", "tests/ide/panels", "tests/e2e/window", "tests/bench/window")
#: Fixtures that cost seconds to minutes the first time.
_DEAR = {"sdk_tree", "sdk_1250", "rv32_firmware", "unix_firmware", "warm_home"}


@dataclass
class RecordingContext(JobContext):
    """A job whose events are kept: ``ctx.events``, and what a person would read in ``ctx.said()``."""

    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.sink = self.events.append

    def said(self) -> list[str]:
        """Step titles, notes and log lines, in order, as they would be shown."""
        lines = []
        for event in self.events:
            match event:
                case StepStarted(title=text) | Note(text=text):
                    lines.append(str(text))
                case Log(line=line):
                    lines.append(line)
        return lines


# --- one language, one face ----------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """``--quick``. And where pytest-qt is not there (the engine's own tests), nobody else knows its settings."""
    parser.addoption("--quick", action="store_true", help="only tests that need nothing that is dear to make")
    parser.addoption("--passed-to", type=Path, help="write the names of the tests that passed into this file")
    parser.addoption("--but-not", type=Path, help="leave out the tests that such a file names")
    if not pluginmanager.hasplugin("pytest-qt"):
        parser.addini("qt_api", "read by pytest-qt")
        parser.addini("qt_log_level_fail", "read by pytest-qt")
        parser.addini("qt_log_ignore", "read by pytest-qt", type="linelist")
        parser.addini("qt_log_ignore", "read by pytest-qt", type="linelist")


def pytest_configure() -> None:
    """Everything that is started speaks English, whatever the machine's language is, and opens no window on a screen.

    A test that wants a real X server starts one of its own, and says so to its child processes.
    """
    os.environ[VARIABLE] = ENGLISH
    os.environ["QT_QPA_PLATFORM"] = "offscreen"


def pytest_report_header(config: pytest.Config) -> str:
    """What is left out, and why."""
    return "" if _has_qt(config) else "Qt is not used in this run: the tests of the window are left out"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Without Qt there is no window to test."""
    room = (
        collection_path.relative_to(homes.CHECKOUT).as_posix() if collection_path.is_relative_to(homes.CHECKOUT) else ""
    )
    return True if room.startswith(_WINDOW) and not _has_qt(config) else None


def _has_qt(config: pytest.Config) -> bool:
    return config.pluginmanager.hasplugin("pytest-qt")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With ``--quick``: leave out what is slow, and what needs an SDK tree, a firmware or a compiler."""
    passed: Path | None = config.getoption("--but-not")
    done = set(passed.read_text("utf-8").splitlines()) if passed is not None and passed.is_file() else set()
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        slow = item.get_closest_marker("slow") or _DEAR & set(getattr(item, "fixturenames", ()))
        out = item.nodeid in done or (slow and config.getoption("--quick"))
        (left_out if out else kept).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


def pytest_collection_finish() -> None:
    """What loading the tests made stays, and nothing of it runs: neither the collector nor we look at it each test.

    It is 300 000 objects; to look for Qt's among them took longer than most tests.
    """
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """With ``--passed-to``: what another run need not repeat. Called where results come together, not in workers."""
    file: Path | None = config.getoption("--passed-to")
    if file is not None:
        passed = [report.nodeid for report in terminalreporter.getreports("passed")]
        file.write_text("\n".join(passed), "utf-8")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """A test that made this process speak another language does not make the next one do it."""
    yield
    languages.use(ENGLISH)


# --- a home of its own ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("h")


@pytest.fixture(autouse=True)
def home(_homes: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This test's own ``NATMOD_HOME`` (set in the environment, made on first use; short, for socket paths)."""
    path = _homes / str(next(_numbers))
    monkeypatch.setenv("NATMOD_HOME", str(path))
    monkeypatch.setenv("NATMOD_SIM_LINGER", "0")
    return path


@pytest.fixture
def paths(home: Path) -> Paths:
    """The folders of this test alone: nothing is installed."""
    return Paths.from_environment({"NATMOD_HOME": str(home)})


@pytest.fixture
def warm_home(home: Path) -> Path:
    """This test's ``NATMOD_HOME`` with the run's SDK trees, compiler probes and simulator firmware in it."""
    homes.borrow(home)
    return home


@pytest.fixture
def warm_paths(warm_home: Path) -> Paths:
    """The folders of :func:`warm_home`."""
    return Paths.from_environment({"NATMOD_HOME": str(warm_home)})


@pytest.fixture
def host(home: Path) -> Host:
    """This machine, with this test's ``NATMOD_HOME``."""
    return Host.current()


@pytest.fixture
def ctx(host: Host) -> RecordingContext:
    """A job that keeps its events."""
    return RecordingContext(host)


@pytest.fixture
def toolbox(warm_home: Path, sdk_tree: SdkTree) -> Iterator[Toolbox]:
    """The engine's parts over the run's shared SDK trees and caches; closed at the end."""
    from toolchains.toolbox import Toolbox

    with Toolbox.of(Host.current()) as box:
        yield box


# --- made once a run -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def session_ctx() -> RecordingContext:
    """A job for what is made once a run."""
    return RecordingContext(Host.current())


@pytest.fixture(scope="session")
def shared_paths() -> Paths:
    """The folders of what is made once a run. To read, and to make things in that are keyed by content."""
    return homes.shared_paths()


def _sdk(ctx: JobContext, paths: Paths, version: str) -> SdkTree:
    from toolchains.sdk import SdkStore

    return SdkStore(paths).ensure(ctx, version)


@pytest.fixture(scope="session")
def sdk_tree(session_ctx: RecordingContext, shared_paths: Paths) -> SdkTree:
    """The MicroPython 1.26.1 source tree."""
    return _sdk(session_ctx, shared_paths, "1.26.1")


@pytest.fixture(scope="session")
def sdk_1250(session_ctx: RecordingContext, shared_paths: Paths) -> SdkTree:
    """The MicroPython 1.25.0 source tree."""
    return _sdk(session_ctx, shared_paths, "1.25.0")


@pytest.fixture(scope="session")
def sdk_newest(sdk_tree: SdkTree) -> SdkTree:
    """MicroPython 1.29 where ``NATMOD_TEST_TREE_1_29`` names such a tree (Debian has none); else 1.26.1."""
    from toolchains.sdk_tree import SdkTree

    place = os.environ.get("NATMOD_TEST_TREE_1_29")
    return SdkTree.open(Path(place)) if place else sdk_tree


@pytest.fixture(scope="session")
def rv32_firmware(session_ctx: RecordingContext, shared_paths: Paths, sdk_tree: SdkTree) -> Path:
    """The firmware of ``sim:rv32``, from MicroPython 1.26.1."""
    from toolchains.firmware import rv32

    return rv32.build(session_ctx, sdk_tree, shared_paths, session_ctx.host)


@pytest.fixture(scope="session")
def unix_firmware(session_ctx: RecordingContext, shared_paths: Paths, sdk_tree: SdkTree) -> Path:
    """The MicroPython program of ``sim:unix``, from MicroPython 1.26.1."""
    from toolchains.firmware import unix

    return unix.build(session_ctx, sdk_tree, shared_paths, session_ctx.host)


@pytest.fixture(scope="session")
def compiler_for(session_ctx: RecordingContext, shared_paths: Paths) -> Compilers:
    """``compiler_for("xtensawin")`` is a working compiler, got by our own code; skips where it cannot be had."""
    from tests.compilers import Compilers

    return Compilers(session_ctx, shared_paths)


# --- nothing is left behind ----------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _nothing_left(home: Path) -> Iterator[None]:
    """Fail a test that leaves a thread or a process behind. Parts with a wider scope are there before the test."""
    threads = set(threading.enumerate())
    known = processes.children()
    yield
    left = _threads_left(threads)
    found = processes.wait_until_none(lambda: _processes_left(known, home), _GRACE_S)
    for process in found:
        process.kill()
    problems = [f"thread {thread.name!r}" for thread in left] + [f"process {process}" for process in found]
    problems += [f"folder {folder}" for folder in _drives_left()]
    if problems:
        pytest.fail("The test left behind: " + "; ".join(problems), pytrace=False)


def _threads_left(before: set[threading.Thread]) -> list[threading.Thread]:
    end = time.monotonic() + _GRACE_S
    new = [thread for thread in threading.enumerate() if thread not in before]
    for thread in new:
        thread.join(max(0.0, end - time.monotonic()))
    return [thread for thread in new if thread.is_alive()]


def _processes_left(known: list[processes.Process], home: Path) -> list[processes.Process]:
    found = {process.pid: process for process in processes.of_test(home)}
    # A part with a wider scope may replace a child of its own that has died.
    gone = [process.command for process in known if not process.alive()]
    for process in known:
        found.pop(process.pid, None)
    left = []
    for process in found.values():
        if process.command in gone:
            gone.remove(process.command)
        else:
            left.append(process)
    return left


def _drives_left() -> list[Path]:
    r"""Folders like ``C:\natmod-studio`` in the checkout: a test that plays Windows forgot to say where they are."""
    found = [] if os.name == "nt" else [path for path in homes.CHECKOUT.glob("?:*") if path.is_dir()]
    for folder in found:
        shutil.rmtree(folder)
    return found


@pytest.fixture(autouse=True)
def _nothing_of_qt_left(_nothing_left: None) -> Iterator[None]:
    """Fail a test that leaves a window, a running timer or thread of Qt behind; Qt's warnings are pytest-qt's part."""
    before = qt_leaks.leftovers()
    yield
    problems = qt_leaks.new_since(before)
    if problems:
        pytest.fail("The test left behind: " + "; ".join(problems), pytrace=False)


@pytest.fixture(autouse=True)
def _no_unexpected_warnings(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test during which something logs a warning, unless it is marked ``logs_warnings``."""
    yield
    if request.node.get_closest_marker("logs_warnings"):
        return
    records = [*caplog.get_records("setup"), *caplog.get_records("call")]
    bad = [f"{r.name}: {r.getMessage()}" for r in records if r.levelno >= logging.WARNING]
    if bad:
        pytest.fail("Unexpected log: " + "; ".join(bad), pytrace=False)
