"""One file's bytes over HTTP(S): the standard library's client, with what a long download needs.

A connection can be hung up by another thread at any moment (cancel, pause), while a name is looked up, a connection is
made, TLS is agreed upon or bytes are awaited. Time-outs are of silence, never of the whole. The proxy is the
environment's or the system's, certificates are the system's (truststore).

Measured, 300 MB on one machine with the hash on: http.client 580 MB/s (TLS: 510), urllib3 550 (280 to 480), httpx 340
(360).
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import io
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.error import URLError
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from toolchains import fetch_errors
from toolchains.errors import FetchError
from toolchains.host import Host

#: Seconds: to connect (an address that is not there must not keep a newcomer waiting), to agree on TLS, of silence.
CONNECT_S = 5.0
HANDSHAKE_S = 10.0
SILENCE_S = 30.0
#: Seconds between two looks whether somebody hung up: on Windows a shutdown wakes no reader (python/cpython#91913).
_SLICE_S = 0.2
_REDIRECTS = 5
_MOVED = {301, 302, 303, 307, 308}
#: Bytes a read. More makes TLS slower: it hands out 16 kB at a time, and each read makes room for all it might get.
_CHUNK = 1 << 16


class HungUp(Exception):
    """We ended the connection ourselves: whoever hung up knows why, and no person is told."""


@dataclass
class _Dial:
    """A connection in the making. Its thread may outlast us: a look-up of a name cannot be interrupted."""

    address: tuple[str, int]
    wake: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    unwanted: bool = False
    sock: socket.socket | None = None
    error: OSError | UnicodeError | None = None
    done: bool = False

    def work(self) -> None:
        """Look the name up and try its addresses, all in :data:`CONNECT_S`."""
        end = time.monotonic() + CONNECT_S
        sock: socket.socket | None = None
        error: OSError | UnicodeError | None = None
        try:
            found = socket.getaddrinfo(*self.address, type=socket.SOCK_STREAM)
            for left, (family, kind, proto, _name, where) in zip(range(len(found), 0, -1), found, strict=True):
                # Each has its share: where IPv6 leads nowhere, there is time for the others.
                try:
                    sock = _connected(family, kind, proto, where, (end - time.monotonic()) / left)
                    break
                except OSError as failed:
                    error = failed
        except (OSError, UnicodeError) as failed:  # the latter: a name that no domain can have
            error = failed
        with self.lock:
            self.sock, self.error, self.done = sock, error, True
            if self.unwanted and sock is not None:
                sock.close()
        self.wake.set()

    def leave(self) -> bool:
        """Whether it had ended; if not, nobody wants the connection any more."""
        with self.lock:
            self.unwanted = not self.done
            return self.done


def _connected(family: int, kind: int, proto: int, where: tuple[str | int | bytes, ...], most: float) -> socket.socket:
    if most <= 0:
        raise TimeoutError("no time left for this address")
    sock = socket.socket(family, kind, proto)
    try:
        sock.settimeout(most)
        sock.connect(where)
    except OSError:
        sock.close()
        raise
    return sock


class Line:
    """The connection of the moment. :meth:`hang_up` ends it, or its making, from any thread."""

    def __init__(self) -> None:
        self.hung_up = False
        #: Whether there was a connection, if only to a proxy.
        self.reached = False
        self._wake = threading.Event()
        #: A second handle of the same connection: TLS takes the first one away.
        self._handle: socket.socket | None = None

    def dial(self, address: tuple[str, int], timeout: float, _source: object = None) -> socket.socket:
        """In place of ``socket.create_connection``. Raises ``OSError``, and :class:`HungUp`."""
        call = _Dial(address)
        self._wake = call.wake  # of this call: what woke another one says nothing here
        threading.Thread(target=call.work, name=f"dial {address[0]}", daemon=True).start()
        if not self.hung_up:
            call.wake.wait(CONNECT_S)
        ended = call.leave()
        if ended and call.sock is not None:
            self.close()
            self._handle = call.sock.dup()
            if not self.hung_up:  # asked only now: whoever hangs up later finds the handle
                self.reached = True
                call.sock.settimeout(timeout)
                return call.sock
            call.sock.close()
        if self.hung_up:
            raise HungUp
        if isinstance(call.error, UnicodeError):
            raise OSError(str(call.error)) from call.error
        raise call.error or TimeoutError("timed out")

    def hang_up(self) -> None:
        """Wake whoever waits for this connection, or for it to come about."""
        self.hung_up = True
        handle = self._handle
        if handle is not None:
            with contextlib.suppress(OSError):  # closed by now, or not connected
                handle.shutdown(socket.SHUT_RDWR)
        self._wake.set()

    def close(self) -> None:
        """Give the second handle back."""
        if self._handle is not None:
            self._handle.close()
            self._handle = None


class _Reader(io.RawIOBase):
    """What comes from a socket: waits at most :data:`SILENCE_S` for the next bytes, and not once it is hung up."""

    def __init__(self, sock: socket.socket, line: Line) -> None:
        sock.settimeout(_SLICE_S)
        self._sock = sock
        self._line = line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        end = time.monotonic() + SILENCE_S
        while True:
            try:
                return self._sock.recv_into(buffer)
            except TimeoutError:
                if self._line.hung_up or time.monotonic() >= end:
                    raise

    def close(self) -> None:
        self._sock.close()
        super().close()


class _Socket:
    """As much of a socket as http.client wants: sends, and gives one file to read, which then owns the connection."""

    def __init__(self, sock: socket.socket, line: Line) -> None:
        self._sock: socket.socket | None = sock
        self._line = line
        self.sendall = sock.sendall

    def makefile(self, _mode: str) -> io.BufferedReader:
        """All that comes."""
        assert self._sock is not None
        sock, self._sock = self._sock, None
        return io.BufferedReader(_Reader(sock, self._line))

    def close(self) -> None:
        """Close it, unless the file has it."""
        if self._sock is not None:
            self._sock.close()


class _Plain(http.client.HTTPConnection):
    """A connection that a :class:`Line` makes."""

    line: Line

    def connect(self) -> None:
        self._create_connection = self.line.dial
        super().connect()
        self.sock = _Socket(self.sock, self.line)


class _Secure(http.client.HTTPSConnection):
    """The same with TLS."""

    line: Line

    def connect(self) -> None:
        self._create_connection = self.line.dial
        super().connect()
        self.sock = _Socket(self.sock, self.line)


class _Door(urllib.request.AbstractHTTPHandler):
    """HTTP and HTTPS over a :class:`Line`; nothing else is opened, and no redirect is followed here."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def http_request(self, request: urllib.request.Request) -> urllib.request.Request:
        """Add the usual headers."""
        return self.do_request_(request)

    https_request = http_request

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        """Ask in the clear."""
        return self.do_open(self._plain, request)

    def _plain(self, host: str, /, **words: Any) -> _Plain:  # noqa: ANN401  # what http.client takes
        connection = _Plain(host, **words)
        connection.line = self._line
        return connection

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        """Ask by TLS."""
        import truststore

        context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return self.do_open(self._secure, request, context=context)

    def _secure(self, host: str, /, **words: Any) -> _Secure:  # noqa: ANN401
        connection = _Secure(host, **words)
        connection.line = self._line
        return connection


