"""A room without internet: compilers and sources come out of a pack, and they build what the teacher's build."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.compilers import Compilers
from tests.conftest import RecordingContext
from tests.e2e.command import CHECKOUT, Said, copy_example, environment, natmod, start_argv
from tests.fakes import packs
from tests.fakes.alone import PORT, answers
from tests.homes import shared_paths
from tests.waiting import wait_until
from toolchains.catalog import platform_key
from toolchains.host import Host
from toolchains.pack import Wishes, make_pack
from toolchains.sdk_tree import SdkTree
from toolchains.toolbox import Toolbox

ARCHES = ("xtensawin", "rv32imc")
_NETWORKS = (["unshare", "--net"], ["unshare", "--net", "--map-root-user"])


@pytest.fixture(scope="module")
def alone() -> list[str]:
    """The words before a command that take the network away from it."""
    for words in _NETWORKS:
        try:
            argv = [*words, sys.executable, "-m", "tests.fakes.alone", "true"]
            done = subprocess.run(argv, capture_output=True, cwd=CHECKOUT, env=environment(), check=False)
        except FileNotFoundError:
            break
        if done.returncode == 0:
            return [*words, sys.executable, "-m", "tests.fakes.alone"]
    pytest.skip("this computer lets us make no network namespace (unshare)")


@pytest.fixture(scope="module")
def pack(
    session_ctx: RecordingContext,
    compiler_for: Compilers,
    sdk_tree: SdkTree,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A pack with what this run has: the compiler for the ESP32, MicroPython's sources, the examples."""
    compiler_for("xtensawin")
    home = shared_paths().data.parent
    host = Host(session_ctx.host.system, session_ctx.host.machine, {**os.environ, "NATMOD_HOME": str(home)})
    wishes = Wishes(("esp32", "esp32c3"), without=frozenset({"firmware", "wheels"}))
    with Toolbox.of(host) as box:
        if not any(one.ours and "xtensawin" in one.arches for one in box.toolchains.installed()):
            pytest.skip("the compiler for the ESP32 is not in the store")
        out = tmp_path_factory.mktemp("pack") / "lab.natmodpack"
        return make_pack(session_ctx, box, wishes, out).path


def offline(alone: Sequence[str], *args: object, serve: Path | None = None, cwd: Path = CHECKOUT) -> Said:
    """``natmod ARGS`` with no network but this computer's own, on which ``serve`` may be served."""
    words = [*alone, *(["--serve", str(serve)] if serve else []), *start_argv(*args)]
    done = subprocess.run(
        words, stdin=subprocess.DEVNULL, capture_output=True, cwd=cwd, timeout=240, env=environment(), check=False
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["file", "folder", "web folder", "web file"])
def test_a_fresh_home_builds_for_both_kinds_of_esp32(
    alone: list[str], pack: Path, home: Path, tmp_path: Path, kind: str
) -> None:
    folder = tmp_path / "unzipped"
    with zipfile.ZipFile(pack) as bundle:
        bundle.extractall(folder)
    served = {"web folder": folder, "web file": pack.parent}.get(kind)
    server = f"http://127.0.0.1:{PORT}"
    where = {"file": pack, "folder": folder, "web folder": server, "web file": f"{server}/{pack.name}"}[kind]
    for words in (("sdk", "get"), ("toolchain", "install", "xtensawin")):
        said = offline(alone, *words, "--from", where, serve=served)
        assert said.code == 0, said.err
    project = copy_example("factorial", tmp_path)
    for arch in ARCHES:
        said = offline(alone, "build", project, "--arch", arch)
        assert said.code == 0, said.err
        assert said.out.startswith(str(project)), said.out
    made = {arch: (project / ".natmod" / arch / "factorial.mpy").read_bytes() for arch in ARCHES}
    assert made == with_the_network(tmp_path / "here")
    assert list((home / "cache" / "packs").glob("*")) == []


