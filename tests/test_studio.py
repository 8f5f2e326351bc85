"""studio.py: what it says when it cannot go on, and that a finished set-up is left alone."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import studio
from tests.homes import CHECKOUT
from toolchains import first_start, setting_up

_COMPILED = shutil.ignore_patterns("__pycache__")


class FakeMachine(studio.Machine):
    """A good computer, but for what a test changes; programs it is asked to run are only noted."""

    def __init__(self, **changes: Any) -> None:
        super().__init__()
        self.ran: list[list[str]] = []
        self.version, self.platform, self.bits, self.build = (3, 12), "linux", 64, ""
        self.programs, self.root, self.venv = {"apt-get"}, False, True
        self.on_run: Callable[[list[str]], tuple[int, str]] = lambda argv: (0, "")
        self.__dict__.update(changes)

    def has_venv(self) -> bool:
        return self.venv

    def is_root(self) -> bool:
        return self.root

    def which(self, program: str) -> str | None:
        return program if program in self.programs else None

    def works(self, program: str) -> bool:
        return program in self.programs

    def run(self, argv: list[str], **more: Any) -> tuple[int, str]:
        self.ran.append(argv)
        return self.on_run(argv)


# --- Pythons that cannot do it ---------------------------------------------------------------------------------------


def test_old_pythons_can_read_the_file() -> None:
    tree = ast.parse((CHECKOUT / "studio.py").read_text("utf-8"), feature_version=(3, 4))
    modern = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Nonlocal, ast.AsyncFunctionDef, ast.YieldFrom)
    found = [node for node in ast.walk(tree) if isinstance(node, modern)]
    found += [node for node in ast.walk(tree) if isinstance(node, ast.arguments) and node.kwonlyargs]
    found += [node for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.cause]
    assert found == []


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.10"])
def test_an_old_python_says_what_to_type(version: str) -> None:
    found = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    python = str(found[-1]) if found else shutil.which(f"/usr/bin/python{version}")
    if python is None:
        pytest.skip(f"there is no Python {version} on this computer")
    done = subprocess.run([python, CHECKOUT / "studio.py"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"Natmod Studio needs Python 3.11 or newer, this is Python {version}: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"version": (3, 10)}, "this is Python 3.10: install a newer one from python.org (or"),
        ({"version": (3, 10), "programs": {"python3.12"}}, "this is Python 3.10: type python3.12 studio.py instead."),
        ({"version": (2, 7), "platform": "win32"}, "then type: py studio.py"),
        ({"bits": 32}, "This Python is a 32-bit one"),
        ({"platform": "win32", "build": "win-arm64"}, "Windows on Arm is not supported with Python for Arm"),
        (
            {"platform": "win32", "executable": r"C:\Users\x\AppData\Local\Microsoft\WindowsApps\python3.exe"},
            "This Python comes from the Microsoft Store",
        ),
    ],
)
def test_a_python_that_cannot_do_it_gets_one_sentence(
    changes: dict[str, Any], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert studio.main([], FakeMachine(**changes)) == 1
    said = capsys.readouterr()
    assert words in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""


def test_the_same_pythons_are_good_when_they_are_right() -> None:
    assert studio.problem_of(FakeMachine()) is None
    assert studio.problem_of(FakeMachine(platform="win32", build="win-amd64")) is None


# --- Debian without venv ---------------------------------------------------------------------------------------------


def test_without_venv_a_person_gets_the_line_to_type() -> None:
    machine = FakeMachine(venv=False, version=(3, 11))
    with pytest.raises(studio.Stop, match=r"sudo apt-get install -y --no-install-recommends python3\.11-venv"):
        studio.need_venv(machine)
    assert machine.ran == []


def test_without_venv_root_installs_it_and_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    machine = FakeMachine(venv=False, root=True, version=(3, 11))

    def apt(argv: list[str]) -> tuple[int, str]:
        # The first try fails: a fresh container has no package lists.
        machine.venv = argv[1] == "install" and len(machine.ran) > 1
        return 0, ""

    machine.on_run = apt
    studio.need_venv(machine)
    assert [argv[1] for argv in machine.ran] == ["install", "update", "install"]
    assert "installing python3.11-venv with apt" in capsys.readouterr().out


def test_when_apt_fails_its_words_and_the_line_are_told() -> None:
    machine = FakeMachine(venv=False, root=True, on_run=lambda argv: (100, "Reading...\nE: no such package\n"))
    with pytest.raises(studio.Stop, match=r"E: no such package.*python3\.12-venv"):
        studio.need_venv(machine)


def test_without_apt_the_package_is_named() -> None:
    with pytest.raises(studio.Stop, match="lacks the modules venv and ensurepip"):
        studio.need_venv(FakeMachine(venv=False, root=True, programs=set()))


# --- pip's complaints ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("after connection broken by 'ProxyError('Cannot connect to proxy.'", "The proxy http://10.0.0.1:8080 lets"),
        ("connection broken by 'NewConnectionError('... name resolution", "The package index cannot be reached"),
        ('ReadTimeoutError("HTTPSConnectionPool(...): Read timed out.")', "The package index cannot be reached"),
        ("SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", "set PIP_CERT to it"),
        ("ERROR: ... OSError: [Errno 28] No space left on device", "The disk is full"),
        ("Error: [Errno 13] Permission denied: '/opt/x/.venv'", "cannot be written: copy Natmod Studio"),
        ("Error: [Errno 1] Operation not permitted: 'lib' -> '/media/stick/.venv/lib64'", "cannot hold links, which"),
        ("ERROR: ResolutionImpossible: see the docs\n", "Setting up failed: ResolutionImpossible: see the docs;"),
        ("", "Setting up failed: ?;"),
    ],
)
def test_what_pip_says_becomes_one_sentence(said: str, words: str) -> None:
    sentence = studio.explain(said, {"HTTPS_PROXY": "http://me:secret@10.0.0.1:8080"})
    assert words in sentence
    assert "secret" not in sentence


def _pip(tmp_path: Path, script: str) -> list[str]:
    (tmp_path / "pip.py").write_text(script)
    return [sys.executable, str(tmp_path / "pip.py")]


def test_in_a_pipe_each_download_is_one_line_with_its_size(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pip = _pip(
        tmp_path,
        "import sys\n"
        "print('Collecting ziglang')\n"
        "print('  Downloading ziglang-0.17.0-py3.whl.metadata (2.5 kB)')\n"
        "print('Downloading ziglang-0.17.0-py3-none-any.whl (101.0 MB)')\n"
        "sys.stderr.write('WARNING: Retrying (Retry(total=4, connect=None)) after ...\\n')\n"
        "sys.exit(3)\n",
    )
    code, complaints = setting_up.run_pip(pip, ["x"], studio.say)
    said = capsys.readouterr().out
    assert code == 3
    assert "Retrying" in complaints
    assert "  ziglang 0.17.0 (101.0 MB)\n" in said
    assert "does not answer; trying again" in said
    assert "Collecting" not in said


def _copy_studio(root: Path) -> None:
    """A checkout with all that studio.py needs before anything is installed."""
    for name in ("studio.py", "pyproject.toml"):
        shutil.copy(CHECKOUT / name, root / name)
    shutil.copytree(CHECKOUT / "toolchains", root / "toolchains", dirs_exist_ok=True, ignore=_COMPILED)


def _set_up_in(root: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    _copy_studio(root)
    env = {"PATH": os.environ["PATH"], "HOME": str(root), "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "1", **environ}
    argv = [sys.executable, "studio.py"]
    return subprocess.run(argv, cwd=root, env=env, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_real_pip_without_network_and_behind_a_dead_proxy(tmp_path: Path) -> None:
    # Port 9 (discard) of this computer: nobody listens.
    done = _set_up_in(tmp_path, PIP_INDEX_URL="http://127.0.0.1:9/simple")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "The package index cannot be reached" in done.stderr
    assert "about 115 MB to download" in done.stdout
    done = _set_up_in(tmp_path, HTTPS_PROXY="http://127.0.0.1:9", PIP_INDEX_URL="https://127.0.0.1:8/simple")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "The proxy http://127.0.0.1:9 lets nothing through" in done.stderr


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else")
def test_a_checkout_that_cannot_be_written_gets_one_sentence(tmp_path_factory: pytest.TempPathFactory) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to other users
        root = Path(name)
        root.chmod(0o755)
        _copy_studio(root)
        python = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
        done = subprocess.run(
            [python, root / "studio.py"], user=65534, group=65534, extra_groups=[], capture_output=True, text=True,
            env={"PATH": "/usr/bin:/bin"}, cwd="/", check=False,
        )  # fmt: skip
    assert (
        done.stderr == f"{root} cannot be written: copy Natmod Studio to a folder of your own, then start it there.\n"
    )


# --- the environment -------------------------------------------------------------------------------------------------


class Desk:
    """An :class:`studio.Environment` in a temporary folder whose pip and venv are only noted."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.pips: list[list[str]] = []
        self.code = 0
        self.machine = FakeMachine(on_run=self._make)
        (root / "pyproject.toml").write_text('[dependency-groups]\ntest = ["pytest>=8"]\n')
        monkeypatch.setattr(setting_up, "run_pip", self._pip)
        self.begun = first_start.begin([], self.machine, str(root), studio.say)
        self.env = studio.Environment(str(root), self.machine, self.begun)

    def _make(self, argv: list[str]) -> tuple[int, str]:
        shutil.rmtree(self.env.folder, ignore_errors=True)
        Path(self.env.python).parent.mkdir(parents=True)
        Path(self.env.python).touch()
        return 0, ""

    def _pip(self, pip: list[str], packages: list[str], say: object) -> tuple[int, str]:
        self.pips.append(packages)
        if self.code == -2:
            raise KeyboardInterrupt
        return self.code, "ERROR: broken\n"

    def counts(self) -> tuple[int, int]:
        """How often venv and pip were run since the last look."""
        found = len(self.machine.ran), len(self.pips)
        self.machine.ran.clear()
        self.pips.clear()
        return found


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


