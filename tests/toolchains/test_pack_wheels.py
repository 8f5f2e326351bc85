"""The wheels of a first start, for other systems and Pythons than the one that gathers them."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from toolchains import pack_wheels
from toolchains.errors import Cancelled, UsageError
from toolchains.pack_wheels import PLATFORMS, WheelsUnavailable, gather, requirements


def _wheel(folder: Path, name: str, *requires: str) -> None:
    folder.mkdir(exist_ok=True)
    lines = [f"Requires-Dist: {line}" for line in requires]
    project, version = name.split("-")[:2]
    with zipfile.ZipFile(folder / name, "w") as packed:
        packed.writestr(
            f"{project}-{version}.dist-info/METADATA", "\n".join(["Metadata-Version: 2.1", *lines, "", "x"])
        )


def test_it_is_all_that_a_first_start_installs() -> None:
    names = {line.partition(">")[0].partition("=")[0] for line in requirements()}
    assert {"ziglang", "PySide6-Essentials", "lexilla", "hatchling", "editables", "pip"} <= names
    assert "pytest" not in names


@pytest.mark.parametrize(
    ("platform", "python", "lacking"),
    [
        ("win64", "3.12", ["colorama>=0.4"]),
        ("linux-amd64", "3.12", []),
        ("linux-amd64", "3.11", ["typing_extensions>=4.5"]),
        ("macos-arm64", "3.12", ["appnope"]),
    ],
)
def test_what_another_system_needs_besides_is_found(
    tmp_path: Path, platform: str, python: str, lacking: list[str]
) -> None:
    _wheel(
        tmp_path / "w", "rich-13.9-py3-none-any.whl",
        'colorama>=0.4; sys_platform == "win32"', 'typing_extensions>=4.5; python_version < "3.12"',
        'appnope; platform_system == "Darwin" and platform_machine == "arm64"', 'ipywidgets; extra == "jupyter"',
        'Markdown.It_py; os_name == "posix"',
    )  # fmt: skip
    _wheel(tmp_path / "w", "markdown_it_py-3.0-py3-none-any.whl")
    assert pack_wheels._overlooked(tmp_path / "w", platform, python) == lacking


@pytest.mark.parametrize("platform", PLATFORMS)
def test_each_platform_has_its_tags(platform: str) -> None:
    tags = pack_wheels._tags(platform)
    ends = {"linux-amd64": "x86_64", "linux-arm64": "aarch64", "macos": "x86_64", "macos-arm64": "arm64"}
    assert all(tag.endswith(ends.get(platform, "win_amd64")) for tag in tags)
    if platform == "linux-amd64":  # of an old system first, up to what Qt needs
        assert (tags[0], tags[-1]) == ("manylinux2014_x86_64", "manylinux_2_34_x86_64")


@pytest.mark.parametrize(("platform", "python"), [("linux-armhf", "3.12"), ("linux-amd64", "3.10"), ("win64", "new")])
def test_what_we_do_not_run_on_is_refused_before_anything_is_got(
    ctx: RecordingContext, tmp_path: Path, platform: str, python: str
) -> None:
    with pytest.raises(UsageError):
        gather(ctx, [platform], [python], tmp_path / "into")
    assert not (tmp_path / "into").exists()


def test_what_pip_does_not_find_is_said_in_its_words(
    ctx: RecordingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack_wheels, "requirements", lambda: ["natmod-no-such-package==1"])
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    ctx = RecordingContext()
    with pytest.raises(WheelsUnavailable, match=r"for win64 and Python 3\.12 could not be had") as caught:
        gather(ctx, ["win64"], ["3.12"], tmp_path)
    assert "No matching distribution found for natmod-no-such-package==1" in caught.value.detail
    assert list(tmp_path.iterdir()) == []


def test_cancelled_it_leaves_nothing(ctx: RecordingContext, tmp_path: Path) -> None:
    ctx.cancel()
    with pytest.raises(Cancelled):
        gather(ctx, ["win64"], ["3.12"], tmp_path / "into")
    assert not list((tmp_path / "into").glob(".*"))


@pytest.mark.slow
def test_real_pip_for_another_system(ctx: RecordingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack_wheels, "requirements", lambda: ["tqdm>=4", "MarkupSafe>=3"])
    try:
        found = gather(ctx, ["win64", "linux-amd64"], ["3.11", "3.12"], tmp_path)
    except WheelsUnavailable as error:
        pytest.skip(f"{error} {error.detail}")
    names = [path.name for path in found]
    assert any(name.startswith("colorama-") for name in names)
    for python in ("cp311", "cp312"):
        for end in ("-win_amd64.whl", "x86_64.whl"):
            assert any(name.startswith("markupsafe-") and python in name and name.endswith(end) for name in names)
    assert sum(name.startswith("tqdm-") for name in names) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == names


_SETUP = """
from setuptools import Extension, setup
setup(name="natmod-{name}", version="1.0", py_modules=["natmod_{name}"], ext_modules=[{extensions}])
"""


def _sources_only(folder: Path, name: str, extensions: str = "") -> None:
    """A package that nobody made a wheel of."""
    project = f"natmod_{name}-1.0"
    files = {
        "setup.py": _SETUP.format(name=name, extensions=extensions),
        "PKG-INFO": f"Metadata-Version: 2.1\nName: natmod-{name}\nVersion: 1.0\n",
        f"natmod_{name}.py": "",
        "native.c": "int PyInit_native(void) { return 0; }",
    }
    with tarfile.open(folder / f"{project}.tar.gz", "w:gz") as tar:
        for path, text in files.items():
            info = tarfile.TarInfo(f"{project}/{path}")
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))


@pytest.mark.slow
def test_sources_of_python_alone_become_a_wheel_for_every_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As esptool comes. What has machine code in it would serve this computer alone, and is not packed."""
    (tmp_path / "index").mkdir()
    _sources_only(tmp_path / "index", "pure")
    _sources_only(tmp_path / "index", "native", 'Extension("native", ["native.c"])')
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setattr(pack_wheels, "requirements", lambda: ["natmod-pure<2,>=1"])
    ctx = RecordingContext()
    try:
        found = gather(ctx, ["win64", "macos-arm64"], ["3.11", "3.12"], tmp_path / "into")
    except WheelsUnavailable as error:
        pytest.skip(f"{error} {error.detail} {ctx.said()[-5:]}")  # no setuptools without a network
    assert [path.name for path in found] == ["natmod_pure-1.0-py3-none-any.whl"]
    monkeypatch.setattr(pack_wheels, "requirements", lambda: ["natmod-native"])
    with pytest.raises(WheelsUnavailable) as caught:
        gather(ctx, ["win64"], ["3.12"], tmp_path / "other")
    assert "No matching distribution found for natmod-native" in caught.value.detail
    assert list((tmp_path / "other").iterdir()) == []
