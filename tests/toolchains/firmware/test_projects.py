"""Firmware projects: built by the real make with the real compilers, booted, and asked."""

from __future__ import annotations

import json
import shutil
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.examples import promised
from tests.toolchains.firmware.machine import Machine
from tests.toolchains.natmods import Builder
from toolchains import mpyfile, project
from toolchains.firmware import build as firmware_build
from toolchains.firmware import extended
from toolchains.firmware.boards import NoSuchTarget, target_of
from toolchains.firmware.build import FirmwareBuilt, FirmwareRequest
from toolchains.firmware.make import FirmwareBuildFailed
from toolchains.firmware.table import FirmwareTable
from toolchains.firmware.user_modules import BadUserModule, check, missing, read
from toolchains.firmware.weighing import NotBuilt, weigh
from toolchains.host import Host
from toolchains.linkable import linkable
from toolchains.linker import LinkerPool
from toolchains.paths import Paths, examples
from toolchains.project import ProjectFileError
from toolchains.sdk_tree import SdkTree

MODULE = """\
#include "py/runtime.h"
int {name}_of(int x) {{ return {factor} * x; }}
static mp_obj_t times(mp_obj_t x) {{ return mp_obj_new_int({name}_of(mp_obj_get_int(x))); }}
static MP_DEFINE_CONST_FUN_OBJ_1(times_obj, times);
static const mp_rom_map_elem_t table[] = {{ {{ MP_ROM_QSTR(MP_QSTR_times), MP_ROM_PTR(&times_obj) }} }};
static MP_DEFINE_CONST_DICT(globals, table);
const mp_obj_module_t {name}_module = {{ .base = {{ &mp_type_module }}, .globals = (mp_obj_dict_t *)&globals }};
MP_REGISTER_MODULE(MP_QSTR_{name}, {name}_module);
"""
PROBE = """\
#include "py/dynruntime.h"
static mp_obj_t ask(mp_obj_t x) { return mp_obj_new_int(twice_of(mp_obj_get_int(x))); }
static MP_DEFINE_CONST_FUN_OBJ_1(ask_obj, ask);
mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) {
    MP_DYNRUNTIME_INIT_ENTRY
    mp_store_global(MP_QSTR_ask, MP_OBJ_FROM_PTR(&ask_obj));
    MP_DYNRUNTIME_INIT_EXIT
}
"""
ASK = "import twice, thrice, greet; print(greet.hello(), twice.times(4), thrice.times(4))"


def user_module(folder: Path, name: str, factor: int = 2) -> Path:
    """A module with one function."""
    place = folder / "usermods" / name
    place.mkdir(parents=True)
    (place / f"{name}.c").write_text(MODULE.format(name=name, factor=factor))
    (place / "micropython.mk").write_text(f"SRC_USERMOD_C += $(USERMOD_DIR)/{name}.c\n")
    return place