@pytest.mark.slow
def test_after_the_compiler_the_build_finds_the_sources_in_the_same_pack(
    alone: list[str], pack: Path, tmp_path: Path
) -> None:
    """Nobody has to know that there are two things to get."""
    assert offline(alone, "toolchain", "install", "esp32", "--from", pack.name, cwd=pack.parent).code == 0
    project = copy_example("factorial", tmp_path)
    said = offline(alone, "build", project, "--arch", "xtensawin")
    assert said.code == 0, said.err
    assert "elsewhere" not in said.err


def with_the_network(folder: Path) -> dict[str, bytes]:
    """The same by the teacher's own installation."""
    folder.mkdir()
    project = copy_example("factorial", folder)
    env = {**environment(), "NATMOD_HOME": str(shared_paths().data.parent)}
    for arch in ARCHES:
        argv = start_argv("build", project, "--arch", arch)
        subprocess.run(argv, cwd=CHECKOUT, env=env, check=True, capture_output=True)
    return {arch: (project / ".natmod" / arch / "factorial.mpy").read_bytes() for arch in ARCHES}


def test_without_the_pack_it_says_so_soon(alone: list[str], tmp_path: Path) -> None:
    gone = offline(alone, "toolchain", "install", "xtensawin", "--from", "http://127.0.0.1:9/lab.natmodpack")
    assert "127.0.0.1" in gone.assert_one_sentence()
    gone = offline(alone, "sdk", "get", "--from", tmp_path / "lab.natmodpack")
    assert "no pack at" in gone.assert_one_sentence()


@contextmanager
def plain_server(folder: Path) -> Iterator[str]:
    """``python -m http.server``, as a teacher types it."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    argv = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    server = subprocess.Popen(argv, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(("127.0.0.1", port)), "the server answers", 30)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["folder", "file"])
def test_thirty_machines_install_at_once_from_one_plain_server(
    ctx: RecordingContext, tmp_path: Path, kind: str
) -> None:
    if platform_key(ctx.host) not in packs.PLATFORMS:
        pytest.skip("the compiler of this test is a shell script")
    archive = packs.toolchain(ctx, tmp_path / "t", padding=os.urandom(3_000_000))
    pack = packs.make(ctx, tmp_path / "served" / "lab.natmodpack", {}, archive)
    with zipfile.ZipFile(pack) as bundle:
        bundle.extractall(pack.parent)
    homes = [tmp_path / "homes" / str(n) for n in range(30)]
    with plain_server(pack.parent) as url:
        where = url if kind == "folder" else f"{url}/{pack.name}"
        argv = start_argv("toolchain", "install", "xtensawin", "--from", where, "--json")
        machines = [
            subprocess.Popen(
                argv,
                cwd=CHECKOUT,
                env={**environment(), "NATMOD_HOME": str(home)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            for home in homes
        ]
        said = [(*machine.communicate(timeout=240), machine.returncode) for machine in machines]
    assert [err.decode()[-2000:] for _out, err, code in said if code] == []
    assert all(packs.TOOL in out.decode() for out, _err, _code in said)
    for home in homes:
        assert (home / "data" / "toolchains" / packs.TOOL / "bin" / "xtensa-esp32-elf-gcc").is_file()


def test_the_command_makes_a_pack_and_lists_what_is_in_it(ctx: RecordingContext, tmp_path: Path) -> None:
    wrong = natmod("toolchain", "pack", "--for", "esp32")
    assert "--out" in wrong.assert_one_sentence()
    words = ("toolchain", "pack", "--for", "esp32c3", "--without", "sdk,wheels,firmware", "--out", tmp_path / "lab")
    said = natmod(*words, "--json")
    assert said.code == 0, said.err
    assert said.record["path"] == str(tmp_path / "lab.natmodpack")
    assert said.record["parts"]["example"]["files"] > 20
    assert "example" in natmod(*words).out
    with zipfile.ZipFile(tmp_path / "lab.natmodpack") as bundle:
        assert json.loads(bundle.read("manifest.json"))["chips"] == ["esp32c3"]
