"""clangd behind our door, without the window: first diagnostics, completion at each key, memory."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from ide.editor.lsp import clangd, records
from ide.editor.lsp.server import Server
from ide.editor.lsp.words import Notified
from tests.conftest import RecordingContext
from tests.waiting import wait_until
from toolchains import project
from toolchains.chips import arch
from toolchains.host import Host
from toolchains.paths import examples
from toolchains.sdk_tree import SdkTree

KEYS = 60


@pytest.mark.bench
def test_clangd_in_an_example(sdk_tree: SdkTree, tmp_path: Path) -> None:
    host, proj = Host.current(), project.load(examples() / "text_search")
    database, source = clangd.Database(tmp_path), proj.root / proj.sources[0]
    text = source.read_text("utf-8")
    database.write(RecordingContext(), proj, arch("rv32imc"), sdk_tree, host)
    database.write_qstrs(sdk_tree, [text])
    program = clangd.program(host)
    assert program is not None
    server = Server(clangd.launch(program, proj.root, database), host, lambda: None)
    told: list[Any] = []

    def look() -> None:
        told.extend(event for event in server.drain() if isinstance(event, Notified) and "publish" in event.method)

    began = time.perf_counter()
    server.open(source.as_uri(), "c", text)
    server.start()
    try:
        wait_until(lambda: look() or told, "diagnostics")
        print(f"start and first diagnostics: {(time.perf_counter() - began) * 1000:.0f} ms")
        times = sorted(_complete(server, source.as_uri(), text, key, look) for key in range(KEYS))
        print(f"completion: half in {times[KEYS // 2]:.0f} ms, 95 % in {times[KEYS * 95 // 100]:.0f} ms")
        status = Path(f"/proc/{server.pid}/status")
        if status.exists():
            print(next(line for line in status.read_text().splitlines() if line.startswith("VmRSS")))
    finally:
        server.stop()


def _complete(server: Server, uri: str, text: str, key: int, look: Any) -> float:
    """Milliseconds from a key to the list, read."""
    before, word = text + "\nvoid zz(void) {\n    ", "mp_obj_"[: key % 7 + 1]
    answers: list[list[records.Item]] = []
    began = time.perf_counter()
    server.change(uri, f"{before}{word}\n}}\n")
    place = {"line": before.count("\n"), "character": 4 + len(word)}
    server.request(
        "textDocument/completion",
        {"textDocument": {"uri": uri}, "position": place},
        lambda result: answers.append(records.items_of(result)),
    )
    wait_until(lambda: look() or answers, "a list")
    assert answers[0]
    return (time.perf_counter() - began) * 1000
