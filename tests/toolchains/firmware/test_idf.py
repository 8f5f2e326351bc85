"""ESP32 firmware: MicroPython's real CMakeLists.txt, Makefile and makeimg.py, over a stand-in for ESP-IDF."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.disks import small_disk
from tests.fakes import idf as stand_in
from tests.fakes.idf import StandIn
from tests.toolchains.firmware.test_projects import MODULE, described, user_module
from toolchains import project
from toolchains.errors import Cancelled, DiskError
from toolchains.firmware import build as firmware_build
from toolchains.firmware.build import FirmwareBuilt, FirmwareRequest
from toolchains.firmware.fit import fit
from toolchains.firmware.idf import partitions
from toolchains.firmware.idf.errors import IdfToolMissing
from toolchains.firmware.image import symbols_of
from toolchains.firmware.make import FirmwareBuildFailed
from toolchains.firmware.user_modules import BadUserModule, NotInImage
from toolchains.firmware.weighing import weigh
from toolchains.host import Host
from toolchains.jobs import JobContext, Note, Progress
from toolchains.paths import Paths, examples
from toolchains.project import Project
from toolchains.sdk_tree import SdkIncomplete, SdkTree

S3 = ('board = "ESP32_GENERIC_S3"', 'variant = "SPIRAM_OCT"')
BOTH = 'modules = ["usermods/twice", "usermods/thrice"]'
FREEZE = 'freeze = ["greet"]'
#: What the port's own manifest takes from micropython-lib.
_PACKAGES = "bundle-networking aioespnow dht ds18x20 neopixel onewire umqtt.robust umqtt.simple upysh"


@pytest.fixture(scope="module")
def idf(tmp_path_factory: pytest.TempPathFactory) -> StandIn:
    """ESP-IDF 5.4.2, which MicroPython 1.26.1 asks for, with its tools."""
    return stand_in.make(tmp_path_factory.mktemp("idf"))


@pytest.fixture(scope="module")
def tree(sdk_tree: SdkTree, tmp_path_factory: pytest.TempPathFactory) -> SdkTree:
    """MicroPython 1.26.1 with what Debian's sources lack, as far as the build looks at it: a whole release archive."""
    root = tmp_path_factory.mktemp("tree") / "micropython"
    (root / "lib").mkdir(parents=True)
    for place, entries in ((root, sdk_tree.path), (root / "lib", sdk_tree.path / "lib")):
        for entry in entries.iterdir():
            if entry.name not in ("lib", "micropython-lib", "berkeley-db-1.xx"):
                (place / entry.name).symlink_to(entry)
    for name in ("micropython-lib", "berkeley-db-1.xx"):
        (root / "lib" / name).mkdir()
    (root / "lib" / "micropython-lib" / "README.md").write_text("")
    (root / "lib" / "berkeley-db-1.xx" / "README").write_text("")
    for name in _PACKAGES.split():
        package = root / "lib" / "micropython-lib" / "micropython" / name
        package.mkdir(parents=True)
        (package / "manifest.py").write_text("metadata(version='1.0')\n")
    return SdkTree.open(root)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with two user modules and a package, in a folder with a blank and an accent."""
    root = tmp_path / "my projet é"
    user_module(root, "twice", 2)
    user_module(root, "thrice", 3)
    (root / "greet").mkdir()
    (root / "greet" / "__init__.py").write_text("WORD = 'frozen hello'\n")
    return root


@pytest.fixture
def own(tmp_path: Path) -> Paths:
    """Folders of this test's own."""
    return Paths.from_environment({"NATMOD_HOME": str(tmp_path / "home")})


def made(ctx: JobContext, wanted: Project, sdk: SdkTree, idf: StandIn, paths: Paths) -> FirmwareBuilt:
    return firmware_build.build(ctx, FirmwareRequest(wanted, sdk), idf.host, paths)


def compiled(ctx: RecordingContext) -> list[str]:
    """The C files that were compiled."""
    return [found[1] for line in ctx.said() if (found := re.search(r"Building C object .*/(\w+\.c)", line))]


def options_of(words: list[str]) -> dict[str, str]:
    """The ``-D`` of a line of idf.py, with or without a blank behind it."""
    joined = re.findall(r"\0-D\0?([^\0=]+)=([^\0]*)", "\0" + "\0".join(words))
    return dict(joined)


