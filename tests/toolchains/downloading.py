"""What the tests of downloads share."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.fakes.file_server import FileServer
from toolchains import fetch_tries
from toolchains.fetch import Download

BODY = bytes(range(256)) * 1200
HASH = "sha256:" + hashlib.sha256(BODY).hexdigest()
UNVERIFIED = "unverified:nobody publishes one"
#: What a download leaves that can be continued.
PART = [".file.bin.part", ".file.bin.part.json"]


def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy, and no pauses between tries."""
    monkeypatch.setattr(fetch_tries, "PAUSES_S", (0.0, 0.0, 0.0))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def download_of(server: FileServer, kind: str, check: str = HASH, size: int | None = len(BODY)) -> Download:
    """``file.bin`` from the server, which answers as ``kind`` says."""
    return Download(f"{server.url}/{kind}/file.bin", "file.bin", check, size)


def visible(folder: Path) -> list[str]:
    """What is in a download folder, but for locks."""
    return sorted(p.name for p in folder.iterdir() if not p.name.endswith(".lock")) if folder.exists() else []
