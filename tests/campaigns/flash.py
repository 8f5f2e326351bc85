"""Break the flashing of an ESP32, S2, S3 or C3 at any moment, with real esptool on an emulated chip; then look.

Promised after each fault: either the job ends well, and then the flash holds the image byte by byte and MicroPython of
that version answers; or the person is told what went wrong with the sentence for it, and what the board is left in, and
that is true: a board that is said to be untouched is untouched. When the cause is gone, the next try succeeds.
"""

from __future__ import annotations

import contextlib
import itertools
import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import serial

from ide.board.flash import errors
from ide.board.flash.records import FlashFile, FlashJob
from ide.board.flash.write import write
from tests.fakes import images
from tests.fakes.rom_chip import RomChip
from tests.fakes.rom_faults import RomFaults
from toolchains.errors import BoardError, Cancelled, StudioError
from toolchains.jobs import JobContext
from toolchains.toolbox import Toolbox

_CHIPS = ("esp32", "esp32s2", "esp32s3", "esp32c3")
_SIZE = 60_000
#: Requests of a write with a stub on a board that has something to compare, and some more.
_REQUESTS = 110
#: Nothing at all was sent to be written.
_WRITES = (0x02, 0x03, 0x10, 0x11, 0xD0, 0xD1)
_PATIENCE_S = 2.0

_LOST = (errors.FlashFailed, errors.Mismatch, errors.NotInDownloadMode, errors.NoFlash)
#: What the person may be told, by the kind of the fault.
_RIGHT: dict[str, tuple[type[StudioError], ...]] = {
    "lost bytes": (*_LOST, errors.DidNotStart),
    "turned bits": (*_LOST, errors.DidNotStart, errors.WrongChip),
    "bad cable": _LOST,
    "late": _LOST,
    "unplugged": (errors.Unplugged,),
    "hung": _LOST,
    "reset": _LOST,
    "bad sector": (errors.FlashFailed, errors.Mismatch),
    "wrong bit": (errors.Mismatch,),
    "no stub": (errors.FlashFailed,),
    "wrong hash": (errors.Mismatch,),
    "no flash": (errors.NoFlash,),
    "refused": (errors.FlashFailed, errors.NoFlash, errors.Mismatch),
    "secure boot": (errors.SecureBoot,),
    "encrypted": (errors.SecureBoot, errors.DidNotStart),  # an ESP32's loader does not tell
    "secure download": (errors.SecureBoot,),
    "not in download mode": (errors.NotInDownloadMode,),
    "wrong chip": (errors.WrongChip,),
    "cancelled": (Cancelled,),
    "taken": (errors.PortTaken,),
}
#: Fuses stay as they are: there is no retry.
_FOR_EVER = ("secure boot", "encrypted", "secure download")

_undo = contextlib.ExitStack()
_made: dict[str, Any] = {}


def setup() -> None:
    """A folder for images, and the programs."""
    _made["folder"] = Path(_undo.enter_context(tempfile.TemporaryDirectory(prefix="nm")))
    _made["toolbox"] = _undo.enter_context(Toolbox.current())


def teardown() -> None:
    """Away with it."""
    _made.clear()
    _undo.close()


@dataclass
class _Trial:
    """One board on its table, the image that it is to get, and what is wrong."""

    rng: random.Random
    board: RomChip
    job: FlashJob
    kind: str = ""
    cancel_at: int = 0
    undo: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @property
    def image(self) -> bytes:
        return self.job.files[0].path.read_bytes()

    def write(self, job: FlashJob | None = None) -> None:
        toolbox = _made["toolbox"]
        ctx = JobContext(toolbox.host)
        ctx.sink = self._counting(ctx)
        done = write(ctx, toolbox, job or self.job, patience=_PATIENCE_S)
        assert done.running is not None, "MicroPython was not asked"
        self.look()

    def _counting(self, ctx: JobContext) -> Callable[[object], None]:
        """A listener that cancels at the event that the trial has chosen."""
        events = itertools.count(1)

        def heard(event: object) -> None:
            if next(events) == self.cancel_at:
                ctx.cancel()

        return heard

    def look(self, *, runs: bool = True) -> None:
        """The flash holds the image, and it runs."""
        at = self.board.row.boot
        assert self.board.flash[at : at + len(self.image)] == self.image, "said to be written, but it is not"
        assert not runs or self.board.mode == "micropython", self.board.mode


