"""Frozen Python as machine code, and what a project has built by its records."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.toolchains.firmware.test_projects import described
from toolchains import mpyfile
from toolchains.firmware import freezing
from toolchains.firmware.boards import target_of
from toolchains.firmware.built import FirmwareRequest, Job
from toolchains.firmware.machine_code import NoMachineCode, arch_of, compile_native
from toolchains.firmware.make import Staging
from toolchains.firmware.results import read, results
from toolchains.firmware.table import FirmwareTable
from toolchains.host import Host
from toolchains.paths import Paths
from toolchains.project import ProjectFileError
from toolchains.sdk_tree import SdkTree

_TARGETS = (
    (FirmwareTable("qemu", "VIRT_RV32"), "rv32imc"),
    (FirmwareTable("qemu", "MPS2_AN385"), "armv7m"),
    (FirmwareTable("esp32", "ESP32_GENERIC_S3", "SPIRAM_OCT"), "xtensawin"),
    (FirmwareTable("esp32", "ESP32_GENERIC_C3"), "rv32imc"),
    (FirmwareTable("esp8266", "ESP8266_GENERIC"), "xtensa"),
    (FirmwareTable("stm32", "WEACT_F411_BLACKPILL"), "armv7m"),
    (FirmwareTable("minimal"), None),
)


def test_each_target_has_its_machine_code(sdk_tree: SdkTree, tmp_path: Path) -> None:
    host = Host("linux", "x86_64", {})
    found = {table.label: arch_of(target_of(sdk_tree, table, tmp_path), host) for table, _arch in _TARGETS}
    assert found == {table.label: arch for table, arch in _TARGETS}


def test_only_what_is_named_becomes_machine_code(
    tmp_path: Path, sdk_tree: SdkTree, shared_paths: Paths, ctx: RecordingContext
) -> None:
    root = tmp_path / "project"
    (root / "fast" / "inner").mkdir(parents=True)
    for name in ("fast/__init__.py", "fast/inner/sums.py", "plain.py"):
        (root / name).write_text("def add(a, b):\n    return a + b\n", "utf-8")

    def job(port: str, native: str) -> Job:
        lines = (f'port = "{port}"', 'freeze = ["fast", "plain.py"]', f"native = [{native}]")
        request = FirmwareRequest(described(root, *lines), sdk_tree)
        target = target_of(sdk_tree, request.table, root)
        stage = Staging(tmp_path / "stage")
        stage.folder.mkdir(exist_ok=True)
        return Job(request, target, (), stage, Host("linux", "x86_64", dict(ctx.host.environ)), shared_paths)

    wanted = job("unix", '"fast"')
    compile_native(ctx, wanted)
    folder = wanted.stage.folder / "native"
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.mpy")) == [
        "fast/__init__.mpy", "fast/inner/sums.mpy",
    ]  # fmt: skip
    made = mpyfile.read((folder / "fast" / "inner" / "sums.mpy").read_bytes())
    assert made.arch_name == "x64"
    manifest = freezing.manifest(wanted, "/project")
    assert manifest is not None
    lines = manifest.read_text("utf-8").splitlines()
    assert [line for line in lines if "fast" in line or "plain" in line] == ["module('plain.py', base_path='/project')"]
    assert f"freeze_mpy({folder.as_posix()!r})" in lines

    compile_native(ctx, job("unix", ""))
    assert list(folder.rglob("*.mpy")) == []
    with pytest.raises(NoMachineCode, match="bytecode runs everywhere"):
        compile_native(ctx, job("minimal", '"fast"'))
    with pytest.raises(ProjectFileError, match='not listed in "freeze"'):
        described(root, 'port = "unix"', 'native = ["plain.py"]')


def test_results_are_read_as_something_that_anybody_wrote(tmp_path: Path) -> None:
    folder = tmp_path / ".natmod" / "firmware" / "unix"
    folder.mkdir(parents=True)
    (folder / "micropython").write_bytes(b"\x7fELF")
    record = folder / "build.json"
    for text in ("", "[]", "{}", '{"product": "gone", "port": "unix"}', '{"product": 5, "port": "unix", "files": 3}'):
        record.write_text(text, "utf-8")
        assert read(folder) is None
    said = {"product": "../../micropython", "port": "unix", "files": {"map": "../linker.map"}}
    record.write_text(json.dumps(said), "utf-8")
    (found,) = results(tmp_path)
    assert (found.product, found.elf, found.files) == (folder / "micropython", folder / "micropython", {})
