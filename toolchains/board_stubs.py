"""What Python on a board knows, for code help: the packages ``micropython-*-stubs``, beside the IDE and never in it.

They are wheels of PyPI with ``.pyi`` files only, one for each port and release, and one for the standard library. pip
downloads them (by the hash that the index names); here they are unpacked into a folder of their own and nothing of them
is run. A folder of wheels, or a pack's, serves without a network.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from toolchains.errors import FetchError, disk_errors
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.text import _

#: ``sys.platform`` of boards, and the package that is made for it.
PACKAGES = {
    "esp32": "micropython-esp32-stubs", "esp8266": "micropython-esp8266-stubs", "rp2": "micropython-rp2-stubs",
    "pyboard": "micropython-stm32-stubs", "samd": "micropython-samd-stubs", "mimxrt": "micropython-mimxrt-stubs",
    "linux": "micropython-unix-stubs",
}  # fmt: skip
_STANDARD = "micropython-stdlib-stubs"
#: What is said to somebody who is asked: both wheels together.
N_BYTES = 300_000
_STAMP = "natmod-stubs.json"
_VERSION = re.compile(r"(\d+)\.(\d+)")
_MOST_FILES, _MOST_BYTES = 5000, 40 << 20
_KEPT = (".pyi", ".md", ".txt")


class StubsUnavailable(FetchError):
    """The stubs could not be had. ``detail`` is what pip said."""

    code = "fetch.stubs"

    def __init__(self, package: str, said: str) -> None:
        super().__init__(
            _("What code help needs for this board could not be had: {name}.", name=package),
            why=_("pip's own words are below."),
            next_step=_("Check the network, then try again; everything else goes on without it."),
            detail=said,
            package=package,
        )


class BadStubs(FetchError):
    """A wheel is not what a package of stubs is."""

    code = "fetch.bad-stubs"

    def __init__(self, name: str) -> None:
        super().__init__(
            _("{name} is no package of stubs, or it is damaged. Nothing of it was used.", name=name),
            next_step=_("Get it again."),
            name=name,
        )


@dataclass(frozen=True)
class Stubs:
    """Stubs that are here: ``folder`` is what a tool is given. ``release``: the MicroPython, as ``1.26``."""

    platform: str
    release: str
    folder: Path

    def is_for(self, platform: str | None, version: str) -> bool:
        """Whether they are of a board's port and release."""
        return self.platform == platform and f"{version}.".startswith(f"{self.release}.")


def wanted(platform: str, version: str) -> tuple[str, str] | None:
    """The package and the release for a board (``sys.platform``, its version); None where nobody makes one."""
    package, found = PACKAGES.get(platform), _VERSION.match(version)
    return (package, found[0]) if package is not None and found is not None else None


def installed(paths: Paths) -> list[Stubs]:
    """All that are here, the newest release first."""
    found = []
    root = _root(paths)
    for stamp in sorted(root.glob(f"*/{_STAMP}")) if root.is_dir() else ():
        try:
            row = json.loads(stamp.read_text("utf-8"))
            found.append(Stubs(str(row["platform"]), str(row["release"]), stamp.parent))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # half written, or somebody else's: as good as none
    return sorted(found, key=lambda one: [int(part) for part in one.release.split(".") if part.isdigit()], reverse=True)


def best(paths: Paths, platform: str | None, version: str | None) -> Stubs | None:
    """Those of a board, else of the nearest release, else of an ESP32, which most people have."""
    every = installed(paths)
    of_board = [one for one in every if one.platform == platform]
    exact = [one for one in of_board if version is not None and one.is_for(platform, version)]
    esp32 = [one for one in every if one.platform == "esp32"]
    return next(iter([*exact, *of_board, *esp32, *every]), None)


def get(ctx: JobContext, paths: Paths, platform: str, version: str, source: Path | None = None) -> Stubs:
    """Download, check and unpack the stubs for a board; ``source``: a folder of wheels instead of the network.

    Raises :class:`StubsUnavailable`, :class:`BadStubs`, ``DiskError``, ``Cancelled``.
    """
    asked = wanted(platform, version)
    if asked is None:
        raise StubsUnavailable(platform, "")
    _package, release = asked
    root = _root(paths)
    with disk_errors(root):
        root.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".new-", dir=root))
    try:
        with ctx.step(_("Get what code help needs for {name} {version}", name=platform, version=release)):
            return _install(platform, release, wheels(ctx, platform, version, work / "wheels", source), work, root)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def wheels(ctx: JobContext, platform: str, version: str, folder: Path, source: Path | None = None) -> list[Path]:
    """Download the wheels for a board into a folder. Raises :class:`StubsUnavailable`, ``Cancelled``."""
    asked = wanted(platform, version)
    if asked is None:
        raise StubsUnavailable(platform, "")
    package, release = asked
    return [_download(ctx, name, release, folder / release, source) for name in (package, _STANDARD)]


def _root(paths: Paths) -> Path:
    return paths.data / "stubs"


def _download(ctx: JobContext, package: str, release: str, work: Path, source: Path | None) -> Path:
    """The wheel for the release, else the newest: a new release has its stubs some weeks later."""
    where = ["--no-index", "--find-links", str(source)] if source is not None else []
    said = ""
    for spec in (f"{package}=={release}.*", package):
        target = work / package
        argv = [
            sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
            "--only-binary=:all:", "--dest", str(target), *where, spec,
        ]  # fmt: skip
        done = ctx.run(argv, check=False)
        found = sorted(target.glob("*.whl")) if target.is_dir() else []
        if done.returncode == 0 and len(found) == 1:
            return found[0]
        said = done.text
    raise StubsUnavailable(package, said)


def _install(platform: str, release: str, wheels: Sequence[Path], work: Path, root: Path) -> Stubs:
    fresh, hashes = work / "stubs", {}
    with disk_errors(root):
        for wheel in wheels:
            unpack(wheel, fresh)
            hashes[wheel.name] = hashlib.sha256(wheel.read_bytes()).hexdigest()
        row = {"schema": 1, "platform": platform, "release": release, "wheels": hashes}
        (fresh / _STAMP).write_text(json.dumps(row), "utf-8")
        target = root / f"{platform}-{release}"
        if target.exists():
            target.rename(work / "old")
        fresh.rename(target)
    return Stubs(platform, release, target)


def unpack(wheel: Path, into: Path) -> None:
    """The stubs of a wheel, each compared with the hash that the wheel's own list names. Raises :class:`BadStubs`."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            for name, data in _checked(archive):
                path = into / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
    except (zipfile.BadZipFile, ValueError, KeyError, UnicodeError, NotImplementedError) as error:
        raise BadStubs(wheel.name) from error


def _checked(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every file that a stub is made of; ``ValueError`` for what no such wheel has."""
    names = archive.namelist()
    listed = [name for name in names if name.endswith(".dist-info/RECORD")]
    if len(listed) != 1 or len(names) > _MOST_FILES or sum(one.file_size for one in archive.infolist()) > _MOST_BYTES:
        raise ValueError(archive.filename)
    rows = {row[0]: row[1] for row in csv.reader(io.StringIO(archive.read(listed[0]).decode())) if len(row) > 1}
    for name in names:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
            raise ValueError(name)
        if path.suffix not in _KEPT or path.parts[0].endswith(".dist-info"):
            continue
        data = archive.read(name)
        if rows[name] != f"sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()}":
            raise ValueError(name)
        yield name, data
