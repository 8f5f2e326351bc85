"""Servers that misbehave, and downloads and installs that are stopped at random moments.

Promised: a download ends as the right file under its name or as a sentence, and what came of it is continued; whatever
happens on the way, the store holds the old thing or the new one, whole; the next attempt ends in the new one.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests import disks
from tests.fakes.archives import HONEST, honest, installed, write_tar, write_zip
from tests.fakes.dying_installer import install
from tests.fakes.file_server import FileServer, serve
from tests.homes import CHECKOUT
from toolchains import fetch_tries, transfer
from toolchains.downloads import Control
from toolchains.errors import Cancelled, DiskError, StudioError
from toolchains.fetch import Download, NetworkError, fetch
from toolchains.jobs import Event, JobContext, Progress
from toolchains.store import Store

#: So many that more than 200 of them kill a process.
COUNT = 650
#: Answers after which a file cannot have come, and those after which it can.
_REFUSALS = ("busy", "broken", "forbidden", "missing", "round", "redirect-nowhere", "hang-up", "garbage", "silent")
_LIES = ("login", "longer", "changed", "wrong-start", "wrong-total", "no-range-said", "wrong-bytes", "refused-range")
_CUTS = ("cut", "deaf-cut", "chunked-cut", "cut-no-length", "stall")
_GOOD = ("ok", "deaf", "chunked", "no-length", "redirect")
_room = Path()
_body = b""
_tls: ssl.SSLContext | None = None
_before: dict[str, str] = {}
_tuned: list[pytest.MonkeyPatch] = []


def setup() -> None:
    """A folder for all trials, a certificate, short pauses, no proxy."""
    global _room, _tls
    _room = Path(tempfile.mkdtemp(prefix="natmod-campaign-"))
    patch = pytest.MonkeyPatch()
    _tuned.append(patch)
    patch.setattr(fetch_tries, "PAUSES_S", (0.0, 0.01, 0.02))
    patch.setattr(transfer, "SILENCE_S", 0.15)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        patch.delenv(name, raising=False)
        patch.delenv(name.lower(), raising=False)
    (_room / "certificate").mkdir()
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    key, certificate = _room / "certificate" / "key", _room / "certificate" / "pem"
    with suppress(FileNotFoundError):  # without openssl all is in the clear
        argv = ["openssl", *words.split(), "-keyout", key, "-out", certificate]
        subprocess.run(argv, capture_output=True, check=True)
        _tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        _tls.load_cert_chain(certificate, key)
        patch.setenv("SSL_CERT_FILE", str(certificate))


def teardown() -> None:
    """Remove it."""
    _tuned.pop().undo()
    shutil.rmtree(_room)


def trial(rng: random.Random) -> str:
    """One fault, and what comes after it."""
    for path in _room.iterdir():
        if path.name != "certificate":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    often = [_killed] * 8 + [_misbehaving] * 6 + [_killed_outside] * 2 + [_two_at_once] * 2
    return rng.choice([*often, _stopped, _other_content, _certificate, _full_disk, _read_only])(rng)


# --- what all trials do --------------------------------------------------------------------------------------------


@contextmanager
def _served(rng: random.Random, *script: str, tls: bool | None = None) -> Iterator[tuple[FileServer, Download]]:
    """An archive on a server that answers as ``script`` says, and the old one in the store."""
    global _body
    (_room / "served").mkdir()
    packed = _room / "served" / "new"
    write_zip(packed, HONEST) if rng.random() < 0.25 else write_tar(packed, HONEST, mode=rng.choice(["w:gz", "w:xz"]))
    _body = packed.read_bytes()
    old = write_tar(_room / "served" / "old", HONEST)
    install(JobContext(), _store().root, old)
    secure = rng.random() < 0.3 if tls is None else tls
    with serve(_body, _tls if secure else None) as server:
        server.script[:] = script or ["ok"]
        server.tags = rng.random() < 0.8
        check = f"sha256:{hashlib.sha256(_body).hexdigest()}"
        yield server, Download(f"{server.url}/script/new", "new", check, len(_body))


def _store() -> Store:
    return Store(_room / "store")


def _thing() -> str:
    """Which archive the one installed thing came from; its content must be whole."""
    [entry] = _store().entries()
    assert installed(entry.folder) == honest()
    assert _store().verify(JobContext(), entry.name) == []
    return str(entry.stamp["origin"])


def _nothing_wrong_has_the_name() -> None:
    target = _room / "got" / "new"
    assert not target.exists() or target.read_bytes() == _body, "a wrong file has the final name"


def _go_on(server: FileServer, download: Download) -> None:
    """The next attempt, with a server that is well again: verified, installed, and cleared up."""
    server.script[:] = ["ok"]
    install(JobContext(), _store().root, fetch(JobContext(), download, _room / "got"))
    _all_well()


def _all_well() -> None:
    assert (_room / "got" / "new").read_bytes() == _body
    assert _thing() == "new"
    left = sorted(path.name for path in (_room / "got").iterdir())
    assert left == [".new.lock", "new"], f"left behind: {left}"
    left = sorted(path.name for path in _store().root.iterdir() if path.name != ".lock")
    assert [name.partition("~")[0] for name in left] == ["thing"], f"left behind: {left}"


# --- servers -------------------------------------------------------------------------------------------------------


def _misbehaving(rng: random.Random) -> str:
    """A few wrong answers, then right ones."""
    script = []
    for _number in range(rng.randrange(1, 4)):
        kind = rng.choice([*_REFUSALS, *_LIES, *_CUTS, *_CUTS])
        script.append(f"{kind}?at={rng.randrange(600_000)}" if kind in _CUTS and rng.random() < 0.8 else kind)
    with _served(rng, *script, rng.choice(_GOOD)) as (server, download):
        label = f"server ({script[0].partition('?')[0]}): "
        try:
            path = fetch(JobContext(), download, _room / "got")
        except StudioError as error:
            _nothing_wrong_has_the_name()
            assert error.code in ("fetch.network", "fetch.status", "fetch.content"), repr(error)
            assert "new" in str(error)
            label += f"told ({error.code})"
        else:
            assert path.read_bytes() == _body
            label += "the right file"
        assert _thing() == "old"
        _go_on(server, download)
    return label


def _other_content(rng: random.Random) -> str:
    """The file on the server changes while it is on its way; the new one is what the catalogue of today names."""
    with _served(rng, f"cut?at={rng.randrange(400_000)}", "hang-up") as (server, today):
        server.body = _body[::-1]
        server.tag = '"of yesterday"'
        wrong = Download(today.url, "new", f"sha256:{hashlib.sha256(server.body).hexdigest()}", len(_body))
        yesterdays = rng.choice([wrong, today])
        with suppress(StudioError):
            fetch(JobContext(), yesterdays, _room / "got")
        server.body, server.tag = _body, '"of today"'
        _go_on(server, today)
    return "changed meanwhile: " + ("another hash" if yesterdays is wrong else "the same hash")


def _certificate(rng: random.Random) -> str:
    """A certificate that this computer does not trust; then it does."""
    if _tls is None:
        return "certificate: no openssl here"
    with _served(rng, tls=True) as (server, download):
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("SSL_CERT_FILE")
            try:
                fetch(JobContext(), download, _room / "got")
            except NetworkError as error:
                assert "not trusted by this computer" in str(error)
            else:
                raise AssertionError("a stranger's certificate was believed")
        assert server.requests == []
        assert _thing() == "old"
        _go_on(server, download)
    return "certificate: refused, then trusted"


# --- the person, and the end of the process ------------------------------------------------------------------------


def _stopped(rng: random.Random) -> str:
    """Paused and cancelled at random reports."""
    with _served(rng, rng.choice(["ok", f"cut?at={rng.randrange(400_000)}"]), "ok") as (server, download):
        control, ctx = Control(), JobContext()
        left, cancels = rng.randrange(1, 6), rng.random() < 0.5

        def sink(event: Event) -> None:
            nonlocal left
            left -= isinstance(event, Progress)
            if left == 0 and cancels:
                ctx.cancel()
            elif left == 0:
                control.pause()
                threading.Thread(target=control.resume).start()

        ctx.sink = sink
        label = "paused and resumed"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(fetch_tries, "_REPORT_S", 0.0)
            try:
                assert fetch(ctx, download, _room / "got", control=control).read_bytes() == _body
            except Cancelled:
                label = "cancelled"
                assert cancels
                _nothing_wrong_has_the_name()
        assert _thing() == "old"
        _go_on(server, download)
    return f"person: {label}"


def _child(download: Download, moment: str = "never", number: int = 0) -> subprocess.Popen[bytes]:
    words = [_store().root, _room / "got", download.url, download.hash, download.size, moment, number]
    argv = [sys.executable, "-m", "tests.fakes.dying_downloader", *map(str, words)]
    return subprocess.Popen(argv, cwd=CHECKOUT, stderr=subprocess.DEVNULL)


def _after_a_kill(server: FileServer, download: Download, died: bool, what: str) -> str:
    left = _thing()
    assert left == "new" or died
    _nothing_wrong_has_the_name()
    server.requests.clear()
    server.ranges.clear()
    _go_on(server, download)
    if not died:
        return f"{what}: too late to matter"
    how = "" if not server.requests else ", continued" if server.ranges[-1] else ", from the beginning"
    return f"{what}: {left} one left{how or ', archive was there'}"


def _killed(rng: random.Random) -> str:
    """It kills itself at a random touch of a file, report or rename, of the download, the unpacking or the swap."""
    script = rng.choice([["ok"], ["ok"], [f"cut?at={rng.randrange(400_000)}", "ok"]])
    with _served(rng, *script) as (server, download):
        moment = rng.choice(["before", "after", "check", "check", "touch", "touch", "touch"])
        number = rng.randrange(1, {"check": 55, "touch": 85}.get(moment, 6))
        died = _child(download, moment, number).wait()
        assert died in (0, -signal.SIGKILL), f"ended with {died}"
        return _after_a_kill(server, download, bool(died), f"killed at a {moment}")


def _killed_outside(rng: random.Random) -> str:
    """It is killed while it waits for bytes, or at a random time."""
    waits = rng.random() < 0.5
    with _served(rng, f"stall?at={rng.randrange(500_000)}" if waits else "ok") as (server, download):
        child = _child(download)
        if waits:
            server.stalled.wait(20)
        else:
            with suppress(subprocess.TimeoutExpired):
                child.wait(rng.uniform(0.05, 0.9))
        child.kill()
        died = child.wait()
        assert died in (0, -signal.SIGKILL), f"ended with {died}"
        return _after_a_kill(server, download, bool(died), "killed waiting" if waits else "killed at a time")


def _two_at_once(rng: random.Random) -> str:
    """Two processes get and install the same; one of them may die."""
    with _served(rng, rng.choice(["ok", f"cut?at={rng.randrange(400_000)}"]), "ok") as (server, download):
        moment = rng.choice(["never", "check", "touch"])
        children = [_child(download, moment, rng.randrange(1, 70)), _child(download)]
        died, well = (child.wait() for child in children)
        assert well == 0, f"ended with {well}"
        assert died in (0, -signal.SIGKILL), f"ended with {died}"
        asked = len(server.requests)
        assert asked <= 3, f"{asked} requests"
        _all_well() if not died else _go_on(server, download)
    return "two at once: " + ("one died" if died else "both well")


# --- disks ---------------------------------------------------------------------------------------------------------


def _full_disk(rng: random.Random) -> str:
    """The disk of both is too small, at a random place."""
    with _served(rng) as (server, download):
        old = _room / "served" / "old"
        shutil.rmtree(_store().root)
        (_room / "got").mkdir()
        try:
            with disks.small_disk(_store().root, f"{rng.randrange(700, 1800)}k"):
                install(JobContext(), _store().root, old)
                label = _install_on_full(download, _store().root / ".got")
        except pytest.skip.Exception:
            return "full disk: no right to make one here"
        install(JobContext(), _store().root, old)
        _go_on(server, download)
    return f"full disk: {label}"


def _install_on_full(download: Download, folder: Path) -> str:
    try:
        install(JobContext(), _store().root, fetch(JobContext(), download, folder))
    except DiskError as error:
        assert "space left" in str(error), str(error)
        assert _thing() == "old"
        return "the old one stays"
    assert _thing() == "new"
    return "it fits"


def _read_only(rng: random.Random) -> str:
    """Nothing can be written in the store, or where downloads go."""
    with _served(rng) as (server, download):
        (_room / "got").mkdir()
        locked = rng.choice([_store().root, _room / "got"])
        try:
            with disks.read_only(locked):
                try:
                    install(JobContext(), _store().root, fetch(JobContext(), download, _room / "got"))
                except DiskError as error:
                    assert "no permission" in str(error) or "Nothing can be changed" in str(error), str(error)
                else:
                    raise AssertionError("what is read-only was written")
                assert _thing() == "old"
        except pytest.skip.Exception:
            return "read-only: no right to make it so here"
        _go_on(server, download)
    return f"read-only: told ({locked.name})"
