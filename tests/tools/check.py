"""Every check and test, one after the other: ``python3 studio.py test``. With arguments: only ``pytest ARGUMENTS``.

The last line counts tests and checks together: ``N passed, N failed, N skipped``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests import xserver
from tests.homes import CHECKOUT
from tests.tools import wheel_smoke
from tests.tools.streams import show
from toolchains.jobs import Event, JobContext, Note


@dataclass(frozen=True)
class Outcome:
    """What a check found: counts of what passed, failed and was skipped, and how long it took."""

    title: str
    passed: int
    failed: int
    skipped: int = 0
    seconds: float = 0.0

    def line(self) -> str:
        """One line of the summary."""
        word = "FAILED" if self.failed else "ok"
        counts = f"{self.passed} passed" if self.passed > 1 else ""
        return f"{self.title:<18} {word:<7} {self.seconds:6.1f} s  {counts}".rstrip()


def _tool(*argv: str) -> Callable[[], tuple[int, int, int]]:
    """A check by a program of the environment, named as a module or script."""

    def check() -> tuple[int, int, int]:
        code = subprocess.run([sys.executable, *argv], cwd=CHECKOUT, check=False).returncode
        return int(code == 0), int(code != 0), 0

    return check


#: Tests mostly wait, for a compiler, a board or a window: as many processes as cores, each with whole files.
_SIDE_BY_SIDE = ("-n", str(min(6, max(2, os.cpu_count() or 1))), "--dist", "loadfile")


#: What passed where there is no Qt passes where there is: it is not run twice. Gone with this process.
_ONCE = TemporaryDirectory(prefix="natmod-check-")
_PASSED = Path(_ONCE.name, "passed.txt")


def _pytest() -> tuple[int, int, int]:
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        argv = [*_pytest_here(), *_SIDE_BY_SIDE, "--durations=15", "--durations-min=5", f"--junitxml={report}"]
        argv.append(f"--but-not={_PASSED}")
        code = subprocess.run(argv, cwd=CHECKOUT, check=False).returncode
        return _counts(report, code)


def _pytest_here() -> list[str]:
    """pytest; where Qt cannot be loaded, without pytest-qt, and then without the window's tests (tests/conftest.py)."""
    loads = subprocess.run([sys.executable, "-c", "import pyside6_scintilla"], capture_output=True, check=False)
    return [sys.executable, "-m", "pytest", *([] if loads.returncode == 0 else ["-p", "no:pytest-qt"])]


def _counts(report: Path, code: int) -> tuple[int, int, int]:
    """Passed, failed and skipped tests of a JUnit report; an exit code that no test explains counts as a failure."""
    if not report.is_file():
        return 0, 1, 0
    suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
    total, failures, errors, skipped = (
        sum(int(suite.get(key, "0")) for suite in suites) for key in ("tests", "failures", "errors", "skipped")
    )
    failed = failures + errors
    return max(0, total - failed - skipped), failed or int(code != 0), skipped


#: Python imports it at the start of every process that has its folder on PYTHONPATH, children of tests too.
_NO_QT = """
import sys

class NoQt:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("PySide6", "shiboken6", "pyside6_scintilla", "lexilla", "pytestqt"):
            raise ModuleNotFoundError("No module named " + repr(name), name=name)

sys.meta_path.insert(0, NoQt())
"""

#: With these the step would take two minutes, and they have nothing that a window could come into.
_LONG_ALL_THE_SAME = ("firmware", "makefile", "providers", "test_archive.py", "test_sdk.py", "test_store.py")


def _engine_without_qt() -> tuple[int, int, int]:
    """The quick tests of the engine and the command line where Qt and pytest-qt cannot be imported.

    The packages are installed all the same: an environment without them would have to be made for each run, and takes
    longer than the tests. What this cannot see is a fault in what pip installs without the extra ``gui``; the wheel
    smoke test, which has an environment of its own, installs without it.
    """
    with TemporaryDirectory() as folder:
        Path(folder, "sitecustomize.py").write_text(_NO_QT, "utf-8")
        env = {**os.environ, "PYTHONPATH": folder}
        report = Path(folder) / "report.xml"
        argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:pytest-qt", "--quick", f"--junitxml={report}"]
        argv += [*_SIDE_BY_SIDE, f"--passed-to={_PASSED}", "-m", "not hypothesis and not slow"]
        argv += [f"--ignore=tests/toolchains/{name}" for name in _LONG_ALL_THE_SAME]
        argv += ["--ignore-glob=tests/ide/cli/test_flash*"]  # minutes of an emulated chip, side by side later
        argv += ["tests/toolchains", "tests/ide/cli", "tests/ide/board/test_other_systems.py"]
        code = subprocess.run(argv, cwd=CHECKOUT, env=env, check=False).returncode
        return _counts(report, code)


def _wheel() -> tuple[int, int, int]:
    good = wheel_smoke.main() == 0
    return int(good), int(not good), 0


CHECKS: dict[str, Callable[[], tuple[int, int, int]]] = {
    "ruff check": _tool("-m", "ruff", "check"),
    "ruff format": _tool("-m", "ruff", "format", "--check"),
    "mypy": _tool("-m", "mypy"),
    "lint-imports": _tool("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"),
    "engine without Qt": _engine_without_qt,
    "pytest": _pytest,
    "wheel smoke": _wheel,
}


def _show(event: Event) -> None:
    if isinstance(event, Note):
        show(str(event.text))


def run_checks() -> list[Outcome]:
    """Run them all, also after a failure: one run tells everything."""
    outcomes = []
    for title, check in CHECKS.items():
        show(f"--- {title}")
        start = time.monotonic()
        counts = check()
        outcomes.append(Outcome(title, *counts, seconds=time.monotonic() - start))
    return outcomes


def main(args: Sequence[str]) -> int:
    """Run everything, or pytest alone with ``args``; the exit code."""
    for problem in xserver.prepare(JobContext(sink=_show)):
        show(problem)
    if args:
        return subprocess.run([*_pytest_here(), *args], cwd=CHECKOUT, check=False).returncode
    outcomes = run_checks()
    show("--- summary")
    for outcome in outcomes:
        show(outcome.line())
    passed, failed, skipped = (sum(getattr(o, key) for o in outcomes) for key in ("passed", "failed", "skipped"))
    show(f"{passed} passed, {failed} failed, {skipped} skipped")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
