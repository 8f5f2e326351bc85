"""The Toolchains panel over toolchains that need no network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from ide import toolchain_facts
from ide.panels.toolchains.panel import PANEL
from ide.panels.toolchains.widget import ToolchainsPanel
from ide.toolchain_facts import Wish
from tests.fakes.toolchains import FakeToolchains
from tests.ide.panels.stand_in import Studio, studio
from tests.ide.panels.toolchains.parts import settle
from toolchains.text import _
from toolchains.toolbox import Toolbox


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeToolchains:
    made = FakeToolchains()
    monkeypatch.setattr(Toolbox, "toolchains", property(lambda _box: made))
    return made


@pytest.fixture
def ide(qtbot, tmp_path: Path, fake: FakeToolchains, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    """A project for two chips: zig serves the one, nothing the other."""
    monkeypatch.setattr(toolchain_facts, "wish_of", lambda _project, _board: Wish(("rv32imc", "xtensawin"), "1.26.1"))
    (tmp_path / "natmod.toml").write_text('schema = 1\n[module]\nname = "blinker"\nsources = ["x.c"]\n', "utf-8")
    (tmp_path / "x.c").write_text("", "utf-8")
    fake.served["rv32imc"] = SimpleNamespace(
        compiler=SimpleNamespace(kind="zig", version="0.17.0", program="zig"), reason=_("it is here"), toolchain="zig"
    )
    with studio(tmp_path) as found:
        found.ctx.project.read()
        qtbot.waitUntil(lambda: found.ctx.project.project is not None)
        yield found
        fake.go.set()


@pytest.fixture
def panel(ide: Studio, qtbot) -> ToolchainsPanel:
    widget = PANEL.create(ide.ctx)
    qtbot.addWidget(widget)
    widget.resize(1280, 260)
    widget.show()
    settle(ide, qtbot)
    assert isinstance(widget, ToolchainsPanel)
    return widget