def trial(rng: random.Random) -> str:
    """One fault at one moment of one write; then the cause is gone, and it is tried again."""
    number = rng.randrange(1 << 24)
    kind, spoil = rng.choice(_FAULTS)
    chip = rng.choice(_CHIPS[1:] if kind == "secure download" else _CHIPS)  # the ESP32 has no such mode
    on = rng.choice([one for one in _CHIPS if one != chip]) if kind == "wrong chip" else chip
    with RomChip(on, faults=RomFaults(number), mac=f"24:6f:28:{_colons(number)}") as board:
        made = _Trial(rng, board, _job(rng, board, chip), kind)
        before = rng.choice(("blank", "other", "same", "ours"))
        if before == "ours":  # so that there is something to compare with, and only what differs is written
            _Trial(rng, board, _job(rng, board, on, seed=3)).write()
        elif before != "blank":
            board.program(images.firmware(on, size=_SIZE, seed=7 if before == "other" else 1))
        with made.undo:
            spoil(made)
            return f"{kind}: {_break(made)}"


def _colons(number: int) -> str:
    return ":".join(f"{number >> shift & 255:02x}" for shift in (16, 8, 0))


def _job(rng: random.Random, board: RomChip, chip: str, seed: int = 1) -> FlashJob:
    path = _made["folder"] / f"{chip}-{seed}.bin"
    if not path.exists():
        path.write_bytes(images.firmware(chip, size=_SIZE, seed=seed))
    offset = {"esp32": 0x1000, "esp32s2": 0x1000}.get(chip, 0)
    erase = "all" if rng.random() < 0.3 else "keep"
    stub = rng.random() > 0.15
    compares = erase == "keep" and rng.random() < 0.25  # as a restore does
    files = (FlashFile(offset, path),)
    return FlashJob(board.port, chip, files, erase=erase, stub=stub, only_changes=compares)  # type: ignore[arg-type]


def _break(made: _Trial) -> str:
    board, untouched = made.board, bytes(made.board.flash)
    requests = len(board.requests)
    try:
        made.write()
    except (BoardError, Cancelled) as error:
        careful = _check_words(made, error, untouched, board.requests[requests:])
    else:
        assert made.kind not in ("wrong chip", "no flash", "wrong bit", "taken", "encrypted", "secure download"), (
            "it cannot have worked"
        )
        return "well done"
    if made.kind in _FOR_EVER:
        return "said, for ever"
    _retry(made)
    return f"said, and the next try works{careful}"


def _check_words(made: _Trial, error: StudioError, untouched: bytes, requests: list[tuple[int, int]]) -> str:
    """What was said is right and true; a word for the report, when it said less than was known."""
    right = _RIGHT[made.kind]
    said = f"{type(error).__name__}: {error.what} | {error.why} | {error.next_step}\n{error.detail}"
    assert isinstance(error, right), f"not the sentence for {made.kind!r}: {said}"
    assert error.next_step or isinstance(error, Cancelled), said
    state = getattr(error, "state", None)
    if type(error) is Cancelled:  # "nothing was left half done"
        state = "untouched" if made.board.flash == untouched else "written"
    assert state is not None, f"nobody says what became of the board: {said}"
    if state == "untouched":
        assert made.board.flash == untouched, f"said to be untouched: {said}"
    if state in ("written", "verified"):
        made.look(runs=made.kind != "encrypted")
    sent = any(operation in _WRITES for operation, _length in requests)
    return "" if sent or state == "untouched" else " (more careful than need be)"


