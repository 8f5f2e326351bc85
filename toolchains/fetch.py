"""Downloads: hashed while they stream, kept only when the hash is right, and a sentence for whatever goes wrong.

The file is written beside its final name and renamed at the end, so a name in the download folder is a whole file.
Proxies come from the environment (HTTPS_PROXY, HTTP_PROXY, NO_PROXY), certificates from the system (truststore).
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from toolchains.errors import DiskError, FetchError, disk_errors
from toolchains.jobs import JobContext
from toolchains.locks import locked
from toolchains.text import Text, _
from toolchains.units import size_text

if TYPE_CHECKING:
    import httpx

#: Seconds: to connect (an address that is not there must not keep a newcomer waiting), and of silence.
CONNECT_S = 5.0
SILENCE_S = 30.0
_CHUNK = 1 << 16
_REDIRECTS = 5


@dataclass(frozen=True)
class Download:
    """One file to get. ``hash`` is ``sha256:<hex>``, or ``unverified:<reason>``; ``size`` in bytes where known.

    Of an unverified file the hash is recorded at its first download (``<filename>.sha256`` beside it), and whatever
    comes later under that name must match it.
    """

    url: str
    filename: str
    hash: str
    size: int | None = None

    @property
    def sha256(self) -> str | None:
        """The published hash, or None where there is none."""
        kind, _colon, value = self.hash.partition(":")
        return value.lower() if kind == "sha256" else None


#: Brings a download to a path, by whatever means; the SHA-256 of what came, in hex.
Carrier = Callable[[JobContext, Download, Path], str]


class NetworkError(FetchError):
    """The server was not reached, or the connection broke. ``detail`` is what the library said."""

    code = "fetch.network"


class NotOnServer(FetchError):
    """The server answered, but not with the file. ``fields["status"]`` is the HTTP status."""

    code = "fetch.status"


class WrongContent(FetchError):
    """What came is not what was asked for: another length or another hash. It was thrown away."""

    code = "fetch.content"


def fetch(ctx: JobContext, download: Download, folder: Path, carry: Carrier | None = None) -> Path:
    """The file, in ``folder``: the copy that is there if its hash is right, else downloaded.

    Raises :class:`NetworkError`, :class:`NotOnServer`, :class:`WrongContent` or DiskError, and leaves no partial file.
    ``carry`` downloads with another program than ours, and may raise errors of its own.
    """
    target = folder / download.filename
    with disk_errors(target):
        folder.mkdir(parents=True, exist_ok=True)
        with locked(ctx, folder / f".{download.filename}.lock"):
            known = download.sha256 or _recorded(target)
            if known is not None and target.is_file():
                if file_sha256(ctx, target) == known:
                    return target
                ctx.log(f"{target}: not the file it was; getting it again")
            part = folder / f".{download.filename}.part"
            try:
                with ctx.step(_title(download)):
                    _check_content(download, known, (carry or _stream)(ctx, download, part))
                if download.sha256 is None:
                    _record(ctx, download, part, target)
                ctx.host.replace(part, target)
            finally:
                part.unlink(missing_ok=True)
    return target


def forget(target: Path) -> None:
    """Remove a downloaded file that turned out to be no good, and the hash that was recorded for it."""
    target.unlink(missing_ok=True)
    _record_file(target).unlink(missing_ok=True)


def file_sha256(ctx: JobContext, path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
            ctx.check()
    return digest.hexdigest()


def _title(download: Download) -> Text:
    host = urlsplit(download.url).hostname or ""
    if download.size is None:
        return _("Download {name} from {host}", name=download.filename, host=host)
    return _("Download {name} ({size}) from {host}", name=download.filename, size=size_text(download.size), host=host)


def _record_file(target: Path) -> Path:
    return target.with_name(target.name + ".sha256")


def _recorded(target: Path) -> str | None:
    try:
        return _record_file(target).read_text("ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def _record(ctx: JobContext, download: Download, part: Path, target: Path) -> None:
    digest = file_sha256(ctx, part)
    beside = target.with_name(f".{target.name}.sha256.new")
    beside.write_text(digest + "\n", "ascii")
    ctx.host.replace(beside, _record_file(target))
    reason = download.hash.partition(":")[2]
    ctx.note(_("{name} has no published check sum to compare with: {reason}.", name=download.filename, reason=reason))


def _check_content(download: Download, known: str | None, digest: str) -> None:
    if known is not None and digest != known:
        raise WrongContent(
            _("{name} came with the wrong content (its SHA-256 differs).", name=download.filename),
            why=_("The server, or something on the way, sent another file."),
            next_step=_("Try again later, or on another network."),
            url=download.url,
            expected=known,
            got=digest,
        )


def _stream(ctx: JobContext, download: Download, part: Path) -> str:
    """Download into ``part``; the hash of what came."""
    import httpx  # 0.1 s, needed only here

    line = _Line()
    try:
        with (
            ctx.cancelling(line.hang_up),
            _client(download) as client,
            client.stream("GET", download.url, extensions={"trace": line.heard}) as response,
        ):
            return _receive(ctx, download, response, part)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        ctx.check()
        raise _network_error(download, error) from error


def _client(download: Download) -> httpx.Client:
    import httpx
    import truststore

    try:
        return httpx.Client(
            verify=truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            timeout=httpx.Timeout(SILENCE_S, connect=CONNECT_S),
            follow_redirects=True,
            max_redirects=_REDIRECTS,
            headers={"Accept-Encoding": "identity"},  # the hash is of the file, not of what a server makes of it
        )
    except (httpx.InvalidURL, ImportError, ValueError) as error:  # an address in HTTPS_PROXY that httpx cannot use
        raise _bad_proxy(download, error) from error


class _Line:
    """The connection of the moment, so that a cancel can end a wait for bytes from another thread."""

    def __init__(self) -> None:
        self._raw: socket.socket | None = None
        self._hung_up = False

    def heard(self, event: str, info: Mapping[str, Any]) -> None:
        """httpcore's trace: remember the socket as soon as there is one."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            raw = info["return_value"].get_extra_info("socket")
            self._raw = raw if isinstance(raw, socket.socket) else None
            if self._hung_up:
                self.hang_up()

    def hang_up(self) -> None:
        """Wake the reader."""
        self._hung_up = True
        if self._raw is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self._raw, socket.SHUT_RDWR)  # not SSLSocket's: that one drops the TLS state


