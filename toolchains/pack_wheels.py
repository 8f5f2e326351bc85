"""The Python packages that a first start without a network needs, as wheels for chosen systems and Pythons.

They are everything that ``studio.py`` installs: the dependencies, the extra ``gui``, the build backend (the project is
installed from its folder), and pip itself for Pythons that came without ``ensurepip``. pip downloads them, in a child.
What its makers publish as sources only (esptool) becomes a wheel here; that serves everywhere if it is Python only.
"""

from __future__ import annotations

import email.parser
import json
import re
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from toolchains.errors import FetchError, UsageError, disk_errors
from toolchains.jobs import JobContext
from toolchains.paths import resources
from toolchains.text import _

#: What a first start uses besides the project's own requirements: hatchling asks for editables when it is run.
_BESIDES = ("pip", "editables")
_BACKEND = ("hatchling>=1.27",)
_OLDEST = (3, 11)
_PYTHON = re.compile(r"3\.\d{1,2}")
#: manylinux_2_5 is the first there was.
_FIRST_GLIBC = 5
_NOT_FOUND = re.compile(r"No matching distribution found for (\S+)")
#: So many packages may come as sources only.
_MOST_BUILT = 8
#: pip evaluates "; python_version < '3.13'" for the Python that runs it: what it overlooks is asked for by name. One
#: round finds what those need, and so on.
_ROUNDS = 6


@dataclass(frozen=True)
class _System:
    """One platform key (facts of Espressif's tools.json) in the words of wheels and of PEP 508."""

    sys_platform: str
    system: str
    os_name: str
    machine: str


_SYSTEMS: Mapping[str, _System] = {
    "linux-amd64": _System("linux", "Linux", "posix", "x86_64"),
    "linux-arm64": _System("linux", "Linux", "posix", "aarch64"),
    "macos": _System("darwin", "Darwin", "posix", "x86_64"),
    "macos-arm64": _System("darwin", "Darwin", "posix", "arm64"),
    "win64": _System("win32", "Windows", "nt", "AMD64"),
}
#: The platforms that Natmod Studio itself can be set up on, of those that toolchains are made for.
PLATFORMS = tuple(_SYSTEMS)


class WheelsUnavailable(FetchError):
    """pip did not give the packages for a system. ``detail`` is what it said. Fields ``platform``, ``python``."""

    code = "fetch.wheels"

    def __init__(self, platform: str, python: str, said: str) -> None:
        super().__init__(
            _("The Python packages for {platform} and Python {python} could not be had.", platform=platform,
              python=python),
            why=_("pip's own words are below."),
            next_step=_("Check the network and this computer's pip, then try again; what has come is kept by pip."),
            detail=said,
            platform=platform,
            python=python,
        )  # fmt: skip


def gather(ctx: JobContext, platforms: Sequence[str], pythons: Sequence[str], into: Path) -> list[Path]:
    """Download the wheels for every platform key and Python (``3.12``) into one folder; their paths, sorted.

    About 190 MB a system (zig 101, Qt 80); packages without native code are there once. Raises UsageError for a
    platform or Python that Natmod Studio cannot be set up on, :class:`WheelsUnavailable`, DiskError.
    """
    for python in pythons:
        _check_python(python)
    for platform in platforms:
        _check_platform(platform)
    found: set[Path] = set()
    with disk_errors(into), tempfile.TemporaryDirectory(prefix="natmod-wheels-") as folder:
        into.mkdir(parents=True, exist_ok=True)
        for platform in platforms:
            for python in pythons:
                title = _("Get the Python packages for {platform}, Python {python}", platform=platform, python=python)
                with ctx.step(title):
                    found.update(_gather_one(ctx, platform, python, into, Path(folder)))
    return sorted(found)


def requirements() -> list[str]:
    """What a first start installs, in pip's words: from the checkout's pyproject.toml, else from our own metadata."""
    import tomllib

    project = resources().parent / "pyproject.toml"
    if project.is_file():
        with disk_errors(project):
            read = tomllib.loads(project.read_text("utf-8"))
        own = [*read["project"]["dependencies"], *read["project"]["optional-dependencies"]["gui"]]
        return [*read["build-system"]["requires"], *own, *_BESIDES]
    from packaging.requirements import Requirement

    listed = map(Requirement, metadata.requires("natmod-studio") or [])
    wanted = (one for one in listed if one.marker is None or one.marker.evaluate({"extra": "gui"}))
    return [*_BACKEND, *(f"{one.name}{one.specifier}" for one in wanted), *_BESIDES]


def _check_platform(platform: str) -> None:
    if platform not in _SYSTEMS:
        raise UsageError(
            _("Natmod Studio itself cannot be set up on {platform}.", platform=platform),
            next_step=_("Use one of: {known}.", known=", ".join(_SYSTEMS)),
        )


def _check_python(python: str) -> None:
    if not _PYTHON.fullmatch(python) or tuple(map(int, python.split("."))) < _OLDEST:
        raise UsageError(
            _("{python} is no Python that Natmod Studio runs with.", python=python),
            next_step=_("Write versions like {example}.", example="3.11,3.12"),
        )