def test_the_lines_are_those_of_make_in_the_port(
    folder: Path, tree: SdkTree, idf: StandIn, own: Paths, ctx: RecordingContext
) -> None:
    """The same project that is built for qemu elsewhere; and what comes out of it is whole."""
    before = len(idf.calls)
    built = made(ctx, described(folder, 'port = "esp32"', *S3, BOTH, FREEZE), tree, idf, own)
    (call,) = idf.calls[before:]
    given = options_of(call["argv"])
    values = {
        "BOARD": "ESP32_GENERIC_S3",
        "BOARD_VARIANT": "SPIRAM_OCT",
        "USER_C_MODULES": given["USER_C_MODULES"],
        "FROZEN_MANIFEST": given["MICROPY_FROZEN_MANIFEST"],
        "BUILD": call["argv"][call["argv"].index("-B") + 1],
    }
    told = dry_run(Path(call["cwd"]), values)
    assert options_of(told[0]) == given
    assert told[0][: told[0].index("||")][-3:] == call["argv"][-3:] == ["-B", values["BUILD"], "build"]
    image = next(line for line in ctx.said() if "application @0x010000" in line)
    assert told[1][1:] == ["makeimg.py", *(f"{values['BUILD']}/{name}" for name in IMAGE_PARTS)]
    assert str((built.files["app"]).stat().st_size) in image
    assert Path(given["USER_C_MODULES"]).is_absolute()
    check_results(built, folder)


IMAGE_PARTS = [
    *("sdkconfig", "bootloader/bootloader.bin", "partition_table/partition-table.bin"),
    *("micropython.bin", "firmware.bin", "micropython.uf2"),
]


def dry_run(port: Path, values: Mapping[str, str]) -> list[list[str]]:
    """The lines that make would run, as words."""
    argv = ["make", "-n", "-C", str(port), *(f"{key}={value}" for key, value in values.items())]
    said = subprocess.run(argv, capture_output=True, check=True, text=True).stdout.replace("\\\n", " ")
    return [shlex.split(line) for line in said.splitlines() if line.startswith(("idf.py", "python3"))]


def check_results(built: FirmwareBuilt, folder: Path) -> None:
    """Everything that is needed to flash, to look at and to weigh is in the project."""
    assert (built.product.name, built.elf.name) == ("firmware.bin", "micropython.elf")
    assert set(built.files) == {"app", "bootloader", "partitions", "sdkconfig", "uf2", "map"}
    assert all(
        path.parent == folder / ".natmod/firmware/esp32-ESP32_GENERIC_S3-SPIRAM_OCT" for path in built.files.values()
    )
    whole, app = built.product.read_bytes(), built.files["app"].read_bytes()
    assert whole[0x10000:] == app  # the bootloader of an S3 is at 0
    assert whole[0x8000:0x9000].startswith(built.files["partitions"].read_bytes()[:0x100])
    assert built.files["uf2"].read_bytes().startswith(b"UF2\n")
    assert 'CONFIG_IDF_TARGET="esp32s3"' in built.files["sdkconfig"].read_text()
    fits = fit(built)
    assert (fits.app_bytes, fits.partition_bytes, fits.left) == (len(app), 0x1F0000, 0x1F0000 - len(app))
    assert fits.larger[0] == "ota-8M"
    assert partitions.app_bytes(partitions.layout("ota-8M").text) == 0x270000
    used = {region.name: region.left for region in fits.regions}
    assert 0 < used["iram0_0_seg"] < 0x57700
    assert 0 < used["dram0_0_seg"] < 0x53700
    record = json.loads((built.folder / "build.json").read_text())
    assert (record["idf"], record["chip"], record["elf"]) == ("5.4.2", "esp32s3", "micropython.elf")
    assert weigh(project.load(folder)).of_groups()["module thrice"] > 10


