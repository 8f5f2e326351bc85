"""The warm linker: asks the child of :mod:`toolchains.link_worker`, one child per MicroPython tree.

A child is started early (:meth:`LinkerPool.start`) and costs nothing until it is asked. It is replaced when it died,
and after any exception of a tool; a request that met a dead child is asked once more, which is safe because each
request only writes its own output file.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import toolchains
from toolchains.errors import BuildError, disk_error
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.sdk_tree import SdkTree
from toolchains.text import _
from toolchains.undo import on_failure

#: mpy_ld.py's sets decide the order of library objects: a fixed seed gives the same bytes each time.
_ENVIRONMENT = {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
_TRIES = 2


class LinkerBroken(BuildError):
    """The tree's own tools failed in a way that says nothing about the project. ``detail`` is their traceback."""

    code = "build.linker"


@dataclass(frozen=True)
class Linked:
    """A link that worked: sizes in bytes, none counted twice, and the linker's words.

    ``moved`` are arrays and structures whose inner addresses the tree's linker would have lost. ``layout``: where each
    piece of code is, as (object file as it was given, section, offset in the module's code, size), in bytes.
    """

    text: int
    rodata: int
    bss: int
    got: int
    log: str
    moved: tuple[str, ...] = ()
    layout: tuple[tuple[str, str, int, int], ...] = ()


@dataclass(frozen=True)
class LinkRefused:
    """A link that was refused: by the linker, with its ``LinkError`` lines, or by us before it would go wrong.

    ``statics`` and ``hidden`` map an object file to the names of variables that cannot be reached; ``mixed`` are pairs
    of files whose constants would be taken for the same (:mod:`toolchains.link_checks`).
    """

    lines: tuple[str, ...]
    statics: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hidden: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mixed: tuple[tuple[str, str], ...] = ()

    @property
    def undefined(self) -> tuple[str, ...]:
        """The symbols that nothing defines."""
        found = (line.partition(": undefined symbol: ")[2] for line in self.lines)
        return tuple(dict.fromkeys(name for name in found if name))


@dataclass(frozen=True)
class LinkStopped:
    """The linker's own exception, and what it was at, as far as its frames tell: names are empty where they do not.

    ``relocation`` is a number of the ``machine`` (``EM_XTENSA``), for ``symbol`` in the object ``file``. ``bind`` and
    ``place`` are the symbol's, as pyelftools calls them.
    """

    error: str
    traceback: str
    machine: str = ""
    relocation: int | None = None
    symbol: str = ""
    file: str = ""
    bind: str = ""
    place: str = ""


