"""Which ESP-IDF a firmware is built with: the one that MicroPython was made for, never another one silently."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.fakes import idf as stand_in
from toolchains.firmware.boards import boards, target_of, variants
from toolchains.firmware.idf import partitions
from toolchains.firmware.idf.environment import environment
from toolchains.firmware.idf.errors import BadIdf, NoIdf
from toolchains.firmware.idf.modules import described
from toolchains.firmware.idf.places import choose, found
from toolchains.firmware.idf.progress import Reader
from toolchains.firmware.idf.remarks import native_off, without_effect
from toolchains.firmware.idf.wanted import Wanted, chip_of, wanted
from toolchains.firmware.table import FirmwareTable
from toolchains.firmware.user_modules import read
from toolchains.host import Host
from toolchains.jobs import Note, Progress
from toolchains.paths import Paths
from toolchains.sdk_tree import SdkTree

OF_1_26 = Wanted("5.4.2", ("5.2", "5.2.2", "5.3", "5.4", "5.4.1"))


def notes(ctx: RecordingContext) -> list[str]:
    return [str(event.text) for event in ctx.events if isinstance(event, Note)]


def eim(home: Path, *rows: tuple[Path, str]) -> None:
    """The list that Espressif's Installation Manager keeps."""
    file = home / ".espressif" / "tools" / "eim_idf.json"
    file.parent.mkdir(parents=True)
    installed = [
        {"id": str(number), "name": f"v{number}", "path": str(path), "idfToolsPath": str(home), "python": python}
        for number, (path, python) in enumerate(rows)
    ]
    file.write_text(json.dumps({"eimPath": "/eim", "idfInstalled": installed, "idfSelectedId": "0", "version": "1.0"}))


def test_the_tree_says_which_one(sdk_tree: SdkTree, sdk_1250: SdkTree, tmp_path: Path) -> None:
    """A lockfile where there is one (from 1.26), else the README."""
    assert wanted(sdk_tree, "esp32s3") == OF_1_26
    assert wanted(sdk_1250, "esp32") == Wanted("5.2.2", ("5.2", "5.3", "5.4"))
    assert OF_1_26.takes("5.4.0")
    assert not OF_1_26.takes("5.5.1")
    chips = {"ESP32_GENERIC_S3": "esp32s3", "LOLIN_S2_MINI": "esp32s2", "ESP32_GENERIC_C6": "esp32c6"}
    for board in boards(sdk_tree, "esp32"):
        for variant in (None, *variants(sdk_tree, "esp32", board)):
            chip = chip_of(target_of(sdk_tree, FirmwareTable("esp32", board, variant), tmp_path))
            assert wanted(sdk_tree, chip).version == "5.4.2", board
            assert chips.get(board, chip) == chip
    (tmp_path / "boards" / "MINE").mkdir(parents=True)
    (tmp_path / "boards" / "MINE" / "mpconfigboard.cmake").write_text("include(${MICROPY_BOARD_DIR}/more.cmake)\n")
    (tmp_path / "boards" / "MINE" / "more.cmake").write_text("SET(IDF_TARGET esp32p4)\n")
    assert chip_of(target_of(sdk_tree, FirmwareTable("esp32", "MINE"), tmp_path)) == "esp32p4"


def test_another_version_is_never_taken_silently(paths: Paths, ctx: RecordingContext, tmp_path: Path) -> None:
    right = stand_in.make(tmp_path, "5.4.2", "right")
    allowed = stand_in.make(tmp_path, "5.4.1", "allowed")
    wrong = stand_in.make(tmp_path, "5.5.1", "wrong")
    home = Path(right.environ["HOME"])

    with pytest.raises(
        NoIdf, match=r"There is no ESP-IDF on this computer\. Get it: natmod toolchain install esp-idf@v5\.4\.2"
    ):
        choose(ctx, "1.26.1", OF_1_26, Host("linux", "x86_64", {"HOME": str(home)}), paths)
    with pytest.raises(
        NoIdf, match=r"On this computer: 5\.5\.1 \(IDF_PATH\)\. Another version makes another firmware\."
    ):
        choose(ctx, "1.26.1", OF_1_26, wrong.host, paths)
    assert choose(ctx, "1.26.1", OF_1_26, right.host, paths).python == right.python
    assert notes(ctx) == []

    assert choose(ctx, "1.26.1", OF_1_26, allowed.host, paths).version == "5.4.1"
    assert "MicroPython allows it, though 5.4.2 is what it was tested with" in notes(ctx)[-1]

    eim(home, (wrong.path, ""), (right.path, str(right.python)), (tmp_path / "gone", ""))
    picked = choose(ctx, "1.26.1", OF_1_26, wrong.host, paths)
    assert (picked.path, picked.where, picked.python) == (right.path, "eim_idf.json", right.python)
    assert "IDF_PATH leads to ESP-IDF 5.5.1, which is not used" in notes(ctx)[-1]

    (wrong.path / "tools" / "idf.py").unlink()
    with pytest.raises(BadIdf, match=r"It lacks tools/idf\.py"):
        choose(ctx, "1.26.1", OF_1_26, wrong.host, paths)


