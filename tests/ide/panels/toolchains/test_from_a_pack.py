"""A room without internet: a pack is opened in the panel, and its compiler is got from it. Nothing is played here."""

from __future__ import annotations

from pathlib import Path

import pytest

from ide import toolchain_facts
from ide.compiler_notice import CompilerNotice
from ide.panels.toolchains.panel import PANEL
from ide.toolchain_facts import Wish
from tests.fakes import espressif, packs
from tests.ide.panels.stand_in import studio
from tests.ide.panels.toolchains.parts import PATIENCE, card, choose, over, row, settle, visible
from toolchains import pack_memory
from toolchains.compilers import NoCompiler
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.text import _

pytestmark = pytest.mark.skipif(Host.current().system == "windows", reason="the compiler of the pack is a shell script")


@pytest.fixture
def pack(tmp_path: Path, ctx: JobContext) -> Path:
    (tmp_path / "made").mkdir()
    return packs.make(ctx, tmp_path / "lab.natmodpack", {}, packs.toolchain(ctx, tmp_path / "made"))


def test_a_compiler_out_of_a_pack(qtbot, tmp_path: Path, pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in espressif.OFFLINE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(toolchain_facts, "wish_of", lambda _project, _board: Wish(("xtensawin",), "1.26.1"))
    folder = tmp_path / "project"
    folder.mkdir()
    with studio(folder) as ide:
        panel = PANEL.create(ide.ctx)
        qtbot.addWidget(panel)
        panel.show()
        settle(ide, qtbot)
        panel.packs.chosen.emit(str(pack))
        over(ide, panel, qtbot)
        assert f"Taken from it, without the internet: {packs.TOOL}." in card(panel).said.text()
        qtbot.waitUntil(lambda: any("made-gcc" in one for one in visible(panel)), timeout=PATIENCE)
        assert choose(panel, "made-gcc")["from"] == "the pack"
        assert panel.head.wanted[0].id == packs.TOOL
        panel.side.buttons["get"].click()
        over(ide, panel, qtbot)
        assert card(panel).task.error is None
        qtbot.waitUntil(lambda: ide.ctx.toolchains.facts.lacking == (), timeout=PATIENCE)
        assert row(panel, "made-gcc").parent().text(0) == "Installed"
    with studio(folder) as later:  # another start
        panel = PANEL.create(later.ctx)
        qtbot.addWidget(panel)
        panel.show()
        qtbot.waitUntil(lambda: later.ctx.toolchains.pack is not None, timeout=PATIENCE)
        settle(later, qtbot)
        assert later.ctx.toolchains.pack.where == str(pack)


def test_a_build_is_offered_the_one_of_the_pack_that_we_were_set_up_from(
    qtbot, tmp_path: Path, pack: Path, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in espressif.OFFLINE.items():
        monkeypatch.setenv(name, value)
    pack_memory.remember(paths, str(pack))
    with studio(tmp_path) as ide:  # the panel was never seen
        notice = CompilerNotice(ide.ctx)
        notice.tell(NoCompiler(_("no compiler"), arch="xtensawin"))
        qtbot.waitUntil(lambda: notice.offer is not None, timeout=PATIENCE)
        assert notice.offer is not None
        assert notice.offer.id == packs.TOOL
        with qtbot.waitSignal(ide.ctx.toolchains.said, timeout=PATIENCE):
            notice.get()
        qtbot.waitUntil(lambda: not ide.ctx.toolchains.busy and not ide.ctx.jobs.running, timeout=PATIENCE)
        assert [one.state for one in ide.ctx.toolchains.tasks] == ["done"]
