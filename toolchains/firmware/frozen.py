"""The manifest of a firmware project: what is frozen, written for MicroPython's own makemanifest.py."""

from __future__ import annotations

import re
from pathlib import Path

from toolchains.errors import disk_errors
from toolchains.firmware.boards import Target
from toolchains.firmware.table import FirmwareTable

#: What is frozen where the tree lacks micropython-lib, from which most stock manifests take something.
_BARE = {
    "unix": ("include('$(MPY_DIR)/extmod/asyncio')",),
    "esp32": ("freeze('$(PORT_DIR)/modules')", "include('$(MPY_DIR)/extmod/asyncio')"),
}
#: Of each port, the manifest that its stock firmware has; what a project freezes comes besides.
_STOCK = {
    "unix": "$(PORT_DIR)/variants/{variant}/manifest.py", "esp32": "$(PORT_DIR)/boards/manifest.py",
    "esp8266": "$(PORT_DIR)/boards/manifest.py", "stm32": "$(PORT_DIR)/boards/manifest.py",
}  # fmt: skip
_NO_MANIFEST = re.compile(r"^FROZEN_MANIFEST\s*:?=\s*$", re.MULTILINE)


def manifest(
    table: FirmwareTable,
    target: Target,
    root: Path,
    place: str,
    *,
    library: bool,
    own: tuple[str, str] | None = None,
    native: str = "",
) -> str | None:
    """The text of ``manifest.py``, or None when the port's own is right. ``root`` is the project, which the build sees
    as ``place`` (a path without blanks); ``library``: whether the tree has micropython-lib; ``own``: folder and file of
    one module more; ``native``: a folder with what became machine code."""
    any_own = bool(table.freeze or table.require or table.manifest or own)
    if not any_own and (library or target.port not in _BARE or _freezes_nothing(target)):
        return None
    stock = [f"include({one!r})" for one in _stock(target)]
    lines = stock if library else list(_BARE.get(target.port, ()))
    lines += [f"require({name!r})" for name in table.require]
    lines += [f"freeze_mpy({native!r})"] if table.native else []
    for path in (one for one in table.freeze if one not in table.native):
        folder, name = place, path
        if "/" in path:
            above, _slash, name = path.rpartition("/")
            folder = f"{place}/{above}"
        kind = "package" if (root / path).is_dir() else "module"
        lines.append(f"{kind}({name!r}, base_path={folder!r})")
    if own is not None:
        lines.append(f"module({own[1]!r}, base_path={own[0]!r})")
    if table.manifest:
        lines.append(f"include({f'{place}/{table.manifest}'!r})")
    return "\n".join(lines) + "\n"


def _freezes_nothing(target: Target) -> bool:
    """Whether a variant says that it has no manifest: unix minimal."""
    described = target.folder / "variants" / (target.variant or "-") / "mpconfigvariant.mk"
    with disk_errors(described):
        return described.is_file() and _NO_MANIFEST.search(described.read_text("utf-8", "replace")) is not None


def _stock(target: Target) -> list[str]:
    board = target.board_folder
    if board is not None and (board / "manifest.py").is_file():
        return ["$(BOARD_DIR)/manifest.py"]
    path = _STOCK.get(target.port)
    if path is None:
        return []
    path = path.format(variant=target.variant)
    real = path.replace("$(PORT_DIR)", str(target.folder))
    return [path] if Path(real).is_file() else []