def _retry(made: _Trial) -> None:
    board, job = made.board, made.job
    board.faults.mend()
    made.cancel_at = 0
    made.undo.close()
    if made.kind == "unplugged":
        job = replace(job, port=board.plug())
    elif made.kind == "hung":
        board.reset()
    elif made.kind == "not in download mode":
        board.wiring = "auto"
    elif made.kind == "wrong chip":
        job = _job(made.rng, board, board.chip)
    made.job = job
    made.write()


# --- faults ---


def _set(**values: Callable[[random.Random], Any]) -> Callable[[_Trial], None]:
    def spoil(made: _Trial) -> None:
        for name, value in values.items():
            setattr(made.board.faults, name, value(made.rng))

    return spoil


def _fail_one(made: _Trial) -> None:
    """An operation is refused, with any of the errors there are."""
    operation = made.rng.choice((0x02, 0x03, 0x05, 0x07, 0x0B, 0x0D, 0x10, 0x11, 0x13))
    made.board.faults.fail[operation] = made.rng.choice((5, 6, 7, 8, 9, 0xB))


def _sector(made: _Trial) -> set[int]:
    size = len(made.image)
    return {made.rng.randrange(made.board.row.boot // 4096, (made.board.row.boot + size - 1) // 4096)}


def _bad_sector(made: _Trial) -> None:
    made.board.faults.bad_sectors = _sector(made)


def _wrong_bit(made: _Trial) -> None:
    """Only a sector whose first byte is not what the fault makes of it shows it."""
    made.board.faults.dead_bits = _sector(made)


def _blow(name: str) -> Callable[[_Trial], None]:
    def spoil(made: _Trial) -> None:
        setattr(made.board.faults, name, True)
        made.board.reset()
        if name == "secure_download":  # without an erase it takes what it is given
            made.job = replace(made.job, erase="all", stub=True)

    return spoil


def _button(made: _Trial) -> None:
    made.board.wiring = "button"


def _cancel(made: _Trial) -> None:
    made.cancel_at = made.rng.randrange(1, 60)


def _take(made: _Trial) -> None:
    """Another program has the port."""
    made.undo.enter_context(serial.Serial(made.board.port, exclusive=True))


def _nothing(made: _Trial) -> None:
    """It is another chip already."""


_FAULTS: tuple[tuple[str, Callable[[_Trial], None]], ...] = (
    ("lost bytes", _set(lose_up=lambda rng: 10 ** -rng.uniform(2.5, 4.5))),
    ("lost bytes", _set(lose_down=lambda rng: 10 ** -rng.uniform(3.5, 5.5))),
    ("turned bits", _set(flip_up=lambda rng: 10 ** -rng.uniform(2.5, 4.5))),
    ("bad cable", _set(good_up_to=lambda rng: rng.choice((115200, 230400, 400000)))),
    ("late", _set(late_s=lambda rng: 0.02)),
    ("late", _set(late_s=lambda rng: rng.choice((0.12, 0.4)), late_every=lambda rng: rng.choice((12, 40)))),
    ("cancelled", _cancel),
    ("cancelled", _cancel),
    ("taken", _take),
    ("unplugged", _set(unplug_at=lambda rng: rng.randrange(8, _REQUESTS))),
    ("unplugged", _set(unplug_at=lambda rng: rng.randrange(8, _REQUESTS))),
    ("hung", _set(hang_at=lambda rng: rng.randrange(_REQUESTS))),
    ("reset", _set(reset_at=lambda rng: rng.randrange(_REQUESTS))),
    ("bad sector", _bad_sector),
    ("wrong bit", _wrong_bit),
    ("no stub", _set(refuse_stub=lambda rng: "crash")),
    ("wrong hash", _set(wrong_md5=lambda rng: rng.choice((1, 2, 9)))),
    ("no flash", _set(no_flash=lambda rng: True)),
    ("refused", _fail_one),
    ("secure boot", _blow("secure_boot")),
    ("encrypted", _blow("flash_encryption")),
    ("secure download", _blow("secure_download")),
    ("not in download mode", _button),
    ("wrong chip", _nothing),
)
