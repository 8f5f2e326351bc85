"""A board that loops in main.py: rescued in three steps, and what each changes in the flash, byte by byte."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ide.board.flash import fsimage, interrupting, rescue
from ide.board.flash.backup_place import Backup, backups, folder_of
from ide.board.flash.errors import NotInDownloadMode, SecureBoot
from ide.board.flash.fsimage import BoardFile, FsKind
from ide.board.flash.rescue import NotRescued, RescueStep
from tests.conftest import RecordingContext
from tests.fakes import images
from tests.fakes.rom_chip import RomChip
from tests.fakes.rom_faults import RomFaults
from tests.fakes.usb_ports import JTAG, UsbPorts
from toolchains.errors import StudioError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.toolbox import Toolbox

_MB = 1 << 20
_VFS, _VFS_SIZE = 0xA0000, 0x40000
_APP = images.Row("factory", 0, 0, 0x10000, 0x90000)
_FILES = {
    "/boot.py": b"# This file is executed on every boot\n#import esp\n",
    "/main.py": b"import crash\ncrash.now()\n",
    "/data.bin": bytes(range(256)) * 40,
}


class StuckChip(RomChip):
    """MicroPython that does not answer while there is a ``/main.py`` (or a ``/boot.py`` with code) in its files.

    ``deaf``: so many bytes reach nobody before it listens. ``stubborn``: it does not answer whatever is in its files;
    ``also_in``: nor while there is this one.
    """

    deaf = 0
    stubborn = False
    also_in = ""
    label = "vfs"

    def files(self) -> dict[str, bytes]:
        part = bytes(self.flash[_VFS : _VFS + _VFS_SIZE])
        found = fsimage.read(RecordingContext(), part) if fsimage.content_of(part) != "unknown" else None
        return {f.path: f.data for f in found.files if f.data is not None} if found else {"/main.py": b"?"}

    def _start_app(self, log: bytes) -> None:
        super()._start_app(log)
        board = self._board
        if board is None:
            return
        files = self.files()
        code = [line for line in files.get("/boot.py", b"").splitlines() if not line.startswith(b"#")]
        if self.stubborn or self.also_in in files or (not self.deaf and ("/main.py" in files or code)):
            board.firmware = "dead"
        receive = board.receive

        def deafly(data: bytes) -> bytes:
            self.deaf -= len(data)
            return receive(data) if self.deaf <= 0 else b""

        board.receive = deafly  # type: ignore[method-assign]


@pytest.fixture
def tools(host: Host) -> Iterator[Toolbox]:
    with Toolbox.of(host) as toolbox:
        yield toolbox


def _stuck(
    kind: FsKind = "littlefs", files: dict[str, bytes] | None = None, faults: RomFaults | None = None
) -> StuckChip:
    chip = StuckChip("esp32", flash_size=_MB, faults=faults)
    rows = [BoardFile(path, False, len(data), data) for path, data in (files or _FILES).items()]
    image = fsimage.build_of(RecordingContext(), rows, _VFS_SIZE, kind)
    firmware = images.firmware("esp32", rows=(_APP, images.Row("vfs", 1, 0x81, _VFS, _VFS_SIZE)))
    chip.flash[0x1000 : 0x1000 + len(firmware)] = firmware
    chip.flash[_VFS : _VFS + _VFS_SIZE] = image
    return chip


def _numbers(steps: list[RescueStep]) -> list[tuple[int, str]]:
    return [(step.number, step.state) for step in steps if step.state != "waiting"]


def test_the_first_step_interrupts_with_a_countdown(ctx: RecordingContext, tools: Toolbox) -> None:
    steps: list[RescueStep] = []
    with _stuck() as chip:
        chip.deaf = 60
        chip.reset()
        before = bytes(chip.flash)
        done = rescue.rescue(ctx, tools, chip.port, steps.append, seconds=30)
        assert bytes(chip.flash) == before
    assert done.step == 1
    assert done.running is not None
    assert done.running.platform == "esp32"
    assert _numbers(steps) == [(1, "begun"), (1, "helped")]
    waits = [step for step in steps if step.state == "waiting"]
    assert waits[0].left == 30
    assert "Press the reset button" in str(waits[-1].text), "a pseudo-terminal has no reset line"
    assert "Nothing is changed" in str(waits[0].changes)


@pytest.mark.parametrize("helps", [True, False])
def test_the_first_step_goes_after_a_board_that_gets_another_port(
    helps: bool, ctx: RecordingContext, tools: Toolbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Native USB, whose old port is another board's then; the second step begins where the first left it."""
    usb, ports, steps = UsbPorts(monkeypatch), [], []
    with _stuck() as chip, RomChip("esp32", mac="24:6f:28:00:00:02") as other:

        def on_step(step: RescueStep) -> None:
            steps.append(step)
            if step.state == "waiting" and len(ports) == 1:  # it is open
                usb.unplug(ports[0])
                chip.unplug()
                usb.plug(ports[0], JTAG, serial=other.mac)
                ports.append(chip.plug())
                usb.plug(ports[1], JTAG, serial=chip.mac)

        chip.deaf = 60 if helps else 0
        chip.reset()
        ports.append(chip.port)
        usb.plug(chip.port, JTAG, serial=chip.mac)
        done = rescue.rescue(ctx, tools, chip.port, on_step, seconds=30 if helps else 3)
        assert ports[0] != ports[1]
        assert done.port == ports[1]
    assert done.step == (1 if helps else 2)
    assert done.running is not None


