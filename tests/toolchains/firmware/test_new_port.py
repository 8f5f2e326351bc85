"""A port of one's own, as the wizard makes it: it builds, and its prompt answers."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from toolchains import project
from toolchains.errors import ProjectError
from toolchains.firmware.build import FirmwareRequest, build
from toolchains.firmware.new_port import new_port
from toolchains.host import Host
from toolchains.paths import Paths
from toolchains.sdk_tree import SdkTree


def test_it_boots_and_answers(ctx: RecordingContext, sdk_tree: SdkTree, warm_paths: Paths, tmp_path: Path) -> None:
    host = Host.current()
    if host.which("gcc") is None or host.which("make") is None or host.system != "linux":
        pytest.skip("needs gcc and make")
    (tmp_path / "my ports").mkdir()
    root = new_port(tmp_path / "my ports", "tiny", sdk_tree)
    table = (root / "README.md").read_text().splitlines()
    for file in (root / "ports" / "tiny").iterdir():
        assert any(line.startswith(f"| `{file.name}` | ") and "used by" not in line for line in table), file.name
    config = root / "ports" / "tiny" / "mpconfigport.h"
    config.write_text(config.read_text().replace("unknown-cpu", "a computer"))
    made = build(ctx, FirmwareRequest(project.load(root), sdk_tree), host, warm_paths)
    said = subprocess.run([made.product], input=b"1+1\r\x04", capture_output=True, timeout=20, check=False).stdout
    assert b">>> 1+1\r\n2\r\n" in said
    assert b"minimal with a computer" in said
    with pytest.raises(ProjectError, match="exists already"):
        new_port(tmp_path / "my ports", "tiny", sdk_tree)