def test_a_second_start_runs_nothing(desk: Desk) -> None:
    desk.env.set_up()
    assert desk.counts() == (1, 1)
    desk.env.set_up()
    assert desk.counts() == (0, 0)


def test_tests_need_their_packages_once(desk: Desk) -> None:
    desk.env.set_up("test")
    assert desk.pips == [["--editable", str(desk.root)], ["pytest>=8"]]
    desk.counts()
    desk.env.set_up("test")
    desk.env.set_up()
    assert desk.counts() == (0, 0)


def test_a_changed_pyproject_runs_pip_again_in_the_same_environment(desk: Desk) -> None:
    desk.env.set_up()
    desk.counts()
    (desk.root / "pyproject.toml").write_text("# changed")
    desk.env.set_up()
    assert desk.counts() == (0, 1)


@pytest.mark.parametrize("how", ["another python", "moved", "base python gone"])
def test_an_environment_that_does_not_fit_is_made_anew(desk: Desk, how: str, tmp_path: Path) -> None:
    desk.env.set_up()
    desk.counts()
    if how == "another python":
        desk.machine.version = (3, 13)
    elif how == "moved":
        stamp = Path(desk.env.stamp("main"))
        stamp.write_bytes(stamp.read_bytes().replace(bytes(tmp_path), b"/elsewhere"))
    else:
        Path(desk.env.python).unlink()
    desk.env.set_up()
    assert desk.counts() == (1, 1)


