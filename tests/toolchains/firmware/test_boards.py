"""What a person notices of the simulated boards: that they behave as boards do."""

from __future__ import annotations

import hashlib
import random
import time
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.homes import CHECKOUT
from tests.toolchains.firmware.machine import Machine
from toolchains import chips, natmod, project
from toolchains.sdk import SdkTree
from toolchains.toolbox import Toolbox

Firmware = tuple[str, SdkTree, Path]
_RV32 = ["rv32-1.26.1", "rv32-1.25.0"]
_UNIX = ["unix-1.26.1", "unix-1.25.0"]
_WORDS = bytes(range(256)) * 64


def test_it_says_what_it_is(board: Machine, firmware: Firmware) -> None:
    board.raw()
    said = board.run("import sys, os; print(sys.version, sys.implementation._machine, os.getcwd(), sys.path)")
    assert firmware[1].version in said
    assert "Natmod Studio simulator" in said or firmware[0] == "unix"
    assert said.endswith(" / ['', '.frozen', '/lib']\r\n")


def test_numbers_time_and_modules(board: Machine) -> None:
    board.raw()
    assert (
        board.run("print(1.5 * 3, round(2 ** 0.5, 3), 7 ** 40 // 3)")
        == "4.5 1.414 2122268586969675995247145046408000\r\n"
    )
    assert board.run("import time; t = time.ticks_us(); time.sleep_ms(30)") == ""
    assert 29_000 < int(board.run("print(time.ticks_diff(time.ticks_us(), t))")) < 5_000_000
    assert int(board.run("print(time.localtime()[0])")) >= time.localtime().tm_year
    names = "gc micropython hashlib binascii json re struct io array collections random heapq deflate uctypes machine"
    assert board.run(f"for name in '{names} select asyncio vfs os'.split(): __import__(name)") == ""
    assert board.run("import hashlib; print(hashlib.sha256(b'natmod').digest().hex())").strip() == (
        hashlib.sha256(b"natmod").hexdigest()
    )
    assert int(board.run("import gc; gc.collect(); print(gc.mem_free())")) > 900_000


@pytest.mark.parametrize("program", ["while True: pass", "import time; time.sleep(1000)", "input()"])
def test_ctrl_c_stops_a_program(board: Machine, program: str) -> None:
    board.raw()
    board.start(f"print('begun')\n{program}")
    board.until(b"begun\r\n")
    board.send(b"\x03")
    assert b"KeyboardInterrupt" in board.until(b"\x04>")
    assert board.run("print(6 * 7)") == "42\r\n"


def test_a_second_ctrl_c_does_no_harm(board: Machine) -> None:
    board.raw()
    board.start("print('begun')\nwhile True: pass")
    board.until(b"begun\r\n")
    board.send(b"\x03\x03")
    board.until(b"\x04>")
    assert board.run("print(6 * 7)") == "42\r\n"


def test_typed_text_reaches_input_even_when_it_comes_early(board: Machine) -> None:
    board.raw()
    board.start("print('begun')\nimport time; time.sleep_ms(200)\nprint('hello', input('name? '))")
    board.until(b"begun\r\n")
    board.send(b"Ada\r")
    assert "hello Ada" in board.result()


def test_binary_bytes_come_through_unchanged_and_none_is_lost(board: Machine) -> None:
    data = random.Random(1).randbytes(400_000) + _WORDS
    board.raw()
    board.start(
        "import sys, micropython, hashlib\nmicropython.kbd_intr(-1)\nh = hashlib.sha256()\nprint('begun')\n"
        f"for n in range({len(data) // 64}): h.update(sys.stdin.buffer.read(64))\n"
        "micropython.kbd_intr(3)\nprint(h.digest().hex())"
    )
    board.until(b"begun\r\n")
    board.send(data)
    assert board.result().strip() == hashlib.sha256(data).hexdigest()


def test_bytes_written_come_out_unchanged(board: Machine) -> None:
    board.raw()
    board.start("import sys\nfor i in range(64): sys.stdout.buffer.write(bytes(range(32, 256)) + b'\\n')")
    heard = board.until(b"\x04\x04>")
    assert heard == (bytes(range(32, 256)) + b"\n") * 64 + b"\x04\x04>"


