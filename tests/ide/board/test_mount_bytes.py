"""The host's half of the mount where bytes go as they are: how they are written, damage, patience."""

from __future__ import annotations

import binascii

from hypothesis import given
from hypothesis import strategies as st

from ide.board.mount import HostService, Raw, escaped
from tests.ide.board.test_mount import END, MARK, TOKEN, Clock, request

_PAIRS = ((b"\x1b1", b"\x03"), (b"\x1b2", b"\x04"), (b"\x1b3", b"\r"), (b"\x1b0", b"\x1b"))


def unescaped(data: bytes) -> bytes:
    """As resources/board/files.py does it."""
    for pair, plain in _PAIRS:
        data = data.replace(pair, plain)
    return data


def raw(data: bytes, window: int = 0) -> Raw:
    reply = Raw(b"+" + data)
    reply.window = window
    return reply


def service(reply: bytes, clock: Clock | None = None, heard: list[bytes] | None = None) -> HostService:
    def answer(op: str, argument: bytes) -> bytes:
        if heard is not None:
            heard.append(argument)
        return reply

    host = HostService(answer, token=TOKEN, clock=clock or Clock())
    host.mute = True
    return host


def from_board(seq: int, data: bytes, *, damaged: bytes = b"") -> bytes:
    written = data.replace(b"\x1b", b"\x1b0").replace(b"\x04", b"\x1b1").replace(b"\r", b"\x1b2")
    text = b"B%d.%d *%s" % (seq, seq, written)
    return MARK + (damaged or text) + b" %x" % binascii.crc32(text) + END


@given(st.binary(max_size=600))
def test_nothing_that_a_board_would_obey_is_among_the_bytes(data: bytes) -> None:
    written = escaped(data)
    assert not set(b"\x03\x04\r") & set(written)
    assert unescaped(written) == data


@given(st.binary(max_size=600))
def test_what_the_board_sends_arrives_wherever_it_is_split(data: bytes) -> None:
    heard: list[bytes] = []
    host = service(b"=", heard=heard)
    for byte in from_board(1, data):
        host.feed(bytes([byte]))
    assert heard == [data]


def test_an_answer_says_how_many_bytes_follow_and_their_sum() -> None:
    data = b"text\x03" * 50
    _shown, sent = service(raw(data, 12)).feed(request("D", 1, 1, b"0"))
    line, _end, after = sent.partition(b"\n")
    assert after == escaped(data)
    head = binascii.a2b_base64(line.removeprefix(MARK).split()[1])
    assert head == b"*%d %x 1 12" % (len(after), binascii.crc32(after))


def test_bytes_that_were_damaged_are_asked_for_again() -> None:
    heard: list[bytes] = []
    host = service(b"=", heard=heard)
    _shown, sent = host.feed(from_board(1, b"content", damaged=b"B1.1 *contemt"))
    assert (heard, sent) == ([], MARK + MARK + b"\n")
    host.feed(from_board(1, b"content"))
    assert heard == [b"content"]


def test_a_board_that_waits_for_lost_bytes_is_given_others_and_on_a_known_line_soon() -> None:
    clock = Clock()
    host = service(raw(bytes(4096)), clock)
    host.feed(request("D", 1, 1, b"0"))
    clock.now = 0.4
    host.feed(MARK + b".")  # it took 0.4 s
    host.feed(request("D", 2, 2, b"0"))
    clock.now = 0.4 + 1.0
    assert host.feed(b"")[1] == b""
    clock.now = 0.4 + 2.3
    assert host.feed(b"")[1] == b"\n" * 256 + MARK + MARK + b"\n"


def test_a_line_that_loses_every_long_piece_gets_shorter_ones() -> None:
    asked: list[int] = []
    host: HostService

    def answer(op: str, argument: bytes) -> bytes:
        asked.append(min(host.most, 4096))
        return raw(bytes(asked[-1]))

    host = HostService(answer, token=TOKEN, clock=Clock())
    for attempt in range(1, 6):
        host.feed(request("D", 1, attempt, b"0"))
    assert asked[0] == 4096
    assert asked[-1] < 1024
    assert asked == sorted(asked, reverse=True)


def test_what_is_left_of_a_damaged_answer_is_not_typed_again() -> None:
    host = service(b"=")
    _shown, sent = host.feed(request("U", 1, 1, b"rubbish") + MARK + b"." + b"x")
    assert b"rubbish" not in sent
