"""What is wrong with lines of sdkconfig before anything is built, and what became of them afterwards."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from toolchains.firmware.idf.data import idf_data
from toolchains.text import Text, _

_SET = re.compile(r"^(CONFIG_\w+)=(.*)$")
_UNSET = re.compile(r"^# (CONFIG_\w+) is not set$")


@dataclass(frozen=True)
class Remark:
    """``index`` is the line's number among those that were asked about, from 0; ``option`` its name."""

    index: int
    option: str
    text: Text


def native_off(lines: Sequence[str]) -> tuple[Remark, ...]:
    """The lines that leave no place for native modules, viper and native code."""
    return tuple(
        Remark(
            index,
            option,
            _("{option} switches native code off: native modules cannot be loaded by this firmware.", option=option),
        )
        for index, line in enumerate(lines)
        for option, value in [_read(line)]
        if option in idf_data()["native_off"] and value == "y"
    )


def without_effect(lines: Sequence[str], final: str) -> tuple[Remark, ...]:
    """The lines that the finished configuration does not have: unknown options, or ones that others rule out."""
    there = dict(_read(line) for line in final.splitlines())
    return tuple(
        Remark(
            index, option, _("{line} had no effect: this chip has no such option, or another rules it out.", line=line)
        )
        for index, line in enumerate(lines)
        for option, value in [_read(line)]
        if option and there.get(option, "n") != value
    )


def _read(line: str) -> tuple[str, str]:
    """Name and value; ``n`` for an option that is not set."""
    found = _SET.match(line.strip())
    if found:
        return found[1], found[2].strip()
    unset = _UNSET.match(line.strip())
    return (unset[1], "n") if unset else ("", "")
