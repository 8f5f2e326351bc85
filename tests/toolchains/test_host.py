"""The one door to the machine."""

import errno
import os
import sys
from pathlib import Path, PureWindowsPath

import pytest

from toolchains.host import Host
from toolchains.paths import Paths, examples, resources


def test_programs_are_looked_up_on_the_given_path(tmp_path: Path):
    assert Host("linux", "x86_64", {"PATH": str(Path(sys.executable).parent)}).which(Path(sys.executable).name)
    assert Host("linux", "x86_64", {"PATH": str(tmp_path)}).which("gcc") is None


def test_a_program_in_the_current_folder_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Neither on Windows, which looks there first, nor through a PATH with "." or nothing in it."""
    (tmp_path / "gcc").touch(0o755)
    monkeypatch.chdir(tmp_path)
    assert Host("linux", "x86_64", {"PATH": os.pathsep.join(["", ".", "/"])}).which("gcc") is None
    assert Host("linux", "x86_64", {"PATH": os.pathsep.join([".", str(tmp_path)])}).which("gcc") == tmp_path / "gcc"
    assert Host("windows", "x86_64", {"PATH": str(tmp_path)}).which("gcc") is None
    (tmp_path / "gcc.exe").touch(0o755)
    assert Host("windows", "x86_64", {"PATH": str(tmp_path)}).which("gcc") == tmp_path / "gcc.exe"


def test_windows_can_be_played_on_linux():
    host = Host("windows", "x86_64", {})
    assert host.exe_suffix == ".exe"
    assert not host.is_root()
    assert not host.is_debian()


def test_this_program_can_start_itself():
    assert Host.current().self_command("--worker", "link")[-2:] == ("--worker", "link")


def test_replace_moves_over_the_old_file(tmp_path: Path):
    (tmp_path / "new").write_text("new")
    (tmp_path / "old").write_text("old")
    Host.current().replace(tmp_path / "new", tmp_path / "old")
    assert (tmp_path / "old").read_text() == "new"


def test_a_file_that_a_scanner_holds_for_a_moment_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "held").touch()
    faults = [PermissionError(13, "held"), PermissionError(13, "held")]
    real = Path.unlink

    def unlink(path: Path, missing_ok: bool = False) -> None:
        if faults:
            raise faults.pop()
        real(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    monkeypatch.setattr("toolchains.host._SCANNER_PAUSE_S", 0)
    Host("windows", "x86_64").remove(tmp_path / "held")
    assert not (tmp_path / "held").exists()
    faults.append(PermissionError(13, "no"))
    with pytest.raises(PermissionError):
        Host("linux", "x86_64").remove(tmp_path / "held")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX locks")
def test_a_file_system_without_locks_is_an_error_not_a_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import fcntl

    def no_locks(*_words: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with (tmp_path / "lock").open("w") as file, pytest.raises(OSError, match="No locks"):
        Host.current().try_lock(file.fileno())


@pytest.mark.parametrize(
    ("path", "long"),
    [
        ("C:\\a\\b", "\\\\?\\C:\\a\\b"),
        ("C:/a/../b", "\\\\?\\C:\\b"),
        ("\\\\server\\share\\a", "\\\\?\\UNC\\server\\share\\a"),
        ("\\\\?\\C:\\a", "\\\\?\\C:\\a"),
    ],
)
def test_windows_takes_a_path_of_any_length(path: str, long: str):
    assert Host("windows", "x86_64").extended(PureWindowsPath(path)) == PureWindowsPath(long)
    assert str(Host("windows", "x86_64").extended(PureWindowsPath(path)) / "x") == long + "\\x"
    assert Host("linux", "x86_64").extended(Path("/a")) == Path("/a")


def test_links_are_made_where_the_system_can(tmp_path: Path):
    (tmp_path / "file").write_text("1")
    assert Host.current().hard_link(tmp_path / "hard", tmp_path / "file")
    assert (tmp_path / "hard").samefile(tmp_path / "file")
    assert not Host("windows", "x86_64").symbolic_link(tmp_path / "soft", "file")
    assert not (tmp_path / "soft").exists()
    if sys.platform != "win32":
        assert Host.current().symbolic_link(tmp_path / "soft", "file")
        assert os.readlink(tmp_path / "soft") == "file"
    with pytest.raises(FileNotFoundError):
        Host.current().hard_link(tmp_path / "other", tmp_path / "nothing")


def test_natmod_home_moves_everything(tmp_path: Path):
    paths = Paths.from_environment({"NATMOD_HOME": str(tmp_path)})
    assert all(tmp_path in p.parents for p in (paths.config, paths.data, paths.cache, paths.state))


def test_resources_and_examples_are_found():
    assert (resources() / "chips.json").is_file()
    assert examples().name in {"examples", "_examples"}


@pytest.mark.skipif(os.name != "posix", reason="niceness")
def test_a_gentle_child_waits_and_ends_with_all_it_started():
    host = Host.current()
    sleeper = "import subprocess, sys, time; subprocess.Popen(['sleep', '60']); print('on', flush=True); time.sleep(60)"
    with host.popen([sys.executable, "-c", sleeper], gentle=True) as process:
        assert os.getpriority(os.PRIO_PROCESS, process.pid) > os.getpriority(os.PRIO_PROCESS, 0)
        assert os.getsid(process.pid) == os.getsid(0)  # else Linux would not compare its priority with ours
        assert process.stdout is not None
        assert process.stdout.readline() == b"on\n"
        host.kill_tree(process)
        assert process.stdout.read() == b""  # nobody holds the pipe any more
