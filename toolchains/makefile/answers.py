"""Commands of ``$(shell …)`` whose answer is known without a shell: questions to the compiler, and texts."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from toolchains.chips import Arch
from toolchains.compiler_probe import Compiler
from toolchains.errors import ToolFailed, ToolMissing
from toolchains.jobs import JobContext
from toolchains.makefile.shellwords import shell_words
from toolchains.makefile.world import World
from toolchains.plain import run_compiler

_COMPILER = re.compile(r"(?:.*[/-])?(?:gcc|cc|clang)(?:-[\d.]+)?(?:\.exe)?")
#: What only makes GCC say something about itself.
_QUERY = re.compile(
    r"--?print-(libgcc-file-name|multi-directory|multi-os-directory|sysroot|(file|prog)-name=[\w.+/-]+)"
    r"|-dump(machine|version|fullversion)|--version"
)
#: Flags on which the answer may depend; none of them names a file.
_CHOOSES_LIBRARY = re.compile(r"-m[A-Za-z0-9=+.,_-]+")
_QUIET = re.compile(r"\s*(2\s*>\s*/dev/null|2\s*>\s*&1|</dev/null)\s*$")
#: What a shell would not take as it stands; the dollar sign of ``$?`` in one known form is dealt with before.
_SHELLS = re.compile(r"[$`\\*?~]|\|\||&&|[;&<>(){}\n]")
_GREP = re.compile(r"""grep -q "([^"$`\\]*)" "([^"$`\\]*)"; echo \$\?""")
#: ``gcc --version 2>&1 | grep -q clang && echo clang``
_GREP_ECHO = re.compile(r"""([^|&;<>$`]+?(?: 2>&1)?) *\| *grep (-[qi]+) ['"]?(\w+)['"]? *&& *echo (\w+)""")
_CD_PWD = re.compile(r"cd (\S+) *&& *pwd(?: -P)?")
_PICOLIBC = "--print-file-name=picolibc.specs"
_TIMEOUT_S = 30.0
_MOST_GREPPED = 10_000_000

#: GCC's own words, by what was asked; the key has the compiler's identity.
_said: dict[tuple[str, ...], str] = {}

_UNAME = {"linux": "Linux", "macos": "Darwin", "windows": "Windows_NT"}
_UPPER = (("[:lower:]", "[:upper:]"), ("a-z", "A-Z"), ("[a-z]", "[A-Z]"))


