"""``natmod toolchain pack``: one file with everything for a room without internet."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ide.cli.verb import Session
from toolchains.errors import UsageError
from toolchains.text import _
from toolchains.units import size_text

if TYPE_CHECKING:
    from toolchains.pack import Made

_PARTS = "toolchains, sdk, firmware, examples, wheels"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of ``pack``, among those of the other actions."""
    group = parser.add_argument_group(str(_("pack")))
    group.add_argument("--for", dest="chips", metavar="CHIPS", help=str(_("for these chips, like esp32,esp32c3")))
    group.add_argument("--out", type=Path, metavar="PACK", help=str(_("the file to write, like lab.natmodpack")))
    group.add_argument(
        "--platforms", metavar="NAMES", help=str(_("for these systems, like win64,linux-amd64 (default: this one)"))
    )
    group.add_argument(
        "--python", metavar="VERSIONS", help=str(_("for these versions of Python, like 3.11,3.12 (default: this one)"))
    )
    group.add_argument("--sdk", metavar="VERSIONS", help=str(_("with these MicroPython releases (default: 1.26.1)")))
    group.add_argument("--lab", type=Path, metavar="FILE", help=str(_("with the presets of this lab.toml")))
    group.add_argument(
        "--slim", action="store_true", help=str(_("compilers without C++ and libraries of other processors"))
    )
    group.add_argument(
        "--packages",
        metavar="NAMES",
        default="",
        help=str(_("with these packages for boards, like umqtt.simple,aioble (all: every one of the index)")),
    )
    group.add_argument(
        "--index", metavar="URL", help=str(_("packages of another index than micropython.org's: address or folder"))
    )
    group.add_argument(
        "--stubs", action="store_true", help=str(_("with what code help needs for these boards, from PyPI"))
    )
    group.add_argument(
        "--without", metavar="PARTS", default="", help=str(_("leave out some of: {parts}", parts=_PARTS))
    )


def run(options: argparse.Namespace, session: Session) -> int:
    """Make a pack; the exit code."""
    if not options.chips or options.out is None:
        raise UsageError(
            _("'natmod toolchain pack' needs --for and --out."),
            next_step=_("Example: {example}", example="natmod toolchain pack --for esp32,esp32c3 --out lab.natmodpack"),
        )
    with _packages(_words(options.packages), options.index, session) as packages:
        made = _made(options, session, packages)
    _show(session, made)
    return 0


def _made(options: argparse.Namespace, session: Session, packages: Path | None) -> Made:
    from toolchains.pack import Wishes, make_pack
    from toolchains.sdk_tree import DEFAULT_VERSION

    wishes = Wishes(
        chips=_words(options.chips),
        platforms=_words(options.platforms),
        pythons=_words(options.python),
        sdks=_words(options.sdk) or (DEFAULT_VERSION,),
        lab=options.lab,
        slim=options.slim,
        without=frozenset(_words(options.without)),
        packages=packages,
        stubs=options.stubs,
    )
    return make_pack(session.ctx, session.toolbox, wishes, options.out)


@contextmanager
def _packages(names: tuple[str, ...], index: str | None, session: Session) -> Iterator[Path | None]:
    """A folder with these packages until the body ends; None for none."""
    if not names:
        yield None
        return
    from ide.board.mip.library import Library
    from ide.board.mip.mirror import mirror
    from ide.board.mip.records import INDEX

    paths = session.toolbox.paths
    with TemporaryDirectory() as folder, Library.open(session.ctx, paths, index or INDEX) as library:
        mirror(session.ctx, library, names, Path(folder))
        yield Path(folder)


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip() for word in (text or "").split(",") if word.strip()))


def _show(session: Session, made: Made) -> None:
    files = made.manifest.files
    kinds = {kind: [file for file in files if file.kind == kind] for kind in dict.fromkeys(file.kind for file in files)}
    sizes = {kind: sum(file.size for file in group) for kind, group in kinds.items()}
    session.out.table(
        (_("part"), _("files"), _("size")),
        [(kind, len(group), size_text(sizes[kind])) for kind, group in kinds.items()],
        right={1, 2},
    )
    session.out.text(_("{path}: {size}", path=made.path, size=size_text(made.size)))
    session.out.record(
        {
            "kind": "pack",
            "path": str(made.path),
            "size": made.size,
            "parts": {kind: {"files": len(kinds[kind]), "size": size} for kind, size in sizes.items()},
            "toolchains": [packed.release.id for packed in made.manifest.toolchains],
        }
    )