def described(folder: Path, *lines: str) -> project.Project:
    """The project with this table."""
    (folder / "natmod.toml").write_text("\n".join(("schema = 1", "[firmware]", *lines)) + "\n")
    return project.load(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with two user modules and a package, in a folder that make cannot stand."""
    root = tmp_path / "my projet é"
    user_module(root, "twice", 2)
    user_module(root, "thrice", 3)
    (root / "greet").mkdir()
    (root / "greet" / "__init__.py").write_text("from .words import WORD\n\ndef hello():\n    return WORD\n")
    (root / "greet" / "words.py").write_text("WORD = 'frozen hello'\n")
    return root


@pytest.fixture
def own_paths(tmp_path: Path, shared_paths: Paths) -> Paths:
    """Build folders of this test's own; the run's float library is there already."""
    paths = Paths.from_environment({"NATMOD_HOME": str(tmp_path / "home")})
    paths.cache.mkdir(parents=True)
    (shared_paths.cache / "runtime").mkdir(parents=True, exist_ok=True)
    (paths.cache / "runtime").symlink_to(shared_paths.cache / "runtime", target_is_directory=True)
    return paths


BOTH = 'modules = ["usermods/twice", "usermods/thrice"]'
FREEZE = 'freeze = ["greet"]'
FUNCTIONS = 'functions = ["int twice_of(int x)"]'


def made(ctx: RecordingContext, wanted: project.Project, sdk: SdkTree, paths: Paths) -> FirmwareBuilt:
    return firmware_build.build(ctx, FirmwareRequest(wanted, sdk), Host.current(), paths)


def asked(built: FirmwareBuilt, root: Path, code: str) -> str:
    """What a line of Python prints on the firmware, just booted."""
    if built.product.suffix != ".elf":
        argv = [str(built.product), "-c", code]
        return subprocess.run(argv, cwd=root, capture_output=True, check=True, timeout=60, text=True).stdout
    machine = Machine(built.product, root)
    try:
        machine.until(b">>> ")
        machine.raw()
        return machine.run(code)
    finally:
        machine.close()


@pytest.mark.slow
def test_the_unix_firmware_follows_what_is_changed(
    folder: Path, build: Builder, sdk_tree: SdkTree, unix_firmware: Path, own_paths: Paths, ctx: RecordingContext
) -> None:
    """A native module calls a function that this firmware offers; on another firmware it ends before that."""
    (folder / "probe.c").write_text(PROBE)
    module = ("[module]", 'name = "probe"', 'sources = ["probe.c"]')
    wanted = described(folder, 'port = "unix"', BOTH, FREEZE, FUNCTIONS, *module)
    built = made(ctx, wanted, sdk_tree, own_paths)
    assert asked(built, folder, ASK) == "frozen hello 8 12\n"

    with closing(LinkerPool(ctx.host)) as linkers:
        own = replace(build, linkers=linkers, sdk=extended.sdk_of(ctx, wanted, sdk_tree, own_paths))
        native = own(folder, "x64", "gcc")
    assert linkable(own.sdk).is_linkable("twice_of")  # so that the editor offers it
    (folder / "probe.mpy").write_bytes(native.path.read_bytes())
    sdk_name = mpyfile.read_file(native.path).sdk
    assert sdk_name is not None
    assert sdk_name.startswith("natmod_sdk_probe_")
    assert asked(built, folder, "import probe; print(probe.ask(21))") == "42\n"
    elsewhere = subprocess.run(
        [unix_firmware, "-c", "import probe"], cwd=folder, capture_output=True, check=False, timeout=60, text=True
    )
    assert f"ImportError: no module named '{sdk_name}'" in elsewhere.stdout + elsewhere.stderr
    assert [name for module in built.modules for name in module.names] == ["twice", "thrice", sdk_name]
    record = json.loads((built.folder / "build.json").read_text())
    assert (record["micropython"], record["modules"][1]["names"]) == (sdk_tree.version, ["thrice"])

    groups = weigh(project.load(folder)).of_groups()
    assert groups["module twice"] > 50
    assert groups["frozen greet_words"] > 10
    assert groups["py"] > 100_000

    source = folder / "usermods" / "twice" / "twice.c"
    source.write_text(MODULE.format(name="twice", factor=20))
    (folder / "greet" / "words.py").write_text("WORD = 'changed'\n")
    before = len(ctx.said())
    built = made(ctx, project.load(folder), sdk_tree, own_paths)
    assert asked(built, folder, ASK) == "changed 80 12\n"
    assert sum(line.startswith("CC ") for line in ctx.said()[before:]) <= 3  # the module, and what was frozen

    source.write_text('#include "py/runtime.h"\nint broken(void) { return nothing; }\n')
    with pytest.raises(FirmwareBuildFailed) as caught:
        made(ctx, project.load(folder), sdk_tree, own_paths)
    mistakes = caught.value.fields["diagnostics"]
    assert isinstance(mistakes, tuple)
    assert [(one.path, one.line) for one in mistakes if "nothing" in one.message] == [(str(source), 2)]


@pytest.mark.slow
def test_the_emulated_risc_v_board_boots_with_two_modules_and_a_package(
    folder: Path, sdk_tree: SdkTree, own_paths: Paths, ctx: RecordingContext
) -> None:
    if ctx.host.which("qemu-system-riscv32") is None:
        pytest.skip("needs qemu-system-riscv32 (Debian: qemu-system-misc)")
    (folder / "probe.c").write_text(PROBE)
    both = 'modules = ["usermods/twice", "usermods/thrice", "."]'
    module = ("[module]", 'name = "probe"', 'sources = ["probe.c"]')
    wanted = described(folder, 'port = "qemu"', 'board = "VIRT_RV32"', both, FREEZE, FUNCTIONS, *module)
    built = made(ctx, wanted, sdk_tree, own_paths)
    star = "from probe import *; import gc; gc.collect(); print(ask(21), 'self' in globals())"
    assert asked(built, folder, f"{ASK}; {star}") == "frozen hello 8 12\r\n42 False\r\n"
    assert weigh(wanted).of_groups()["module thrice"] > 30


def test_what_cannot_be_meant_is_refused_with_the_nearest_name(folder: Path, sdk_tree: SdkTree) -> None:
    def refused(port: str, board: str | None = None, variant: str | None = None) -> str:
        with pytest.raises(NoSuchTarget) as caught:
            target_of(sdk_tree, FirmwareTable(port, board, variant), folder)
        return str(caught.value)

    assert 'Did you mean "VIRT_RV32"?' in refused(port="qemu", board="VIRT_RV23")
    assert 'Did you mean "qemu"?' in refused(port="qmeu")
    assert 'Did you mean "standard"?' in refused(port="unix", variant="standart")
    assert "It is a variant of ESP32_GENERIC_S3" in refused(
        port="esp32", board="ESP32_GENERIC_C3", variant="SPIRAM_OCT"
    )
    assert "knows no boards" in refused(port="minimal", board="MICROBIT")
    (folder / "boards" / "MINE").mkdir(parents=True)
    (folder / "boards" / "MINE" / "mpconfigboard.cmake").write_text("")
    found = target_of(sdk_tree, FirmwareTable("esp32", "MINE"), folder)
    assert found.board_folder == folder / "boards" / "MINE"


def test_modules_that_cannot_be_built_in_are_named(folder: Path, sdk_tree: SdkTree) -> None:
    twice = read(folder / "usermods" / "twice")
    (folder / "empty").mkdir()
    with pytest.raises(BadUserModule, match=r"no micropython\.mk"):
        read(folder / "empty")
    other = user_module(folder / "more", "twice")
    with pytest.raises(BadUserModule, match="both make the module twice"):
        check([twice, read(other)], sdk_tree)
    with pytest.raises(BadUserModule, match="has a module json of its own"):
        check([read(user_module(folder, "json"))], sdk_tree)
    (other / "tool.c").write_text("int main(int argc, char **argv) { return 0; }\n")
    assert missing([twice], {"main", "twice_module"}) == ()
    assert missing([twice], {"main"}) == ("twice",)
    with pytest.raises(BadUserModule, match=r"defines main\(\) in tool\.c"):
        read(other)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('freeze = ["usermods/twice"]', "twice/twice.c is C: it would be left out"),
        ('freeze = ["usermods/twice/twice.c"]', "twice.c is no Python file"),
        ('modules = ["../x"]', "outside the project's folder"),
        ('sdkconfig = ["CONFIG_X"]', "is no line of sdkconfig"),
        ('defines = ["A B"]', "cannot be defined"),
        ('require = ["a/b"]', "may hold letters"),
        ('functions = ["twice_of"]', "declares no function"),
        ('bord = "X"', 'Did you mean "board"?'),
    ],
)
def test_a_mistake_in_the_table_is_named_with_its_line(folder: Path, line: str, words: str) -> None:
    with pytest.raises(ProjectFileError) as caught:
        described(folder, line)
    assert words in str(caught.value)
    assert caught.value.fields["line"] == 3


def test_nothing_is_weighed_before_it_is_built(folder: Path) -> None:
    with pytest.raises(NotBuilt):
        weigh(described(folder, 'port = "unix"'))


@pytest.mark.slow
def test_one_source_is_a_native_module_and_a_part_of_the_firmware(
    build: Builder, sdk_tree: SdkTree, own_paths: Paths, ctx: RecordingContext, tmp_path: Path
) -> None:
    """C and Python merged, exceptions, a class: what main.py prints is what the example's README promises."""
    root = tmp_path / "mixed é"
    shutil.copytree(examples() / "mixed_python", root)
    with (root / "natmod.toml").open("a") as file:
        file.write('\n[firmware]\nport = "qemu"\nboard = "VIRT_RV32"\nmodules = ["."]\n')
    assert build(root, "rv32imc").path.is_file()
    built = made(ctx, project.load(root), sdk_tree, own_paths)
    shown = asked(built, root, (root / "main.py").read_text()).replace("\r\n", "\n")
    assert promised(root).fullmatch(shown), shown
