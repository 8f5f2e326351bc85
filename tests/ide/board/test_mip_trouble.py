"""What a board prints when it cannot install or import something is understood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ide.board.mip.trouble import MipFailed, ModuleMissing, Watcher

#: As people show it: github.com/fizista/micropython-umqtt.simple2/issues/18 (Pico W, 1.20).
PICO_W = b""">>> mip.install("micropython-umqtt.simple2")\r
Installing micropython-umqtt.simple2 (latest) from https://micropython.org/pi/v2 to /lib\r
Traceback (most recent call last):\r
  File "<stdin>", line 1, in <module>\r
  File "mip/__init__.py", line 1, in install\r
  File "mip/__init__.py", line 1, in _install_package\r
  File "mip/__init__.py", line 1, in _install_json\r
  File "urequests.py", line 180, in get\r
  File "urequests.py", line 76, in request\r
OSError: -6\r
>>> """
#: github.com/insighio/microCoAPy/issues/16 (ESP32).
ESP32 = b""">>> mip.install("github:insighio/microCoAPy/tree/master/microcoapy")\r
Installing github:insighio/microCoAPy/tree/master/microcoapy/package.json to /lib\r
Traceback (most recent call last):\r
  File "<stdin>", line 1, in <module>\r
  File "mip/__init__.py", line 1, in install\r
  File "mip/__init__.py", line 1, in _install_package\r
  File "mip/__init__.py", line 1, in _install_json\r
  File "requests/__init__.py", line 205, in get\r
  File "requests/__init__.py", line 81, in request\r
OSError: -202\r
"""


@pytest.mark.parametrize(
    ("text", "package", "errno"),
    [
        (PICO_W, "micropython-umqtt.simple2", -6),
        (ESP32, "github:insighio/microCoAPy/tree/master/microcoapy", -202),
        (PICO_W.replace(b"(latest)", b"(1.2)").replace(b"OSError: -6", b"OSError: -2"),
         "micropython-umqtt.simple2@1.2", -2),
        (PICO_W.replace(b"OSError: -6", b"OSError: [Errno 12] ENOMEM"), "micropython-umqtt.simple2", 12),
    ],
)  # fmt: skip
def test_mip_without_a_network_is_understood_wherever_the_pieces_are_cut(text: bytes, package: str, errno: int) -> None:
    whole, watcher = Watcher().feed(text), Watcher()
    pieces = [found for i in range(len(text)) for found in watcher.feed(text[i : i + 1])]
    assert whole == pieces
    assert [(one.package, one.errno, one.lib) for one in whole if isinstance(one, MipFailed)] == [
        (package, errno, "/lib")
    ]
    assert str(whole[0].why) if isinstance(whole[0], MipFailed) else False


def test_an_error_of_the_person_s_own_program_is_not_mip_s() -> None:
    text = PICO_W.replace(b"mip/__init__.py", b"main.py")
    assert Watcher().feed(text) == []


@pytest.mark.parametrize(
    ("name", "native"),
    [
        *((name, True) for name in ("framebuf", "btree", "deflate", "heapq", "random", "re")),
        ("umqtt.simple", False),
    ],
)
def test_a_module_that_is_missing_is_told(name: str, native: bool) -> None:
    text = (
        f"Traceback (most recent call last):\r\n  File \"main.py\", line 1\r\nImportError: no module named '{name}'\r\n"
    )
    assert Watcher().feed(text.encode()) == [ModuleMissing(name, native)]


@given(st.lists(st.binary(max_size=40) | st.sampled_from(PICO_W.splitlines(keepends=True)), max_size=40))
def test_whatever_a_board_prints_nothing_grows(pieces: list[bytes]) -> None:
    watcher = Watcher()
    for piece in pieces:
        watcher.feed(piece)
    assert len(watcher._rest) <= 500
