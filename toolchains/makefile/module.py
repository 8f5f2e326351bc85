"""A Makefile's module as a recipe: what make would compile and link, for one architecture, tree and compiler."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from toolchains.build_records import BuildRequest
from toolchains.chips import Arch
from toolchains.compiler_probe import Compiler
from toolchains.makefile import flags as flag_rules
from toolchains.makefile.commands import Compile, Link, bytecode_of, compile_of, link_of
from toolchains.makefile.errors import Command, MakefileError, Place, TooMuch
from toolchains.makefile.made import Made
from toolchains.makefile.missing import missing_source, missing_symbols
from toolchains.makefile.reader import Reader
from toolchains.makefile.rules import Making
from toolchains.makefile.words import Pattern, split
from toolchains.makefile.world import not_there
from toolchains.module_names import name_problem
from toolchains.recipe import Recipe
from toolchains.text import Text, _

_SOURCES = (".c", ".S", ".s", ".cpp", ".cc", ".cxx")
_COMPILED = (".c", ".S", ".s")
_DYNRUNTIME = "py/dynruntime.mk"
#: The goal for which alone something is included.
_GOAL = re.compile(r"""^ *ifeq[ (]+["']?\$[({]MAKECMDGOALS[)}]["']?[, ]+["']?([\w.-]+)["']?\)?[ \t]*$""", re.M)
_MOST_CHAINED = 4
_MOST_OBJECTS = 5000


@dataclass
class Module:
    """Takes a recipe from what a :class:`Reader` has read."""

    reader: Reader
    request: BuildRequest
    run: Callable[[Command], str | None]
    cache: Path
    sources: list[str] = field(default_factory=list)
    objects: list[str] = field(default_factory=list)
    flags: dict[str, tuple[str, ...]] = field(default_factory=dict)
    notes: list[Text] = field(default_factory=list)
    _chain: list[str] = field(default_factory=list)
    _compiles: dict[str, Compile | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.place = Place(self.request.project.makefile or "Makefile", 1)
        self.world = self.reader.asking.world
        records = self.cache / "makefile-made"
        self.made = Made(self.reader, self._usable, self.run, records)

    @property
    def arch(self) -> Arch:
        """The architecture that is built for."""
        return self.request.arch

    @property
    def compiler(self) -> Compiler:
        """The compiler that is used."""
        return self.request.compiler

    def recipe(self) -> Recipe:
        """The recipe. Raises :class:`MakefileError` and its leaves, ``SdkIncomplete``."""
        self.made.bring(name for name, _place in self.reader.missing)
        if self.reader.missing:
            raise not_there(*self.reader.missing[0])
        whole = self._whole()
        self.reader.asking.need(whole.target, *whole.needs)
        name = self._name(whole)
        native = self._made(whole.needs[0] if whole.needs else "")
        self.reader.parents = ("all", whole.target, native.target)
        self.reader.asking.need(*native.needs)
        self.made.bring(self._needed(native.needs, whole.needs[1:]))
        if len(native.needs) > _MOST_OBJECTS:
            raise TooMuch(native.place, _("there are too many files in SRC."))
        for target in dict.fromkeys(native.needs):
            self._object(target)
        self._note_left_out()
        if not self.objects:
            raise self._fail(
                "SRC", _("the Makefile names no C file: SRC is empty."), _("Write: SRC = {name}.c", name=name)
            )
        python = {path: flags for target in dict.fromkeys(whole.needs[1:]) for path, flags in self._python(target)}
        link = self._link(native)
        runtime = self._wants_runtime(link)
        common = next(iter(self.flags.values()), ())
        own = {source: flags for source, flags in self.flags.items() if flags != common}
        bytecode = next(iter(python.values()), ())
        return Recipe(
            self.request.project.root,
            name,
            tuple(self.sources),
            tuple(self.objects),
            common,
            python=tuple(python),
            include=tuple(self._include()),
            libs=tuple(lib for lib in link.libs if not runtime or lib not in self._compilers_own()),
            externs=link.externs,
            arch_flags=link.arch_flags,
            source_name=link.source_name,
            runtime="on" if runtime else "auto",
            bytecode_flags=bytecode,
            own_flags={**own, **{path: flags for path, flags in python.items() if flags != bytecode}},
            notes=(*self.reader.asking.notes, *self.notes),
        )

    def _fail(self, variable: str, problem: Text, step: Text | None = None, part: str = "") -> MakefileError:
        """The error for a variable's value, or for the ``part`` of it that is wrong."""
        known = self.reader.variables.get(variable)
        place = known.place_of(part) if known is not None and known.place.file else self.place
        return MakefileError(place, problem, next_step=step)

    # --- what is made ---

    def _whole(self) -> Making:
        """How dynruntime.mk makes the module."""
        if not any(name.endswith(_DYNRUNTIME) for name in self.reader.included):
            step = _("Write at its end: include $(MPY_DIR)/py/dynruntime.mk")
            text = self.world.text(self.place.file, self.place) or ""
            if "MAKECMDGOALS" in text:
                asked = _GOAL.search(text)
                goal = asked[1] if asked else "all"
                step = _("It asks for make's goal: name it, as in natmod build MAKECMDGOALS={goal}", goal=goal)
            raise self._fail(
                "", _("the Makefile does not include py/dynruntime.mk, so it makes no native module."), step
            )
        for rules in self.reader.rules.explicit.values():
            for rule in rules:
                merges = any("--merge" in line.text for line in rule.recipe)
                if merges and rule.place.file.endswith(_DYNRUNTIME):
                    return self._made(rule.targets[0])
        raise self._fail("", _("the py/dynruntime.mk of this MicroPython has no rule for a module."))

    def _name(self, whole: Making) -> str:
        name = whole.target.removesuffix(".mpy")
        if not name:
            raise self._fail("", _("the Makefile gives the module no name."), _("Write at its beginning: MOD = name"))
        problem = name_problem(name)
        if problem is not None:
            raise self._fail("MOD", problem)
        return name

    def _made(self, target: str) -> Making:
        making = self.reader.rules.making(target, self._usable)
        if making is None:
            raise self._fail("", _("no rule of the Makefile makes {target}.", target=target))
        return making

    def _needed(self, *targets: Sequence[str]) -> Iterator[str]:
        """What is needed to make objects and byte code, and all that is linked besides."""
        for target in dict.fromkeys(name for names in targets for name in names):
            making = self.reader.rules.making(target, self._usable)
            if making is None or (self._compile(making) or bytecode_of(self.reader, making)) is None:
                yield target
            else:
                yield from making.needs

    def _usable(self, need: str) -> str | None:
        """The name under which make would find a file: itself, or in a folder of VPATH. None: there is none."""
        if not need.endswith((*_SOURCES, ".py")):
            return need  # headers and the like: the compiler will tell
        if self.world.exists(need):
            return need
        for folder in self._search(need):
            name = posixpath.join(folder, need)
            if self.world.exists(name):
                return name
        return need if self.reader.rules.knows(need) or self._chained(need) else None

    def _chained(self, need: str) -> bool:
        """Whether a pattern rule makes it from what is there."""
        if len(self._chain) >= _MOST_CHAINED or need in self._chain:
            return False
        self._chain.append(need)
        try:
            return self.reader.rules.making(need, self._usable) is not None
        finally:
            self._chain.pop()

    def _search(self, need: str) -> Iterator[str]:
        if need.startswith("/"):
            return
        for pattern, folders in self.reader.vpath:
            if Pattern(pattern).stem(need) is not None:
                yield from folders
        path = self.reader.expander.value_of("VPATH")
        self.reader.asking.need(path)
        yield from split(path.replace(":", " "))

    def _compile(self, making: Making) -> Compile | None:
        if making.target not in self._compiles:
            self._compiles[making.target] = compile_of(self.reader, making)
        return self._compiles[making.target]

    def _object(self, target: str) -> None:
        """One thing that is linked: a source's object, or one that is there."""
        making = self.reader.rules.making(target, self._usable)
        found = self._compile(making) if making is not None else None
        if making is None or found is None:
            if self.reader.asking.needed:  # what commands would print may lead to it
                return
            if not self.world.exists(target):
                raise missing_source(self.reader, self.request, target)
            self.objects.append(self._relative(target))
            return
        source = self._relative(making.needs[0])
        if not source.endswith(_COMPILED):
            raise self._fail(
                "SRC", _("{source} is not C: native modules are written in C here.", source=source), part=source
            )
        if not self.world.exists(making.needs[0]):
            raise missing_source(self.reader, self.request, target, making.needs[0])
        try:
            kept = flag_rules.checked(found.flags, self.compiler)
        except flag_rules.Refused as refused:
            raise self._fail("CFLAGS", refused.problem, part=refused.flag) from refused
        self.objects.append(source)
        if source not in self.flags:
            self.sources.append(source)
        self.flags[source] = flag_rules.completed(kept, self.compiler, self.arch.cflags)

    def _note_left_out(self) -> None:
        """Sources that make leaves out without a word."""
        names = {self._relative(self._usable(name) or name) for name in split(self.reader.expander.value_of("SRC"))}
        for name in sorted(name for name in names - set(self.sources) if name.endswith(_COMPILED)):
            twin = next((one for one in self.sources if one.rpartition(".")[0] == name.rpartition(".")[0]), None)
            if twin is not None:
                self.notes.append(
                    _("{name} is not built, since {twin} becomes the same object, as with make.", name=name, twin=twin)
                )
            else:
                self.notes.append(
                    _("{name} is not built: put it into SRC before dynruntime.mk is included.", name=name)
                )

    def _python(self, target: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        making = self.reader.rules.making(target, self._usable)
        flags = bytecode_of(self.reader, making) if making is not None else None
        if making is None or flags is None:
            raise missing_source(self.reader, self.request, target)
        yield self._relative(making.needs[0]), flags

    def _relative(self, name: str) -> str:
        """A file's name as the build wants it: relative inside the project, else as it is."""
        real = self.world.names.real(name)
        if not os.path.isabs(real):
            return posixpath.normpath(Path(real).as_posix())
        path, root = Path(os.path.normpath(real)), self.request.project.root
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()

    # --- flags ---

    def _include(self) -> Iterator[str]:
        """The folders of headers inside the project."""
        all_flags = [flag for flags in self.flags.values() for flag in flags]
        for folder in dict.fromkeys(flag_rules.folders(all_flags)):
            name = self._relative(folder)
            inside = not os.path.isabs(name) and name.split("/")[0] not in ("..", ".")
            if inside and self.world.is_folder(name):
                yield name

    def _compilers_own(self) -> tuple[str, ...]:
        found = (self.compiler.libgcc, self.compiler.libm)
        return tuple(self._relative(path.as_posix()) for path in found if path is not None)

    def _wants_runtime(self, link: Link) -> bool:
        """Whether the compiler's own libraries are linked, all of them: by ``LINK_RUNTIME``, or by name."""
        wanted = self.reader.expander.value_of("LINK_RUNTIME").strip() == "1"
        own = self._compilers_own()
        return wanted or (bool(own) and set(own) <= set(link.libs))

    def _link(self, native: Making) -> Link:
        link = link_of(self.reader, native)
        self.made.bring(link.libs)
        if link.nameless and self.compiler.kind == "gcc":  # zig's libraries have no files of their own
            self.notes.append(_("One -l in MPY_LD_FLAGS names no library, and was left out."))
        link.libs = [self._relative(lib) for lib in link.libs]
        for lib in link.libs:
            if not self.world.exists(lib) or not self.world.path(lib).is_file():  # a pipe would never end
                raise self._fail("MPY_LD_FLAGS", _("the library {path} is not there.", path=lib), part=lib)
        if link.externs is not None:
            if not link.externs or not self.world.exists(link.externs):
                raise missing_symbols(self.reader, self.request)
            link.externs = self._relative(link.externs)
        link.arch_flags = link.arch_flags or None
        return link
