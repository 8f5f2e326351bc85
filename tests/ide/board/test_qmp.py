"""QMP lines in, messages out, however the bytes are cut."""

from __future__ import annotations

import itertools
import json

from hypothesis import given
from hypothesis import strategies as st

from ide.board.qmp import QmpDecoder, command

MESSAGES = [{"QMP": {"version": {}}}, {"return": {}}, {"event": "RESET", "data": {"guest": False}}]


@given(st.lists(st.sampled_from(MESSAGES)), st.lists(st.integers(0, 400)))
def test_messages_arrive_whole_however_they_are_cut(messages: list[dict[str, object]], cuts: list[int]) -> None:
    stream = b"".join(json.dumps(message).encode() + b"\r\n" for message in messages)
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    decoder = QmpDecoder()
    heard = [message for at, to in itertools.pairwise(places) for message in decoder.feed(stream[at:to])]
    assert heard == messages


def test_lines_that_are_no_messages_are_dropped() -> None:
    decoder = QmpDecoder()
    assert decoder.feed(b'warning: hello\n[1]\n\n{"return": {}}\n') == [{"return": {}}]


def test_an_endless_line_is_not_kept() -> None:
    decoder = QmpDecoder()
    decoder.feed(b"x" * 100_000)
    assert decoder.feed(b'\n{"return": {}}\n') == [{"return": {}}]


def test_a_command_is_one_json_line() -> None:
    assert command("stop") == b'{"execute": "stop"}\n'
