"""What a compiler made of a C source: its assembly, and which line of C each instruction comes from.

The one source is compiled again with ``-S -g``; the text and its ``.loc`` lines are read, so no disassembler is needed
and every compiler serves (GCC, and clang in zig). ``-g`` may move instructions with some compilers: the source is also
compiled without it, and :attr:`Listing.exact` says whether the instructions are those that were built.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from toolchains import natmod
from toolchains.build_folder import State
from toolchains.build_records import BuildRequest
from toolchains.compile_step import Compilation, compiled_again
from toolchains.contents import MEMO, digest_of
from toolchains.errors import ProjectError
from toolchains.jobs import JobContext
from toolchains.link_causes import shown_path
from toolchains.linker import LinkerPool
from toolchains.text import _

#: In bytes and lines. What is longer is cut: nobody reads it.
_LARGEST, _MOST_LINES = 16 << 20, 200_000
_KEPT = 32
_SOURCES = (".c", ".cc", ".cpp", ".cxx")

_LABEL = re.compile(r'^("[^"]+"|[\w.$]+):\s*(.*)$')
_FILE = re.compile(r'\.file\s+(\d+)\s+"((?:[^"\\]|\\.)*)"(?:\s+"((?:[^"\\]|\\.)*)")?')
_LOC = re.compile(r"\.loc\s+(\d+)\s+(\d+)")
_SECTION = re.compile(r"\.(?:push)?section\s+\"?([^\s,\"]+)")
_DATA = re.compile(
    r"\.(?:word|long|byte|2byte|4byte|8byte|short|half|hword|quad|int|string|asciz|ascii|zero|space|skip|fill|literal"
    r"|literal_position|comm|lcomm|inst|insn|dword)\b"
)
_STRING = re.compile(r"\.(?:string|asciz|ascii)\b")
_COMMENT = re.compile(r"\s+(?:#|@|//|;)\s.*$")
_LOCAL = re.compile(r"\.L[\w$.]*")
_WANTED = (".text", ".literal", ".rodata", ".srodata", ".data", ".sdata", ".bss", ".sbss")


class NoAssembly(ProjectError):
    """The source does not compile at the moment, or is none of C."""

    code = "project.no-assembly"

    def __init__(self, source: str) -> None:
        super().__init__(
            _("There is no assembly of {file}: the compiler refuses the file as it is now.", file=source),
            next_step=_("Build the project; what the compiler says is in Problems."),
            file=source,
        )


@dataclass(frozen=True)
class Instruction:
    """One line of assembly. ``path`` (as the project has it) and ``line`` (from 1): the C it comes from, if known.

    ``function``: whose it is; empty outside of functions. ``code``: it is an instruction, no label or data.
    """

    text: str
    function: str = ""
    path: str | None = None
    line: int | None = None
    code: bool = False


@dataclass(frozen=True)
class Listing:
    """The assembly of one source. ``exact``: its instructions are those of a build, which has no debug information."""

    source: str
    arch: str
    compiler: str
    lines: tuple[Instruction, ...]
    exact: bool = True

    def of_line(self, line: int) -> tuple[int, ...]:
        """Which lines of the assembly, from 0, come from a line of the source, from 1."""
        return tuple(at for at, one in enumerate(self.lines) if one.line == line and one.path == self.source)

    def count(self, line: int) -> int:
        """How many instructions a line of the source became."""
        return sum(self.lines[at].code for at in self.of_line(line))

    def text(self) -> str:
        """All of it, a line each."""
        return "\n".join(one.text for one in self.lines)


@dataclass
class Listings:
    """Makes listings, and keeps the last ones by the content of all that went in. Safe to use from several threads."""

    _kept: OrderedDict[str, Listing] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sources(self, ctx: JobContext, request: BuildRequest, linkers: LinkerPool) -> tuple[str, ...]:
        """The sources of a project that can be looked at. Raises what a build raises before it compiles."""
        return compiled_sources(natmod.describe(ctx, request, linkers))

    def of(self, ctx: JobContext, request: BuildRequest, linkers: LinkerPool, source: str) -> Listing:
        """The listing of one source. Raises :class:`NoAssembly`, and what a build raises before it compiles."""
        what = natmod.describe(ctx, request, linkers)
        if source not in compiled_sources(what):
            raise NoAssembly(source)
        key = _key(what, source)
        with self._lock:
            known = self._kept.get(key) if key else None
        if known is not None:
            return known
        made = listing(ctx, what, source)
        if key:
            with self._lock:
                self._kept[key] = made
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return made


def compiled_sources(what: Compilation) -> tuple[str, ...]:
    """The sources that a compiler turns into assembly."""
    return tuple(one for one in what.recipe.sources if one.endswith(_SOURCES))


def _key(what: Compilation, source: str) -> str:
    """All that the listing depends on; empty where the headers are not known, as before the first build."""
    record = State.load(what.folder.state_file).objects.get(source)
    if record is None:
        return ""
    now = [(path, MEMO.of(what.recipe.root / path)) for path in record["inputs"]]
    if any(record["inputs"][path] != content for path, content in now):
        return ""  # another text may include other files
    return digest_of(what.arch.name, what.command(source), what.compiler.identity, what.sdk.identity, source, now)


def listing(ctx: JobContext, what: Compilation, source: str) -> Listing:
    """Compile one source to assembly and read that. Raises :class:`NoAssembly` where it does not compile."""
    with_lines = compiled_again(ctx, what, source, ("-g", "-gdwarf-4"), "-S")
    if not with_lines:
        raise NoAssembly(source)
    lines = read(with_lines.decode("utf-8", "replace"), lambda path: shown_path(what.recipe.root, path))
    plain = read(compiled_again(ctx, what, source, (), "-S").decode("utf-8", "replace"))
    exact = _instructions(lines) == _instructions(plain)
    compiler = f"{what.compiler.kind} {what.compiler.version}"
    return Listing(source, what.arch.name, compiler, lines, exact)


def _instructions(lines: tuple[Instruction, ...]) -> list[str]:
    """The instructions without the names of places, which are numbered."""
    return [_LOCAL.sub(".L", one.text) for one in lines if one.code]


def read(text: str, shown: Callable[[str], str] = str) -> tuple[Instruction, ...]:
    """The lines of an assembly text that become bytes, and the labels that they name. Never fails: any text is read.

    ``shown`` turns a path of the compiler into one of the project.
    """
    reader = _Reader(shown)
    for line in text[:_LARGEST].splitlines():
        reader.take(line)
    return reader.result()


def _plain(quoted: str) -> str:
    """A string of assembly: clang writes what is not ASCII as the octal numbers of its bytes."""
    if "\\" not in quoted:
        return quoted
    data = re.sub(
        rb"\\([0-7]{1,3}|.)",
        lambda found: bytes([int(found[1], 8) & 0xFF]) if found[1][:1] in b"01234567" else found[1],
        quoted.encode("utf-8"),
    )
    return data.decode("utf-8", "replace")


class _Reader:
    def __init__(self, shown: Callable[[str], str]) -> None:
        self._shown = shown
        self._files: dict[str, str] = {}
        self._wanted, self._stack = True, list[bool]()
        self._function = ""
        self._place: tuple[str | None, int | None] = (None, None)
        self._code = True
        self._found: list[Instruction] = []

    def take(self, raw: str) -> None:
        line = raw.strip()
        if not line or line[0] in "#@;" or line.startswith(("//", "/*")):
            return
        label = _LABEL.match(line)
        if label:
            self._label(label[1].strip('"'))
            line = label[2]
            if not line or line[0] in "#@":
                return
        if self._directive(line) or not self._wanted:
            return
        if not line.startswith(".") or _DATA.match(line):
            self._add(line)

    def _label(self, name: str) -> None:
        if not self._wanted:
            return
        if not name.startswith((".L", "$")):
            self._function, self._place = name, (None, None)
        self._found.append(Instruction(f"{name}:", self._function))

    def _directive(self, line: str) -> bool:
        """Whether a line only tells where what follows is or comes from."""
        if file := _FILE.match(line):
            number, first, second = (_plain(part or "") for part in file.groups())
            self._files[number] = f"{first}/{second}" if second and not second.startswith("/") else second or first
        elif loc := _LOC.match(line):
            number, at = loc.groups()
            path = self._files.get(number)
            shown = self._shown(path) if path is not None else None
            self._place = (shown, int(at) or None) if len(at) < 9 else (None, None)
        elif section := _SECTION.match(line):
            if line.startswith(".push"):
                self._stack.append(self._wanted)
            self._enter(section[1])
        elif line.startswith(".popsection"):
            self._wanted = self._stack.pop() if self._stack else True
        elif (word := line.split(None, 1)[0]) in (".text", ".data", ".bss"):
            self._enter(word)
        else:
            return False
        return True

    def _enter(self, section: str) -> None:
        self._wanted = section.startswith(_WANTED)
        self._code = section.startswith(".text")
        self._place = (None, None)
        if not self._code:
            self._function = ""

    def _add(self, line: str) -> None:
        text = line if _STRING.match(line) else _COMMENT.sub("", line)
        path, at = self._place if self._code else (None, None)
        code = self._code and not line.startswith(".")
        self._found.append(Instruction(f"    {text.expandtabs(8)}", self._function, path, at, code))

    def result(self) -> tuple[Instruction, ...]:
        """Without the local labels that nothing names."""
        named = {
            name for one in self._found if one.text.startswith(" ") for name in _LOCAL.findall(one.text)
        }  # fmt: skip
        kept = (one for one in self._found if not one.text.startswith((".L", "$")) or one.text[:-1] in named)
        return tuple(kept)[:_MOST_LINES]
