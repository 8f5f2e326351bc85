"""Files behind a plain HTTP server, read with the standard library: nothing is installed yet when studio.py asks.

A server of packs is one of the local network, so it is asked without a proxy first. ``python -m http.server`` gives
whole files only: a pack that lies there as one file is read once, from its beginning on.
"""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from urllib.parse import quote

#: Seconds: an address that is not there must be said soon; a server that thirty machines ask at once may be slow.
CONNECT_S = 10.0
SILENCE_S = 60.0
_PAUSES_S = (0.3, 1.0, 2.0, 4.0)
_CHUNK = 1 << 20
#: Bytes that are rather read past than asked for anew.
_NEAR = 4 << 20
#: What urllib raises when a server does not answer, or stops.
FAULTS = (OSError, http.client.HTTPException, ValueError)

_Ask = Callable[..., http.client.HTTPResponse]


class Web:
    """Asks one server, by the way that worked the first time: straight, else through the system's proxy."""

    def __init__(self) -> None:
        self._open: _Ask | None = None

    def get(self, url: str, begin: int = 0) -> http.client.HTTPResponse:
        """The answer for ``url``, from byte ``begin`` on where the server can do that. Raises what is in FAULTS."""
        request = urllib.request.Request(url, headers={"Range": f"bytes={begin}-"} if begin else {})
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


class Stream:
    """A file on a server, read forward. Where the server gives parts of files, what is far ahead is not read."""

    def __init__(self, web: Web, url: str) -> None:
        self._web, self._url = web, url
        self._answer: http.client.HTTPResponse | None = None
        self._at, self._parts = 0, False

    def seek(self, offset: int) -> None:
        """The next byte that is read is that one. Raises what is in :data:`FAULTS`."""
        ahead = offset - self._at
        if self._answer is None or ahead < 0 or (self._parts and ahead > _NEAR):
            self.close()
            self._answer = self._web.get(self._url, offset)
            self._parts = self._answer.status == 206 or self._answer.headers.get("Accept-Ranges") == "bytes"
            self._at = offset if self._answer.status == 206 else 0
        while self._at < offset:
            if not self.read(min(_CHUNK, offset - self._at)):
                raise http.client.IncompleteRead(b"", offset - self._at)

    def read(self, size: int) -> bytes:
        """At most so many bytes; none at the end of the file, or where the server stopped."""
        data = self._answer.read(size) if self._answer is not None else b""
        self._at += len(data)
        return data

    def exactly(self, size: int) -> bytes:
        """So many bytes. Raises what is in :data:`FAULTS`."""
        found = b""
        while len(found) < size:
            data = self.read(size - len(found))
            if not data:
                raise http.client.IncompleteRead(found, size - len(found))
            found += data
        return found

    def close(self) -> None:
        """Hang up."""
        if self._answer is not None:
            self._answer.close()
            self._answer = None
