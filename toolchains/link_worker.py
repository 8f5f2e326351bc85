"""The warm child: one MicroPython tree's ``mpy_ld.py`` and ``mpy-tool.py``, imported once, asked over a pipe.

Started as ``natmod --worker link TREE CACHE``; JSON lines on standard input and output (design.md section 11). The
tools run through their own ``main`` with their own command line, so that every release keeps its own meaning; what
``main`` does not reset is only ``sys.argv``, ``sys.stdout`` and the working directory, which each request gets afresh.
The child ends at the end of its input or after five idle minutes, and whoever started it replaces it after any
exception.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from toolchains.link_stops import describe
from toolchains.linker_tools import LinkWatch, load

IDLE_S = 300.0

Reply = dict[str, Any]


def main(tree: Path, cache: Path) -> int:
    """Serve requests for ``tree`` until the input ends; the exit code. ``cache`` is for what can be made again."""
    replies = _claim_stdout()
    worker = Worker(tree, cache)
    idle = _IdleEnd(IDLE_S)
    for line in sys.stdin.buffer:
        idle.stop()
        request = json.loads(line)
        if request["op"] == "expect":
            worker.expect(request["libs"], merge=request["merge"])
        else:
            replies.write(json.dumps(worker.answer(request)).encode() + b"\n")
            replies.flush()
        idle.start()
    idle.stop()
    return 0


def _claim_stdout() -> io.BufferedWriter:
    """Keep the real standard output for replies; whatever else prints goes to standard error."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return replies


class _IdleEnd:
    """Ends the process when nobody asked for ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timer: threading.Timer | None = None
        self.start()

    def start(self) -> None:
        """Begin to wait."""
        # os._exit: the main thread is inside a read that no exception reaches. Nothing is open for writing then.
        self._timer = threading.Timer(self._seconds, os._exit, (0,))
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        """Somebody asked."""
        if self._timer is not None:
            self._timer.cancel()


class Worker:
    """One tree's tools. Import faults are kept and told with the first request."""

    def __init__(self, tree: Path, cache: Path) -> None:
        self._tree, self._cache = tree, cache
        self._fault: BaseException | None = None
        self._tool: ModuleType | None = None
        try:
            self._ld = load(tree / "tools" / "mpy_ld.py", "natmod_mpy_ld", cache)
            self._watch = LinkWatch(self._ld, cache)
        except Exception as error:  # noqa: BLE001 - any fault of a foreign file becomes a reply
            self._fault = error

    def expect(self, libs: Sequence[str], *, merge: bool) -> None:
        """Load what requests will ask for. What is wrong with it, they will tell."""
        with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
            if merge:
                self._merger()
            for lib in libs:
                self._ld.ar_util.load_archive(lib)

    def _merger(self) -> ModuleType:
        if self._tool is None:
            self._tool = load(self._tree / "tools" / "mpy-tool.py", "natmod_mpy_tool", self._cache)
        return self._tool

    def answer(self, request: Mapping[str, Any]) -> Reply:
        """Do what one request asks; never raises."""
        operations: dict[str, Callable[[Mapping[str, Any]], Reply]] = {
            "preprocess": self._preprocess,
            "link": self._link,
            "merge": self._merge,
        }
        said = io.StringIO()
        try:
            if self._fault is not None:
                raise self._fault
            os.chdir(request.get("cwd") or self._tree)
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                reply = operations[request["op"]](request)
        except OSError as error:
            reply = {"ok": False, "kind": "disk", "errno": error.errno, "file": error.filename, "why": error.strerror}
        except Exception as error:  # noqa: BLE001 - a tool's assertion is its way to say "not supported"
            reply = {"ok": False, "kind": "crash", "error": repr(error), "traceback": traceback.format_exc()}
        finally:
            # A Windows process keeps its working directory from being deleted.
            os.chdir(self._tree)
        reply["log"] = said.getvalue()
        return reply

    def _preprocess(self, request: Mapping[str, Any]) -> Reply:
        argv = ["--arch", request["arch"], "--preprocess", "-o", request["output"], *request["files"]]
        _run(self._ld, "mpy_ld.py", argv)
        return {"ok": True}

    def _link(self, request: Mapping[str, Any]) -> Reply:
        self._watch.reset()
        argv = ["--arch", request["arch"], "--qstrs", request["qstrs"], "-o", request["output"]]
        argv += [word for lib in request["libs"] for word in ("-l", lib)]
        argv += [word for file in request["externs"] for word in ("--externs", file)]
        argv += ["--source-name", request["source_name"]] if request.get("source_name") else []
        argv += ["--arch-flags", request["arch_flags"]] if request.get("arch_flags") else []
        try:
            status = _run(self._ld, "mpy_ld.py", argv + request["objects"])
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 - its assertions say that it does not know what it met
            return {"ok": False, "kind": "stopped", **describe(error), "traceback": traceback.format_exc()}
        if status:
            return {"ok": False, "kind": "link", **self._watch.refused}
        return {"ok": True, **self._watch.sizes(), "moved": sorted(self._watch.moved), "layout": self._watch.layout()}

    def _merge(self, request: Mapping[str, Any]) -> Reply:
        status = _run(self._merger(), "mpy-tool.py", ["--merge", "-o", request["output"], *request["files"]])
        return {"ok": not status, "kind": "merge"}


def _run(module: ModuleType, name: str, argv: Sequence[str]) -> int:
    """A tool's ``main`` with this command line; its exit status."""
    sys.argv = [name, *argv]
    try:
        module.main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1 if end.code else 0
    return 0
