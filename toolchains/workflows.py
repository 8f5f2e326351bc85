"""Workflows for GitHub Actions that build what is built here: the same Natmod Studio, the same MicroPython.

The texts are templates in ``resources/workflows``; what comes from a project is checked names and relative paths.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from string import Template

from toolchains.errors import UsageError, disk_errors
from toolchains.firmware.built import FOLDER as RESULTS
from toolchains.paths import resources
from toolchains.project import Project
from toolchains.sdk_tree import SdkTree
from toolchains.text import Text, _

#: Where GitHub looks for workflows, in a repository.
FOLDER = Path(".github") / "workflows"
#: Debian's compilers for native modules; rv32imc is compiled by what comes with Natmod Studio, x64 by GitHub's own gcc.
_ARM = "gcc-arm-none-eabi libnewlib-arm-none-eabi"
_COMPILERS = {
    "x86": "gcc-multilib",
    **dict.fromkeys(("armv6m", "armv7m", "armv7emsp", "armv7emdp"), _ARM),
    "xtensa": "gcc-xtensa-lx106",
}
_ESPRESSIF = "xtensawin"
_PYTHON = '      - uses: actions/setup-python@v5\n        with:\n          python-version: "3.12"\n'
_RELEASE = re.compile(r"\d+\.\d+(\.\d+)?")
#: No word of YAML, of a shell or of GitHub's expressions begins or ends in it.
_PLAIN = re.compile(r"[\w.][\w./-]*( [\w./-]+)*")
#: Debian's packages for ports that make builds.
_PACKAGES = {
    "unix": "gcc libc6-dev make",
    "minimal": "gcc libc6-dev make",
    "qemu": f"make {_ARM}",
    "stm32": f"make {_ARM}",
    "esp8266": "make gcc-xtensa-lx106",
}


@dataclass(frozen=True)
class Workflow:
    """A file for the repository: ``path`` from its top, ``text`` YAML."""

    path: Path
    text: str

    def write(self, repository: Path, *, replace: bool = False) -> Path:
        """Write it; the file. Raises :class:`UsageError` where another one is, ``DiskError``."""
        target = repository / self.path
        with disk_errors(target):
            if target.is_file() and not replace and target.read_text("utf-8", "replace") != self.text:
                raise UsageError(
                    _("{file} is there already, and it is another one.", file=self.path.as_posix()),
                    next_step=_("Move it away, or write the new one over it with --force."),
                )
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(self.text, "utf-8")
        return target


def repository_of(folder: Path) -> Path:
    """The top of the repository that a folder is in; the folder itself where there is none."""
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), folder)


def check_source(sdk: SdkTree) -> Text | None:
    """What a person is told on the MicroPython that a workflow gets; None for a release as it is.

    Raises :class:`UsageError` for a version that nobody can download.
    """
    if not _RELEASE.fullmatch(sdk.version):
        raise UsageError(
            _("GitHub cannot get MicroPython {version}: it is no release.", version=sdk.version),
            next_step=_("Name one that is, for example: --sdk 1.26.1"),
        )
    if sdk.origin == "folder":
        return _("This MicroPython is a folder of yours; GitHub takes the release {version}.", version=sdk.version)
    return None


def for_module(project: Project, arches: Sequence[str], versions: Sequence[str], abis: Sequence[str]) -> Workflow:
    """A workflow that builds a native module for many boards, tests it, and publishes the package.

    ``versions`` of MicroPython are got; of several, each of the ``abis`` has one. Raises :class:`UsageError`.
    """
    place = _place(project)
    packages = " ".join(dict.fromkeys(_COMPILERS[one] for one in arches if one in _COMPILERS))
    steps = [*(f"natmod sdk get {one}" for one in versions)]
    steps += ["natmod toolchain install xtensawin"] if _ESPRESSIF in arches else []
    tested = "x64" in arches and (project.root / "tests").is_dir()
    text = _filled(
        "module",
        name=_name(project),
        project=place,
        arches=",".join(arches),
        source=f"--abi {','.join(abis)}" if len(versions) > 1 else f"--sdk {versions[0]}",
        setup=(_apt(packages) if packages else "") + "".join(_step(one) for one in steps),
        test=_step(f"natmod test {place} --board sim:unix") if tested else "",
    )
    return Workflow(FOLDER / f"{_name(project)}.yml", text)


def for_firmware(project: Project, micropython: str, idf: str | None) -> Workflow:
    """A workflow that builds a firmware. ``idf``: the version of ESP-IDF, where one is needed (its own container)."""
    table = project.firmware
    assert table is not None
    slug = f"{_name(project)}-{'-'.join(table.label.split())}"
    text = _filled(
        "firmware",
        name=_name(project),
        label=table.label,
        slug=slug,
        project=_place(project),
        target=_target(table.port, table.board, table.variant),
        micropython=micropython,
        container=f"    container: espressif/idf:v{idf}\n" if idf else "",
        setup="" if idf else _PYTHON + _apt(_PACKAGES.get(table.port, "make")),
        pip_flags=" --break-system-packages" if idf else "",
        results=f"{_plain(project)}/{RESULTS.as_posix()}/{'-'.join(table.label.split())}/".removeprefix("./"),
    )
    return Workflow(FOLDER / f"{slug}.yml", text)


def _target(port: str, board: str | None, variant: str | None) -> str:
    given = (("--port", port), ("--board", board), ("--variant", variant))
    return "".join(f" {option} {value}" for option, value in given if value)


def _step(command: str) -> str:
    return f"      - run: {command}\n"


def _apt(packages: str) -> str:
    return _step(f"sudo apt-get update && sudo apt-get install -y {packages}")


def _name(project: Project) -> str:
    """The project's name; a folder's may hold what has a meaning in YAML."""
    return re.sub(r"[^\w.-]+", "-", project.name).strip("-.") or "project"


def _place(project: Project) -> str:
    """The project's folder as the shell of a workflow takes it, from the top of its repository."""
    path = _plain(project)
    return f"'{path}'" if " " in path else path


def _plain(project: Project) -> str:
    """The project's folder from the top of its repository. Raises :class:`UsageError` for one that YAML, a shell or
    GitHub would read as something else."""
    path = project.root.relative_to(repository_of(project.root)).as_posix()
    if not _PLAIN.fullmatch(path):
        raise UsageError(
            _("A workflow cannot name the folder {name}.", name=ascii(path)),
            next_step=_("Give it a name of letters, digits, and . _ - only."),
        )
    return path


def _filled(kind: str, **values: str) -> str:
    text = (resources() / "workflows" / f"{kind}.yml.in").read_text("utf-8")
    return Template(text).substitute(values, studio=version("natmod-studio"))
