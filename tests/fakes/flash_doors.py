"""The flasher's doors without boards: each work says what it does, waits for ``go``, and fails if it shall."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from ide.board.flash import coach
from ide.board.flash.choose import Proposal
from ide.board.flash.errors import Unplugged
from ide.board.flash.line_read import LineRead
from ide.board.flash.records import BoardFacts, ChipFacts, Firmware, Flashed, FlashJob, Security
from ide.board.flash.rescue import Rescued, RescueStep
from ide.board.flash.table import Table
from ide.board.flash.templates import templates
from ide.board.inspect import Identity
from ide.context import IdeContext
from ide.panels.flasher.backup_page import Kept
from ide.panels.flasher.coached import Tell
from ide.panels.flasher.doors import Choices, Doors, WriteOrder
from ide.panels.flasher.flash_doors import FlashDoors, Saved, TableRead
from ide.panels.flasher.many_doors import ManyDoors, ManyOrder
from ide.panels.flasher.shown import Shown
from ide.panels.flasher.tells import RowsTold, RowTold, Teach, Watching
from toolchains.errors import StudioError
from toolchains.jobs import JobContext
from toolchains.text import _

MAC = "7c:df:a1:00:00:01"
CHIP = ChipFacts("esp32c3", "ESP32-C3 (QFN32) (revision v0.4)", (0, 4), 4 << 20, 0, "", MAC, 40,
                 Security(known=True), ("Wi-Fi",))  # fmt: skip
RUNNING = Identity("1.26.1", 0x2C06, "ESP32C3 module with ESP32C3", "ESP32_GENERIC_C3", "esp32", 1, 1, "esp32c3")
EMPTY = BoardFacts("/dev/ttyX", CHIP, None, "boot-loop", "uart")
WITH_PYTHON = BoardFacts("/dev/ttyX", CHIP, RUNNING, "", "uart")
_SIZE = 1_700_000


def firmware(version: str = "1.29.0", board: str = "ESP32_GENERIC_C3", chip: str = "esp32c3", **more: Any) -> Firmware:
    made = {"title": board, "variant": "", "date": "2026-04-06", "source": "official", "path": None, "sha256": "",
            "url": f"https://micropython.org/{board}-20260406-v{version}.bin", "size": _SIZE, **more}  # fmt: skip
    return Firmware(version=version, board=board, chip=chip, **made)


BEST = Proposal(firmware(), _("It is the newest release for the ESP32-C3."), True, None)
OLDER = Proposal(firmware("1.28.0"), _("It is older."), True, None)
OTA = Proposal(firmware(variant="OTA"), _("For programs that bring new firmware over the air."), True, None)
WRONG = Proposal(firmware(board="ESP32_GENERIC", chip="esp32"), _("It is for another chip."), False,
                 _("It is for the ESP32, and the board has an ESP32-C3."))  # fmt: skip


class Played:
    """What all of them share. ``calls``: what was asked for; ``began`` is set when work waits for ``go``."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.go, self.began = threading.Event(), threading.Event()
        self.go.set()
        self.error: StudioError | None = None
        self.facts = EMPTY
        self.teach = False
        self.missing: StudioError | None = None
        self.moved = ""

    def wait(self, ctx: JobContext) -> None:
        self.began.set()
        with ctx.cancelling(self.go.set):
            self.go.wait()
        ctx.check()
        if self.error is not None:
            raise self.error


