"""What can be wrong with ESP-IDF on this computer."""

from __future__ import annotations

from pathlib import Path

from toolchains.errors import FirmwareError
from toolchains.text import Text, _

#: What a person types to have an ESP-IDF of ours.
GET = "natmod toolchain install {tool}"


class NoIdf(FirmwareError):
    """No ESP-IDF that this MicroPython can be built with is here. Fields: ``wanted``, ``here`` (version and place)."""

    code = "firmware.idf"

    def __init__(self, micropython: str, wanted: str, here: tuple[tuple[str, str], ...]) -> None:
        others = ", ".join(f"{version} ({where})" for version, where in here)
        super().__init__(
            _("MicroPython {micropython} needs ESP-IDF {version}.", micropython=micropython, version=wanted),
            why=_("On this computer: {others}. Another version makes another firmware.", others=others)
            if here
            else _("There is no ESP-IDF on this computer."),
            next_step=_("Get it: {command}", command=GET.format(tool=f"esp-idf@v{wanted}")),
            wanted=wanted,
            here=here,
        )


class BadIdf(FirmwareError):
    """A folder is no ESP-IDF, or not a whole one. Fields: ``path``."""

    code = "firmware.idf-broken"

    def __init__(self, path: Path, missing: str) -> None:
        super().__init__(
            _("The folder {path} is no complete ESP-IDF.", path=path),
            why=_("It lacks {name}.", name=missing),
            next_step=_("Install that ESP-IDF again, or take away the variable IDF_PATH."),
            path=str(path),
        )


class IdfToolMissing(FirmwareError):
    """A program that ESP-IDF's build runs is not here. Fields: ``tool``, ``command``."""

    code = "firmware.idf-tool"

    def __init__(self, tool: str, idf: str, command: str = "", why: Text | None = None) -> None:
        super().__init__(
            _("ESP-IDF {version} needs {tool}, which is not on this computer.", version=idf, tool=tool),
            why=why,
            next_step=_("Get it: {command}", command=command) if command else _("Install it, then try again."),
            tool=tool,
            command=command,
        )
