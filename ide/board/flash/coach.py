"""How a person brings a chip to download mode: steps with pictures, and somebody who watches and goes on by himself.

Steps and chips are data (``resources/coach/steps.json``), the pictures beside it are ours. A picture is drawn in the
colours of the light theme; in the dark one each is exchanged for its counterpart of ``resources/themes/colors.json``.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Literal

from ide.board import simulator
from ide.board.classify import is_final
from ide.board.errors import BoardBusy, BoardGone, BoardNotAllowed, BoardNotFound
from ide.board.flash import esptool, trouble
from ide.board.flash.errors import NotInDownloadMode, PortTaken, Unplugged, WrongChip, chip_title
from ide.board.flash.knock import Heard, knock
from ide.board.flash.usb import Track, UsbPort, coach_folder, port_at
from toolchains.jobs import JobContext
from toolchains.paths import resources
from toolchains.text import Text, _
from toolchains.toolbox import Toolbox

#: How often the watcher looks.
_LOOK_S = 0.5
#: Tokens of the theme that the pictures are drawn in.
_COLOURS = (
    *("window", "panel", "line", "text", "muted", "accent", "selection"),
    *("green_area", "green", "red", "amber_area", "amber"),
)
_CHIP_IN_PICTURES = ">ESP32<"

_STEPS: dict[str, Text] = {
    "hold-boot": _("Press BOOT and keep it down. On some boards it is marked 0, IO0, B or FLASH."),
    "press-reset": _("With BOOT still down, press RESET and let it go. On some boards it is marked EN, RST or R."),
    "release-boot": _("Let BOOT go. All else happens by itself."),
    "unplug": _("Pull the cable out of the board."),
    "hold-boot-plug-in": _("Press BOOT, keep it down, and plug the cable in."),
    "only-reset": _("Press RESET and let it go. Leave BOOT alone."),
    "plug-in": _("Plug the cable into the board."),
}
#: Why there is something to do, mostly.
NOT_YET = _("The chip is not in download mode yet. Do this:")
_DANCES: dict[str, Text] = {
    "buttons": _("The board has two buttons, BOOT and RESET"),
    "replug": _("The board has a BOOT button only"),
    "start": _("The board starts again by its RESET button"),
}


@dataclass(frozen=True)
class Step:
    """One thing to do. ``picture`` is a name for :func:`picture`."""

    name: str
    text: Text
    picture: str


@dataclass(frozen=True)
class Dance:
    """One way to download mode, and whom it is for."""

    name: str
    title: Text
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Lesson:
    """What to show for a chip: ways to download mode, what to know, and what to do when all is written.

    ``socket``: which one the cable is in, where there may be two. ``title``: why there is something to do.
    """

    chip: str
    dances: tuple[Dance, ...]
    notes: tuple[Text, ...]
    afterwards: tuple[Step, ...] = ()
    socket: Socket | None = None
    title: Text = NOT_YET


@cache
def _data() -> dict[str, list[dict[str, object]]]:
    loaded: dict[str, list[dict[str, object]]] = json.loads((coach_folder() / "steps.json").read_text("utf-8"))
    return loaded


def native_usb(chip: str) -> tuple[str, ...]:
    """How the chip itself can be at USB; empty for one that needs a bridge, and for one that we do not know."""
    row = next((row for row in _data()["chips"] if row["chip"] == chip), None)
    native = row["native"] if row is not None else []
    return tuple(native) if isinstance(native, list) else ()


def boot_pin(chip: str) -> int | None:
    """The pin that is low at reset for download mode."""
    row = next((row for row in _data()["chips"] if row["chip"] == chip), None)
    return int(str(row["boot_pin"])) if row is not None else None


def step(name: str) -> Step:
    """The step called so."""
    return Step(name, _STEPS[name], name)


def lesson(chip: str = "", usb: str = "") -> Lesson:
    """How to bring ``chip`` (a name of chips.json; empty: unknown), connected by ``usb``, to download mode."""
    native = usb in ("usb-serial-jtag", "usb-otg")
    wanted = ("buttons", "replug") if native or not usb else ("buttons",)
    rows = {str(row["name"]): row["steps"] for row in _data()["dances"]}
    dances = tuple(Dance(name, _DANCES[name], _steps(rows[name])) for name in wanted)
    notes = []
    if native:
        notes.append(_("The port goes away and comes back, perhaps under another name. That is as it must be."))
    pin = boot_pin(chip)
    if pin is not None:
        notes.append(_("A board without BOOT: connect pin GPIO{pin} to GND while it starts.", pin=pin))
    return Lesson(chip, dances, tuple(notes), (step("only-reset"),) if usb == "usb-otg" else ())


def lesson_at(chip: str, address: str) -> Lesson:
    """The lesson for ``chip`` at the port ``address``, with what is known of the socket."""
    port = port_at(address)
    return replace(lesson(chip, port.kind), socket=socket(chip, port))


def lesson_to_start(chip: str = "") -> Lesson:
    """How to start a chip that a hand brought to download mode: only a hand brings it out again."""
    press = Dance("start", _DANCES["start"], (step("only-reset"),))
    return Lesson(chip, (press,), (), title=_("The work on the chip is done. Start it:"))


def _steps(names: object) -> tuple[Step, ...]:
    return tuple(step(str(name)) for name in names) if isinstance(names, list) else ()


def picture(name: str, *, dark: bool = False, chip: str = "") -> str:
    """An SVG picture (400 x 220) of the folder; ``chip`` is what stands on the module in it."""
    drawing = (coach_folder() / f"{name}.svg").read_text("utf-8")
    if chip:
        drawing = drawing.replace(_CHIP_IN_PICTURES, f">{chip_title(chip)}<")
    if dark:
        for light_colour, dark_colour in _dark_colours():
            drawing = drawing.replace(f'"{light_colour}"', f'"{dark_colour}"')
    return drawing


@cache
def _dark_colours() -> tuple[tuple[str, str], ...]:
    themes = json.loads((resources() / "themes" / "colors.json").read_text("utf-8"))
    return tuple((themes["light"][token], themes["dark"][token]) for token in _COLOURS)


# --- which socket --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Socket:
    """Which of a board's sockets is in use, in words and as a picture's name."""

    text: Text
    picture: str


def socket(chip: str, port: UsbPort) -> Socket | None:
    """Which socket the cable is in, for a chip whose boards may have two; None where there is nothing to tell."""
    if not native_usb(chip):
        return None
    known = port.known
    if port.kind == "uart" and known is not None:
        text = _(
            "The cable is in the socket of the serial bridge ({name}), often marked UART or COM. If the board has a "
            "second one, marked USB, that leads to the chip itself. Both will do.",
            name=known.name,
        )
        return Socket(text, "socket-uart")
    if port.kind in ("usb-serial-jtag", "usb-otg"):
        text = _(
            "The cable is in the socket of the chip itself, often marked USB. If it does not answer there and the "
            "board has a second one, marked UART or COM, try that."
        )
        return Socket(text, "socket-usb")
    return None


def other_socket(address: str, mac: str, there: Iterable[UsbPort]) -> UsbPort | None:
    """The other port of the same board, where both its sockets are plugged in: the chip's own USB tells its MAC."""
    return next((port for port in there if port.address != address and mac and port.mac == mac), None)


