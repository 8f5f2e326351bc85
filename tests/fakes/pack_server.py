"""A folder behind HTTP: as ``python -m http.server`` has it, or one that gives parts of files as well."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class PackServer:
    """``requests``: what was asked for; ``bytes``: how much was sent of bodies."""

    url: str
    requests: list[str] = field(default_factory=list)
    sent: int = 0
    #: Each of the next so many requests gets no answer at all.
    refuse: int = 0
    #: Each of the next so many answers is cut after so many bytes.
    cut: int = 0
    cut_at: int = 1000


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    pack: PackServer

    def handle_error(self, request, client_address):
        """Clients may hang up."""


class _Handler(SimpleHTTPRequestHandler):
    server: _Server

    def log_message(self, format, *args):
        """Keep quiet."""

    def do_GET(self):
        pack = self.server.pack
        pack.requests.append(self.path)
        if pack.refuse:
            pack.refuse -= 1
            return
        with suppress(BrokenPipeError, ConnectionResetError):
            super().do_GET()

    def copyfile(self, source, outputfile):
        pack = self.server.pack
        left = None
        if pack.cut:
            pack.cut -= 1
            left = pack.cut_at
        while left != 0 and (chunk := source.read(1 << 14 if left is None else min(left, 1 << 14))):
            outputfile.write(chunk)
            pack.sent += len(chunk)
            left = None if left is None else left - len(chunk)


class _Parts(_Handler):
    def send_head(self):
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        path = Path(self.translate_path(self.path))
        if found is None or not path.is_file():
            return super().send_head()
        start, size = int(found[1]), path.stat().st_size
        file = path.open("rb")
        file.seek(start)
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        self.send_header("Content-Length", str(size - start))
        self.end_headers()
        return file


@contextmanager
def serve(folder: Path, *, parts: bool = False) -> Iterator[PackServer]:
    """A server until the end of the block; all of its threads have ended then."""
    handler = partial(_Parts if parts else _Handler, directory=str(folder))
    with _Server(("127.0.0.1", 0), handler) as server:
        server.pack = PackServer(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.pack
        finally:
            server.shutdown()
            thread.join()
