"""Names that people give to boards ("bench 3"), kept by MAC, so that they are found again at any port."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ide.board.flash.usb import mac_of
from toolchains.errors import UsageError, disk_errors
from toolchains.jobs import JobContext
from toolchains.locks import locked
from toolchains.paths import Paths
from toolchains.text import _

SCHEMA = 1
MOST = 40
_FILE = "board-labels.json"


@dataclass(frozen=True)
class Labels:
    """The labels of this user, in ``paths.data``. Read afresh each time: another window may have written one."""

    file: Path

    @staticmethod
    def of(paths: Paths) -> Labels:
        """The labels of these folders' user."""
        return Labels(paths.data / _FILE)

    def all(self) -> dict[str, str]:
        """Every label by its MAC (``aa:bb:cc:dd:ee:ff``). A file that is damaged counts as none."""
        try:
            kept = json.loads(self.file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        labels = kept.get("labels") if isinstance(kept, dict) else None
        found = labels.items() if isinstance(labels, dict) else ()
        return {mac_of(mac): text[:MOST] for mac, text in found if isinstance(text, str) and mac_of(mac)}

    def get(self, mac: str) -> str:
        """The label of a board; empty when it has none."""
        return self.all().get(mac_of(mac), "")

    def put(self, ctx: JobContext, mac: str, label: str) -> None:
        """Give a board a label, or take it away with an empty one. Raises DiskError; UsageError for no MAC."""
        self.put_all(ctx, [(mac, label)])

    def put_all(self, ctx: JobContext, given: Iterable[tuple[str, str]]) -> None:
        """The same for several boards at once."""
        rows = [(_checked(mac), " ".join(label.split())[:MOST]) for mac, label in given]
        with disk_errors(self.file):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with locked(ctx, self.file.with_name(f"{_FILE}.lock")):
                labels = self.all() | dict(rows)
                kept = {mac: label for mac, label in sorted(labels.items()) if label}
                fresh = self.file.with_name(f"{_FILE}.{os.getpid()}.new")
                fresh.write_text(json.dumps({"schema": SCHEMA, "labels": kept}, indent=1) + "\n", "utf-8")
                ctx.host.replace(fresh, self.file)

    def number(self, ctx: JobContext, macs: Iterable[str], word: str = "") -> dict[str, str]:
        """Give every board of ``macs`` that has no label the next free number (after ``word``); all their labels."""
        have = self.all()
        taken = set(have.values())
        fresh, n = {}, 1
        for mac in dict.fromkeys(filter(None, map(mac_of, macs))):
            if mac in have:
                continue
            while (label := f"{word} {n}".strip()) in taken:
                n += 1
            taken.add(label)
            fresh[mac] = label
        if fresh:
            self.put_all(ctx, fresh.items())
        return have | fresh


def _checked(mac: str) -> str:
    found = mac_of(mac)
    if not found:
        raise UsageError(
            _("{mac} is no MAC of a board.", mac=mac or "-"),
            next_step=_("Let the board be detected first: a label is kept by its MAC."),
        )
    return found
