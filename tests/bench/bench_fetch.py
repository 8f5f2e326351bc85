"""Downloads beside curl: 300 MB from a server on this machine, paced and as fast as it goes, in the clear and by TLS.

    python -m tests.bench.bench_fetch [--rounds 5] [--megabytes 300]

Ours hashes on the way and looks at the file system as it always does; curl only writes. Both take turns, so that they
meet the same load. The goals are those of issue 5: paced at 100 MB/s, at least 0.95 of curl; unpaced, at least 300
MB/s. Medians in millions of bytes a second; nothing is asserted.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from toolchains.fetch import Download, fetch
from toolchains.jobs import JobContext

_PACE = 100e6
_STEP = 1 << 18


@dataclass(frozen=True)
class Case:
    """One way of serving, and what it should come to."""

    name: str
    pace: float
    tls: bool
    goal: str


_CASES = (
    Case("paced at 100 MB/s", _PACE, False, "0.95 of curl"),
    Case("as fast as it goes", 0.0, False, "300 MB/s"),
    Case("the same by TLS", 0.0, True, ""),
)


def _serve(listener: socket.socket, file: Path, case: Case, certificate: Path) -> None:
    """Answer every request with the file, until killed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if case.tls:
        context.load_cert_chain(certificate)
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {file.stat().st_size}\r\nConnection: close\r\n\r\n".encode()
    while True:
        visitor, _address = listener.accept()
        with suppress(OSError), file.open("rb") as stream:
            if case.tls:
                visitor = context.wrap_socket(visitor, server_side=True)
            visitor.recv(1 << 16)
            visitor.sendall(head)
            if not case.pace and not case.tls:
                visitor.sendfile(stream)
            else:
                _send(visitor, stream.read, case.pace)
        visitor.close()


def _send(visitor: socket.socket, read: Callable[[int], bytes], pace: float) -> None:
    began, sent = time.perf_counter(), 0
    while piece := read(_STEP):
        visitor.sendall(piece)
        sent += len(piece)
        ahead = began + sent / pace - time.perf_counter() if pace else 0.0
        if ahead > 0:
            time.sleep(ahead)


def _certificate(folder: Path) -> Path:
    path = folder / "own.pem"
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    argv = ["openssl", *words.split(), "-keyout", path, "-out", folder / "c"]
    subprocess.run(argv, capture_output=True, check=True)
    path.write_bytes(path.read_bytes() + (folder / "c").read_bytes())
    os.environ["SSL_CERT_FILE"] = str(path)
    return path


def _seconds(what: Callable[[], object]) -> float:
    start = time.perf_counter()
    what()
    return time.perf_counter() - start


def measure(case: Case, file: Path, digest: str, folder: Path, rounds: int) -> bool:
    """Print one line; whether the goal was met."""
    certificate = _certificate(folder) if case.tls else folder
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = multiprocessing.get_context("fork").Process(target=_serve, args=(listener, file, case, certificate))
        server.start()
        url = f"{'https' if case.tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}/f"
        size = file.stat().st_size
        download = Download(url, "ours", f"sha256:{digest}", size)
        trust = ["--cacert", str(certificate)] if case.tls else []
        curl = ["curl", "-sS", "--fail", "--noproxy", "*", *trust, "-o", str(folder / "curls"), url]
        ours, theirs = [], []
        try:
            for _round in range(rounds):
                (folder / "ours").unlink(missing_ok=True)
                (folder / "curls").unlink(missing_ok=True)
                theirs.append(_seconds(lambda: subprocess.run(curl, check=True)))
                ours.append(_seconds(lambda: fetch(JobContext(), download, folder)))
        finally:
            server.kill()
            server.join()
    mine, curls = (size / statistics.median(times) / 1e6 for times in (ours, theirs))
    met = mine >= 0.95 * curls if case.pace else case.tls or mine >= 300
    goal = f"  goal {case.goal}" if case.goal else ""
    print(
        f"{case.name:20} ours {mine:5.0f}  curl {curls:5.0f}  of curl {mine / curls:4.2f}{goal}"
        + ("" if met else "  MISSED")
    )
    return met


def main() -> int:
    """Run all; 1 if a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=300)
    options = parser.parse_args()
    for program in ("curl", "openssl"):
        if shutil.which(program) is None:
            print(f"{program} is needed")
            return 2
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"
    with tempfile.TemporaryDirectory(prefix="natmod-bench-") as temporary:
        folder = Path(temporary)
        file, digest = folder / "served", hashlib.sha256()
        with file.open("wb") as out:
            for _number in range(options.megabytes):
                piece = os.urandom(1_000_000)
                out.write(piece)
                digest.update(piece)
        results = [measure(case, file, digest.hexdigest(), folder, options.rounds) for case in _CASES]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
