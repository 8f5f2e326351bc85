"""A line of make and a manifest of somebody's own become lists of natmod.toml, or are refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ide.cli.said import Said
from toolchains import project
from toolchains.errors import UsageError
from toolchains.firmware import make_line, manifest_import, report

CMAKE = "add_library(usermod_{name} INTERFACE)\ntarget_link_libraries(usermod INTERFACE usermod_{name})\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "mon projet é"
    for name in ("fast", "slow"):
        (folder / "usermods" / name).mkdir(parents=True)
        (folder / "usermods" / name / "micropython.mk").write_text("", "utf-8")
        (folder / "usermods" / name / "micropython.cmake").write_text(CMAKE.format(name=name), "utf-8")
    (folder / "usermods" / "micropython.cmake").write_text(
        "include(${CMAKE_CURRENT_LIST_DIR}/fast/micropython.cmake)\ninclude(slow/micropython.cmake)\n", "utf-8"
    )
    for path in ("app/__init__.py", "lib/tools.py", "boards/MINE/mpconfigboard.cmake", "main.py"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("", "utf-8")
    (folder / "manifest.py").write_text("", "utf-8")
    return folder


BOTH = ["usermods/fast", "usermods/slow"]


@pytest.mark.parametrize(
    ("line", "values"),
    [
        (
            "make -C ports/esp32 -j4 BOARD=ESP32_GENERIC_S3 BOARD_VARIANT=SPIRAM_OCT "
            "USER_C_MODULES=../../../../mine/usermods/micropython.cmake",
            {"port": "esp32", "board": "ESP32_GENERIC_S3", "variant": "SPIRAM_OCT", "modules": BOTH},
        ),
        ("cd ports/unix && make VARIANT=minimal USER_C_MODULES=usermods", {"port": "unix", "variant": "minimal",
                                                                           "modules": BOTH}),
        (
            "idf.py -D MICROPY_BOARD=ESP32_GENERIC -DUSER_C_MODULES=usermods/fast/micropython.cmake build",
            {"port": "esp32", "board": "ESP32_GENERIC", "modules": ["usermods/fast"]},
        ),
        (
            "make BOARD=VIRT_RV32 FROZEN_MANIFEST=manifest.py CFLAGS_EXTRA='-DA=1 -DB' all",
            {"port": "qemu", "board": "VIRT_RV32", "manifest": "manifest.py", "defines": ["A=1", "B"]},
        ),
        ("make -C ports/esp32 BOARD_DIR=boards/MINE", {"port": "esp32", "board": "MINE"}),
        ("make -j -B BOARD=VIRT_RV32 FROZEN_MANIFEST=", {"port": "qemu", "board": "VIRT_RV32"}),
        ("make -j 4 BOARD=VIRT_RV32", {"port": "qemu", "board": "VIRT_RV32"}),
    ],
)  # fmt: skip
def test_a_line_becomes_a_table(root: Path, line: str, values: dict[str, object]) -> None:
    found = make_line.read(line, root).values
    assert {key: value for key, value in found.items() if value is not None} == values
    assert {"port", "board", "variant"} <= set(found)  # those of an earlier line do not stay


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("make BOARD=VIRT_RV32 USER_C_MODULE=usermods", "USER_C_MODULES"),
        ("make BOARD=VIRT_RV32 USER_C_MODULES=usermod", "usermod is not there"),
        ("make BOARD=VIRT_RV32 USER_C_MODULES=usermods/fast", "Name the folder above"),
        ("make BOARD=VIRT_RV32 USER_C_MODULES=/", "no user C module"),
        ("make BOARD=PYBV11", "which port"),
        ("BOARD=VIRT_RV32", "no line of make"),
        ("rm -rf /", "no line of make"),
        ("make BOARD=VIRT_RV32 USER_C_MODULES=/proc/self/mem", "not in the project"),
        ("make BOARD=VIRT_RV32 CFLAGS_EXTRA=-O3", "-O3 is no define"),
        ("make 'BOARD=VIRT_RV32", "cannot be read"),
        ("make BOARD=VIRT_RV32 FROZEN_MANIFEST=/etc/hostname", "not in the project"),
    ],
)
def test_what_would_be_passed_over_is_refused(root: Path, line: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        make_line.read(line, root)
    assert words in f"{caught.value} {caught.value.next_step}"


def test_what_changes_nothing_is_said(root: Path) -> None:
    notes = [str(note) for note in make_line.read("make BOARD=VIRT_RV32 V=1 clean", root).notes]
    assert [note.split()[0] for note in notes] == ["V", "clean"]


def imported(root: Path, text: str) -> manifest_import.Imported:
    (root / "manifest.py").write_text(text, "utf-8")
    return manifest_import.read(root / "manifest.py", root)


def test_a_manifest_becomes_lists(root: Path) -> None:
    found = imported(
        root,
        '"""Mine."""\ninclude("$(PORT_DIR)/boards/manifest.py")\nmetadata(version="1")\nrequire("aioble")\n'
        'package("app")\nmodule("tools.py", base_path="lib")\nfreeze("lib")\nc_module("usermods/fast")\n',
    )
    assert found.whole is None
    assert imported(root, "freeze('.')").values == {"freeze": ["app", "lib", "main.py", "manifest.py"]}
    assert found.values == {"freeze": ["app", "lib/tools.py"], "require": ["aioble"], "modules": ["usermods/fast"]}


@pytest.mark.parametrize(
    "line",
    [
        "import os\nos.remove('main.py')",
        "for name in ('a', 'b'):\n    module(name)",
        "package('app', opt=3)",
        "module('missing.py')",
        "require(NAME)",
        "freeze('/etc')",
        "include('other.py')",
    ],
)
def test_what_no_list_can_say_keeps_the_manifest_whole_and_runs_nothing(root: Path, line: str) -> None:
    found = imported(root, f"package('app')\n{line}\n")
    assert found.values == {"manifest": "manifest.py"}
    assert "ine 2" in str(found.whole)
    assert (root / "main.py").is_file()


def test_a_typing_mistake_names_its_line(root: Path) -> None:
    with pytest.raises(UsageError, match="line 2"):
        imported(root, "package('app')\nmodule('x.py'\n")


def test_import_as_it_is_typed(root: Path, natmod: Said) -> None:
    imported(root, "package('app')\nmodule('main.py')\nc_module('usermods/slow')\n")
    line = "make BOARD=VIRT_RV32 USER_C_MODULES=usermods FROZEN_MANIFEST=manifest.py"
    code, _out, _err = natmod("firmware", "import", str(root), "--line", line, "--manifest", str(root / "manifest.py"))
    assert code == 0
    table = project.load(root).firmware
    assert table is not None
    assert (table.label, list(table.modules), table.freeze) == ("qemu VIRT_RV32", BOTH, ("app", "main.py"))
    assert table.manifest is None  # its lists are there in its place
    code, _out, _err = natmod("firmware", "import", str(root), "--line", "make -C ports/unix VARIANT=minimal")
    table = project.load(root).firmware
    assert (code, table and table.label, table and table.freeze) == (0, "unix minimal", ("app", "main.py"))
    code, _out, err = natmod("firmware", "import", str(root), "--line", "make USER_C_MODULE=x")
    assert (code != 0, 'Did you mean "USER_C_MODULES"?' in err) == (True, True)
    code, _out, err = natmod("firmware", "report", str(root))
    assert (code != 0, "There is no firmware" in err) == (True, True)


def test_a_report_leaves_nothing_out() -> None:
    assert report.text({"modules": 5, "port": "unix"}).startswith("# unix")
    assert "- file: " in report.text({"modules": [{"names": 5}, 7]})
    said = report.text({
        "port": "qemu", "board": "VIRT_RV32", "variant": None, "product": "firmware.elf", "bytes": 2048,
        "sha256": "ab" * 32, "micropython": "1.26.1", "sources": "sha256:cd", "natmod_studio": "0.1.0",
        "modules": [{"folder": "fast", "names": ["fast"], "sha256": "ef"}], "freeze": ["app"], "compiler": "gcc 12",
    })  # fmt: skip
    for word in ("# qemu VIRT_RV32", "2.0 kB", "ab" * 32, "1.26.1", "fast", "freeze: app", "compiler: gcc 12"):
        assert word in said
