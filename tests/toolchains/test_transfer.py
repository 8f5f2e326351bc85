"""Connections: hung up at any moment, and made through whatever the system says is the way out."""

from __future__ import annotations

import socket
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.fakes.file_server import FileServer, serve
from tests.toolchains.downloading import BODY, HASH, alone, download_of
from toolchains import transfer
from toolchains.errors import Cancelled
from toolchains.fetch import Download, NetworkError, fetch
from toolchains.host import Host


@pytest.fixture(autouse=True)
def _no_proxy_no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    alone(monkeypatch)


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serve(BODY) as files:
        yield files


@pytest.fixture
def dead_name_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Look-ups of names that do not answer. The event is set when one is waited for."""
    asked, end = threading.Event(), threading.Event()

    def look_up(*_words: object, **_more: object) -> list[object]:
        asked.set()
        end.wait()
        raise OSError(-3, "Temporary failure in name resolution")

    monkeypatch.setattr("socket.getaddrinfo", look_up)
    yield asked
    end.set()


def _cancel_when(event: threading.Event, ctx: RecordingContext) -> threading.Thread:
    def wait() -> None:
        event.wait()
        ctx.cancel()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_a_cancel_does_not_wait_for_a_name(
    dead_name_server: threading.Event, ctx: RecordingContext, tmp_path: Path
) -> None:
    canceller = _cancel_when(dead_name_server, ctx)
    with pytest.raises(Cancelled):
        fetch(ctx, Download("http://example.org/file.bin", "file.bin", HASH), tmp_path)
    canceller.join()


def test_a_name_server_that_is_dead_means_offline(
    dead_name_server: threading.Event, ctx: RecordingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "CONNECT_S", 0.05)
    with pytest.raises(NetworkError, match="Is this computer online"):
        fetch(ctx, Download("http://example.org/file.bin", "file.bin", HASH), tmp_path)


def test_a_cancel_does_not_wait_for_tls(ctx: RecordingContext, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        come = threading.Event()

        def accept() -> None:
            visitor, _address = mute.accept()
            with visitor:
                visitor.recv(1)  # the client's hello
                come.set()
                while visitor.recv(4096):
                    pass

        answering = threading.Thread(target=accept)
        answering.start()
        canceller = _cancel_when(come, ctx)
        with pytest.raises(Cancelled):
            fetch(ctx, Download(f"https://127.0.0.1:{mute.getsockname()[1]}/f", "file.bin", HASH), tmp_path)
        canceller.join()
        answering.join()


@pytest.mark.parametrize("kind", ["stall", "silent"])
def test_a_cancel_works_where_a_shutdown_wakes_nobody(
    server: FileServer, ctx: RecordingContext, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows."""

    def hang_up(line: transfer.Line) -> None:
        line.hung_up = True

    monkeypatch.setattr(transfer.Line, "hang_up", hang_up)
    canceller = _cancel_when(server.stalled, ctx)
    with pytest.raises(Cancelled):
        fetch(ctx, download_of(server, kind), tmp_path)
    canceller.join()


def test_where_one_address_is_dead_the_next_is_taken(
    server: FileServer, ctx: RecordingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(server.url.rpartition(":")[2])
    kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
    both = [(*kind, ("127.0.0.1", 9)), (*kind, ("127.0.0.1", port))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_words, **_more: both)
    download = Download("http://two-addresses.example/ok/file.bin", "file.bin", HASH)
    assert fetch(ctx, download, tmp_path).read_bytes() == BODY


# --- the way out ---------------------------------------------------------------------------------------------------


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What Windows' or macOS' own settings say; they also name an exception, intranet.example."""
    said: dict[str, str] = {}
    monkeypatch.setattr(urllib.request, "getproxies", lambda: said)
    monkeypatch.setattr(urllib.request, "proxy_bypass", lambda host: host.startswith("intranet.example"))
    return said


@pytest.mark.parametrize("scheme", ["http://", ""])
def test_the_proxy_of_the_system_is_used(
    server: FileServer, ctx: RecordingContext, tmp_path: Path, settings: dict[str, str], scheme: str
) -> None:
    settings["http"] = scheme + server.url.removeprefix("http://")
    assert fetch(ctx, Download("http://nowhere.invalid/ok/f", "file.bin", HASH), tmp_path).read_bytes() == BODY
    assert server.requests == ["GET http://nowhere.invalid/ok/f"]


def test_its_exceptions_are_obeyed(settings: dict[str, str], host: Host) -> None:
    settings["https"] = "http://proxy:3128"
    assert host.proxy_for("https://github.com/x") == "http://proxy:3128"
    assert host.proxy_for("https://intranet.example:8443/x") is None
    assert host.proxy_for("http://github.com/x") is None
    settings["all"] = "http://other:1"
    assert host.proxy_for("http://github.com/x") == "http://other:1"


def test_a_name_and_a_password_are_for_the_proxy_alone(
    ctx: RecordingContext, tmp_path: Path, settings: dict[str, str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        heard: list[bytes] = []

        def answer() -> None:
            visitor, _address = proxy.accept()
            with visitor:
                heard.append(visitor.recv(4096))
                visitor.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY))

        answering = threading.Thread(target=answer)
        answering.start()
        settings["http"] = f"http://me%40school:p%3Aw@127.0.0.1:{proxy.getsockname()[1]}"
        fetch(ctx, Download("http://nowhere.invalid/f", "file.bin", HASH), tmp_path)
        answering.join()
    assert b"Proxy-Authorization: Basic bWVAc2Nob29sOnA6dw==" in heard[0]
    assert b"Host: nowhere.invalid" in heard[0]


def test_the_password_of_a_bad_proxy_is_not_repeated(
    ctx: RecordingContext, tmp_path: Path, settings: dict[str, str]
) -> None:
    settings["http"] = "socks5://me:secret@proxy:1"
    with pytest.raises(NetworkError, match="makes no sense") as raised:
        fetch(ctx, Download("http://nowhere.invalid/f", "file.bin", HASH), tmp_path)
    assert "secret" not in f"{raised.value} {raised.value.detail} {raised.value.fields}"


def test_letters_that_no_address_may_have_are_escaped(
    server: FileServer, ctx: RecordingContext, tmp_path: Path
) -> None:
    download = download_of(server, "ok")
    fetch(ctx, Download(download.url + " é?a=%20", "file.bin", HASH), tmp_path)
    assert server.requests == ["GET /ok/file.bin%20%C3%A9?a=%20"]
