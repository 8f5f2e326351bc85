"""What a board that does not answer is told to be, from what it said."""

from __future__ import annotations

import random

import pytest

from ide.board.classify import classify, garbage_share, is_final, kind_of

DOWNLOAD = (
    b"ESP-ROM:esp32c3-api1-20210207\r\nrst:0x1 (POWERON),boot:0x4 (DOWNLOAD(USB/UART0))\r\nwaiting for download\r\n"
)
EMPTY = b"rst:0x7 (TG0WDT_SYS_RST),boot:0x8 (SPI_FAST_FLASH_BOOT)\r\ninvalid header: 0xffffffff\r\n"
CRASH = b"rst:0xc (SW_CPU),boot:0xc (SPI_FAST_FLASH_BOOT)\r\nGuru Meditation Error: Core  0 panic'ed\r\n"
LOGS = b"I (312) wifi: started\r\nW (512) app: no MQTT\r\n"


@pytest.mark.parametrize(
    ("said", "kind", "advice"),
    [
        (DOWNLOAD, "bootloader", "reset button"),
        (EMPTY, "boot-loop", "Put MicroPython"),
        (EMPTY.replace(b"ffffffff", b"4008fac4"), "boot-loop", "wrong address"),
        (CRASH * 3, "boot-loop", "boot.py or main.py"),
        (EMPTY.replace(b"invalid header", b"flash read err") * 2, "boot-loop", "cable"),
        (LOGS, "no-micropython", "Put MicroPython"),
        (b"\r\nraspberrypi login: ", "no-micropython", "another port"),
        (b"tick\r\ntick\r\n", "busy-program", "reset button"),
        (b"\r\n>>> \r\n>>> ", "busy-program", "native code"),
        (bytes(random.Random(1).randbytes(200)), "wrong-speed", "115200"),
        (b"", "silent", "carries data"),
        (b"\r\n \r\n", "silent", "cable"),
    ],
)
def test_each_kind_has_its_own_advice(said: bytes, kind: str, advice: str) -> None:
    error = classify(said)
    assert error.kind == kind
    assert advice in str(error.advice)
    assert str(error.advice) in str(error)


def test_a_silence_after_we_talked_is_a_busy_program() -> None:
    assert kind_of(b"", answered_before=True) == "busy-program"


def test_other_alphabets_are_not_garbage() -> None:
    assert garbage_share("溫度 23,5 °C\r\n".encode() * 10) == 0
    assert kind_of("溫度: 23\r\n".encode() * 10) == "busy-program"


def test_what_will_not_change_is_not_waited_for() -> None:
    assert is_final(DOWNLOAD)
    assert is_final(EMPTY * 2)
    assert not is_final(LOGS)