def test_the_next_build_does_what_changed_only(
    folder: Path, tree: SdkTree, idf: StandIn, own: Paths, ctx: RecordingContext
) -> None:
    plain = described(folder, 'port = "esp32"', *S3, BOTH)
    made(ctx, plain, tree, idf, own)
    counted = [event for event in ctx.events if isinstance(event, Progress)]
    assert [one.done for one in counted] == sorted(one.done for one in counted)
    assert {one.total for one in counted} == {counted[-1].done}  # not the bootloader's counter, which is less

    ctx.events.clear()
    made(ctx, plain, tree, idf, own)
    assert compiled(ctx) == []
    (folder / "usermods" / "twice" / "twice.c").write_text(MODULE.format(name="twice", factor=20))
    made(ctx, plain, tree, idf, own)
    assert compiled(ctx) == ["twice.c"]

    ctx.events.clear()
    lines = 'sdkconfig = ["CONFIG_FREERTOS_HZ=500", "CONFIG_ESP_SYSTEM_PMP_IDRAM_SPLIT=y", "CONFIG_NOBODY=y"]'
    changed = described(folder, 'port = "esp32"', *S3, BOTH, lines, 'defines = ["LOUD=1"]')
    built = made(ctx, changed, tree, idf, own)
    assert "CONFIG_FREERTOS_HZ=500" in built.files["sdkconfig"].read_text()
    notes = [str(event.text) for event in ctx.events if isinstance(event, Note)]
    assert [one for one in notes if "PMP_IDRAM_SPLIT switches native code off" in one]
    assert [one for one in notes if "CONFIG_NOBODY=y had no effect" in one]
    assert "twice.c" in compiled(ctx)  # with LOUD

    built = made(ctx, plain, tree, idf, own)
    assert "CONFIG_FREERTOS_HZ=500" not in built.files["sdkconfig"].read_text()


def test_a_build_that_was_stopped_at_40_percent_goes_on(
    folder: Path, tree: SdkTree, idf: StandIn, own: Paths, ctx: RecordingContext
) -> None:
    wanted = described(folder, 'port = "esp32"', 'board = "ESP32_GENERIC_S3"', BOTH)
    stopped: JobContext
    stopped = JobContext(
        idf.host,
        lambda event: (
            stopped.cancel() if isinstance(event, Progress) and event.done > 0.4 * (event.total or 99) else None
        ),
    )
    with pytest.raises(Cancelled):
        made(stopped, wanted, tree, idf, own)
    assert not (folder / ".natmod").exists()
    built = made(ctx, wanted, tree, idf, own)
    assert 0 < len(compiled(ctx)) < 10
    assert built.product.is_file()


def test_a_board_and_a_layout_of_the_project(
    folder: Path, tree: SdkTree, idf: StandIn, own: Paths, ctx: RecordingContext
) -> None:
    board = folder / "boards" / "MY_BOARD"
    board.mkdir(parents=True)
    (board / "mpconfigboard.cmake").write_text(
        "set(IDF_TARGET esp32s3)\nset(SDKCONFIG_DEFAULTS boards/sdkconfig.base)\n"
    )
    (board / "mpconfigboard.h").write_text('#define MICROPY_HW_BOARD_NAME "Mine"\n')
    (folder / "layout.csv").write_text(partitions.layout("ota-8M").text)
    named = ('port = "esp32"', 'board = "MY_BOARD"', 'partitions = "layout.csv"', BOTH)
    built = made(ctx, described(folder, *named), tree, idf, own)
    assert fit(built).partition_bytes == 0x270000
    assert "CONFIG_ESPTOOLPY_FLASHSIZE_8MB=y" in built.files["sdkconfig"].read_text()
    assert not (board / "mpconfigvariant.cmake").exists()

    source = folder / "usermods" / "twice" / "twice.c"
    source.write_text(MODULE.format(name="twice", factor=2) + "const char big[21 << 17] = {1};\n")
    with pytest.raises(FirmwareBuildFailed) as caught:
        made(ctx, described(folder, *named), tree, idf, own)
    assert caught.value.fields["cause"] == "app-partition"
    assert "larger than its partition" in str(caught.value)
    assert caught.value.fields["larger"] == ("fat-16M",)
    assert "more room for the app: fat-16M" in str(caught.value)

    source.write_text('#include "py/runtime.h"\nint broken(void) { return nothing; }\n')
    with pytest.raises(FirmwareBuildFailed) as caught:
        made(ctx, described(folder, *named), tree, idf, own)
    mistakes = caught.value.fields["diagnostics"]
    assert isinstance(mistakes, tuple)
    assert [(one.path, one.line) for one in mistakes if "nothing" in one.message] == [(str(source), 2)]


