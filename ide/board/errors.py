"""What goes wrong between us and a board: leaves of :class:`~toolchains.errors.BoardError`."""

from __future__ import annotations

from typing import Literal

from toolchains.errors import BoardError
from toolchains.text import Text, _
from toolchains.units import size_text

SilenceKind = Literal["bootloader", "boot-loop", "no-micropython", "busy-program", "wrong-speed", "silent"]


class BoardGone(BoardError):
    """The port vanished while we held it: the cable was pulled, or the simulator ended."""

    code = "board.gone"

    def __init__(self, address: str, reason: str = "") -> None:
        super().__init__(
            _("The connection to the board at {address} broke.", address=address),
            next_step=_("Check the cable, plug the board in again, then try again."),
            detail=reason,
            address=address,
        )


class BoardNotFound(BoardError):
    """There is no such port."""

    code = "board.notfound"

    def __init__(self, address: str, there: tuple[str, ...] = (), reason: str = "") -> None:
        if "://" in address:
            step = _("Check the name and the number of the port, and that the program that serves it runs.")
        elif there:
            step = _("Plug the board in, or use one of: {there}.", there=", ".join(there))
        else:
            step = _("Plug the board in with a cable that carries data, or use the simulated board sim:rv32.")
        super().__init__(
            _("There is no board at {address}.", address=address),
            next_step=step,
            detail=reason if "://" in address else "",  # of a port, the system's words say the same again
            address=address,
            there=there,
        )


class OtherBoard(BoardError):
    """The port that came back is not the port of the board that was there before."""

    code = "board.other"

    def __init__(self, address: str) -> None:
        super().__init__(
            _("Another board is at {address} than before.", address=address),
            why=_("Its USB serial number, or its own number, is not that of the board that was lost."),
            next_step=_("To use this one, choose it as the board; or plug the other one in again."),
            address=address,
        )


class BoardBusy(BoardError):
    """Another program holds the port. ``pid`` is None where ``holder`` is only the most likely one."""

    code = "board.busy"

    def __init__(
        self, address: str, holder: str | None = None, pid: int | None = None, *, cure: Text | None = None
    ) -> None:
        self.holder, self.pid = holder, pid
        if holder is not None and pid is None:
            why = _("The program {holder} runs here, which takes boards; most likely it has this one.", holder=holder)
        elif holder is not None:
            why = _("The program {holder} (process {pid}) is using it.", holder=holder, pid=pid)
        else:
            why = _("Another program is using it: a serial monitor, another IDE, or a second window of this one.")
        super().__init__(
            _("The port {address} is taken.", address=address),
            why=why,
            next_step=cure or _("Close that program, or disconnect the board there, then try again."),
            address=address,
            holder=holder,
            pid=pid,
        )


class BoardNotAllowed(BoardError):
    """The person may not open the port. ``group`` is the group that may, or None when no group helps.

    ``line``: what to type to be allowed it (:mod:`ide.board.access`), where that is better than a group.
    """

    code = "board.permission"

    def __init__(self, address: str, group: str | None, line: str | None = None) -> None:
        if line is not None:
            step = _("Type this, then plug the board in again: {line}", line=line)
        elif group is not None:
            step = _(
                "Join the group {group} with: sudo usermod -aG {group} $USER  Then log out and in again.", group=group
            )
        else:
            step = _("Ask whoever looks after this computer for access to it.")
        super().__init__(
            _("You may not use the port {address}.", address=address),
            next_step=step,
            address=address,
            group=group,
            line=line,
        )


class BoardTimeout(BoardError):
    """The board stopped answering. ``stopped`` tells whether it could be brought back to its prompt."""

    code = "board.timeout"

    def __init__(self, doing: Text, seconds: float, *, stopped: bool = True) -> None:
        super().__init__(
            _("The board said nothing for {seconds:g} s while {doing}.", seconds=seconds, doing=doing),
            next_step=_("Try again; if it happens again, unplug the board and plug it in.")
            if stopped
            else _("It does not stop either: press its reset button, or unplug it and plug it in."),
            seconds=seconds,
            stopped=stopped,
        )


class BoardGarbled(BoardError):
    """What arrived is not what was sent: bytes were lost or changed on the way."""

    code = "board.garbled"

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            _("Bytes were lost on the way to or from the board."),
            next_step=_("Try again; another cable, another USB socket or no hub in between often helps."),
            detail=detail,
        )