@pytest.mark.parametrize("kind", ["littlefs", "fat"])
def test_the_second_step_renames_main_and_writes_one_block(kind: FsKind, ctx: RecordingContext, tools: Toolbox) -> None:
    steps: list[RescueStep] = []
    with _stuck(kind) as chip:
        before = bytes(chip.flash)
        done = rescue.rescue(ctx, tools, chip.port, steps.append, seconds=0.5)
        after, files = bytes(chip.flash), chip.files()
    assert done.step == 2
    assert done.running is not None
    assert done.renamed == (("/main.py", "/main.py.off"),)
    assert _numbers(steps) == [(1, "begun"), (1, "failed"), (2, "begun"), (2, "helped")]
    assert files == {path.replace("/main.py", "/main.py.off"): data for path, data in _FILES.items()}
    (changed,) = fsimage.changed_blocks(before, after)
    assert changed in range(_VFS // 4096, (_VFS + _VFS_SIZE) // 4096)
    assert done.backup is not None
    assert done.backup.image() == before[_VFS : _VFS + _VFS_SIZE]


def test_a_boot_py_with_code_is_renamed_too_and_nothing_is_replaced(ctx: RecordingContext, tools: Toolbox) -> None:
    files = {"/boot.py": b"import machine\nmachine.reset()\n", "/main.py": b"x\n", "/main.py.off": b"an older one\n"}
    with _stuck(files=files) as chip:
        done = rescue.rescue(ctx, tools, chip.port, lambda step: None, seconds=0)
        now = chip.files()
    assert dict(done.renamed) == {"/boot.py": "/boot.py.off", "/main.py": "/main.py.off2"}
    assert now == {"/boot.py.off": files["/boot.py"], "/main.py.off2": b"x\n", "/main.py.off": b"an older one\n"}


def test_a_broken_filesystem_is_erased_only_when_that_is_allowed(ctx: RecordingContext, tools: Toolbox) -> None:
    steps: list[RescueStep] = []
    with _stuck() as chip:
        chip.flash[_VFS : _VFS + 0x2000] = b"broken! " * 0x400
        before = bytes(chip.flash)
        with pytest.raises(NotRescued) as refused:
            rescue.rescue(ctx, tools, chip.port, steps.append, seconds=0)
        assert bytes(chip.flash) == before
        assert refused.value.may_erase
        assert refused.value.backup is not None
        assert refused.value.backup.image() == before[_VFS : _VFS + _VFS_SIZE]
        assert "Allow its filesystem to be erased" in str(refused.value)
        done = rescue.rescue(ctx, tools, chip.port, steps.append, True, seconds=0)
        after = bytes(chip.flash)
    assert done.step == 3
    assert done.running is not None
    assert _numbers(steps)[-4:] == [(2, "begun"), (2, "failed"), (3, "begun"), (3, "helped")]
    assert after[_VFS : _VFS + _VFS_SIZE] == b"\xff" * _VFS_SIZE
    assert after[:_VFS] == before[:_VFS]
    assert done.backup is not None
    assert done.backup.image() == before[_VFS : _VFS + _VFS_SIZE]


def test_nothing_that_starts_by_itself(ctx: RecordingContext, tools: Toolbox) -> None:
    with _stuck(files={"/boot.py": b"# nothing\n"}) as chip:
        chip.stubborn = True
        chip.reset()
        before = bytes(chip.flash)
        with pytest.raises(NotRescued) as refused:
            rescue.rescue(ctx, tools, chip.port, lambda step: None, seconds=0)
        assert bytes(chip.flash) == before
    assert "no boot.py or main.py with code" in str(refused.value)


def test_a_blank_chip_cannot_be_rescued(ctx: RecordingContext, tools: Toolbox) -> None:
    with RomChip("esp32", flash_size=_MB) as chip:
        with pytest.raises(NotRescued) as refused:
            rescue.rescue(ctx, tools, chip.port, lambda step: None, True, seconds=0)
        assert bytes(chip.flash) == b"\xff" * _MB
    assert "Write the firmware anew" in str(refused.value)


def test_a_locked_chip_is_left_alone(ctx: RecordingContext, tools: Toolbox) -> None:
    with _stuck(faults=RomFaults(flash_encryption=True)) as chip:
        before = bytes(chip.flash)
        with pytest.raises(SecureBoot):
            rescue.rescue(ctx, tools, chip.port, lambda step: None, True, seconds=0)
        assert bytes(chip.flash) == before


def test_the_coach_is_asked_when_the_chip_must_be_brought_there_by_hand(ctx: RecordingContext, tools: Toolbox) -> None:
    chip = _stuck()
    chip.wiring = "button"
    asked: list[str] = []

    def help_person(job: object, port: str) -> str:
        asked.append(port)
        chip.press_boot()
        return port

    with chip:
        with pytest.raises(NotInDownloadMode):
            rescue.rescue(ctx, tools, chip.port, lambda step: None, seconds=0)
        with pytest.raises(NotRescued):  # nobody presses RESET afterwards
            rescue.rescue(
                ctx, tools, chip.port, lambda step: None, seconds=0, wait_for_download=help_person, patience=1, hand_s=0
            )
        assert asked == [chip.port]
        assert "/main.py.off" in chip.files()


def test_who_brought_it_there_by_hand_is_told_to_press_reset_at_the_end(ctx: RecordingContext, tools: Toolbox) -> None:
    told: list[RescueStep] = []

    def on_step(step: RescueStep) -> None:
        told.append(step)
        if step.state == "waiting" and "Press RESET" in str(step.text):
            chip.reset()

    def help_person(_job: object, port: str) -> str:
        chip.press_boot()
        return port

    with _stuck() as chip:
        chip.wiring = "button"
        done = rescue.rescue(ctx, tools, chip.port, on_step, seconds=0, wait_for_download=help_person)
    assert done.running is not None
    assert [step.number for step in told if step.state == "waiting"] == [2]


def test_an_erase_by_hand_asks_for_the_buttons_again(ctx: RecordingContext, tools: Toolbox) -> None:
    asked: list[str] = []

    def on_step(step: RescueStep) -> None:
        if step.state == "waiting":
            chip.reset()

    def help_person(_job: object, port: str) -> str:
        asked.append(port)
        chip.press_boot()
        return port

    with _stuck() as chip:
        chip.wiring = "button"
        chip.also_in = "/main.py.off"  # something else than its name holds it up
        done = rescue.rescue(
            ctx, tools, chip.port, on_step, True, seconds=0, wait_for_download=help_person, patience=1, hand_s=1
        )
        assert chip.files() == {}
    assert done.step == 3
    assert len(asked) == 2


def test_a_board_that_goes_away_and_comes_back_is_still_caught(ctx: RecordingContext) -> None:
    """Native USB is enumerated anew with each reset; a port that is not there is waited for."""
    lefts: list[float] = []
    assert interrupting.catch(ctx, "/dev/ttyNOBODY", 0.5, lambda left, can: lefts.append(left)) is None
    assert lefts == [1]


@pytest.fixture(scope="module")
def requests_of_a_rescue(tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many requests the chip gets while all goes well; the write is the last four."""
    host = Host.current()
    host = Host(host.system, host.machine, {**host.environ, "NATMOD_HOME": str(tmp_path_factory.mktemp("count"))})
    with Toolbox.of(host) as toolbox, _stuck() as chip:
        rescue.rescue(JobContext(host), toolbox, chip.port, lambda step: None, seconds=0)
        return len(chip.requests)


@pytest.mark.parametrize("before_the_end", [90, 3, 2])
def test_a_cable_that_is_pulled_in_the_middle_loses_no_file(
    before_the_end: int, requests_of_a_rescue: int, ctx: RecordingContext, tools: Toolbox
) -> None:
    """Whatever is in the flash then: all files are there, or in the backup; and a retry goes through."""
    with _stuck() as chip:
        chip.faults.unplug_at = requests_of_a_rescue - before_the_end
        with pytest.raises(StudioError) as broken:
            rescue.rescue(ctx, tools, chip.port, lambda step: None, seconds=0, patience=2)
        assert str(broken.value)
        assert any("are kept in" in said for said in ctx.said()) == (before_the_end < 10)
        there = set(chip.files().values())
        kept = [set(_of_backup(one)) for one in backups(folder_of(tools.paths))]
        assert any(set(_FILES.values()) <= found for found in (there, *kept))
        assert bool(kept) == (before_the_end < 10), "a backup is kept before anything is written"
        chip.faults.mend()
        done = rescue.rescue(ctx, tools, chip.plug(), lambda step: None, True, seconds=0, patience=5)
        assert done.running is not None


@pytest.mark.parametrize(("kind", "written"), [("littlefs", 0), ("littlefs", 1000), ("fat", 1000)])
def test_a_block_that_is_half_written_is_repaired_by_a_retry(
    kind: FsKind, written: int, ctx: RecordingContext, tools: Toolbox
) -> None:
    """The cable was pulled while the flash took the block: it is erased, and so many of its bytes are there."""
    with _stuck(kind) as chip:
        before = bytes(chip.flash)
        rescue.rescue(ctx, tools, chip.port, lambda step: None, seconds=0)
        after = bytes(chip.flash)
        (block,) = fsimage.changed_blocks(before, after)
        chip.flash[:] = before
        at = block * 4096
        chip.flash[at : at + 4096] = after[at : at + written].ljust(4096, b"\xff")
        chip.reset()
        done = rescue.rescue(ctx, tools, chip.port, lambda step: None, seconds=0)
        assert bytes(chip.flash) == after
        files = chip.files()
    assert done.running is not None
    assert done.renamed == (("/main.py", "/main.py.off"),)
    assert files == {path.replace("/main.py", "/main.py.off"): data for path, data in _FILES.items()}
    (kept,) = backups(folder_of(tools.paths))
    assert done.backup is not None
    assert done.backup.place == kept.place
    assert kept.image() == before[_VFS : _VFS + _VFS_SIZE]
    assert any("was not finished" in said for said in ctx.said())


def test_what_somebody_did_on_the_board_since_is_not_undone(ctx: RecordingContext, tools: Toolbox) -> None:
    with _stuck() as chip:
        rescue.rescue(ctx, tools, chip.port, lambda step: None, seconds=0)
        files = {"/main.py": b"import crash\n", "/new.py": b"my work of today"}
        rows = [BoardFile(path, False, len(data), data) for path, data in files.items()]
        chip.flash[_VFS : _VFS + _VFS_SIZE] = fsimage.build_of(ctx, rows, _VFS_SIZE)
        chip.reset()
        rescue.rescue(ctx, tools, chip.port, lambda step: None, seconds=0)
        assert chip.files() == {"/main.py.off": b"import crash\n", "/new.py": b"my work of today"}
    assert len(backups(folder_of(tools.paths))) == 2


def _of_backup(kept: Backup) -> list[bytes]:
    return [kept.read(member) for member in kept.manifest.members if member.name.startswith("files/")]
