"""The functions of make that ask something of the computer or tell the person something, and commands of ``$(shell)``.

A command that we know is answered without running it; the output of another one is unknown, and nothing is run here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from toolchains.makefile import words
from toolchains.makefile.errors import Command, MakefileError, MakefileSays, Place, shown
from toolchains.makefile.expander import Expander, Function
from toolchains.makefile.unknown import is_unknown, mark, marks, numbers, without_marks
from toolchains.makefile.world import World
from toolchains.text import Text, _


@dataclass
class Asking:
    """What is told, and what would have to be run.

    ``known`` answers a command without running it; ``ran`` has the outputs of commands that were run. ``answers`` are
    what the person said in place of a command's output, by variable and text. ``needed`` are, in the end, the commands
    without whose output the module is not known.
    """

    world: World
    known: Callable[[str], str | None]
    ran: Mapping[str, str]
    answers: Callable[[str, str], str | None]
    on_overridden: Callable[[str, str], None]
    infos: list[str] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    needed: list[Command] = field(default_factory=list)
    _unknown: list[Command] = field(default_factory=list)
    _filling: list[str | None] = field(default_factory=list)

    def functions(self) -> dict[str, Function]:
        """The functions by name."""
        world = self.world
        return {
            "abspath": Function(lambda e, args: " ".join(_stepping(e, world.abspath, args[0])), 0, 1),
            "error": Function(self._error, 0, 1, passes=True),
            "file": Function(self._file, 1, 2),
            "info": Function(self._info, 0, 1, passes=True),
            "realpath": Function(lambda e, args: words.nonempty(_stepping(e, world.realpath, args[0])), 0, 1),
            "shell": Function(self.shell, 0, 1, passes=True),
            "warning": Function(self._warning, 0, 1, passes=True),
            "wildcard": Function(self._wildcard, 0, 1),
        }

    @contextmanager
    def filling(self, name: str | None) -> Iterator[None]:
        """While the body runs, what is expanded becomes the value of the variable ``name``."""
        self._filling.append(name)
        try:
            yield
        finally:
            self._filling.pop()

    def answer_for(self, name: str, value: str) -> str | None:
        """What the person once gave as the value of a variable that a command would fill."""
        return self.answers(name, value) if _has_command(value) else None

    def overridden(self, name: str, value: str) -> None:
        """The person's own value stands in place of this one."""
        if _has_command(value):
            self.on_overridden(name, value)

    def shell(self, expander: Expander, arguments: list[str]) -> str:
        """The output of a command; of one that was not run, a mark (:mod:`toolchains.makefile.unknown`)."""
        text = words.strip(arguments[0])
        if not text:
            return ""
        if is_unknown(text):  # what the command is depends on another one
            return marks(text)
        found = self.known(text)
        if found is None:
            found = self.ran.get(text)
        if found is None:
            variable, place = self._variable(expander)
            return mark(self._number(Command(text, place, variable)))
        return found.rstrip("\r\n").replace("\r\n", " ").replace("\n", " ")

    def _number(self, command: Command) -> int:
        for number, one in enumerate(self._unknown):
            if one.text == command.text:
                return number
        self._unknown.append(command)
        return len(self._unknown) - 1

    def need(self, *texts: str) -> bool:
        """Something is decided by ``texts``: whether there is anything unknown in them."""
        found = [self._unknown[number] for text in texts for number in numbers(text)]
        for command in found:
            self.want(command)
        return bool(found)

    def want(self, command: Command) -> None:
        """Note a command that has to be run."""
        if all(one.text != command.text for one in self.needed):
            self.needed.append(command)

    def _variable(self, expander: Expander) -> tuple[str | None, Place]:
        """The variable whose value is asked for, with its place: one that is being expanded, or the one being set."""
        for variable in reversed(expander.busy):
            place = variable.place_of("shell")
            if "shell" in variable.value and place.file:
                # Where it is one of several lines, no answer can replace them all.
                one_of_many = place != variable.place or variable.name in _GROWING
                return None if one_of_many else variable.name, place
        name = self._filling[-1] if self._filling else None
        return None if name in _GROWING else name, expander.place

    def _wildcard(self, expander: Expander, arguments: list[str]) -> str:
        found = (self.world.wildcard(pattern, expander.place) for pattern in words.split(arguments[0]))
        return " ".join(name for names in found for name in names)

    def _info(self, _expander: Expander, arguments: list[str]) -> str:
        self.infos.append(without_marks(self.world.names.real(arguments[0])))
        return ""

    def _warning(self, expander: Expander, arguments: list[str]) -> str:
        text = without_marks(self.world.names.real(arguments[0]))
        place = expander.place
        self.notes.append(_("{file} line {line}: {problem}", file=place.file, line=place.line, problem=shown(text)))
        return ""

    def _error(self, expander: Expander, arguments: list[str]) -> str:
        if self.needed:  # what a command would have said may be all that is wrong
            return ""
        text = shown(without_marks(self.world.names.real(arguments[0])))
        raise MakefileSays(expander.place, _("the Makefile stops here: {text}", text=text))

    def _file(self, expander: Expander, _arguments: list[str]) -> str:
        raise MakefileError(expander.place, _("$(file …) would write or read a file; that is not done here."))


#: Variables that many lines add to: a value from the person would hide all the others.
_GROWING = ("CFLAGS", "SRC", "SRC_O", "SRC_MPY", "MPY_LD_FLAGS", "MPY_CROSS_FLAGS", "CFLAGS_ARCH", "CFLAGS_EXTRA")


def _stepping(expander: Expander, change: Callable[[str], str], text: str) -> Iterator[str]:
    for word in words.split(text):
        expander.step()
        yield change(word)


def _has_command(value: str) -> bool:
    return "$(shell" in value or "${shell" in value
