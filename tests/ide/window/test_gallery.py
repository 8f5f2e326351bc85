"""Examples: always a copy, remembered where it came from, and back to the original with the person's own beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ide import gallery, gallery_cards
from ide.composition import Ide
from ide.gallery_dialog import GalleryDialog
from ide.gallery_pictures import picture
from ide.origins import Origin, Origins
from ide.themes import themes
from tests.examples import EXAMPLES, FIRMWARE
from tests.ide.window.conftest import Windows
from toolchains.errors import DiskError
from toolchains.host import Host
from toolchains.sdk import SdkStore
from toolchains.sdk_tree import SdkTree

FACTORIAL = Origin("ours", "factorial")
THEIRS = [*(f"features{n}" for n in range(5)), "btree", "deflate", "framebuf", "heapq", "random", "re"]


def _copy(tmp_path: Path, origin: Origin = FACTORIAL) -> Path:
    original = gallery_cards.ours()[0].folder
    return gallery.copy_example(origin, original, tmp_path / "projects", Origins(tmp_path / "state"))


def test_every_example_of_ours_has_a_card_with_a_lesson_and_a_picture(qapp: object) -> None:
    cards = gallery_cards.ours()
    assert sorted(card.title for card in cards) == sorted([*EXAMPLES, *FIRMWARE])
    assert all((card.folder / "natmod.toml").is_file() for card in cards)
    for theme in ("light", "dark", "contrast"):
        themes.use(theme)
        drawn = {card.picture: picture(card.picture, themes, 2.0).toImage() for card in cards}
        assert all(image.width() == 144 for image in drawn.values())
        assert len({image.constBits().tobytes() for image in drawn.values()}) == len(drawn)
    themes.use("light")


def test_the_tree_s_eleven_examples_are_found_each_with_a_lesson(sdk_tree: SdkTree) -> None:
    cards = gallery_cards.theirs(sdk_tree)
    assert [card.title for card in cards] == THEIRS
    assert not [card for card in cards if "An example of" in str(card.lesson)]


def test_a_tree_without_examples_has_no_cards(tmp_path: Path) -> None:
    tree = SdkTree.__new__(SdkTree)
    object.__setattr__(tree, "path", tmp_path)
    assert gallery_cards.theirs(tree) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", THEIRS)
def test_a_copy_of_a_tree_s_example_builds_wherever_it_is(
    name: str, sdk_tree: SdkTree, warm_home: Path, tmp_path: Path
) -> None:
    card = next(card for card in gallery_cards.theirs(sdk_tree) if card.title == name)
    copy = gallery.copy_example(card.origin, card.folder, tmp_path / "élève", Origins(tmp_path / "state"))
    arch = "x64" if name == "features2" else "rv32imc"  # its Makefile does not name rv32imc: floats are off there
    argv = [sys.executable, "-m", "ide.cli", "build", copy, "--arch", arch]
    said = subprocess.run(argv, capture_output=True, text=True, check=False)
    if name == "btree" and not any((sdk_tree.path / "lib" / "berkeley-db-1.xx").glob("*")):
        assert "git submodule" in said.stderr  # Debian's archive has no submodules, and the person is told
        return
    assert said.returncode == 0, said.stdout + said.stderr


def test_a_copy_is_opened_again_and_what_is_somebody_else_s_is_left_alone(tmp_path: Path) -> None:
    first = _copy(tmp_path)
    (first / "factorial.c").write_text("mine", "utf-8")
    assert _copy(tmp_path) == first
    assert (first / "factorial.c").read_text("utf-8") == "mine"
    (tmp_path / "other" / "factorial").mkdir(parents=True)
    original = gallery_cards.ours()[0].folder
    second = gallery.copy_example(FACTORIAL, original, tmp_path / "other", Origins(tmp_path / "state"))
    assert second == tmp_path / "other" / "factorial-2"
    assert list((tmp_path / "other" / "factorial").iterdir()) == []


def test_a_copy_can_be_written_to_even_where_the_original_cannot(tmp_path: Path) -> None:
    original = tmp_path / "installed" / "demo"
    original.mkdir(parents=True)
    (original / "main.py").write_text("print(1)", "utf-8")
    (original / "__pycache__").mkdir()
    os.chmod(original / "main.py", 0o444)
    copy = gallery.copy_example(Origin("ours", "demo"), original, tmp_path / "projects", Origins(tmp_path / "state"))
    assert os.access(copy / "main.py", os.W_OK)
    assert [path.name for path in copy.iterdir()] == ["main.py"]


def test_the_first_start_remembers_where_its_example_came_from(host: Host, home: Path) -> None:
    folder = gallery.open_example(host, gallery.FIRST)
    assert Origins(home / "state").of(folder) == FACTORIAL
    assert gallery.open_example(host, gallery.FIRST) == folder


def test_reset_brings_the_original_back_and_keeps_mine_beside_it(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    original = (folder / "factorial.c").read_text("utf-8")
    (folder / "factorial.c").write_text("mine", "utf-8")
    (folder / "notes.txt").write_text("notes", "utf-8")
    (folder / "tests" / "test_factorial.py").unlink()
    (folder / "main.py").unlink()
    (folder / "main.py").mkdir()
    (folder / ".natmod").mkdir()
    (folder / ".git").mkdir()
    mine = gallery.reset(folder, gallery_cards.ours()[0].folder, lambda: datetime(2026, 11, 26, 22, 50))
    assert mine.name == "factorial 2026-11-26 22.50"
    assert (mine / "factorial.c").read_text("utf-8") == "mine"
    assert (mine / "notes.txt").read_text("utf-8") == "notes"
    assert (folder / "factorial.c").read_text("utf-8") == original
    assert (folder / "main.py").is_file()
    assert (folder / "tests" / "test_factorial.py").is_file()
    assert not (folder / "notes.txt").exists()
    assert (folder / ".natmod").is_dir()
    assert (folder / ".git").is_dir()
    again = gallery.reset(folder, gallery_cards.ours()[0].folder, lambda: datetime(2026, 11, 26, 22, 50))
    assert again.name == "factorial 2026-11-26 22.50-2"


def test_reset_changes_nothing_when_mine_cannot_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _copy(tmp_path)
    (folder / "factorial.c").write_text("mine", "utf-8")

    def full(*_args: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(DiskError, match="no space left"):
        gallery.reset(folder, gallery_cards.ours()[0].folder)
    assert (folder / "factorial.c").read_text("utf-8") == "mine"
    assert [path.name for path in folder.parent.iterdir()] == ["factorial"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"schema": 1, "origins": 3}',
        '{"schema": 1, "origins": {"PATH": 5}}',
        '{"schema": 1, "origins": {"PATH": {"kind": "ours", "name": "../x"}}}',
    ],
)
def test_garbage_in_the_state_is_no_origin(text: str, tmp_path: Path) -> None:
    (tmp_path / "origins.json").write_text(text.replace("PATH", str(tmp_path)), "utf-8")
    assert Origins(tmp_path).of(tmp_path) is None
    Origins(tmp_path).record(tmp_path, FACTORIAL)
    assert Origins(tmp_path).of(tmp_path) == FACTORIAL


# --- in the window ---------------------------------------------------------------------------------------------------


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The projects for which a window would have been opened."""
    folders: list[Path] = []
    monkeypatch.setattr(Ide, "open_project", lambda _ide, folder: folders.append(folder))
    return folders


