"""What can go wrong with a download, as sentences."""

from __future__ import annotations

from urllib.parse import urlsplit

from toolchains.errors import DiskError, FetchError
from toolchains.text import Text, _
from toolchains.units import size_text

#: Statuses of a server that may well have the file in a moment.
PASSING = {408, 425, 429, 500, 502, 503, 504}


class NetworkError(FetchError):
    """The server was not reached, or the connection broke. ``detail`` is what the library said."""

    code = "fetch.network"
    #: Whether another try may help.
    passing = False


class Unreachable(NetworkError):
    """There was no connection at all."""


class LineBroken(NetworkError):
    """There was a connection, and it broke or fell silent."""

    passing = True


class NotOnServer(FetchError):
    """The server answered, but not with the file. ``fields["status"]`` is the HTTP status."""

    code = "fetch.status"

    @property
    def passing(self) -> bool:
        """Whether another try may help."""
        return self.fields.get("status") in PASSING


class WrongContent(FetchError):
    """What came is not what was asked for: another length or another hash. It was thrown away."""

    code = "fetch.content"
    passing = False


class EndedEarly(WrongContent):
    """An answer that did not say its length ended too soon: cut off, or another file."""

    passing = True


def host_of(url: str) -> str:
    """The server's name, for sentences; empty where the address makes no sense."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def no_room(size: int, free: int, folder: object) -> DiskError:
    """``size`` bytes are to come, ``free`` bytes are there."""
    return DiskError(
        _("There is no space left to download {size} to {path}.", size=size_text(size), path=folder),
        why=_("{size} is free there.", size=size_text(free)),
        next_step=_("Free some space on that disk, then try again."),
        path=str(folder),
    )


def wrong_hash(name: str, url: str, expected: str, got: str) -> WrongContent:
    """The file came whole, and is another one."""
    return WrongContent(
        _("{name} came with the wrong content (its SHA-256 differs).", name=name),
        why=_("The server, or something on the way, sent another file."),
        next_step=_("Try again later, or on another network."),
        url=url,
        expected=expected,
        got=got,
    )


def wrong_length(name: str, url: str, got: int, kind: type[WrongContent] = WrongContent) -> WrongContent:
    """``got`` bytes came, or were announced."""
    return kind(
        _("{name} came with the wrong length, {size}.", name=name, size=size_text(got)),
        why=_("The server, or something on the way, sent another file or only a part."),
        next_step=_("Try again later, or on another network."),
        url=url,
        got=got,
    )


def bad_status(name: str, url: str, status: int) -> FetchError:
    """The server's answer was a refusal."""
    if status == 407:
        return NetworkError(
            _("The proxy wants a user name and a password."),
            next_step=_("Put them into HTTPS_PROXY, like http://user:password@proxy:3128."),
            url=url,
            status=status,
        )
    why = _("It is not there (any more).") if status in (404, 410) else _("It answered with status {n}.", n=status)
    return NotOnServer(
        _("{host} does not give {name}.", host=host_of(url), name=name),
        why=why,
        next_step=_("Try again later."),
        url=url,
        status=status,
    )


def _failed(kind: type[NetworkError], name: str, url: str, why: Text, next_step: Text, detail: str) -> NetworkError:
    return kind(
        _("{name} could not be downloaded from {host}.", name=name, host=host_of(url)),
        why=why,
        next_step=next_step,
        detail=detail,
        url=url,
    )


def unreachable(name: str, url: str, detail: str) -> NetworkError:
    """No connection came about."""
    why = _("It cannot be reached from here.")
    return _failed(Unreachable, name, url, why, _("Is this computer online? Behind a proxy, set HTTPS_PROXY."), detail)


def fell_silent(name: str, url: str, detail: str) -> NetworkError:
    """Nothing came for too long."""
    return _failed(LineBroken, name, url, _("It stopped sending."), _("Check the network, then try again."), detail)


def broke(name: str, url: str, detail: str) -> NetworkError:
    """The connection ended in the middle."""
    return _failed(LineBroken, name, url, _("The connection broke."), _("Check the network, then try again."), detail)


def untrusted(name: str, url: str, detail: str) -> NetworkError:
    """The server's certificate, or a middleman's."""
    next_step = _("Check the date of this computer; in a school or company, ask for its root certificate.")
    return _failed(NetworkError, name, url, _("Its certificate is not trusted by this computer."), next_step, detail)


def no_end(name: str, url: str) -> NetworkError:
    """Redirected again and again."""
    why = _("It sends us from one address to the next without end.")
    return _failed(NetworkError, name, url, why, _("Check the network, then try again."), "")


def proxy_refused(name: str, url: str, detail: str) -> NetworkError:
    """The proxy was reached and makes no connection."""
    next_step = _("Check the proxy's address in HTTPS_PROXY and HTTP_PROXY.")
    return _failed(NetworkError, name, url, _("The proxy refused."), next_step, detail)


def bad_proxy(name: str, url: str, detail: str) -> NetworkError:
    """The proxy's address cannot be used."""
    return NetworkError(
        _("{name} could not be downloaded: the proxy's address makes no sense.", name=name),
        next_step=_("Check HTTPS_PROXY and HTTP_PROXY; they look like http://proxy:3128."),
        detail=detail,
        url=url,
    )
