"""Tells when a file of a project is saved, by whatever program and in whatever manner (in place, or by renaming).

Watched are the folders of the project that are not hidden, one by one and not all below them (a ``.git`` or a virtual
environment would use up the system's watches), and the folders outside that the last builds read from. The system
reports changes by itself; the library looks at its list of them 20 times a second (0.1 % of a core). What counts is
the file's time, size and place on the disk, compared with the last look; while somebody builds, its content as well,
since a rule of a Makefile may write the same source again and again.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from toolchains.build_folder import FOLDER, State
from toolchains.contents import MEMO
from toolchains.errors import disk_error
from toolchains.jobs import JobContext
from toolchains.project_places import FILE_NAME, MAKEFILES

_SUFFIXES = (".c", ".h", ".hpp", ".inc", ".def", ".s", ".S", ".py", ".mk", ".ld")
_NAMES = frozenset({FILE_NAME, *MAKEFILES})
#: Milliseconds without a further change until a save counts as done, and the longest that is waited for that.
_STEP_MS, _DEBOUNCE_MS = 50, 400
#: How often the thread wakes to see whether it shall end or was too late at its start, in milliseconds.
_LOOK_MS = 1000
#: A folder with more folders than this is no project: only the files beside its script are watched.
_MOST_FOLDERS = 500
#: A file saved so long ago, in seconds, was not saved now, whatever its time says (an unpacked or a restored one).
_JUST_NOW_S = 10.0
_TICK_S = 1.0

#: Time of the last change in ns, size, inode, hash of the content.
Signature = tuple[int, int, int, str]


def folders_of(root: Path) -> frozenset[Path]:
    """The folders to watch for a project."""
    found: set[Path] = set()
    for folder, names, _files in os.walk(root):
        names[:] = [name for name in names if not name.startswith(".") and name != "__pycache__"]
        found.add(Path(folder))
        if len(found) > _MOST_FOLDERS:
            found = {root}
            break
    return frozenset(found | {path.parent for path in inputs_of(root)})


def inputs_of(root: Path) -> frozenset[Path]:
    """The files that the last builds of a project read in it, or from it by ``..``; MicroPython's are absolute."""
    found: set[str] = set()
    for state in root.glob(f"{FOLDER}/*/state.json"):
        known = State.load(state)
        for record in (*known.objects.values(), *known.steps.values()):
            found.update(path for path in record.get("inputs", ()) if not os.path.isabs(path))
    paths = (Path(os.path.normpath(root / path)) for path in found)
    return frozenset(path for path in paths if path.is_file())


def signatures_of(root: Path) -> dict[Path, Signature]:
    """What tells the present content of each file that matters: sources, Python, descriptions, what a build read."""
    files = set(inputs_of(root))
    for folder in folders_of(root):
        try:
            files.update(Path(entry.path) for entry in os.scandir(folder) if _matters(entry.name))
        except OSError:  # removed a moment ago
            continue
    return {path: signature for path in files if (signature := _signature(path)) is not None}


def _matters(name: str) -> bool:
    return not name.startswith(".") and (name in _NAMES or name.endswith(_SUFFIXES))


def _is_new(path: Path, root: Path, folders: frozenset[Path]) -> bool:
    return _matters(path.name) and (path.parent in folders or path.is_relative_to(root))


def _signature(path: Path) -> Signature | None:
    try:
        stat = path.stat()
        return stat.st_mtime_ns, stat.st_size, stat.st_ino, MEMO.of(path)
    except OSError:  # removed a moment ago, or not for us to read
        return None


class Saves:
    """Watches the project at ``root`` while the block runs, in a thread of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._folders = folders_of(self.root)
        self._known = signatures_of(self.root)
        self._saved: dict[Path, float] = {}
        self._fault: OSError | None = None
        self._some, self._end = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._on_save: Callable[[], None] | None = None
        self._idle_since = 0.0
        self._thread = threading.Thread(target=self._listen, daemon=True, name="saves")

    def __enter__(self) -> Saves:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._end.set()
        self._thread.join()

    @contextmanager
    def calling(self, on_save: Callable[[], None]) -> Iterator[None]:
        """While the body runs, ``on_save`` is called (from the thread) at a save; at once if there was one already."""
        with self._lock:
            self._on_save = on_save
        if self._some.is_set():
            on_save()
        try:
            yield
        finally:
            with self._lock:
                self._on_save = None
                self._idle_since = time.time()

    def wait(self, ctx: JobContext) -> tuple[tuple[str, ...], float]:
        """Wait for a save: what was saved, relative to the project, and when, by :func:`time.time`.

        Raises Cancelled, and ``DiskError`` when the system cannot watch these folders.
        """
        with ctx.cancelling(self._some.set):
            while not self._some.wait(_TICK_S):  # a wait without end would keep Ctrl-C out on Windows
                ctx.check()
        ctx.check()
        if self._fault is not None:
            raise disk_error(self._fault, self.root)
        with self._lock:
            saved, self._saved = self._saved, {}
            self._some.clear()
        names = sorted(os.path.relpath(path, self.root).replace(os.sep, "/") for path in saved)
        return tuple(names), max(saved.values())

    def _listen(self) -> None:
        try:
            while not self._end.is_set():
                self._follow_or_look_again()
        except OSError as error:
            self._fault = error
            self._some.set()

    def _follow_or_look_again(self) -> None:
        try:
            self._follow(self._folders)
        except FileNotFoundError:
            self._folders = folders_of(self.root)  # one of them was removed a moment ago
        except RuntimeError as error:  # how the library says what it did not expect of the system
            raise OSError(None, str(error)) from error
        if not self._end.is_set() and not self.root.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self.root))

    def _follow(self, folders: frozenset[Path]) -> None:
        """Watch these folders until there are others to watch."""
        from watchfiles import watch  # 40 ms that "natmod --help" should not pay

        changes = watch(
            *folders,
            watch_filter=None,
            debounce=_DEBOUNCE_MS,
            step=_STEP_MS,
            rust_timeout=_LOOK_MS,
            yield_on_timeout=True,
            stop_event=self._end,
            recursive=False,
            raise_interrupt=False,
            ignore_permission_denied=True,
        )
        first = True
        for some in changes:
            if some or first:
                self._look()
                if self._folders != folders:
                    return
            first = False

    def _is_same_again(self, before: Signature | None, now: Signature | None) -> bool:
        """Whether a file was written while somebody built, with the content that it had."""
        if before is None or now is None or before[3] != now[3]:
            return False
        return self._on_save is not None or now[0] / 1e9 <= self._idle_since

    def _look(self) -> None:
        """Compare all files with what is known of them."""
        now = signatures_of(self.root)
        known, folders = self._known, self._folders
        self._known, self._folders = now, folders_of(self.root)
        changed = [
            path
            for path in {**known, **now}
            # A file that was never looked at, because no build had read it, was not saved now.
            if known.get(path) != now.get(path) and (path in known or _is_new(path, self.root, folders))
        ]
        changed = [path for path in changed if not self._is_same_again(known.get(path), now.get(path))]
        if not changed:
            return
        moment = time.time()
        with self._lock:
            for path in changed:
                written = now[path][0] / 1e9 if path in now else moment
                self._saved[path] = written if 0 <= moment - written < _JUST_NOW_S else moment
            self._some.set()
            on_save = self._on_save
        if on_save is not None:
            on_save()
