"""What the window needs: said in one sentence with what to type, and installed where that is allowed."""

from __future__ import annotations

import dataclasses
import importlib.util
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.fakes.apt import FakeMachine
from toolchains import window_needs
from toolchains.host import Host, System
from toolchains.window_needs import LibrariesMissing, NoWindow, PackagesMissing


def _linux(machine: str = "x86_64", **environ: str) -> Host:
    return Host("linux", machine, environ)


def _loading(*missing: str):
    def load(library: str) -> None:
        if library in missing:
            raise OSError(f"{library}: cannot open shared object file")

    return load


@pytest.mark.parametrize(
    ("system", "machine", "libc", "macos", "words"),
    [
        ("linux", "x86_64", ("glibc", "2.34"), "", None),
        ("linux", "x86_64", ("glibc", "2.31"), "", "need glibc 2.34, and this system has 2.31"),
        ("linux", "aarch64", ("glibc", "2.36"), "", "need glibc 2.39, and this system has 2.36"),
        ("linux", "aarch64", ("glibc", "2.41"), "", None),
        ("linux", "x86_64", ("", ""), "", "has another C library"),  # musl
        ("linux", "riscv64", ("glibc", "2.41"), "", "no Python packages of Qt for linux on riscv64"),
        ("windows", "x86_64", None, None, None),
        ("windows", "aarch64", None, None, "for windows on aarch64"),
        ("macos", "aarch64", None, "14.2.1", None),
        ("macos", "x86_64", None, "12.7", "needs macOS 13 or newer"),
        ("macos", "x86_64", None, "", None),  # nobody knows: pip will
    ],
)
def test_where_there_are_packages_of_qt(
    system: System, machine: str, libc: tuple[str, str] | None, macos: str | None, words: str | None
) -> None:
    problem = window_needs.no_packages(Host(system, machine), libc, macos)
    assert (problem is None) == (words is None)
    assert words is None or words in str(problem)


def test_a_display_is_needed_on_linux_only() -> None:
    assert window_needs.no_display(Host("windows", "x86_64")) is None
    assert window_needs.no_display(_linux(WAYLAND_DISPLAY="wayland-0")) is None
    assert "neither DISPLAY nor WAYLAND_DISPLAY" in str(window_needs.no_display(_linux()))


def test_what_cannot_be_loaded_is_a_debian_package() -> None:
    load = _loading("libxcb-icccm.so.4", "libEGL.so.1", "libwayland-cursor.so.0")
    assert window_needs.missing_libraries(_linux(), load) == ["libegl1", "libxcb-icccm4"]
    in_wayland = window_needs.missing_libraries(_linux(WAYLAND_DISPLAY="w"), load)
    assert in_wayland == ["libegl1", "libwayland-cursor0", "libxcb-icccm4"]
    assert window_needs.missing_libraries(Host("macos", "aarch64"), load) == []


def _machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, root: bool = False) -> FakeMachine:
    """A Debian machine on which libxcb-cursor is missing until apt has brought it."""
    machine = FakeMachine(tmp_path, root=root, programs=("apt-get", "dpkg", "dpkg-query"))

    def missing(host: Host) -> list[str]:
        return [] if (tmp_path / "wanted").exists() else ["libxcb-cursor0"]

    monkeypatch.setattr(window_needs, "missing_libraries", missing)
    return machine


def test_without_root_the_line_to_type_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = _machine(tmp_path, monkeypatch)
    with pytest.raises(LibrariesMissing) as caught:
        window_needs.ensure_libraries(RecordingContext(machine.host))
    assert str(caught.value) == (
        "The window cannot be opened on this computer. Libraries of the system are missing: libxcb-cursor0."
        " Install them with: sudo apt-get install --no-install-recommends libxcb-cursor0"
    )
    assert machine.calls == []


def test_root_on_debian_installs_them_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = _machine(tmp_path, monkeypatch, root=True)
    ctx = RecordingContext(machine.host)
    window_needs.ensure_libraries(ctx)
    assert "The window needs them. Installing libxcb-cursor0 (46 MB)." in ctx.said()
    assert "--download-only" in "".join(machine.calls)


def test_packages_that_are_not_installed_have_an_exit_code_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = dataclasses.replace(Host.current(), environ={"DISPLAY": ":1"})
    monkeypatch.setattr(window_needs, "no_packages", lambda host: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(PackagesMissing, match=r"about 84 MB\) with: .* -m pip install") as caught:
        window_needs.ensure(RecordingContext(host))
    assert caught.value.exit_code == 3


def test_without_a_display_nothing_else_is_looked_at(ctx: RecordingContext) -> None:
    bare = RecordingContext(_linux())
    with pytest.raises(NoWindow, match="There is no display"):
        window_needs.ensure(bare)


def test_parts_that_do_not_fit_are_noticed_before_the_window_opens(
    ctx: RecordingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window_needs, "_PACKAGE", "no_such_package")
    with pytest.raises(NoWindow, match="Qt cannot be loaded: ModuleNotFoundError: No module named 'no_such_package'"):
        window_needs.prove(ctx)


@pytest.mark.parametrize("file", ["NotoSansCJK-Regular.ttc", "wqy-microhei.ttc", "NotoSansTC-Regular.otf"])
def test_who_reads_chinese_is_told_of_a_font(tmp_path: Path, file: str) -> None:
    host = FakeMachine(tmp_path).host
    chinese = dataclasses.replace(host, environ={**host.environ, "LANG": "zh_TW.UTF-8"})
    french = dataclasses.replace(host, environ={**host.environ, "LANG": "fr_FR.UTF-8"})
    fonts = tmp_path / "fonts"
    (fonts / "deep").mkdir(parents=True)
    (fonts / "deep" / "DejaVuSans.ttf").touch()
    assert window_needs.font_advice(french, (str(fonts),)) is None
    said = str(window_needs.font_advice(chinese, (str(fonts),)))
    assert "sudo apt-get install --no-install-recommends fonts-noto-cjk (about 60 MB)" in said
    (fonts / "deep" / file).touch()
    assert window_needs.font_advice(chinese, (str(fonts),)) is None
