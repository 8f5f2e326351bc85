"""A compiler for the ESP32 out of Debian's packages: it compiles and computes, and a failure leaves nothing."""

from __future__ import annotations

import math
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests import xtensa
from tests.conftest import RecordingContext
from tests.disks import small_disk
from tests.fakes.debian import FakeDebian
from toolchains.compiler_probe import Compiler
from toolchains.errors import Cancelled, DiskError, StudioError
from toolchains.host import Host, System
from toolchains.jobs import Event, StepStarted
from toolchains.paths import Paths
from toolchains.providers import debian_xtensa
from toolchains.providers.private_apt import AptFailed
from toolchains.providers.xtensa_data import XtensaFailed, data
from toolchains.store import Store
from toolchains.zig import Zig


@pytest.fixture
def compiler(compiler_for: Callable[[str], Compiler]) -> Compiler:
    """The real thing, made once a run; another compiler of that name is not what is tested here."""
    found = compiler_for("xtensawin")
    if debian_xtensa.NAME not in found.command[0]:
        pytest.skip(f"another compiler serves xtensawin: {found.command[0]}")
    return found


# --- the real thing --------------------------------------------------------------------------------------------------


def test_it_answers_as_upstreams_makefile_asks(compiler: Compiler) -> None:
    def ask(question: str) -> str:
        return subprocess.run([*compiler.command, question], capture_output=True, text=True, check=True).stdout.strip()

    assert ask("-dumpmachine") == "xtensa-esp32-elf"
    assert ask("--version").startswith("xtensa-esp32-elf-gcc (")
    assert Path(ask("--print-libgcc-file-name")).resolve() == compiler.libgcc
    assert Path(ask("--print-file-name=libm.a")).resolve() == compiler.libm


