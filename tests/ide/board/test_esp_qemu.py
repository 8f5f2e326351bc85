"""Espressif's QEMU: where it is looked for, what is said where it is not, and getting it as a toolchain."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ide.board import esp_machines, simulator
from ide.board.board_list import list_boards
from ide.board.boards import choose_address
from ide.board.esp_driver import Pace
from ide.board.esp_machines import ESP_CHIPS, QEMU_VARIABLE, QemuMissing, find_qemu
from tests.conftest import RecordingContext
from tests.fakes import fake_qemu
from tests.fakes.espressif import Archive, github
from tests.ide.board.esp_boards import keep_firmware
from tests.waiting import wait_until
from toolchains.errors import UsageError
from toolchains.host import Host, System
from toolchains.jobs import JobContext
from toolchains.on_this_machine import store_root
from toolchains.paths import Paths
from toolchains.providers.archives import NotProved
from toolchains.sdk import DEFAULT_VERSION
from toolchains.toolbox import Toolbox

C3, S3 = ESP_CHIPS["esp32c3"], ESP_CHIPS["esp32s3"]
PROGRAM = C3.program
VERSION = "esp_develop_9.9.9_20300101"


@pytest.fixture
def bare(home: Path, tmp_path: Path) -> Host:
    """A computer with nothing on it."""
    return Host(
        "linux", "x86_64", {"NATMOD_HOME": str(home), "HOME": str(tmp_path / "me"), "PATH": str(tmp_path / "path")}
    )


def test_where_it_is_not_the_board_is_listed_with_what_it_needs(bare: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ide.board.board_list.list_ports", list)
    found = {board.address: board for board in list_boards(bare)}
    assert [address for address, board in found.items() if board.lacks] == ["sim:esp32", "sim:esp32c3", "sim:esp32s3"]
    assert next(iter(found)) == "sim:rv32", "what works at once comes first"
    assert found["sim:esp32c3"].available
    assert str(found["sim:esp32c3"].title).endswith("(needs Espressif's QEMU, a download of 16 MB)")


def test_where_there_is_none_for_the_computer_that_is_said(bare: Host) -> None:
    odd = replace(bare, machine="riscv64")
    assert not simulator.kind_of("sim:esp32c3").available(odd)
    with Toolbox.of(odd) as box, pytest.raises(UsageError, match="does not run on this kind of computer"):
        simulator.lease(JobContext(odd), box, "sim:esp32c3")


def test_to_use_it_says_what_to_get_and_how_big_that_is(bare: Host) -> None:
    with Toolbox.of(bare) as box, pytest.raises(QemuMissing) as caught:
        simulator.lease(JobContext(bare), box, "sim:esp32c3")
    said, toolchain = str(caught.value), caught.value.fields["toolchain"]
    assert "needs Espressif's QEMU, which is not here. It is a download of 16 MB." in said
    assert f"natmod toolchain install {toolchain}" in said
    assert str(toolchain).startswith("qemu-riscv32@esp_develop_9.2.2_")


def test_one_on_path_is_taken_and_debians_is_not(bare: Host, paths: Paths, tmp_path: Path) -> None:
    debian = fake_qemu.install(tmp_path / "debian", roms=False)
    assert find_qemu(replace(bare, environ={**bare.environ, "PATH": str(debian)}), paths, C3) is None
    espressif = fake_qemu.install(tmp_path / "espressif")
    on_path = replace(bare, environ={**bare.environ, "PATH": str(espressif)})
    assert find_qemu(on_path, paths, C3) == espressif / PROGRAM


def test_esp_idfs_is_taken_where_its_version_simulates_the_chip(bare: Host, paths: Paths, tmp_path: Path) -> None:
    tools = tmp_path / "me" / ".espressif" / "tools"
    old = fake_qemu.install(tools / "qemu-xtensa" / "esp_develop_9.0.0_20240606" / "qemu", S3.program)
    assert find_qemu(bare, paths, ESP_CHIPS["esp32"]) == old / S3.program
    assert find_qemu(bare, paths, S3) is None, "it has no such machine"
    new = fake_qemu.install(tools / "qemu-xtensa" / "esp_develop_9.2.2_20250817" / "qemu", S3.program)
    assert find_qemu(bare, paths, S3) == new / S3.program
    assert find_qemu(bare, paths, C3) is None


def test_a_persons_own_is_taken_before_all(bare: Host, paths: Paths, tmp_path: Path) -> None:
    own = fake_qemu.install(tmp_path / "own", roms=False)
    for named in (own, own / PROGRAM):
        told = replace(bare, environ={**bare.environ, QEMU_VARIABLE: str(named)})
        assert find_qemu(told, paths, C3) == own / PROGRAM


def test_on_windows_it_is_an_exe(bare: Host, paths: Paths, tmp_path: Path) -> None:
    programs = tmp_path / "me" / ".espressif" / "tools" / "qemu-riscv32" / "esp_develop_9.2.2_20250817" / "qemu" / "bin"
    programs.mkdir(parents=True)
    (programs / f"{PROGRAM}.exe").touch()
    environ = {**bare.environ, "USERPROFILE": str(tmp_path / "me")}
    assert find_qemu(replace(bare, system="windows", environ=environ), paths, C3) == programs / f"{PROGRAM}.exe"


@pytest.mark.parametrize(
    ("system", "address"), [("linux", "sim:rv32"), ("windows", "sim:esp32c3"), ("macos", "sim:esp32c3")]
)
def test_who_names_no_board_gets_the_one_that_needs_the_least_there(
    bare: Host, monkeypatch: pytest.MonkeyPatch, system: System, address: str
) -> None:
    monkeypatch.setattr("ide.board.boards.list_ports", list)
    there = replace(bare, system=system)
    assert simulator.default_address(there) == address
    assert choose_address(there) == address


# --- getting it ------------------------------------------------------------------------------------------------------


def _archive(said: str = "") -> Archive:
    """An archive of the shape of Espressif's, with the stand-in in it; or one that only says this."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:xz") as tar:
        text = fake_qemu.script(PROGRAM).replace("fake_qemu.main", f"fake_qemu.VERSION = {VERSION!r}\nfake_qemu.main")
        text = f"#!/bin/sh\necho '{said}' >&2\nexit 127\n" if said else text
        for name, content, mode in (
            (f"qemu/bin/{PROGRAM}", text.encode(), 0o755),
            ("qemu/share/qemu/esp32c3-rom.bin", b"rom", 0o644),
        ):
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), mode
            tar.addfile(info, io.BytesIO(content))
    name = f"qemu-riscv32-softmmu-{VERSION}-x86_64-linux-gnu.tar.xz"
    return Archive("qemu-riscv32", VERSION, name, stream.getvalue(), "linux-amd64")


