"""``natmod mip`` and ``natmod plot``: packages and numbers from the command line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from serial import serial_for_url

from ide.board import simulator
from tests.conftest import RecordingContext
from tests.fakes.mip_index import MipIndex
from tests.ide.cli.said import Said
from toolchains.paths import examples
from toolchains.toolbox import Toolbox

BOARD = ("--board", "sim:unix")


@pytest.fixture
def index(tmp_path: Path) -> MipIndex:
    made = MipIndex(tmp_path / "served")
    made.add("app", {"app.py": b"import low"}, deps=[["low", "latest"]], description="An application")
    made.add("low", {"low.py": b"n = 41\n"}, "1.0")
    made.add("low", {"low.py": b"n = 42\n"}, "2.0")
    return made


@pytest.fixture
def _kept_board(ctx: RecordingContext, toolbox: Toolbox, unix_firmware: Path) -> Iterator[None]:
    """One board for several commands."""
    lease = simulator.lease(ctx, toolbox, "sim:unix", None)
    yield
    lease.close()


@pytest.fixture
def _unix(warm_home: Path, unix_firmware: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """sim:unix starts without delay, and nobody types."""
    with open(os.devnull) as nobody:
        monkeypatch.setattr("sys.stdin", nobody)
        yield


def test_packages_are_found_without_a_board(natmod: Said, index: MipIndex) -> None:
    where = ("--index", index.folder)
    code, out, _err = natmod("mip", "search", "applic", *where)
    assert (code, out.splitlines()[1].split()[:2]) == (0, ["app", "1.0"])
    code, records = natmod.records("mip", "info", "app", "low", *where)
    assert [(one["name"], one["needs"]) for one in records] == [("app", ["low"]), ("low", [])]
    assert records[1]["versions"] == {"py": ["1.0", "2.0"]}
    assert natmod("mip", "info", "nothing", *where)[0] == 1
    assert natmod("mip", "install", "-x", *where)[0] == 2
    code, _out, err = natmod("mip", "install", "a b", *where, *BOARD)
    assert (code, "no name of a package" in err) == (2, True)
    assert natmod("mip", "remove")[0] == 2


@pytest.mark.usefixtures("_kept_board")
def test_a_package_is_installed_listed_and_taken_away(natmod: Said, index: MipIndex) -> None:
    where = ("--index", index.folder)
    code, out, err = natmod("mip", "install", "app", "low@1.0", *where, *BOARD)
    assert (code, "lib/app.py" in out) == (0, True), err
    code, (record,) = natmod.records("mip", "list", *BOARD)
    assert [(one["name"], one["version"], one["wanted"]) for one in record["packages"]] == [
        ("app", "1.0", True),
        ("low", "2.0", True),
    ]
    code, _out, err = natmod("mip", "remove", "low", *BOARD)
    assert (code, "is needed by app" in err) == (1, True)
    code, (record,) = natmod.records("mip", "remove", "app", "low", *BOARD)
    assert (code, sorted(record["packages"])) == (0, ["app", "low"])
    code, out, _err = natmod("mip", "list", *BOARD)
    assert (code, out.startswith("No packages yet")) == (0, True)


def test_packages_are_taken_along_in_a_pack(natmod: Said, index: MipIndex, tmp_path: Path) -> None:
    others = "toolchains,sdk,firmware,examples,wheels"
    words = ("--packages", "app", "--index", index.folder, "--without", others, "--out", tmp_path / "lab")
    code, (record,) = natmod.records("toolchain", "pack", "--for", "esp32", *words)
    assert (code, record["parts"]["package"]["files"]) == (0, 7)
    code, _out, err = natmod("toolchain", "pack", "--for", "esp32", "--packages", "apq", *words[2:])
    assert (code, "apq" in err) == (1, True)


def test_the_numbers_of_a_program_that_runs_already_are_read(
    natmod: Said, ctx: RecordingContext, toolbox: Toolbox, unix_firmware: Path
) -> None:
    """It goes on as if nobody listened."""
    lease = simulator.lease(ctx, toolbox, "sim:unix", None)
    try:
        with closing(serial_for_url(lease.port, timeout=60)) as port:
            port.write(b"import time\r\nn = 0\r\nwhile True: print('level:', n); n += 1; time.sleep_ms(2)\r\r\r\r")
            assert b"level: 3" in port.read_until(b"level: 3")
        code, records = natmod.records("plot", "--points", "3", *BOARD)
        first = records[0]["values"]["level"]
        assert (code, first > 3) == (0, True)
        assert [one["values"]["level"] for one in records] == [first, first + 1, first + 2]
        with closing(serial_for_url(lease.port, timeout=60)) as port:
            assert b"level: " in port.read_until(b"level: ")
            port.write(b"\x03")
            assert b">>> " in port.read_until(b">>> ")
    finally:
        lease.close()


@pytest.mark.usefixtures("_unix")
def test_the_numbers_of_a_program_are_written_as_csv(natmod: Said, tmp_path: Path) -> None:
    script = tmp_path / "waves.py"
    script.write_text('print("hello")\nprint("a, b")\nfor n in range(3): print(n, n / 2, sep=", ")\n')
    assert natmod("plot", script, *BOARD)[:2] == (0, "a,b\n0,0\n1,0.5\n2,1\n")
    code, records = natmod.records("plot", script, *BOARD)
    assert (code, records[1]["values"]) == (0, {"a": 1.0, "b": 0.5})


@pytest.mark.usefixtures("_unix")
def test_a_program_without_end_is_ended_when_there_are_enough_points(natmod: Said, tmp_path: Path) -> None:
    script = tmp_path / "for_ever.py"
    script.write_text("n = 0\nwhile True:\n    print(n)\n    n += 1\n")
    code, out, _err = natmod("plot", script, "--points", "5", *BOARD)
    assert (code, out.splitlines()) == (0, ["1", "0", "1", "2", "3", "4"])


@pytest.mark.usefixtures("_unix")
def test_a_program_without_numbers_is_told_how_to_print_them(natmod: Said, tmp_path: Path) -> None:
    script = tmp_path / "words.py"
    script.write_text('print("hello")\n')
    code, _out, err = natmod("plot", script, *BOARD)
    assert (code, "No line of numbers came" in err) == (1, True)
    script.write_text("print(1)\nprint(1 / 0)\n")
    code, out, err = natmod("plot", script, *BOARD)
    assert (code, out, "ZeroDivisionError" in err) == (1, "1\n1\n", True)


@pytest.mark.usefixtures("warm_home", "unix_firmware")
def test_a_module_is_packaged_and_mip_installs_it(
    natmod: Said, ctx: RecordingContext, toolbox: Toolbox, tmp_path: Path
) -> None:
    """Ours takes what fits the board; the mip of mpremote takes the folder that it is told."""
    shutil.copytree(examples() / "factorial", project := tmp_path / "factorial")
    out = tmp_path / "dist"
    words = ("--arch", "x64,rv32imc", "--release", "1.2", "--out", out, "--workflow")
    code, (*_builds, record) = natmod.records("package", project, *words)
    assert (code, len(record["files"])) == (0, 5)
    assert (project / ".github" / "workflows" / "factorial.yml").is_file()
    (folder,) = out.glob("x64_*")
    lease = simulator.lease(ctx, toolbox, "sim:unix", None)
    try:
        code, (installed,) = natmod.records("mip", "install", out / "package.json", *BOARD)
        assert (code, [Path(path).name for path in installed["written"]]) == (0, ["factorial.mpy"])
        mpremote = (sys.executable, "-m", "mpremote", "connect", lease.port)
        install = ("mip", "install", "--target", "other", str(folder / "package.json"))
        asked = ("exec", "from other import factorial as m; print(m.factorial(5))")
        done = subprocess.run((*mpremote, *install, "+", *asked), capture_output=True, text=True, timeout=60)
    finally:
        lease.close()
    assert done.stdout.rstrip().endswith("120"), done.stdout + done.stderr
