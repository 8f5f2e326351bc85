"""esptool as a child process: one for each port, ended by the job's cancel; never imported (it is GPL).

Each call runs ``python -m esptool`` once, or again another way when that may help, turns its progress into the job's,
and its failures into leaves of BoardError.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from ide.board.flash import attempts, commands, failures, silence, starts
from ide.board.flash.commands import After, Before, Link, Way
from ide.board.flash.errors import FlashStopped
from ide.board.flash.progress import Heard, Region, Stage
from ide.board.flash.records import ChipFacts, FlashFile, FlashJob, Security
from toolchains.chips import chips
from toolchains.errors import Cancelled, disk_errors
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.text import Text, _
from toolchains.units import size_text

_READ_BYTES = 65536
_ASKED = 3
_UNITS = {"KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}


def probe(
    ctx: JobContext,
    host: Host,
    port: str,
    *,
    baud: int | None = None,
    before: Before = "default-reset",
    after: After = "hard-reset",
) -> ChipFacts:
    """What the chip on ``port`` is, asked of its loader; then it is restarted, unless ``after`` says otherwise."""
    # Without the flash program: the loader knows all this, and stays where it is until the second question.
    link = Link(port, "", Way(baud, stub=False), before, "no-reset")
    with ctx.step(_("ask the chip at {port} what it is", port=port)):
        heard = _asked(ctx, host, link, "flash-id")
        chip = failures.chip_name(heard.chip)
        link = replace(link, chip=chip if chip in chips() else "", before="no-reset", after=after)
        heard.security = _security(ctx, host, link).security
    return facts_of(heard)


def identify(ctx: JobContext, host: Host, port: str, chip: str, *, before: Before = "default-reset") -> ChipFacts:
    """MAC and security of a chip, in one question; it stays in its loader. The flash is not looked at."""
    with ctx.step(_("ask the chip at {port} what it is", port=port)):
        return facts_of(_security(ctx, host, Link(port, chip, Way(None, stub=False), before, "no-reset"), strict=True))


def _security(ctx: JobContext, host: Host, link: Link, *, strict: bool = False) -> Heard:
    """The answer to get-security-info. An ESP32's loader does not know the question; there it is another one."""
    command = "get-security-info" if link.chip != "esp32" else "read-mac"
    if not strict:
        return run(ctx, host, commands.on_port(link, command))[0]
    return _asked(ctx, host, link, command)


def _asked(ctx: JobContext, host: Host, link: Link, command: str) -> Heard:
    """Ask once more, and again, where bytes were lost on the way."""
    for left in reversed(range(_ASKED)):
        heard, code = run(ctx, host, commands.on_port(link, command))
        if not code or (heard.chip and heard.secure_download):  # there it refuses, but has said what chip it is
            return heard
        failure = failures.failure_of(heard)
        if not left or not failure.again:
            raise failures.error_of(failure, link.port, link.chip)
    raise AssertionError


def facts_of(heard: Heard) -> ChipFacts:
    """What a run said of the chip, as a record."""
    chip = failures.chip_name(heard.chip)
    description = heard.facts.get("Chip type", heard.chip)
    revision = re.search(r"revision v(\d+)\.(\d+)", description)
    features = tuple(part.strip() for part in heard.facts.get("Features", "").split(",") if part.strip())
    crystal = re.match(r"\d+", heard.facts.get("Crystal frequency", ""))
    psram = _psram(chip, features)
    return ChipFacts(
        chip=chip,
        description=description,
        revision=(int(revision[1]), int(revision[2])) if revision else None,
        flash_size=_bytes(heard.facts.get("Detected flash size", "")),
        psram=psram,
        psram_kind=_psram_kind(chip, psram),
        mac=heard.mac,
        crystal_mhz=int(crystal[0]) if crystal else None,
        security=Security(
            secure_boot=heard.security.get("Secure Boot", False),
            flash_encryption=heard.security.get("Flash Encryption", False),
            secure_download=heard.secure_download or heard.security.get("Secure Download", False),
            known=bool(heard.security) or heard.secure_download,
        ),
        features=features,
    )


def _bytes(text: str) -> int | None:
    found = re.fullmatch(r"(\d+)(KB|MB|GB)", text)
    return int(found[1]) * _UNITS[found[2]] if found else None


def _psram(chip: str, features: Sequence[str]) -> int | None:
    """PSRAM in the chip's package; None when a module may have some beside it."""
    found = next((found for part in features if (found := re.match(r"Embedded PSRAM (\d+)MB", part))), None)
    if found is not None:
        return int(found[1]) << 20
    return 0 if failures.has_no_psram(chip) else None


def _psram_kind(chip: str, psram: int | None) -> str:
    if not psram:
        return ""
    return "octal" if failures.octal_psram(chip, psram >> 20) else "quad"


def read(
    ctx: JobContext,
    host: Host,
    port: str,
    chip: str,
    address: int,
    size: int,
    into: Path,
    *,
    baud: int | None = None,
    before: Before = "default-reset",
) -> None:
    """Read ``size`` bytes of flash from ``address`` into a file; esptool compares an MD5 of it with the chip's.

    ``before`` "no-reset", here and below: a person brought the chip to its loader, and there it stays.
    """
    title = _("read {size} from {address}", size=size_text(size), address=hex(address))
    with ctx.step(title), disk_errors(into.parent):
        into.parent.mkdir(parents=True, exist_ok=True)
        _repeatedly(
            ctx,
            host,
            _staying(Link(port, chip, Way(baud or commands.FAST), before)),
            lambda link: commands.read_flash(link, address, size, into),
            [Region(address, size)],
        )