class Linker:
    """The tools of one MicroPython tree, in a child of their own. Safe to use from several threads, one at a time."""

    def __init__(self, host: Host, tree: Path) -> None:
        self._host = host
        self._tree = tree
        self._process: subprocess.Popen[bytes] | None = None
        self._said: IO[bytes] | None = None
        self._lock = threading.RLock()
        self._closed = False

    def start(self) -> None:
        """Begin to start the child, unless it runs; returns at once."""
        with self._lock:
            if not self._closed and (self._process is None or self._process.poll() is not None):
                self._stop()
                self._spawn()

    def expect(self, libs: Sequence[Path] = (), *, merge: bool = False) -> None:
        """Let the child, if there is one, load what it will need: it has nothing to do while the compiler runs."""
        with self._lock:
            process = self._process
            if (libs or merge) and process is not None and process.stdin is not None:
                with suppress(OSError):  # a child that is gone will be replaced, and read them when it links
                    process.stdin.write(
                        json.dumps({"op": "expect", "libs": _names(libs), "merge": merge}).encode() + b"\n"
                    )
                    process.stdin.flush()

    @property
    def pid(self) -> int | None:
        """The child's process id; None while there is no child."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def preprocess(self, ctx: JobContext, *, arch: str, files: Sequence[Path], output: Path) -> None:
        """Write the header with the qstrs that the text of ``files`` mentions."""
        self._ask(ctx, {"op": "preprocess", "arch": arch, "files": _names(files), "output": str(output)})

    def link(
        self,
        ctx: JobContext,
        *,
        arch: str,
        qstrs: str,
        objects: Sequence[str],
        output: str,
        cwd: Path,
        libs: Sequence[Path] = (),
        externs: Path | None = None,
        arch_flags: str | None = None,
        source_name: str | None = None,
    ) -> Linked | LinkRefused | LinkStopped:
        """Link ``objects`` to a native .mpy. Names are relative to ``cwd``: older trees write ``output`` into the file.

        Raises :class:`LinkerBroken` when there is no linker that could answer.
        """
        request = {
            "op": "link",
            "arch": arch,
            "qstrs": qstrs,
            "objects": list(objects),
            "output": output,
            "cwd": str(cwd),
            "libs": _names(libs),
            "externs": _names([externs] if externs else []),
            "arch_flags": arch_flags,
            "source_name": source_name,
        }
        reply = self._ask(ctx, request)
        log = str(reply["log"])
        if reply["ok"]:
            text, rodata, bss, got = (int(reply[name]) for name in ("text", "rodata", "bss", "got"))
            layout = tuple((str(file), str(name), int(at), int(size)) for file, name, at, size in reply["layout"])
            return Linked(text, rodata, bss, got, log, tuple(reply["moved"]), layout)
        if reply["kind"] == "stopped":
            self.end()  # it may have been left in any state
            return LinkStopped(**{key: reply[key] for key in LinkStopped.__match_args__ if key in reply})
        words = log.partition("LinkError: ")[2] or log
        mixed = tuple((str(one), str(other)) for one, other, _name in reply.get("mixed", ()))
        return LinkRefused(tuple(words.splitlines()), _by_file(reply, "statics"), _by_file(reply, "hidden"), mixed)

    def merge(self, ctx: JobContext, *, files: Sequence[str], output: str, cwd: Path) -> None:
        """Merge one native .mpy and any number of byte code ones into ``output``."""
        reply = self._ask(ctx, {"op": "merge", "files": list(files), "output": output, "cwd": str(cwd)})
        if not reply["ok"]:
            raise self._broken(str(reply["log"]))

    def end(self) -> None:
        """End the child; the next request starts another one."""
        with self._lock:
            self._stop()

    def close(self) -> None:
        """End the child for good."""
        with self._lock:
            self._closed = True
            self._stop()

    def _ask(self, ctx: JobContext, request: Mapping[str, object]) -> dict[str, Any]:
        line = json.dumps(request).encode() + b"\n"
        # A cancel kills the child, which ends the read below.
        with self._lock, ctx.cancelling(self._kill):
            reply: dict[str, Any] = json.loads(self._answer(ctx, line))
            if reply.get("kind") == "disk":
                error = OSError(reply["errno"], reply["why"], reply["file"])
                raise disk_error(error, str(request["output"])) from error
            if reply.get("kind") == "crash":
                self._stop()
                raise self._broken(f"{reply['log']}{reply['traceback']}")
            return reply

    def _answer(self, ctx: JobContext, line: bytes) -> bytes:
        """The reply to a request; a child that died before it could reply is replaced once."""
        words = ""
        for _attempt in range(_TRIES):
            answer = self._exchange(line)
            if not answer:
                words = self._last_words()
                # Its pipe may be at its end before the system says that it ended.
                self._stop()
            ctx.check()
            if answer:
                return answer
        raise self._broken(words)

    def _exchange(self, line: bytes) -> bytes:
        """Send one request and wait for its reply; empty when the child is gone."""
        process = self._process
        if process is None or process.poll() is not None:
            self._stop()
            process = self._spawn()
        assert process.stdin is not None
        assert process.stdout is not None
        with on_failure(self._stop):  # Ctrl-C: the answer that was not read must not meet the next question
            try:
                process.stdin.write(line)
                process.stdin.flush()
                answer = process.stdout.readline()
            except OSError:
                answer = b""
        return answer if answer.endswith(b"\n") else b""

    def _spawn(self) -> subprocess.Popen[bytes]:
        if self._closed:
            raise RuntimeError("this linker was closed")
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the child
        self._process = self._host.popen(
            self._host.self_command("--worker", "link", str(self._tree), str(Paths.of(self._host).cache)),
            # Not the caller's folder, which Windows would keep from being moved as long as the child lives.
            cwd=Path(toolchains.__file__).parents[1],
            env=_ENVIRONMENT,
            stdin=subprocess.PIPE,
            stderr=self._said,
        )
        return self._process

    def _kill(self) -> None:
        process = self._process
        if process is not None:
            self._host.kill_tree(process)

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        self._host.kill_tree(process)
        process.wait()
        for pipe in (process.stdin, process.stdout, self._said):
            if pipe is not None:
                _close(pipe)

    def _last_words(self) -> str:
        if self._said is None or self._said.closed:
            return ""
        self._said.seek(0)
        return self._said.read().decode("utf-8", "backslashreplace")

    def _broken(self, detail: str) -> LinkerBroken:
        return LinkerBroken(
            _("MicroPython's own linker stopped with an exception."),
            why=_("This release cannot link what the compiler made."),
            next_step=_("Try a newer MicroPython release or another compiler; the linker's own words are below."),
            detail=detail,
            tree=str(self._tree),
        )


class LinkerPool:
    """The warm linkers of this process, by tree. Close it to end them."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._linkers: dict[Path, Linker] = {}
        self._identities: dict[Path, str] = {}
        self._lock = threading.Lock()

    def get(self, sdk: SdkTree) -> Linker:
        """The linker for a tree as it is now; its child starts with the first request."""
        with self._lock:
            linker = self._linkers.setdefault(sdk.path, Linker(self._host, sdk.path))
            before, self._identities[sdk.path] = self._identities.get(sdk.path), sdk.identity
        if before not in (None, sdk.identity):
            linker.end()  # the child has the tree's older files in memory
        return linker

    def start(self, sdk: SdkTree) -> None:
        """Begin to start the child for a tree, so that it is warm when the compiler is done."""
        self.get(sdk).start()

    def close(self) -> None:
        """End all children."""
        with self._lock:
            linkers, self._linkers = list(self._linkers.values()), {}
        for linker in linkers:
            linker.close()


def _by_file(reply: Mapping[str, Any], key: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in reply.get(key, ()):
        found[one["file"]] = (*found.get(one["file"], ()), *one["names"])
    return found


def _names(paths: Sequence[Path]) -> list[str]:
    return [str(path.absolute()) for path in paths]


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except OSError:  # what was still buffered has no reader any more
        return
