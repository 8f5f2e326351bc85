"""What a Makefile asks the computer: files, folders, names. Every answer is kept, to see later if it still holds."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from toolchains.contents import MEMO, MISSING
from toolchains.errors import disk_errors
from toolchains.makefile import words
from toolchains.makefile.errors import MakefileError, Place, TooMuch
from toolchains.makefile.unknown import harmless
from toolchains.project_file import MAX_BYTES
from toolchains.text import _

_MOST_ENTRIES = 50_000
#: What make, a shell, or both take for more than a part of a name.
_UNSAFE = re.compile(r"""[\s$#%:;=|&<>*?\[\](){}'"`~\\!^,]""")
_WILD = re.compile(r"[*?[]")
#: Words that stand for a folder whose own name make would tear apart.
_SDK, _PROJECT = "/natmod-sdk-tree", "/natmod-project-folder"

Question = tuple[str, str]


class Names:
    """Folders as words of a makefile, and back: a name with a space in it is two words to make."""

    def __init__(self, root: Path, sdk: Path) -> None:
        self.root, self.sdk = _word(root, _PROJECT), _word(sdk, _SDK)
        pairs = ((self.sdk, sdk.as_posix()), (self.root, root.as_posix()))
        self._pairs = [pair for pair in pairs if pair[0] != pair[1]]

    def real(self, text: str) -> str:
        """A text with the folders' own names."""
        for word, path in self._pairs:
            text = text.replace(word, path)
        return text

    def word(self, path: str) -> str:
        """A path as one word, as far as that can be."""
        for word, folder in self._pairs:
            if path == folder or path.startswith(f"{folder}/"):
                return word + path[len(folder) :]
        return path


def _word(path: Path, stand_in: str) -> str:
    text = path.as_posix()
    return stand_in if _UNSAFE.search(text) else text


@dataclass
class World:
    """Answers in the project's folder, which is make's working folder. ``asked`` has each question with its answer."""

    root: Path
    names: Names
    asked: dict[Question, str] = field(default_factory=dict)
    _entries: int = 0

    def path(self, name: str) -> Path:
        """The file that a word of the makefile names."""
        return self.root / self.names.real(name)

    def text(self, name: str, place: Place) -> str | None:
        """The text of a makefile, None when there is no such file."""
        if self._ask("content", name) == MISSING:
            return None
        path = self.path(name)
        with disk_errors(path), path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise TooMuch(place, _("{path} is too long for a Makefile.", path=name))
        # As make: a line ends at a zero byte.
        return harmless(re.sub("\0[^\n]*", "", data.decode("utf-8", "surrogateescape")))

    def content(self, name: str) -> str:
        """The hash of a file's content."""
        return self._ask("content", name)

    def content_now(self, name: str) -> str:
        """The same, after something was run."""
        return self._content(name)

    def exists(self, name: str) -> bool:
        """Whether there is a file or a folder of this name."""
        return self._ask("exists", name) == "yes"

    def is_folder(self, name: str) -> bool:
        """Whether there is a folder of this name."""
        return self._ask("folder", name) == "yes"

    def realpath(self, name: str) -> str:
        """``$(realpath …)`` of one word: empty when nothing is there."""
        return self._ask("realpath", name)

    def abspath(self, name: str) -> str:
        """``$(abspath …)`` of one word."""
        # Two slashes at the beginning mean something to POSIX, and nothing to make.
        return re.sub("^//", "/", posixpath.normpath(posixpath.join(self.names.root, name))) if name else ""

    def wildcard(self, pattern: str, place: Place) -> list[str]:
        """``$(wildcard …)`` of one word."""
        try:
            return words.split(self._ask("wildcard", pattern))
        except _TooManyFiles:
            raise TooMuch(place, _("{pattern} leads through too many files.", pattern=pattern)) from None

    def found(self, folder: str, pattern: str) -> str | None:
        """What ``find FOLDER -name PATTERN`` prints, None when that is too much."""
        try:
            return self._ask("find", f"{folder}\n{pattern}")
        except _TooManyFiles:
            return None

    def holds(self, asked: Mapping[Question, str]) -> bool:
        """Whether the answers of an earlier reading are still the same."""
        return all(self._answers[kind](self, name) == answer for (kind, name), answer in asked.items())

    def _ask(self, kind: str, name: str) -> str:
        question = (kind, name)
        if question not in self.asked:
            self.asked[question] = self._answers[kind](self, name)
        return self.asked[question]

    def _content(self, name: str) -> str:
        with disk_errors(self.path(name)):
            return MEMO.of(self.path(name))

    def _exists(self, name: str) -> str:
        return "yes" if os.path.exists(self.path(name)) else "no"

    def _folder(self, name: str) -> str:
        return "yes" if os.path.isdir(self.path(name)) else "no"

    def _realpath(self, name: str) -> str:
        path = self.path(name)
        there = path.is_dir() if name.endswith("/") else path.exists()
        return self.names.word(Path(os.path.realpath(path)).as_posix()) if there else ""

    def _wildcard(self, pattern: str) -> str:
        if pattern.startswith("~"):
            pattern = os.path.expanduser(pattern)
        if not _WILD.search(pattern):
            return pattern if os.path.exists(self.path(pattern)) else ""
        return " ".join(sorted(self._glob("", pattern)))

    def _find(self, question: str) -> str:
        folder, _end, pattern = question.partition("\n")
        return "\n".join(self._below(folder, pattern)) if os.path.isdir(self.path(folder)) else ""

    def _below(self, folder: str, pattern: str) -> Iterator[str]:
        for name in sorted(self._listed(folder)):
            path = f"{folder.rstrip('/')}/{name}"
            if fnmatchcase(name, pattern):
                yield path
            # os.path takes a folder that may not be looked at for none.
            if os.path.isdir(self.path(path)) and not os.path.islink(self.path(path)):
                yield from self._below(path, pattern)

    def _glob(self, folder: str, pattern: str) -> Iterator[str]:
        """Files that fit, by the parts of the pattern; ``folder`` is what is matched already."""
        part, slash, rest = pattern.partition("/")
        if not _WILD.search(part):
            name = folder + part
            if rest:
                yield from self._glob(name + slash, rest)
            elif os.path.exists(self.path(name)):
                yield name + slash
            return
        for name in self._listed(folder or "."):
            if fnmatchcase(name, part.replace("[^", "[!")) and (part.startswith(".") or not name.startswith(".")):
                if rest:
                    yield from self._glob(folder + name + slash, rest)
                elif not slash or os.path.isdir(self.path(folder + name)):
                    yield folder + name + slash

    def _listed(self, folder: str) -> list[str]:
        try:
            found = os.listdir(self.path(folder))
        except OSError:
            return []
        self._entries += len(found)
        if self._entries > _MOST_ENTRIES:
            raise _TooManyFiles
        return found

    @property
    def _answers(self) -> Mapping[str, Callable[[World, str], str]]:
        return {
            "content": World._content,
            "exists": World._exists,
            "find": World._find,
            "folder": World._folder,
            "realpath": World._realpath,
            "wildcard": World._wildcard,
        }


class _TooManyFiles(Exception):
    """Wildcards that would list half a disk."""


def not_there(name: str, place: Place) -> MakefileError:
    """The error for a file that a Makefile includes and that is not there."""
    return MakefileError(place, _("the included file {path} is not there.", path=name))
