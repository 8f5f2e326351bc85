"""Downloads that do not come in one piece: continued after a cut, a cancel and a restart, tried again, or elsewhere."""

from __future__ import annotations

import errno
import hashlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from tests.conftest import RecordingContext
from tests.fakes.file_server import FileServer, serve
from tests.toolchains.downloading import BODY, HASH, PART, UNVERIFIED, alone, download_of, visible
from toolchains import fetch_parts, fetch_tries
from toolchains.errors import Cancelled, DiskError
from toolchains.fetch import Download, NetworkError, NotOnServer, WrongContent, fetch
from toolchains.jobs import JobContext, Progress

_HALF = len(BODY) // 2


@pytest.fixture(autouse=True)
def _no_proxy_no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    alone(monkeypatch)


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serve(BODY) as files:
        yield files


def _scripted(server: FileServer, *answers: str, check: str = HASH, size: int | None = len(BODY)) -> Download:
    server.script[:] = answers
    return download_of(server, "script", check, size)


def _half_there(server: FileServer, folder: Path, check: str = HASH, size: int | None = len(BODY)) -> Download:
    """A download of which an earlier process has left the first half; the server forgets that it was asked."""
    download = _scripted(server, f"cut?at={_HALF}", "hang-up", check=check, size=size)
    with pytest.raises(NetworkError):
        fetch(JobContext(), download, folder)
    assert visible(folder) == PART
    server.requests.clear()
    server.ranges.clear()
    return download


# --- cuts ----------------------------------------------------------------------------------------------------------


def test_a_cut_is_continued_where_it_was(server: FileServer, ctx: RecordingContext, tmp_path: Path) -> None:
    download = _scripted(server, "cut?at=100000", "stall?at=0", "cut?at=0", "cut?at=70000", "ok")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("toolchains.transfer.SILENCE_S", 0.1)
        assert fetch(ctx, download, tmp_path).read_bytes() == BODY
    assert server.ranges == ["", "bytes=100000-", "bytes=100000-", "bytes=100000-", "bytes=170000-"]
    assert visible(tmp_path) == ["file.bin"]
    done = [event.done for event in ctx.events if isinstance(event, Progress)]
    assert done == sorted(done)
    assert done[-1] == len(BODY)


@pytest.mark.parametrize(
    ("check", "size"), [(HASH, len(BODY)), (HASH, None), (UNVERIFIED, len(BODY)), (UNVERIFIED, None)]
)
def test_a_restart_continues(
    server: FileServer, ctx: RecordingContext, tmp_path: Path, check: str, size: int | None
) -> None:
    download = _half_there(server, tmp_path, check, size)
    server.script[:] = ["ok"]
    assert fetch(ctx, download, tmp_path).read_bytes() == BODY
    assert server.ranges == [f"bytes={_HALF}-"]
    assert visible(tmp_path) == ["file.bin"] + (["file.bin.sha256"] if check == UNVERIFIED else [])


@pytest.mark.parametrize("kind", ["stall?at=100000", "silent"])
def test_a_cancelled_download_is_continued_later(
    server: FileServer, ctx: RecordingContext, tmp_path: Path, kind: str
) -> None:
    download = _scripted(server, "cut?at=100000", kind, "ok")

    def cancel_when_stalled() -> None:
        server.stalled.wait()
        ctx.cancel()

    canceller = threading.Thread(target=cancel_when_stalled)
    canceller.start()
    with pytest.raises(Cancelled):
        fetch(ctx, download, tmp_path)
    canceller.join()
    came = (tmp_path / PART[0]).read_bytes()
    assert BODY.startswith(came)
    assert len(came) >= 100_000
    assert fetch(JobContext(), download, tmp_path).read_bytes() == BODY
    assert server.ranges[-1] == f"bytes={len(came)}-"


