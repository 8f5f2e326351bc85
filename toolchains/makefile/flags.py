"""Which flags of a Makefile reach the compiler. None may make it run a program, or write a file of its choice."""

from __future__ import annotations

import re
from collections.abc import Sequence

from toolchains.compiler_probe import Compiler
from toolchains.project_flags import flag_problem
from toolchains.text import Text, _

#: Followed by a folder or a header.
_PATHS = ("-isystem", "-iquote", "-idirafter", "-include", "-imacros", "-I")
_VALUES = ("-D", "-U")
#: They are for a link by the compiler, or for make's own list of headers, and change no object.
_IDLE = re.compile(
    r"-Wl,.*|-L.*|-l.*|-nostdlib|-nostartfiles|-nodefaultlibs|-static|-M(M|D|MD|P|G)?|-pipe|-c|-fdiagnostics-color.*"
)
_IDLE_WITH_VALUE = ("-MF", "-MT", "-MQ", "-Xlinker", "-T", "-L", "-l")
_PLAIN = re.compile(r"-nostdinc|-ansi|-trigraphs")
#: A function that nobody declared would only be missed at the link, in words that hide the cause.
_NEVER_MEANT = ("implicit-function-declaration", "int-conversion")


class Refused(Exception):
    """A flag that may not be used, and why. Becomes a :class:`~toolchains.makefile.errors.MakefileError`."""

    def __init__(self, flag: str, problem: Text) -> None:
        super().__init__(problem)
        self.flag, self.problem = flag, problem


def checked(words: Sequence[str], compiler: Compiler) -> tuple[str, ...]:
    """The flags that count, in order. Raises :class:`Refused`.

    ``words`` are those between the compiler and ``-o``. Left out: ``-Werror``, since warnings stay warnings, and what
    is for a link only. With zig, the flags of GCC for the processor give way to zig's own.
    """
    kept: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word in _IDLE_WITH_VALUE:
            del rest[:1]
        elif word in (*_PATHS, *_VALUES) and rest:
            kept += _pair(word, rest.pop(0))
        elif word.startswith(_PATHS) or _PLAIN.fullmatch(word) or word in compiler.cflags:
            kept.append(word)
        elif not _IDLE.fullmatch(word):
            if flag_problem(word) is not None:
                raise Refused(word, _refusal(word))
            kept.append(word)
    return tuple(_softened(kept))


def _pair(word: str, value: str) -> list[str]:
    return [word + value] if word in ("-I", *_VALUES) else [word, value]


def _refusal(word: str) -> Text:
    if not word.startswith("-"):
        return _('"{word}" among the compiler\'s flags is no flag.', word=word)
    return _('the flag "{word}" cannot be used here: it may run a program, or write files.', word=word)


def _softened(words: list[str]) -> list[str]:
    """The ``-Werror`` that dynruntime.mk brings, behind its ``-Wall``, only for what newer compilers refuse anyway."""
    for at, word in enumerate(words[1:], 1):
        if word == "-Werror" and words[at - 1] == "-Wall":
            kept = [f"-Werror={name}" for name in _NEVER_MEANT if not any(name in other for other in words)]
            return words[:at] + kept + words[at + 1 :]
    return words


def completed(flags: Sequence[str], compiler: Compiler, gcc_cflags: Sequence[str]) -> tuple[str, ...]:
    """The flags with those that the compiler needs and the Makefile does not know: zig's headers, for example.

    ``gcc_cflags`` are the flags of GCC for the architecture; for zig they may be others.
    """
    if compiler.kind != "gcc":
        own = set(gcc_cflags) - set(compiler.cflags)
        flags = [flag for flag in flags if flag not in own]
    missing = _missing(flags, compiler.cflags)
    # Where dynruntime_flags has them: before what a project adds.
    at = next((at + 1 for at, flag in enumerate(flags) if flag == "-U_FORTIFY_SOURCE"), len(flags))
    return (*flags[:at], *missing, *flags[at:])


def _missing(flags: Sequence[str], wanted: Sequence[str]) -> list[str]:
    found: list[str] = []
    rest = list(wanted)
    while rest:
        words = [rest.pop(0)]
        if words[0] in _PATHS and rest:
            words.append(rest.pop(0))
        if len(words) == 2 or words[0] not in flags:
            found += words
    return found


def folders(flags: Sequence[str]) -> list[str]:
    """The folders of headers among flags."""
    found: list[str] = []
    for at, flag in enumerate(flags):
        if flag.startswith("-I"):
            found.append(flag[2:])
        elif flag in ("-isystem", "-iquote", "-idirafter") and at + 1 < len(flags):
            found.append(flags[at + 1])
    return found
