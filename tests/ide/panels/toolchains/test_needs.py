"""What this project lacks, the one button that gets it, and its progress in place."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from ide.panels.toolchains.panel import PANEL
from ide.panels.toolchains.widget import ToolchainsPanel
from ide.toolchain_facts import fits
from tests.fakes.toolchains import OLDER, SMALLEST, TYPED, FakeToolchains, offer
from tests.ide.panels.stand_in import Studio, studio
from tests.ide.panels.toolchains.parts import PATIENCE, card, choose, over, row, settle, shown, visible


def test_what_lacks_is_said_with_what_it_costs(panel: ToolchainsPanel) -> None:
    assert panel.head.sentence.text() == "● blinker needs a compiler for xtensawin (ESP32, S2, S3)."
    assert panel.head.button.text() == "Get what this project needs (135 MB)"
    assert panel.head.choices.itemText(0) == "xtensa-esp-elf esp-14.2.0_20241119 · 135 MB to download, 810 MB on disk"
    assert panel.head.choices.count() == 3
    assert row(panel, "xtensawin").text(5) == "● lacking"
    assert row(panel, "rv32imc").text(5) == "✓ zig 0.17.0"


def test_one_click_gets_it_and_then_nothing_is_lacking(
    ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, qtbot
) -> None:
    panel.head.button.click()
    assert not panel.head.button.isEnabled()
    qtbot.waitUntil(lambda: card(panel).bar.value() == 25, timeout=PATIENCE)
    assert "34 MB of 135 MB" in card(panel).figures.text()
    assert shown(card(panel)) == {"pause", "cancel"}
    fake.go.set()
    over(ide, panel, qtbot)
    assert fake.calls == [("install", SMALLEST.id)]
    assert card(panel).said.text() == "xtensa-esp-elf esp-14.2.0_20241119 is installed."
    assert (
        panel.head.sentence.text() == "✓ Nothing is lacking (rv32imc: zig 0.17.0, xtensawin: gcc esp-14.2.0_20241119)."
    )
    assert panel.head.button.isHidden()
    assert "Installed" in visible(panel)
    card(panel).buttons["close"].click()
    assert panel.side.cards.cards == []


def test_another_one_can_be_chosen(ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, qtbot) -> None:
    panel.head.choices.setCurrentIndex(1)
    assert panel.head.button.text() == "Get what this project needs (140 MB)"
    fake.go.set()
    panel.head.button.click()
    over(ide, panel, qtbot)
    assert fake.calls == [("install", OLDER[0].id)]


def test_a_pinned_compiler_lacks_though_another_one_would_serve(qtbot, tmp_path: Path, fake: FakeToolchains) -> None:
    folder = tmp_path / "pinned"
    folder.mkdir()
    (folder / "x.c").write_text("", "utf-8")
    (folder / "natmod.toml").write_text(
        'schema = 1\n[module]\nname = "x"\nsources = ["x.c"]\n[pin]\ncompiler = { rv32imc = "esp-13.2.0" }\n', "utf-8"
    )
    pinned = offer("esp-13.2.0", 140, "riscv32-esp-elf", arches=("rv32imc",), chips=("esp32c3",))
    fake.can_be_had = [offer("esp-14.2.0", 135, "riscv32-esp-elf", arches=("rv32imc",)), pinned]
    with studio(folder) as ide:
        ide.ctx.project.read()
        qtbot.waitUntil(lambda: ide.ctx.project.project is not None)
        widget = PANEL.create(ide.ctx)
        qtbot.addWidget(widget)
        widget.show()
        settle(ide, qtbot)
        assert widget.head.sentence.text().startswith("● x needs a compiler for rv32imc")
        assert widget.head.wanted == [pinned]


@pytest.mark.parametrize(
    ("pin", "good"),
    [("gcc", True), ("gcc-14", True), ("gcc-14.2", True), ("gcc-1", False), ("zig", False), (SMALLEST.id, True),
     (SMALLEST.version, True), ("xtensa-esp32-elf-gcc", True)],
)  # fmt: skip
def test_what_a_pin_names(pin: str, good: bool) -> None:
    assert fits(SMALLEST, pin) == good


def test_a_project_without_c_needs_nothing(qtbot, tmp_path: Path, fake: FakeToolchains) -> None:
    folder = tmp_path / "python"
    folder.mkdir()
    (folder / "main.py").write_text("print(1)\n", "utf-8")
    with studio(folder) as ide:
        ide.ctx.project.read()
        qtbot.waitUntil(lambda: ide.ctx.project.project is not None)
        widget = PANEL.create(ide.ctx)
        qtbot.addWidget(widget)
        widget.show()
        settle(ide, qtbot)
        assert widget.head.sentence.text() == "Nothing is lacking: this project has no C in it."
        assert widget.head.button.isHidden()


def test_what_only_a_person_can_install_is_a_line_to_copy(ide: Studio, panel: ToolchainsPanel, qtbot) -> None:
    assert choose(panel, "arm-none-eabi-gcc")["command"] == TYPED.command
    panel.side.buttons["copy"].click()
    assert QGuiApplication.clipboard().text() == TYPED.command
    assert "get" not in panel.side.buttons


def test_a_download_is_paused_and_goes_on(ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, qtbot) -> None:
    panel.head.button.click()
    qtbot.waitUntil(card(panel).buttons["pause"].isEnabled, timeout=PATIENCE)
    card(panel).buttons["pause"].setFocus()
    card(panel).buttons["pause"].click()
    assert shown(card(panel)) == {"resume", "cancel"}
    assert "paused" in card(panel).figures.text()
    fake.go.set()
    card(panel).buttons["resume"].click()
    over(ide, panel, qtbot)
    assert fake.here


def test_a_download_is_cancelled_without_a_word(
    ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, qtbot
) -> None:
    panel.head.button.click()
    qtbot.waitUntil(fake.began.is_set, timeout=PATIENCE)
    card(panel).buttons["cancel"].click()
    qtbot.waitUntil(lambda: panel.side.cards.cards == [], timeout=PATIENCE)
    assert fake.here == []
    assert panel.head.button.isEnabled()
    assert ide.ctx.notices.kept == []


def test_a_failure_is_said_in_place_with_the_next_step(
    ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, qtbot
) -> None:
    fake.failing = 1
    fake.go.set()
    panel.head.button.click()
    over(ide, panel, qtbot)
    assert "Connect it, then try again" in card(panel).said.text()
    assert "getaddrinfo failed" in card(panel).said.text()
    assert shown(card(panel)) == {"again", "close"}
    assert ide.ctx.notices.kept == []
    card(panel).buttons["again"].click()
    over(ide, panel, qtbot)
    assert fake.here


def test_downloads_wait_for_one_another_and_are_not_begun_twice(
    ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, qtbot
) -> None:
    panel.head.button.click()
    qtbot.waitUntil(fake.began.is_set, timeout=PATIENCE)
    ide.ctx.toolchains.get([SMALLEST])
    assert len(panel.side.cards.cards) == 1
    ide.ctx.toolchains.get([OLDER[0]])
    assert "waits for its turn" in card(panel).figures.text()
    fake.go.set()
    over(ide, panel, qtbot)
    assert fake.calls == [("install", SMALLEST.id), ("install", OLDER[0].id)]


def test_the_log_keeps_every_line(ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, qtbot) -> None:
    fake.go.set()
    panel.head.button.click()
    over(ide, panel, qtbot)
    panel.log_switch.click()
    assert panel.log.isVisible()
    while panel.log.flush():
        pass
    assert f"    GET https://example.org/{SMALLEST.id}.tar.xz" in panel.log.toPlainText()
    panel.log_switch.click()
    assert panel.side.isVisible()
