"""MicroPython's download page, read for what our own table cannot know yet: newer releases, previews, new boards.

The page is made for people, and nobody promises its shape (facts e): a list of boards by chip
(``/download/?mcu=esp32s3``, ``<a class="board-card" href="BOARD">`` with the maker's and the board's names in it), and
a page for each board with links to ``/resources/firmware/….bin``. What comes is not trusted: pages are cut at a length,
names must be exactly as official files are called, and no address of the page is used but the name at its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from ide.board.flash.known_boards import read_name
from ide.board.flash.page_rows import FOLDER, SERVER, keep_rows, plain, read_rows
from ide.board.flash.records import Firmware
from toolchains import transfer
from toolchains.catalog_records import minor_key
from toolchains.chips import chips
from toolchains.errors import FetchError
from toolchains.fetch_errors import LineBroken, NotOnServer, bad_status
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.sdk_tree import SUPPORTED
from toolchains.text import _

#: Bytes of a page that are read, boards of a chip, files of a board.
MAX_PAGE, MAX_BOARDS, MAX_FILES = 1 << 20, 200, 400
#: A tag, or what is between two; of the tags, those that begin and end what we look for.
_TOKEN = re.compile(r"<[^<>]{1,600}>|[^<>]{1,4000}")
_TAG = re.compile(r"</?(?:a|div|span|p|h[1-6]|strong|b|i|em)[\s/>]", re.IGNORECASE)
_BOARD = re.compile(r"[A-Z][A-Z0-9_]{1,60}")


class PageChanged(FetchError):
    """There is a page, and no board in it that we could read."""

    code = "firmware.page"

    def __init__(self, server: str) -> None:
        super().__init__(
            _("The download page of MicroPython cannot be read."),
            why=_("It has another shape than it had, or the network sent another page in its place."),
            next_step=_("Take a release that is known already, or a file that you download with your browser."),
            server=server,
        )


@dataclass(frozen=True)
class Card:
    """A board in the list: its id, and what the page calls it."""

    board: str
    title: str


def refresh(
    ctx: JobContext, paths: Paths, wanted: Sequence[str] = (), boards: Sequence[str] = (), server: str = SERVER
) -> list[Firmware]:
    """Read the pages of these chips (none: all), or of these boards of them; keep what they have, return what is new.

    Raises NetworkError, NotOnServer, :class:`PageChanged`, DiskError; a board whose page is not there is left out.
    """
    before = {row.url for row in read_rows(paths)}
    rows: dict[str, tuple[str, str, str]] = {}
    with ctx.step(_("Read the download page of MicroPython")):
        lists = [(chip, card) for chip in wanted or chips() for card in _listed(ctx, server, chip)]
        if not lists:
            raise PageChanged(server)
        asked = [(chip, card) for chip, card in lists if not boards or card.board in boards]
        for number, (chip, card) in enumerate(asked):
            ctx.progress(number, len(asked))
            for name in _files_of(ctx, server, card.board):
                rows[name] = (name, chip, card.title)
        ctx.progress(len(asked), len(asked))
    read = {card.board for _chip, card in asked}
    kept = [row for row in read_rows(paths) if row.board not in read]
    keep_rows(ctx, paths, [*((row.url.rpartition("/")[2], row.chip, row.title) for row in kept), *rows.values()])
    return [row for row in read_rows(paths) if row.url not in before]


def cards_in(page: str) -> list[Card]:
    """The boards that a list has."""
    reader = _Cards()
    _feed(reader, page)
    found = {card.board: card for card in reader.cards() if _BOARD.fullmatch(card.board)}
    return list(found.values())[:MAX_BOARDS]


def files_in(page: str, board: str) -> list[str]:
    """The names of a board's firmware files that its page links to: releases that we support, and previews."""
    reader = _Links()
    _feed(reader, page)
    found = []
    for link in dict.fromkeys(reader.links):
        path = _path(link)
        name = path.rpartition("/")[2]
        said = read_name(name)
        if path != FOLDER + name or said is None or said.board != board:
            continue
        if minor_key(said.version) >= SUPPORTED[0]:
            found.append(name)
    return found[:MAX_FILES]


