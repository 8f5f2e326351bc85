"""Names without spaces and accents, for compilers that cannot read others.

GCC for Windows takes its command line in the machine's old code page, and breaks arguments with spaces apart when it
calls its own parts. So on Windows no such name reaches a compiler: folders get a plain second name (a junction, which
needs no rights), and what the compiler says is read with the names that the person knows. Elsewhere nothing changes.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from toolchains.errors import disk_errors
from toolchains.host import Host
from toolchains.jobs import Completed, JobContext

_PLAIN = re.compile(r"[A-Za-z0-9_.:\\/~+=@#-]*")
#: What a word of a compiler's command line may have before a path.
_OPTION = re.compile(r"(-I|-L|-B|-isystem|-iquote|-include|-MF|-o|-specs=|--sysroot=|@)?(.+)", re.S)
_SOURCES = (".c", ".S", ".s")
#: Variables that hold many paths, one of which would spoil all.
_LISTS = ("PATH",)
#: GCC reads these and finds other headers and programs than its own by them.
_GCC_READS = (
    "CPATH",
    "C_INCLUDE_PATH",
    "CPLUS_INCLUDE_PATH",
    "LIBRARY_PATH",
    "COMPILER_PATH",
    "GCC_EXEC_PREFIX",
    "DEPENDENCIES_OUTPUT",
    "SUNPRO_DEPENDENCIES",
)
#: Tools' words in English, so that they can be read; file names stay as they are.
_WORDS = {"LC_ALL": "C", "LANGUAGE": "C"}

#: The compilers of a build start side by side.
_LINKING = threading.Lock()


def is_plain(text: str) -> bool:
    """Whether any program reads ``text`` as the one path it is: ASCII letters, digits, and marks without a meaning."""
    return _PLAIN.fullmatch(text) is not None


def plain_name(name: str) -> str:
    """A plain file name for ``name``: itself, or one that is made of it and of no other."""
    if is_plain(name) and ":" not in name:
        return name
    return re.sub(r"[^A-Za-z0-9_.-]", "_", name.encode("ascii", "replace").decode()) + f"-{_key(name)}"


def plain_tail(path: PurePath) -> tuple[PurePath, PurePath]:
    """A path as a folder that needs another name (all of it, if the last name does) and the plain names below it."""
    head = path
    while head != head.parent and is_plain(head.name):
        head = head.parent
    return head, path.relative_to(head)


def root_of(host: Host) -> Path:
    """Where plain names live on Windows: a folder of the machine, since the user's own may hold the user's name."""
    for name in ("PROGRAMDATA", "SYSTEMDRIVE"):
        place = host.environ.get(name, "")
        if place and is_plain(place):
            return Path(place + os.sep, "natmod-studio")
    return Path("C:\\natmod-studio")


def store_of(host: Host, data: Path) -> Path:
    """Where compilers and SDKs are kept: ``data``, or on Windows a plain folder of this user's if it is not plain."""
    if host.system != "windows" or is_plain(str(data)):
        return data
    return root_of(host) / "store" / _key(str(data))


def run_compiler(
    ctx: JobContext,
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    stdin: bytes | None = None,
    check: bool = True,
    timeout: float | None = None,
) -> Completed:
    """:meth:`JobContext.run` for compilers and mpy-cross: they see plain names only, and answer in the person's."""
    return PlainNames(ctx.host).run(ctx, argv, cwd=cwd, stdin=stdin, check=check, timeout=timeout)