def erase(
    ctx: JobContext,
    host: Host,
    port: str,
    chip: str,
    region: tuple[int, int] | None = None,
    *,
    baud: int | None = None,
    force: bool = False,
    before: Before = "default-reset",
) -> None:
    """Erase the whole flash, or ``region``: (address, size), both whole sectors of 4096 bytes."""
    title = _("erase the flash") if region is None else _("erase {size} at {address}", size=size_text(region[1]),
                                                          address=hex(region[0]))  # fmt: skip
    with ctx.step(title):
        link = _staying(Link(port, chip, Way(baud), before))
        _repeatedly(ctx, host, link, lambda link: commands.erase(link, region, force=force))


def verify(
    ctx: JobContext,
    host: Host,
    port: str,
    chip: str,
    files: Sequence[FlashFile],
    *,
    baud: int | None = None,
    job: FlashJob | None = None,
    before: Before = "default-reset",
) -> None:
    """Compare the flash with files, by MD5. Raises Mismatch with the address of the first that differs.

    ``job`` is the job that wrote them, when it changed the header of the first.
    """
    with ctx.step(_("compare the flash at {port}", port=port)):
        link = _staying(Link(port, chip, Way(baud), before))
        _repeatedly(ctx, host, link, lambda link: commands.verify_flash(link, files, job))


def restart(ctx: JobContext, host: Host, port: str, chip: str, *, watchdog: bool = False) -> None:
    """Make the chip leave its loader and start what is in its flash; ``watchdog`` where there is no reset line."""
    link = Link(port, chip, Way(None, stub=False), after="watchdog-reset" if watchdog else "hard-reset")
    if watchdog:
        link = replace(link, before="no-reset")
    _asked(ctx, host, link, "read-mac")


def merge(
    ctx: JobContext, host: Host, chip: str, files: Sequence[FlashFile], into: Path, *, pad_to: str = ""
) -> FlashFile:
    """Make one factory image of several files; what to write where. It begins at the chip's offset, as official ones.

    ``pad_to``: fill it up to a flash size (``4MB``).
    """
    start = min([chips()[chip].flash_offset, *(file.address for file in files)])
    with ctx.step(_("make one image of {n} files", n=len(files))), disk_errors(into.parent):
        into.parent.mkdir(parents=True, exist_ok=True)
        heard, code = run(ctx, host, commands.merge_bin(chip, files, into, start=start, pad_to=pad_to))
        if code:
            raise failures.error_of(failures.failure_of(heard), "", chip)
    return FlashFile(start, into)


def _staying(link: Link) -> Link:
    """What was brought to its loader by hand is not sent away: only a hand brings it back."""
    return replace(link, after="no-reset") if link.before == "no-reset" else link


def _repeatedly(
    ctx: JobContext,
    host: Host,
    link: Link,
    argv: Callable[[Link], tuple[str, ...]],
    regions: Sequence[Region] = (),
) -> Heard:
    """Run a command, and again another way where that may help."""
    tries = attempts.Attempts(link.way)
    while True:
        heard, code = run(ctx, host, argv(replace(link, way=tries.way)), regions)
        if not code:
            return heard
        failure = failures.failure_of(heard)
        error = failures.error_of(failure, link.port, link.chip)
        if not tries.another(failure, error):
            raise error
        ctx.note(tries.said[-1])


def run(
    ctx: JobContext, host: Host, argv: Sequence[str], regions: Sequence[Region] = (), *, heard: Heard | None = None
) -> tuple[Heard, int]:
    """Run esptool once: what it said, and its exit code. Its lines go to the log, its progress to the job's.

    A cancel ends it at once and raises FlashStopped, which says what state the flash is in.
    """
    heard = heard if heard is not None else Heard()
    heard.regions = tuple(regions)
    ctx.log("$ " + commands.copyable(argv, host))
    try:
        with (
            _stages(ctx, heard),
            starts.started(ctx, argv) as process,
            silence.guarded(host, process, heard),
        ):
            assert process.stdout is not None
            for line in lines_of(process.stdout.read1):  # type: ignore[attr-defined]  # a BufferedReader
                if heard.hear(line):
                    ctx.log(line)
            code = process.wait()
        ctx.check()
    except Cancelled as error:
        raise FlashStopped(heard.state) from error
    return heard, code


def lines_of(read_some: Callable[[int], bytes]) -> Iterator[str]:
    """The lines of a stream as they come; a progress bar that goes back to the line's begin makes lines too."""
    pending = b""
    while data := read_some(_READ_BYTES):
        *whole, pending = re.split(rb"[\r\n]", pending + data)
        yield from (line.decode("utf-8", "backslashreplace").rstrip() for line in whole)
    if pending:
        yield pending.decode("utf-8", "backslashreplace").rstrip()


@contextmanager
def _stages(ctx: JobContext, heard: Heard) -> Iterator[None]:
    """Each stage of the run as a step of the job."""
    with ExitStack() as steps:

        def enter(stage: Stage) -> None:
            steps.close()
            steps.enter_context(ctx.step(stage_title(stage)))

        heard.on_stage = enter
        heard.on_progress = lambda done, total: ctx.progress(done, total)
        steps.enter_context(ctx.step(stage_title(heard.stage)))
        yield


def stage_title(stage: Stage) -> Text:
    """A stage as the title of a step."""
    match stage:
        case "connect":
            return _("connect to the chip")
        case "stub":
            return _("start the flash program in the chip")
        case "erase":
            return _("erase")
        case "write":
            return _("write")
        case "read":
            return _("read")
        case "compare":
            return _("compare")
        case "reset":
            return _("restart the board")
