"""The one door to the machine."""

import sys
from pathlib import Path

from toolchains.host import Host
from toolchains.paths import Paths, examples, resources


def test_programs_are_looked_up_on_the_given_path(tmp_path: Path):
    assert Host("linux", "x86_64", {"PATH": str(Path(sys.executable).parent)}).which(Path(sys.executable).name)
    assert Host("linux", "x86_64", {"PATH": str(tmp_path)}).which("gcc") is None


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


def test_natmod_home_moves_everything(tmp_path: Path):
    paths = Paths.from_environment({"NATMOD_HOME": str(tmp_path)})
    assert all(tmp_path in p.parents for p in (paths.config, paths.data, paths.cache, paths.state))


def test_resources_and_examples_are_found():
    assert (resources() / "chips.json").is_file()
    assert examples().name in {"examples", "_examples"}
