"""Build sdist and wheel, install the wheel in a clean environment, run ``natmod demo`` from another folder."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.homes import CHECKOUT, borrow
from tests.tools.streams import show
from toolchains import archive
from toolchains.jobs import JobContext

#: For the README only.
_PICTURES = "resources/screenshots/"
#: What a person who installed the wheel needs on disk besides the code.
_DATA = {"resources": "toolchains/_resources", "examples": "toolchains/_examples"}
_RESULT = "factorial(10) = 3628800"


def build(folder: Path) -> tuple[Path, Path]:
    """The sdist, and the wheel built from what the sdist holds (so that nothing is missing from either)."""
    _run([sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder], CHECKOUT)
    (sdist,) = folder.glob("*.tar.gz")
    source = folder / "source"
    archive.unpack(JobContext(), sdist, source)
    _run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], source)
    (wheel,) = folder.glob("*.whl")
    return sdist, wheel


def missing_from(wheel: Path) -> list[str]:
    """Data files of the checkout (as git knows them) that the wheel lacks, and files that should not be in it."""
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
    listed = subprocess.run(["git", "ls-files", *_DATA], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    tracked = [Path(line) for line in listed.stdout.splitlines() if not line.startswith(_PICTURES)]
    wanted = {f"{_DATA[path.parts[0]]}/{path.relative_to(path.parts[0]).as_posix()}" for path in tracked}
    stray = {name for name in names if name.startswith("tests/") or ".natmod/" in name or "/screenshots/" in name}
    return sorted(wanted - names) + sorted(stray)


def demo(wheel: Path, folder: Path) -> str:
    """Install the wheel where nothing else is, run the demo from an empty folder; what it printed."""
    venv.create(folder / "venv", with_pip=True, symlinks=os.name != "nt")
    scripts = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    _run([scripts / "python", "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel], folder)
    cwd = folder / "elsewhere"
    cwd.mkdir()
    borrow(folder / "home")
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    env.update(NATMOD_HOME=str(folder / "home"), NATMOD_SIM_LINGER="0")
    done = subprocess.run(
        [scripts / "natmod", "demo"], cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=-1, stderr=-2, check=False
    )
    said = done.stdout.decode("utf-8", "replace")
    return said if done.returncode == 0 else f"natmod demo ended with exit code {done.returncode}:\n{said}"


def _run(argv: list[str | Path], cwd: Path) -> None:
    subprocess.run([str(word) for word in argv], cwd=cwd, stdin=subprocess.DEVNULL, check=True)


def main() -> int:
    """0 when the installed wheel does what the checkout does."""
    with TemporaryDirectory(prefix="natmod-wheel-") as name:
        folder = Path(name)
        try:
            _, wheel = build(folder)
            problems = missing_from(wheel)
            said = "" if problems else demo(wheel, folder)
        except subprocess.CalledProcessError as error:
            show(str(error))
            return 1
        show(f"{wheel.name}: {wheel.stat().st_size // 1024} kB")
    if problems:
        show("the wheel lacks, or should not hold: " + ", ".join(problems))
        return 1
    if _RESULT not in said:
        show(said)
        show(f"natmod demo, from the wheel, did not print {_RESULT}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
