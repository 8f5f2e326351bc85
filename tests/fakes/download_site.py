"""A server in the place of micropython.org: its download pages, in the shape that others read too (facts e)."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def board_list(boards: Mapping[str, tuple[str, str]]) -> str:
    """``/download/?mcu=…``: for each board its id, with maker and product."""
    cards = "".join(
        f'<a class="board-card" href="{board}"><img src="x.jpg"/><div class="board-product">{escape(product)}</div>'
        f'<div class="board-vendor">{escape(vendor)}</div></a>\n'
        for board, (vendor, product) in boards.items()
    )
    return f"<!DOCTYPE html><html><body><nav><a href='/'>MicroPython</a></nav><div>{cards}</div></body></html>"


def board_page(names: Sequence[str]) -> str:
    """``/download/BOARD``: links to its files."""
    links = "".join(
        f'<li><strong><a href="/resources/firmware/{name}">{name}</a></strong> <small>[<a href="{name}.map">.map</a>]'
        "</small></li>\n"
        for name in names
    )
    return f"<!DOCTYPE html><html><body><h2>Firmware</h2><script>if (1 < 2) {{}}</script><ul>{links}</ul></body></html>"


@contextmanager
def serve(pages: Mapping[str, str | bytes | int]) -> Iterator[tuple[str, list[str]]]:
    """Its address, and what it was asked for. A page's key is its path with the query; a number is a refusal."""
    requests: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

        def do_GET(self) -> None:
            requests.append(self.path)
            page = pages.get(self.path, 404)
            if isinstance(page, int):
                self.send_error(page)
                return
            body = page.encode() if isinstance(page, str) else page
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", requests
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
