"""Building the firmware: in odd places, once, cancelled, and from a tree that does not compile."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from toolchains.errors import Cancelled
from toolchains.firmware import rv32, unix
from toolchains.firmware.cache import COMMON, Product, cached, furniture
from toolchains.firmware.make import FirmwareBuildFailed, FirmwareNotHere
from toolchains.host import Host
from toolchains.jobs import JobContext, Progress
from toolchains.paths import Paths
from toolchains.sdk import SdkIncomplete, SdkTree

_PARTS = ("py", "extmod", "shared", "lib", "tools", "mpy-cross/mpy_cross", "ports/unix")


def _copy(tree: SdkTree, into: Path) -> SdkTree:
    """A tree of our own to spoil, in a folder with a blank in its name."""
    for part in _PARTS:
        shutil.copytree(tree.path / part, into / part, symlinks=True)
    return SdkTree.open(into)


def _leftovers(paths: Paths) -> list[Path]:
    return [path for path in paths.cache.rglob(".*") if path.exists()]


@pytest.fixture
def odd_paths(tmp_path: Path, shared_paths: Paths) -> Paths:
    """A home with a blank in its path; the run's float library is there already."""
    paths = Paths.from_environment({"NATMOD_HOME": str(tmp_path / "my home")})
    paths.cache.mkdir(parents=True)
    (paths.cache / "runtime").symlink_to(shared_paths.cache / "runtime", target_is_directory=True)
    return paths


@pytest.mark.slow
def test_blanks_in_paths_and_a_read_only_tree_do_not_matter(
    rv32_firmware: Path, sdk_tree: SdkTree, odd_paths: Paths, tmp_path: Path, ctx: RecordingContext
) -> None:
    tree = _copy(sdk_tree, tmp_path / "my tree")
    before = {path: path.stat().st_mtime_ns for path in tree.path.rglob("*")}
    made = rv32.build(ctx, tree, odd_paths, ctx.host)
    assert made.read_bytes() == rv32_firmware.read_bytes()
    assert {path: path.stat().st_mtime_ns for path in tree.path.rglob("*")} == before
    counts = [event for event in ctx.events if isinstance(event, Progress) and event.unit == "files"]
    assert counts[-1].done == counts[-1].total
    assert _leftovers(odd_paths) == []
    assert rv32.build(ctx, tree, odd_paths, ctx.host) == made


@pytest.mark.slow
def test_without_gcc_zig_builds_the_unix_board(
    unix_firmware: Path, sdk_tree: SdkTree, odd_paths: Paths, ctx: RecordingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unix, "_gcc_works", lambda ctx, host: False)
    made = unix.build(ctx, sdk_tree, odd_paths, ctx.host)
    assert ctx.run([made, "-c", "print(6 * 7, 0.5 * 3)"]).text == "42 1.5\r\n"


def test_a_tree_that_does_not_compile_gives_makes_own_words(
    rv32_firmware: Path, sdk_tree: SdkTree, odd_paths: Paths, tmp_path: Path, ctx: RecordingContext
) -> None:
    tree = _copy(sdk_tree, tmp_path / "tree")
    header = tree.path / "py" / "qstr.h"
    header.write_text(header.read_text("utf-8") + "\n#error this tree is spoilt\n", "utf-8")
    with pytest.raises(FirmwareBuildFailed) as caught:
        rv32.build(ctx, tree, odd_paths, ctx.host)
    assert "this tree is spoilt" in caught.value.detail
    assert "sim:rv32" in str(caught.value)
    assert _leftovers(odd_paths) == []


def test_a_stripped_tree_names_what_is_missing(
    sdk_tree: SdkTree, odd_paths: Paths, tmp_path: Path, ctx: RecordingContext
) -> None:
    tree = _copy(sdk_tree, tmp_path / "tree")
    (tree.path / "lib" / "littlefs" / "lfs2.c").unlink()
    with pytest.raises(SdkIncomplete, match=r"lfs2\.c"):
        rv32.build(ctx, tree, odd_paths, ctx.host)


def test_a_cancelled_build_leaves_nothing(rv32_firmware: Path, sdk_tree: SdkTree, odd_paths: Paths, host: Host) -> None:
    ctx: JobContext
    ctx = JobContext(
        host, lambda event: ctx.cancel() if isinstance(event, Progress) and event.unit == "files" else None
    )
    with pytest.raises(Cancelled):
        rv32.build(ctx, sdk_tree, odd_paths, host)
    assert _leftovers(odd_paths) == []
    assert not list(odd_paths.cache.rglob("*.elf"))


def test_two_at_once_build_once(sdk_tree: SdkTree, paths: Paths, host: Host) -> None:
    product = Product("rv32", sdk_tree, "firmware.elf")
    started, builds, results = threading.Event(), [], []

    def build(output: Path) -> None:
        builds.append(output)
        started.set()
        other.join(0.3)  # the other one has every chance to begin as well
        output.write_bytes(b"firmware")

    def second() -> None:
        started.wait()
        results.append(cached(JobContext(host), product, paths, build))

    other = threading.Thread(target=second)
    other.start()
    results.append(cached(JobContext(host), product, paths, build))
    other.join()
    assert len(builds) == 1
    assert results[0] == results[1]
    assert results[0].read_bytes() == b"firmware"


def test_a_failed_build_is_not_taken_for_firmware(sdk_tree: SdkTree, paths: Paths, host: Host) -> None:
    product = Product("rv32", sdk_tree, "firmware.elf")

    def fail(output: Path) -> None:
        output.write_bytes(b"half")
        raise FirmwareBuildFailed("sim:rv32", "1.26.1", "")

    with pytest.raises(FirmwareBuildFailed):
        cached(JobContext(host), product, paths, fail)
    assert not product.path(paths).exists()
    assert _leftovers(paths) == []


def test_any_change_of_a_source_asks_for_another_firmware(sdk_tree: SdkTree, paths: Paths, tmp_path: Path) -> None:
    tree = _copy(sdk_tree, tmp_path / "tree")
    first = Product("rv32", tree, "firmware.elf").path(paths)
    assert first == Product("rv32", sdk_tree, "firmware.elf").path(paths)
    source = tree.path / "py" / "vm.c"
    times = source.stat().st_mtime_ns
    source.write_bytes(source.read_bytes().replace(b"while", b"for  ", 1))
    os.utime(source, ns=(times, times))
    assert Product("rv32", tree, "firmware.elf").path(paths) != first


def test_other_systems_get_a_sentence(sdk_tree: SdkTree, paths: Paths, ctx: RecordingContext) -> None:
    with pytest.raises(FirmwareNotHere, match="Linux"):
        unix.build(ctx, sdk_tree, paths, Host("macos", "aarch64"))


def test_the_furniture_is_part_of_the_installation() -> None:
    for name in (COMMON, "unix"):
        assert (furniture(name) / "_boot.py").is_file()
