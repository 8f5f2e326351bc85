"""ESP-IDF by the toolchain manager: the release, small tools of its own, and a Python environment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.fakes import idf as stand_in
from toolchains.firmware.idf import install
from toolchains.firmware.idf.environment import environment
from toolchains.firmware.idf.errors import IdfToolMissing
from toolchains.firmware.idf.places import choose
from toolchains.firmware.idf.wanted import Wanted
from toolchains.paths import Paths
from toolchains.providers import Ways
from toolchains.providers.archives import NotProved
from toolchains.providers.esp_idf import PROVIDER
from toolchains.toolbox import Toolbox


@dataclass(frozen=True)
class Shelf:
    """Files that a person brought along."""

    files: Sequence[Path]

    def find(self, sha256: str | None, name: str) -> Path | None:
        """The one of this name."""
        return next((path for path in self.files if path.name == name), None)


def test_it_is_got_with_what_it_needs_and_compilers_are_named(
    toolbox: Toolbox, ctx: RecordingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "_VENV", ("-m", "venv", "--without-pip"))  # pip takes seconds
    paths = Paths.from_environment({"NATMOD_HOME": str(tmp_path / "home")})  # downloads, too, are this test's own
    offer = next(one for one in toolbox.toolchains.offers() if one.id == "esp-idf@v5.4.2")
    assert (offer.micropython, offer.by_us) == (("1.26",), True)
    ways = Ways(sources=(Shelf(stand_in.release(tmp_path)),))
    PROVIDER.install(ctx, paths, offer, ways)
    one = choose(ctx, "1.26.1", Wanted("5.4.2"), ctx.host, paths)
    assert one.where == "Natmod Studio"
    assert one.python is not None
    assert (one.python.parent.parent / "packages.txt").read_text() == str(one.tools_path)
    with pytest.raises(IdfToolMissing, match=rf"natmod toolchain install xtensa-esp-elf@{stand_in.COMPILER}"):
        environment(one, "esp32s3", ctx.host, paths)
    compiler = paths.store / "toolchains" / f"xtensa-esp-elf@{stand_in.COMPILER}"
    (compiler / "xtensa-esp-elf" / "bin").mkdir(parents=True)
    (compiler / "natmod-stamp.json").write_text("{}")
    said = environment(one, "esp32s3", ctx.host, paths)
    assert str(compiler / "xtensa-esp-elf" / "bin") in said["PATH"]
    assert "esp32ulp-elf@" in said["PATH"]
    assert "esp-rom-elfs@" in said["ESP_ROM_ELF_DIR"]

    before = len(ctx.events)
    PROVIDER.install(ctx, paths, offer, ways)
    assert ctx.said()[before:] == []  # all is here

    (tmp_path / "other").mkdir()
    wrong, *_tools = stand_in.release(tmp_path / "other", "5.5.1")
    other = next(one for one in PROVIDER.offers(ctx.host, paths) if one.id == "esp-idf@v5.5.2")
    renamed = wrong.rename(wrong.with_name("esp-idf-v5.5.2.zip"))
    with pytest.raises(NotProved, match=r"It says that it is 5\.5\.1"):
        PROVIDER.install(ctx, paths, other, Ways(sources=(Shelf([renamed]),)))
