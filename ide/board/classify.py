"""Why a board does not answer: from what it said to a kind, a sentence and advice.

The texts are those of Espressif's ROM loaders and of MicroPython; peers.md 27 lists who met which.
"""

from __future__ import annotations

import re

from ide.board.errors import BoardSilent, SilenceKind
from toolchains.text import Text, _

_WAITING = re.compile(rb"waiting for download", re.IGNORECASE)
_ROM_BOOT = re.compile(rb"rst:0x[0-9a-f]+.{0,40}boot:0x", re.IGNORECASE | re.DOTALL)
_EMPTY_FLASH = re.compile(rb"invalid header: 0x[0-9a-f]{8}", re.IGNORECASE)
_PANIC = re.compile(rb"Guru Meditation|abort\(\) was called|Stack smashing|assert failed", re.IGNORECASE)
_SOFT_REBOOT = re.compile(rb"^MPY: soft reboot\r?$", re.MULTILINE)
_MICROPYTHON = re.compile(rb">>> |MicroPython|CircuitPython|Traceback \(most|KeyboardInterrupt|raw REPL")
_OTHERS = re.compile(
    rb"login: |Arduino|\n?[IWE] \(\d+\) \w+: |^\s*(?:\$|#) \Z|U-Boot|ERROR\r\n|AT version", re.MULTILINE
)

_REPEATED = 2
_SOFT_REPEATED = 3
_GARBAGE_BYTES = 8
_GARBAGE_SHARE = 0.3


def garbage_share(said: bytes) -> float:
    """The share of bytes that no text in ASCII has; what a serial port at a wrong speed shows. UTF-8 counts as text."""
    text = said.decode("utf-8", "replace")
    bad = sum(1 for c in text if c == "\ufffd" or (ord(c) < 32 and c not in "\r\n\t\b\x1b\x04"))
    return bad / len(text) if text else 0.0


def kind_of(said: bytes, *, answered_before: bool = False) -> SilenceKind:
    """What a board that does not come to its prompt looks like, from what it ``said`` meanwhile."""
    if _WAITING.search(said):
        return "bootloader"
    if _EMPTY_FLASH.search(said) or len(_ROM_BOOT.findall(said)) >= _REPEATED or restarts_itself(said):
        return "boot-loop"
    if len(said) >= _GARBAGE_BYTES and garbage_share(said) > _GARBAGE_SHARE:
        return "wrong-speed"
    if answered_before or _MICROPYTHON.search(said):
        return "busy-program"
    if _OTHERS.search(said) or _ROM_BOOT.search(said):
        return "no-micropython"
    return "busy-program" if said.strip() else "silent"


def restarts_itself(said: bytes) -> bool:
    """Whether the program ends itself (sys.exit) each time that it starts. MicroPython then starts it again."""
    return len(_SOFT_REBOOT.findall(said)) >= _SOFT_REPEATED


def is_final(said: bytes) -> bool:
    """Whether waiting longer is of no use."""
    return bool(_WAITING.search(said) or len(_EMPTY_FLASH.findall(said)) >= _REPEATED)


def classify(said: bytes, *, answered_before: bool = False, baud: int = 115200) -> BoardSilent:
    """The error to raise for a board that does not come to its prompt."""
    kind = kind_of(said, answered_before=answered_before)
    what, advice = _sentences(kind, said, baud)
    return BoardSilent(kind, what, advice, said[-2000:].decode("utf-8", "backslashreplace"))


def _sentences(kind: SilenceKind, said: bytes, baud: int) -> tuple[Text, Text]:
    if kind == "boot-loop":
        return _boot_loop(said)
    if kind == "wrong-speed":
        return (
            _("What the board sends is not text at {baud} baud.", baud=baud),
            _("Its serial port runs at another speed: most boards use 115200, an ESP8266's start-up messages 74880."),
        )
    return _SENTENCES[kind]


def _boot_loop(said: bytes) -> tuple[Text, Text]:
    if restarts_itself(said):
        return (
            _("The board restarts again and again: its main.py or boot.py ends itself, with sys.exit() or the like."),
            _("Ctrl-C cannot stop it. Erase the flash and put MicroPython on the board again; a simulated board starts "
              "afresh after: natmod sim stop."),
        )  # fmt: skip
    if _EMPTY_FLASH.search(said):
        return (
            _("The board restarts again and again: there is no firmware where its chip starts."),
            _("Put MicroPython on the board. If somebody did, it went to a wrong address: the Flasher takes the right "
              "one from the chip."),
        )  # fmt: skip
    if _PANIC.search(said):
        return (
            _("The board crashes and restarts again and again."),
            _("Its boot.py or main.py, or a module they import, brings it down: erase the flash and put MicroPython on "
              "it again."),
        )  # fmt: skip
    return (
        _("The board restarts again and again."),
        _("Try another cable or USB socket (too little power does this); else put MicroPython on the board again."),
    )


_SENTENCES: dict[SilenceKind, tuple[Text, Text]] = {
    "bootloader": (
        _("The board is in its bootloader and waits for a new firmware."),
        _("Press its reset button (without holding BOOT), or unplug it and plug it in."),
    ),
    "no-micropython": (
        _("The board runs, but what answers is not MicroPython."),
        _("Put MicroPython on the board, or choose another port."),
    ),
    "busy-program": (
        _("The board is busy and does not react to Ctrl-C."),
        _("A program that ignores Ctrl-C runs on it, a loop in native code, or a firmware that is not MicroPython. "
          "Press its reset button, then try again at once."),
    ),
    "silent": (
        _("Nothing answers on this port."),
        _("Check that it is the board's port and that the cable carries data; press the board's reset button. A board "
          "without MicroPython, or one busy in native code, is silent too."),
    ),
}  # fmt: skip
