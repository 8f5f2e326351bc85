"""What C help is made of: a MicroPython, an architecture, flags, interned strings. Used in a worker. No Qt."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ide.editor.intelligence.help import Missing
from ide.editor.lsp import clangd, user_module
from ide.editor.lsp.words import Launch
from toolchains.chips import Arch
from toolchains.chips import arch as arch_named
from toolchains.contents import digest_of
from toolchains.errors import ProjectError, StudioError
from toolchains.jobs import JobContext
from toolchains.linkable import Linkable, linkable, own_names
from toolchains.live_remarks import Around
from toolchains.sdk_tree import SdkTree
from toolchains.text import _

if TYPE_CHECKING:
    from ide.board.inspect import Identity
    from toolchains.project import Project
    from toolchains.toolbox import Toolbox

#: What a build makes when no board says otherwise (:mod:`ide.builds`).
_DEFAULT_ARCH = "rv32imc"
_WORD = re.compile(r"[A-Za-z_]\w*")
#: Without a border in front: so it is found twenty times as fast.
_QSTR = re.compile(r"MP_QSTR_\w+")
#: No source of a module is larger; what is, is not searched for names.
_LARGEST = 2 << 20
_MOST_FILES, _MOST_FOLDERS = 500, 1000
HEADERS = (".h", ".hpp")
#: clangd reads each of them, once, while nothing else is to do.
_MOST_INDEXED = 100


@dataclass(frozen=True)
class Wanted:
    """What C help is to be for. ``texts`` are those on the screen."""

    root: Path
    project: Project | None
    identity: Identity | None
    texts: Mapping[Path, str]


@dataclass(frozen=True)
class Names:
    """What a C file of the project defines, and all its words."""

    defined: frozenset[str]
    words: frozenset[str]


@dataclass(frozen=True)
class Prepared:
    """What clangd is started with. ``known``: what links; ``names``: interned strings of files that are not open,
    ``shown``: of those that are; ``news``: files are compiled otherwise than before, which clangd notices late;
    ``libraries``: the project links some of its own choice; ``others``: its C files; ``described``: files whose flags
    are known; ``user``: folders of user C modules."""

    launch: Launch
    database: clangd.Database
    sdk: SdkTree
    arch: Arch
    known: Linkable
    names: frozenset[str]
    news: bool = False
    libraries: bool = False
    others: Mapping[Path, Names] = field(default_factory=dict)
    described: frozenset[Path] = frozenset()
    user: frozenset[Path] = frozenset()
    shown: Mapping[Path, frozenset[str]] = field(default_factory=dict)

    def is_native(self, path: Path) -> bool:
        """Whether a file is of a native module, which can use what links only."""
        return self.user.isdisjoint(path.parents)

    def around(self, path: Path) -> Around:
        """What the project has beside one file."""
        others = [names for one, names in self.others.items() if one != path]
        return Around(
            frozenset[str]().union(*(one.defined for one in others)),
            frozenset[str]().union(*(one.words for one in others)),
            self.arch.name,
            (self.sdk.mpy_version, self.sdk.mpy_sub_version),
            self.libraries,
        )


def prepare(ctx: JobContext, toolbox: Toolbox, wanted: Wanted) -> Prepared | Missing:
    """Make everything ready. Nothing is downloaded for it; raises ``DiskError``."""
    program = clangd.program(toolbox.host)
    if program is None:
        return Missing(
            _("There is no help for C: the program clangd is missing."),
            _('Install it with: python -m pip install "natmod-studio[gui]"'),
        )
    sdk = _tree(toolbox, wanted)
    if sdk is None:
        return Missing(
            _("There is no help for C yet: it needs the MicroPython sources."),
            _("Build the project once: they are fetched then."),
            quiet=True,
        )
    sdk = _extended(ctx, toolbox, wanted, sdk)
    arch = wanted.identity.arch if wanted.identity is not None else None
    arch = arch or arch_named(_DEFAULT_ARCH)
    folder = toolbox.paths.cache / "code" / digest_of(str(wanted.root), arch.name, sdk.identity)[:16]
    database = clangd.Database(folder)
    described = frozenset((*wanted.texts, *_files(wanted.root, ".c")[:_MOST_INDEXED]))
    # A header is read as a part of the file that includes it; clangd finds that.
    described = frozenset(path for path in described if path.suffix not in HEADERS) or described
    news = _describe(ctx, database, wanted, arch, sdk, toolbox, described)
    names, shown = _names_on_disk(wanted), {path: names_in(text) for path, text in wanted.texts.items()}
    database.write_qstrs(sdk, map(" ".join, (names, *shown.values())))
    launch = clangd.launch(program, wanted.root, database)
    libraries = wanted.project is not None and bool(wanted.project.libs)
    others = dict(_others(wanted))
    user = frozenset(one for one in map(user_module.folder_of, described) if one is not None)
    return Prepared(launch, database, sdk, arch, linkable(sdk), names, news, libraries, others, described, user, shown)


def _others(wanted: Wanted) -> Iterable[tuple[Path, Names]]:
    sources = [wanted.root / one for one in (wanted.project.sources if wanted.project is not None else ())]
    for path in sources or sorted(wanted.root.glob("*.c")):
        text = wanted.texts.get(path) or _read(path)
        if path.suffix == ".c" and text:
            yield path, Names(own_names(text), frozenset(_WORD.findall(text)))


def _tree(toolbox: Toolbox, wanted: Wanted) -> SdkTree | None:
    """An installed tree: the project's, the board's, or the newest."""
    pinned = wanted.project.pin_micropython if wanted.project is not None else None
    board = wanted.identity
    if pinned or board is None:
        return toolbox.sdks.best_for(pinned)
    return toolbox.sdks.best_for(board.version, board.mpy_version) or toolbox.sdks.best_for(board.version)


def _extended(ctx: JobContext, toolbox: Toolbox, wanted: Wanted, sdk: SdkTree) -> SdkTree:
    """With the functions that the project's firmware adds to MicroPython's; where that cannot be, without them."""
    firmware = wanted.project.firmware if wanted.project is not None else None
    if wanted.project is None or firmware is None or not firmware.functions:
        return sdk
    from toolchains.firmware import extended  # here, because few projects make such a firmware

    try:
        return extended.sdk_of(ctx, wanted.project, sdk, toolbox.paths)
    except StudioError as error:
        ctx.log(str(error))
        return sdk


def _describe(
    ctx: JobContext,
    database: clangd.Database,
    wanted: Wanted,
    arch: Arch,
    sdk: SdkTree,
    toolbox: Toolbox,
    described: Iterable[Path],
) -> bool:
    """Whether that is news. A project whose file is being written has help for single files all the same."""
    if wanted.project is not None and wanted.project.native:
        try:
            return database.write(ctx, wanted.project, arch, sdk, toolbox.host, described)
        except (ProjectError, StudioError) as error:
            ctx.log(str(error))
    return database.write_plain(wanted.root, arch, sdk, toolbox.host, described)


def _names_on_disk(wanted: Wanted) -> frozenset[str]:
    found = set[str]()
    for path in _files(wanted.root, ".c", ".h"):
        if path not in wanted.texts:
            found.update(names_in(_read(path)))
    return frozenset(found)


def _files(root: Path, *ends: str) -> list[Path]:
    """The project's files with these ends; none that a build made. Of a folder with everything in it, the first."""
    found: list[Path] = []
    for number, (folder, folders, names) in enumerate(os.walk(root)):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(folder, name) for name in sorted(names) if name.endswith(ends)]
        if len(found) >= _MOST_FILES or number >= _MOST_FOLDERS:
            break
    return found[:_MOST_FILES]


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace") if path.stat().st_size <= _LARGEST else ""
    except OSError:  # gone, or not ours to read: it has no say then
        return ""


def names_in(text: str) -> frozenset[str]:
    """The interned strings that a text names."""
    return frozenset(_QSTR.findall(text))
