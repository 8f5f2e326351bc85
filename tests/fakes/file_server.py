"""A difficult HTTP server: it cuts, stalls, lies about lengths, and can also be somebody's proxy."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass
class FileServer:
    """Serves ``body`` under ``/ok``; other paths are faults (see :class:`_Handler`). ``requests`` are what came."""

    body: bytes
    url: str = ""
    requests: list[str] = field(default_factory=list)
    #: Set when a stalled answer begins to stall.
    stalled: threading.Event = field(default_factory=threading.Event)


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    files: FileServer

    def handle_error(self, request, client_address):
        """A client that hangs up is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, format, *args):
        """Keep quiet."""

    def do_CONNECT(self):
        self.server.files.requests.append(f"CONNECT {self.path}")
        self._plain(407, b"")

    def do_GET(self):
        files = self.server.files
        files.requests.append(f"GET {self.path}")
        kind = urlsplit(self.path).path.strip("/").split("/")[0].replace("-", "_")
        with suppress(BrokenPipeError, ConnectionResetError):
            getattr(self, f"_{kind}", self._missing)(files.body)

    def _plain(self, status: int, body: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _missing(self, body):
        self._plain(404, b"no such file")

    def _ok(self, body):
        self._plain(200, body)

    def _no_length(self, body):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def _busy(self, body):
        self._plain(503, b"later")

    def _login(self, body):
        self._plain(200, b"<html>please log in</html>")

    def _cut(self, body):
        self._plain(200, body[: len(body) // 2], len(body))

    def _cut_no_length(self, body):
        self._no_length(body[: len(body) // 2])

    def _longer(self, body):
        self._no_length(body + b"and more")

    def _changed(self, body):
        self._plain(200, body[:-1] + bytes([body[-1] ^ 1]))

    def _redirect(self, body):
        self._plain(302, b"", Location="/ok")

    def _round(self, body):
        self._plain(302, b"", Location="/round")

    def _stall(self, body):
        self._plain(200, body[:1000], len(body))
        self._wait()

    def _silent(self, body):
        self._wait()

    def _wait(self):
        """Say nothing until the client hangs up."""
        self.wfile.flush()
        self.server.files.stalled.set()
        self.connection.recv(1)


@contextmanager
def serve(body: bytes, tls: ssl.SSLContext | None = None) -> Iterator[FileServer]:
    """A server on this machine until the end of the block; all of its threads have ended then."""
    files = FileServer(body)
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.files = files
        files.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield files
        finally:
            server.shutdown()
            thread.join()
