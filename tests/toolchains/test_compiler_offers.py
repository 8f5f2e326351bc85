"""What compilers can be had here, what to type for them, and getting them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.fakes.apt import FakeMachine
from tests.toolchains.natmods import Builder, module, write_project
from toolchains import natmod, project
from toolchains.chips import arch
from toolchains.compiler_offers import NoMaths, get, offer_for
from toolchains.compilers import Compiler, CompilerFinder, NoCompiler
from toolchains.errors import ToolMissing
from toolchains.host import Host, System
from toolchains.natmod import BuildRequest
from toolchains.paths import Paths
from toolchains.system import ensure_packages, install_line
from toolchains.text import _

_REASON = _("The tests need it.")


@pytest.mark.parametrize(
    ("root", "name", "command"),
    [
        (True, "armv7m", "natmod compilers get armv7m"),
        (True, "xtensa", "natmod compilers get xtensa"),
        (True, "xtensawin", "natmod compilers get xtensawin"),
        (False, "armv7m", "sudo apt-get install --no-install-recommends gcc-arm-none-eabi"),
        (False, "xtensawin", "natmod compilers get xtensawin"),  # it is made in the user's own folder
    ],
)
def test_on_debian_there_is_something_to_type(tmp_path: Path, root: bool, name: str, command: str) -> None:
    offer = offer_for(FakeMachine(tmp_path, root=root).host, arch(name))
    assert (offer.command, offer.problem) == (command, None)
    assert offer.size is not None
    assert 10_000_000 < offer.size < 300_000_000


@pytest.mark.parametrize(
    ("system", "manager", "name", "command"),
    [
        ("macos", "brew", "armv6m", "brew install arm-none-eabi-gcc"),
        ("windows", "winget.exe", "armv7emdp", "winget install Arm.GnuArmEmbeddedToolchain"),
        ("linux", "pacman", "x86", ""),
        ("linux", "nothing", "xtensa", ""),
        ("windows", "winget.exe", "xtensawin", ""),
    ],
)
def test_elsewhere_the_other_package_manager(
    tmp_path: Path, system: System, manager: str, name: str, command: str
) -> None:
    offer = offer_for(FakeMachine(tmp_path, system, programs=(manager,)).host, arch(name))
    assert offer.command == command
    assert (offer.problem is None) == bool(command)


@pytest.mark.parametrize(
    ("root", "name", "step"),
    [
        (True, "xtensawin", "Install one with: natmod compilers get xtensawin"),
        (False, "x86", "Install one with: sudo apt-get install --no-install-recommends gcc-i686-linux-gnu"),
    ],
)
def test_no_compiler_names_what_to_type(tmp_path: Path, paths: Paths, root: bool, name: str, step: str) -> None:
    host = FakeMachine(tmp_path, root=root).host
    with pytest.raises(NoCompiler) as raised:
        CompilerFinder(paths, host).choose(RecordingContext(host), arch(name))
    assert str(raised.value).endswith(step)


def test_where_nothing_can_be_had_the_names_are_said(paths: Paths) -> None:
    host = Host("windows", "x86_64", {"PATH": ""})
    with pytest.raises(NoCompiler, match=r"put it on PATH: xtensa-esp32-elf-gcc, xtensa-esp-elf-gcc\."):
        CompilerFinder(paths, host).choose(RecordingContext(host), arch("xtensawin"))


def test_a_user_without_root_gets_the_line_and_nothing_is_installed(tmp_path: Path, paths: Paths) -> None:
    fake = FakeMachine(tmp_path)
    fake.set("updated")
    with pytest.raises(ToolMissing, match=r"Install it \(46 MB\) with: sudo apt-get install .* gcc-arm-none-eabi"):
        get(RecordingContext(fake.host), CompilerFinder(paths, fake.host), paths, arch("armv7m"))


def test_what_is_there_is_not_got_again(host: Host, paths: Paths, ctx: RecordingContext) -> None:
    compiler = get(ctx, CompilerFinder(paths, host), paths, arch("rv32imc"), runtime=True).compiler
    assert compiler.kind == "zig"
    assert ctx.events == []


def test_a_compiler_without_maths_says_so(
    compiler_for: Callable[[str], Compiler], host: Host, paths: Paths, ctx: RecordingContext
) -> None:
    compiler_for("xtensa")
    with pytest.raises(NoMaths, match="no maths library for xtensa"):
        get(ctx, CompilerFinder(paths, host), paths, arch("xtensa"), runtime=True)


# --- packages that hold no program -----------------------------------------------------------------------------------


def _machine(tmp_path: Path, installed: str) -> FakeMachine:
    fake = FakeMachine(tmp_path, root=True, programs=("apt-get", "dpkg", "dpkg-query"))
    fake.set("updated")
    (fake.folder / "dpkg-query").write_text(f"#!/bin/sh\necho {installed} installed\necho other not-installed\n")
    return fake


def test_packages_that_are_installed_are_left_alone(tmp_path: Path) -> None:
    fake = _machine(tmp_path, "libnewlib-arm-none-eabi")
    ensure_packages(RecordingContext(fake.host), ["libnewlib-arm-none-eabi"], _REASON)
    assert fake.calls == []


def test_packages_that_are_missing_are_installed(tmp_path: Path) -> None:
    fake = _machine(tmp_path, "gcc")
    ctx = RecordingContext(fake.host)
    ensure_packages(ctx, ["gcc", "other"], _REASON)
    assert ctx.said()[:2] == ["Install other", "The tests need it. Installing other (46 MB)."]
    assert not any("gcc" in call for call in fake.calls)


def test_a_line_that_nobody_knows_is_empty() -> None:
    assert install_line(Host("linux", "x86_64", {"PATH": ""}), ["gcc"]) == ""


# --- every architecture ----------------------------------------------------------------------------------------------

_ALL = ("x86", "x64", "armv6m", "armv7m", "armv7emsp", "armv7emdp", "xtensa", "xtensawin", "rv32imc")


@pytest.fixture
def every(build: Builder, compiler_for: Callable[[str], Compiler]) -> Callable[[str, Path], natmod.BuildResult]:
    def made(name: str, folder: Path) -> natmod.BuildResult:
        request = BuildRequest(project.load(folder), arch(name), build.sdk, compiler_for(name), None)
        return natmod.build(build.ctx, request, build.linkers)

    return made


@pytest.mark.parametrize("name", _ALL)
def test_a_module_builds_for_every_architecture(
    every: Callable[[str, Path], natmod.BuildResult], tmp_path: Path, name: str
) -> None:
    """With headers of the C library, which Debian's compilers for x86 and the ESP8266 do not have."""
    before = "#include <stdint.h>\n#include <string.h>\n#include <stdlib.h>\n"
    body = '    int64_t n = mp_obj_get_int(x);\n    return mp_obj_new_int((mp_int_t)(n + (int64_t)strlen("abc")));'
    folder = write_project(tmp_path / "small", {"small.c": module(body, before)}, 'runtime = "auto"')
    data = every(name, folder).path.read_bytes()
    assert data[2] >> 2 & 15 == arch(name).number


