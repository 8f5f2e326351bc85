"""The host's half of the mount, byte by byte: requests, answers, damage, typing."""

from __future__ import annotations

import binascii
import random

from hypothesis import given
from hypothesis import strategies as st

from ide.board.mount import HostService

TOKEN = "abcdef"
MARK, END = b"\x18abcdef", b"\x19abcdef"
NUDGE = MARK + MARK + b"\n"


def request(op: str, seq: int, attempt: int, argument: bytes = b"") -> bytes:
    text = b"%s%d.%d %s" % (op.encode(), seq, attempt, binascii.b2a_base64(argument, newline=False))
    return MARK + text + b" %x" % binascii.crc32(text) + END


def answer(attempt: int, payload: bytes) -> bytes:
    line = b"%d %s" % (attempt, binascii.b2a_base64(payload, newline=False))
    return MARK + line + b" %x abcdef\n" % binascii.crc32(line)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def service(asked: list[tuple[str, bytes]] | None = None, clock: Clock | None = None) -> HostService:
    def reply(op: str, argument: bytes) -> bytes:
        if asked is not None:
            asked.append((op, argument))
        return b"=" + argument

    return HostService(reply, token=TOKEN, clock=clock or Clock())


# --- the host's half, byte by byte ----------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=20), min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_output_passes_unharmed_around_requests_wherever_it_is_split(texts: list[bytes], rng: random.Random) -> None:
    host = service()
    stream = texts[0]
    for n, text in enumerate(texts[1:], 1):
        stream += request("G", n, n, b"x%d" % n) + MARK + b"." + text
    shown, sent = b"", b""
    while stream:
        n = rng.randint(1, len(stream))
        more, reply = host.feed(stream[:n])
        shown, sent, stream = shown + more, sent + reply, stream[n:]
    assert sent == b"".join(answer(n, b"=x%d" % n) for n in range(1, len(texts)))
    assert b"".join(texts).startswith(shown)
    assert len(b"".join(texts)) - len(shown) < len(MARK)  # only what may be the beginning of a mark is held back


def test_a_program_that_prints_marks_of_its_own_fools_nobody() -> None:
    asked: list[tuple[str, bytes]] = []
    host = service(asked)
    forged = request("G", 1, 1, b"0 secret.txt").replace(TOKEN.encode(), b"abcdeF")
    assert host.feed(forged) == (forged, b"")
    assert not asked
    assert not host.busy


def test_a_lone_start_byte_is_shown_soon() -> None:
    clock = Clock()
    host = service(clock=clock)
    assert host.feed(b"ready\x18") == (b"ready", b"")
    clock.now = 1.0
    assert host.feed(b"") == (b"\x18", b"")
    assert not host.busy
    assert host.feed(b"!") == (b"!", b"")


def test_a_request_whose_head_was_shown_already_is_still_answered() -> None:
    clock = Clock()
    host = service(clock=clock)
    whole = request("G", 1, 1, b"x")
    host.feed(whole[:3])
    clock.now = 1.0
    assert host.feed(b"") == (whole[:3], b"")
    assert host.feed(whole[3:]) == (b"", answer(1, b"=x"))


def test_typing_waits_from_the_request_until_the_board_is_done() -> None:
    host = service()
    whole = request("G", 1, 1)
    assert not host.busy
    host.feed(whole[:10])
    assert host.busy
    host.feed(whole[10:])
    assert host.busy
    host.feed(MARK + b".")
    assert not host.busy


def test_text_typed_ahead_is_handed_back_in_order_after_the_request() -> None:
    host = service()
    host.feed(request("G", 1, 1))
    assert host.feed(request("U", 2, 2, b"Anna\n")) == (b"", answer(2, b"="))
    assert host.feed(request("U", 2, 3, b"Anna\n")) == (b"", answer(3, b"="))  # the answer was lost: asked again
    assert host.feed(request("U", 3, 4, b"Bert\n")) == (b"", answer(4, b"="))
    assert host.feed(MARK + b".") == (b"", b"Anna\nBert\n")


def test_a_damaged_request_is_asked_for_again() -> None:
    asked: list[tuple[str, bytes]] = []
    host = service(asked)
    whole = request("G", 1, 1, b"0 data.txt")
    assert host.feed(whole[:12] + whole[13:]) == (b"", NUDGE)
    assert host.busy
    assert not asked
    assert host.feed(request("G", 1, 2, b"0 data.txt")) == (b"", answer(2, b"=0 data.txt"))


def test_an_answer_that_is_lost_again_and_again_gets_shorter() -> None:
    host = HostService(lambda op, argument: b"=" + bytes(1000), token=TOKEN, clock=Clock())
    lengths = []
    for attempt in range(1, 9):
        _, sent = host.feed(request("G", 1, attempt, b"0 data.bin"))
        payload = binascii.a2b_base64(sent.split(b" ")[1])
        lengths.append(len(payload) - 1)
        assert payload.startswith(b"=" if lengths[-1] == 1000 else b"+")
    assert lengths == [1000, 1000, 500, 250, 125, 64, 64, 64]


def test_the_length_that_got_through_is_remembered() -> None:
    host = HostService(lambda op, argument: b"=" + bytes(1000), token=TOKEN, clock=Clock())
    for attempt in (1, 2, 3):
        host.feed(request("G", 1, attempt, b"0 data.bin"))
    _, sent = host.feed(request("G", 2, 1, b"500 data.bin"))
    assert len(binascii.a2b_base64(sent.split(b" ")[1])) == 1 + 500


def test_a_request_without_its_head_is_asked_for_again() -> None:
    host = service()
    shown, sent = host.feed(request("G", 1, 1)[4:])
    assert sent == NUDGE
    assert MARK not in shown


def test_a_board_that_does_not_confirm_is_nudged_but_not_once_it_printed() -> None:
    clock = Clock()
    host = service(clock=clock)
    host.feed(request("G", 1, 1))
    clock.now = 60.0
    assert host.feed(b"") == (b"", NUDGE)
    host.feed(request("G", 1, 2))
    host.feed(b"so it has its answer")
    assert not host.busy
    clock.now = 120.0
    assert host.feed(b"") == (b"", b"")


def test_a_board_that_never_comes_back_does_not_hold_typing_for_ever() -> None:
    clock = Clock()
    host = service(clock=clock)
    host.feed(request("G", 1, 1))
    for second in range(600):
        clock.now = float(second)
        host.feed(b"")
    assert not host.busy
