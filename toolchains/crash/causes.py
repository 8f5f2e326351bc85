"""What happened, in words: one phrase for each cause, which completes "The board crashed: …"."""

from __future__ import annotations

from collections.abc import Callable

from toolchains.crash.records import Cause, Dump
from toolchains.text import Text, _

#: Nothing lies below: an address there comes from a null pointer, or from a field or element of what one points to.
NULL_BELOW = 4096


def phrase(dump: Dump, recursive: str = "") -> Text:
    """What happened. ``recursive``: the function that called itself, if the calls show one."""
    if dump.cause == "stack" and recursive:
        return _("{function} calls itself without end, until the stack is full", function=recursive)
    return _PHRASES[dump.cause](dump)


def _address(dump: Dump) -> str:
    return f"0x{dump.address:08x}" if dump.address is not None else "?"


def _null(dump: Dump) -> bool:
    return dump.address is not None and dump.address < NULL_BELOW


def _read(dump: Dump) -> Text:
    if _null(dump):
        return _("it read through a null pointer (address {address})", address=_address(dump))
    return _("it read at {address}, where no memory is", address=_address(dump))


def _write(dump: Dump) -> Text:
    if _null(dump):
        return _("it wrote through a null pointer (address {address})", address=_address(dump))
    return _("it wrote at {address}, where no memory for that is", address=_address(dump))


def _access(dump: Dump) -> Text:
    if _null(dump):
        return _("it used a null pointer (address {address})", address=_address(dump))
    return _(
        "memory at {address} cannot be used like that (memory for code takes whole words only)", address=_address(dump)
    )


def _call(dump: Dump) -> Text:
    target = dump.pc if dump.pc is not None else dump.address
    if target is not None and target < NULL_BELOW:
        return _("it called a function through a null pointer")
    return _("it called or jumped to {address}, where no code is", address=f"0x{target or 0:08x}")


def _misaligned(dump: Dump) -> Text:
    return _("it used a number at {address}, which is no multiple of the number's size", address=_address(dump))


def _illegal(dump: Dump) -> Text:
    return _("what it ran at {address} is no instruction", address=f"0x{dump.pc or 0:08x}")


def _assert(dump: Dump) -> Text:
    return _("a check of the firmware failed ({reason})", reason=dump.reason)


def _other(dump: Dump) -> Text:
    return _("the board says: {reason}", reason=dump.reason or "?")


_PHRASES: dict[Cause, Callable[[Dump], Text]] = {
    "read": _read,
    "write": _write,
    "access": _access,
    "call": _call,
    "misaligned": _misaligned,
    "illegal": _illegal,
    "assert": _assert,
    "other": _other,
    "breakpoint": _other,
    "stack": lambda dump: _("the stack is full: calls are too deep, or local variables too large"),
    "divide": lambda dump: _("it divided a whole number by zero"),
    "watchdog": lambda dump: _("it kept the processor for so long that a watchdog stopped it"),
    "abort": lambda dump: _("the function abort() was called"),
    "heap": lambda dump: _("the heap is damaged: something wrote past the end of its memory"),
    "nlr": lambda dump: _("an exception was raised where nothing could catch it"),
    "memory": lambda dump: _("it used memory that is closed to it ({reason})", reason=dump.reason),
}
