"""Downloads against a server that does everything wrong that servers do."""

from __future__ import annotations

import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.fakes.file_server import FileServer, serve
from tests.toolchains.downloading import BODY, HASH, PART, UNVERIFIED, alone, download_of, visible
from toolchains import fetch as fetch_room
from toolchains import transfer
from toolchains.errors import Cancelled, DiskError
from toolchains.fetch import Download, NetworkError, NotOnServer, WrongContent, fetch, forget
from toolchains.jobs import Progress


@pytest.fixture(autouse=True)
def _no_proxy_no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    alone(monkeypatch)


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serve(BODY) as files:
        yield files


@pytest.mark.parametrize("kind", ["ok", "deaf", "redirect", "no-length", "chunked"])
def test_a_file_arrives_whole(server: FileServer, ctx: RecordingContext, tmp_path: Path, kind: str) -> None:
    path = fetch(ctx, download_of(server, kind), tmp_path / "got")
    assert path.read_bytes() == BODY
    assert visible(tmp_path / "got") == ["file.bin"]
    last = [event for event in ctx.events if isinstance(event, Progress)][-1]
    assert (last.done, last.total) == (len(BODY), len(BODY))
    assert "Download file.bin (300 kB) from 127.0.0.1" in ctx.said()


def test_the_second_time_needs_no_network(server: FileServer, ctx: RecordingContext, tmp_path: Path) -> None:
    fetch(ctx, download_of(server, "ok"), tmp_path)
    fetch(ctx, download_of(server, "ok"), tmp_path)
    assert len(server.requests) == 1


def test_a_file_that_was_changed_on_disk_is_fetched_again(
    server: FileServer, ctx: RecordingContext, tmp_path: Path
) -> None:
    fetch(ctx, download_of(server, "ok"), tmp_path).write_bytes(BODY[:-1])
    assert fetch(ctx, download_of(server, "ok"), tmp_path).read_bytes() == BODY


@pytest.mark.parametrize(
    ("kind", "error", "words"),
    [
        ("hang-up", NetworkError, "The connection broke"),
        ("garbage", NetworkError, "The connection broke"),
        ("cut-no-length", WrongContent, "wrong length, 150 kB"),
        ("longer", WrongContent, "wrong length"),
        ("changed", WrongContent, "wrong content"),
        ("login", WrongContent, "wrong length, 26 B"),
        ("nothing", NotOnServer, "It is not there"),
        ("busy", NotOnServer, "status 503"),
        ("broken", NotOnServer, "status 500"),
        ("forbidden", NotOnServer, "status 403"),
        ("no-range-said", NotOnServer, "status 206"),
        ("round", NetworkError, "without end"),
        ("redirect-nowhere", NotOnServer, "status 302"),
    ],
)
def test_each_fault_is_one_sentence_and_leaves_nothing(
    server: FileServer, ctx: RecordingContext, tmp_path: Path, kind: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words) as raised:
        fetch(ctx, download_of(server, kind), tmp_path)
    assert "file.bin" in str(raised.value)
    assert visible(tmp_path) == []


@pytest.mark.parametrize("kind", ["cut", "deaf-cut", "chunked-cut"])
def test_a_cut_keeps_what_came(server: FileServer, ctx: RecordingContext, tmp_path: Path, kind: str) -> None:
    with pytest.raises(NetworkError, match="The connection broke"):
        fetch(ctx, download_of(server, kind), tmp_path)
    assert visible(tmp_path) == PART


def test_a_fault_leaves_the_old_file(server: FileServer, ctx: RecordingContext, tmp_path: Path) -> None:
    (tmp_path / "file.bin").write_bytes(b"of another version")
    with pytest.raises(NetworkError):
        fetch(ctx, download_of(server, "cut"), tmp_path)
    assert (tmp_path / "file.bin").read_bytes() == b"of another version"


@pytest.mark.parametrize("kind", ["stall", "silent"])
def test_a_server_that_stops_sending(
    server: FileServer, ctx: RecordingContext, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "SILENCE_S", 0.1)
    with pytest.raises(NetworkError, match="It stopped sending"):
        fetch(ctx, download_of(server, kind), tmp_path)
    assert visible(tmp_path) == (PART if kind == "stall" else [])


@pytest.mark.parametrize("kind", ["stall", "silent"])
def test_a_cancel_does_not_wait_for_the_server(
    server: FileServer, ctx: RecordingContext, tmp_path: Path, kind: str
) -> None:
    def cancel_when_stalled() -> None:
        server.stalled.wait()
        ctx.cancel()

    canceller = threading.Thread(target=cancel_when_stalled)
    canceller.start()
    with pytest.raises(Cancelled):
        fetch(ctx, download_of(server, kind), tmp_path)
    canceller.join()
    assert visible(tmp_path) == (PART if kind == "stall" else [])


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/file.bin",
        "https://nowhere.invalid/file.bin",
        "http://" + "x" * 70 + ".invalid/file.bin",  # a name that no domain can have
        "http://[/file.bin",
        "ftp://127.0.0.1/file.bin",
    ],
)
def test_no_network_says_so(ctx: RecordingContext, tmp_path: Path, url: str) -> None:
    with pytest.raises(NetworkError, match=r"cannot be reached from here\. Is this computer online\?"):
        fetch(ctx, Download(url, "file.bin", HASH), tmp_path)


