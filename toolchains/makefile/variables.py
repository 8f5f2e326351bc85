"""The variables of a makefile: their values, where each comes from, and who may change it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from toolchains.makefile.errors import NOWHERE, Place

#: Who said it, from the weakest to the strongest. ``ours`` is what Natmod Studio chooses.
_RANK = {"default": 0, "environment": 1, "file": 2, "command line": 3, "override": 4, "automatic": 5, "ours": 6}


@dataclass(slots=True)
class Variable:
    """One variable. A ``recursive`` value (``=``) is expanded at each use, a simple one (``:=``) holds its text.

    ``place`` is where it was set first, ``added`` what was added later (``+=``) and where.
    """

    name: str
    value: str
    recursive: bool
    origin: str
    place: Place = NOWHERE
    added: tuple[tuple[str, Place], ...] = ()

    def place_of(self, text: str) -> Place:
        """The line that brought ``text`` into the value; if none is known to, where the variable was set first."""
        return next((place for value, place in reversed(self.added) if text in value), self.place)

    @property
    def told_origin(self) -> str:
        """What ``$(origin …)`` says."""
        return "command line" if self.origin == "ours" else self.origin


class Variables:
    """All variables, in scopes: the file's own, then those of a target, of a call, of an automatic name."""

    def __init__(self, environment: Callable[[str], str | None]) -> None:
        self._scopes: list[dict[str, Variable]] = [{}]
        self._environment = environment
        #: The names that were looked for in the environment, with what was there.
        self.asked: dict[str, str | None] = {}

    def get(self, name: str) -> Variable | None:
        """The variable of this name, from the innermost scope that has it."""
        for scope in reversed(self._scopes):
            found = scope.get(name)
            if found is not None:
                return found
        return self._from_environment(name)

    def _from_environment(self, name: str) -> Variable | None:
        value = self.asked[name] if name in self.asked else self._environment(name)
        self.asked[name] = value
        if value is None:
            return None
        # Recursive, as in make: a dollar sign in the environment is a reference.
        return Variable(name, value, True, "environment")

    def names(self) -> list[str]:
        """The names of the file's own variables."""
        return list(self._scopes[0])

    def set(self, name: str, value: str, *, recursive: bool, origin: str) -> None:
        """Set a variable that no line of a file sets."""
        self.put(Variable(name, value, recursive, origin))

    def put(self, variable: Variable) -> None:
        """Set a variable, unless it belongs to somebody stronger. As in make, never inside a call or a loop alone."""
        if self.may_set(variable.name, variable.origin):
            self._scopes[0][variable.name] = variable

    def set_inside(self, variable: Variable) -> None:
        """Set a variable of the innermost scope."""
        if self.may_set(variable.name, variable.origin):
            self._scopes[-1][variable.name] = variable

    def may_set(self, name: str, origin: str) -> bool:
        """Whether a definition by ``origin`` counts."""
        known = self._scopes[0].get(name)
        return known is None or _RANK[known.origin] <= _RANK[origin]

    def remove(self, name: str, origin: str) -> None:
        """``undefine``."""
        if self.may_set(name, origin):
            self._scopes[0].pop(name, None)
            self.asked[name] = None

    @contextmanager
    def scope(self, values: Mapping[str, str]) -> Iterator[None]:
        """While the body runs, these simple variables are in the way of all others."""
        self._scopes.append({name: Variable(name, value, False, "automatic") for name, value in values.items()})
        try:
            yield
        finally:
            self._scopes.pop()
