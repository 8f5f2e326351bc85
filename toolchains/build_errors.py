"""What can go wrong between source and module, each as its own sentence with the tool's complaints as records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from toolchains.diagnostics import Diagnostic, errors
from toolchains.errors import BuildError, ProjectError
from toolchains.text import Text, _, _n
from toolchains.units import size_text

if TYPE_CHECKING:
    from toolchains.sdk_tree import SdkTree


class MissingSource(ProjectError):
    """A file that the project lists is not there (any more)."""

    code = "project.missing"

    def __init__(self, path: str) -> None:
        super().__init__(
            _("The file {path} is missing.", path=path),
            next_step=_("Put it there, or take it out of natmod.toml."),
            path=path,
        )


class NoExterns(BuildError):
    """The project lists functions of the chip's ROM for a build whose linker cannot reach them."""

    code = "build.externs"

    def __init__(self, why: Text) -> None:
        super().__init__(
            _("This module cannot be linked with the fixed addresses that its project names."),
            why=why,
            next_step=_(
                'Take "externs" out of natmod.toml, or MPY_EXTERN_SYM_FILE out of the Makefile, and write functions of'
                " your own instead."
            ),
        )


class NoLibraries(BuildError):
    """The project lists libraries, and the linker of this MicroPython takes objects only."""

    code = "build.libs"

    def __init__(self, version: str) -> None:
        super().__init__(
            _("The linker of MicroPython {version} cannot link libraries (.a).", version=version),
            next_step=_("Build with 1.25 or newer, or add the sources of the library to those of the project."),
            version=version,
        )


class CompileFailed(BuildError):
    """The compiler refused a source. ``diagnostics`` are all complaints, warnings too; ``detail`` its own words."""

    code = "build.compile"

    def __init__(self, diagnostics: Sequence[Diagnostic], output: str, next_step: Text | None = None) -> None:
        self.diagnostics = tuple(diagnostics)
        found = errors(diagnostics)
        super().__init__(
            _n("The C code has {n} error.", "The C code has {n} errors.", max(1, len(found))),
            why=_("The first one: {first}.", first=str(found[0]).rstrip(".")) if found else None,
            next_step=next_step or _("Correct that line, then build again."),
            detail=output,
            diagnostics=self.diagnostics,
        )


class CompilerDied(BuildError):
    """The compiler was ended by a signal: short memory, a crash of its own, or somebody."""

    code = "build.compiler.died"

    def __init__(self, source: str, number: int, output: str) -> None:
        super().__init__(
            _("The compiler was ended by signal {number} while it compiled {source}.", number=number, source=source),
            next_step=_("Build again; if it happens again, close other programs, since memory may be short."),
            detail=output,
            source=source,
            signal=number,
        )


class LinkFailed(BuildError):
    """The objects cannot become a module. ``diagnostics`` say where in the sources, as far as that is known."""

    code = "build.link"

    def __init__(
        self,
        diagnostics: Sequence[Diagnostic],
        output: str = "",
        *,
        what: Text | None = None,
        why: Text | None = None,
        next_step: Text | None = None,
    ) -> None:
        self.diagnostics = tuple(diagnostics)
        first = self.diagnostics[0].message if self.diagnostics else output.strip()
        super().__init__(
            what or _("The module cannot be linked: {first}", first=first),
            why=why,
            next_step=next_step or _("The linker's own words are below."),
            detail=output,
            diagnostics=self.diagnostics,
        )


class NoEntry(LinkFailed):
    """No function ``mpy_init``."""

    code = "build.link.entry"

    def __init__(self, name: str, output: str) -> None:
        complaint = Diagnostic("error", None, None, None, "unknown symbol: mpy_init")
        super().__init__(
            [complaint],
            output,
            what=_("The module {name} has no function mpy_init, which MicroPython calls on import.", name=name),
            next_step=_(
                "Write one: mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args)"
            ),
        )


