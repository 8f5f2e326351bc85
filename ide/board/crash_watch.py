"""A board that crashes under a program: its panic is taken out of the output, and read.

:class:`CrashFold` stands between a board and whoever shows its output: of a dump it lets the first line through, and
keeps the registers and the stack, which no person reads. :func:`explained` says what it means.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ide.board.errors import BoardRestarted
from toolchains import native_part
from toolchains.build_folder import BuildFolder
from toolchains.contents import MEMO
from toolchains.crash import dumps
from toolchains.crash.records import Crash, Dump
from toolchains.diagnostics import Diagnostic
from toolchains.errors import BoardError, StudioError
from toolchains.jobs import JobContext
from toolchains.text import _

if TYPE_CHECKING:
    from ide.board.pipeline import Made
    from toolchains.build_records import BuildRequest
    from toolchains.crash.calls import Located
    from toolchains.crash.firmware import FirmwareMap
    from toolchains.linker import LinkerPool
    from toolchains.sdk_tree import SdkTree
    from toolchains.toolbox import Toolbox

#: Of a line so much is looked at; no first line of a dump is longer.
_LONGEST = 400
#: Architectures whose boards print where they crashed.
_TELLING = frozenset({"xtensawin", "xtensa", "rv32imc"})
#: The board whose firmware is our own build.
_SIMULATED = "sim:rv32"
#: What is kept in the build's folder: where the board put the module, and a board's last words.
_PLACE, _LAST = "place.json", "crash.txt"
_MARK = re.compile(r"^Module (?P<name>\w+): (?P<address>0x[0-9a-f]{8}), (?P<made>[0-9a-f]{64})$", re.MULTILINE)


class BoardCrashed(BoardRestarted):
    """The board crashed while a program ran, and started again. ``crash`` is what is known of it.

    Field ``diagnostics``: the place in the person's own code, for whoever shows places.
    """

    code = "board.crashed"

    def __init__(self, crash: Crash) -> None:
        from toolchains.crash.explain import path_lines

        at = crash.at
        places = (Diagnostic("error", at.file, at.line, None, str(crash.sentence)),) if at is not None else ()
        path = "\n".join(f"  {line}" for line in path_lines(crash))
        BoardError.__init__(
            self,
            crash.sentence,
            why=crash.note,
            detail=path if at is not None else f"{path}\n\n{crash.dump.text}".strip(),
            diagnostics=places,
            crash=crash.to_json(),
        )
        self.crash = crash


@cache
def _signs() -> tuple[bytes, ...]:
    return tuple(one.encode() for one in dumps.words().begin)


class CrashFold:
    """Takes dumps out of a board's output. ``dumps`` are those that came, in their order.

    ``on_dump`` is called with each as soon as it is whole.
    """

    def __init__(self, on_dump: Callable[[Dump], None] = lambda dump: None) -> None:
        self.dumps: list[Dump] = []
        self._on_dump = on_dump
        self._line = b""
        self._kept = b""
        self._folding = False

    def feed(self, data: bytes) -> bytes:
        """Take output; what of it is to be shown. A flood without any sign of a crash costs one search."""
        joined = self._line + data
        if not self._folding and not any(sign in joined for sign in _signs()):
            _before, newline, last = data.rpartition(b"\n")
            self._line = (last if newline else self._line + last)[:_LONGEST]
            return data
        return b"".join([self._piece(piece) for piece in data.splitlines(keepends=True)])

    def close(self) -> bytes:
        """No more comes: the rest of what was kept, if it was no dump."""
        return self._finish() if self._folding else b""

    def _piece(self, piece: bytes) -> bytes:
        whole = piece.endswith((b"\n", b"\r"))
        self._line = (self._line + piece)[:_LONGEST]
        text = self._line.decode("utf-8", "replace").strip("\r\n\x04")
        shown = piece
        if self._folding:
            self._kept += piece
            shown = b""
            if dumps.ends(text) or len(self._kept) > dumps.MOST:
                self._kept = self._kept[: -len(self._line)]
                shown = self._finish() + self._line
        elif whole and dumps.begins(text):
            self._folding, self._kept = True, self._line
        if whole:
            self._line = b""
        return shown

    def _finish(self) -> bytes:
        """The dump is read; what was kept without being one."""
        kept, self._kept, self._folding = self._kept, b"", False
        dump = dumps.read(kept.decode("utf-8", "replace"))
        if dump is None:
            return kept.partition(b"\n")[2]
        self.dumps.append(dump)
        self._on_dump(dump)
        return b""


class CrashWatch:
    """Follows one program on a board: the block in which it runs ends with :class:`BoardCrashed` if it crashes.

    ``show`` takes its output, ``on_place`` is for :func:`ide.board.deploy.try_run`, ``modules`` are what it may import:
    in a form that tells the board's place for them, on boards that say where they crashed. ``served``: they come from
    here; of what is installed on the board nobody knows where it lies.
    """

    def __init__(
        self, ctx: JobContext, box: Toolbox, made: Made, on_output: Callable[[bytes], None], *, served: bool = True
    ) -> None:
        self._ctx, self._box, self._made, self._on_output = ctx, box, made, on_output
        self._fold = CrashFold()
        self._places: list[int] = []
        telling = served and made.asked is not None and made.asked.arch.name in _TELLING
        self.on_place = self._places.append if telling else None
        modules = made.modules if served else {}
        self.modules = {name: native_part.asking(data) if telling else data for name, data in modules.items()}

    def show(self, data: bytes) -> None:
        """Output of the program: passed on without dumps."""
        shown = self._fold.feed(data)
        if shown:
            self._on_output(shown)

    def __enter__(self) -> CrashWatch:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        made, place = self._made, self._places[-1] if self._places else None
        if place is not None and made.asked is not None and made.build is not None:
            keep_place(self._ctx, made.asked, made.build.path, place)
        rest = self._fold.close()
        if rest and isinstance(error, BoardRestarted):
            self._on_output(rest)
        if isinstance(error, BoardRestarted) and self._fold.dumps:
            raise BoardCrashed(self._explained(self._fold.dumps[0], place)) from error

    def _explained(self, dump: Dump, place: int | None) -> Crash:
        """The first of what the board said counts: a second crash comes from the first."""
        from ide.board.flash.firmware_elf import elf_here  # here, because most programs do not crash

        ctx, box, asked = self._ctx, self._box, self._made.asked
        simulated = asked.sdk if asked is not None and self._made.address.startswith(_SIMULATED) else None
        with ctx.step(_("Find the line of the crash")):
            elf = elf_here(box.paths, dump) if simulated is None else None
            return explained(ctx, box, dump, asked, address=place, elf=elf, simulated=simulated)


def _mark(request: BuildRequest, located: Located) -> str:
    """The line in a kept dump that says which module was where."""
    name = located.module.name
    return f"Module {name}: {located.address:#010x}, {MEMO.of(request.build_folder / f'{name}.mpy')}\n"


def marked_place(dump: Dump, request: BuildRequest) -> int | None:
    """Where the module was when a dump was kept; None where it does not say, or the module was built anew since."""
    found = _MARK.search(dump.text)
    if found is None or MEMO.of(request.build_folder / f"{found['name']}.mpy") != found["made"]:
        return None
    return int(found["address"], 16)


def arch_of(dump: Dump) -> str:
    """The architecture of the modules of a board that prints such a dump."""
    if dump.kind in ("riscv", "sim"):
        return "rv32imc"
    return "xtensa" if "epc1=" in dump.text else "xtensawin"


def keep_place(ctx: JobContext, request: BuildRequest, module: Path, address: int) -> None:
    """Note where a board put a module, for a dump that is pasted later."""
    record = {"made": MEMO.of(module), "name": module.name, "address": address, "sdk": request.sdk.version}
    _folder(ctx, request).write(request.build_folder / _PLACE, json.dumps(record).encode())


def kept_place(request: BuildRequest) -> int | None:
    """Where a board put the module as it is now; None where nobody knows."""
    record = _kept(request.build_folder)
    address, made, name = record.get("address"), record.get("made"), record.get("name")
    if not isinstance(address, int) or not isinstance(name, str) or "/" in name or "\\" in name:
        return None
    return address if made == MEMO.of(request.build_folder / name) else None


def kept_sdk(folder: Path) -> str | None:
    """The MicroPython of the board that ran what lies in a build folder."""
    version = _kept(folder).get("sdk")
    return version if isinstance(version, str) else None


def _kept(folder: Path) -> dict[str, Any]:
    try:
        record: Any = json.loads((folder / _PLACE).read_bytes())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def last_words(folders: Iterable[Path]) -> str | None:
    """The newest dump that was kept in these build folders."""
    found = [path for folder in folders if (path := folder / _LAST).is_file()]
    newest = max(found, key=lambda path: path.stat().st_mtime_ns, default=None)
    return newest.read_text("utf-8", "replace")[: 4 * dumps.MOST] if newest is not None else None


def explained(
    ctx: JobContext,
    box: Toolbox,
    dump: Dump,
    request: BuildRequest | None,
    *,
    address: int | None = None,
    read: bool = True,
    elf: Path | None = None,
    simulated: SdkTree | None = None,
) -> Crash:
    """What a dump means for what ``request`` built last.

    ``address``: where the board put the module's code; ``read`` if it said so itself, in that very run. ``elf``: the
    firmware's; ``simulated``: the tree that our simulated board's firmware was made of.
    """
    from toolchains.crash.explain import explain

    located = _located(ctx, box.linkers, request, address, read) if request is not None else None
    if request is not None and read:
        mark = _mark(request, located) if located is not None else ""
        _folder(ctx, request).write(request.build_folder / _LAST, f"{dump.text}\n{mark}".encode())
    return explain(dump, located, _firmware(ctx, box, elf, simulated))


def _located(
    ctx: JobContext, linkers: LinkerPool, request: BuildRequest, address: int | None, read: bool
) -> Located | None:
    from toolchains.crash.calls import Located
    from toolchains.crash.module import module_map

    if address is None:
        return None
    try:
        module = module_map(ctx, request, linkers)
    except StudioError as error:  # sources that do not compile any more: the crash is told without them
        ctx.log(str(error))
        return None
    return Located(module, address, read) if module is not None else None


def _firmware(ctx: JobContext, box: Toolbox, elf: Path | None, simulated: SdkTree | None) -> FirmwareMap | None:
    from toolchains.crash.firmware import firmware_map

    if elf is not None:
        return firmware_map(elf)
    if simulated is None:
        return None
    from toolchains.firmware import rv32

    return firmware_map(rv32.build(ctx, simulated, box.paths, box.host))


def _folder(ctx: JobContext, request: BuildRequest) -> BuildFolder:
    return BuildFolder(ctx.host, request.build_folder)