@dataclass
class Answer:
    """What a server said, and its body still to be read."""

    name: str
    url: str
    response: http.client.HTTPResponse
    line: Line

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status

    def header(self, name: str) -> str:
        """A header's value, or ""."""
        return str(self.response.headers.get(name, "")).strip()

    def chunks(self) -> Iterator[bytes]:
        """The body as it comes. Raises :class:`NetworkError`, :class:`HungUp`."""
        while True:
            with _speaking(self.name, self.url, self.line):
                chunk = self.response.read1(_CHUNK)
            if not chunk:
                if self.line.hung_up:
                    raise HungUp
                return
            yield chunk


@contextlib.contextmanager
def get(host: Host, line: Line, name: str, url: str, headers: Mapping[str, str], *, secure: bool) -> Iterator[Answer]:
    """Ask for ``url`` (``name`` is for sentences) and follow redirects; ``secure``: only where TLS goes on.

    Raises :class:`NetworkError`, :class:`NotOnServer`, :class:`HungUp`. Any status but a redirect is the caller's.
    """
    asked = _followed(url, "")
    response = None
    try:
        for _hop in range(_REDIRECTS + 1):
            response = _ask(host, line, name, asked, headers)
            where = response.headers.get("Location")
            if response.status not in _MOVED or where is None:
                yield Answer(name, url, response, line)
                return
            response.close()
            asked = _followed(asked, where)
            if not asked or (secure and not asked.startswith("https:")):
                raise fetch_errors.bad_status(name, url, response.status)
        raise fetch_errors.no_end(name, url)
    finally:
        if response is not None:
            response.close()
        line.close()


