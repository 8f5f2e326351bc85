"""A fresh copy of the sources is set up from a pack, in a network namespace without any network, and builds and opens.

With real wheels: pip gets them once (about 190 MB), and they are kept with what else tests make once.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.packs import digest
from tests.homes import CHECKOUT, shared_home
from tests.waiting import wait_until
from toolchains import mpyfile, pack_wheels
from toolchains.catalog import platform_key
from toolchains.contents import digest_of
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.pack_manifest import LAB, Manifest, PackFile
from toolchains.pack_wheels import WheelsUnavailable
from toolchains.pack_writer import write_pack
from toolchains.repack import repack
from toolchains.sdk_tree import SdkTree

#: A set-up unpacks 300 MB of zig, another one as much of Qt, on a loaded machine.
PATIENT_S = 300
_PYTHON = "{}.{}".format(*sys.version_info)
_LAB = b'language = "fr"\nboard = "socket://127.0.0.1:9"\nproject = "ring_class"\nhidden = ["search"]\n'

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


def _no_network() -> list[str]:
    """The words that start a program where there is no network, not even this computer's own; skips without them."""
    for words in (["unshare", "--net"], ["unshare", "--net", "--map-root-user"]):
        try:
            if subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0:
                return words
        except FileNotFoundError:
            break
    pytest.skip("this computer lets us make no network namespace (unshare)")


def _python() -> str:
    """The Python that our environment was made of."""
    return str(getattr(sys, "_base_executable", None) or sys.executable)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory, session_ctx: JobContext, sdk_tree: SdkTree) -> Path:
    """A pack with real wheels, MicroPython 1.26.1 and a lab.toml."""
    key = platform_key(Host.current())
    if key not in pack_wheels.PLATFORMS:
        pytest.skip(f"Natmod Studio cannot be set up on {key}")
    wheels = shared_home() / "wheels" / f"{_PYTHON}-{digest_of(pack_wheels.requirements())[:12]}"
    if not (wheels / "complete").is_file():
        try:
            pack_wheels.gather(session_ctx, [key], [_PYTHON], wheels)
        except WheelsUnavailable as error:
            if "Retrying" not in error.detail:  # the index was reached, and a first start could not be packed
                raise
            pytest.skip(f"{error} {error.detail}")
        (wheels / "complete").touch()
    gathered = sorted(wheels.glob("*.whl"))
    folder = tmp_path_factory.mktemp("pack")
    (folder / LAB).write_bytes(_LAB)
    sdk = repack(session_ctx, sdk_tree.path, folder / "micropython-1.26.1.tar.xz")
    sources = {LAB: folder / LAB, f"sdk/{sdk.name}": sdk, **{f"wheels/{wheel.name}": wheel for wheel in gathered}}
    kinds = {LAB: "lab", f"sdk/{sdk.name}": "sdk"}
    files = tuple(
        PackFile(
            name, path.stat().st_size, digest(path.read_bytes()), kinds.get(name, "wheel"),  # type: ignore[arg-type]
            version="1.26.1" if name.startswith("sdk/") else None,
        )
        for name, path in sources.items()
    )  # fmt: skip
    out = folder / "lab.natmodpack"
    write_pack(session_ctx, out, Manifest("2026-11-27", "tests", (key,), (), (_PYTHON,), files), sources)
    return out


class Clone:
    """A fresh copy of the sources, a home with nothing in it, and no network."""

    def __init__(self, folder: Path) -> None:
        self.words = _no_network()
        self.root, self.home = folder / "natmod studio", folder / "home"
        self.home.mkdir()
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=CHECKOUT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        for name in filter(None, listed.stdout.split("\0")):
            if (CHECKOUT / name).is_file():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(CHECKOUT / name, self.root / name)

    def argv(self, *args: str) -> list[str]:
        return [*self.words, _python(), str(self.root / "studio.py"), *args]

    def environ(self, **more: str) -> dict[str, str]:
        """Nothing of this computer's pip, nor of this person's settings."""
        return {"PATH": os.defpath, "HOME": str(self.home), "PIP_CONFIG_FILE": os.devnull, "LANG": "C.UTF-8", **more}

    def run(self, *args: str, **more: str) -> str:
        """What studio.py printed; it must end well."""
        done = subprocess.run(
            self.argv(*args), cwd=self.home, env=self.environ(**more), stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=PATIENT_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return Clone(tmp_path_factory.mktemp("offline"))


def _build(clone: Clone) -> list[str]:
    return ["build", str(clone.root / "examples" / "factorial"), "--arch", "rv32imc"]


def test_it_is_set_up_and_builds_without_a_network(clone: Clone, pack: Path) -> None:
    said = clone.run("--from", str(pack), "--lang", "en", *_build(clone))
    assert "Taking Python packages from" in said
    assert "to download" not in said
    built = clone.root / "examples" / "factorial" / ".natmod" / "rv32imc" / "factorial.mpy"
    assert mpyfile.read_file(built).arch_name == "rv32imc"
    assert "zig" in said
    assert not (clone.root / ".venv-wheels").exists()
    again = clone.run("--lang", "en", *_build(clone))
    assert "Setting up" not in again


def test_then_the_window_opens_as_the_room_wants_it(clone: Clone, pack: Path) -> None:
    environ = clone.environ(DISPLAY=":0", QT_QPA_PLATFORM="offscreen")
    recent = clone.home / ".local" / "state" / "natmod-studio" / "recent.json"
    with subprocess.Popen(
        clone.argv("--from", str(pack)), cwd=clone.home, env=environ, stdin=subprocess.DEVNULL, stdout=-1, stderr=-2
    ) as process:
        try:
            wait_until(lambda: recent.is_file() or process.poll() is not None, "the window is open", PATIENT_S)
            assert process.poll() is None, process.stdout and process.stdout.read()
            process.send_signal(signal.SIGTERM)
            process.wait(60)
        finally:
            process.kill()
        said = process.stdout.read().decode() if process.stdout else ""
    assert process.returncode == 0, said
    assert "to download" not in said
    assert [Path(name).name for name in json.loads(recent.read_text())["folders"]] == ["ring_class"]
    settings = clone.home / ".config" / "natmod-studio" / "settings.toml"
    assert 'language = "fr"' in settings.read_text("utf-8")


def test_a_portable_copy_moves_and_needs_neither_network_nor_pack(tmp_path: Path, pack: Path) -> None:
    stick = Clone(tmp_path)
    lent = tmp_path / "lent.natmodpack"
    os.link(pack, lent)
    stick.run("--portable", "--from", str(lent), "--lang", "en", "sdk", "get", "1.26.1")
    lent.unlink()
    assert list(stick.home.iterdir()) == []
    stick.root = stick.root.rename(tmp_path / "another letter")
    said = stick.run("--lang", "en", *_build(stick))
    assert "to download" not in said
    assert (stick.root / "examples" / "factorial" / ".natmod" / "rv32imc" / "factorial.mpy").is_file()
    assert list(stick.home.iterdir()) == []