class BoardFlood(BoardError):
    """Code whose output is for the program alone printed without end; it was stopped."""

    code = "board.flood"

    def __init__(self, n_bytes: int) -> None:
        super().__init__(
            _("The board was stopped: it printed more than {size} in answer to a question.", size=size_text(n_bytes)),
            next_step=_("Reset the board, then try again."),
            n_bytes=n_bytes,
        )


class BoardRestarted(BoardError):
    """The board restarted while a program ran: a crash in native code, a watchdog, or its reset button."""

    code = "board.restarted"

    def __init__(self, last_words: str = "") -> None:
        super().__init__(
            _("The board restarted while the program ran."),
            why=_("Native code that goes astray, a watchdog, or too little power do this."),
            next_step=_("Its last words are below; they often name the fault."),
            detail=last_words,
        )


class BoardSilent(BoardError):
    """Something is there, or not, but no MicroPython prompt. ``kind``: what it looks like; ``advice``: what to do."""

    code = "board.silent"

    def __init__(self, kind: SilenceKind, what: Text, advice: Text, said: str = "") -> None:
        #: It may be a board without MicroPython; :mod:`ide.board.flash.one_click` puts it there.
        self.may_be_empty = kind in ("bootloader", "boot-loop", "no-micropython", "silent", "wrong-speed")
        super().__init__(what, next_step=advice, detail=said, kind=kind, empty=self.may_be_empty)
        self.kind = kind
        self.advice = advice


class BoardExecError(BoardError):
    """Code that ran on the board raised an exception; ``traceback`` is the board's own text."""

    code = "board.exec"

    def __init__(self, traceback: str, output: bytes = b"") -> None:
        lines = traceback.strip().splitlines()
        super().__init__(
            _("The code on the board stopped with an error: {error}", error=lines[-1] if lines else "?"),
            detail=traceback,
            traceback=traceback,
        )
        self.traceback = traceback
        #: What the code had printed before.
        self.output = output

    @property
    def interrupted(self) -> bool:
        """Whether it was a Ctrl-C that stopped the code."""
        return self.traceback.rstrip().rpartition("\n")[2].startswith("KeyboardInterrupt")


class BoardFull(BoardError):
    """The file system of the board has no room. Sizes in bytes."""

    code = "board.full"

    def __init__(self, name: str, needed: int, free: int) -> None:
        super().__init__(
            _("{name} does not fit on the board: it needs {needed} B, and {free} B are free.", name=name,
              needed=needed, free=free),
            next_step=_("Remove files from the board, or run the program from this computer instead of installing it."),
            name=name,
            needed=needed,
            free=free,
        )  # fmt: skip


class BoardCannotReset(BoardError):
    """Nothing here can press the board's reset button."""

    code = "board.noreset"

    def __init__(self, address: str) -> None:
        super().__init__(
            _("The board at {address} cannot be reset from here.", address=address),
            next_step=_("Press its reset button, or unplug it and plug it in."),
            address=address,
        )


class BoardChoice(BoardError):
    """Several boards are plugged in and nobody said which."""

    code = "board.choice"

    def __init__(self, addresses: tuple[str, ...]) -> None:
        super().__init__(
            _("Several boards are plugged in: {addresses}.", addresses=", ".join(addresses)),
            next_step=_("Name one, for example with --board {first}.", first=addresses[0] if addresses else ""),
            addresses=addresses,
        )


class OtherSdk(BoardError):
    """The module was built for a firmware with more functions than MicroPython's own, and the board has another."""

    code = "board.other-sdk"

    def __init__(self, sdk: str) -> None:
        super().__init__(
            _("This module runs on one firmware only, and the board has another one."),
            why=_("It calls functions that its project adds to MicroPython's table; its SDK is {sdk}.", sdk=sdk),
            next_step=_("Flash that firmware, or take [firmware] functions out of natmod.toml and build again."),
            sdk=sdk,
        )


class NoExecRoom(BoardError):
    """The module's machine code is larger than the board's free executable memory. Sizes in bytes."""

    code = "board.exec-full"

    def __init__(self, needed: int, free: int) -> None:
        super().__init__(
            _(
                "The module needs {needed} of memory for machine code; the board has {free} left.",
                needed=size_text(needed),
                free=size_text(free),
            ),
            next_step=_("Make the module smaller, or split it in two and import only one."),
            needed=needed,
            free=free,
        )
