"""What is plugged in at USB, whether or not it became a port: to tell a missing driver from a cable that only charges.

Asked only when something is not there that should be: it takes a moment (Windows: a second). What the systems say is
read as data; anything unexpected in it is passed over.
"""

from __future__ import annotations

import json
import plistlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from toolchains.errors import ToolFailed, ToolMissing
from toolchains.jobs import JobContext

_SYSFS = Path("/sys/bus/usb/devices")
_TIMEOUT_S = 20.0
_INSTANCE = re.compile(r"USB\\VID_([0-9A-F]{4})&PID_([0-9A-F]{4})", re.IGNORECASE)
_WINDOWS = (
    "powershell",
    "-NoProfile",
    "-NonInteractive",
    "-Command",
    "Get-PnpDevice -PresentOnly -InstanceId 'USB\\VID_*' | Select-Object InstanceId,FriendlyName,Class,Status "
    "| ConvertTo-Json -Compress",
)
_MACOS = ("ioreg", "-p", "IOUSB", "-l", "-a")


@dataclass(frozen=True)
class UsbDevice:
    """A device at USB. ``has_port``: the system made a serial port of it."""

    vid: int
    pid: int
    title: str
    has_port: bool = False


def devices(ctx: JobContext, *, sysfs: Path = _SYSFS) -> list[UsbDevice]:
    """The devices at USB; none where the system does not tell. Hubs are among them."""
    try:
        match ctx.host.system:
            case "linux":
                return list(_linux(sysfs))
            case "windows":
                return list(_windows(ctx.run(_WINDOWS, timeout=_TIMEOUT_S).stdout))
            case "macos":
                return list(_macos(ctx.run(_MACOS, timeout=_TIMEOUT_S).stdout))
    except (ToolFailed, ToolMissing, OSError, ValueError, plistlib.InvalidFileException, ExpatError):
        return []
    return []


def _linux(sysfs: Path) -> Iterator[UsbDevice]:
    for folder in sorted(sysfs.glob("*")):
        maker, product = _number(folder / "idVendor"), _number(folder / "idProduct")
        if maker is None or product is None:
            continue
        title = " ".join(text for text in (_line(folder / "manufacturer"), _line(folder / "product")) if text)
        # ttyUSB0 is in the interface's folder, ttyACM0 in its folder "tty"
        has_port = any(True for _tty in folder.glob("*:*/tty*"))
        yield UsbDevice(maker, product, title, has_port)


def _line(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def _number(path: Path) -> int | None:
    try:
        return int(_line(path), 16)
    except ValueError:
        return None


def _windows(output: bytes) -> Iterator[UsbDevice]:
    rows = json.loads(output or b"[]")
    for row in rows if isinstance(rows, list) else [rows]:
        found = _INSTANCE.match(str(row.get("InstanceId", ""))) if isinstance(row, dict) else None
        if found:
            title = str(row.get("FriendlyName") or "")
            yield UsbDevice(int(found[1], 16), int(found[2], 16), title, row.get("Class") == "Ports")


def _macos(output: bytes) -> Iterator[UsbDevice]:
    if output:
        yield from _entries(plistlib.loads(output))


def _entries(node: Any) -> Iterator[UsbDevice]:  # noqa: ANN401 -- a property list is anything
    if isinstance(node, list):
        for each in node:
            yield from _entries(each)
    elif isinstance(node, dict):
        maker, product = node.get("idVendor"), node.get("idProduct")
        if isinstance(maker, int) and isinstance(product, int):
            yield UsbDevice(maker, product, str(node.get("USB Product Name") or ""))
        yield from _entries(node.get("IORegistryEntryChildren"))


def with_ports(found: Iterable[UsbDevice], numbers: Iterable[tuple[int | None, int | None]]) -> list[UsbDevice]:
    """The devices, those with a port of these maker and product numbers marked (macOS says it in two places)."""
    there = set(numbers)
    return [UsbDevice(each.vid, each.pid, each.title, each.has_port or (each.vid, each.pid) in there) for each in found]
