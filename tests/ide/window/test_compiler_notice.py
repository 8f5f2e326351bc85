"""A build that lacks a compiler: exactly the right offer, one click that gets it, and then the build."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication

from ide.compiler_notice import CompilerNotice
from ide.notify import Notice
from ide.runs import Ended
from tests.fakes.toolchains import TYPED, FakeToolchains, offer
from tests.ide.panels.stand_in import Studio, studio
from toolchains import paths
from toolchains.jobs import JobContext
from toolchains.providers import Offer
from toolchains.toolbox import Toolbox

_PATIENCE = 60_000
_PIN = '\n[pin]\ncompiler = {{ rv32imc = "{name}" }}\n'
WANTED = offer("esp-14.2.0_20241119", 284, "riscv32-esp-elf", arches=("rv32imc",), chips=("esp32c3",))
OTHER = offer("esp-13.2.0_20240530", 140, "riscv32-esp-elf", arches=("rv32imc",), chips=("esp32c3",))


class Mending(FakeToolchains):
    """After its install the project's pin fits what is here."""

    def __init__(self, folder: Path) -> None:
        super().__init__(can_be_had=[OTHER, WANTED])
        self.folder = folder

    def install(self, ctx: JobContext, what: Offer, **more: Any) -> Any:
        made = super().install(ctx, what, **more)
        unpin(self.folder)
        return made


def pin(folder: Path, name: str) -> None:
    file = folder / "natmod.toml"
    file.write_text(file.read_text("utf-8") + _PIN.format(name=name), "utf-8")


def unpin(folder: Path) -> None:
    file = folder / "natmod.toml"
    file.write_text(file.read_text("utf-8").partition("\n[pin]")[0], "utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "factorial"
    shutil.copytree(paths.examples() / "factorial", place, ignore=shutil.ignore_patterns(".natmod"))
    return place


@pytest.fixture
def fake(folder: Path, monkeypatch: pytest.MonkeyPatch) -> FakeToolchains:
    made = Mending(folder)
    monkeypatch.setattr(Toolbox, "toolchains", property(lambda _box: made))
    return made


@pytest.fixture
def ide(qtbot, folder: Path, toolbox: Toolbox, fake: FakeToolchains) -> Iterator[Studio]:
    with studio(folder) as found:
        teller = CompilerNotice(found.ctx)

        def ended(how: Ended) -> None:
            if how.error is not None:
                teller.tell(how.error)

        found.ctx.runs.started.connect(lambda _kind: found.ctx.notices.clear())
        found.ctx.runs.ended.connect(ended)
        yield found
        fake.go.set()


def build(ide: Studio, qtbot) -> Notice:
    """Build, and the notice that comes of it."""
    before = len(ide.ctx.notices.kept)
    with qtbot.waitSignal(ide.ctx.runs.ended, timeout=_PATIENCE):
        assert ide.ctx.runs.build()
    qtbot.waitUntil(lambda: len(ide.ctx.notices.kept) > before, timeout=_PATIENCE)
    return ide.ctx.notices.kept[-1]


def press(notice: Notice, title: str) -> None:
    next(action for action in notice.actions if str(action.title).startswith(title)).run()


def test_the_pinned_one_is_offered_got_and_the_build_goes_on(
    ide: Studio, qtbot, folder: Path, fake: FakeToolchains
) -> None:
    pin(folder, WANTED.id)
    notice = build(ide, qtbot)
    assert "riscv32-esp-elf esp-14.2.0_20241119 serves: 284 MB to download, 1.7 GB on disk." in str(notice.text)
    assert [str(action.title) for action in notice.actions] == [
        "Get it (284 MB)", "Other ways",
    ]  # fmt: skip
    fake.go.set()
    with qtbot.waitSignal(ide.ctx.runs.ended, timeout=_PATIENCE):
        press(notice, "Get")
    assert fake.calls == [("install", WANTED.id)]
    last = ide.ctx.runs.last
    assert last is not None
    assert last.good


def test_another_build_runs_while_it_is_downloaded(ide: Studio, qtbot, folder: Path, fake: FakeToolchains) -> None:
    pin(folder, WANTED.version)
    notice = build(ide, qtbot)
    press(notice, "Get")
    qtbot.waitUntil(fake.began.is_set, timeout=_PATIENCE)
    assert "runs meanwhile" in str(ide.ctx.notices.kept[-1].text)
    unpin(folder)
    with qtbot.waitSignal(ide.ctx.runs.ended, timeout=_PATIENCE):
        assert ide.ctx.runs.build()
    assert ide.ctx.runs.last is not None
    assert ide.ctx.runs.last.good
    assert ide.ctx.toolchains.busy
    with qtbot.waitSignal(ide.ctx.runs.ended, timeout=_PATIENCE):
        fake.go.set()


def test_a_download_that_fails_says_so(ide: Studio, qtbot, folder: Path, fake: FakeToolchains) -> None:
    pin(folder, WANTED.version)
    fake.failing = 1
    fake.go.set()
    press(build(ide, qtbot), "Get")
    qtbot.waitUntil(lambda: "Connect it" in str(ide.ctx.notices.kept[-1].text), timeout=_PATIENCE)
    press(ide.ctx.notices.kept[-1], "Show")
    assert ide.layout.shown[-1] == "toolchains"


def test_what_a_person_has_to_type_is_copied(ide: Studio, qtbot, folder: Path, fake: FakeToolchains) -> None:
    line = "sudo apt-get install gcc-riscv64-unknown-elf"
    fake.can_be_had = [
        Offer("system_packages", "gcc-9@system", "gcc-9", "system", ("rv32imc",), (), "gcc-9", command=line)
    ]
    pin(folder, "gcc-9")
    notice = build(ide, qtbot)
    assert line in str(notice.text)
    press(notice, "Copy")
    assert QGuiApplication.clipboard().text() == line
    assert TYPED.command != line


def test_where_nothing_can_be_had_the_error_itself_is_said(
    ide: Studio, qtbot, folder: Path, fake: FakeToolchains
) -> None:
    pin(folder, "gcc-99")
    notice = build(ide, qtbot)
    assert "gcc-99" in str(notice.text)
    assert [str(action.title) for action in notice.actions] == ["Other ways"]
    assert not ide.ctx.commands.run("toolchains.get_missing")


def test_the_command_gets_what_was_lacking(ide: Studio, qtbot, folder: Path, fake: FakeToolchains) -> None:
    assert not ide.ctx.commands.run("toolchains.get_missing")
    pin(folder, OTHER.version)
    build(ide, qtbot)
    fake.go.set()
    with qtbot.waitSignal(ide.ctx.runs.ended, timeout=_PATIENCE):
        assert ide.ctx.commands.run("toolchains.get_missing")
    assert fake.calls == [("install", OTHER.id)]
