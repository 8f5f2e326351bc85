"""Debian's packages and sources to a folder that is a compiler for xtensawin (:mod:`.debian_xtensa` fetches them).

The folder can be moved: each program is started by a few lines of shell that look where they are themselves
(``resources/xtensa/program.sh``), with the C library out of the same suite, since that of this machine may be older.
"""

from __future__ import annotations

import lzma
import shutil
import stat
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from toolchains.chips import arch
from toolchains.compiler_probe import Unfit, probe_gcc
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.paths import resources
from toolchains.providers.xtensa_data import XtensaFailed, data
from toolchains.providers.xtensa_runtime import Sources, build_runtime, put_headers
from toolchains.text import _
from toolchains.zig import Zig

_THEIRS, _OURS = "xtensa-lx106-elf", "xtensa-esp32-elf"
_LIBRARIES = "usr/lib/x86_64-linux-gnu"
_ANSWER = f'case " $* " in *" -dumpmachine "*) echo {_OURS}; exit;; esac'
_PLUG_IN = "esp32.so"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Parts:
    """The files that were fetched: the compiler's packages, two packages of sources, and QEMU's source archive.

    ``made_of`` changes with any of them and is written into the programs, so that they are others then.
    """

    packages: tuple[Path, ...]
    libgcc: Path
    newlib: Path
    table: Path
    made_of: str


def make(ctx: JobContext, parts: Parts, folder: Path, work: Path) -> None:
    """Fill ``folder`` with the compiler; ``work`` is for what is thrown away. Raises :class:`XtensaFailed`."""
    with disk_errors(folder):
        work.mkdir(parents=True)
        sources = _unpack(ctx, parts, folder, work)
        _strip(folder)
        with ctx.step(_("Build the plug-in that makes it a compiler for the ESP32")):
            _build_plug_in(ctx, sources, folder, work)
        tools = _put_programs(folder, parts.made_of)
        put_headers(sources, tools / "include")
        build_runtime(ctx, sources, folder / "bin" / f"{_OURS}-", tools / "lib", work / "runtime")
        _try(ctx, folder)


# --- unpacking ------------------------------------------------------------------------------------------------------


def _unpack(ctx: JobContext, parts: Parts, folder: Path, work: Path) -> Sources:
    """Packages into ``folder``, and of the sources what is needed into ``work``, at the same time."""
    files = (*parts.packages, parts.libgcc, parts.newlib, parts.table)
    tally = _Tally(ctx, sum(path.stat().st_size for path in files))
    table = data()["table"]

    def packages() -> None:
        for package in parts.packages:
            ctx.run(("dpkg-deb", "--extract", package, folder))
            tally.add(package.stat().st_size)
        _pick(tally, parts.table, work / "qemu", table)
        _pick(tally, _source_in(ctx, parts.newlib, work), work / "newlib", "include", "newlib/libc", "newlib/libm")

    def libgcc() -> None:
        _pick(tally, _source_in(ctx, parts.libgcc, work), work / "gcc", "libgcc", "include")

    with ctx.step(_("Unpack the compiler and the sources")), ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(packages), pool.submit(libgcc)]:
            done.result()
    return Sources(work / "gcc", work / "newlib", work / "qemu" / table)


@dataclass
class _Tally:
    """Counts bytes for the progress of several threads."""

    ctx: JobContext
    total: int
    done: int = 0

    def __post_init__(self) -> None:
        self._lock = Lock()

    def add(self, n_bytes: int) -> None:
        """So many bytes more were read."""
        with self._lock:
            self.done += n_bytes
            self.ctx.progress(self.done, self.total)


def _source_in(ctx: JobContext, package: Path, work: Path) -> Path:
    """The one archive in a package of sources."""
    inside = work / package.stem
    ctx.run(("dpkg-deb", "--extract", package, inside))
    return _one(inside, "*.tar.xz")


def _pick(tally: _Tally, archive: Path, into: Path, *wanted: str) -> None:
    """Unpack what is ``wanted`` of a .tar.xz, named without its outermost folder. apt has verified the archive.

    tar does it, which dpkg needs as well: Python's own takes twice as long for the 130 000 files of GCC.
    """
    into.mkdir()
    options = ("--strip-components=1", "--no-same-owner", "--anchored", "--wildcards", "--no-wildcards-match-slash")
    argv = ("tar", "--extract", "--file=-", f"--directory={into}", *options, *(f"*/{name}" for name in wanted))
    plain = lzma.LZMADecompressor()
    try:
        with archive.open("rb") as packed, tally.ctx.child(argv, stdin=subprocess.PIPE, merge=True) as tar:
            assert tar.stdin is not None
            while chunk := packed.read(_CHUNK):
                tar.stdin.write(plain.decompress(chunk))
                tally.add(len(chunk))
            said, _nothing = tar.communicate()
    except (lzma.LZMAError, BrokenPipeError) as error:
        tally.ctx.check()
        raise XtensaFailed(_("The archive {path} is damaged.", path=archive), detail=str(error)) from error
    tally.ctx.check()
    if tar.returncode:
        raise XtensaFailed(_("{path} cannot be unpacked.", path=archive), detail=said.decode("utf-8", "replace"))


