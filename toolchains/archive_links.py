"""The links in an archive: each is followed as a system would, and made only when everything else is there.

What is made points to a file or folder of the archive itself, straight, never through another link: nothing can be
written or read outside by way of it.
"""

from __future__ import annotations

import posixpath
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from toolchains.archive_names import Names
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.text import _

#: ``copy``: a file each, so that a tree is the same on every system; ``keep``: links, where the system has them.
Style = Literal["copy", "keep"]
_MOST_HOPS = 40  # as Linux
MAX_LINK = 4096


@dataclass(frozen=True)
class _Link:
    name: str
    target: str
    symbolic: bool


@dataclass
class Links:
    """The links that were read so far."""

    ctx: JobContext
    names: Names
    rows: dict[str, _Link] = field(default_factory=dict)

    def add(self, name: str, target: str, *, symbolic: bool) -> None:
        """One more; a hard link's target counts from the top, a symbolic link's from where the link is."""
        path = self.names.claim(name, "link")
        if not path or not target or target.startswith("/") or "\\" in target or len(target) > MAX_LINK:
            raise self.names.refuse(name, _("It is a link that points out of the archive."))
        self.rows[path] = _Link(name, target, symbolic)

    def make(self, into: Path, style: Style, copied: Callable[[str, str, str, int], None]) -> None:
        """Make all of them below ``into``; those to nothing are left out. All else is there already.

        ``copied(name, source, path, bytes)`` is told of each file that will be a copy, before it is made, with 0
        bytes for another name of the same file.
        """
        for folder in sorted({posixpath.dirname(path) for path in self.rows}):
            with disk_errors(into / folder):  # also where the link itself will be left out: another may lead here
                (into / folder).mkdir(parents=True, exist_ok=True)
        for path, link in self.rows.items():
            self.ctx.check()
            target = self._resolve(path, link)
            kind = self.names.kind(target)
            with disk_errors(into / path):
                made = kind is not None and self._make(into, path, target, link, style, copied)
            if not made:
                self.ctx.log(f"link left out: {link.name} -> {link.target}")

    def _make(
        self,
        into: Path,
        path: str,
        target: str,
        link: _Link,
        style: Style,
        copied: Callable[[str, str, str, int], None],
    ) -> bool:
        host, there = self.ctx.host, into / path
        is_folder = self.names.kind(target) == "folder"
        if style == "keep" and link.symbolic:
            text = posixpath.relpath(target, posixpath.dirname(path) or ".")
            if host.symbolic_link(there, text):
                return True
        if is_folder:
            return False
        source = into / target
        if style == "keep" and host.hard_link(there, source):
            copied(link.name, target, path, 0)
            return True
        copied(link.name, target, path, source.stat().st_size)
        shutil.copy(source, there)
        return True

    def _resolve(self, path: str, link: _Link) -> str:
        """Where a link leads in the end, as the system would go; nothing for a link in a circle or to the root."""
        here = path.split("/")[:-1] if link.symbolic else []
        todo = link.target.split("/")[::-1]
        hops = 0
        while todo:
            part = todo.pop()
            if part == "..":
                if not here:
                    raise self.names.refuse(link.name, _("It is a link that points out of the archive."))
                here.pop()
            elif part not in ("", "."):
                here.append(part)
                another = self.rows.get("/".join(here))
                if another is not None:
                    hops += 1
                    if hops > _MOST_HOPS:
                        return ""
                    here = here[:-1] if another.symbolic else []
                    todo += another.target.split("/")[::-1]
        return "/".join(here)
