"""Packages for mip, and the workflows that build what is built here."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from toolchains import mip_package, project, workflows
from toolchains.errors import UsageError
from toolchains.sdk_tree import SdkTree


def _project(root: Path, text: str = "schema = 1\n") -> project.Project:
    root.mkdir(parents=True, exist_ok=True)
    (root / "natmod.toml").write_text(text)
    (root / "fast.c").write_text("int x;\n")
    return project.load(root)


def test_each_folder_and_the_top_have_a_package_json(tmp_path: Path) -> None:
    files = [tmp_path / place / "fast.mpy" for place in ("rv32imc_6.3", "x64_6.2")]
    written = mip_package.describe(tmp_path, [path for path in files if not path.parent.mkdir()], "1.0.2")
    assert [path.relative_to(tmp_path).as_posix() for path in written] == [
        "package.json",
        "rv32imc_6.3/package.json",
        "x64_6.2/package.json",
    ]
    top = json.loads(written[0].read_text())
    assert (top["urls"], top["version"]) == ([["fast.mpy", "{MPY_ARCH}_{MPY_VERSION}/fast.mpy"]], "1.0.2")
    assert json.loads(written[1].read_text())["urls"] == [["fast.mpy", "fast.mpy"]]
    for path in files:
        path.write_bytes(b"M")
    assert mip_package.leftovers(tmp_path, "fast", files[:1]) == (files[1],)
    assert mip_package.leftovers(tmp_path, "other", ()) == ()
    with pytest.raises(UsageError, match="no version"):
        mip_package.describe(tmp_path, files, "../1")


def test_the_workflow_of_a_module(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    made = _project(tmp_path / "my modules" / "fast")
    (made.root / "tests").mkdir()
    flow = workflows.for_module(made, ("x64", "xtensawin", "armv7m"), ("1.26.1", "1.22.2"), ("6.3", "6.2"))
    steps = [step.get("run", "") for step in yaml.safe_load(flow.text)["jobs"]["build"]["steps"]]
    assert "natmod package 'my modules/fast' --arch x64,xtensawin,armv7m --abi 6.3,6.2 --out dist" in steps
    assert "natmod test 'my modules/fast' --board sim:unix" in steps
    assert "natmod toolchain install xtensawin" in steps
    assert "natmod sdk get 1.22.2" in steps
    assert any("gcc-arm-none-eabi" in step for step in steps)
    place = flow.write(workflows.repository_of(made.root))
    assert place == tmp_path / ".github" / "workflows" / "fast.yml"
    place.write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        flow.write(tmp_path)
    assert flow.write(tmp_path, replace=True).read_text() == flow.text


@pytest.mark.parametrize("folder", ["${{ secrets.A }}", "a: b", "it's", "x #y", "-q"])
def test_a_folder_that_would_be_read_as_something_else_is_refused(tmp_path: Path, folder: str) -> None:
    (tmp_path / ".git").mkdir()
    made = _project(tmp_path / folder, 'schema = 1\n[module]\nname = "fast"\n')
    with pytest.raises(UsageError, match="cannot name the folder"):
        workflows.for_module(made, ("x64",), ("1.26.1",), ("6.3",))


def test_what_github_cannot_get_is_said(sdk_tree: SdkTree) -> None:
    assert workflows.check_source(replace(sdk_tree, origin="archive")) is None
    assert "folder of yours" in str(workflows.check_source(replace(sdk_tree, origin="folder")))
    with pytest.raises(UsageError, match="it is no release"):
        workflows.check_source(replace(sdk_tree, version="1.27.0-preview.12"))


def test_the_workflow_of_a_firmware(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    qemu = _project(tmp_path / "one", 'schema = 1\n[firmware]\nport = "qemu"\nboard = "VIRT_RV32"\n')
    flow = workflows.for_firmware(qemu, "1.26.1", None)
    job = yaml.safe_load(flow.text)["jobs"]["build"]
    runs = [step.get("run", "") for step in job["steps"]]
    assert "natmod firmware build one --port qemu --board VIRT_RV32 --sdk 1.26.1" in runs
    assert job["steps"][-1]["with"]["path"] == "one/.natmod/firmware/qemu-VIRT_RV32/"
    esp = 'schema = 1\n[firmware]\nport = "esp32"\nboard = "ESP32_GENERIC_S3"\nvariant = "SPIRAM_OCT"\n'
    flow = workflows.for_firmware(_project(tmp_path / "two", esp), "1.26.1", "5.4.2")
    assert yaml.safe_load(flow.text)["jobs"]["build"]["container"] == "espressif/idf:v5.4.2"
    assert flow.path.name == "two-esp32-ESP32_GENERIC_S3-SPIRAM_OCT.yml"