def test_a_process_that_ended_after_the_last_byte_needs_no_network(
    server: FileServer, ctx: RecordingContext, tmp_path: Path
) -> None:
    download = _half_there(server, tmp_path)
    (tmp_path / PART[0]).write_bytes(BODY)
    assert fetch(ctx, download, tmp_path).read_bytes() == BODY
    assert server.requests == []


@pytest.mark.parametrize(
    "kind", ["deaf", "refused-range", "wrong-start", "wrong-total", "no-range-said?at=0", "chunked"]
)
def test_a_server_that_is_bad_at_ranges_gives_the_whole(
    server: FileServer, ctx: RecordingContext, tmp_path: Path, kind: str
) -> None:
    download = _half_there(server, tmp_path)
    server.script[:] = [kind, *(["deaf"] if kind.startswith("no-range") else [kind])]
    assert fetch(ctx, download, tmp_path).read_bytes() == BODY
    assert visible(tmp_path) == ["file.bin"]


@pytest.mark.parametrize("tags", [True, False])
@pytest.mark.parametrize("check", ["new hash", UNVERIFIED])
def test_a_file_that_changed_meanwhile_is_never_half_the_old_one(
    server: FileServer, ctx: RecordingContext, tmp_path: Path, check: str, tags: bool
) -> None:
    server.tags = tags
    download = _half_there(server, tmp_path, HASH if check == "new hash" else check)
    server.body = new = bytes(reversed(BODY))
    server.tag = '"two"'
    server.script[:] = ["ok"]
    if check == "new hash":
        download = Download(download.url, "file.bin", "sha256:" + hashlib.sha256(new).hexdigest(), len(new))
    assert fetch(ctx, download, tmp_path).read_bytes() == new


def test_a_changed_file_behind_a_server_that_hides_it(
    server: FileServer, ctx: RecordingContext, tmp_path: Path
) -> None:
    download = _half_there(server, tmp_path)
    server.script[:] = ["wrong-bytes", "ok"]
    assert fetch(ctx, download, tmp_path).read_bytes() == BODY
    assert server.ranges == [f"bytes={_HALF}-", ""]


def test_what_is_wrong_twice_is_told_and_thrown_away(server: FileServer, ctx: RecordingContext, tmp_path: Path) -> None:
    download = _half_there(server, tmp_path)
    server.script[:] = ["wrong-bytes", "changed"]
    with pytest.raises(WrongContent, match="SHA-256 differs"):
        fetch(ctx, download, tmp_path)
    assert visible(tmp_path) == []


_HALF_ABOUT = {"url": "u", "hash": HASH, "validator": "", "total": len(BODY)}


@pytest.mark.parametrize(
    "about",
    [
        "",
        "nonsense",
        "[1]",
        '{"url": 3}',
        "x" * 100_000,
        json.dumps({**_HALF_ABOUT, "total": -1}),
        json.dumps({**_HALF_ABOUT, "total": "many"}),
        json.dumps({**_HALF_ABOUT, "validator": None}),
        json.dumps({**_HALF_ABOUT, "more": 1}),
        json.dumps({**_HALF_ABOUT, "hash": "sha256:of another file"}),
        None,
    ],
)
def test_a_part_of_nobody_knows_what_is_not_continued(
    server: FileServer, ctx: RecordingContext, tmp_path: Path, about: str | None
) -> None:
    (tmp_path / PART[0]).write_bytes(b"?" * 1000)
    if about is not None:
        (tmp_path / PART[1]).write_text(about)
    assert fetch(ctx, _scripted(server, "ok"), tmp_path).read_bytes() == BODY
    assert server.ranges == [""]


def test_a_part_longer_than_the_file_is_not_continued(
    server: FileServer, ctx: RecordingContext, tmp_path: Path
) -> None:
    (tmp_path / PART[0]).write_bytes(BODY + b"more")
    (tmp_path / PART[1]).write_text(json.dumps(_HALF_ABOUT))
    assert fetch(ctx, _scripted(server, "ok"), tmp_path).read_bytes() == BODY
    assert server.ranges == [""]