def test_the_list_of_the_installation_manager_is_read_as_anybodys(paths: Paths, tmp_path: Path) -> None:
    """On Windows it is at C:\\Espressif\\tools; its tools lie without a folder ``tools`` between."""
    right = stand_in.make(tmp_path, "5.4.2")
    (tmp_path / "C" / "Espressif" / "tools").mkdir(parents=True)
    file = tmp_path / "C" / "Espressif" / "tools" / "eim_idf.json"
    host = Host("windows", "x86_64", {"SYSTEMDRIVE": str(tmp_path / "C"), "USERPROFILE": str(tmp_path)})
    row = {
        "path": str(right.path),
        "idfToolsPath": str(right.root / "espressif" / "tools"),
        "python": str(right.python),
    }
    file.write_text(json.dumps({"idfInstalled": [None, {"path": 3}, {"path": "relative", "idfToolsPath": "x"}, row]}))
    (one,) = found(host, paths)
    assert one.path == right.path
    path = environment(one, "esp32s3", Host("linux", "x86_64", right.environ), paths)["PATH"].split(os.pathsep)
    assert any(place.endswith(f"xtensa-esp-elf/{stand_in.COMPILER}/xtensa-esp-elf/bin") for place in path)
    assert not any("gdb" in place or "openocd" in place for place in path)
    for text in ("", "[]", '{"idfInstalled": 3}', "\xff"):
        file.write_bytes(text.encode("latin-1"))
        assert list(found(host, paths)) == []


def test_the_counter_of_the_bootloader_is_not_the_builds(ctx: RecordingContext) -> None:
    """Lines as ninja prints them: the build inside may have more files than what is left outside."""
    lines = [
        "[0/1] Re-running CMake...",
        "usage: git diff --no-index",
        "CMake Warning at CMakeLists.txt:79:",
        "-- Done",
    ]
    lines += [
        "[7/9] Building C object a.obj",
        "[8/9] Performing build step for 'bootloader'",
        "[1/110] Building C object b.obj",
    ]
    lines += ["[110/110] Generating bootloader.bin", "[9/9] Generating micropython.bin"]
    reader = Reader(ctx)
    for line in lines:
        reader.line(line)
    assert [event.done for event in ctx.events if isinstance(event, Progress)] == [7, 8, 9]
    assert "git" not in reader.text
    assert "CMake Warning" not in reader.text


def test_layouts_are_in_the_words_of_esp_idf() -> None:
    """gen_esp32part.py of ESP-IDF 5.4.2 takes each of them; it knows no romfs."""
    assert "romfs, data, 0x8f, 0x1E0000" in partitions.layout("romfs-4M").text
    assert partitions.larger(0x1D0000, 0x160000)[:2] == ("standard", "explicit-4M")
    assert partitions.larger(0x200000, 0x1F0000) == ("ota-8M", "explicit-ota-16M", "fat-16M")
    assert partitions.larger(0x400000, 0x1F0000) == ()


def test_options_are_judged_before_and_after(tmp_path: Path) -> None:
    asked = (
        "CONFIG_ESP_SYSTEM_PMP_IDRAM_SPLIT=y",
        "CONFIG_ESP_SYSTEM_MEMPROT_FEATURE=n",
        "# CONFIG_A is not set",
        "CONFIG_B=3",
    )
    assert [(one.index, one.option) for one in native_off(asked)] == [(0, "CONFIG_ESP_SYSTEM_PMP_IDRAM_SPLIT")]
    final = "CONFIG_ESP_SYSTEM_PMP_IDRAM_SPLIT=y\nCONFIG_A=y\nCONFIG_B=3\n"
    assert [one.option for one in without_effect(asked, final)] == ["CONFIG_A"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            ["MORE := $(wildcard $(USERMOD_DIR)/src/*.c)", "SRC_USERMOD += $(MORE) \\", "  $(USERMOD_DIR)/x.c"],
            ['target_sources(usermod_x INTERFACE "/m/src/a.c" "/m/src/b.c" "/m/x.c")'],
        ),
        (
            ['CFLAGS_USERMOD += -I$(USERMOD_DIR)/inc -DN=3 -DT=\\"a\\" -Wno-error  # why'],
            [
                'target_include_directories(usermod_x INTERFACE "/m/inc")',
                'target_compile_definitions(usermod_x INTERFACE "N=3" "T=\\"a\\"")',
                'target_compile_options(usermod_x INTERFACE "-Wno-error")',
                'list(APPEND MICROPY_CPP_DEF_EXTRA "N=3" "T=\\"a\\"")',
            ],
        ),
    ],
)
def test_makes_description_of_a_module_is_cmakes(lines: Sequence[str], expected: list[str], tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    for name in ("src/a.c", "src/b.c", "x.c"):
        (tmp_path / name).write_text("")
    (tmp_path / "micropython.mk").write_text("\n".join(lines) + "\n")
    said = described(read(tmp_path), tmp_path, "usermod_x").replace(tmp_path.as_posix(), "/m").splitlines()
    assert said == ["add_library(usermod_x INTERFACE)", *expected, "target_link_libraries(usermod INTERFACE usermod_x)"]
