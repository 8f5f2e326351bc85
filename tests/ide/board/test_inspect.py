"""Who the board is, whatever its firmware knows to tell."""

from __future__ import annotations

import builtins
import json
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ide.board import inspect
from ide.board.checked import answer_code, read_answer
from ide.board.errors import BoardGarbled
from ide.board.inspect import chip_of, identity_from, version_text
from ide.board.link import Board
from tests.fakes.board import FakeBoard
from tests.fakes.wire import MemoryWire
from toolchains.jobs import JobContext

C3 = (
    (1, 26, 1, ""), "3.4.0; MicroPython v1.26.1 on 2025-09-11", "micropython", 0x2F06,
    "ESP32C3 module with ESP32C3", "ESP32_GENERIC_C3", "esp32", 2000, 200000, 2080768, 2097152, 1, True, True,
    b"\x00\x01", 65536,
)  # fmt: skip


def test_an_esp32_c3() -> None:
    found = identity_from(C3)
    assert (found.version, found.chip, found.floats, found.unique_id) == ("1.26.1", "esp32c3", "single", "0001")
    assert found.mpy_version == (6, 3)
    assert found.arch is not None
    assert found.arch.name == "rv32imc"
    record = json.loads(json.dumps(found.to_json()))
    assert record["schema"] == 1
    assert record["mpy_version"] == "6.3"


def test_a_firmware_without_native_code_has_no_arch() -> None:
    assert identity_from((*C3[:3], 0x206, *C3[4:])).arch is None


@pytest.mark.parametrize(
    ("machine", "chip"),
    [
        ("ESP32C3 module with ESP32C3", "esp32c3"),
        ("Generic ESP32 module with ESP32", "esp32"),
        ("Generic ESP32S3 module with Octal-SPIRAM with ESP32S3", "esp32s3"),
        ("LOLIN_S2_MINI with ESP32-S2FN4R2", "esp32s2"),
        ("M5Stack ATOM with ESP32", "esp32"),
        ("ESP32-C6 module with ESP32-C6", "esp32c6"),
        ("ESP32P4 with ESP32P4", "esp32p4"),
        ("Raspberry Pi Pico with RP2040", None),
        ("QEMU VIRT_RV32 with RISC-V", None),
        ("", None),
    ],
)
def test_the_chip_is_read_from_the_machine(machine: str, chip: str | None) -> None:
    assert chip_of(machine) == chip


def test_versions_read_like_versions() -> None:
    assert version_text((1, 19, 1)) == "1.19.1"
    assert version_text((1, 29, 0, "preview")) == "1.29.0-preview"


def test_a_firmware_that_knows_almost_nothing_still_answers() -> None:
    # The fake runs on this Python: no gc.mem_free, no _mpy, no machine, no esp32.
    wire = MemoryWire(FakeBoard())
    board = Board(wire, "memory")  # type: ignore[arg-type]
    found = board.identity(JobContext())
    assert (found.heap_free, found.mpy, found.arch, found.floats) == (0, 0, None, "double")
    sent = len(wire.sent)
    assert board.identity() is found
    assert len(wire.sent) == sent, "asked once"


def test_a_port_built_without_the_optional_parts_of_sys_still_answers() -> None:
    # MICROPY_PY_SYS_STDFILES and the like are options of each port.
    nothing = {"sys": SimpleNamespace()}
    names: dict[str, object] = {"__builtins__": {**vars(builtins), "__import__": lambda name, *rest: nothing[name]}}
    exec(inspect.IDENTITY_SETUP, names)
    found = identity_from(eval(inspect.IDENTITY_EXPRESSION, names))
    assert (found.version, found.platform, found.binary_stdin, found.exec_free) == ("", "", False, None)


def test_identity_leaves_one_code_on_the_wire() -> None:
    wire = MemoryWire(FakeBoard())
    board = Board(wire, "memory")  # type: ignore[arg-type]
    board.exec(JobContext(), "1")
    before = wire.sent.count(b"\x05A\x01")
    board.identity(JobContext())
    assert wire.sent.count(b"\x05A\x01") == before + 1


def run_on_board(expression: str, printed: list[str], **names: object) -> None:
    own = SimpleNamespace(**{**vars(builtins), "print": lambda text: printed.append(text + "\r\n")})
    exec(answer_code(expression), {"__builtins__": {"__import__": lambda name: own}, **names})


@given(st.recursive(st.none() | st.integers() | st.text() | st.binary(), lambda inner: st.lists(inner)))
def test_any_literal_makes_the_way_back(value: object) -> None:
    printed: list[str] = []
    run_on_board("value", printed, value=value)
    assert read_answer(b"noise\r\n" + printed[0].encode()) == value


@given(st.integers(0, 60), st.integers(0, 255))
def test_a_damaged_answer_is_refused(at: int, byte: int) -> None:
    printed: list[str] = []
    run_on_board("'the quick brown fox' * 2", printed)
    good = printed[0].encode()
    bad = bytearray(good)
    bad[at % len(good)] = byte
    for spoiled in (bytes(bad), good[: at % len(good)] + good[at % len(good) + 1 :]):
        try:
            assert read_answer(spoiled) == "the quick brown fox" * 2
        except BoardGarbled:
            continue


def test_names_of_main_py_do_no_harm_and_get_none() -> None:
    wire = MemoryWire(FakeBoard())
    board = Board(wire, "memory")  # type: ignore[arg-type]
    board.exec(JobContext(), "print = sum = len = repr = exec = tuple = getattr = globals = 0")
    names = set(wire.board.names)
    assert board.identity(JobContext()).platform == "linux"
    assert set(wire.board.names) == names
    assert board.ask(JobContext(), "sum") == 0


def test_nonsense_is_no_identity() -> None:
    with pytest.raises(BoardGarbled):
        identity_from((1, 2))
    assert inspect.IDENTITY_SETUP.isascii()
