"""What is documented of a module, read from small pages and stubs, and put beside what a board has."""

from __future__ import annotations

import json

from ide.learn.documented import Entry, from_pyi, from_rst, look_up
from ide.learn.reference import Name, merged
from toolchains.toolbox import Toolbox

_PAGE = """\
.. module:: lamp

.. function:: lamp.on([level])
              off()
   :noindex:

   Prose; (see .. function:: nowhere).

.. class:: Dimmer(pin, *,
                  hz=100)  (some boards)

    .. method:: level(value)

        .. data:: Returns:

    .. method:: __len__()

.. classmethod:: Dimmer.all()

.. method:: close()

.. data:: RED, GREEN, etc.

.. data:: Dimmer.MAX
"""
_STUB = """\
from typing import Final
RED: Final[int] = 1
_hidden: int
Alias: TypeAlias = int
def on(level: int | None = None, *more: str) -> None: ...
class Dimmer:
    MAX: int
    def __init__(self, pin: int, hz: int = 100) -> None: ...
    def level(self, value: int, /) -> None: ...
    @staticmethod
    def all() -> list: ...
"""


def test_a_page_and_a_stub_are_read_as_text(toolbox: Toolbox) -> None:
    assert from_rst(_PAGE, "lamp") == (
        Entry("on", "function", "([level])"), Entry("off", "function", "()"),
        Entry("Dimmer", "class", "(pin, *, hz=100)"), Entry("Dimmer.level", "method", "(value)"),
        Entry("Dimmer.all", "method", "()"), Entry("close", "method", "()"),
        Entry("RED", "data"), Entry("GREEN", "data"), Entry("Dimmer.MAX", "data"),
    )  # fmt: skip
    assert from_rst(".. function:: tap(x)\n\n.. method:: tap.open()", "tap")[1].name == "tap.open"
    assert from_pyi(_STUB) == (
        Entry("RED", "data"), Entry("on", "function", "(level=None, *more)"),
        Entry("Dimmer", "class", "(pin, hz=100)"), Entry("Dimmer.MAX", "data"),
        Entry("Dimmer.level", "method", "(value, /)"), Entry("Dimmer.all", "method", "()"),
    )  # fmt: skip
    assert (
        len(from_rst(".. data:: " + "A, " * 300 + "\n" + ".. function:: f(" * 9 + "\n.. data:: B\n" * 5000, "")) == 2000
    )
    stubs = toolbox.paths.data / "stubs" / "linux-1.26"
    stubs.mkdir(parents=True)
    (stubs / "natmod-stubs.json").write_text(json.dumps({"platform": "linux", "release": "1.26"}), "utf-8")
    for garbage in (b"\xff\0", b"def", b"x: " + b"-" * 200_000 + b"1", b"x: " + b"a." * 50_000 + b"b"):
        (stubs / "struct.pyi").write_bytes(garbage)
        found = look_up(toolbox, "struct", "linux", "1.26.1")
        assert Entry("pack", "function", "(fmt, v1, v2, ...)") in found.entries
        assert [str(fault)[:25] for fault in found.faults] == ["struct.pyi cannot be read"], garbage[:9]
    assert look_up(toolbox, "../../py", "linux", "1.26.1").entries == ()


def test_known_names_stand_beside_those_of_the_board() -> None:
    known = (
        Entry("Pin", "class", "(id)"), Entry("Pin.init", "method", "()"), Entry("Pin.toggle", "method", "()"),
        Entry("ADC", "class", "(id)"), Entry("ADC.read", "method", "()"), Entry("match.group", "method", "()"),
        Entry("reset", "function", "()"), Entry("IDLE", "data"),
    )  # fmt: skip
    there = (Name("IDLE", "int", "1"), Name("Pin", "type"), Name("Pin.board", ""), Name("Pin.init", ""))
    rows = [
        (one.name + one.signature, one.kind, one.value, one.on_board, one.documented) for one in merged(known, there)
    ]
    assert rows == [
        ("ADC(id)", "class", "", False, True),
        ("ADC.read()", "method", "", False, True),
        ("IDLE", "int", "1", True, True),
        ("match.group()", "method", "", None, True),
        ("Pin(id)", "type", "", True, True),
        ("Pin.board", "", "", True, False),
        ("Pin.init()", "method", "", True, True),
        ("Pin.toggle()", "method", "", False, True),
        ("reset()", "function", "", False, True),
    ]
