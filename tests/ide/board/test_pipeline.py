"""The one click: what is checked before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ide.board.errors import NoExecRoom, OtherSdk
from ide.board.inspect import Identity
from ide.board.link import Board
from ide.board.pipeline import RunRequest, board_arch, check_room, prepare
from tests.conftest import RecordingContext
from toolchains import mpy_loads, project
from toolchains.jobs import JobContext
from toolchains.mpy_loads import NotLoadable

MODULE: Any = SimpleNamespace(text=5000, bss=0, rodata=0, is_linked=True, arch_number=11, sdk=None)


def identity(exec_free: int | None) -> Identity:
    return Identity("1.26.1", 0x2F06, "", "", "esp32", 0, 0, "esp32c3", exec_free=exec_free)


class FullBoard:
    """An ESP32 whose executable memory is full of what ran before, until it is soft-reset."""

    def __init__(self, size: int) -> None:
        self.size, self.free, self.resets = size, 100, 0

    def soft_reset(self, ctx: JobContext) -> None:
        self.resets += 1
        self.free = self.size

    def identity(self, ctx: JobContext, *, fresh: bool) -> Identity:
        assert fresh
        return identity(self.free)


@pytest.fixture(autouse=True)
def loads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mpy_loads, "check_loads", lambda module, board: None)


def test_room_that_an_earlier_program_fills_is_freed_before_a_module_is_refused(ctx: JobContext) -> None:
    board: Any = FullBoard(60_000)
    assert check_room(ctx, board, MODULE, identity(100)).exec_free == 60_000
    assert board.resets == 1


def test_a_module_that_never_fits_is_refused(ctx: JobContext) -> None:
    board: Any = FullBoard(4_000)
    with pytest.raises(NoExecRoom):
        check_room(ctx, board, MODULE, identity(100))


@pytest.mark.parametrize("free", [None, 5000])
def test_a_board_with_room_or_that_does_not_tell_is_left_alone(ctx: JobContext, free: int | None) -> None:
    board: Any = FullBoard(60_000)
    assert check_room(ctx, board, MODULE, identity(free)).exec_free == free
    assert not board.resets


def test_a_firmware_without_native_modules_is_told_by_its_version() -> None:
    assert board_arch(identity(None)).name == "rv32imc"
    for version, words in (("1.22.0", "1.25 or newer"), ("1.26.1", "CONFIG_ESP_SYSTEM_PMP_IDRAM_SPLIT")):
        with pytest.raises(NotLoadable, match=words):
            board_arch(replace(identity(None), mpy=0x0306, version=version))


def test_what_the_old_firmware_does_is_told_before_the_module_runs(ctx: RecordingContext) -> None:
    old = replace(identity(None), version="1.23.0")
    check_room(
        ctx, FullBoard(60_000), SimpleNamespace(text=10, bss=8, rodata=0, is_linked=True, arch_number=11, sdk=None), old
    )  # type: ignore[arg-type]
    assert any("1.24 and newer keep them" in line for line in ctx.said())


def test_a_module_that_calls_another_firmwares_functions_is_refused_before_it_is_sent(
    ctx: RecordingContext, real_board: Board
) -> None:
    module: Any = SimpleNamespace(text=10, bss=0, rodata=0, is_linked=True, arch_number=11, sdk="natmod_sdk_product_1")
    with pytest.raises(OtherSdk, match="its SDK is natmod_sdk_product_1"):
        check_room(ctx, real_board, module, identity(None))
    real_board.exec(ctx, "import sys; sys.modules['natmod_sdk_product_1'] = sys")
    check_room(ctx, real_board, module, identity(None))


class BytecodeBoard:
    """A board whose firmware loads no machine code."""

    def identity(self, ctx: JobContext) -> Identity:
        return replace(identity(None), mpy=0x0306)


def test_python_alone_runs_on_boards_without_native_code_and_asks_for_no_sdk(ctx: JobContext, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("print(1)")
    asked: list[tuple[str, object]] = []

    def open_board(ctx: JobContext, address: str, sdk: object) -> BytecodeBoard:
        asked.append((address, sdk))
        return BytecodeBoard()

    boards: Any = SimpleNamespace(open=open_board, toolbox=None)  # no toolbox: whoever wants a compiler fails
    made = prepare(ctx, boards, project.load(tmp_path), RunRequest(tmp_path, board="COM9"))
    assert asked == [("COM9", None)]
    assert (made.identity.arch, made.build, made.modules) == (None, None, {})
    (tmp_path / "blink.c").write_text('#include "py/dynruntime.h"\nmp_obj_t mpy_init(void) {}')
    boards.toolbox = SimpleNamespace(
        sdks=SimpleNamespace(best_for=lambda *versions: "tree"), linkers=SimpleNamespace(start=lambda sdk: None)
    )
    with pytest.raises(NotLoadable):
        prepare(ctx, boards, project.load(tmp_path), RunRequest(tmp_path, board="COM9"))
