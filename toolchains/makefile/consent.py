"""What the person allowed a Makefile to run, and what they answered in its place.

It is kept among the person's own settings, never in the project: whoever sends a project cannot send the consent. Both
are by the exact text of the command, so that another command is asked about again.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolchains.contents import digest_of
from toolchains.errors import disk_errors
from toolchains.host import Host
from toolchains.makefile.errors import Command
from toolchains.paths import Paths

_FILE = "makefile-answers.json"
_SCHEMA = 1


@dataclass(frozen=True)
class Consents:
    """The answers of one person for one project."""

    host: Host
    root: Path

    @property
    def path(self) -> Path:
        """The file with the answers for all projects."""
        return Paths.of(self.host).config / _FILE

    def allowed(self, command: Command) -> bool:
        """Whether the person agreed to this very command."""
        return _key(command.text) in self._project().get("allowed", {})

    def answer(self, variable: str, value: str) -> str | None:
        """What the person gave for a variable whose value is ``value`` in the file."""
        found = self._project().get("answers", {}).get(_key(variable, value))
        return found if isinstance(found, str) else None

    def allow(self, commands: Iterable[Command]) -> None:
        """Remember a consent."""
        new = {_key(one.text): one.text for one in commands}
        if not new.keys() <= self._project().get("allowed", {}).keys():
            self._merge("allowed", new)

    def remember(self, variable: str, value: str, answer: str) -> None:
        """Remember an answer."""
        if self.answer(variable, value) != answer:
            self._merge("answers", {_key(variable, value): answer})

    def _project(self) -> dict[str, Any]:
        found = self._load().get(str(self.root))
        return found if isinstance(found, dict) else {}

    def _load(self) -> dict[str, Any]:
        try:
            data = json.loads(self.path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        projects = data.get("projects") if isinstance(data, dict) else None
        return projects if isinstance(projects, dict) else {}

    def _merge(self, kind: str, new: dict[str, str]) -> None:
        projects, mine = self._load(), self._project()
        before = mine.get(kind)
        mine[kind] = {**(before if isinstance(before, dict) else {}), **new}
        text = json.dumps({"schema": _SCHEMA, "projects": {**projects, str(self.root): mine}}, indent=1)
        with disk_errors(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(prefix=".answers-", dir=self.path.parent)
            with open(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            self.host.replace(Path(name), self.path)


def _key(*parts: str) -> str:
    return digest_of(*parts)