# --- proxies and certificates --------------------------------------------------------------------------------------


def test_a_proxy_of_the_environment_is_used(
    server: FileServer, ctx: RecordingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url)
    fetch(ctx, Download("http://nowhere.invalid/ok/file.bin", "file.bin", HASH), tmp_path)
    assert server.requests == ["GET http://nowhere.invalid/ok/file.bin"]


def test_no_proxy_is_obeyed(
    server: FileServer, ctx: RecordingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert fetch(ctx, download_of(server, "ok"), tmp_path).read_bytes() == BODY


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (403, r"The proxy refused\. Check the proxy's address in HTTPS_PROXY"),
        (407, "wants a user name and a password. Put them into HTTPS_PROXY"),
    ],
)
def test_a_proxy_that_refuses(
    server: FileServer,
    ctx: RecordingContext,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    words: str,
) -> None:
    server.connect_status = status
    monkeypatch.setenv("HTTPS_PROXY", server.url)
    with pytest.raises(NetworkError, match=words):
        fetch(ctx, Download("https://nowhere.invalid/file.bin", "file.bin", HASH), tmp_path)
    assert server.requests == ["CONNECT nowhere.invalid:443"]


@pytest.mark.parametrize("address", ["nonsense://x", "http://[", "socks5://127.0.0.1:9"])
def test_a_proxy_address_that_makes_no_sense(
    ctx: RecordingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address)
    with pytest.raises(NetworkError, match="HTTPS_PROXY"):
        fetch(ctx, Download("https://nowhere.invalid/file.bin", "file.bin", HASH), tmp_path)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody trusts, with its key."""
    path = tmp_path / "own.pem"
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    try:
        subprocess.run(
            ["openssl", *words.split(), "-keyout", path, "-out", tmp_path / "c"], capture_output=True, check=True
        )
    except FileNotFoundError:
        pytest.skip("the openssl program is needed to make a certificate")
    path.write_bytes(path.read_bytes() + (tmp_path / "c").read_bytes())
    return path


def test_certificates_are_those_of_the_system(
    certificate: Path, ctx: RecordingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with serve(BODY, tls) as server:
        with pytest.raises(NetworkError, match="not trusted by this computer"):
            fetch(ctx, download_of(server, "ok"), tmp_path / "got")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert fetch(ctx, download_of(server, "ok"), tmp_path / "got").read_bytes() == BODY
        # Without a hash, TLS is all that says whose file it is.
        with pytest.raises(NotOnServer, match="status 302"):
            fetch(ctx, download_of(server, "redirect-plain", UNVERIFIED), tmp_path / "other")


# --- without a published hash --------------------------------------------------------------------------------------


def test_an_unverified_file_is_told_and_must_stay_the_same(
    server: FileServer, ctx: RecordingContext, tmp_path: Path
) -> None:
    path = fetch(ctx, download_of(server, "ok", UNVERIFIED, None), tmp_path)
    assert "file.bin has no published check sum to compare with: nobody publishes one." in ctx.said()
    path.unlink()
    with pytest.raises(WrongContent, match="SHA-256 differs"):
        fetch(ctx, download_of(server, "changed", UNVERIFIED, None), tmp_path)
    assert fetch(ctx, download_of(server, "ok", UNVERIFIED, None), tmp_path).read_bytes() == BODY


def test_what_proved_to_be_wrong_is_forgotten(server: FileServer, ctx: RecordingContext, tmp_path: Path) -> None:
    forget(fetch(ctx, download_of(server, "login", UNVERIFIED, None), tmp_path))
    assert fetch(ctx, download_of(server, "ok", UNVERIFIED, None), tmp_path).read_bytes() == BODY


# --- the disk ------------------------------------------------------------------------------------------------------


def test_no_room_is_said_before_thedownload_of(
    server: FileServer, ctx: RecordingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch_room, "_free", lambda folder: 1000)
    with pytest.raises(DiskError, match="no space left to download 300 kB"):
        fetch(ctx, download_of(server, "ok"), tmp_path)
    assert visible(tmp_path) == []


def test_two_at_once_download_once(server: FileServer, ctx: RecordingContext, tmp_path: Path) -> None:
    workers = [threading.Thread(target=fetch, args=(ctx, download_of(server, "ok"), tmp_path)) for _n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(server.requests) == 1
    assert visible(tmp_path) == ["file.bin"]