def _receive(ctx: JobContext, download: Download, response: httpx.Response, part: Path) -> str:
    if response.status_code != 200:
        raise _status_error(download, response.status_code)
    if download.sha256 is None and urlsplit(download.url).scheme == "https" and response.url.scheme != "https":
        raise _status_error(download, response.history[-1].status_code if response.history else 200)
    said = response.headers.get("Content-Length", "")
    total = int(said) if said.isdecimal() else download.size
    if download.size is not None and total != download.size:
        raise _wrong_length(download, total or 0)
    if download.size is None and total is not None:
        ctx.note(_("{name} is {size} to download.", name=download.filename, size=size_text(total)))
    check_room(part.parent, total)
    digest = hashlib.sha256()
    done = 0
    with part.open("wb") as out:
        for chunk in response.iter_raw(_CHUNK):
            done += len(chunk)
            if total is not None and done > total:
                raise _wrong_length(download, done)
            out.write(chunk)
            digest.update(chunk)
            ctx.progress(done, total, "B")
    if total is not None and done != total:
        raise _wrong_length(download, done)
    return digest.hexdigest()


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def check_room(folder: Path, total: int | None) -> None:
    """DiskError if ``total`` bytes (None: unknown) do not fit on the disk of ``folder``."""
    free = _free(folder)
    if total is not None and total > free:
        raise DiskError(
            _("There is no space left to download {size} to {path}.", size=size_text(total), path=folder),
            why=_("{size} is free there.", size=size_text(free)),
            next_step=_("Free some space on that disk, then try again."),
            path=str(folder),
        )


def _wrong_length(download: Download, got: int) -> WrongContent:
    return WrongContent(
        _("{name} came with the wrong length, {size}.", name=download.filename, size=size_text(got)),
        why=_("The server, or something on the way, sent another file or only a part."),
        next_step=_("Try again later, or on another network."),
        url=download.url,
        got=got,
    )


def _status_error(download: Download, status: int) -> FetchError:
    host = urlsplit(download.url).hostname
    if status == 407:
        return NetworkError(
            _("The proxy wants a user name and a password."),
            next_step=_("Put them into HTTPS_PROXY, like http://user:password@proxy:3128."),
            url=download.url,
            status=status,
        )
    why = _("It is not there (any more).") if status in (404, 410) else _("It answered with status {n}.", n=status)
    return NotOnServer(
        _("{host} does not give {name}.", host=host, name=download.filename),
        why=why,
        next_step=_("Try again later."),
        url=download.url,
        status=status,
    )


def _network_error(download: Download, error: Exception) -> NetworkError:
    import httpx

    host = urlsplit(download.url).hostname
    next_step = _("Check the network, then try again.")
    if isinstance(error, httpx.ProxyError):
        why = _("The proxy refused.")
        next_step = _("Check the proxy's address in HTTPS_PROXY and HTTP_PROXY.")
    elif isinstance(error, httpx.TooManyRedirects):
        why = _("It sends us from one address to the next without end.")
    elif "CERTIFICATE" in str(error).upper():
        why = _("Its certificate is not trusted by this computer.")
        next_step = _("Check the date of this computer; in a school or company, ask for its root certificate.")
    elif isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        why = _("It cannot be reached from here.")
        next_step = _("Is this computer online? Behind a proxy, set HTTPS_PROXY.")
    elif isinstance(error, httpx.TimeoutException):
        why = _("It stopped sending.")
    else:
        why = _("The connection broke.")
    return NetworkError(
        _("{name} could not be downloaded from {host}.", name=download.filename, host=host),
        why=why,
        next_step=next_step,
        detail=str(error),
        url=download.url,
    )


def _bad_proxy(download: Download, error: Exception) -> NetworkError:
    return NetworkError(
        _("{name} could not be downloaded: the proxy's address makes no sense.", name=download.filename),
        next_step=_("Check HTTPS_PROXY and HTTP_PROXY; they look like http://proxy:3128."),
        detail=str(error),
        url=download.url,
    )
