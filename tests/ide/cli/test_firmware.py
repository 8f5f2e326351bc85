"""``natmod firmware`` and ``natmod stubs`` as somebody types them."""

from __future__ import annotations

import json
from pathlib import Path

from tests.ide.cli.said import Said
from toolchains.sdk_tree import SdkTree


def test_boards_are_listed_and_what_is_not_there_is_said(
    natmod: Said, warm_home: Path, sdk_tree: SdkTree, tmp_path: Path
) -> None:
    code, out, _err = natmod("firmware", "boards", "--port", "qemu", "--json")
    assert code == 0
    listed = json.loads(out.splitlines()[-1])
    assert "VIRT_RV32" in [row["board"] for row in listed["boards"]]

    (tmp_path / "natmod.toml").write_text('schema = 1\n[firmware]\nport = "qemu"\nboard = "VIRT_RV32"\n')
    code, _out, err = natmod("firmware", "size", str(tmp_path))
    assert code != 0
    assert "There is no firmware for qemu VIRT_RV32 yet." in err
    code, _out, err = natmod("firmware", "build", str(tmp_path), "--board", "VIRT_RV23")
    assert code != 0
    assert 'Did you mean "VIRT_RV32"?' in err
    (tmp_path / "natmod.toml").write_text("schema = 1\n")
    (tmp_path / "main.py").write_text("print(1)\n")
    code, _out, err = natmod("firmware", "build", str(tmp_path))
    assert code != 0
    assert "has no table [firmware]" in err


def test_a_workflow_builds_the_same_firmware(natmod: Said, warm_home: Path, sdk_tree: SdkTree, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    project = tmp_path / "lamp"
    project.mkdir()
    (project / "natmod.toml").write_text('schema = 1\n[firmware]\nport = "qemu"\nboard = "VIRT_RV32"\n')
    code, (record,) = natmod.records("firmware", "export", project)
    assert (code, record["idf"]) == (0, None)
    made = Path(record["path"])
    assert made == tmp_path / ".github" / "workflows" / "lamp-qemu-VIRT_RV32.yml"
    line = f"natmod firmware build lamp --port qemu --board VIRT_RV32 --sdk {sdk_tree.version}"
    assert line in made.read_text()
    made.write_text("another")
    code, _out, err = natmod("firmware", "export", project)
    assert (code, made.read_text(), "--force" in err) == (2, "another", True)
    assert natmod("firmware", "export", project, "--force")[0] == 0
    assert line in made.read_text()
    code, (record,) = natmod.records("firmware", "export", project, "--board", "ESP32_GENERIC_S3", "--port", "esp32")
    container = f"container: espressif/idf:v{record['idf']}"
    assert (code, container in Path(record["path"]).read_text()) == (0, True)
    code, _out, err = natmod("firmware", "export", project, "--board", "VIRT_RV23")
    assert (code != 0, 'Did you mean "VIRT_RV32"?' in err) == (True, True)


def test_stubs_are_listed(natmod: Said) -> None:
    code, out, _err = natmod("stubs")
    assert (code, "natmod stubs get esp32" in out) == (0, True)
    code, _out, err = natmod("stubs", "get", "esp32")
    assert code != 0
    assert "natmod stubs get esp32 1.26.1" in err
