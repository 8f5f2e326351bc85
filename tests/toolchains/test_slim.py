"""A toolchain without C++ and other processors' libraries builds the same bytes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.compilers import Compilers
from tests.conftest import RecordingContext
from tests.examples import NATIVE
from tests.fakes import packs
from tests.toolchains.natmods import Builder
from tests.toolchains.test_corpus import jobs_of, ours
from toolchains import natmod, project
from toolchains.chips import arch
from toolchains.compiler_probe import Compiler, probe_gcc
from toolchains.natmod import BuildRequest
from toolchains.pack_toolchains import copy_tree
from toolchains.paths import examples
from toolchains.slim import SlimFailed, Slimmed, size_of, slim
from toolchains.zig import Zig

#: Other trees to make slim, as ARCH,ARCH=FOLDER:…, for people who have some.
_MORE = [one.partition("=") for one in filter(None, os.environ.get("NATMOD_TEST_TOOLCHAINS", "").split(":"))]


def corpus(build: Builder, compiler: Compiler, work: Path) -> dict[str, bytes | str]:
    """All that upstream and we have as examples: what each becomes with this compiler, or what is said instead."""
    made: dict[str, bytes | str] = {}
    for number, (name, variables) in enumerate(jobs_of(build.sdk, compiler)):
        folder = shutil.copytree(build.sdk.path / "examples" / "natmod" / name, work / str(number))
        made[f"{name}{number}"] = ours(build, build.sdk, compiler, folder, variables)
    for name in NATIVE:
        loaded = project.load(examples() / name)
        request = BuildRequest(loaded, arch(compiler.arch), build.sdk, compiler, work / "ours" / name)
        made[name] = natmod.build(build.ctx, request, build.linkers).path.read_bytes()
    return made


def slimmed(build: Builder, folder: Path, names: list[str], tmp_path: Path) -> Slimmed:
    """Make a copy slim, and build the corpus with both."""
    copy = tmp_path / "slim"
    copy_tree(build.ctx, folder, copy)
    done = slim(build.ctx, copy, [arch(name) for name in names])
    for name in names:
        full, small = (compiler_in(build, place, name) for place in (folder, copy))
        before, after = corpus(build, full, tmp_path / name / "full"), corpus(build, small, tmp_path / name / "slim")
        places = {
            str(folder): "X",
            str(copy): "X",
            str(tmp_path / name / "full"): "Y",
            str(tmp_path / name / "slim"): "Y",
        }
        assert {key: plain(value, places) for key, value in before.items()} == {
            key: plain(value, places) for key, value in after.items()
        }
        assert sum(isinstance(one, bytes) for one in before.values()) > len(NATIVE) + 6
    sys.stdout.write(f"\n{folder}: {done.before} bytes before, {done.after} now; kept: {', '.join(done.multilibs)}\n")
    return done


def plain(made: bytes | str, places: dict[str, str]) -> bytes | str:
    """A complaint without the places of this build."""
    for place, word in places.items() if isinstance(made, str) else ():
        made = str(made).replace(place, word)
    return made


def compiler_in(build: Builder, folder: Path, name: str) -> Compiler:
    for program in arch(name).gcc:
        found = sorted(folder.glob(f"**/bin/{program}"))
        if found:
            return probe_gcc(build.ctx, found[0], arch(name), "store", Zig.bundled(build.ctx.host))
    pytest.fail(f"no compiler for {name} in {folder}")


@pytest.mark.slow
def test_the_compiler_for_the_esp32_builds_the_corpus_slim(
    build: Builder, compiler_for: Compilers, tmp_path: Path
) -> None:
    program = Path(compiler_for("xtensawin").command[0])
    done = slimmed(build, program.parent.parent, ["xtensawin"], tmp_path)
    assert 0 < done.after <= done.before


@pytest.mark.slow
def test_a_compiler_with_many_libraries_builds_the_corpus_slim(
    build: Builder, compiler_for: Compilers, tmp_path: Path
) -> None:
    """GCC for RISC-V as Debian has it: 64 bits, 32 bits, with and without floats, C++, LTO."""
    program = Path(compiler_for("rv32imc", "gcc").command[0])
    if program.parent != Path("/usr/bin"):
        pytest.skip("Debian's GCC for RISC-V is not installed")
    folder = linked_copy(["gcc-riscv64-unknown-elf", "binutils-riscv64-unknown-elf"], tmp_path / "riscv")
    done = slimmed(build, folder, ["rv32imc"], tmp_path)
    assert done.after < done.before / 3
    assert not list((tmp_path / "slim").glob("**/cc1plus"))


@pytest.mark.skipif(not _MORE, reason="no further toolchains (NATMOD_TEST_TOOLCHAINS)")
@pytest.mark.parametrize(("names", "folder"), [(one[0], one[2]) for one in _MORE])
def test_further_toolchains_build_the_corpus_slim(build: Builder, tmp_path: Path, names: str, folder: str) -> None:
    assert slimmed(build, Path(folder), names.split(","), tmp_path).after


def linked_copy(packages: list[str], folder: Path) -> Path:
    """The files of packages in a folder of their own, without copying their bytes."""
    try:
        listed = subprocess.run(["dpkg", "-L", *packages], capture_output=True, text=True, check=True).stdout
        for line in listed.splitlines():
            source = Path(line)
            if line.startswith("/usr/") and "/share/" not in line and source.is_file():
                target = folder / source.relative_to("/usr")
                target.parent.mkdir(parents=True, exist_ok=True)
                if source.is_symlink():
                    target.symlink_to(os.readlink(source))
                else:
                    target.hardlink_to(source)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"the packages cannot be linked to: {error}")
    return folder


def test_the_layout_of_espressifs_compilers(ctx: RecordingContext, tmp_path: Path) -> None:
    """Sets of libraries for three chips, with and without PSRAM and C++ run-time types; headers and scripts for all."""
    root, version = tmp_path / "xtensa-esp-elf", "14.2.0"
    gcc, target = root / "lib" / "gcc" / "xtensa-esp-elf" / version, root / "xtensa-esp-elf" / "lib"
    sets = [f"{chip}{kind}" for chip in ("esp32", "esp32s2", "esp32s3") for kind in ("", "/psram", "/no-rtti")]
    for one in [".", *sets]:
        put(gcc / one / "libgcc.a", gcc / one / "crtbegin.o", target / one / "libm.a", target / one / "libstdc++.a")
    put(gcc / "include" / "stddef.h", gcc / "plugin" / "include" / "tree.h", target / "ldscripts" / "elf.x")
    put(target / "nano.specs", root / "include" / "esp32" / "soc.h", root / "share" / "licenses" / "GPL")
    put(root / "libexec" / "cc1", root / "libexec" / "cc1plus", root / "bin" / "xtensa-esp32-elf-g++")
    program = root / "bin" / "xtensa-esp32-elf-gcc"
    lists = "".join(f"{one};@m\\n" for one in [".", *sets])
    answers = {
        "-print-multi-lib": f'printf "{lists}"',
        "-print-multi-directory": "echo esp32",
        "--print-libgcc-file-name": f"echo {gcc}/esp32/libgcc.a",
        "--print-file-name=": f"echo {target}/esp32/libm.a",
    }
    cases = "".join(f'*" {word}"*) {answer}; exit;;\n' for word, answer in answers.items())
    program.write_text(packs.PROGRAM.replace('case " $* " in\n', f'case " $* " in\n{cases}', 1))
    program.chmod(0o755)
    slim(ctx, tmp_path, [arch("xtensawin")])
    left = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    assert left == {
        "bin/xtensa-esp32-elf-gcc",
        "include/esp32/soc.h",
        f"lib/gcc/xtensa-esp-elf/{version}/esp32/crtbegin.o",
        f"lib/gcc/xtensa-esp-elf/{version}/esp32/libgcc.a",
        f"lib/gcc/xtensa-esp-elf/{version}/include/stddef.h",
        "libexec/cc1",
        "share/licenses/GPL",
        "xtensa-esp-elf/lib/esp32/libm.a",
        "xtensa-esp-elf/lib/ldscripts/elf.x",
        "xtensa-esp-elf/lib/nano.specs",
    }


def put(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(path.name.encode())


def test_a_compiler_that_answers_otherwise_afterwards_is_refused(ctx: RecordingContext, tmp_path: Path) -> None:
    """Here one whose library is of C++."""
    root = tmp_path / "gcc"
    put(root / "lib" / "libsupc++.a")
    program = root / "bin" / "xtensa-esp32-elf-gcc"
    put(program)
    program.write_text(packs.PROGRAM.replace("echo libm.a", f"echo {root}/lib/libsupc++.a"))
    program.chmod(0o755)
    with pytest.raises(SlimFailed, match="in another way"):
        slim(ctx, root, [arch("xtensawin")])


def test_what_holds_no_compiler_is_left_alone(ctx: RecordingContext, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "cc1plus").write_text("x")
    with pytest.raises(SlimFailed, match="holds no GCC for xtensawin"):
        slim(ctx, tmp_path, [arch("xtensawin")])
    assert (tmp_path / "bin" / "cc1plus").exists()


def test_a_file_with_two_names_counts_once(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(1000))
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    (tmp_path / "c").write_bytes(bytes(10))
    assert size_of(tmp_path) == 1010


def test_a_copy_keeps_its_links(ctx: RecordingContext, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "a").write_bytes(bytes(1000))
    (tree / "b").hardlink_to(tree / "a")
    (tree / "c").symlink_to("a")
    copy_tree(ctx, tree, tmp_path / "copy")
    assert size_of(tmp_path / "copy") == 1001
    assert (tmp_path / "copy" / "c").is_symlink()