def _path(link: str) -> str:
    """The path on the server that a link leads to; empty where it makes no sense."""
    try:
        return urlsplit(urljoin(f"{SERVER}/download/", link[:500])).path
    except ValueError:
        return ""


def _listed(ctx: JobContext, server: str, chip: str) -> list[Card]:
    return cards_in(_page(ctx, f"{server}/download/?mcu={chip}"))


def _files_of(ctx: JobContext, server: str, board: str) -> Iterable[str]:
    try:
        return files_in(_page(ctx, f"{server}/download/{board}"), board)
    except NotOnServer as error:
        if error.passing:  # busy: what is known of this board would be lost
            raise
        ctx.log(f"{board}: {error}")
        return ()


def _page(ctx: JobContext, url: str) -> str:
    """A page, up to :data:`MAX_PAGE` bytes of it."""
    ctx.check()
    line, name, headers = transfer.Line(), str(_("the download page")), {"Accept-Encoding": "identity"}
    try:
        with (
            ctx.cancelling(line.hang_up),
            transfer.get(ctx.host, line, name, url, headers, secure=url.startswith("https:")) as answer,
        ):
            if answer.status != 200:
                raise bad_status(name, url, answer.status)
            return b"".join(_some(answer.chunks())).decode("utf-8", "replace")
    except transfer.HungUp as error:
        ctx.check()
        raise LineBroken(_("The connection broke."), url=url) from error


def _some(chunks: Iterator[bytes]) -> Iterator[bytes]:
    left = MAX_PAGE
    for chunk in chunks:
        yield chunk[:left]
        left -= len(chunk)
        if left <= 0:
            return


def _feed(reader: HTMLParser, page: str) -> None:
    """Tag by tag: given a whole page that is broken on purpose, html.parser takes hours."""
    for found in _TOKEN.finditer(page[:MAX_PAGE]):
        token = found[0]
        if not token.startswith("<"):
            reader.handle_data(unescape(token))
        elif _TAG.match(token):
            reader.feed(token)


class _Links(HTMLParser):
    """Where the page's links lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a link."""
        href = dict(attrs).get("href") if tag == "a" else None
        if href and len(self.links) < MAX_FILES * 10:
            self.links.append(href)


@dataclass
class _Found:
    board: str
    words: dict[str, str] = field(default_factory=dict)


class _Cards(HTMLParser):
    """Links of class ``board-card``, with the text of the ``board-vendor`` and ``board-product`` inside them."""

    def __init__(self) -> None:
        super().__init__()
        self._found: list[_Found] = []
        self._open: _Found | None = None
        self._word = ""

    def cards(self) -> list[Card]:
        """What there was."""
        said = ((one.board, plain(one.words.get("vendor", "")), plain(one.words.get("product", ""))) for one in
                self._found)  # fmt: skip
        return [Card(board, product if vendor in product else f"{vendor} {product}") for board, vendor, product in said]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A card, or a name in one."""
        had = dict(attrs)
        kinds = (had.get("class") or "").split()
        if tag == "a":
            self._open = None
            if "board-card" in kinds and len(self._found) < MAX_BOARDS * 2:
                self._open = _Found((had.get("href") or "").strip("/").rpartition("/")[2])
                self._found.append(self._open)
        self._word = next((kind[6:] for kind in kinds if kind in ("board-vendor", "board-product")), "")

    def handle_endtag(self, tag: str) -> None:
        """The end of a name, or of a card."""
        self._word = ""
        if tag == "a":
            self._open = None

    def handle_data(self, data: str) -> None:
        """Text."""
        if self._open is not None and self._word:
            self._open.words[self._word] = (self._open.words.get(self._word, "") + data)[:200]