def _followed(url: str, where: str) -> str:
    """The address that a redirect names; empty where it cannot be used."""
    try:
        found = urljoin(url, where)
        parts = urlsplit(found)
    except ValueError:
        return ""
    # What is in the address as it is must be sent with escapes, as browsers do.
    clean = quote(found, safe="!#$%&'()*+,/:;=?@[]~")
    return clean if parts.scheme in ("http", "https") and parts.hostname else ""


def _ask(host: Host, line: Line, name: str, url: str, headers: Mapping[str, str]) -> http.client.HTTPResponse:
    try:
        request = urllib.request.Request(url, headers={**headers, "User-Agent": "natmod-studio"})
        known = request.type in ("http", "https") and bool(request.host)
    except ValueError as error:
        raise fetch_errors.unreachable(name, url, str(error)) from error
    if not known:
        raise fetch_errors.unreachable(name, url, f"{url}: only http and https")
    proxy = host.proxy_for(url)
    if proxy is not None:
        _go_through(request, _proxy_parts(name, url, proxy))
    opener = urllib.request.OpenerDirector()
    opener.add_handler(_Door(line))
    with _speaking(name, url, line):
        response = opener.open(request, timeout=HANDSHAKE_S)
    assert isinstance(response, http.client.HTTPResponse)
    return response


def _proxy_parts(name: str, url: str, proxy: str) -> SplitResult:
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 0) >= 0
    except ValueError as error:
        raise fetch_errors.bad_proxy(name, url, str(error)) from error
    if not usable:
        raise fetch_errors.bad_proxy(name, url, proxy.rpartition("@")[2])
    return parts


def _go_through(request: urllib.request.Request, proxy: SplitResult) -> None:
    if proxy.username is not None:
        words = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
        request.add_header("Proxy-authorization", "Basic " + base64.b64encode(words.encode()).decode("ascii"))
    request.set_proxy(proxy.netloc.rpartition("@")[2], "http")


@contextlib.contextmanager
def _speaking(name: str, url: str, line: Line) -> Iterator[None]:
    """Turn what the client raises into sentences; what a hang-up makes it raise into :class:`HungUp`."""
    try:
        yield
    except (OSError, http.client.HTTPException, ValueError) as error:
        if line.hung_up:
            raise HungUp from error
        raise _sentence(name, url, error, line.reached) from error


def _sentence(name: str, url: str, error: Exception, reached: bool) -> FetchError:
    cause = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
    said = str(cause) or type(cause).__name__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return fetch_errors.untrusted(name, url, said)
    if said.startswith("Tunnel connection failed"):
        refused = fetch_errors.bad_status(name, url, 407) if " 407 " in said else None
        return refused or fetch_errors.proxy_refused(name, url, said)
    if not reached:
        return fetch_errors.unreachable(name, url, said)
    if isinstance(cause, TimeoutError):
        return fetch_errors.fell_silent(name, url, said)
    return fetch_errors.broke(name, url, said)
