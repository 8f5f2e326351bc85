"""studio.py and the window: when it opens, what is got for it, and that all else works where it cannot be had."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import studio
from toolchains import first_start, setting_up


class Machine(studio.Machine):
    """A computer with a display whose ``natmod window --check`` ends as the test says."""

    def __init__(self, **environ: str) -> None:
        super().__init__()
        self.platform, self.environ = "linux", environ
        self.code, self.said = 3, "Error: Install them with pip.\n"
        self.ran: list[list[str]] = []

    def run(self, argv: list[str], **more: Any) -> tuple[int, str]:
        if "--check" in argv:
            self.ran.append(argv[4:])
            assert more["env"]["QT_QPA_PLATFORM"] == "offscreen"
            return self.code, self.said
        return 0, ""


class Desk:
    """A finished set-up without a window, in a folder of the test's own."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (root / "pyproject.toml").write_text('[dependency-groups]\ntest = ["pytest>=8"]\n')
        self.machine = Machine(DISPLAY=":1")
        self.pips: list[list[str]] = []
        self.pip_code, self.check_code = 0, 0
        self.checks: list[list[str]] = []
        self.root = root
        self.handed: list[list[str]] = []
        self.begun = first_start.begin([], self.machine, str(root), studio.say)
        env = studio.Environment(str(root), self.machine, self.begun)
        Path(env.python).parent.mkdir(parents=True)
        Path(env.python).touch()
        env.write_stamp("main")
        self.env = env
        monkeypatch.setattr(studio, "ROOT", str(root))
        monkeypatch.setattr(studio, "problem_of", lambda machine: None)
        monkeypatch.setattr(setting_up, "run_pip", self._pip)
        monkeypatch.setattr(studio, "hand_over", lambda argv, platform: self.handed.append(argv))
        monkeypatch.setattr(studio.os, "chdir", lambda folder: None)
        monkeypatch.setattr(setting_up.window_opens, "__defaults__", (self._call,))

    def _pip(self, pip: list[str], packages: list[str], say: object) -> tuple[int, str]:
        self.pips.append(packages)
        return self.pip_code, "ERROR: No matching distribution\n"

    def _call(self, argv: list[str]) -> int:
        self.checks.append(argv[4:])
        return self.check_code

    def start(self, *args: str) -> list[str]:
        """What studio.py became: the words after ``python -P -m``."""
        studio.start(list(args), self.machine)
        return self.handed.pop()[1:]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


def test_with_a_display_the_window_is_got_once_and_opened(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.start() == ["-P", "-m", "ide.app"]
    assert desk.pips == [["--editable", f"{desk.root}[gui]"]]
    assert desk.checks == [["window", "--check"]]
    said = capsys.readouterr().out
    assert "about 84 MB, nearly all of it Qt" in said
    assert "pip" not in said
    desk.pips.clear()
    desk.checks.clear()
    desk.machine.ran.clear()
    assert desk.start() == ["-P", "-m", "ide.app"]
    assert (desk.pips, desk.checks, desk.machine.ran) == ([], [], [])


def test_without_a_display_it_is_the_demo_and_qt_is_not_got(desk: Desk) -> None:
    desk.machine.environ = {}
    assert desk.start() == ["-P", "-m", "ide.cli", "demo"]
    assert desk.pips == []


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_windows_and_macos_have_one(platform: str) -> None:
    machine = Machine()
    machine.platform = platform
    assert machine.has_display()


def test_wayland_is_a_display() -> None:
    assert Machine(WAYLAND_DISPLAY="wayland-0").has_display()
    assert not Machine(DISPLAY="").has_display()


def test_where_there_are_no_packages_of_qt_it_says_so_and_does_the_demo(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.machine.code, desk.machine.said = 1, "Error: Qt's Python packages need glibc 2.39.\n"
    assert desk.start() == ["-P", "-m", "ide.cli", "demo"]
    assert capsys.readouterr().out == "Error: Qt's Python packages need glibc 2.39.\n"
    assert desk.pips == []


def test_when_pip_fails_it_says_so_and_does_the_demo(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.pip_code = 1
    assert desk.start() == ["-P", "-m", "ide.cli", "demo"]
    assert "Setting up failed: No matching distribution" in capsys.readouterr().out
    desk.pip_code = 0
    assert desk.start() == ["-P", "-m", "ide.app"]


def test_missing_libraries_are_looked_for_again_the_next_time(desk: Desk) -> None:
    desk.check_code = 1
    assert desk.start() == ["-P", "-m", "ide.cli", "demo"]
    desk.check_code = 0
    assert desk.start() == ["-P", "-m", "ide.app"]
    assert len(desk.pips) == 1
    assert len(desk.checks) == 2


def test_the_language_goes_along(desk: Desk) -> None:
    assert desk.start("--lang", "fr") == ["-P", "-m", "ide.cli", "--lang", "fr", "window"]
    assert desk.checks == [["--lang", "fr", "window", "--check"]]


def test_a_verb_never_gets_qt(desk: Desk) -> None:
    assert desk.start("build", "x") == ["-P", "-m", "ide.cli", "build", "x"]
    assert desk.pips == []


@pytest.mark.parametrize(("code", "pips"), [(3, 2), (1, 1)])
def test_tests_get_qt_without_a_display_too(desk: Desk, code: int, pips: int) -> None:
    desk.machine.environ, desk.machine.code = {}, code
    assert desk.start("test") == ["-m", "tests.tools.check"]
    assert len(desk.pips) == pips


def test_a_changed_pyproject_gets_all_of_it_again(desk: Desk) -> None:
    desk.start()
    (desk.root / "pyproject.toml").write_text("# changed")
    desk.pips.clear()
    desk.start()
    assert desk.pips == [["--editable", str(desk.root)], ["--editable", f"{desk.root}[gui]"]]
