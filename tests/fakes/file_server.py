"""A difficult HTTP server: it cuts, stalls, lies about lengths and ranges, and can also be somebody's proxy."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class FileServer:
    """Serves ``body`` under ``/ok``; other paths are faults (see :class:`_Handler`). ``requests`` are what came.

    ``/script`` answers its requests as ``script`` says, one after the other (``cut?at=1000``, ``ok``); the last
    one again and again.
    """

    body: bytes
    url: str = ""
    requests: list[str] = field(default_factory=list)
    #: The Range header of each GET, "" where there was none.
    ranges: list[str] = field(default_factory=list)
    script: list[str] = field(default_factory=list)
    tag: str = '"one"'
    #: Whether ETag and Last-Modified are sent, and whether If-Range is obeyed.
    tags: bool = True
    #: Set when a stalled answer begins to stall.
    stalled: threading.Event = field(default_factory=threading.Event)
    #: How a CONNECT is answered.
    connect_status: int = 407


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 64
    files: FileServer

    def handle_error(self, request, client_address):
        """A client that hangs up is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    """Each method ``_name`` is an answer: ``/name/...``, with ``-`` for ``_``; ``?at=N`` says where."""

    server: _Server

    def log_message(self, format, *args):
        """Keep quiet."""

    def do_CONNECT(self):
        self.server.files.requests.append(f"CONNECT {self.path}")
        self._plain(self.server.files.connect_status, b"")

    def do_GET(self):
        files = self.server.files
        files.requests.append(f"GET {self.path}")
        files.ranges.append(self.headers.get("Range", ""))
        asked = urlsplit(self.path)
        kind = asked.path.strip("/").split("/")[0]
        if kind == "script":
            asked = urlsplit(files.script.pop(0) if len(files.script) > 1 else files.script[0])
            kind = asked.path
        at = parse_qs(asked.query).get("at")
        self._at = int(at[0]) if at else None
        with suppress(OSError):
            getattr(self, f"_{kind.replace('-', '_')}", self._missing)(files.body)

    # --- parts of answers ----------------------------------------------------------------------------------------

    def _head(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if self.server.files.tags and status in (200, 206):
            self.send_header("ETag", self.server.files.tag)
        self.end_headers()

    def _plain(self, status: int, body: bytes, length: int | None = None, **headers: str) -> None:
        self._head(status, Content_Length=str(len(body) if length is None else length), **headers)
        self.wfile.write(body)

    def _start(self) -> int:
        """Where the client wants to go on."""
        files = self.server.files
        wanted = self.headers.get("Range", "")
        if files.tags and self.headers.get("If-Range", files.tag) != files.tag:
            return 0
        return int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0

    def _answer(self, body: bytes, count: int | None = None) -> None:
        """A true answer, with ranges, of which only ``count`` bytes come."""
        start = self._start()
        if start >= len(body):
            self._plain(416, b"", Content_Range=f"bytes */{len(body)}")
            return
        rest = body[start:]
        sent = rest if count is None else rest[:count]
        span = {"Content_Range": f"bytes {start}-{len(body) - 1}/{len(body)}"} if start else {}
        self._plain(206 if start else 200, sent, len(rest), **span)

    def _wait(self):
        """Say nothing until the client hangs up."""
        self.wfile.flush()
        self.server.files.stalled.set()
        self.connection.recv(1)

    # --- honest ones ---------------------------------------------------------------------------------------------

    def _ok(self, body):
        self._answer(body)

    def _deaf(self, body):
        """Knows no ranges."""
        self._plain(200, body)

    def _no_length(self, body):
        self._head(200)
        self.wfile.write(body)

    def _chunked(self, body):
        self.protocol_version = "HTTP/1.1"
        self._head(200, Transfer_Encoding="chunked")
        step = self._at or 50_000
        for at in range(0, len(body), step):
            piece = body[at : at + step]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def _redirect(self, body):
        self._plain(302, b"", Location="/ok")

    # --- refusals ------------------------------------------------------------------------------------------------

    def _missing(self, body):
        self._plain(404, b"no such file")

    def _busy(self, body):
        self._plain(503, b"later")

    def _broken(self, body):
        self._plain(500, b"oh")

    def _forbidden(self, body):
        self._plain(403, b"no")

    def _refused_range(self, body):
        """416 to whoever asks for a range."""
        if self.headers.get("Range"):
            self._plain(416, b"")
        else:
            self._plain(200, body)

    def _round(self, body):
        self._plain(302, b"", Location="/round")

    def _redirect_nowhere(self, body):
        self._plain(302, b"", Location="file:///etc/passwd")

    def _redirect_plain(self, body):
        """To the same server's words in the clear."""
        self._plain(302, b"", Location=f"http://{self.headers['Host']}/ok")

    # --- faults --------------------------------------------------------------------------------------------------

    def _login(self, body):
        self._plain(200, b"<html>please log in</html>")

    def _cut(self, body):
        self._answer(body, (len(body) - self._start()) // 2 if self._at is None else self._at)

    def _deaf_cut(self, body):
        self._plain(200, body[: self._at or len(body) // 2], len(body))

    def _cut_no_length(self, body):
        self._no_length(body[: len(body) // 2])

    def _chunked_cut(self, body):
        self.protocol_version = "HTTP/1.1"
        self._head(200, Transfer_Encoding="chunked")
        self.wfile.write(b"%x\r\n%b" % (len(body), body[: len(body) // 2]))

    def _longer(self, body):
        self._no_length(body + b"and more")

    def _changed(self, body):
        self._plain(200, body[:-1] + bytes([body[-1] ^ 1]))

    def _wrong_start(self, body):
        """206, but of other bytes than those asked for."""
        start = self._start()
        if start:
            self._plain(206, body[start - 1 :], Content_Range=f"bytes {start - 1}-{len(body) - 1}/{len(body)}")
        else:
            self._answer(body)

    def _wrong_total(self, body):
        """206 of a file of another length."""
        start = self._start()
        if start:
            self._plain(206, body[start:], Content_Range=f"bytes {start}-{len(body) - 1}/{len(body) + 7}")
        else:
            self._answer(body)

    def _no_range_said(self, body):
        """206 without a word of what it is."""
        self._plain(206, body[self._start() :])

    def _wrong_bytes(self, body):
        """The right range of another file, without a word of it."""
        start = self._start()
        self._plain(206, bytes(len(body) - start), Content_Range=f"bytes {start}-{len(body) - 1}/{len(body)}")

    def _hang_up(self, body):
        """No answer at all."""

    def _garbage(self, body):
        self.wfile.write(b"\x00\xff this is no HTTP\r\n\r\n")

    def _stall(self, body):
        self._answer(body, 1000 if self._at is None else self._at)
        self._wait()

    def _silent(self, body):
        self._wait()


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
