"""Make's functions: those on texts from :mod:`toolchains.makefile.words`, those on variables and control here.

GNU make's manual, chapter 8. Functions that ask the computer are added by the reader.
"""

from __future__ import annotations

from collections.abc import Callable

from toolchains.makefile import words
from toolchains.makefile.expander import Expander, Function
from toolchains.makefile.unknown import is_unknown, marks
from toolchains.text import _


def _pure(change: Callable[..., str], least: int, most: int) -> Function:
    return Function(lambda _expander, arguments: change(*arguments), least, most)


def _each(change: Callable[[str], str]) -> Function:
    return Function(lambda _expander, arguments: words.each(change, arguments[0]), 0, 1, by_word=True)


def _number(expander: Expander, text: str, name: str) -> int:
    clean = words.strip(text)
    if not (clean.isascii() and clean.isdigit()) or len(clean) > 9:
        raise expander.fail(_('the function {name} needs a number, not "{text}".', name=name, text=clean))
    return int(clean)


def _word(expander: Expander, arguments: list[str]) -> str:
    n = _number(expander, arguments[0], "word")
    if n == 0:
        raise expander.fail(_("the function {name} counts from 1.", name="word"))
    found = words.split(arguments[1])
    return found[n - 1] if n <= len(found) else ""


def _wordlist(expander: Expander, arguments: list[str]) -> str:
    first, last = (_number(expander, text, "wordlist") for text in arguments[:2])
    if first == 0:
        raise expander.fail(_("the function {name} counts from 1.", name="wordlist"))
    return words.wordlist(first, last, arguments[2])


def _findstring(wanted: str, text: str) -> str:
    return wanted if wanted in text else ""


def _firstword(text: str) -> str:
    return next(iter(words.split(text)), "")


def _lastword(text: str) -> str:
    return next(reversed(words.split(text)), "")


def _addprefix(prefix: str, text: str) -> str:
    return words.each(lambda word: prefix + word, text)


def _addsuffix(suffix: str, text: str) -> str:
    return words.each(lambda word: word + suffix, text)


# --- those that can make much of little -------------------------------------------------------------------------------


def _subst(expander: Expander, arguments: list[str]) -> str:
    old, new, text = arguments
    expander.grow(text.count(old) * len(new))
    return words.subst(old, new, text)


def _by_words(change: Callable[..., str], most: int, long: int) -> Function:
    """A function that may put its argument number ``long`` beside every word of its last one."""

    def body(expander: Expander, arguments: list[str]) -> str:
        expander.grow(len(words.split(arguments[-1])) * len(arguments[long]))
        return change(*arguments)

    return Function(body, most, most, by_word=True)


def _filter(*, keep: bool) -> Function:
    def body(expander: Expander, arguments: list[str]) -> str:
        expander.grow(len(words.split(arguments[0])) * len(words.split(arguments[1])))
        return words.filtered(arguments[0], arguments[1], keep=keep)

    return Function(body, 2, 2, by_word=True)


# --- control --------------------------------------------------------------------------------------------------------


def _if(expander: Expander, arguments: list[str]) -> str:
    condition = expander.expand(words.strip(arguments[0]))
    if is_unknown(condition):
        return marks(condition)
    if condition:
        return expander.expand(arguments[1])
    return expander.expand(arguments[2]) if len(arguments) > 2 else ""


def _or(expander: Expander, arguments: list[str]) -> str:
    for argument in arguments:
        value = expander.expand(words.strip(argument))
        if value:
            return value
    return ""


def _and(expander: Expander, arguments: list[str]) -> str:
    value = ""
    for argument in arguments:
        value = expander.expand(words.strip(argument))
        if not value:
            return ""
        if is_unknown(value):
            return marks(value)
    return value


def _intcmp(expander: Expander, arguments: list[str]) -> str:
    sides = [expander.expand(argument) for argument in arguments[:2]]
    if any(map(is_unknown, sides)):
        return marks(*sides)
    left, right = (_signed(expander, side) for side in sides)
    less, equal, greater = (*arguments[2:], "", "", "")[:3]
    if len(arguments) == 2:
        return str(left) if left == right else ""
    if len(arguments) == 4:
        greater = equal
    return expander.expand(less if left < right else equal if left == right else greater)


