"""The catalogue of firmware: what there is, in which order, and files that are proved before anybody writes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ide.board.flash import page_rows
from ide.board.flash.errors import WrongImage
from ide.board.flash.firmware import FirmwareCatalog, FirmwareChanged, folder_of, from_pack, version_order
from ide.board.flash.records import Firmware
from tests.conftest import RecordingContext
from tests.fakes import images, packs
from tests.fakes.http_folder import serve
from toolchains.chips import chips
from toolchains.fetch import NotOnServer, WrongContent
from toolchains.micropython_releases import firmware as official
from toolchains.pack_source import PackSource
from toolchains.paths import Paths

_NAME = "ESP32_GENERIC-20250911-v1.26.1.bin"
_WHOLE = images.firmware("esp32", size=8192)


@pytest.fixture
def catalog(paths: Paths) -> FirmwareCatalog:
    return FirmwareCatalog.of(paths)


def _row(url: str, sha256: str = "", **more: object) -> Firmware:
    values = {"title": "x", "version": "1.26.1", "board": "ESP32_GENERIC", "variant": "", "chip": "esp32",
              "date": "2025-09-11", "source": "official", "path": None, "size": None, **more}  # fmt: skip
    return Firmware(url=url, sha256=sha256, **values)  # type: ignore[arg-type]


@pytest.fixture
def server(tmp_path: Path) -> Path:
    folder = tmp_path / "server"
    folder.mkdir()
    (folder / _NAME).write_bytes(_WHOLE)
    return folder


# --- what there is --------------------------------------------------------------------------------------------------


def test_all_official_firmware_is_in_it(catalog: FirmwareCatalog) -> None:
    assert {row.url for row in catalog.rows} == {one.url for one in official()}
    assert {row.chip for row in catalog.rows} == set(chips())
    assert all(row.title and row.path is None for row in catalog.rows)


def test_the_newest_release_and_any_board_come_first(catalog: FirmwareCatalog) -> None:
    first = catalog.for_chip("esp32")[0]
    assert (first.board, first.variant, first.version) == ("ESP32_GENERIC", "", catalog.newest)
    assert first.title == "Any board with an ESP32"
    names = [row.board for row in catalog.for_chip("esp32s3", "1.29.0")]
    assert names[:2] == ["ESP32_GENERIC_S3", "ESP32_GENERIC_S3"]
    assert names[2:] == sorted(names[2:])


def test_variants_say_what_they_are_for(catalog: FirmwareCatalog) -> None:
    titles = {row.variant: row.title for row in catalog.for_chip("esp32", "1.29.0") if row.board == "ESP32_GENERIC"}
    assert titles["SPIRAM"] == "Any board with an ESP32, with extra memory (PSRAM; WROVER modules)"
    assert set(titles) == {"", "D2WD", "OTA", "SPIRAM", "UNICORE"}
    row = catalog.find("UM_TINYS3", "", "1.27.0")
    assert row is not None
    assert row.title == "Unexpected Maker TinyS3"


@pytest.mark.parametrize("version", ["1.22.0", "1.25.0", "1.27.0"])
def test_older_releases_have_their_variants(catalog: FirmwareCatalog, version: str) -> None:
    assert catalog.find("ESP32_GENERIC", "SPIRAM", version) is not None
    assert catalog.find("ESP32_GENERIC_S3", "SPIRAM_OCT", version) is not None


def test_releases_of_a_chip(catalog: FirmwareCatalog) -> None:
    assert catalog.releases("esp32h2") == ["1.29.0"]
    assert catalog.releases("esp32")[-1] == "1.22.0"
    assert catalog.newest_of("esp32c5") == "1.29.0"
    assert catalog.newest_of("esp8266") is None
    assert catalog.find("ESP32_GENERIC", "", "1.0.0") is None


def test_a_preview_comes_before_the_release_that_it_became() -> None:
    versions = ["1.29.0", "1.30.0-preview.9.g0123456789", "1.30.0-preview.12.gabcdef0123", "1.30.0", "1.30.1"]
    mixed = [versions[at] for at in (3, 1, 4, 0, 2)]
    assert sorted(mixed, key=version_order) == versions


def test_what_the_page_had_is_in_it_too(ctx: RecordingContext, paths: Paths) -> None:
    preview = "ESP32_GENERIC-20261101-v1.30.0-preview.12.g0123456789.bin"
    strange = "NEW_BOARD-20261101-v1.30.0.bin"
    page_rows.keep_rows(ctx, paths, [(preview, "esp32", ""), (strange, "esp32s3", "Maker\nNew\x00 {board}")])
    found = FirmwareCatalog.of(paths)
    assert found.rows[0].title == "Maker New {board}"
    assert found.for_chip("esp32")[0].version == "1.30.0-preview.12.g0123456789"
    assert found.newest_of("esp32") == "1.29.0"
    assert found.newest == "1.30.0"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"files": 3}',
        '{"files": [{"name": 1}]}',
        '{"files": [{"name": "../x", "chip": "esp32", "title": ""}]}',
    ],
)
def test_a_spoiled_note_of_the_page_is_no_note(paths: Paths, text: str) -> None:
    page_rows.file_of(paths).parent.mkdir(parents=True)
    page_rows.file_of(paths).write_text(text)
    assert page_rows.read_rows(paths) == []
    assert FirmwareCatalog.of(paths).newest == "1.29.0"


# --- getting it -----------------------------------------------------------------------------------------------------


def test_it_is_downloaded_once_and_its_hash_written_down(ctx: RecordingContext, paths: Paths, server: Path) -> None:
    with serve(server) as (address, requests):
        catalog = FirmwareCatalog.of(paths)
        path = catalog.download(ctx, _row(f"{address}/{_NAME}"))
        assert path.read_bytes() == _WHOLE
        assert catalog.download(ctx, _row(f"{address}/{_NAME}")) == path
        assert requests == [f"/{_NAME}"]
    assert any("no published check sum" in line for line in ctx.said())
    assert next(row for row in FirmwareCatalog.of(paths).rows if row.url.endswith(_NAME)).path == path


def test_another_file_under_the_same_name_is_refused_later(ctx: RecordingContext, paths: Paths, server: Path) -> None:
    catalog = FirmwareCatalog.of(paths)
    with serve(server) as (address, _requests):
        path = catalog.download(ctx, _row(f"{address}/{_NAME}"))
        for left in folder_of(paths).iterdir():  # a cache is emptied one day
            left.unlink()
        (server / _NAME).write_bytes(images.firmware("esp32", size=8192, seed=5))
        with pytest.raises(FirmwareChanged, match="is not the file that it was on 20"):
            catalog.download(ctx, _row(f"{address}/{_NAME}"))
        assert not path.exists()
        (server / _NAME).write_bytes(_WHOLE)
        assert catalog.download(ctx, _row(f"{address}/{_NAME}")).read_bytes() == _WHOLE


def test_a_published_hash_counts_from_the_first_time(ctx: RecordingContext, paths: Paths, server: Path) -> None:
    with serve(server) as (address, _requests), pytest.raises(WrongContent):
        FirmwareCatalog.of(paths).download(ctx, _row(f"{address}/{_NAME}", sha256="0" * 64))


def test_a_sign_in_page_in_its_place_leaves_nothing_behind(ctx: RecordingContext, paths: Paths, server: Path) -> None:
    (server / _NAME).write_bytes(b"<!DOCTYPE html><html><body>Please sign in</body></html>")
    catalog = FirmwareCatalog.of(paths)
    with serve(server) as (address, _requests):
        with pytest.raises(WrongImage, match="web page"):
            catalog.download(ctx, _row(f"{address}/{_NAME}"))
        (server / _NAME).write_bytes(_WHOLE)
        assert catalog.download(ctx, _row(f"{address}/{_NAME}")).read_bytes() == _WHOLE


def test_a_file_for_another_chip_than_its_name_says(ctx: RecordingContext, paths: Paths, server: Path) -> None:
    (server / _NAME).write_bytes(images.firmware("esp32c3", size=8192))
    with (
        serve(server) as (address, _requests),
        pytest.raises(WrongImage, match="for the ESP32-C3, and not for the ESP32"),
    ):
        FirmwareCatalog.of(paths).download(ctx, _row(f"{address}/{_NAME}"))


def test_an_address_that_was_put_together_may_lead_nowhere(ctx: RecordingContext, paths: Paths, server: Path) -> None:
    with serve(server) as (address, _requests), pytest.raises(NotOnServer):
        FirmwareCatalog.of(paths).download(ctx, _row(f"{address}/ESP32_GENERIC-20250911-v1.26.2.bin"))


def test_a_spoiled_note_of_hashes_is_no_note(ctx: RecordingContext, paths: Paths, server: Path) -> None:
    note = paths.data / "firmware" / "hashes.json"
    note.parent.mkdir(parents=True)
    note.write_text(json.dumps({"files": {_NAME: {"sha256": "../../x"}, "b": 3}}))
    with serve(server) as (address, _requests):
        FirmwareCatalog.of(paths).download(ctx, _row(f"{address}/{_NAME}"))
    assert set(json.loads(note.read_text())["files"]) == {_NAME}


def test_a_persons_own_file_is_proved_and_stays_where_it_is(
    ctx: RecordingContext, paths: Paths, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.bin"
    mine.write_bytes(_WHOLE)
    catalog = FirmwareCatalog.of(paths)
    assert catalog.download(ctx, _row("", source="file", path=mine)) == mine
    mine.write_bytes(_WHOLE[:30_000])
    with pytest.raises(WrongImage, match="cut short"):
        catalog.download(ctx, _row("", source="file", path=mine))


def test_a_pack_brings_its_own(ctx: RecordingContext, paths: Paths, tmp_path: Path) -> None:
    files = {f"firmware/{_NAME}": _WHOLE, "firmware/readme.bin": b"x", "firmware/NOBODY-20250911-v1.26.1.bin": b"y"}
    where = packs.make(ctx, tmp_path / "lab.natmodpack", files)
    with PackSource.open(ctx, str(where)) as pack:
        (row,) = from_pack(pack.manifest)
        assert (row.source, row.chip, row.version, row.title) == ("pack", "esp32", "1.26.1", "Any board with an ESP32")
        catalog = FirmwareCatalog.of(paths, [row])
        assert [one.source for one in catalog.rows if one.url == row.url] == ["pack"]
        assert catalog.download(ctx, row, [pack]).read_bytes() == _WHOLE
