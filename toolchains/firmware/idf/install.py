"""An ESP-IDF of ours: Espressif's release archive, the small tools that we have no other use for, and a Python
environment of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from toolchains.archive import unpack
from toolchains.catalog import Catalog
from toolchains.errors import FetchError, ToolMissing, disk_errors
from toolchains.fetch import Download, fetch
from toolchains.firmware.idf import places
from toolchains.firmware.idf.data import TOOL, idf_data
from toolchains.firmware.idf.places import Idf
from toolchains.firmware.idf.tools import Tool, needed, place_of
from toolchains.firmware.idf.wanted import same
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.mirrors import Mirrors
from toolchains.on_this_machine import downloads, store_root
from toolchains.paths import Paths
from toolchains.providers import Ways
from toolchains.providers.archives import NotProved
from toolchains.store import Entry, Seal, Store
from toolchains.text import _

_WHEELS = {"cmake": "cmake>=3.24,<4", "ninja": "ninja>=1.11"}
#: Where ESP-IDF looks for which of its releases an environment was made.
_MADE_FOR = "idf_version.txt"
_VENV = ("-m", "venv", "--clear")
_NO_HASH = "unverified:Espressif publishes no hashes of these archives"


def install_idf(ctx: JobContext, paths: Paths, version: str, ways: Ways) -> Entry:
    """Get ESP-IDF ``version`` (``5.4.2``), or what an earlier try did not come to.

    Errors: those of the download, the archive and the store, ``NotProved``, ``ToolFailed`` of its own scripts.
    """
    name = f"{TOOL}@v{version}"
    entry = Store(store_root(paths)).get(name)
    if entry is None or ways.anew:
        entry = _unpacked(ctx, paths, name, version, ways)
    idf = next(one for one in places.managed(paths) if one.path == entry.folder)
    for tool in _small(idf, ctx.host, paths):
        _install_tool(ctx, paths, tool, ways)
    _make_environment(ctx, idf, paths)
    return entry


def _unpacked(ctx: JobContext, paths: Paths, name: str, version: str, ways: Ways) -> Entry:
    url = str(idf_data()["archive"]).format(version=version)
    archive = _fetched(ctx, paths, url, url.rpartition("/")[2], _NO_HASH, None, ways)

    def prove(folder: Path) -> None:
        found = places.version_of(folder)
        if not same(found, version):
            raise NotProved(name, _("It says that it is {answer}.", answer=found))

    return _stored(ctx, paths, name, archive, prove)


def _install_tool(ctx: JobContext, paths: Paths, tool: Tool, ways: Ways) -> None:
    if tool.file is None:
        raise FetchError(_("There is no {name} for this kind of computer.", name=tool.id))
    file = tool.file
    archive = _fetched(ctx, paths, file.url, file.name, f"sha256:{file.sha256}", file.size, ways)

    def prove(folder: Path) -> None:
        missing = next((path for path in tool.paths if not (folder / path).is_dir()), None)
        if missing is not None:
            raise NotProved(tool.id, _("It lacks {name}.", name=missing))

    _stored(ctx, paths, tool.id, archive, prove, strip=tool.stripped)


def _fetched(ctx: JobContext, paths: Paths, url: str, name: str, digest: str, size: int | None, ways: Ways) -> Path:
    download = Mirrors.of(ctx.host, paths).applied(Download(url, name, digest, size))
    return fetch(ctx, download, downloads(paths), control=ways.control, sources=ways.sources)


def _stored(
    ctx: JobContext, paths: Paths, name: str, archive: Path, prove: Callable[[Path], None], *, strip: bool = True
) -> Entry:
    seal = Seal()
    tool, _at, version = name.partition("@")

    def fill(folder: Path) -> tuple[str, Mapping[str, object]]:
        with ctx.step(_("Unpack {name}", name=archive.name)):
            unpack(ctx, archive, folder, links="keep", seal=seal, strip=strip)
        return name, {"origin": "espressif", "tool": tool, "version": version, "arches": []}

    return Store(store_root(paths)).install(ctx, fill, prove, seal=seal)


def _small(idf: Idf, host: Host, paths: Paths) -> Iterator[Tool]:
    """The tools that are here in no place and that the catalogue does not have, those of all chips."""
    catalog = Catalog.of(paths)
    found = {tool.id: tool for chip in idf_data()["chips"] for tool in needed(idf, chip, host)}
    for tool in found.values():
        if catalog.get(tool.id) is None and place_of(tool, idf, paths) is None:
            yield tool


def _make_environment(ctx: JobContext, idf: Idf, paths: Paths) -> None:
    """A virtual environment with the packages that ESP-IDF's own script installs."""
    folder = places.environment_of(paths, idf.version)
    done = folder / "natmod-done"
    if done.is_file():
        return
    with ctx.step(_("Install the Python packages of ESP-IDF {version}", version=idf.version)), disk_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        ctx.run_lines((_python(ctx.host), *_VENV, str(folder)), ctx.log)
        python = places.venv_python(folder)
        if python is None:
            raise ToolMissing("python3-venv", command="apt-get install python3-venv" if ctx.host.is_debian() else "")
        (folder / _MADE_FOR).write_text(idf.minor, "utf-8")
        env = {"IDF_PATH": str(idf.path), "IDF_TOOLS_PATH": str(idf.tools_path), "IDF_PYTHON_ENV_PATH": str(folder)}
        script = idf.path / "tools" / "idf_tools.py"
        ctx.run((python, script, "--non-interactive", "install-python-env"), env={**env, "PYTHONPATH": None})
        lacking = [wheel for program, wheel in _WHEELS.items() if ctx.host.which(program) is None]
        if lacking:
            ctx.run((python, "-m", "pip", "install", *lacking))
        done.write_text("", "utf-8")


def _python(host: Host) -> str:
    found = host.which("python3") if getattr(sys, "frozen", False) else Path(sys.executable)
    if found is None:
        raise ToolMissing("python3")
    return str(found)
