"""Every example and every template builds everywhere, and does on a real MicroPython what its README says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.examples import EXAMPLES, FIRMWARE, NATIVE, OWN_FIRMWARE, promised
from tests.toolchains.natmods import Builder
from toolchains import mpyfile, paths, project, scaffold
from toolchains.host import Host
from toolchains.sdk_tree import SdkTree

BUILT = [*NATIVE, "new module", "new class"]
ALL = [*EXAMPLES, *(f"new {name}" for name in scaffold.templates() if name not in OWN_FIRMWARE)]


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An example as it lies in the checkout, or a project that ``natmod new`` has just made."""
    kind, _space, template = request.param.partition(" ")
    return scaffold.new_project(tmp_path, "blinker", template) if template else paths.examples() / kind


@pytest.mark.parametrize("folder", BUILT, indirect=True)
@pytest.mark.parametrize("pin", ["zig", "gcc"])
@pytest.mark.parametrize("arch", ["rv32imc", "x64"])
def test_it_builds_without_a_warning(
    folder: Path, arch: str, pin: str, build: Builder, sdk_1250: SdkTree, tmp_path: Path
) -> None:
    for sdk in (build.sdk, sdk_1250):
        result = build(folder, arch, pin, out=tmp_path / "out" / sdk.version, sdk=sdk)
        assert result.warnings == ()
        mpy = mpyfile.read(result.path.read_bytes())
        assert (mpy.arch_name, mpy.version, mpy.sub_version) == (arch, sdk.mpy_version, sdk.mpy_sub_version)
        sizes = result.sizes
        # mpy_ld.py puts read-only data and the GOT behind the code, in one piece.
        assert (mpy.text + mpy.rodata, mpy.bss) == (sizes.text + sizes.rodata + sizes.got, sizes.bss)
        assert str(folder).encode() not in result.path.read_bytes()


@pytest.mark.parametrize("folder", ALL, indirect=True)
def test_it_does_what_its_readme_says(
    folder: Path, build: Builder, tmp_path: Path, unix_firmware: Path, host: Host
) -> None:
    native = project.load(folder).native
    module = build(folder, "x64", "zig", out=tmp_path / "out").path if native else folder / "main.py"
    shown = run(host, unix_firmware, folder, "main.py", module)
    assert promised(folder).fullmatch(shown), shown


def run(host: Host, micropython: Path, folder: Path, script: str, module: Path) -> str:
    """What a script prints on the computer's own MicroPython, which finds the module and the project's other files."""
    env = {**host.environ, "MICROPYPATH": f"{module.parent}:{folder}:.frozen"}
    done = subprocess.run(
        [micropython, folder / script], env=env, capture_output=True, timeout=60, check=False, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_list_of_examples_is_complete() -> None:
    listed = re.findall(r"^- \[(\w+)\]\(\1\): .+", (paths.examples() / "README.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted([*EXAMPLES, *FIRMWARE])
