"""Where a MicroPython release's sources can be had: tried in turn, the first that works wins."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from toolchains.errors import SdkError
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.text import _


@dataclass(frozen=True)
class Source:
    """A downloaded archive and where it came from."""

    archive: Path
    origin: str


def fetch_source(ctx: JobContext, paths: Paths, version: str) -> Source:
    """The sources of a release, as an archive in the cache."""
    raise SdkError(_("MicroPython {version} cannot be had yet.", version=version))
