"""The rules of a makefile: what is made from what. They are collected; only asked-for recipes are ever looked at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from toolchains.makefile import words
from toolchains.makefile.errors import Place
from toolchains.makefile.lines import Assignment


@dataclass(frozen=True, slots=True)
class RecipeLine:
    """A line of a recipe, as written without its tab."""

    text: str
    place: Place


@dataclass(slots=True)
class Rule:
    """Targets and what they need. ``stem_pattern`` is the target pattern of a static pattern rule."""

    targets: tuple[str, ...]
    needs: tuple[str, ...]
    place: Place
    order_only: tuple[str, ...] = ()
    stem_pattern: str | None = None
    recipe: list[RecipeLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TargetAssignment:
    """A variable for some targets only."""

    targets: tuple[str, ...]
    what: Assignment
    place: Place


@dataclass(frozen=True, slots=True)
class Making:
    """How one target is made: the recipe, and the values of the automatic variables."""

    target: str
    needs: tuple[str, ...]
    stem: str
    recipe: tuple[RecipeLine, ...]
    place: Place

    def automatic(self) -> dict[str, str]:
        """``$@ $< $^ $+ $* $?`` and the like."""
        unique = " ".join(dict.fromkeys(self.needs))
        plain = {
            "@": self.target,
            "<": self.needs[0] if self.needs else "",
            "^": unique,
            "+": " ".join(self.needs),
            "?": unique,
            "*": self.stem,
            "|": "",
            "%": "",
        }
        parts: dict[str, str] = {}
        for name, value in plain.items():
            parts[f"{name}D"] = words.each(lambda word: words.directory(word).rstrip("/") or "/", value)
            parts[f"{name}F"] = words.each(words.notdir, value)
        return {**plain, **parts}


@dataclass
class RuleBook:
    """All rules, in the order in which they were read."""

    explicit: dict[str, list[Rule]] = field(default_factory=dict)
    patterns: list[Rule] = field(default_factory=list)
    assignments: list[TargetAssignment] = field(default_factory=list)

    def add(self, rule: Rule) -> None:
        """Note a rule."""
        if rule.stem_pattern is None and any("%" in target for target in rule.targets):
            self.patterns.append(rule)
            return
        for target in rule.targets:
            self.explicit.setdefault(_plain(target), []).append(rule)

    def knows(self, target: str) -> bool:
        """Whether some rule names this file as a target."""
        return _plain(target) in self.explicit

    def needs(self, target: str) -> tuple[str, ...]:
        """What explicit rules say that ``target`` is made from."""
        return tuple(name for rule in self.explicit.get(_plain(target), ()) for name in _needs(rule, target))

    def order_only(self, target: str) -> tuple[str, ...]:
        """What has to be there before ``target`` and does not count as what it is made from."""
        return tuple(name for rule in self.explicit.get(_plain(target), ()) for name in rule.order_only)

    def making(self, target: str, usable: Callable[[str], str | None]) -> Making | None:
        """How ``target`` is made; None when no rule with a recipe does.

        ``usable`` tells under which name a file that is needed can be had, None when it cannot be had at all.
        """
        own = self.explicit.get(_plain(target), [])
        last = next((rule for rule in reversed(own) if rule.recipe), None)
        # As in make: the needs of the rule with the recipe come first.
        ordered = [*([last] if last else []), *(rule for rule in own if rule is not last)]
        needs = [need for rule in ordered for need in _needs(rule, target)]
        if last is not None:
            found = tuple(usable(need) or need for need in needs)
            return Making(target, found, _stem(last, target), tuple(last.recipe), last.place)
        for rule, stem in self._implicit(target):
            theirs = [usable(need) for need in _filled(rule.needs, stem)]
            if None not in theirs:
                found = tuple(name for name in theirs if name is not None)
                rest = tuple(usable(need) or need for need in needs)
                return Making(target, (*found, *rest), stem, tuple(rule.recipe), rule.place)
        return None

    def _implicit(self, target: str) -> Iterator[tuple[Rule, str]]:
        """The pattern rules that fit, the shortest stem first, each with its stem."""
        found: list[tuple[Rule, str]] = []
        for rule in self.patterns:
            stems = [_stem_of(pattern, target) for pattern in rule.targets]
            stem = next((one for one in stems if one is not None), None)
            if stem is not None and rule.recipe:
                found.append((rule, stem))
        return iter(sorted(found, key=lambda pair: len(pair[1])))

    def assignments_for(self, target: str) -> list[TargetAssignment]:
        """The target's own variables: those of patterns first."""
        mine = [one for one in self.assignments if any(_stem_of(name, target) is not None for name in one.targets)]
        # False before True.
        return sorted(mine, key=lambda one: not any("%" in name for name in one.targets))


def _plain(name: str) -> str:
    """``./x`` and ``x`` are one file to make."""
    return re.sub(r"^(\./+)+(?=.)", "", name)


def _stem_of(pattern: str, target: str) -> str | None:
    return words.Pattern(_plain(pattern)).stem(_plain(target))


def _stem(rule: Rule, target: str) -> str:
    if rule.stem_pattern is None:
        return ""
    return words.Pattern(rule.stem_pattern).stem(target) or ""


def _needs(rule: Rule, target: str) -> tuple[str, ...]:
    return _filled(rule.needs, _stem(rule, target)) if rule.stem_pattern is not None else rule.needs


def _filled(needs: tuple[str, ...], stem: str) -> tuple[str, ...]:
    return tuple(words.Pattern(need).filled(stem) if "%" in need else need for need in needs)