@pytest.mark.parametrize("code", [1, -2])
def test_a_failed_or_interrupted_set_up_does_not_count(desk: Desk, code: int) -> None:
    desk.code = code
    with pytest.raises(KeyboardInterrupt if code == -2 else studio.Stop):
        desk.env.set_up()
    desk.counts()
    desk.code = 0
    desk.env.set_up()
    assert desk.counts() == (1, 1)
    desk.env.set_up()
    assert desk.counts() == (0, 0)


def test_an_interrupted_upgrade_does_not_count_either(desk: Desk) -> None:
    desk.env.set_up()
    (desk.root / "pyproject.toml").write_text("# changed")
    desk.code = 1
    with pytest.raises(studio.Stop, match="Setting up failed: broken;"):
        desk.env.set_up()
    assert not desk.env.has("main")


@pytest.mark.skipif(sys.platform == "win32", reason="the other holder is simulated with fcntl")
def test_a_second_window_waits_for_the_first(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import fcntl

    with open(desk.root / ".venv.lock", "a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)

        def first_window_finishes(seconds: float) -> None:
            desk.env.install_main()
            fcntl.flock(other, fcntl.LOCK_UN)

        monkeypatch.setattr(setting_up.time, "sleep", first_window_finishes)
        desk.env.set_up()
    assert desk.counts() == (1, 1)
    assert "Another window is setting Natmod Studio up" in capsys.readouterr().out


# --- handing over ----------------------------------------------------------------------------------------------------


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """A checkout that is set up; its Python is a script that tells how it was started and ends with 7."""
    _copy_studio(tmp_path)
    machine = studio.Machine()
    environment = studio.Environment(str(tmp_path), machine, first_start.begin([], machine, str(tmp_path), studio.say))
    python = Path(environment.python)
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$PWD:$*"\nexit 7\n')
    python.chmod(0o755)
    for group in ("main", "gui", "test", "window"):
        Path(environment.stamp(group)).write_bytes(environment.wanted())
    return tmp_path


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for Python is a shell script")
@pytest.mark.parametrize(
    ("args", "started"),
    [
        ([], "{here}:-P -m ide.app"),
        (["--lang", "fr"], "{here}:-P -m ide.cli --lang fr window"),
        (["run", "my project", "--json"], "{here}:-P -m ide.cli run my project --json"),
        (["--help"], "{here}:-P -m ide.cli --help"),
        (["test", "-k", "text"], "{root}:-m tests.tools.check -k text"),
        (["campaign", "link", "--count", "3"], "{root}:-m tests.campaigns link --count 3"),
        (["messages"], "{root}:-m tests.tools.messages"),
        (["third-party"], "{root}:-m tests.tools.third_party"),
    ],
)
def test_a_finished_set_up_hands_over_at_once(finished: Path, args: list[str], started: str, home: Path) -> None:
    home.mkdir()
    argv = [sys.executable, finished / "studio.py", *args]
    env = {**os.environ, "DISPLAY": ":99"}
    done = subprocess.run(argv, cwd=home, env=env, capture_output=True, text=True, check=False)
    assert done.stdout == started.format(here=home, root=finished) + "\n"
    assert done.stderr == ""
    assert done.returncode == 7
