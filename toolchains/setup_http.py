"""Files behind a plain HTTP server, read with the standard library: nothing is installed yet when studio.py asks.

A server of packs is one of the local network, so it is asked without a proxy first. ``python -m http.server`` gives
whole files only; others give parts, which makes a file there as good as one on a disk.
"""

from __future__ import annotations

import http.client
import io
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import IO, TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

#: Seconds: an address that is not there must be said soon; a server that thirty machines ask at once may be slow.
CONNECT_S = 10.0
SILENCE_S = 60.0
_BUFFER = 1 << 20
_PAUSES_S = (0.3, 1.0, 2.0, 4.0)
#: What urllib raises when a server does not answer, or stops.
FAULTS = (OSError, http.client.HTTPException, ValueError)

_Ask = Callable[..., http.client.HTTPResponse]


class Web:
    """Asks one server, by the way that worked the first time: straight, else through the system's proxy."""

    def __init__(self) -> None:
        self._open: _Ask | None = None

    def get(self, url: str, begin: int | None = None) -> http.client.HTTPResponse:
        """The answer for ``url``, from byte ``begin`` on. Raises what is in :data:`FAULTS`."""
        request = urllib.request.Request(url, headers={} if begin is None else {"Range": f"bytes={begin}-"})
        if self._open is not None:
            return self._open(request, timeout=SILENCE_S)
        straight = _patient(urllib.request.build_opener(urllib.request.ProxyHandler({})).open)
        try:
            answer = straight(request, timeout=CONNECT_S)
            self._open = straight
        except urllib.error.HTTPError:
            raise
        except OSError:
            if not urllib.request.getproxies():
                raise
            self._open = _patient(urllib.request.build_opener().open)
            answer = self._open(request, timeout=SILENCE_S)
        return answer


def _patient(ask: _Ask) -> _Ask:
    """Asks a server that refuses again: a whole class may be asking at once."""

    def again(request: urllib.request.Request, timeout: float) -> http.client.HTTPResponse:
        for pause in _PAUSES_S:
            try:
                return ask(request, timeout=timeout)
            except OSError as error:
                if not isinstance(getattr(error, "reason", error), ConnectionError):
                    raise
            time.sleep(pause)
        return ask(request, timeout=timeout)

    return again


def below(base: str, path: str) -> str:
    """The address of a file in the folder ``base``."""
    return f"{base.rstrip('/')}/{quote(path)}"


class RemoteFile(io.RawIOBase):
    """A file on a server that gives parts of it, as a file that can be read anywhere."""

    def __init__(self, web: Web, url: str, size: int) -> None:
        super().__init__()
        self._web, self._url, self._size = web, url, size
        self._at = self._stands = 0
        self._answer: http.client.HTTPResponse | None = None

    @staticmethod
    def open(web: Web, url: str) -> IO[bytes] | None:
        """The file; None where the server gives whole files only. Raises what is in :data:`FAULTS`."""
        with web.get(url, 0) as answer:
            _unit, _slash, size = answer.headers.get("Content-Range", "").rpartition("/")
            if answer.status != 206 or not size.isdecimal():
                return None
        return io.BufferedReader(RemoteFile(web, url, int(size)), _BUFFER)

    def readable(self) -> bool:  # noqa: D102  (io's own words)
        return True

    def seekable(self) -> bool:  # noqa: D102
        return True

    def tell(self) -> int:  # noqa: D102
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:  # noqa: D102
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def readinto(self, buffer: Buffer) -> int:  # noqa: D102
        room = memoryview(buffer).cast("B")
        if self._at >= self._size:
            return 0
        if self._answer is None or self._stands != self._at:
            self._hang_up()
            self._answer, self._stands = self._web.get(self._url, self._at), self._at
            if self._answer.status != 206:
                raise http.client.HTTPException("the server does not give parts of files any more")
        data = self._answer.read(min(len(room), self._size - self._at))
        if not data:
            raise http.client.IncompleteRead(b"", self._size - self._at)
        room[: len(data)] = data
        self._at += len(data)
        self._stands = self._at
        return len(data)

    def close(self) -> None:  # noqa: D102
        self._hang_up()
        super().close()

    def _hang_up(self) -> None:
        if self._answer is not None:
            self._answer.close()
            self._answer = None


def host_of(url: str) -> str:
    """The server's name, for sentences."""
    return urlsplit(url).netloc.rpartition("@")[2]
