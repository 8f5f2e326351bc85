"""Toolchains that other programs keep are found where those programs put them, on every system."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.fakes import espressif as fake
from toolchains import on_this_machine
from toolchains.chips import arch
from toolchains.compilers import CompilerFinder
from toolchains.errors import StudioError
from toolchains.host import Host, System
from toolchains.manager import NotOurs, Toolchains
from toolchains.paths import Paths

XTENSAWIN = arch("xtensawin")


def put(folder: Path, tool: str = "xtensa-esp-elf", version: str = fake.VERSION, suffix: str = "") -> Path:
    """A compiler as an archive of Espressif's has it, in a folder ``bin`` of ``folder``; the program."""
    program = "xtensa-esp32-elf-gcc" if tool.startswith("xtensa") else f"{tool}-gcc"
    number = version.removeprefix("esp-").partition("_")[0]
    text = fake._SCRIPT.format(
        name=program, tool=tool, version=version, number=number, machine=fake._MACHINES[tool], real=""
    )
    path = folder / "bin" / f"{program}{suffix}"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def machine(system: System, home: Path, **environ: str) -> Host:
    """A computer with nothing on PATH but a shell's needs."""
    names = {"HOME": str(home), "USERPROFILE": str(home), "PROGRAMDATA": str(home), "PATH": "/usr/bin:/bin", **environ}
    return Host(system, "x86_64", names)


@pytest.mark.parametrize(
    ("system", "variable", "folder", "where"),
    [
        ("linux", "IDF_TOOLS_PATH", "tools/xtensa-esp-elf/{version}/xtensa-esp-elf", "IDF_TOOLS_PATH"),
        ("linux", "", ".espressif/tools/xtensa-esp-elf/{version}/xtensa-esp-elf", "~/.espressif"),
        ("macos", "", ".espressif/tools/xtensa-esp-elf/{version}/xtensa-esp-elf", "~/.espressif"),
        ("windows", "", ".espressif/tools/xtensa-esp-elf/{version}/xtensa-esp-elf", "~/.espressif"),
        ("windows", "SYSTEMDRIVE", "Espressif/tools/xtensa-esp-elf/{version}/xtensa-esp-elf", r"C:\Espressif"),
        ("linux", "", ".arduino15/packages/esp32/tools/esp-x32/2405", "Arduino"),
        ("macos", "", "Library/Arduino15/packages/esp32/tools/esp-x32/2405", "Arduino"),
        ("windows", "LOCALAPPDATA", "Arduino15/packages/esp32/tools/esp-x32/2405", "Arduino"),
        ("linux", "", ".platformio/packages/toolchain-xtensa-esp32", "PlatformIO"),
        ("windows", "", ".platformio/packages/toolchain-xtensa-esp32", "PlatformIO"),
        ("macos", "PLATFORMIO_CORE_DIR", "packages/toolchain-xtensa-esp-elf", "PlatformIO"),
    ],
)
def test_it_is_found_and_used(
    paths: Paths, tmp_path: Path, system: System, variable: str, folder: str, where: str
) -> None:
    program = put(tmp_path / folder.format(version=fake.VERSION), suffix=".exe" if system == "windows" else "")
    host = machine(
        system, tmp_path if not variable else tmp_path / "other", **({variable: str(tmp_path)} if variable else {})
    )
    choice = CompilerFinder(paths, host).choose(RecordingContext(host), XTENSAWIN)
    assert choice.compiler.command == (str(program),)
    assert (choice.compiler.origin, choice.compiler.version) == (where, fake.VERSION)
    manager = Toolchains(paths, host, CompilerFinder(paths, host))
    (one,) = (one for one in manager.installed() if one.found_where == where)
    assert (one.bin, one.arches, one.ours) == (program.parent, ("xtensawin",), False)
    assert manager.needs(RecordingContext(host), ["xtensawin"])[0].offers == ()


def test_its_version_is_read_off_its_path_or_its_papers(tmp_path: Path) -> None:
    put(tmp_path / ".espressif/tools/xtensa-esp-elf/esp-14.2.0_20241119/xtensa-esp-elf")
    package = tmp_path / ".platformio/packages/toolchain-xtensa-esp32"
    put(package)
    (package / "package.json").write_text(json.dumps({"version": "8.4.0+2021r2-patch5"}))
    found = {place.id: place for place in on_this_machine.elsewhere(machine("linux", tmp_path))}
    assert list(found) == ["xtensa-esp-elf@esp-14.2.0_20241119", "toolchain-xtensa-esp32@8.4.0+2021r2-patch5"]
    assert found["toolchain-xtensa-esp32@8.4.0+2021r2-patch5"].folder == package


def test_papers_that_nobody_can_read_are_no_fault(tmp_path: Path) -> None:
    package = tmp_path / ".platformio/packages/toolchain-xtensa-esp32"
    put(package)
    for text in ("{", "[]", '{"version": 3}'):
        (package / "package.json").write_text(text)
        (place,) = on_this_machine.elsewhere(machine("linux", tmp_path))
        assert place.tool == "toolchain-xtensa-esp32"


def test_the_newest_version_of_a_place_comes_first(tmp_path: Path) -> None:
    for version in ("esp-9.2.0_20200101", "esp-14.2.0_20241119", "esp-12.2.0_20230208"):
        put(tmp_path / ".espressif/tools/xtensa-esp-elf" / version / "xtensa-esp-elf", version=version)
    found = [place.version for place in on_this_machine.elsewhere(machine("linux", tmp_path))]
    assert found == ["esp-14.2.0_20241119", "esp-12.2.0_20230208", "esp-9.2.0_20200101"]


def test_one_whose_objects_the_linker_cannot_read_is_passed_over(paths: Paths, tmp_path: Path) -> None:
    """Its version is in our catalogue, wherever the program is."""
    put(tmp_path / ".espressif/tools/xtensa-esp-elf/x/xtensa-esp-elf", version="esp-16.1.0_20260609")
    old = put(tmp_path / ".arduino15/packages/esp32/tools/esp-x32/2405", version="esp-13.2.0_20240530")
    host = machine("linux", tmp_path)
    finder, ctx = CompilerFinder(paths, host), RecordingContext(host)
    assert finder.choose(ctx, XTENSAWIN, release="1.26.1").compiler.command == (str(old),)
    assert finder.choose(ctx, XTENSAWIN, release="1.29.0").compiler.version == "esp-16.1.0_20260609"
    assert finder.choose(ctx, XTENSAWIN, release="1.31.0").compiler.version == "esp-16.1.0_20260609"


def test_what_others_keep_is_not_removed(paths: Paths, tmp_path: Path) -> None:
    program = put(tmp_path / ".espressif/tools/xtensa-esp-elf" / fake.VERSION / "xtensa-esp-elf")
    host = machine("linux", tmp_path)
    manager = Toolchains(paths, host, CompilerFinder(paths, host))
    for act in (manager.remove, manager.verify, manager.repair):
        with pytest.raises(NotOurs, match="is left alone"):
            act(RecordingContext(host), f"xtensa-esp-elf@{fake.VERSION}")
    assert program.is_file()


def test_a_place_that_must_not_be_read_is_passed_over(paths: Paths, tmp_path: Path) -> None:
    (tmp_path / ".espressif").write_text("a file, not a folder")
    host = machine("linux", tmp_path)
    assert list(on_this_machine.elsewhere(host)) == []
    with pytest.raises(StudioError):
        CompilerFinder(paths, host).choose(RecordingContext(host), XTENSAWIN)
