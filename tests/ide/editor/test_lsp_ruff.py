"""ruff in Python for boards: viper's types are known, a name that nobody defined is not."""

from __future__ import annotations

from pathlib import Path

from ide.editor.lsp import records, ruff
from ide.editor.lsp.server import Server
from ide.editor.lsp.words import Notified
from tests.waiting import wait_until
from toolchains.host import Host

TEXT = "import micropython\n\n@micropython.viper\ndef f(b):\n    p = ptr8(b)\n    return p[0] + nobody\n"


def test_lint_knows_the_names_of_micropython_and_formats(tmp_path: Path) -> None:
    host = Host.current()
    program = ruff.program(host)
    assert program is not None
    server = Server(ruff.launch(program, tmp_path), host, lambda: None)
    messages: list[str] = []
    edits: list[tuple[records.Edit, ...]] = []

    def look() -> None:
        for event in server.drain():
            found = records.remarks_of(event.params) if isinstance(event, Notified) else None
            messages.extend(remark.message for remark in (found[2] if found else ()))

    path = tmp_path / "a b é.py"
    server.start()
    try:
        server.open(path.as_uri(), "python", TEXT)
        wait_until(lambda: look() or messages, "diagnostics")
        assert len(messages) == 1
        assert "nobody" in messages[0]
        options = {"tabSize": 4, "insertSpaces": True}
        server.request(
            "textDocument/formatting",
            {"textDocument": {"uri": path.as_uri()}, "options": options},
            lambda result: edits.append(records.edits_of(result)),
        )
        wait_until(lambda: look() or edits, "format")
        assert edits[0]
    finally:
        server.stop()
