"""Builds that go wrong halfway, and projects that cannot become a firmware: what is said, and that the next goes on."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.disks import small_disk
from tests.toolchains.firmware.test_projects import described, made, user_module
from toolchains.errors import Cancelled
from toolchains.firmware import extended
from toolchains.firmware.boards import target_of
from toolchains.firmware.extended import CannotExtend
from toolchains.firmware.failures import Failure
from toolchains.firmware.frozen import manifest
from toolchains.firmware.image import symbols_of
from toolchains.firmware.interrupted import going_on
from toolchains.firmware.make import FirmwareBuildFailed
from toolchains.firmware.make_build import PortTakesNone
from toolchains.firmware.table import FirmwareTable
from toolchains.firmware.user_modules import BadUserModule, check, read
from toolchains.jobs import Event, Log
from toolchains.paths import Paths
from toolchains.sdk_tree import SdkTree
from toolchains.text import Text


def _compiled(ctx: RecordingContext) -> int:
    return sum(line.startswith("CC ") for line in ctx.said())


@pytest.mark.slow
def test_a_full_disk_and_a_build_killed_halfway_are_gone_on_with(
    sdk_tree: SdkTree, tmp_path: Path, shared_paths: Paths, ctx: RecordingContext
) -> None:
    """On a disk with too little room; then with room, killed at 40 % with a file half written; then to the end."""
    root = tmp_path / "my project"
    root.mkdir()
    wanted = described(root, 'port = "minimal"')
    paths = Paths.from_environment({"NATMOD_HOME": str(tmp_path / "home")})
    with small_disk(tmp_path / "home", "3m"):
        with pytest.raises(FirmwareBuildFailed) as caught:
            made(ctx, wanted, sdk_tree, paths)
        assert "The disk is full." in str(caught.value)
        subprocess.run(["mount", "-o", "remount,size=200m", tmp_path / "home"], check=True)

        killed = RecordingContext(ctx.host)
        killed.sink = lambda event: _keep_until_40(killed, event)
        with pytest.raises(Cancelled):
            made(killed, wanted, sdk_tree, paths)
        half = max(paths.cache.rglob("*.o"), key=lambda path: path.stat().st_mtime_ns)
        half.write_bytes(half.read_bytes()[:100])

        again = RecordingContext(ctx.host)
        built = made(again, wanted, sdk_tree, paths)
        assert symbols_of(built.elf) >= {"main", "mp_init"}
        assert _compiled(again) < 140  # of some 170
        last = RecordingContext(ctx.host)
        made(last, wanted, sdk_tree, paths)
        assert _compiled(last) == 0


def _keep_until_40(ctx: RecordingContext, event: Event) -> None:
    ctx.events.append(event)
    if isinstance(event, Log) and _compiled(ctx) >= 70:
        ctx.cancel()


def test_what_was_written_last_before_a_cut_is_made_again(tmp_path: Path) -> None:
    build = tmp_path / "build"
    build.mkdir()
    old, new, empty = (build / name for name in ("old.o", "new.o", "qstrdefs.generated.h"))
    old.write_text("whole")
    new.write_text("ha")
    empty.touch()
    os.utime(old, (1000, 1000))
    os.utime(empty, (1000, 1000))

    def cut(kind: str) -> set[str]:
        error = FirmwareBuildFailed("unix", "1.26.1", "", Failure(kind, None, Text("")))
        with pytest.raises(FirmwareBuildFailed), going_on(tmp_path, build):
            raise error
        with going_on(tmp_path, build):
            return {path.name for path in build.iterdir()}

    assert cut("compile") == {"old.o", "new.o", "qstrdefs.generated.h"}  # make ended by itself: nothing is half
    assert cut("disk-full") == {"old.o"}


def test_names_that_hide_each_other_are_refused(sdk_tree: SdkTree, tmp_path: Path) -> None:
    module = read(user_module(tmp_path, "greet"))
    with pytest.raises(BadUserModule, match=r"app/greet\.py would never be imported: the C module greet"):
        check([module], sdk_tree, ["app/greet.py"])
    check([module], sdk_tree, ["app/greeting.py"])


def test_a_port_that_takes_nothing_says_so(sdk_tree: SdkTree, tmp_path: Path, ctx: RecordingContext) -> None:
    user_module(tmp_path, "twice")
    (tmp_path / "greet.py").write_text("")
    paths = Paths.from_environment({"NATMOD_HOME": str(tmp_path / "home")})
    for line, words in (
        ('modules = ["usermods/twice"]', "compiles no user C modules"),
        ('freeze = ["greet.py"]', "freezes no Python"),
    ):
        with pytest.raises(PortTakesNone, match=f"The port minimal {words}"):
            made(ctx, described(tmp_path, 'port = "minimal"', line), sdk_tree, paths)


def test_functions_that_the_table_has_already_are_refused(
    sdk_tree: SdkTree, tmp_path: Path, ctx: RecordingContext
) -> None:
    paths = Paths.from_environment({"NATMOD_HOME": str(tmp_path / "home")})
    for line in (
        'functions = ["mp_obj_t load_name(qstr q)"]',
        'functions = ["int one(void)", "void one(int x, char *const text);"]',
    ):
        with pytest.raises(CannotExtend, match="is in the table already"):
            extended.sdk_of(ctx, described(tmp_path, 'port = "unix"', line), sdk_tree, paths)
    assert not paths.cache.exists()


def test_a_variant_without_frozen_python_stays_without(sdk_tree: SdkTree, tmp_path: Path) -> None:
    def frozen(variant: str) -> str | None:
        table = FirmwareTable("unix", variant=variant)
        return manifest(table, target_of(sdk_tree, table, tmp_path), tmp_path, "p", library=False)

    assert frozen("minimal") is None
    assert frozen("standard") is not None
