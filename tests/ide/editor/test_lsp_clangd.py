"""clangd in real projects: no complaint about what builds, and one about what does not, for every architecture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ide.editor.lsp import clangd, records
from ide.editor.lsp.server import Server
from ide.editor.lsp.words import Notified
from tests.conftest import RecordingContext
from tests.waiting import wait_until
from toolchains import project
from toolchains.chips import arch as arch_named
from toolchains.chips import arches
from toolchains.host import Host
from toolchains.paths import examples
from toolchains.sdk_tree import SdkTree


@pytest.mark.parametrize("name", sorted(arches()))
def test_what_builds_has_no_complaint_and_a_mistake_has_one(name: str, sdk_tree: SdkTree, tmp_path: Path) -> None:
    host, proj = Host.current(), project.load(examples() / "factorial")
    database = clangd.Database(tmp_path / "intelligence é")
    database.write(RecordingContext(), proj, arch_named(name), sdk_tree, host)
    source = proj.root / proj.sources[0]
    text = source.read_text("utf-8")
    assert database.write_qstrs(sdk_tree, [text])
    assert not database.write_qstrs(sdk_tree, [text])
    program = clangd.program(host)
    assert program is not None
    server = Server(clangd.launch(program, proj.root, database), host, lambda: None)
    found: list[tuple[int | None, tuple[records.Remark, ...]]] = []

    def look() -> None:
        for event in server.drain():
            remarks: Any = isinstance(event, Notified) and records.remarks_of(event.params)
            if remarks:
                found.append(remarks[1:])

    server.start()
    try:
        server.open(source.as_uri(), "c", text)
        wait_until(lambda: look() or found, "diagnostics")
        assert found[-1][1] == ()
        version = server.change(source.as_uri(), text + "\nint oops(void) { return undefined_thing; }\n")
        wait_until(lambda: look() or any(one[0] == version for one in found), "diagnostics of the mistake")
        assert any("undefined_thing" in remark.message for remark in found[-1][1])
    finally:
        server.stop()