def test_a_soft_reset_forgets_variables_and_keeps_files_and_the_raw_repl(board: Machine) -> None:
    board.raw()
    board.run("x = 1\nwith open('/kept.txt', 'w') as f: f.write('still here')")
    board.send(b"\x04")
    assert b"MPY: soft reboot\r\nraw REPL; CTRL-B to exit\r\n>" in board.until(b"exit\r\n>")
    assert board.run("print(open('kept.txt').read(), 'x' in globals())") == "still here False\r\n"


def test_bytes_sent_right_behind_a_soft_reset_are_not_lost(board: Machine) -> None:
    board.raw()
    board.send(b"\x04print(6 * 7)\x04")
    assert b"raw REPL; CTRL-B to exit\r\n>OK42\r\n" in board.until(b"\x04\x04>")


def test_main_py_runs_at_the_friendly_prompt_only(board: Machine) -> None:
    board.raw()
    board.run("for name in ('boot', 'main'):\n  with open(name + '.py', 'w') as f: f.write('print(\"%s ran\")' % name)")
    board.send(b"\x04")
    heard = board.until(b"exit\r\n>")
    assert b"boot ran" in heard
    assert b"main ran" not in heard
    board.send(b"\x02\x04")
    heard = board.until(b"main ran")
    assert heard.index(b"MPY: soft reboot") < heard.index(b"boot ran") < heard.index(b"main ran")


def test_raw_paste_takes_a_program(board: Machine) -> None:
    board.raw()
    board.send(b"\x05A\x01print(6 * 7)\x04")
    heard = board.until(b"\x04\x04>")
    assert heard.startswith(b"R\x01")
    assert int.from_bytes(heard[2:4], "little") >= 32
    assert heard.endswith(b"42\r\n\x04\x04>")


def test_an_idle_board_costs_nothing(board: Machine) -> None:
    board.raw()
    before = board.cpu_seconds()
    board.start("import time; time.sleep(1); print('up')")
    board.until(b"up\r\n\x04\x04>")
    assert board.cpu_seconds() - before < 0.2


def test_a_native_module_is_imported_and_answers(
    board: Machine, firmware: Firmware, toolbox: Toolbox, ctx: RecordingContext, tmp_path: Path
) -> None:
    arch = chips.arch("rv32imc" if firmware[0] == "rv32" else "x64")
    compiler = toolbox.compilers.choose(ctx, arch).compiler
    request = natmod.BuildRequest(
        project.load(CHECKOUT / "examples" / "factorial"), arch, firmware[1], compiler, tmp_path / "out"
    )
    module = natmod.build(ctx, request, toolbox.linkers).path.read_bytes()
    board.raw()
    board.run(f"with open('factorial.mpy', 'wb') as f: f.write({module!r})")
    assert board.run("import factorial; print(factorial.factorial(10))") == "3628800\r\n"


@pytest.mark.parametrize("firmware", _UNIX, indirect=True)
def test_closing_the_line_ends_a_unix_board(firmware: Firmware, tmp_path: Path) -> None:
    machine = Machine(firmware[2], tmp_path)
    machine.until(b">>> ")
    machine.hang_up()
    assert machine.process.wait(10) == 0


@pytest.mark.parametrize("firmware", _RV32, indirect=True)
def test_runaway_native_code_is_told_and_files_survive(board: Machine) -> None:
    board.raw()
    board.run("with open('/kept.txt', 'w') as f: f.write('still here')")
    board.start(
        "@micropython.asm_rv32\ndef sink():\n label(again)\n addi(sp, sp, -16)\n sw(zero, 0(sp))\n"
        " beq(zero, zero, again)\nsink()"
    )
    assert b"stack overflow" in board.until(b"it restarts.\r\n")
    board.until(b">>> ")
    board.raw()
    assert board.run("print(open('/kept.txt').read())") == "still here\r\n"


@pytest.mark.parametrize("firmware", _RV32, indirect=True)
def test_machine_reset_restarts_the_board(board: Machine) -> None:
    board.raw()
    board.start("import machine; machine.reset()")
    board.until(b'Type "help()" for more information.\r\n>>> ')
