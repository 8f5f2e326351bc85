"""The download page, as far as anybody may rely on it: read from a server of our own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ide.board.flash.download_page import MAX_PAGE, Card, PageChanged, cards_in, files_in, refresh
from ide.board.flash.firmware import FirmwareCatalog
from ide.board.flash.page_rows import read_rows
from tests.conftest import RecordingContext
from tests.fakes.download_site import board_list, board_page, serve
from toolchains.errors import Cancelled
from toolchains.fetch import NetworkError, NotOnServer
from toolchains.paths import Paths

_NEW = "ESP32_GENERIC-20261101-v1.30.0.bin"
_SPIRAM = "ESP32_GENERIC-SPIRAM-20261101-v1.30.0.bin"
_PREVIEW = "NEW_BOARD-20261103-v1.31.0-preview.5.g0123456789.bin"
_SITE = {
    "/download/?mcu=esp32": board_list(
        {"ESP32_GENERIC": ("Espressif", "ESP32 / WROOM"), "NEW_BOARD": ("Maker", "New & <b>")}
    ),
    "/download/ESP32_GENERIC": board_page([_NEW, _SPIRAM, "ESP32_GENERIC-20230426-v1.20.0.bin"]),
    "/download/NEW_BOARD": board_page([_PREVIEW]),
}


def _names(paths: Paths) -> list[str]:
    return sorted(row.url.rpartition("/")[2] for row in read_rows(paths))


def test_newer_releases_new_boards_and_previews_join_the_catalogue(ctx: RecordingContext, paths: Paths) -> None:
    with serve(_SITE) as (address, requests):
        new = refresh(ctx, paths, ["esp32"], server=address)
    assert requests == list(_SITE)
    assert sorted(row.url for row in new) == sorted(
        f"https://micropython.org/resources/firmware/{name}" for name in (_NEW, _SPIRAM, _PREVIEW)
    )
    catalog = FirmwareCatalog.of(paths)
    assert catalog.newest_of("esp32") == "1.30.0"
    assert catalog.newest_of("esp32s3") == "1.29.0"
    board = catalog.find("NEW_BOARD", "", "1.31.0-preview.5.g0123456789")
    assert board is not None
    assert (board.chip, board.title, board.date) == ("esp32", "Maker New & <b>", "2026-11-03")


def test_one_board_is_read_anew_and_the_others_stay(ctx: RecordingContext, paths: Paths) -> None:
    newer = _NEW.replace("1.30.0", "1.30.1")
    with serve(_SITE) as (address, _requests):
        refresh(ctx, paths, ["esp32"], server=address)
    with serve({**_SITE, "/download/ESP32_GENERIC": board_page([newer])}) as (address, requests):
        new = refresh(ctx, paths, ["esp32"], ["ESP32_GENERIC"], server=address)
    assert requests == ["/download/?mcu=esp32", "/download/ESP32_GENERIC"]
    assert [row.version for row in new] == ["1.30.1"]
    assert _names(paths) == sorted([newer, _PREVIEW])


def test_a_board_without_a_page_is_left_out(ctx: RecordingContext, paths: Paths) -> None:
    with serve({**_SITE, "/download/NEW_BOARD": 404}) as (address, _requests):
        refresh(ctx, paths, ["esp32"], server=address)
    assert _names(paths) == sorted([_NEW, _SPIRAM])


def test_a_server_that_refuses_changes_nothing(ctx: RecordingContext, paths: Paths) -> None:
    with serve(_SITE) as (address, _requests):
        refresh(ctx, paths, ["esp32"], server=address)
    before = _names(paths)
    with serve({}) as (address, _requests), pytest.raises(NotOnServer):
        refresh(ctx, paths, ["esp32"], server=address)
    for page in _SITE:
        with serve({**_SITE, page: 503}) as (address, _requests), pytest.raises(NotOnServer, match="the download page"):
            refresh(ctx, paths, ["esp32"], server=address)
    with pytest.raises(NetworkError):
        refresh(ctx, paths, ["esp32"], server="http://127.0.0.1:9")
    assert _names(paths) == before


def test_a_page_of_another_shape_is_said(ctx: RecordingContext, paths: Paths) -> None:
    page = "<html><body>Please <a href='/login'>sign in</a></body></html>"
    with serve({"/download/?mcu=esp32": page}) as (address, _requests), pytest.raises(PageChanged):
        refresh(ctx, paths, ["esp32"], server=address)


def test_a_cancelled_job_asks_nobody(ctx: RecordingContext, paths: Paths) -> None:
    with serve(_SITE) as (address, requests):
        ctx.cancel()
        with pytest.raises(Cancelled):
            refresh(ctx, paths, ["esp32"], server=address)
    assert requests == []


def test_only_what_is_called_like_an_official_file_of_that_board_counts() -> None:
    links = [
        f"https://evil.example/resources/firmware/{_NEW}?x=1",
        f"//evil.example/resources/firmware/{_SPIRAM}",
        f"/resources/firmware/../{_NEW}",
        f"/other/{_NEW}",
        "/resources/firmware/OTHER_BOARD-20261101-v1.30.0.bin",
        "/resources/firmware/ESP32_GENERIC-20261101-v1.30.0.uf2",
        "/resources/firmware/ESP32_GENERIC-20261101-v1.30.0%00.bin",
        "javascript:alert(1)",
        "http://[",
    ]
    # Of the first two, the name alone counts: it is fetched from micropython.org.
    assert files_in("".join(f'<a href="{link}">x</a>' for link in links), "ESP32_GENERIC") == [_NEW, _SPIRAM]


def test_cards_with_hostile_names() -> None:
    page = board_list({"../../etc": ("a", "b"), "lower": ("a", "b"), "GOOD": ("Maker\n\x1b[31m", "x" * 5000)})
    (card,) = cards_in(page)
    assert card.board == "GOOD"
    assert card.title.isprintable()
    assert len(card.title) < 200
    assert cards_in('<a class="board-card" href="/download/ONE/">no words</a>') == [Card("ONE", "")]


@pytest.mark.parametrize(
    "piece",
    ["<!", "<![CDATA[", "<a ", "<a href='", "&#", "</", "<script>", "<", "<a class=board-card>", '<a href="x">'],
)
def test_a_page_that_never_ends_is_read_to_a_limit(piece: str) -> None:
    page = piece * (2 * MAX_PAGE // len(piece))
    assert cards_in(page) == []
    assert files_in(page, "ESP32_GENERIC") == []


@given(st.text(max_size=200), st.text(alphabet="<>/a= \"'&#;!-", max_size=200))
def test_any_text_is_read(text: str, tags: str) -> None:
    cards_in(text + tags)
    files_in(text + tags, "ESP32_GENERIC")
