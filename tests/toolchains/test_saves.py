"""Saves as editors make them, told once each, and nothing else told."""

from __future__ import annotations

import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.toolchains.natmods import Builder, module
from toolchains.build_folder import State
from toolchains.errors import Cancelled, DiskError
from toolchains.saves import Saves, folders_of, inputs_of


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "src").mkdir(parents=True)
    (root / ".git").mkdir()
    for name in ("main.py", "src/a.c", "natmod.toml", "notes.txt", ".git/index.py"):
        (root / name).write_text("old\n")
    return root


def saved(saves: Saves, ctx: RecordingContext) -> tuple[str, ...]:
    names, moment = saves.wait(ctx)
    assert 0 <= time.time() - moment < 10
    return names


def test_saves_of_every_kind(root: Path, ctx: RecordingContext) -> None:
    with Saves(root) as saves:
        (root / "src/a.c").write_text("in place\n")
        assert saved(saves, ctx) == ("src/a.c",)
        (root / "src/b.tmp").write_text("by renaming\n")
        os.replace(root / "src/b.tmp", root / "src/a.c")
        assert saved(saves, ctx) == ("src/a.c",)
        # What nobody builds or runs: other files, hidden folders, a change of permissions.
        (root / "notes.txt").write_text("new\n")
        (root / ".git/index.py").write_text("new\n")
        (root / "main.py").chmod(0o600)
        (root / "natmod.toml").write_text("schema = 1\n")
        assert saved(saves, ctx) == ("natmod.toml",)
        (root / "lib" / "deep").mkdir(parents=True)
        (root / "lib/deep/c.py").write_text("in a new folder\n")
        assert saved(saves, ctx) == ("lib/deep/c.py",)
        (root / "lib/deep/c.py").write_text("again\n")
        assert saved(saves, ctx) == ("lib/deep/c.py",)
        (root / "main.py").unlink()
        assert saved(saves, ctx) == ("main.py",)


def test_a_save_while_somebody_works_is_told_at_once_and_not_lost(root: Path, ctx: RecordingContext) -> None:
    told = threading.Event()
    with Saves(root) as saves:
        with saves.calling(told.set):
            (root / "main.py").write_text("new\n")
            assert told.wait(20)
        again = threading.Event()
        with saves.calling(again.set):
            assert again.is_set()
        assert saved(saves, ctx) == ("main.py",)


def test_what_a_build_itself_writes_again_is_no_save(root: Path, ctx: RecordingContext) -> None:
    with Saves(root) as saves:
        with saves.calling(lambda: None):
            (root / "src/a.c").write_text("old\n")
        (root / "main.py").write_text("old\n")  # the same content, but nobody is at work any more
        os.utime(root / "main.py", (time.time() + 1, time.time() + 1))  # the clock of files is a little behind
        assert saved(saves, ctx) == ("main.py",)
        with saves.calling(lambda: None):
            (root / "src/a.c").write_text("generated\n")
        assert saved(saves, ctx) == ("src/a.c",)


def test_what_a_build_read_outside_the_project_is_watched_too(
    root: Path, ctx: RecordingContext, tmp_path: Path
) -> None:
    common, sdk = tmp_path / "common", tmp_path / "sdk"
    for folder in (common, sdk):
        folder.mkdir()
        (folder / "shared.h").write_text("old\n")
    with Saves(root) as saves:
        inputs = {"../common/shared.h": "hash", str(sdk / "shared.h"): "hash", "src/logo.bin": "hash"}
        (root / "src/logo.bin").write_bytes(b"old")
        (root / ".natmod/x64").mkdir(parents=True)
        (root / ".natmod/x64/state.json").write_bytes(State({"a.c": {"inputs": inputs}}).dump())
        (root / "main.py").write_text("new\n")
        assert saved(saves, ctx) == ("main.py",)
        assert folders_of(root.resolve()) == {root, root / "src", common}
        (common / "shared.h").write_text("new\n")
        assert saved(saves, ctx) == ("../common/shared.h",)
        (sdk / "shared.h").write_text("new\n")
        (root / "src/logo.bin").write_bytes(b"new!")
        assert saved(saves, ctx) == ("src/logo.bin",)


def test_a_cancel_ends_the_wait(root: Path, ctx: RecordingContext) -> None:
    with Saves(root) as saves:
        threading.Timer(0.1, ctx.cancel).start()
        with pytest.raises(Cancelled):
            saves.wait(ctx)


def test_a_folder_with_very_many_folders_is_no_project(tmp_path: Path) -> None:
    for number in range(502):
        (tmp_path / str(number)).mkdir()
    assert folders_of(tmp_path) == {tmp_path}


def test_a_makefile_s_includes_and_headers_elsewhere_are_known_after_a_build(build: Builder, tmp_path: Path) -> None:
    root, common = tmp_path / "mod", tmp_path / "common"
    root.mkdir()
    common.mkdir()
    (common / "rules.mk").write_text("CFLAGS += -I../common\n")
    (common / "shared.h").write_text("// shared\n")
    (root / "mod.c").write_text('#include "shared.h"\n' + module())
    (root / "Makefile").write_text(
        "MOD = mod\nSRC = mod.c\nARCH = rv32imc\ninclude ../common/rules.mk\ninclude $(MPY_DIR)/py/dynruntime.mk\n"
    )
    build(root)
    assert inputs_of(root) >= {root / "mod.c", root / "Makefile", common / "rules.mk", common / "shared.h"}
    assert folders_of(root) == {root, common}


def test_folders_that_go_are_not_watched_any_more_and_a_project_that_goes_is_told(
    root: Path, ctx: RecordingContext
) -> None:
    with Saves(root) as saves:
        shutil.rmtree(root / "src")
        assert saved(saves, ctx) == ("src/a.c",)
        (root / "main.py").write_text("new\n")
        assert saved(saves, ctx) == ("main.py",)
        shutil.rmtree(root)
        with pytest.raises(DiskError, match="project"):
            _until_it_fails(saves, ctx)


def _until_it_fails(saves: Saves, ctx: RecordingContext) -> None:
    while True:  # a folder's files may go before it does
        saves.wait(ctx)