class PlayedDoors(Doors):
    """For the page of one board."""

    def __init__(self, ctx: IdeContext) -> None:
        super().__init__(ctx)
        self.played = Played()
        self.many, self.flash = PlayedMany(ctx, self.played), PlayedFlash(ctx, self.shown, self.played)

    def boards(self, _ctx: JobContext) -> list:
        return []

    def why_no_port(self, ctx: JobContext) -> StudioError | None:
        return self.played.missing

    def detect(self, ctx: JobContext, tell: Tell, port: str) -> BoardFacts:
        self.played.calls.append(("detect", port))
        if self.played.teach:
            tell(Teach(coach.lesson("esp32c3", "uart"), 120))
            tell(Watching(_("Waiting for download mode.")))
        self.played.wait(ctx)
        return self.played.facts

    def proposals(self, ctx: JobContext, facts: BoardFacts, version: str = "") -> Choices:
        return Choices((OLDER,) if version == "1.28.0" else (BEST, OTA, WRONG), ("1.29.0", "1.28.0"), version)

    def from_file(self, ctx: JobContext, path: Path, facts: BoardFacts | None) -> Proposal:
        self.played.wait(ctx)
        return Proposal(firmware(source="file", path=path, board="", version=""), _("It fits."), True, None)

    def write(self, ctx: JobContext, tell: Tell, order: WriteOrder) -> Flashed:
        self.played.calls.append(("write", order))
        line = "python -m esptool --chip esp32c3 write-flash 0x0 fw.bin"
        with ctx.step(_("write")):
            ctx.log(f"$ {line}")
            ctx.log("Writing at 0x00010000")
            ctx.progress(_SIZE // 4, _SIZE)
            self.played.wait(ctx)
        job = FlashJob(order.port, order.chip, ())
        return Flashed(job, 12.5, _SIZE, 0, (), True, RUNNING, order.port, line)

    def read_line(self, ctx: JobContext, tell: Tell, text: str, port: str, folder: Path) -> LineRead:
        self.played.calls.append(("read-line", text, port))
        self.played.wait(ctx)
        differs = (_("The port is {ours}; the line had {theirs}.", ours=port, theirs="COM9"),)
        for said in differs:
            ctx.note(said)
        facts = replace(self.played.facts, port=port)
        return LineRead(FlashJob(port, "esp32c3", ()), facts, f"v5 {text}", "v5", differs, _("Nothing is lost."))

    def run_line(self, ctx: JobContext, tell: Tell, line: LineRead) -> Flashed:
        self.played.calls.append(("run-line", line))
        self.played.wait(ctx)
        return Flashed(line.job, 1, 1, 0, (), True, RUNNING, line.facts.port, line.command)


class PlayedMany(ManyDoors):
    """Boards whose port ends in 3 fail; with ``teach`` one whose port ends in 5 needs a hand at its buttons."""

    def __init__(self, ctx: IdeContext, played: Played) -> None:
        super().__init__(ctx)
        self.played = played

    def identify(self, ctx: JobContext, tell: Tell, ports: list[str]) -> None:
        rows = RowsTold(tell)
        for at, port in enumerate(ports):
            rows.put(RowTold(port, "idle", mac=f"7c:df:a1:00:00:{at:02x}", facts=EMPTY))

    def flash_all(self, ctx: JobContext, tell: Tell, order: ManyOrder) -> None:
        self.played.calls.append(("many", order))
        rows = RowsTold(tell)
        for percent in range(0, 101, 5):
            for port in order.ports:
                rows.put(RowTold(port, "working", _("write"), percent, facts=EMPTY))
        if self.played.teach:
            waits = next(port for port in order.ports if port.endswith("5"))
            lesson = coach.lesson("esp32c3", "uart")
            rows.put(RowTold(waits, "working", _("Waiting for download mode."), lesson=lesson))
        self.played.wait(ctx)
        for port in order.ports:
            if port.endswith("3"):
                error = Unplugged(port, detail="A fatal error occurred: device reports readiness to read")
                rows.put(RowTold(port, "bad", result=error.what, more=(error,), detail=error.detail))
            else:
                rows.put(
                    RowTold(port, "good", result=_("MicroPython {version} answers", version="1.29.0"), facts=EMPTY)
                )

    def label(self, ctx: JobContext, mac: str, label: str) -> None:
        self.played.calls.append(("label", mac, label))


class PlayedFlash(FlashDoors):
    """A flash with MicroPython's own table."""

    def __init__(self, ctx: IdeContext, shown: Shown, played: Played) -> None:
        super().__init__(ctx, shown)
        self.played = played

    def backups(self, _ctx: JobContext) -> list[Kept]:
        return [Kept(Path("/backups/older"), ("2026-11-01 10:00", "ESP32-C3", _("The whole flash"), ""))]

    def backup(self, ctx: JobContext, tell: Tell, port: str, what: str) -> Saved:
        self.played.calls.append(("backup", port, what))
        self.played.wait(ctx)
        return Saved(Path("/backups/esp32c3.zip"), self.played.moved or port)

    def restore(self, ctx: JobContext, tell: Tell, port: str, path: Path, saves: bool) -> Flashed:
        self.played.calls.append(("restore", port, path, saves))
        self.played.wait(ctx)
        return Flashed(FlashJob(port, "esp32c3", ()), 1, 1, 0, (), True, RUNNING, port, "")

    def rescue(self, ctx: JobContext, tell: Tell, port: str, allow_erase: bool) -> Rescued:
        self.played.calls.append(("rescue", port, allow_erase))
        tell(RescueStep(1, "begun", _("Interrupt it."), _("Nothing is changed."), 20))
        tell(RescueStep(1, "waiting", _("Interrupt it."), _("Nothing is changed."), 7.2))
        tell(RescueStep(1, "failed", _("It did not come."), _("Nothing is changed.")))
        tell(RescueStep(2, "begun", _("Rename main.py inside."), _("No file is lost.")))
        self.played.wait(ctx)
        tell(RescueStep(2, "helped", _("It answers again."), _("No file is lost.")))
        return Rescued(2, port, RUNNING, (("/main.py", "/main.py.off"),))

    def read_table(self, ctx: JobContext, tell: Tell, port: str) -> TableRead:
        self.played.calls.append(("read", port))
        self.played.wait(ctx)
        return TableRead(templates()[0].table, 4 << 20, port)

    def write_table(self, ctx: JobContext, tell: Tell, port: str, table: Table) -> TableRead:
        self.played.calls.append(("table", port, table))
        self.played.wait(ctx)
        return TableRead(table, 4 << 20, port)