def _signed(expander: Expander, text: str) -> int:
    clean = words.strip(text)
    digits = clean.removeprefix("-").removeprefix("+")
    return _number(expander, digits, "intcmp") * (-1 if clean.startswith("-") else 1)


def _foreach(expander: Expander, arguments: list[str]) -> str:
    name, values = words.strip(expander.expand(arguments[0])), expander.expand(arguments[1])
    if is_unknown(values):
        return marks(values)
    found: list[str] = []
    for word in words.split(values):
        expander.step()
        with expander.variables.scope({name: word}):
            found.append(expander.expand(arguments[2]))
            expander.grow(len(found[-1]))
    return " ".join(found)


def _let(expander: Expander, arguments: list[str]) -> str:
    names = words.split(expander.expand(arguments[0]))
    values = expander.expand(arguments[1])
    if is_unknown(values):
        return marks(values)
    given: dict[str, str] = {}
    for name in names[:-1]:
        first = _firstword(values)
        given[name] = first
        values = words.strip(words.strip(values)[len(first) :])
    if names:
        given[names[-1]] = words.strip(values)
    with expander.variables.scope(given):
        return expander.expand(arguments[2])


def _call(expander: Expander, arguments: list[str]) -> str:
    name = words.strip(arguments[0])
    if not name or is_unknown(name):
        return marks(name)
    function = expander.functions.get(name)
    if function is not None:
        given = arguments[1:]
        if len(given) < function.least:
            raise expander.fail(
                _("the function {name} needs {n} arguments, separated by commas.", name=name, n=function.least)
            )
        if function.most:
            given = [*given[: function.most - 1], ",".join(given[function.most - 1 :])]
        return function.of(expander, given)
    variable = expander.variables.get(name)
    if variable is None:
        return ""
    if not variable.recursive:
        return variable.value
    numbered = {str(index): text for index, text in enumerate((name, *arguments[1:]))}
    # The arguments of an outer call are not those of this one.
    hidden = {str(index): "" for index in range(len(arguments), 10)}
    with expander.variables.scope({**hidden, **numbered}):
        return expander.expand(variable.value)


def _value(expander: Expander, arguments: list[str]) -> str:
    variable = expander.variables.get(arguments[0])
    return variable.value if variable is not None else ""


def _origin(expander: Expander, arguments: list[str]) -> str:
    variable = expander.variables.get(arguments[0])
    return variable.told_origin if variable is not None else "undefined"


def _flavor(expander: Expander, arguments: list[str]) -> str:
    variable = expander.variables.get(arguments[0])
    if variable is None:
        return "undefined"
    return "recursive" if variable.recursive else "simple"


#: The functions that need nothing but texts and variables.
FUNCTIONS = {
    "addprefix": _by_words(_addprefix, 2, 0),
    "addsuffix": _by_words(_addsuffix, 2, 0),
    "and": Function(_and, 1, 0, lazy=True),
    "basename": _each(words.basename),
    "call": Function(_call, 1, 0, passes=True),
    "dir": _each(words.directory),
    "filter": _filter(keep=True),
    "filter-out": _filter(keep=False),
    "findstring": _pure(_findstring, 2, 2),
    "firstword": _pure(_firstword, 0, 1),
    "flavor": Function(_flavor, 0, 1),
    "foreach": Function(_foreach, 3, 3, lazy=True),
    "if": Function(_if, 2, 3, lazy=True),
    "intcmp": Function(_intcmp, 2, 5, lazy=True),
    "join": _pure(words.join, 2, 2),
    "lastword": _pure(_lastword, 0, 1),
    "let": Function(_let, 3, 3, lazy=True),
    "notdir": _each(words.notdir),
    "or": Function(_or, 1, 0, lazy=True),
    "origin": Function(_origin, 0, 1),
    "patsubst": _by_words(words.patsubst, 3, 1),
    "sort": _pure(words.sort, 0, 1),
    "strip": _pure(lambda text: " ".join(words.split(text)), 0, 1),
    "subst": Function(_subst, 3, 3),
    "suffix": Function(lambda _expander, arguments: words.nonempty(map(words.suffix, words.split(arguments[0]))), 0, 1),
    "value": Function(_value, 0, 1),
    "word": Function(_word, 2, 2),
    "wordlist": Function(_wordlist, 3, 3),
    "words": _pure(lambda text: str(len(words.split(text))), 0, 1),
}
