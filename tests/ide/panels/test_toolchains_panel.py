"""The Toolchains panel: what lacks and the one button, progress in place, the table with folded versions, keeping."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QTreeWidgetItem

from ide.panels.toolchains.cards import Card
from ide.panels.toolchains.panel import PANEL
from ide.panels.toolchains.widget import ToolchainsPanel
from tests.fakes.toolchains import MB, OLDER, SMALLEST, TYPED, FakeToolchains, installed, offer
from tests.ide.panels.stand_in import Studio, studio
from toolchains.store_files import FileFault
from toolchains.text import _
from toolchains.toolbox import Toolbox

_PATIENCE = 20_000


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeToolchains:
    made = FakeToolchains()
    monkeypatch.setattr(Toolbox, "toolchains", property(lambda _box: made))
    return made


@pytest.fixture
def ide(qtbot, tmp_path: Path, fake: FakeToolchains) -> Iterator[Studio]:
    (tmp_path / "natmod.toml").write_text(
        'schema = 1\n[module]\nname = "blinker"\nsources = ["x.c"]\n[pin]\ncompiler = { xtensawin = "gcc" }\n', "utf-8"
    )
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


def settle(ide: Studio, qtbot) -> None:
    """What is known is shown, and nothing is being looked up."""
    session = ide.ctx.toolchains
    qtbot.waitUntil(lambda: session.facts is not None and not session._looking, timeout=_PATIENCE)


def card(panel: ToolchainsPanel, at: int = -1) -> Card:
    return panel.side.cards.cards[at]


def shown(widget: Card) -> set[str]:
    """The buttons that can be pressed."""
    return {name for name, button in widget.buttons.items() if not button.isHidden()}


def over(ide: Studio, panel: ToolchainsPanel, qtbot) -> None:
    qtbot.waitUntil(lambda: all(task.over for task in ide.ctx.toolchains.tasks), timeout=_PATIENCE)
    settle(ide, qtbot)


def row(panel: ToolchainsPanel, words: str) -> QTreeWidgetItem:
    """The first row with these words in its first cell."""
    return next(item for item in panel.table.items() if words in item.text(0))


def visible(panel: ToolchainsPanel) -> list[str]:
    """First cells of what a person sees, unfolded and not filtered out."""

    def open_(item: QTreeWidgetItem | None) -> bool:
        return item is None or (item.isExpanded() and not item.isHidden() and open_(item.parent()))

    return [item.text(0) for item in panel.table.items() if not item.isHidden() and open_(item.parent())]


def choose(panel: ToolchainsPanel, words: str) -> dict[str, str]:
    panel.table.setCurrentItem(row(panel, words))
    return dict(panel.side.shown)


# --- what lacks ------------------------------------------------------------------------------------------------------


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
    qtbot.waitUntil(lambda: card(panel).bar.value() == 25, timeout=_PATIENCE)
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


# --- work in place ---------------------------------------------------------------------------------------------------


def test_a_download_is_paused_and_goes_on(ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, qtbot) -> None:
    panel.head.button.click()
    qtbot.waitUntil(fake.began.is_set, timeout=_PATIENCE)
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
    qtbot.waitUntil(fake.began.is_set, timeout=_PATIENCE)
    card(panel).buttons["cancel"].click()
    qtbot.waitUntil(lambda: panel.side.cards.cards == [], timeout=_PATIENCE)
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
    qtbot.waitUntil(fake.began.is_set, timeout=_PATIENCE)
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


# --- the table -------------------------------------------------------------------------------------------------------


def test_older_versions_are_folded_below_the_recommended_one(panel: ToolchainsPanel) -> None:
    seen = visible(panel)
    assert "xtensa-esp-elf esp-14.2.0_20241119" in seen
    assert not any("13.2.0" in one or "12.2.0" in one for one in seen)
    best = row(panel, "xtensa-esp-elf")
    assert best.text(5) == "recommended"
    assert [best.child(at).text(0) for at in range(best.childCount())] == [
        "xtensa-esp-elf esp-13.2.0_20240530", "xtensa-esp-elf esp-12.2.0_20230208",
    ]  # fmt: skip
    assert choose(panel, "xtensa-esp-elf")["why this one"].startswith("The smallest download")


def test_hundreds_of_releases_are_a_line_a_tool(
    ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, qtbot
) -> None:
    fake.can_be_had = [
        offer(f"{version}.0", 100 + version, f"tool{name}") for name in range(8) for version in range(60)
    ]
    ide.ctx.toolchains.look()
    qtbot.waitUntil(lambda: sum("tool" in one for one in visible(panel)) == 8, timeout=_PATIENCE)


def test_the_filter_finds_folded_versions_by_chip_or_number(panel: ToolchainsPanel) -> None:
    panel.filter.setText("13.2.0 ESP32S2")
    assert [one for one in visible(panel) if "esp-elf" in one] == [
        "xtensa-esp-elf esp-14.2.0_20241119", "xtensa-esp-elf esp-13.2.0_20240530",
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
    qtbot.waitUntil(lambda: any("zig" in one for one in visible(panel)), timeout=_PATIENCE)
    assert panel.table.currentItem().text(0) == "xtensa-esp-elf esp-13.2.0_20240530"
    assert any("12.2.0" in one for one in visible(panel))


def test_enter_gets_the_chosen_one(ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, qtbot) -> None:
    fake.go.set()
    panel.table.expandItem(row(panel, "xtensa-esp-elf"))
    choose(panel, "12.2.0")
    panel.table.setFocus()
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    over(ide, panel, qtbot)
    assert fake.calls == [("install", OLDER[1].id)]


# --- keeping ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, qtbot) -> str:
    """A toolchain of ours that is here, and chosen in the table."""
    fake.here.append(installed(SMALLEST.id, ("xtensawin",), Path("/store/x")))
    ide.ctx.toolchains.look()
    qtbot.waitUntil(lambda: "Installed" in visible(panel), timeout=_PATIENCE)
    assert choose(panel, "xtensa-esp-elf")["on disk"] == "900 MB"
    return SMALLEST.id


def test_it_is_made_the_default_and_no_longer(
    ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, kept: str, qtbot
) -> None:
    panel.side.buttons["default"].click()
    over(ide, panel, qtbot)
    assert fake.calls == [("default", "xtensawin", kept)]
    assert panel.side.cards.cards == []
    assert row(panel, "xtensa-esp-elf").text(5) == "default for xtensawin"
    assert panel.side.buttons["default"].text() == "No longer the default"
    panel.side.buttons["default"].click()
    over(ide, panel, qtbot)
    assert fake.calls[-1] == ("default", "xtensawin", None)


def test_a_damaged_one_is_found_and_repaired(
    ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, kept: str, qtbot
) -> None:
    fake.faults = [FileFault("bin/as", "missing"), FileFault("lib/libgcc.a", "changed")]
    panel.side.buttons["verify"].click()
    over(ide, panel, qtbot)
    assert "2 files are not as they were installed: bin/as, lib/libgcc.a" in card(panel).said.text()
    panel.side.buttons["repair"].click()
    over(ide, panel, qtbot)
    panel.side.buttons["verify"].click()
    over(ide, panel, qtbot)
    assert "every file is as it was installed" in card(panel).said.text()


def test_removing_asks_in_place(ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, kept: str, qtbot) -> None:
    panel.side.buttons["remove"].click()
    question = panel.side.question
    assert question.isVisible()
    assert question.yes.text() == "Remove (900 MB)"
    question.no.click()
    assert fake.calls == []
    panel.side.buttons["remove"].click()
    question.yes.click()
    over(ide, panel, qtbot)
    assert fake.calls == [("remove", kept)]
    assert "Installed" not in visible(panel)


def test_what_another_program_keeps_is_left_alone(
    ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, qtbot
) -> None:
    fake.here.append(installed("xtensa-esp-elf@esp-13", ("xtensawin",), Path("/e"), found_where="~/.espressif"))
    ide.ctx.toolchains.look()
    qtbot.waitUntil(lambda: "Installed" in visible(panel), timeout=_PATIENCE)
    assert choose(panel, "xtensa-esp-elf esp-13")["from"] == "~/.espressif"
    assert set(panel.side.buttons) == {"default", "terminal"}


def test_leftovers_are_removed(ide: Studio, panel: ToolchainsPanel, fake: FakeToolchains, qtbot) -> None:
    assert ide.ctx.commands.run("toolchains.prune")
    over(ide, panel, qtbot)
    assert card(panel).said.text() == "300 MB freed."
    assert MB


# --- forms -----------------------------------------------------------------------------------------------------------


def test_a_mirror_is_chosen_and_kept(ide: Studio, panel: ToolchainsPanel, qtbot) -> None:
    ide.ctx.commands.run("toolchains.mirror")
    form = panel.mirrors
    qtbot.waitUntil(form.isVisible, timeout=_PATIENCE)
    form.preset.setCurrentIndex(form.preset.count() - 1)
    form.assets.setText("https://wrong.example/x")
    form.yes.click()
    assert "without https://" in form.wrong.text()
    assert form.isVisible()
    form.assets.setText("mirror.school.example/github")
    form.yes.click()
    over(ide, panel, qtbot)
    assert "mirror.school.example" in (ide.ctx.engine.paths.config / "mirrors.toml").read_text("utf-8")
    ide.ctx.commands.run("toolchains.mirror")
    qtbot.waitUntil(lambda: form.assets.text() == "mirror.school.example/github", timeout=_PATIENCE)
    form.preset.setCurrentIndex(0)
    form.yes.click()
    over(ide, panel, qtbot)
    assert not (ide.ctx.engine.paths.config / "mirrors.toml").exists()


def test_a_pack_that_is_not_there_is_said_in_place(ide: Studio, panel: ToolchainsPanel, qtbot, tmp_path: Path) -> None:
    ide.ctx.commands.run("toolchains.pack")
    panel.packs.where.setText(str(tmp_path / "lab.natmodpack"))
    qtbot.keyClick(panel.packs.where, Qt.Key.Key_Return)
    over(ide, panel, qtbot)
    assert panel.side.isVisible()
    assert "lab.natmodpack" in card(panel).said.text()
    ide.ctx.commands.run("toolchains.pack")
    qtbot.keyClick(panel.packs.where, Qt.Key.Key_Escape)
    assert panel.side.isVisible()


def test_a_list_of_tools_that_is_none_is_said_in_place(
    ide: Studio, panel: ToolchainsPanel, qtbot, tmp_path: Path
) -> None:
    file = tmp_path / "tools.json"
    file.write_text("[]", "utf-8")
    panel.services.import_tools_json(file)
    over(ide, panel, qtbot)
    assert "tools.json" in card(panel).said.text()
    assert shown(card(panel)) == {"again", "close"}
