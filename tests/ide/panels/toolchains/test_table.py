"""The table: older versions folded, the filter, the keyboard, colours, a low panel."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt

from ide.panels.toolchains.widget import ToolchainsPanel
from tests.fakes.toolchains import OLDER, FakeToolchains, installed, offer
from tests.ide.panels.stand_in import Studio
from tests.ide.panels.toolchains.parts import PATIENCE, choose, over, row, visible


def test_older_versions_are_folded_below_the_recommended_one(panel: ToolchainsPanel) -> None:
    seen = visible(panel)
    assert "xtensa-esp-elf esp-14.2.0_20241119" in seen
    assert not any("13.2.0" in one or "12.2.0" in one for one in seen)
    best = row(panel, "xtensa-esp-elf")
    assert best.text(5) == "recommended"
    assert [best.child(at).text(0) for at in range(best.childCount())] == [
        "esp-13.2.0_20240530", "esp-12.2.0_20230208",
    ]  # fmt: skip
    assert choose(panel, "xtensa-esp-elf")["why this one"].startswith("The smallest download")


def test_hundreds_of_releases_are_a_line_a_tool(
    ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, qtbot
) -> None:
    fake.can_be_had = [
        offer(f"{version}.0", 100 + version, f"tool{name}") for name in range(8) for version in range(60)
    ]
    ide.ctx.toolchains.look()
    qtbot.waitUntil(lambda: sum("tool" in one for one in visible(panel)) == 8, timeout=PATIENCE)


def test_the_filter_finds_folded_versions_by_chip_or_number(panel: ToolchainsPanel) -> None:
    panel.filter.setText("13.2.0 ESP32S2")
    assert [one for one in visible(panel) if "esp-" in one] == [
        "xtensa-esp-elf esp-14.2.0_20241119", "esp-13.2.0_20240530",
    ]  # fmt: skip
    assert not any("arm-none" in one for one in visible(panel))
    panel.filter.clear()
    assert any("arm-none" in one for one in visible(panel))
    assert not any("13.2.0" in one for one in visible(panel))


def test_what_was_chosen_stays_chosen_when_the_facts_change(
    ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, qtbot
) -> None:
    panel.table.expandItem(row(panel, "xtensa-esp-elf"))
    choose(panel, "13.2.0")
    fake.here.append(installed("zig@0.17.0", ("rv32imc",), Path("/zig")))
    ide.ctx.toolchains.look()
    qtbot.waitUntil(lambda: any("zig" in one for one in visible(panel)), timeout=PATIENCE)
    assert panel.table.currentItem().text(0) == "esp-13.2.0_20240530"
    assert any("12.2.0" in one for one in visible(panel))


def test_enter_gets_the_chosen_one(ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, qtbot) -> None:
    fake.go.set()
    panel.table.expandItem(row(panel, "xtensa-esp-elf"))
    choose(panel, "12.2.0")
    panel.table.setFocus()
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    over(ide, panel, qtbot)
    assert fake.calls == [("install", OLDER[1].id)]


def test_nothing_is_cut_off_in_a_low_panel(ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, qtbot) -> None:
    from tests.ide.window.test_widths import cut_off, settled

    panel.resize(1276, 170)
    choose(panel, "xtensa-esp-elf")
    settled(panel)
    assert list(cut_off(panel)) == []
    fake.failing = 1
    panel.head.button.click()
    qtbot.waitUntil(fake.began.is_set, timeout=PATIENCE)
    settled(panel)
    assert list(cut_off(panel)) == []
    fake.go.set()
    over(ide, panel, qtbot)
    settled(panel)
    assert list(cut_off(panel)) == []
    for page in (panel.mirrors, panel.packs):
        panel._show_form(page)
        settled(panel)
        assert list(cut_off(panel)) == []


def test_the_colours_and_the_language_change_in_place(ide: Studio, panel: ToolchainsPanel, qtbot) -> None:
    choose(panel, "xtensa-esp-elf")
    for theme in ("dark", "contrast", "light"):
        ide.ctx.themes.use(theme)
        assert panel.table.currentItem().text(0) == "xtensa-esp-elf esp-14.2.0_20241119"
        assert row(panel, "xtensawin").foreground(5).color() == ide.ctx.themes.color("amber")
    panel.render()
    assert panel.side.buttons["get"].text() == "Get xtensa-esp-elf esp-14.2.0_20241119 (135 MB)"