def test_it_can_be_moved_and_called_through_a_link(compiler: Compiler, tmp_path: Path) -> None:
    """A USB stick is mounted elsewhere; its folder may have a name with spaces and accents."""
    moved = tmp_path / "Clé USB 课程"
    shutil.copytree(Path(compiler.command[0]).parent.parent, moved, symlinks=True)
    link = tmp_path / "cc"
    link.symlink_to(moved / "bin" / "xtensa-esp32-elf-gcc")
    source = "#include <math.h>\nint f(float x) { return sqrtf(x) < 2; }\n"
    words = [link, "-Os", "-x", "c", "-", "-c", "-o", tmp_path / "f.o"]
    done = subprocess.run(words, input=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    shown = [moved / "bin" / "xtensa-esp32-elf-objdump", "-d", tmp_path / "f.o"]
    listing = subprocess.run(shown, capture_output=True, text=True, check=True).stdout
    assert "entry" in listing  # the windowed calls of the ESP32, not the ESP8266's
    assert "wfr" in listing  # its float unit


def test_its_libraries_compute(compiler: Compiler, tmp_path: Path) -> None:
    """libgcc and libm run on an emulated core with register windows, and every result is right."""
    lines = xtensa.run(compiler, tmp_path, ["main.c"])
    floats, doubles, integers = _expected()
    first, second = len(floats), len(floats) + len(doubles)
    assert [struct.unpack("<f", struct.pack("<I", n))[0] for n in lines[:first]] == pytest.approx(floats, rel=3e-7)
    assert [struct.unpack("<d", struct.pack("<Q", n))[0] for n in lines[first:second]] == pytest.approx(
        doubles, rel=4e-16
    )
    assert lines[second:] == [n % 2**64 for n in integers]


def _expected() -> tuple[list[float], list[float], list[int]]:
    """What ``xtensa_sim/main.c`` prints, in its order."""
    x, y, p, q, j, k = 1.75, 2.25, 1.7, -2.3, -1234567890123, 987654
    floats = [x / y, math.sqrt(x), x**y, math.sin(x), math.cos(y), math.tan(x), math.exp(y), math.log(x)]
    floats += [math.log10(x), math.atan2(x, y), math.tanh(x), x * 8, x ** (1 / 3), math.fmod(y, x), math.hypot(x, y)]
    floats += [math.floor(-x), 2.0, math.gamma(x), float(j), p]
    doubles = [p / q, p * q, p + q, p - q, math.sqrt(p), p**q, math.sin(p), math.cos(q), math.exp(p), math.log(p)]
    doubles += [math.atan2(p, q), math.fmod(q, p), float(j), x, math.erf(p), math.floor(q)]
    quotient = -(-j // k)
    integers = [quotient, j - quotient * k, j * k, j % 2**64 // 77, j >> 5, int(p * 1e9)]
    return floats, doubles, [*integers, (j % 2**64).bit_count(), 64 - k.bit_length(), int(p < q), int(p > q)]


# --- with a scripted apt ---------------------------------------------------------------------------------------------


@pytest.fixture
def debian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDebian:
    """A Debian machine; what is temporary goes to a folder that can be looked at."""
    (tmp_path / "tmp").mkdir()
    (tmp_path / "debian").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return FakeDebian(tmp_path / "debian")


def _ctx(debian: FakeDebian) -> RecordingContext:
    host = debian.host(Host.current())
    problem = debian_xtensa.obstacle(host)
    if problem is not None:
        pytest.skip(str(problem))
    return RecordingContext(host)


def _nothing_left(debian: FakeDebian, paths: Paths) -> None:
    root = paths.store / "toolchains"
    assert Store(root).entries() == []
    assert [path.name for path in root.glob("*") if path.name != ".lock"] == []
    assert list((debian.folder.parent / "tmp").iterdir()) == []


def test_a_compiler_that_does_not_work_is_not_kept(debian: FakeDebian, paths: Paths) -> None:
    debian.build()
    ctx = _ctx(debian)
    with pytest.raises(XtensaFailed, match="it does not work") as failed:
        debian_xtensa.ensure(ctx, paths)
    assert "it makes no ELF objects" in failed.value.detail
    _nothing_left(debian, paths)
    said = ctx.said()
    sizes = next(at for at, line in enumerate(said) if "4 files of Debian (" in line)
    assert sizes < next(at for at, line in enumerate(said) if line.startswith("Download gcc-xtensa-lx106 ("))


@pytest.mark.parametrize("step", range(6))
def test_a_cancel_at_any_step_leaves_nothing(debian: FakeDebian, paths: Paths, step: int) -> None:
    debian.build()
    ctx = _ctx(debian)
    seen: list[str] = []

    def cancel(event: Event) -> None:
        if isinstance(event, StepStarted):
            seen.append(str(event.title))
            if len(seen) == step + 1:
                ctx.cancel()

    ctx.sink = cancel
    with pytest.raises(Cancelled):
        debian_xtensa.ensure(ctx, paths)
    assert len(seen) == step + 1
    _nothing_left(debian, paths)


@pytest.mark.parametrize(
    ("flag", "kind", "words"),
    [("broken", AptFailed, "Hash Sum mismatch"), ("unsigned", AptFailed, "not signed")],
)
def test_what_apt_does_not_trust_is_not_used(
    debian: FakeDebian, paths: Paths, flag: str, kind: type[StudioError], words: str
) -> None:
    debian.build()
    debian.set(flag)
    with pytest.raises(kind) as failed:
        debian_xtensa.ensure(_ctx(debian), paths)
    assert words in failed.value.detail
    _nothing_left(debian, paths)


def test_a_mirror_in_the_middle_of_an_update_has_another_suite(debian: FakeDebian, paths: Paths) -> None:
    debian.build()
    debian.set("skewed")
    with pytest.raises(XtensaFailed, match="it does not work"):  # so far, it came out of the second
        debian_xtensa.ensure(_ctx(debian), paths)
    assert sum(call.endswith(" update") for call in debian.calls) == 2
    _nothing_left(debian, paths)


@pytest.mark.parametrize("missing", ["compiler", "sources", "table"])
def test_a_mirror_without_the_packages(debian: FakeDebian, paths: Paths, missing: str) -> None:
    debian.build()
    shutil.rmtree(debian.folder / "mirror" / missing)
    with pytest.raises(XtensaFailed, match="does not have all packages"):
        debian_xtensa.ensure(_ctx(debian), paths)
    updates = [call for call in debian.calls if call.endswith(" update")]
    assert len(updates) == len(data()["suites"])  # each was looked into
    _nothing_left(debian, paths)


def test_a_gcc_that_knows_no_plug_in_is_not_taken(debian: FakeDebian, paths: Paths) -> None:
    debian.build("12.2.0")
    with pytest.raises(XtensaFailed, match="does not have all packages"):
        debian_xtensa.ensure(_ctx(debian), paths)
    assert not any("--download-only --yes" in call and "--print-uris" not in call for call in debian.calls)


def test_packages_that_are_laid_out_otherwise(debian: FakeDebian, paths: Paths) -> None:
    debian.build()
    (package,) = (debian.folder / "mirror" / "compiler").iterdir()
    shutil.copy(next((debian.folder / "mirror" / "sources").glob("newlib*")), package)
    with pytest.raises(StudioError):
        debian_xtensa.ensure(_ctx(debian), paths)
    _nothing_left(debian, paths)


def test_a_damaged_archive(debian: FakeDebian, paths: Paths) -> None:
    debian.build()
    (table,) = (debian.folder / "mirror" / "table").iterdir()
    table.write_bytes(table.read_bytes()[:40] + b"?" * 80)
    with pytest.raises(XtensaFailed, match="is damaged"):
        debian_xtensa.ensure(_ctx(debian), paths)
    _nothing_left(debian, paths)


def test_a_full_disk_is_said_before_anything_is_made(debian: FakeDebian, paths: Paths, tmp_path: Path) -> None:
    debian.build()
    with small_disk(tmp_path / "small", "8M") as folder, pytest.raises(DiskError, match="no space left"):
        debian_xtensa.ensure(_ctx(debian), replace(paths, store=folder))


# --- where it cannot be made -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("system", "machine", "word"),
    [
        ("windows", "x86_64", "Linux"),
        ("macos", "aarch64", "Linux"),
        ("linux", "aarch64", "x86-64"),
        ("linux", "x86_64", "apt"),
    ],
)
def test_elsewhere_it_says_why_not(paths: Paths, system: System, machine: str, word: str) -> None:
    host = Host(system, machine, {"PATH": ""})
    assert word in str(debian_xtensa.obstacle(host))
    with pytest.raises(XtensaFailed, match=word):
        debian_xtensa.ensure(RecordingContext(host), paths)


def test_without_zig_it_says_so(debian: FakeDebian, monkeypatch: pytest.MonkeyPatch) -> None:
    host = _ctx(debian).host
    monkeypatch.setattr(Zig, "bundled", lambda _host: None)
    assert "ziglang" in str(debian_xtensa.obstacle(host))