def test_a_disk_that_fills_up_is_said_and_what_came_is_kept(
    server: FileServer, ctx: RecordingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fetch_parts.Part.write

    def full(part: fetch_parts.Part, stream: IO[bytes], chunk: bytes) -> None:
        if part.size > _HALF:
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(part, stream, chunk)

    with monkeypatch.context() as patch:
        patch.setattr(fetch_parts.Part, "write", full)
        with pytest.raises(DiskError, match="no space left"):
            fetch(ctx, _scripted(server, "ok"), tmp_path)
    assert visible(tmp_path) == PART
    assert fetch(ctx, _scripted(server, "ok"), tmp_path).read_bytes() == BODY
    assert server.ranges[-1] != ""


def test_parts_that_nobody_will_want_can_be_cleared(server: FileServer, ctx: RecordingContext, tmp_path: Path) -> None:
    _half_there(server, tmp_path)
    assert fetch_parts.clear(ctx, tmp_path) == _HALF
    assert visible(tmp_path) == []


# --- when to give up -----------------------------------------------------------------------------------------------


def test_a_server_that_recovers_is_asked_again(server: FileServer, ctx: RecordingContext, tmp_path: Path) -> None:
    download = _scripted(server, "busy", "broken", "hang-up", "ok")
    assert fetch(ctx, download, tmp_path).read_bytes() == BODY


@pytest.mark.parametrize(
    ("kind", "times"),
    [("busy", 4), ("hang-up", 4), ("missing", 1), ("forbidden", 1), ("changed", 1), ("login", 1), ("deaf-cut", 4)],
)
def test_nobody_is_asked_for_ever(
    server: FileServer, ctx: RecordingContext, tmp_path: Path, kind: str, times: int
) -> None:
    with pytest.raises((NetworkError, NotOnServer, WrongContent)):
        fetch(ctx, download_of(server, kind), tmp_path)
    assert len(server.requests) - (kind == "deaf-cut") == times  # the first of these brought something


def test_a_server_that_gives_a_few_bytes_at_a_time_is_given_up(
    server: FileServer, ctx: RecordingContext, tmp_path: Path
) -> None:
    with pytest.raises(NetworkError):
        fetch(ctx, _scripted(server, "cut?at=10"), tmp_path)
    assert len(server.requests) == 4


def test_who_is_offline_hears_it_after_two_tries(
    ctx: RecordingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def refuse(*words: object, **_more: object) -> list[object]:
        asked.append(words)
        raise OSError(-2, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", refuse)
    with pytest.raises(NetworkError, match="Is this computer online"):
        fetch(ctx, Download("https://example.org/file.bin", "file.bin", HASH), tmp_path)
    assert len(asked) == 2


def test_a_slow_no_is_heard_once(ctx: RecordingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch_tries, "_QUICK_S", -1.0)
    with pytest.raises(NetworkError):
        fetch(ctx, Download("http://127.0.0.1:9/file.bin", "file.bin", HASH), tmp_path)
    assert not [line for line in ctx.said() if "Trying again" in line]


def test_a_cancel_ends_the_pause_between_tries(
    server: FileServer, ctx: RecordingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch_tries, "PAUSES_S", (3600.0,))
    resting = fetch_tries.Tries._rest

    def rest(tries: fetch_tries.Tries, seconds: float) -> None:
        canceller = threading.Thread(target=ctx.cancel)
        canceller.start()
        try:
            resting(tries, seconds)
        finally:
            canceller.join()

    monkeypatch.setattr(fetch_tries.Tries, "_rest", rest)
    with pytest.raises(Cancelled):
        fetch(ctx, download_of(server, "busy"), tmp_path)


def test_a_file_without_end_is_given_up(
    server: FileServer, ctx: RecordingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch_tries, "_MOST_UNSAID", 100_000)
    with pytest.raises(WrongContent, match="wrong length"):
        fetch(ctx, download_of(server, "no-length", UNVERIFIED, None), tmp_path)
    assert visible(tmp_path) == []


# --- other addresses, and places nearer than the internet ----------------------------------------------------------


def test_another_address_is_tried_and_continues(server: FileServer, ctx: RecordingContext, tmp_path: Path) -> None:
    server.script[:] = [f"cut?at={_HALF}", "forbidden"]
    first = f"{server.url}/script/file.bin"
    urls = (f"{server.url}/missing/file.bin", "http://127.0.0.1:9/file.bin", f"{server.url}/ok/file.bin")
    download = Download(first, "file.bin", HASH, len(BODY), urls)
    assert fetch(ctx, download, tmp_path).read_bytes() == BODY
    assert server.ranges[-1] == f"bytes={_HALF}-"
    assert "Getting file.bin from 127.0.0.1 instead." in ctx.said()


def test_an_unverified_file_is_not_put_together_from_two_servers(
    server: FileServer, ctx: RecordingContext, tmp_path: Path
) -> None:
    server.script[:] = [f"cut?at={_HALF}", "forbidden"]
    other = f"{server.url}/ok/file.bin"
    download = Download(f"{server.url}/script/file.bin", "file.bin", UNVERIFIED, None, (other,))
    assert fetch(ctx, download, tmp_path).read_bytes() == BODY
    assert server.ranges[-1] == ""


def test_when_nobody_has_it_all_are_told(server: FileServer, ctx: RecordingContext, tmp_path: Path) -> None:
    urls = (f"{server.url}/changed/file.bin", f"{server.url}/missing/file.bin")
    with pytest.raises(NotOnServer, match="It is not there") as raised:
        fetch(ctx, Download(f"{server.url}/forbidden/file.bin", "file.bin", HASH, len(BODY), urls), tmp_path)
    assert "/forbidden/file.bin: 127.0.0.1 does not give file.bin. It answered with status 403." in raised.value.detail
    assert "/changed/file.bin: file.bin came with the wrong content" in raised.value.detail


class _Pack:
    def __init__(self, found: Path | str | None) -> None:
        self.found = found
        self.asked: list[tuple[str | None, str]] = []

    def find(self, sha256: str | None, name: str) -> Path | str | None:
        self.asked.append((sha256, name))
        return self.found


def test_a_pack_is_asked_before_the_network(server: FileServer, ctx: RecordingContext, tmp_path: Path) -> None:
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / "f").write_bytes(BODY)
    packs = [_Pack(None), _Pack(tmp_path / "stick" / "f")]
    path = fetch(ctx, download_of(server, "ok"), tmp_path / "got", sources=packs)
    assert path.read_bytes() == BODY
    assert server.requests == []
    assert [pack.asked for pack in packs] == [[(HASH.removeprefix("sha256:"), "file.bin")]] * 2
    assert f"Copy file.bin (300 kB) from {tmp_path / 'stick'}" in ctx.said()
    assert visible(tmp_path / "got") == ["file.bin"]


@pytest.mark.parametrize("content", [BODY[:-1] + b"?", BODY[:-1], None])
def test_a_pack_that_is_broken_is_no_dead_end(
    server: FileServer, ctx: RecordingContext, tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "f").write_bytes(content)
    path = fetch(ctx, download_of(server, "ok"), tmp_path / "got", sources=[_Pack(tmp_path / "f")])
    assert path.read_bytes() == BODY
    assert len(server.requests) == 1
    assert visible(tmp_path / "got") == ["file.bin"]


def test_a_server_in_the_room_is_asked_first(server: FileServer, ctx: RecordingContext, tmp_path: Path) -> None:
    download = Download("https://nowhere.invalid/file.bin", "file.bin", HASH, len(BODY))
    path = fetch(ctx, download, tmp_path, sources=[_Pack(f"{server.url}/ok/file.bin")])
    assert path.read_bytes() == BODY
    assert "Download file.bin (300 kB) from 127.0.0.1" in ctx.said()