def _publish(paths: Paths, archive: Archive) -> None:
    """Make it known, as a newer tools.json would."""
    row = {"url": archive.url, "size": len(archive.data), "sha256": hashlib.sha256(archive.data).hexdigest()}
    tool = {
        "name": archive.tool,
        "description": "QEMU for RISC-V",
        "export_paths": [["qemu", "bin"]],
        "export_vars": {},
        "install": "on_request",
        "supported_targets": ["esp32c3"],
        "version_cmd": [PROGRAM, "--version"],
        "version_regex": r"QEMU emulator version [0-9.]+ \(([a-z0-9.-_]+)\)",
        "versions": [{"name": archive.version, "status": "recommended", archive.platform: row}],
    }
    folder = paths.data / "catalog"
    folder.mkdir(parents=True)
    (folder / "tools-master.json").write_text(json.dumps({"version": 2, "tools": [tool]}), "utf-8")


@pytest.fixture
def shop(bare: Host, paths: Paths) -> Iterator[Host]:
    archive = _archive()
    _publish(paths, archive)
    python_too = replace(bare, environ={**bare.environ, "PATH": Host.current().environ["PATH"]})
    with github(python_too, archive) as (there, _server):
        yield replace(there, environ={**there.environ, simulator.LINGER_VARIABLE: "0"})


def test_it_is_got_through_the_toolchain_manager_and_the_board_starts(shop: Host, paths: Paths) -> None:
    keep_firmware(paths, "esp32c3", DEFAULT_VERSION)
    ctx = RecordingContext(shop)
    with Toolbox.of(shop) as box:
        esp_machines.get_qemu(ctx, box, box.toolchains, "sim:esp32c3")
        assert any("runs in Espressif's QEMU, a download of" in line for line in ctx.said())
        found = find_qemu(shop, paths, C3)
        assert found is not None
        assert found.is_relative_to(store_root(paths))
        assert simulator.kind_of("sim:esp32c3").lacks(shop) is None
        with simulator.lease(ctx, box, "sim:esp32c3") as held:
            assert held.version == DEFAULT_VERSION
    folder = simulator.run_folder(paths, "esp32c3", shop)
    wait_until(lambda: not folder.path.exists(), "the keeper's folder is gone")


@pytest.mark.parametrize(
    ("system", "platform", "command"),
    [
        ("linux", "linux-amd64", "apt-get install .*libsdl2-2.0-0 libslirp0"),
        ("macos", "macos", "brew install .*sdl2 libslirp"),
    ],
)
def test_one_that_lacks_libraries_is_not_kept_and_the_line_to_type_is_said(
    bare: Host, paths: Paths, tmp_path: Path, system: System, platform: str, command: str
) -> None:
    archive = replace(_archive("error while loading shared libraries: libSDL2-2.0.so.0"), platform=platform)
    _publish(paths, archive)
    folder = tmp_path / "path"
    folder.mkdir()
    for program in ("apt-get", "dpkg") if system == "linux" else ("brew",):
        (folder / program).write_text("#!/bin/sh\n")
        (folder / program).chmod(0o755)
    with github(replace(bare, system=system), archive) as (there, _server), Toolbox.of(there) as box:
        with pytest.raises(NotProved, match=f"does not work on this computer.*{command}") as caught:
            esp_machines.get_qemu(RecordingContext(there), box, box.toolchains, "sim:esp32c3")
        assert "libSDL2" in caught.value.detail
        assert find_qemu(there, paths, C3) is None


# --- the line --------------------------------------------------------------------------------------------------------


def test_what_is_typed_goes_at_the_speed_of_the_line() -> None:
    now = [0.0]
    pace = Pace(lambda: 115200, lambda: now[0])
    went = 0
    for _step in range(1000):
        room = pace.room()
        assert room <= Pace.BURST, "no more at once than fits into the chip's FIFO"
        pace.spend(room)
        went += room
        now[0] += pace.wait()
    assert now[0] > 0
    assert 11520 * now[0] <= went <= 11520 * now[0] + Pace.BURST


def test_a_line_that_was_quiet_for_long_does_not_catch_up() -> None:
    now = [0.0]
    pace = Pace(lambda: 921600, lambda: now[0])
    now[0] = 1000.0
    assert pace.room() == Pace.BURST
