"""From an archive of the catalogue to a toolchain: fetched, verified, unpacked, tried, kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from toolchains.catalog import File, Release, platform_key
from toolchains.chips import arches
from toolchains.compiler_probe import Unfit, probe_gcc
from toolchains.errors import CompilerError, FetchError, StudioError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.on_this_machine import STORE, downloads, store_root
from toolchains.paths import Paths
from toolchains.providers import Offer, Ways
from toolchains.store import Entry, Seal, Store
from toolchains.text import Text, _
from toolchains.zig import Zig, compiler_data

_ANSWER_S = 60.0
#: ESP-IDF's documentation of its QEMU, section "Prerequisites", by Debian's names; from memory.
_QEMU_LIBRARIES = ("libgcrypt20", "libglib2.0-0", "libpixman-1-0", "libsdl2-2.0-0", "libslirp0")


class NotProved(CompilerError):
    """A toolchain was unpacked and does not work here. It was thrown away."""

    code = "toolchain.proof"

    def __init__(self, name: str, why: Text, detail: str = "", next_step: Text | None = None) -> None:
        super().__init__(
            _("{name} does not work on this computer, and was not kept.", name=name),
            why=why,
            next_step=next_step or _("Take another version, or another way: natmod toolchain list"),
            detail=detail,
            name=name,
        )


def offer_of(
    provider: str, release: Release, file: File | None, *, problem: Text | None = None, reason: Text | None = None
) -> Offer:
    """The offer of a release; ``file`` is its archive for this computer, None if there is none."""
    return Offer(
        provider,
        release.id,
        release.tool,
        release.version,
        release.arches if release.kind == "gcc" else (),
        release.module_chips if release.arches else release.chips,
        release.program,
        file.size if file is not None else None,
        _disk(file) if file is not None else None,
        problem=problem,
        reason=reason,
        micropython=_spanned(release),
    )


def _spanned(release: Release) -> tuple[str, ...]:
    """The MicroPython releases whose linker reads its objects."""
    first, last = release.natmod
    if not first or release.kind != "gcc":
        return ()
    major, _dot, start = first.partition(".")
    return tuple(f"{major}.{minor}" for minor in range(int(start), int(last.partition(".")[2]) + 1))


def _disk(file: File) -> int:
    """About how much it is unpacked: nobody says."""
    growth: dict[str, float] = compiler_data()["growth"]
    return round(file.size * next(factor for suffix, factor in growth.items() if file.name.endswith(suffix)))


def install_release(
    ctx: JobContext,
    paths: Paths,
    release: Release,
    ways: Ways,
    *,
    name: str = "",
    stamp: Mapping[str, object] | None = None,
    bring: Callable[[File], Path] | None = None,
) -> Entry:
    """Put a release into the store as ``name`` (its id), with ``stamp`` beside what we know of it.

    ``bring`` gets its archive from elsewhere, verified.

    Errors: those of the download, the archive and the store, and :class:`NotProved`; then the store is as it was.
    """
    from toolchains.archive import unpack  # 15 ms that nobody pays who only looks

    file = release.file_for(platform_key(ctx.host))
    if file is None:
        raise FetchError(_("There is no {name} for this kind of computer.", name=release.id))
    store, called = Store(store_root(paths)), name or release.id
    before = store.get(called)
    if before is not None and not ways.anew:
        return before
    archive = _fetched(ctx, paths, file, ways) if bring is None else bring(file)
    seal = Seal()

    def fill(folder: Path) -> tuple[str, Mapping[str, object]]:
        with ctx.step(_("Unpack {name}", name=file.name)):
            unpack(ctx, archive, folder, links="keep", seal=seal, strip=False)
        return called, {**_stamp(release, file), **(stamp or {})}

    def meanwhile() -> Entry | None:
        """What another process installed since we were asked."""
        entry = store.get(called)
        return entry if entry is not None and (before is None or entry.folder != before.folder) else None

    return store.install(ctx, fill, lambda folder: prove(ctx, release, folder), seal=seal, unless=meanwhile)


def _fetched(ctx: JobContext, paths: Paths, file: File, ways: Ways) -> Path:
    from toolchains.fetch import Download, fetch
    from toolchains.mirrors import Mirrors

    plain = Download(file.url, file.name, f"sha256:{file.sha256}", file.size)
    download = Mirrors.of(ctx.host, paths).applied(plain)
    return fetch(ctx, download, downloads(paths), control=ways.control, sources=ways.sources)


def _stamp(release: Release, file: File) -> dict[str, object]:
    return {
        "origin": release.origin,
        "tool": release.tool,
        "version": release.version,
        "kind": release.kind,
        "arches": list(release.arches) if release.kind == "gcc" else [],
        "bin": release.bin,
        "archive": {"name": file.name, "sha256": file.sha256, "size": file.size},
    }


def prove(ctx: JobContext, release: Release, folder: Path) -> None:
    """Ask its own programs: the version is the catalogue's, and a compiler compiles. :class:`NotProved` else."""
    with ctx.step(_("Try {name}", name=release.id)):
        programs = folder.joinpath(*release.bin.split("/"))
        _check_version(ctx, release, programs)
        for arch in release.arches if release.kind == "gcc" else ():
            program = programs / f"{release.program}{ctx.host.exe_suffix}"
            try:
                probe_gcc(ctx, program, arches()[arch], STORE, Zig.bundled(ctx.host))
            except Unfit as unfit:
                raise NotProved(release.id, _("{problem}.", problem=unfit.problem)) from unfit


def _check_version(ctx: JobContext, release: Release, programs: Path) -> None:
    name, *words = release.version_command
    asked = programs / f"{name}{ctx.host.exe_suffix}"
    try:
        said = ctx.run((asked, *words), check=False, timeout=_ANSWER_S).text
    except (StudioError, OSError) as error:  # not there, or for another kind of computer
        ctx.check()
        raise NotProved(release.id, _("Its program {name} does not run.", name=asked.name), str(error)) from error
    answer = release.version_in(said)
    if answer != release.version:
        why = _("It says that it is {answer}.", answer=answer) if answer else _("It does not tell its version.")
        raise NotProved(release.id, why, said, None if answer else _what_lacks(ctx.host, release))


def _what_lacks(host: Host, release: Release) -> Text | None:
    """Espressif's QEMU uses libraries of the system; on Windows they come with it."""
    if release.kind != "qemu" or host.system == "windows":
        return None
    from toolchains.system import install_line

    command = install_line(host, _QEMU_LIBRARIES)
    return _("If it lacks libraries, get them, then try again: {command}", command=command) if command else None