def _gather_one(ctx: JobContext, platform: str, python: str, into: Path, built: Path) -> list[Path]:
    """The wheels for one platform and Python. They are resolved in a folder of their own: each has its versions.

    ``built`` has the wheels that were made here, and gets those that are.
    """
    work = Path(tempfile.mkdtemp(prefix=".new-", dir=into))
    try:
        wanted = requirements()
        for _round in range(_ROUNDS):
            _download_or_build(ctx, platform, python, wanted, work, built)
            overlooked = _overlooked(work, platform, python)
            if not overlooked:
                break
            wanted += overlooked
        found = []
        for wheel in sorted(work.glob("*.whl")):
            ctx.host.replace(wheel, into / wheel.name)
            found.append(into / wheel.name)
        return found
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _download_or_build(
    ctx: JobContext, platform: str, python: str, wanted: Iterable[str], into: Path, built: Path
) -> None:
    """Download, and make a wheel of whatever pip found no wheel of, until there is nothing left to find."""
    for _time in range(_MOST_BUILT):
        try:
            _download(ctx, platform, python, wanted, into, built)
        except WheelsUnavailable as error:
            lacking = _NOT_FOUND.search(error.detail)
            if lacking is None or not _build(ctx, lacking[1], built):
                raise
        else:
            return
    _download(ctx, platform, python, wanted, into, built)


def _build(ctx: JobContext, requirement: str, into: Path) -> bool:
    """Make a wheel of a package's sources; whether one came that serves every system, and was not there before."""
    before = set(into.iterdir())
    name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
    options = ("--disable-pip-version-check", "--no-input", "--no-deps", "--no-binary", name)
    argv = (sys.executable, "-I", "-m", "pip", "wheel", *options, "--wheel-dir", str(into), requirement)
    ctx.run_lines(argv, lambda line: ctx.log(line.strip()))
    new = [path for path in into.iterdir() if path not in before]
    for path in new:
        if not path.name.endswith("-none-any.whl"):
            ctx.host.remove(path)
    return any(path.exists() for path in new)


def _download(ctx: JobContext, platform: str, python: str, wanted: Iterable[str], into: Path, built: Path) -> None:
    """Run pip; each thing that it downloads is a line in the log."""
    tags = [word for tag in _tags(platform) for word in ("--platform", tag)]
    options = ("--disable-pip-version-check", "--no-input", "--only-binary", ":all:", "--python-version", python, *tags)
    said: list[str] = []

    def hear(line: str) -> None:
        said.append(line.strip())
        if said[-1].startswith("Downloading ") and ".metadata" not in said[-1]:
            ctx.log(said[-1])

    places = ("--find-links", str(built), "--dest", str(into))
    argv = (sys.executable, "-I", "-m", "pip", "download", *options, *places, *wanted)
    if ctx.run_lines(argv, hear):
        complaints = [line for line in said if line.startswith(("ERROR:", "WARNING: Retrying"))] or said[-5:]
        raise WheelsUnavailable(platform, python, "\n".join(dict.fromkeys(complaints)))


def _tags(platform: str) -> list[str]:
    """Tags of wheels that run there, the oldest system first, up to what Qt's packages need (resources/window.json)."""
    system = _SYSTEMS[platform]
    needs = json.loads((resources() / "window.json").read_text("utf-8"))
    if system.sys_platform == "win32":
        return ["win_amd64"]
    if system.sys_platform == "darwin":
        return [f"macosx_{needs['macos'].partition('.')[0]}_0_{system.machine}"]  # pip adds the older ones
    newest = int(needs["glibc"][system.machine].partition(".")[2])
    modern = [f"manylinux_2_{minor}_{system.machine}" for minor in range(_FIRST_GLIBC, newest + 1)]
    return [f"manylinux2014_{system.machine}", *modern]


def _overlooked(folder: Path, platform: str, python: str) -> list[str]:
    """What the wheels of a folder need on that platform and is not among them, in pip's words."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    there = {canonicalize_name(path.name.partition("-")[0]) for path in folder.glob("*.whl")}
    environment = _environment(platform, python)
    lacking: dict[str, str] = {}
    for path in sorted(folder.glob("*.whl")):
        for line in _requires(path):
            one = Requirement(line)
            needed = one.marker is not None and one.marker.evaluate(environment)
            if needed and canonicalize_name(one.name) not in there:
                lacking[canonicalize_name(one.name)] = f"{one.name}{one.specifier}"
    return list(lacking.values())


def _requires(wheel: Path) -> list[str]:
    """``Requires-Dist`` of a wheel."""
    with zipfile.ZipFile(wheel) as packed:
        name = next(one for one in packed.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", one))
        head = email.parser.HeaderParser().parsestr(packed.read(name).decode("utf-8", "replace"))
    return [str(line) for line in head.get_all("Requires-Dist") or []]


def _environment(platform: str, python: str) -> dict[str, str]:
    """What markers ask (PEP 508) of a CPython on that platform."""
    system = _SYSTEMS[platform]
    return {
        "extra": "",
        "implementation_name": "cpython",
        "implementation_version": f"{python}.0",
        "os_name": system.os_name,
        "platform_machine": system.machine,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": system.system,
        "platform_version": "",
        "python_full_version": f"{python}.0",
        "python_version": python,
        "sys_platform": system.sys_platform,
    }
