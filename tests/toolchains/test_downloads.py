"""Several downloads as one job, pausing, and the speed that is shown meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.fakes.file_server import FileServer, serve
from tests.toolchains.downloading import BODY, HASH, alone, visible
from toolchains.downloads import Control, fetch_all
from toolchains.errors import Cancelled
from toolchains.fetch import Download, NotOnServer, WrongContent, fetch
from toolchains.jobs import Event, JobContext, Progress, StepEnded
from toolchains.rates import Rate


@pytest.fixture(autouse=True)
def _no_proxy_no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    alone(monkeypatch)


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serve(BODY) as files:
        yield files


def _files(server: FileServer, *kinds: str, size: int | None = len(BODY)) -> list[Download]:
    return [Download(f"{server.url}/{kind}/f", f"file-{n}", HASH, size) for n, kind in enumerate(kinds)]


# --- several -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [len(BODY), None])
def test_several_come_in_their_order_with_one_progress(
    server: FileServer, ctx: RecordingContext, tmp_path: Path, size: int | None
) -> None:
    fetch(ctx, _files(server, "ok")[0], tmp_path)
    del ctx.events[:]
    paths = fetch_all(ctx, _files(server, *["ok"] * 5, size=size), tmp_path)
    assert [path.name for path in paths] == [f"file-{n}" for n in range(5)]
    assert all(path.read_bytes() == BODY for path in paths)
    assert len(server.requests) == 5  # one was there
    shown = [event for event in ctx.events if isinstance(event, Progress)]
    assert (shown[-1].done, shown[-1].total) == (5 * len(BODY), 5 * len(BODY))
    assert [event.done for event in shown] == sorted(event.done for event in shown)
    assert ctx.said()[0] == ("Download 5 files (1.5 MB)" if size else "Download 5 files")
    assert len([event for event in ctx.events if isinstance(event, StepEnded)]) == 1


def test_one_is_an_ordinary_download_and_none_is_nothing(
    server: FileServer, ctx: RecordingContext, tmp_path: Path
) -> None:
    assert fetch_all(ctx, [], tmp_path) == []
    [path] = fetch_all(ctx, _files(server, "ok"), tmp_path)
    assert path.read_bytes() == BODY
    assert ctx.said()[0] == "Download file-0 (300 kB) from 127.0.0.1"


def test_the_first_that_fails_ends_the_others_but_keeps_what_came(
    server: FileServer, ctx: RecordingContext, tmp_path: Path
) -> None:
    server.script[:] = ["cut?at=100000", "stall?at=50000"]

    class _Waits:
        """Holds the failing one back until the other one waits for its server."""

        def find(self, sha256: str | None, name: str) -> None:
            if name == "file-1":
                server.stalled.wait()

    downloads = _files(server, "script", "missing", "ok")
    with pytest.raises(NotOnServer, match="does not give file-1"):
        fetch_all(ctx, downloads, tmp_path, at_once=2, sources=[_Waits()])
    assert ".file-0.part" in visible(tmp_path)
    assert (tmp_path / ".file-0.part").stat().st_size >= 100_000
    assert not ctx.cancelled


def test_a_cancel_ends_all(server: FileServer, ctx: RecordingContext, tmp_path: Path) -> None:
    def cancel_when_stalled() -> None:
        server.stalled.wait()
        ctx.cancel()

    canceller = threading.Thread(target=cancel_when_stalled)
    canceller.start()
    with pytest.raises(Cancelled):
        fetch_all(ctx, _files(server, *["stall"] * 6), tmp_path)
    canceller.join()


def test_all_faults_are_of_the_downloads_themselves(server: FileServer, ctx: RecordingContext, tmp_path: Path) -> None:
    with pytest.raises((WrongContent, NotOnServer)):
        fetch_all(ctx, _files(server, "changed", "forbidden", "login", "missing"), tmp_path, at_once=4)


# --- pause ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["stall?at=100000", "silent"])
def test_a_pause_hangs_up_and_goes_on_where_it_was(
    server: FileServer, ctx: RecordingContext, tmp_path: Path, kind: str
) -> None:
    control = Control()
    server.script[:] = ["cut?at=70000", kind, "ok"]
    waiting = threading.Event()
    real_wait = control.wait

    def wait(job: JobContext) -> None:
        if control.paused:
            waiting.set()
        real_wait(job)

    control.wait = wait  # type: ignore[method-assign]

    def pause_then_resume() -> None:
        server.stalled.wait()
        control.pause()
        waiting.wait()
        assert len(server.requests) == 2
        control.resume()

    person = threading.Thread(target=pause_then_resume)
    person.start()
    [download] = _files(server, "script")
    assert fetch(ctx, download, tmp_path, control=control).read_bytes() == BODY
    person.join()
    assert len(server.requests) == 3
    assert server.ranges[-1] != ""
    assert not [line for line in ctx.said() if "Trying again" in line and "stopped" in line]


def test_what_is_paused_does_not_begin_and_can_be_cancelled(
    server: FileServer, ctx: RecordingContext, tmp_path: Path
) -> None:
    control = Control()
    control.pause()
    assert control.paused
    canceller = threading.Timer(0.05, ctx.cancel)
    canceller.start()
    with pytest.raises(Cancelled):
        fetch_all(ctx, _files(server, "ok", "ok"), tmp_path, control=control)
    canceller.join()
    assert server.requests == []


def test_pausing_again_and_again_loses_nothing(server: FileServer, tmp_path: Path) -> None:
    """A person who is in two minds: pauses at every report, and resumes at once."""
    control = Control()

    def sink(event: Event) -> None:
        if isinstance(event, Progress) and event.done < len(BODY):
            control.pause()
            control.resume()

    [download] = _files(server, "ok")
    assert fetch(JobContext(sink=sink), download, tmp_path, control=control).read_bytes() == BODY


# --- speed ---------------------------------------------------------------------------------------------------------


def _rate(*samples: tuple[float, int], total: int | None = 10 << 20) -> Rate:
    rate = Rate()
    for now, done in samples:
        rate.add(done, total, now)
    return rate


def test_speed_and_time_left() -> None:
    assert str(_rate((0, 0), (1, 1 << 20), (2, 2 << 20))) == "1.0 MB/s, 8.0 s left"
    assert str(_rate((0, 0), (2, 2 << 20), total=None)) == "1.0 MB/s"
    assert str(_rate((0, 0), (1, 10 << 20))) == "10 MB/s, 1.0 s left"


def test_nobody_guesses() -> None:
    assert str(_rate()) == ""
    assert str(_rate((0, 0))) == ""
    assert str(_rate((0, 0), (0.01, 1 << 20))) == ""
    assert _rate((0, 0), (1, 0)).seconds_left is None


def test_the_speed_is_that_of_now() -> None:
    was_fast = [(float(n), n * (1 << 20)) for n in range(5)]
    stands = [(float(n), 4 << 20) for n in range(5, 40)]
    assert _rate(*was_fast, *stands).bytes_per_s == 0


def test_what_was_there_before_is_no_speed() -> None:
    rate = _rate((0, 5 << 20), (1, 6 << 20))
    assert rate.bytes_per_s == 1 << 20
    rate.add(0, 10 << 20, 2.0)  # began again
    assert rate.bytes_per_s is None
    rate.add(1 << 20, 10 << 20, 3.0)
    rate.rest()
    assert rate.bytes_per_s is None
