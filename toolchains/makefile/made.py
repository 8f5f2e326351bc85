"""Files that a rule of the Makefile makes before anything is compiled: generated sources, fetched libraries.

Make decides by times; here a file is made when it is missing, or when what it is made from has another content than
when we made it. Only commands that the person agreed to are run.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from toolchains.contents import digest_of
from toolchains.makefile.commands import lines_of
from toolchains.makefile.errors import Command, MakefileError, TooMuch
from toolchains.makefile.reader import Reader
from toolchains.makefile.rules import Making
from toolchains.makefile.running import CommandFailed
from toolchains.makefile.unknown import is_unknown
from toolchains.text import _

_DYNRUNTIME = "py/dynruntime.mk"
_MOST_DEEP = 40


class MadeAgain(Exception):
    """Files were made, so that what was asked about files may have another answer: read the Makefile again."""


@dataclass
class Made:
    """Makes what rules make. ``run`` gives None for a command without consent; ``usable`` as in the rule book.

    ``records`` is the folder where it is kept from what each file was made.
    """

    reader: Reader
    usable: Callable[[str], str | None]
    run: Callable[[Command], str | None]
    records: Path
    _done: dict[str, bool] = field(default_factory=dict)

    def bring(self, targets: Iterable[str]) -> None:
        """Make all of ``targets`` that a rule makes and that are missing or out of date.

        Raises :class:`MadeAgain` when something was made; a command without consent is noted with the reader.
        """
        made = [self._bring(target, 0) for target in targets]
        if any(made):
            raise MadeAgain

    def _bring(self, target: str, depth: int) -> bool:
        if target in self._done:
            return self._done[target]
        self._done[target] = False  # a rule that needs its own target is no way to make it
        rules = self.reader.rules
        making = rules.making(target, self.usable)
        if making is not None and making.place.file.endswith(_DYNRUNTIME):
            return False
        if depth > _MOST_DEEP:
            raise TooMuch(self.reader.expander.place, _("too many rules lead to {target}.", target=target))
        needs = rules.needs(target) if making is None else making.needs
        made = [self._bring(need, depth + 1) for need in (*needs, *rules.order_only(target))]
        self._done[target] = any(made)
        if making is not None and self._wanted(making):
            self._done[target] |= self._make(making)
        return self._done[target]

    def _wanted(self, making: Making) -> bool:
        world = self.reader.asking.world
        if not world.exists(making.target):
            return True
        known = self._record(making)
        return known is not None and known != self._state(making)

    def _state(self, making: Making) -> str:
        world = self.reader.asking.world
        return digest_of([(need, world.content(need)) for need in making.needs])

    def _make(self, making: Making) -> bool:
        """Run the recipe; whether it was run to its end."""
        steps = list(lines_of(self.reader, making))
        asking = self.reader.asking
        stopped = any(is_unknown(step.text) for step in steps)
        for step in steps:
            command = Command(step.text, step.place, makes=making.target)
            if stopped or self._run(command, step.marks) is None:
                stopped = True
                if not is_unknown(step.text):
                    asking.want(command)
        if stopped:
            return False
        if not os.path.exists(self.reader.asking.world.path(making.target)) and self._is_file(making):
            problem = _("the rule for {target} ran and did not make it.", target=making.target)
            raise MakefileError(making.place, problem)
        self._remember(making)
        return True

    def _run(self, command: Command, marks: str) -> str | None:
        try:
            return self.run(command)
        except CommandFailed:
            if "-" not in marks:
                raise
            return ""

    def _is_file(self, making: Making) -> bool:
        """Whether it is meant to be a file: not of ``.PHONY``."""
        return all(making.target not in rule.needs for rule in self.reader.rules.explicit.get(".PHONY", ()))

    # --- what was made from what ---

    def _file(self, making: Making) -> Path:
        return self.records / f"{digest_of(str(self.reader.asking.world.root), making.target)[:32]}.json"

    def _record(self, making: Making) -> str | None:
        try:
            found = json.loads(self._file(making).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, str) else None

    def _remember(self, making: Making) -> None:
        world = self.reader.asking.world
        state = digest_of([(need, world.content_now(need)) for need in making.needs])
        # Without a record, only a missing file is made again.
        with suppress(OSError):
            self.records.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(prefix=".made-", dir=self.records)
            with open(descriptor, "w", encoding="utf-8") as file:
                json.dump(state, file)
            os.replace(name, self._file(making))