# --- the watcher ---------------------------------------------------------------------------------------------------

_AWAY = _("The board is away. It comes back by itself, or plug it in.")

WatchState = Literal["waiting", "away", "back", "trouble", "answers"]


@dataclass(frozen=True)
class Seen:
    """What the watcher sees now; told when it changes."""

    state: WatchState
    port: str
    text: Text


Tell = Callable[[Seen], None]


def wait_for_download(
    ctx: JobContext, toolbox: Toolbox, port: str, chip: str, tell: Tell = lambda seen: None, *, mac: str = ""
) -> str:
    """Watch until the board's loader answers; the port where it does, which may be another one than before.

    It is asked without a reset, which would undo what the person did with the buttons. ``chip`` and ``mac`` are empty
    when unknown. Goes on for ever, until ``ctx`` is cancelled. Raises :class:`~ide.board.flash.errors.WrongChip`.
    """
    if port.startswith(simulator.PREFIX):  # it has no buttons, and needs none
        return port
    return _Watcher(ctx, toolbox, chip, mac, tell).run(port)


@dataclass
class _Watcher:
    ctx: JobContext
    toolbox: Toolbox
    chip: str
    mac: str
    tell: Tell
    _last: Seen | None = None
    _bell: threading.Event = field(default_factory=threading.Event)

    def run(self, port: str) -> str:
        track = Track.at(port)
        with self.ctx.cancelling(self._bell.set):
            while True:
                found = track.now(self.mac)
                if found is None:
                    self._say("away", track.port.address, _AWAY)
                else:
                    self._moved(track.port, found)
                    track = replace(track, port=found)
                    if self._answers(found.address):
                        return found.address
                self._bell.wait(_LOOK_S)
                self.ctx.check()

    def _say(self, state: WatchState, port: str, text: Text) -> None:
        seen = Seen(state, port, text)
        if self._last is None or (seen.state, seen.port, str(text)) != (
            self._last.state, self._last.port, str(self._last.text),
        ):  # fmt: skip
            self._last = seen
            self.tell(seen)

    def _moved(self, board: UsbPort, found: UsbPort) -> None:
        if found.address != board.address:
            self._say("back", found.address, _("The board is back, at {port} now.", port=found.address))

    def _answers(self, address: str) -> bool:
        try:
            heard = knock(self.ctx, address)
        except (BoardNotFound, BoardGone):
            self._say("away", address, _AWAY)
            return False
        except (BoardBusy, BoardNotAllowed) as error:
            trouble.better(error)
            self._say("trouble", address, _("{what} {todo}", what=error.what, todo=error.next_step or ""))
            return False
        if not heard.loader:
            self._say("waiting", address, _hint(heard))
            return False
        return self._is_ours(address)

    def _is_ours(self, address: str) -> bool:
        """Ask the loader who it is, and leave it running."""
        try:
            facts = esptool.probe(self.ctx, self.toolbox.host, address, before="no-reset", after="no-reset")
        except (NotInDownloadMode, PortTaken, Unplugged):  # a moment too soon, or gone again
            return False
        if self.mac and facts.mac and facts.mac != self.mac:
            self._say("trouble", address, _("Another board is in download mode at {port}.", port=address))
            return False
        if self.chip and facts.chip != self.chip:
            raise WrongChip(address, self.chip, facts.chip)
        self._say("answers", address, _("The {chip} is in download mode.", chip=chip_title(facts.chip)))
        return True


def _hint(heard: Heard) -> Text:
    if heard.said and is_final(heard.said) and heard.silence == "bootloader":
        return _("The chip is in download mode, but does not hear: look at the wire to its RX pin.")
    if heard.silence == "boot-loop" or b"boot:0x" in heard.said:
        return _("The board has started, but BOOT was not down at that moment. Hold it until RESET is let go.")
    return _("Waiting for download mode.")