class UnknownSymbols(LinkFailed):
    """The code uses functions or variables that nothing defines."""

    code = "build.link.undefined"

    def __init__(self, names: Sequence[str], diagnostics: Sequence[Diagnostic], output: str, sdk: SdkTree) -> None:
        if any(name in sdk.table for name in names):
            step = _("Call it through mp_fun_table, as py/dynruntime.h does.")
        elif not sdk.links_libraries and all(name.startswith("__") for name in names):
            step = _("The compiler calls it for what the processor cannot do; MicroPython 1.25 and newer can add it.")
        else:
            step = _("Check the spelling, add the file that defines it to the sources, or do without it.")
        super().__init__(
            diagnostics,
            output,
            what=_n(
                "Nothing defines {names}, which the code uses.",
                "Nothing defines these, which the code uses: {names}.",
                len(names),
                names=", ".join(names),
            ),
            why=_("A native module has no C library: it reaches only what py/dynruntime.h offers."),
            next_step=step,
        )


class StaticVariables(LinkFailed):
    """Static variables without a value, which MicroPython's linker cannot place (it would corrupt the code)."""

    code = "build.link.static"

    def __init__(self, names: Sequence[str], diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(
            diagnostics,
            what=_n(
                "The variable {names} is static and starts at zero, which a native module cannot have.",
                "These variables are static and start at zero, which a native module cannot have: {names}.",
                len(names),
                names=", ".join(names),
            ),
            why=_("MicroPython's linker would let them overwrite the code of the module."),
            next_step=_('Remove the word "static" and, inside a function, move the variable out of it.'),
        )


class HiddenVariables(LinkFailed):
    """Variables of hidden visibility, which MicroPython's linker cannot place any better than static ones."""

    code = "build.link.hidden"

    def __init__(self, names: Sequence[str], diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(
            diagnostics,
            what=_n(
                "The variable {names} is hidden from other modules, which a variable of a native module cannot be.",
                "These variables are hidden from other modules, which those of a native module cannot be: {names}.",
                len(names),
                names=", ".join(names),
            ),
            why=_("MicroPython's linker would let them overwrite the code of the module."),
            next_step=_("Build without -fvisibility=hidden, and without that attribute."),
        )


class ThreadVariables(LinkFailed):
    """Variables of which each thread has its own."""

    code = "build.link.thread"

    def __init__(self, diagnostics: Sequence[Diagnostic], output: str) -> None:
        super().__init__(
            diagnostics,
            output,
            what=_("The code has variables that belong to a thread, which a native module cannot have."),
            next_step=_("Take the words _Thread_local, thread_local and __thread out."),
        )


class InitialisedData(LinkFailed):
    """Variables with a starting value other than zero."""

    code = "build.link.data"

    def __init__(self, names: Sequence[str], diagnostics: Sequence[Diagnostic], output: str) -> None:
        super().__init__(
            diagnostics,
            output,
            what=_n(
                "The variable {names} has a starting value, which a native module cannot have.",
                "These variables have a starting value, which a native module cannot have: {names}.",
                len(names),
                names=", ".join(names),
            )
            if names
            else _("A variable has a starting value, which a native module cannot have."),
            why=_("A module's variables start at zero."),
            next_step=_("Make it const, or set its value in mpy_init."),
        )


class MixedConstants(LinkFailed):
    """MicroPython's linker would give one file the constants of another (xtensa and xtensawin)."""

    code = "build.link.mixed"

    def __init__(self, one: str, other: str, *, cause: CompileFailed | None = None) -> None:
        self.files = (one, other)
        super().__init__(
            cause.diagnostics if cause is not None else (),
            cause.detail if cause is not None else "",
            what=_("MicroPython's linker would mix up the constants of {one} and {other}.", one=one, other=other)
            if one != other
            else _("MicroPython's linker would mix up the constants in {one}.", one=one),
            why=_("Compiled as one file, they fail: {first}.", first=str(errors(cause.diagnostics)[0]).rstrip("."))
            if cause is not None
            else _("On Xtensa chips it knows a constant by its section and place, and not by its file."),
            next_step=_("Put their constants into one C file, or give functions and variables different names.")
            if one != other
            else _("Build without -ffunction-sections, or put its functions into files of their own."),
        )


class TooBig(BuildError):
    """The module exceeds a limit that the project sets for itself."""

    code = "build.limit"

    def __init__(self, what: str, n_bytes: int, limit: int) -> None:
        super().__init__(
            _(
                "The module is too big: {what} takes {size}, and natmod.toml allows {limit}.",
                what=what,
                size=size_text(n_bytes),
                limit=size_text(limit),
            ),
            next_step=_("Make it smaller, or raise the number under [limits]."),
            n_bytes=n_bytes,
            limit=limit,
        )
