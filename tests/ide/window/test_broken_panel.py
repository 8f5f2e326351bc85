"""A plugin that cannot be used is named in a notice, and the window works on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.ide.window.conftest import Windows

_PANELS = {
    "no_import": "import a_module_that_does_not_exist",
    "raises": "from ide.panel import PanelInfo\nfrom toolchains.text import Text\n"
    "def make(ctx):\n    raise RuntimeError('the plugin fell over')\n"
    "PANEL = PanelInfo('raises', Text('Raises'), 'bottom', make)",
    "too_new": "from ide.panel import PanelInfo\nfrom toolchains.text import Text\n"
    "PANEL = PanelInfo('new', Text('New'), 'left', print, api=99)",
    "no_widget": "from ide.panel import PanelInfo\nfrom toolchains.text import Text\n"
    "PANEL = PanelInfo('nothing', Text('Nothing'), 'bottom', lambda ctx: 7)",
}


def _install(folder: Path, name: str, code: str) -> None:
    (folder / f"plugin_{name}.py").write_text(code, "utf-8")
    info = folder / f"plugin_{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: plugin-{name}\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text(f"[natmod_studio.panels]\n{name} = plugin_{name}:PANEL\n", "utf-8")


@pytest.mark.parametrize("name", sorted(_PANELS))
def test_a_broken_plugin_is_named_and_the_window_works_on(
    windows: Windows, qtbot: QtBot, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    _install(site, name, _PANELS[name])
    monkeypatch.setattr(sys, "path", [*sys.path, str(site)])
    ide = windows.open(windows.example("factorial"))
    qtbot.waitUntil(lambda: any(f"plugin-{name.replace('_', '-')}" in str(n.text) for n in ide.notices.kept))
    assert ide.docks.docks["project"].isVisible()
    assert ide.editors.current_path() is not None