@dataclass
class PlainNames:
    """The plain names given so far; on a system that needs none, it gives none."""

    host: Host
    _given: dict[str, str] = field(default_factory=dict)

    @property
    def needed(self) -> bool:
        """Whether compilers here stumble over other names."""
        return self.host.system == "windows"

    def run(
        self,
        ctx: JobContext,
        argv: Sequence[str | Path],
        *,
        cwd: Path | None = None,
        stdin: bytes | None = None,
        check: bool = True,
        timeout: float | None = None,
    ) -> Completed:
        """See :func:`run_compiler`."""
        words, folder = self.words(argv, cwd)
        env = self.environment()
        done = ctx.run(words, cwd=folder, env=env, stdin=stdin, check=check, timeout=timeout)
        if not self._given:
            return done
        return replace(done, stdout=self._said(done.stdout, cwd), stderr=self._said(done.stderr, cwd))

    def words(self, argv: Sequence[str | Path], cwd: Path | None) -> tuple[list[str], Path | None]:
        """The command line and the working folder under plain names."""
        if not self.needed:
            return [str(word) for word in argv], cwd
        return [out for word in argv for out in self._word(str(word), cwd or Path())], cwd and self.of(cwd)

    def environment(self) -> Mapping[str, str | None]:
        """What is different for a compiler: on Windows, no variable leads it to a name that is not plain."""
        changed: dict[str, str | None] = {**dict.fromkeys(_GCC_READS), **_WORDS}
        if not self.needed:
            return changed
        for name, value in self.host.environ.items():
            if name.upper() in _LISTS:
                changed[name] = os.pathsep.join(part for part in value.split(os.pathsep) if is_plain(part))
            elif not is_plain(value) and name not in changed:
                changed[name] = None
        temporary = str(_made(root_of(self.host) / "tmp"))
        return {**changed, "TMP": temporary, "TEMP": temporary, "TMPDIR": temporary}

    def of(self, path: Path) -> Path:
        """A plain path to the same file or folder; the folder of a file, at least, must exist."""
        if not self.needed or is_plain(str(path)):
            return path
        full = path.absolute()
        head, tail = plain_tail(full)
        if Path(head).is_file():
            return self._copied(full)
        return self._linked(Path(head)) / tail if is_plain(str(tail)) else full

    def back(self, text: str, cwd: Path | None = None) -> str:
        """The person's own names in place of the plain ones; below the working folder, without that folder."""
        for given, real in self._given.items():
            text = text.replace(given, real).replace(given.replace("\\", "/"), real)
        return text.replace(f"{cwd}{os.sep}", "") if self._given else text

    def _said(self, output: bytes, cwd: Path | None) -> bytes:
        return self.back(output.decode("utf-8", "surrogateescape"), cwd).encode("utf-8", "surrogateescape")

    def _word(self, word: str, cwd: Path) -> Iterable[str]:
        match = _OPTION.fullmatch(word)
        if match is None or is_plain(word) or word.startswith(("-D", "-U")):
            return [word]
        option, path = match[1] or "", Path(match[2])
        full = path if path.is_absolute() else cwd / path
        if not (path.is_absolute() or full.exists() or full.parent.is_dir()):
            return [word]
        beside = ["-iquote", str(self.of(full.parent))] if not option and full.suffix in _SOURCES else []
        return [*beside, option + str(self.of(full))]

    def _linked(self, folder: Path) -> Path:
        alias = _made(root_of(self.host) / "names") / _key(str(folder))
        with disk_errors(alias):
            self._link(alias, folder)
        self._given[str(alias)] = str(folder)
        return alias

    def _link(self, alias: Path, folder: Path) -> None:
        with _LINKING:
            if _leads(alias, folder):
                return
            try:
                self.host.link_folder(alias, folder)
            except FileExistsError:  # another process was quicker
                if not _leads(alias, folder):
                    raise

    def _copied(self, file: Path) -> Path:
        """A file whose own name is not plain: compilers get a copy, and look for its headers where it was."""
        copy = _made(root_of(self.host) / "files") / f"{_key(str(file))}{file.suffix}"
        with disk_errors(copy):
            shutil.copyfile(file, copy)
        self._given[str(copy)] = str(file)
        return copy


def _leads(alias: Path, folder: Path) -> bool:
    return alias.exists() and os.path.samefile(alias, folder)


def _key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def _made(folder: Path) -> Path:
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder
