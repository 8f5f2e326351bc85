"""The ports, boards and variants of a MicroPython tree, found by their files; a name that is not there is refused."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from toolchains.errors import FirmwareError, disk_errors
from toolchains.firmware.table import FirmwareTable
from toolchains.sdk_tree import SdkTree
from toolchains.text import Text, _

#: Ports that can be built here, and the board that a port has when none is named.
PORTS = {
    "unix": None, "qemu": "MPS2_AN385", "minimal": None, "esp32": "ESP32_GENERIC", "esp8266": "ESP8266_GENERIC",
    "stm32": "PYBV10",
}  # fmt: skip
_VARIANT, _MAKE, _CMAKE = "mpconfigvariant", "mpconfigboard.mk", "mpconfigboard.cmake"
#: What the unix port is when no variant is named.
STANDARD = "standard"


class NoSuchTarget(FirmwareError):
    """A port, board or variant that the tree does not have. Fields: ``kind``, ``name``, ``known``."""

    code = "firmware.target"

    def __init__(self, kind: str, what: Text, name: str, known: tuple[str, ...], why: Text | None = None) -> None:
        near = difflib.get_close_matches(name.upper(), [one.upper() for one in known], 1)
        meant = next((one for one in known if near and one.upper() == near[0]), None)
        if meant:
            step = _('Did you mean "{near}"?', near=meant)
        elif known:
            step = _("Use one of: {names}.", names=", ".join(known[:12]))
        else:
            step = _("Leave it out.")
        super().__init__(what, why=why, next_step=step, kind=kind, name=name, known=known)


@dataclass(frozen=True)
class Target:
    """What a firmware is built for: ``folder`` is the port's in the tree, ``board_folder`` the board's, if it has."""

    port: str
    board: str | None
    variant: str | None
    folder: Path
    board_folder: Path | None = None


def ports(sdk: SdkTree) -> tuple[str, ...]:
    """The ports of a tree that can be built here."""
    return tuple(name for name in PORTS if (sdk.path / "ports" / name).is_dir())


def boards(sdk: SdkTree, port: str) -> tuple[str, ...]:
    """The boards of a port, sorted; none for a port without boards."""
    return tuple(sorted(path.name for path in _folders(sdk.path / "ports" / port / "boards") if _is_board(path)))


def variants(sdk: SdkTree, port: str, board: str | None) -> tuple[str, ...]:
    """The variants of a board (of the port, where it has no boards), without the plain one; sorted."""
    if board is None:
        return tuple(sorted(path.name for path in _folders(sdk.path / "ports" / port / "variants")))
    return _variants_in(sdk.path / "ports" / port / "boards" / board)


def target_of(sdk: SdkTree, table: FirmwareTable, root: Path) -> Target:
    """What the table means in a tree. A board may be a folder of the project (``boards/MINE``), found by its name, and
    so may a port (``ports/mine``).

    Raises :class:`NoSuchTarget`.
    """
    port = table.port
    folder = sdk.path / "ports" / port
    if (mine := root / "ports" / port) and (mine / "Makefile").is_file():
        return _without_boards(sdk, table, mine)
    if port not in ports(sdk):
        raise NoSuchTarget("port", _('This MicroPython has no port "{name}".', name=port), port, ports(sdk))
    known = boards(sdk, port)
    if not known:
        return _without_boards(sdk, table, folder)
    board = table.board or PORTS[port] or known[0]
    own = root / "boards" / board
    place = own if _is_board(own) else folder / "boards" / board
    if board not in known and place != own:
        what = _('The port {port} has no board "{name}".', port=port, name=board)
        raise NoSuchTarget("board", what, board, known)
    variant = table.variant
    if variant is not None and variant not in _variants_in(place):
        raise _no_variant(sdk, port, board, variant, _variants_in(place))
    return Target(port, board, variant, folder, place)


def _without_boards(sdk: SdkTree, table: FirmwareTable, folder: Path) -> Target:
    if table.board is not None:
        what = _("The port {port} knows no boards.", port=table.port)
        raise NoSuchTarget("board", what, table.board, ())
    known = variants(sdk, table.port, None)
    variant = table.variant or (STANDARD if STANDARD in known else None)
    if variant is not None and variant not in known:
        what = _('The port {port} has no variant "{name}".', port=table.port, name=variant)
        raise NoSuchTarget("variant", what, variant, known)
    return Target(table.port, None, variant, folder)


def _no_variant(sdk: SdkTree, port: str, board: str, variant: str, known: tuple[str, ...]) -> NoSuchTarget:
    others = [one for one in boards(sdk, port) if variant in variants(sdk, port, one)]
    why = _("It is a variant of {boards}.", boards=", ".join(others[:3])) if others else None
    what = _('The board {board} has no variant "{name}".', board=board, name=variant)
    return NoSuchTarget("variant", what, variant, known, why)


def _is_board(folder: Path) -> bool:
    return (folder / _MAKE).is_file() or (folder / _CMAKE).is_file()


def _variants_in(folder: Path) -> tuple[str, ...]:
    with disk_errors(folder):
        found = [path.stem for path in folder.glob(f"{_VARIANT}*") if path.suffix in (".mk", ".cmake")]
    return tuple(sorted({name.removeprefix(_VARIANT).lstrip("_") for name in found} - {""}))


def _folders(place: Path) -> list[Path]:
    if not place.is_dir():
        return []
    with disk_errors(place):
        return [path for path in place.iterdir() if path.is_dir()]
