"""The ESP-IDFs on this computer: the one that IDF_PATH names, Espressif's Installation Manager's, and ours.

Nothing of them is run to find out; a folder's version is what its own ``tools/cmake/version.cmake`` says. What other
programs list is read as anybody's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from toolchains.firmware.idf.data import TOOL, idf_data
from toolchains.firmware.idf.errors import BadIdf, NoIdf
from toolchains.firmware.idf.wanted import Wanted, same
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.on_this_machine import expanded, store_root
from toolchains.paths import Paths
from toolchains.store import Store
from toolchains.text import _

_PART = re.compile(r"set\(\s*IDF_VERSION_(MAJOR|MINOR|PATCH)\s+(\d+)\s*\)")
_PYTHONS = ("bin/python3", "bin/python", "Scripts/python.exe")
#: What must be in a folder that is an ESP-IDF.
NEEDED = ("tools/idf.py", "tools/cmake/version.cmake", "tools/cmake/project.cmake", "tools/tools.json")
IDF_PATH = "IDF_PATH"
OURS = "Natmod Studio"
_MOST = 50


@dataclass(frozen=True)
class Idf:
    """``where`` says whose it is; ``tools`` are folders with ``TOOL/VERSION`` below, ``python`` the program of its own
    Python environment (None: nobody made one)."""

    path: Path
    version: str
    where: str
    tools: tuple[Path, ...]
    tools_path: Path
    python: Path | None

    @property
    def minor(self) -> str:
        """``5.4``."""
        return ".".join(self.version.split(".")[:2])


def choose(ctx: JobContext, micropython: str, wanted: Wanted, host: Host, paths: Paths) -> Idf:
    """The ESP-IDF to build with: exactly the wanted one, else one that MicroPython's README allows, after a note.

    Raises :class:`NoIdf`, and :class:`BadIdf` for an IDF_PATH that leads to no ESP-IDF.
    """
    here = list(found(host, paths))
    exact = [one for one in here if same(one.version, wanted.version)]
    allowed = [one for one in here if wanted.takes(one.version)]
    chosen = next(iter((*exact, *allowed)), None)
    if chosen is None:
        raise NoIdf(micropython, wanted.version, tuple((one.version, one.where) for one in here))
    passed = next((one for one in here if one.where == IDF_PATH and one is not chosen), None)
    if passed is not None:
        ctx.note(
            _(
                "IDF_PATH leads to ESP-IDF {other}, which is not used: this MicroPython needs {version}.",
                other=passed.version, version=wanted.version,
            )
        )  # fmt: skip
    if chosen not in exact:
        ctx.note(
            _(
                "Built with ESP-IDF {other}: MicroPython allows it, though {version} is what it was tested with.",
                other=chosen.version, version=wanted.version,
            )
        )  # fmt: skip
    return chosen


def found(host: Host, paths: Paths) -> Iterator[Idf]:
    """All of them, the one of IDF_PATH first, ours next. Raises :class:`BadIdf` for a wrong IDF_PATH."""
    named = host.environ.get(IDF_PATH, "")
    if named:
        yield _of_environment(Path(named), host)
    yield from managed(paths)
    yield from _of_eim(host)


def version_of(folder: Path) -> str:
    """``5.4.2``. Raises :class:`BadIdf` for a folder that is no ESP-IDF."""
    for name in NEEDED:
        if not (folder / name).is_file():
            raise BadIdf(folder, name)
    parts = dict(_PART.findall((folder / "tools/cmake/version.cmake").read_text("utf-8", "replace")))
    if len(parts) < 3:
        raise BadIdf(folder, "IDF_VERSION_PATCH")
    return ".".join(parts[name] for name in ("MAJOR", "MINOR", "PATCH"))


def venv_python(folder: Path) -> Path | None:
    """The Python of a virtual environment."""
    return next((path for name in _PYTHONS if (path := folder / name).is_file()), None)


def environment_of(paths: Paths, version: str) -> Path:
    """Where the Python environment of one of ours is."""
    return paths.store / "esp-idf-python" / version


def managed(paths: Paths) -> Iterator[Idf]:
    """Ours."""
    for entry in Store(store_root(paths)).entries():
        if entry.name.startswith(f"{TOOL}@"):
            try:
                version = version_of(entry.folder)
            except BadIdf:
                continue
            own = environment_of(paths, version)
            yield Idf(entry.folder, version, OURS, (), own.parent, venv_python(own))


def _of_environment(folder: Path, host: Host) -> Idf:
    roots = [path for one in idf_data()["tools"] if (path := expanded(one, host)) is not None]
    version = version_of(folder)
    named = host.environ.get("IDF_PYTHON_ENV_PATH", "")
    pattern = f"python_env/idf{'.'.join(version.split('.')[:2])}_py*_env"
    places = [Path(named)] if named else [path for root in roots for path in sorted(root.glob(pattern), reverse=True)]
    python = next((found for place in places if (found := venv_python(place))), None)
    return Idf(folder, version, IDF_PATH, tuple(root / "tools" for root in roots), _first(roots, folder), python)


def _first(roots: list[Path], folder: Path) -> Path:
    return next((root for root in roots if root.is_dir()), roots[0] if roots else folder)


def _of_eim(host: Host) -> Iterator[Idf]:
    for row in idf_data()["eim"]:
        if host.system in row["systems"] and (file := expanded(row["path"], host)) is not None:
            for one in _installed(file):
                yield from _described(one)


def _installed(file: Path) -> Iterable[object]:
    try:
        said = json.loads(file.read_text("utf-8-sig"))
    except (OSError, ValueError):
        return ()
    rows = said.get("idfInstalled") if isinstance(said, dict) else None
    return rows[:_MOST] if isinstance(rows, list) else ()


def _described(row: object) -> Iterator[Idf]:
    said = row if isinstance(row, dict) else {}
    path, tools, python = (said.get(key) for key in ("path", "idfToolsPath", "python"))
    if not isinstance(path, str) or not isinstance(tools, str) or not Path(path).is_absolute():
        return
    try:
        version = version_of(Path(path))
    except (BadIdf, OSError):
        return
    program = Path(python) if isinstance(python, str) and Path(python).is_file() else None
    root = Path(tools)
    yield Idf(Path(path), version, "eim_idf.json", (root, root / "tools"), root, program)
