"""The warm child: one MicroPython tree's ``mpy_ld.py`` and ``mpy-tool.py``, imported once, asked over a pipe.

Started as ``natmod --worker link TREE``; JSON lines on standard input and output (design.md section 11). The tools run
through their own ``main`` with their own command line, so that every release keeps its own meaning; what ``main`` does
not reset is only ``sys.argv``, ``sys.stdout`` and the working directory, which each request gets afresh. The child ends
at the end of its input or after five idle minutes, and whoever started it replaces it after any exception.
"""

from __future__ import annotations

import contextlib
import importlib.util
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

IDLE_S = 300.0

Reply = dict[str, Any]


def main(tree: Path) -> int:
    """Serve requests for ``tree`` until the input ends; the exit code."""
    replies = _claim_stdout()
    worker = Worker(tree)
    idle = _IdleEnd(IDLE_S)
    for line in sys.stdin.buffer:
        idle.stop()
        replies.write(json.dumps(worker.answer(json.loads(line))).encode() + b"\n")
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

    def __init__(self, tree: Path) -> None:
        self._tree = tree
        self._linked: Any = None
        self._statics: list[dict[str, object]] = []
        self._fault: BaseException | None = None
        self._tool: ModuleType | None = None
        try:
            self._ld = _load(tree / "tools" / "mpy_ld.py", "natmod_mpy_ld")
            self._adapt(self._ld)
        except Exception as error:  # noqa: BLE001 - any fault of a foreign file becomes a reply
            self._fault = error

    def answer(self, request: Mapping[str, Any]) -> Reply:
        """Do what one request asks; never raises."""
        operations: dict[str, Callable[[Mapping[str, Any]], Reply]] = {
            "hello": self._hello,
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

    def _hello(self, request: Mapping[str, Any]) -> Reply:
        return {"ok": True}

    def _preprocess(self, request: Mapping[str, Any]) -> Reply:
        argv = ["--arch", request["arch"], "--preprocess", "-o", request["output"], *request["files"]]
        _run(self._ld, "mpy_ld.py", argv)
        return {"ok": True}

    def _link(self, request: Mapping[str, Any]) -> Reply:
        self._linked, self._statics = None, []
        argv = ["--arch", request["arch"], "--qstrs", request["qstrs"], "-o", request["output"]]
        argv += [word for lib in request["libs"] for word in ("-l", lib)]
        argv += [word for file in request["externs"] for word in ("--externs", file)]
        status = _run(self._ld, "mpy_ld.py", argv + request["objects"])
        if status:
            return {"ok": False, "kind": "link", "statics": self._statics}
        return {"ok": True, **_sizes(self._linked)}

    def _merge(self, request: Mapping[str, Any]) -> Reply:
        if self._tool is None:
            self._tool = _load(self._tree / "tools" / "mpy-tool.py", "natmod_mpy_tool")
        status = _run(self._tool, "mpy-tool.py", ["--merge", "-o", request["output"], *request["files"]])
        return {"ok": not status, "kind": "merge"}

    def _adapt(self, ld: Any) -> None:
        """Look over the linker's shoulder: refuse what it would miscompile, keep its result, read text as UTF-8."""
        link_objects = ld.link_objects

        def checked(env: Any, *args: Any) -> None:
            self._statics = hidden_bss(env)
            if self._statics:
                raise ld.LinkError("static variables in bss")
            link_objects(env, *args)
            self._linked = env

        ld.link_objects = checked
        # A C file may be in any encoding, and Python's default on Windows is not UTF-8.
        ld.open = _lenient_open
        _remember_archives(ld)


def _sizes(env: Any) -> dict[str, int]:
    """Bytes of code, constants, variables and table, none counted twice."""
    rodata = sum(len(part.data) for part in env.sections if part.name.startswith((".rodata", ".data.rel.ro")))
    got = len(env.got_section.data)
    whole = len(env.full_text) + len(env.full_rodata)
    return {"text": whole - rodata - got, "rodata": rodata, "bss": len(env.full_bss), "got": got}


def hidden_bss(env: Any) -> list[dict[str, object]]:
    """Static zero-initialised variables that code refers to directly: file, and their names.

    On RISC-V and x86 ``mpy_ld.py`` resolves such a reference as if ``.bss`` lay inside the code, without an error, so
    that the program overwrites itself (facts.md section 0, trap 1). Xtensa reaches them through its literals, which
    works; pointers in ``.data.rel.ro`` work everywhere.
    """
    if env.arch.name == "EM_XTENSA":
        return []
    files = {
        section.filename
        for section in env.sections
        if section.name.startswith((".text", ".rodata"))
        for reloc in section.reloc
        if _is_hidden_bss(reloc.sym)
    }
    return [{"file": file, "names": _local_objects(env, file)} for file in sorted(files)]


def _is_hidden_bss(symbol: Any) -> bool:
    section = getattr(symbol, "section", None)
    return section is not None and section.name.startswith(".bss") and symbol["st_info"]["bind"] == "STB_LOCAL"


def _local_objects(env: Any, file: str) -> list[str]:
    """The names of the variables of ``file`` that are static and in ``.bss``, from the file's own symbol table."""
    from elftools.elf.elffile import ELFFile

    with open(file.rpartition(":")[0] if not os.path.exists(file) else file, "rb") as stream:
        elf: Any = ELFFile(stream)  # type: ignore[no-untyped-call]
        bss = {index for index, section in enumerate(elf.iter_sections()) if section.name.startswith(".bss")}
        return [
            symbol.name
            for symbol in elf.get_section_by_name(".symtab").iter_symbols()
            if symbol["st_shndx"] in bss
            and symbol["st_info"]["type"] == "STT_OBJECT"
            and symbol["st_info"]["bind"] == "STB_LOCAL"
        ]


def _remember_archives(ld: Any) -> None:
    """Parse a library once per process (its own disk cache costs a hash of the whole library at each link)."""
    ar_util, known = ld.ar_util, {}
    load = ar_util.load_archive

    def remembered(name: str) -> list[Any]:
        stat = os.stat(name)
        key = (name, stat.st_size, stat.st_mtime_ns, stat.st_ino)
        if key not in known:
            known[key] = load(name)
        return list(known[key])

    ar_util.load_archive = remembered


def _lenient_open(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
    if "b" not in mode:
        kwargs = {"encoding": "utf-8", "errors": "surrogateescape", **kwargs}
    return open(file, mode, *args, **kwargs)


def _run(module: ModuleType, name: str, argv: Sequence[str]) -> int:
    """A tool's ``main`` with this command line; its exit status."""
    sys.argv = [name, *argv]
    try:
        module.main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1 if end.code else 0
    return 0


def _load(path: Path, name: str) -> ModuleType:
    """Import one file of the tree, with its byte code kept in our cache: the tree itself stays untouched."""
    import elftools.elf.elffile
    import elftools.elf.relocation

    from toolchains.paths import Paths

    with contextlib.suppress(ImportError):
        import ar  # noqa: F401 - like elftools: imported here, so that only the tree's own byte code goes to our cache
    sys.pycache_prefix = str(Paths.from_environment(os.environ).cache / "pyc")
    # mpy_ld.py imports ar_util from beside it, as a script would.
    sys.path[:0] = [str(path.parent), str(path.parent.parent / "py")]
    try:
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ImportError(str(path))
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        del sys.path[:2]
        sys.pycache_prefix = None
    return module