def _gallery(ide: Ide, qtbot: QtBot) -> GalleryDialog:
    ide.commands.run("project.examples")
    (dialog,) = ide.window.findChildren(GalleryDialog)
    return dialog


def _titles(dialog: GalleryDialog) -> list[str]:
    return [dialog.list.item(row).text() for row in range(dialog.list.count())]


def test_the_gallery_shows_both_kinds_and_opens_a_copy(
    windows: Windows, qtbot: QtBot, sdk_tree: SdkTree, opened: list[Path], warm_home: Path
) -> None:
    ide = windows.open(windows.example("factorial"))
    dialog = _gallery(ide, qtbot)
    assert "factorial\nThe smallest native module" in "\n".join(_titles(dialog))
    qtbot.waitUntil(lambda: any(title.startswith("features0\n") for title in _titles(dialog)))
    row = next(at for at, title in enumerate(_titles(dialog)) if title.startswith("features0\n"))
    dialog.list.setCurrentRow(row)
    dialog.open_chosen()
    qtbot.waitUntil(lambda: opened == [warm_home / "projects" / "features0"])
    assert (opened[0] / "Makefile").is_file()
    qtbot.waitUntil(lambda: ide.window.findChildren(GalleryDialog) == [])


def test_without_a_tree_the_gallery_says_so_and_offers_to_get_it(
    windows: Windows, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, sdk_tree: SdkTree
) -> None:
    monkeypatch.setattr(gallery_cards, "tree_for", lambda _sdks, _version: None)
    monkeypatch.setattr(SdkStore, "ensure", lambda _self, _ctx, _version=None: sdk_tree)
    ide = windows.open(windows.example("factorial"))
    dialog = _gallery(ide, qtbot)
    qtbot.waitUntil(lambda: "not here yet" in dialog.said.text())
    dialog.get_tree.click()
    qtbot.waitUntil(lambda: any(title.startswith("btree\n") for title in _titles(dialog)))
    assert dialog.get_tree.isHidden()
    dialog.reject()


def test_reset_in_the_window_saves_first_and_offers_mine(
    windows: Windows, qtbot: QtBot, opened: list[Path], warm_home: Path
) -> None:
    state = Origins(warm_home / "state")
    folder = gallery.copy_example(FACTORIAL, gallery_cards.ours()[0].folder, windows.folder / "é", state)
    ide = windows.open(folder)
    qtbot.waitUntil(lambda: ide.commands.records["project.reset"].enabled())
    view = ide.editors.current()
    assert view is not None
    view.sci.insert(0, "// typed, not saved\n")
    ide.commands.run("project.reset")
    qtbot.waitUntil(lambda: bool(ide.notices.kept) and "original again" in str(ide.notices.kept[-1].text))
    assert not (folder / "factorial.c").read_text("utf-8").startswith("// typed")
    ide.notices.kept[-1].actions[0].run()
    assert (opened[0] / "factorial.c").read_text("utf-8").startswith("// typed, not saved")
    qtbot.waitUntil(lambda: "typed, not saved" not in (ide.editors.text_of(folder / "factorial.c") or ""))


def test_a_project_that_is_no_copy_cannot_be_reset(windows: Windows, qtbot: QtBot) -> None:
    ide = windows.open(windows.example("factorial"))
    qtbot.waitUntil(lambda: ide.project.project is not None and not ide.jobs.running)
    assert not ide.commands.run("project.reset")
