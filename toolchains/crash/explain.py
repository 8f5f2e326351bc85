"""A dump, a module and a firmware make one sentence, the line of C, and the calls that led there."""

from __future__ import annotations

from collections import Counter

from toolchains.crash.calls import Located, calls, repeats
from toolchains.crash.causes import phrase
from toolchains.crash.firmware import FirmwareMap
from toolchains.crash.records import Crash, Dump, Frame, Where
from toolchains.text import Text, _

#: So often the same function among the calls is a recursion that did not end.
_RECURSION = 4


def explain(dump: Dump, located: Located | None = None, firmware: FirmwareMap | None = None) -> Crash:
    """What a dump means. Without a module's place, or without a firmware, their frames are addresses alone."""
    frames: list[Frame] = []
    for call in calls(dump, located):
        frames += _frames(call.pc, call.look_at, located, firmware)
    known = located is not None and located.read and located.module.current
    return Crash(_sentence(dump, frames), dump.cause, tuple(frames), known, dump, _note(frames, located))


def _frames(pc: int, look_at: int, located: Located | None, firmware: FirmwareMap | None) -> list[Frame]:
    offset = located.offset(look_at) if located is not None else None
    if located is not None and offset is not None:
        module = located.module
        return [
            Frame(pc, "module", spot.function, module.path(spot.path), spot.line, spot.inlined)
            for spot in module.lines.spots(offset)
        ] or [Frame(pc, "module")]
    spot = firmware.spot(look_at) if firmware is not None else None
    if spot is not None:
        return [Frame(pc, "firmware", spot.function, spot.path, spot.line)]
    where: Where = "nowhere" if pc < 4096 or pc > 0xFFFFF000 else "unknown"
    return [Frame(pc, where)]


def _sentence(dump: Dump, frames: list[Frame]) -> Text:
    counted = Counter(frame.function for frame in frames if frame.where == "module" and frame.function)
    most, n = next(iter(counted.most_common(1)), ("", 0))
    what = phrase(dump, most if n >= _RECURSION else "")
    at = next((frame for frame in frames if frame.where == "module" and frame.function), None)
    first = frames[0] if frames else None
    if at is not None and at.place:
        if first is not None and first.where == "firmware":
            return _(
                "The board crashed in {inner} of MicroPython, called in {function} ({place}): {what}.",
                inner=first.function, function=at.function, place=at.place, what=what,
            )  # fmt: skip
        return _("The board crashed in {function} ({place}): {what}.", function=at.function, place=at.place, what=what)
    if at is not None:
        return _("The board crashed in {function}: {what}.", function=at.function, what=what)
    if first is not None and first.where == "firmware":
        return _("The board crashed in {inner} of MicroPython: {what}.", inner=first.function, what=what)
    return _("The board crashed: {what}.", what=what)


def _note(frames: list[Frame], located: Located | None) -> Text | None:
    if located is None:
        return _("Which line of C it was is not known: nobody asked the board where the module's code lies.")
    inside = [frame for frame in frames if frame.where == "module" and frame.function]
    if not inside and located.read:
        return _("None of the calls that the board shows is in the module {name}.", name=located.module.name)
    if not located.read:
        return _("The place of the module is that of its last run: if it was another one, so is the line.")
    if not located.module.current:
        return _("The sources were changed since the module was built: the line may be another one.")
    if not any(frame.line for frame in inside):
        return _("This code has no lines: it was not compiled from a source here, or compiles otherwise with -g.")
    if not located.module.lines.exact(inside[0].pc - located.address):
        return _("With -g this function becomes slightly other code: the line may be one beside it.")
    return None


def path_lines(crash: Crash) -> list[str]:
    """The calls for people, one a line, the innermost first; what repeats is said once."""
    shown = [
        f"{frame.function or '?'}  {frame.place}".rstrip() if frame.function or frame.place else f"0x{frame.pc:08x}"
        for frame in crash.frames
        if frame.where in ("module", "firmware") or crash.at is None
    ]
    return [f"{name}  × {n}" if n > 1 else name for name, n in repeats(shown)]
