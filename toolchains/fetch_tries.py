"""Getting one file from servers that cut, stall, refuse and lie: tries, resumption, and when to give up."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from toolchains import fetch as rooms
from toolchains import fetch_errors, transfer
from toolchains.errors import FetchError
from toolchains.fetch_control import Control
from toolchains.fetch_errors import NetworkError, NotOnServer, Unreachable, WrongContent
from toolchains.fetch_parts import Origin, Part
from toolchains.jobs import JobContext
from toolchains.text import _
from toolchains.units import size_text

if TYPE_CHECKING:
    from toolchains.fetch import Download

#: Seconds between tries that brought nothing; after the last one we give up. A try that brought bytes starts them anew.
PAUSES_S = (0.5, 2.0, 5.0)
#: A server that was never reached gets one more try, and only if it was quick to say no.
_QUICK_S = 2.0
#: Bytes that make a try worth something: a server that gives one at a time would keep us for ever.
_WORTH = 1 << 16
#: A server whose ranges were wrong so often is asked for none.
_RESTARTS = 2
#: Bytes of a file of which nobody has said how long it is: a server must not fill the disk.
_MOST_UNSAID = 1 << 30
#: Seconds between two reports of progress.
_REPORT_S = 0.05
_STRONG_TAG = re.compile(r'"[^"\r\n]{0,200}"')
_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")


class _Restart(Exception):
    """What is here cannot be continued; begin again without asking for a range."""


class Tries:
    """One download, until it is whole and right or cannot be had."""

    def __init__(self, ctx: JobContext, download: Download, known: str | None, part: Part, control: Control) -> None:
        self._ctx = ctx
        self._download = download
        self._known = known
        self._part = part
        self._control = control
        #: Restarts that this address has left, and whether it is asked for ranges.
        self._restarts = 0
        self._ranges = self._asked = True
        #: Whether the part has bytes of more than one answer.
        self._joined = False
        self._reached = False
        self._told = False

    def get(self, urls: Sequence[str]) -> None:
        """Fill the part from the first address that gives the file. Raises the last one's error."""
        if self._download.size is not None:
            rooms.check_room(self._part.path.parent, max(0, self._download.size - self._part.size))
        urls = list(dict.fromkeys(urls))
        failed: list[FetchError] = []
        for url in urls:
            if failed:
                name, host = self._download.filename, fetch_errors.host_of(url)
                self._ctx.log(str(failed[-1]))
                self._ctx.note(_("Getting {name} from {host} instead.", name=name, host=host))
            try:
                self._from(url)
            except FetchError as error:
                failed.append(error)
            else:
                return
        last = failed[-1]
        last.detail = "\n".join([*(f"{e.fields.get('url', '')}: {e}" for e in failed[:-1]), last.detail]).strip()
        raise last

    def _from(self, url: str) -> None:
        lost, best = 0, self._part.size
        self._restarts, self._ranges = _RESTARTS, True
        while True:
            self._control.wait(self._ctx)
            began = time.monotonic()
            try:
                if not self._is_whole():
                    self._once(url)
                return self._check(url)
            except _Restart:
                self._part.drop()
                self._restarts -= 1
                self._ranges = self._ranges and self._restarts > 0
            except transfer.HungUp:
                self._ctx.check()  # else a pause: wait, and go on
            except (NetworkError, NotOnServer, WrongContent) as error:
                lost = 0 if self._part.size >= best + _WORTH else lost + 1
                best = max(best, self._part.size)
                if not self._again(error, lost, time.monotonic() - began):
                    self._give_up(error)
                self._ctx.log(f"{error} Trying again.")
                self._rest(PAUSES_S[max(lost, 1) - 1])

    def _give_up(self, error: FetchError) -> None:
        if isinstance(error, WrongContent):
            self._part.drop()
        raise error

    def _again(self, error: NetworkError | NotOnServer | WrongContent, lost: int, seconds: float) -> bool:
        if isinstance(error, Unreachable):
            return lost <= len(PAUSES_S) if self._reached else lost <= 1 and seconds < _QUICK_S
        return error.passing and lost <= len(PAUSES_S)

    def _rest(self, seconds: float) -> None:
        """A pause that a cancel ends."""
        over = threading.Event()
        with self._ctx.cancelling(over.set):
            over.wait(seconds)
        self._ctx.check()

    def _is_whole(self) -> bool:
        """Whether nothing is missing: the process ended between the last byte and the last step."""
        total = self._expected()
        if total is not None and self._part.size > total:
            self._part.drop()
        whole = 0 < self._part.size == total
        self._joined = self._joined or whole
        return whole

    def _expected(self) -> int | None:
        """Bytes of the whole file, from who published it, else from an earlier answer."""
        origin = self._part.origin
        return self._download.size if self._download.size is not None or origin is None else origin.total

    def _check(self, url: str) -> None:
        """Compare the hash; what came in pieces and is wrong is got once more in one."""
        digest = self._part.digest(self._ctx)
        if self._known is None or digest == self._known:
            return
        error = fetch_errors.wrong_hash(self._download.filename, url, self._known, digest)
        self._part.drop()
        if not self._joined:
            raise error
        self._ctx.log(f"{error} Getting it again from its beginning.")
        self._ranges = False
        raise _Restart

    def _once(self, url: str) -> None:
        line, download = transfer.Line(), self._download
        secure = self._known is None and url.startswith("https:")
        with (
            self._ctx.cancelling(line.hang_up),
            self._control.pausing(line.hang_up),
            transfer.get(self._ctx.host, line, download.filename, url, self._headers(url), secure=secure) as answer,
        ):
            self._reached = True
            self._receive(answer)

    def _headers(self, url: str) -> dict[str, str]:
        self._asked = False
        headers = {"Accept-Encoding": "identity"}  # the hash is of the file, not of what a server makes of it
        origin = self._part.origin
        if self._part.size and origin is not None and self._ranges:
            same = origin.url == url and bool(origin.validator)
            if same or self._known is not None:
                self._asked = True
                headers["Range"] = f"bytes={self._part.size}-"
                if same:
                    headers["If-Range"] = origin.validator
        return headers

    def _receive(self, answer: transfer.Answer) -> None:
        start = self._start_of(answer)
        total = self._total_of(answer, start)
        part, ctx = self._part, self._ctx
        rooms.check_room(part.path.parent, None if total is None else total - start)
        with part.open(ctx, start) as out:
            self._joined = start > 0
            part.describe(ctx, Origin(answer.url, self._download.hash, _validator(answer), total))
            reported = 0.0
            for chunk in answer.chunks():
                if part.size + len(chunk) > (_MOST_UNSAID if total is None else total):
                    raise fetch_errors.wrong_length(self._download.filename, answer.url, part.size + len(chunk))
                part.write(out, chunk)
                ctx.check()
                now = time.monotonic()
                if now - reported >= _REPORT_S or part.size == total:
                    ctx.progress(part.size, total, "B")
                    reported = now
        if total is None:
            ctx.progress(part.size, part.size, "B")
        self._check_length(answer, total)

    def _check_length(self, answer: transfer.Answer, total: int | None) -> None:
        name, size = self._download.filename, self._part.size
        if total is None or size == total:
            return
        if answer.header("Content-Length"):
            raise fetch_errors.broke(name, answer.url, f"{size} of {total} bytes came")
        raise fetch_errors.wrong_length(name, answer.url, size, fetch_errors.EndedEarly)

    def _start_of(self, answer: transfer.Answer) -> int:
        """Where the answer's bytes belong; what does not fit what is here makes us begin again."""
        if answer.status == 200:
            return 0
        if answer.status == 416 and self._asked:
            raise _Restart
        if answer.status != 206 or not self._asked:
            raise fetch_errors.bad_status(self._download.filename, answer.url, answer.status)
        said = _RANGE.fullmatch(answer.header("Content-Range"))
        total, origin = self._expected(), self._part.origin
        if said is None or int(said[1]) != self._part.size or (total is not None and said[3] not in ("*", str(total))):
            raise _Restart
        changed = origin is not None and origin.url == answer.url and origin.validator != _validator(answer)
        if self._known is None and changed:
            raise _Restart
        return self._part.size

    def _total_of(self, answer: transfer.Answer, start: int) -> int | None:
        """Bytes of the whole file. Raises where it is not the length that it should have."""
        said = answer.header("Content-Length")
        size = self._download.size
        total = start + int(said) if re.fullmatch(r"[0-9]{1,18}", said) else size
        if size is not None and total != size:
            if start:
                raise _Restart
            raise fetch_errors.wrong_length(self._download.filename, answer.url, total or 0)
        if size is None and total is not None and not self._told:
            self._told = True
            self._ctx.note(_("{name} is {size} to download.", name=self._download.filename, size=size_text(total)))
        return total


def _validator(answer: transfer.Answer) -> str:
    """What names this very version of the file to its server; "" where it names none."""
    tag = answer.header("ETag")
    return tag if _STRONG_TAG.fullmatch(tag) else "" if tag else answer.header("Last-Modified")[:100]