def test_a_module_that_cmake_leaves_out_is_named(
    folder: Path, sdk_tree: SdkTree, idf: StandIn, own: Paths, ctx: RecordingContext
) -> None:
    """With Debian's sources, which lack two libraries: said, and built without them."""
    (folder / "usermods" / "twice" / "micropython.cmake").write_text(
        "add_library(usermod_twice INTERFACE)\ntarget_link_libraries(usermod INTERFACE usermod_twice)\n"
    )
    with pytest.raises(NotInImage, match="without the module twice"):
        made(ctx, described(folder, 'port = "esp32"', *S3, BOTH), sdk_tree, idf, own)
    assert options_of(idf.calls[-1]["argv"])["MICROPY_PY_BTREE"] == "OFF"
    notes = [str(event.text) for event in ctx.events if isinstance(event, Note)]
    assert [one for one in notes if "lack micropython-lib" in one]

    (folder / "usermods" / "twice" / "micropython.cmake").unlink()
    (folder / "usermods" / "twice" / "micropython.mk").write_text("SRC_USERMOD_C += $(shell ls)\n")
    with pytest.raises(BadUserModule, match=r"no micropython\.cmake"):
        made(ctx, described(folder, 'port = "esp32"', *S3, BOTH), sdk_tree, idf, own)


def test_one_source_is_a_native_module_and_a_part_of_esp32_firmware(
    tree: SdkTree, idf: StandIn, own: Paths, ctx: RecordingContext, tmp_path: Path
) -> None:
    """C files of a native module, through make's description of them; its Python files frozen."""
    root = tmp_path / "mixed é"
    shutil.copytree(examples() / "mixed_python", root)
    with (root / "natmod.toml").open("a") as file:
        file.write('\n[firmware]\nport = "esp32"\nboard = "ESP32_GENERIC_S3"\nmodules = ["."]\n')
    built = made(ctx, project.load(root), tree, idf, own)
    assert "natmod_module_mixed_python" in symbols_of(built.elf)
    assert any(line.startswith("MPY mixed_python.py") for line in ctx.said())


def test_a_full_disk_is_told_and_the_build_goes_on_with_room(
    folder: Path, tree: SdkTree, idf: StandIn, tmp_path: Path, ctx: RecordingContext
) -> None:
    wanted = described(folder, 'port = "esp32"', *S3, BOTH)
    with small_disk(tmp_path / "disk", "2m") as disk:
        paths = Paths.from_environment({"NATMOD_HOME": str(disk / "home")})
        with pytest.raises((DiskError, FirmwareBuildFailed)) as caught:
            made(ctx, wanted, tree, idf, paths)
        assert re.search("no space left|disk is full", str(caught.value))
        subprocess.run(["mount", "-o", "remount,size=40m", str(disk)], check=True)
        assert made(ctx, wanted, tree, idf, paths).product.is_file()


def test_an_older_tree_that_lacks_a_part_is_not_built_without_it(
    folder: Path, sdk_1250: SdkTree, own: Paths, ctx: RecordingContext, tmp_path: Path
) -> None:
    """Before 1.26 nobody can tell the port to be built without btree."""
    older = stand_in.make(tmp_path / "older", "5.2.2")
    with pytest.raises(SdkIncomplete, match=r"lib/berkeley-db-1\.xx/README"):
        made(ctx, described(folder, 'port = "esp32"', 'board = "ESP32_GENERIC_S3"'), sdk_1250, older, own)
    assert older.calls == []


def test_a_program_that_lacks_is_named_with_the_way_to_it(
    folder: Path, tree: SdkTree, idf: StandIn, own: Paths, ctx: RecordingContext, tmp_path: Path
) -> None:
    elsewhere = {**idf.environ, "IDF_TOOLS_PATH": str(tmp_path / "none")}
    bare = replace(idf.host, environ={**elsewhere, "IDF_PYTHON_ENV_PATH": str(idf.python.parent.parent)})
    wanted = FirmwareRequest(described(folder, 'port = "esp32"', *S3), tree)
    lines = rf"needs xtensa-esp-elf@{stand_in.COMPILER}, esp32ulp-elf@.*idf_tools\.py\" install --targets=esp32s3$"
    with pytest.raises(IdfToolMissing, match=lines) as caught:
        firmware_build.build(ctx, wanted, bare, own)
    assert "riscv32" not in str(caught.value)  # for a second processor that MicroPython does not program
    shutil.copytree(idf.root / "espressif" / "tools", tmp_path / "none" / "tools")
    blind = Host("linux", "x86_64", {**bare.environ, "PATH": str(tmp_path)})
    with pytest.raises(IdfToolMissing, match="needs CMake"):
        firmware_build.build(ctx, wanted, blind, own)
