"""A folder behind a static file server: one like ``python -m http.server``, or one that gives parts of files."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit


@contextmanager
def serve(
    folder: Path, *, parts: bool = False, cut: Mapping[str, int] | None = None
) -> Iterator[tuple[str, list[str]]]:
    """Its address, and the paths that it was asked for. ``cut``: so many answers for a path end in the middle."""
    requests: list[str] = []
    left = dict(cut or {})

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format, *args):
            """Keep quiet."""

        def do_GET(self):
            path = unquote(urlsplit(self.path).path)
            requests.append(path)
            file = folder / path.lstrip("/")
            if not file.is_file():
                self.send_error(404)
                return
            content, begin = file.read_bytes(), 0
            wanted = self.headers.get("Range", "").removeprefix("bytes=").partition("-")[0]
            if parts and wanted:
                begin = int(wanted)
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
            else:
                self.send_response(200)
            if parts:
                self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(len(content) - begin))
            self.end_headers()
            body = content[begin:]
            if left.get(path, 0) > 0:
                left[path] -= 1
                body = body[: len(body) // 2]
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