def _one(folder: Path, pattern: str) -> Path:
    found = sorted(path for path in folder.rglob(pattern) if path.is_file())
    if len(found) != 1:
        raise XtensaFailed(
            _("Debian's packages are not laid out as expected: there are {n} files {name}.", n=len(found), name=pattern)
        )
    return found[0]


# --- the programs ---------------------------------------------------------------------------------------------------


def _strip(folder: Path) -> None:
    """Leave out what no native module needs: two thirds. The ESP8266's own libraries must go, their ABI is another."""
    programs = {f"{_THEIRS}-{name}" for name in data()["programs"]}
    for path in sorted((folder / "usr" / "bin").iterdir()):
        if path.name not in programs:
            path.unlink()
    inner, headers = _one(folder, "cc1").parent, _headers(folder)
    kept = (*data()["inner"], *data()["kept"])
    _remove(path for path in inner.iterdir() if path.name not in kept and path not in headers)
    _remove(path for path in headers[0].parent.glob("*") if path.suffix in (".a", ".o"))
    _remove(path for path in (folder / "usr" / "lib" / _THEIRS).iterdir() if path.name not in ("bin", "ldscripts"))
    _remove(path for path in (folder / _LIBRARIES).iterdir() if path.is_dir())
    _remove(folder / name for name in ("usr/share", "etc", "var") if (folder / name).is_dir())


def _headers(folder: Path) -> list[Path]:
    """GCC's own headers: ``include``, and ``include-fixed`` where there is one."""
    include = _one(folder, "gcc/*/*/include/stddef.h").parent
    return [include, include.with_name("include-fixed")]


def _remove(paths: Iterable[Path]) -> None:
    for path in list(paths):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _put_programs(folder: Path, made_of: str) -> Path:
    """Put a wrapper in each program's place; the folder with the target's own ``bin``, ``include`` and ``lib``."""
    # Not in a folder called bin, where a search for compilers would find the bare programs.
    programs = (folder / "usr" / "bin").rename(folder / "usr" / "programs")
    for name in data()["programs"]:
        real = (programs / f"{_THEIRS}-{name}").rename(programs / f"{_OURS}-{name}")
        _wrap(folder, real, folder / "bin" / real.name, made_of, name)
    tools = _one(folder, f"{_THEIRS}/bin/as").parent
    for program in (*(_one(folder, name) for name in data()["inner"]), *sorted(tools.iterdir())):
        if program.is_symlink() or not program.stat().st_mode & stat.S_IXUSR:
            continue
        real = program.with_name(f"{program.name}.real")
        program.rename(real)
        _wrap(folder, real, program, made_of)
    return tools.parent


def _wrap(folder: Path, real: Path, wrapper: Path, made_of: str, name: str = "") -> None:
    fields = {
        "NAME": real.name,
        "MADE_OF": made_of,
        "UP": "/".join([".."] * len(wrapper.parent.relative_to(folder).parts)),
        "PROGRAM": real.relative_to(folder).as_posix(),
        "ANSWER": _ANSWER if name == "gcc" else "",
        "FLAGS": data()["flags"].get(name, ""),
    }
    text = (resources() / "xtensa" / "program.sh").read_text("utf-8")
    for field, value in fields.items():
        text = text.replace(f"@{field}@", value)
    wrapper.parent.mkdir(exist_ok=True)
    wrapper.write_text(text, "utf-8")
    wrapper.chmod(0o755)


def _build_plug_in(ctx: JobContext, sources: Sources, folder: Path, work: Path) -> None:
    """The core's configuration and opcode table as a shared object, which GPL programs load: it never leaves here."""
    zig = Zig.bundled(ctx.host)
    assert zig is not None  # see obstacle()
    ours = resources() / "xtensa"
    includes = [ours, sources.newlib / "include", sources.gcc / "include", zig.lib / "include"]
    flags = ["-nostdinc", *(f"-I{include}" for include in includes), "-include", "ansidecl.h", "-fPIC", "-w"]
    compile_one = (str(zig.program), "clang", "--target=x86_64-linux-gnu", "-O1", "-x", "c", *flags, "-c")
    objects = [work / "config.o", work / "table.o"]
    for source, target in zip((ours / "config.c", sources.table), objects, strict=True):
        ctx.run((*compile_one, source, "-o", target))
    ctx.run((zig.program, "ld.lld", "-shared", "-o", folder / _PLUG_IN, *objects))


def _try(ctx: JobContext, folder: Path) -> None:
    """The finished compiler must compile, and have its libraries; else nothing of it is kept."""
    try:
        compiler = probe_gcc(ctx, folder / "bin" / f"{_OURS}-gcc", arch("xtensawin"), "store", None)
    except Unfit as unfit:
        raise XtensaFailed(_("The compiler was made, but it does not work."), detail=str(unfit.problem)) from unfit
    if compiler.libgcc is None or compiler.libm is None:
        raise XtensaFailed(_("The compiler was made, but it does not find its libraries."))