@pytest.mark.parametrize("name", _ALL)
def test_floats_and_long_divisions_find_their_library(
    every: Callable[[str, Path], natmod.BuildResult], tmp_path: Path, name: str
) -> None:
    """The maths of newlib for Arm cannot be linked, zig's stand in; no module can link the maths of glibc for x86."""
    maths = name not in ("x86", "xtensa")
    before = "#include <math.h>\n" if maths else "#define sinf(x) (x)\n#define powf(x, y) (y)\n"
    body = (
        "    double d = (double)mp_obj_get_int(x);\n    float f = (float)(d / 3.5);\n"
        "    long long n = (long long)f * 1000000007LL / (long long)(d * d);\n"
        "    return mp_obj_new_int((mp_int_t)(sinf(f) / powf(f, 3.0f) + (float)n));"
    )
    folder = write_project(tmp_path / "small", {"small.c": module(body, before)}, 'runtime = "auto"')
    assert every(name, folder).path.stat().st_size > 250


def test_no_constants_of_the_maths_for_the_esp32_are_mixed_up(
    every: Callable[[str, Path], natmod.BuildResult], tmp_path: Path
) -> None:
    """Members of one library whose constants lie at the same place; the linker would take one for the other."""
    names = ("pow", "sin", "exp", "log", "atan", "cos", "tan", "tanh", "asin", "cbrt", "exp2", "log10", "erf", "tgamma")
    sums = "".join(f" + {name}f(f) + (float){name}(d)" for name in names if name != "pow")
    body = (
        "    double d = (double)mp_obj_get_int(x);\n    float f = (float)d;\n"
        f"    return mp_obj_new_int((mp_int_t)(powf(f, f) + (float)pow(d, d){sums}));"
    )
    folder = write_project(tmp_path / "small", {"small.c": module(body, "#include <math.h>\n")}, 'runtime = "on"')
    assert every("xtensawin", folder).path.stat().st_size > 20_000