@dataclass(frozen=True)
class Answers:
    """Answers for one compiler in one project."""

    ctx: JobContext
    compiler: Compiler
    arch: Arch
    world: World

    def __call__(self, text: str) -> str | None:
        """The output of a command, None when it is not one of those known."""
        text = _QUIET.sub("", text)
        special = self._special(text)
        if special is not None:
            return special
        if _SHELLS.search(_unquoted(text)):
            return None
        found: str | None = None
        for n, stage in enumerate(_stages(text)):
            argv = shell_words(stage)
            if not argv or (n and found is None):
                return None
            found = self._command(argv) if n == 0 else _filtered(found or "", argv)
        return found

    def _special(self, text: str) -> str | None:
        grep = _GREP.fullmatch(text)
        if grep is not None:
            return self._grep(grep[1], grep[2])
        asked = _GREP_ECHO.fullmatch(text)
        if asked is not None:
            said = self(asked[1])
            ignored = re.I if "i" in asked[2] else 0
            return None if said is None else asked[4] if re.search(asked[3], said, ignored) else ""
        move = _CD_PWD.fullmatch(text)
        if move is not None and not _SHELLS.search(move[1]) and not set(move[1]) & set("'\""):
            return self.world.realpath(move[1]) or None
        return None

    def _grep(self, wanted: str, file: str) -> str | None:
        """``grep -q WORD FILE; echo $?`` for a word without the marks of a pattern."""
        if not re.fullmatch(r"[\w -]*", wanted):
            return None
        self.world.content(file)  # a reason to ask again when it changes
        path = self.world.path(file)
        try:
            # A pipe or a device may have no end.
            if not path.is_file() or path.stat().st_size > _MOST_GREPPED:
                return "2"
            text = path.read_text("utf-8", "replace")
        except OSError:
            return "2"
        return "0" if wanted in text else "1"

    def _command(self, argv: Sequence[str]) -> str | None:
        program, *rest = argv
        if _COMPILER.fullmatch(program):
            return self._compiler(rest)
        match program, rest:
            case "echo", _ if not (rest and re.fullmatch(r"-[neE]+", rest[0])):
                return " ".join(rest)
            case "pwd", _:
                return self.world.names.root
            case "uname", ([] | ["-s"]):
                return _UNAME[self.ctx.host.system]
            case "basename", [name]:
                return posixpath.basename(name.rstrip("/"))
            case "basename", [name, suffix]:
                return posixpath.basename(name.rstrip("/")).removesuffix(suffix)
            case "dirname", [name]:
                return posixpath.dirname(name.rstrip("/")) or "."
            case "find", [folder, *tests] if not folder.startswith("-"):
                return self._find(folder, tests)
            case "realpath", [name]:
                return self.world.realpath(name) or None
        return None

    def _find(self, folder: str, tests: Sequence[str]) -> str | None:
        match [*tests]:
            case ["-name", pattern] | ["-type", "f", "-name", pattern] | ["-name", pattern, "-type", "f"]:
                return self.world.found(folder, pattern)
        return None

    # --- the compiler ---

    def _compiler(self, flags: Sequence[str]) -> str | None:
        queries = [flag for flag in flags if _QUERY.fullmatch(flag)]
        if len(queries) != 1:
            return None
        query = queries[0] if queries[0].startswith("-dump") else f"--{queries[0].lstrip('-')}"
        if self.compiler.kind != "gcc":
            # No library, no name: dynruntime.mk then takes none of the ways that are for certain GCCs.
            return query.partition("=")[2]
        chosen = tuple(flag for flag in flags if _CHOOSES_LIBRARY.fullmatch(flag))
        known = self._known_library(query, chosen)
        return self._ask(query, chosen) if known is None else known

    def _known_library(self, query: str, chosen: tuple[str, ...]) -> str | None:
        """What was found out when the compiler was tried, if the flags are the same."""
        if query == _PICOLIBC:
            # Whether it serves was found out as well.
            specs = (flag for flag in self.compiler.cflags if flag.startswith("-specs="))
            return next((flag.partition("=")[2] for flag in specs), "picolibc.specs")
        own = [flag for flag in self.compiler.cflags if _CHOOSES_LIBRARY.fullmatch(flag)]
        if sorted(chosen) != sorted(own):
            return None
        if query == "--print-libgcc-file-name":
            # None was found to be for this processor: GCC may name another one's, which is worse than none.
            return self.world.names.word(self.compiler.libgcc.as_posix()) if self.compiler.libgcc else ""
        if self.compiler.libm is not None and query == f"--print-file-name={self.compiler.libm.name}":
            return self.world.names.word(self.compiler.libm.as_posix())
        return None

    def _ask(self, query: str, chosen: tuple[str, ...]) -> str:
        specs = tuple(flag for flag in self.compiler.cflags if flag.startswith("-specs="))
        argv = (*self.compiler.command, *chosen, *specs, query)
        key = (self.compiler.identity, *argv)
        if key not in _said:
            try:
                _said[key] = run_compiler(self.ctx, argv, timeout=_TIMEOUT_S).stdout.decode("utf-8", "replace").rstrip()
            except (ToolFailed, ToolMissing):
                _said[key] = query.partition("=")[2]  # what GCC says of a file that it does not find
        return _said[key]


def _unquoted(text: str) -> str:
    """The text without what stands in quotes where it has no meaning to a shell."""
    text = re.sub(r"'[^']*'", "", text)
    text = re.sub(r"\\[\"' ]", "", text)
    return re.sub(r'"[^"$`\\]*"', "", text)


def _stages(text: str) -> list[str]:
    """The commands of a pipe."""
    found: list[str] = []
    quote, start = "", 0
    for at, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "|":
            found.append(text[start:at])
            start = at + 1
    return [*found, text[start:]]


def _filtered(text: str, argv: Sequence[str]) -> str | None:
    """``text`` through a filter of a pipe, None when it is not one of those known."""
    change: Callable[[str], str] | None = None
    match argv:
        case ["tr", *pair] if tuple(pair) in _UPPER:
            change = str.upper
        case ["tr", old, new] if (new, old) in _UPPER:
            change = str.lower
        case ["tr", "-", "_"]:
            return text.replace("-", "_")
        case ["sed", *options] if options in (["-e", "s/-$//"], ["s/-$//"]):
            return re.sub(r"-$", "", text)
    if change is None or not text.isascii():
        return None
    return change(text)
