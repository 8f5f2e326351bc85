"""What can be wrong with a Makefile, said with its file and line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from toolchains.errors import ProjectError
from toolchains.text import Text, _, _n

_MOST_SHOWN = 200


@dataclass(frozen=True)
class Place:
    """A line of a makefile; ``file`` is relative to the project, or absolute."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


#: The person's own variables and ours have no line.
NOWHERE = Place("", 0)


class MakefileError(ProjectError):
    """A Makefile cannot be understood or used. Fields: ``path``, ``line`` (from 1, or None), ``problem``."""

    code = "project.makefile"

    def __init__(
        self, place: Place, problem: Text, *, next_step: Text | None = None, why: Text | None = None, detail: str = ""
    ) -> None:
        problem = _safe(problem)
        what = problem
        if place.file:
            what = _("{file} line {line}: {problem}", file=shown(place.file), line=place.line, problem=problem)
        super().__init__(
            what,
            why=why,
            next_step=next_step and _safe(next_step),
            detail=detail,
            path=place.file,
            line=place.line or None,
            problem=problem,
        )


class TooMuch(MakefileError):
    """A Makefile that would never end, or that makes texts without end."""

    code = "project.makefile.limit"


class MakefileSays(MakefileError):
    """The Makefile itself stops with ``$(error …)``."""

    code = "project.makefile.error"


@dataclass(frozen=True)
class Command:
    """A command that a Makefile wants to run, and the variable that its output would go to, if that is all of it.

    ``makes`` is the file that the command makes, for the recipe of a rule.
    """

    text: str
    place: Place
    variable: str | None = None
    makes: str | None = None

    def __str__(self) -> str:
        made = f"{self.makes}: " if self.makes else ""
        return f"{self.place}: {made}{shown(self.text)}"


class NeedsConsent(ProjectError):
    """A Makefile names commands that are not run without the person's word. Field: ``commands``."""

    code = "project.makefile.consent"
    exit_code = 1

    def __init__(self, commands: Sequence[Command]) -> None:
        self.commands = tuple(commands)
        first = self.commands[0]
        super().__init__(
            _n(
                'Line {line} of {file} wants to run "{command}", which needs your consent.',
                '{n} commands of the Makefile need your consent. The first is "{command}", in line {line} of {file}.',
                len(self.commands),
                line=first.place.line,
                file=shown(first.place.file),
                command=shown(first.text),
            ),
            why=_("A command can do whatever you can do on this computer."),
            next_step=self._step(),
            detail="\n".join(str(one) for one in self.commands),
            commands=[str(one) for one in self.commands],
        )

    def _step(self) -> Text:
        names = sorted({one.variable for one in self.commands if one.variable})
        if names and all(one.variable for one in self.commands):
            answers = " ".join(f"--set {name}=…" for name in names)
            return _(
                "Allow it with: natmod build --allow-run; or give its answer yourself: natmod build {answers}",
                answers=answers,
            )
        return _("Allow it, if you trust this project: natmod build --allow-run")


def _safe(text: Text) -> Text:
    """A sentence whose fields may come from a foreign file."""
    fields = {name: shown(value) if isinstance(value, str) else value for name, value in text.fields.items()}
    return replace(text, fields=fields)


def shown(text: str) -> str:
    """A piece of a foreign file, made safe and short enough to stand in a sentence."""
    clean = "".join(c if c.isprintable() else " " for c in text).strip()
    return clean if len(clean) <= _MOST_SHOWN else clean[: _MOST_SHOWN - 1] + "…"
