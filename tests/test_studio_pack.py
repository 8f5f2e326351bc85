"""studio.py --from PACK and --portable: without a network, on every system, and in plain words where that fails."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

import studio
from tests.fakes import packs
from tests.fakes.lab_packs import WHEELS, lab_pack, zipped
from tests.test_studio import FakeMachine
from toolchains import first_start, portable, setting_up, setup_packages
from toolchains.errors import StudioError, UsageError
from toolchains.setup_pack import PackDamaged, PackNotThere
from toolchains.setup_packages import Packages, PackLacks

_PYPROJECT = """\
[project]
dependencies = ["ziglang==0.17.0.*", "tomlkit>=0.13"]
optional-dependencies.gui = ["PySide6-Essentials>=6.11"]
[dependency-groups]
test = ["pytest>=8"]
"""


class Desk:
    """A checkout whose pip and venv only note what they are told."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        root.mkdir()
        (root / "pyproject.toml").write_text(_PYPROJECT)
        self.root, self.said = root, list[str]()
        self.machine = FakeMachine(on_run=self._make, environ={}, processor="x86_64")
        #: For each run of pip: its program, its options, and the wheels that it could see.
        self.pips: list[tuple[list[str], list[str], set[str]]] = []
        #: What pip answers to each run; the last one for all that follow.
        self.answers = [(0, "")]
        monkeypatch.setattr(setting_up, "run_pip", self._pip)

    def _make(self, argv: list[str]) -> tuple[int, str]:
        if "venv" in argv:
            python = Path(self.env.python)
            shutil.rmtree(self.env.folder, ignore_errors=True)
            python.parent.mkdir(parents=True)
            python.touch()
        return 0, ""

    def _pip(self, pip: list[str], packages: list[str], say: object) -> tuple[int, str]:
        seen = set[str]()
        if "--find-links" in packages:
            seen = {path.name for path in Path(packages[packages.index("--find-links") + 1]).glob("*.whl")}
        self.pips.append((pip, packages, seen))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def start(self, *args: str, groups: tuple[str, ...] = ()) -> list[str]:
        """Set up as studio.py does; the words that are left for the verb."""
        begun = first_start.begin(args, self.machine, str(self.root), self._say)
        self.env = studio.Environment(str(self.root), self.machine, begun)
        self.env.set_up(*groups)
        begun.settle(self.env.python)
        return begun.args

    def _say(self, sentence: str, **fields: object) -> None:
        self.said.append(sentence.format(**fields))

    def moved(self) -> None:
        """The stick has another letter now."""
        elsewhere = self.root.with_name(self.root.name + "-moved")
        self.root.rename(elsewhere)
        self.root = elsewhere
        self.pips.clear()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(studio, "say", lambda *words, **fields: None)
    monkeypatch.setattr(setup_packages, "_LARGE", 0)
    return Desk(tmp_path / "checkout", monkeypatch)


# --- words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ([], (None, False, [])),
        (["--from", "a.natmodpack"], ("a.natmodpack", False, [])),
        (["--from=http://x/", "--portable", "build", "x"], ("http://x/", True, ["build", "x"])),
        (["--lang", "fr", "--from", "p"], ("p", False, ["--lang", "fr"])),
        (["--lang=fr", "--portable"], (None, True, ["--lang=fr"])),
        (["toolchain", "install", "--from", "p"], (None, False, ["toolchain", "install", "--from", "p"])),
        (["--help", "--portable"], (None, False, ["--help", "--portable"])),
    ],
)  # fmt: skip
def test_they_stand_before_the_verb(args: list[str], expected: tuple[str | None, bool, list[str]]) -> None:
    assert first_start.taken(args) == expected


@pytest.mark.parametrize("args", [["--from"], ["--from="], ["--from", "--portable"]])
def test_from_nowhere_is_a_wrong_word(args: list[str]) -> None:
    with pytest.raises(UsageError, match="--from needs the pack's place"):
        first_start.taken(args)


# --- from a pack ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("one_file", [False, True])
def test_pip_sees_only_what_the_pack_has_for_this_computer(desk: Desk, tmp_path: Path, one_file: bool) -> None:
    pack = lab_pack(tmp_path / "lab")
    pack = zipped(pack) if one_file else pack
    assert desk.start("--from", str(pack), "build", "x", groups=("gui",)) == ["build", "x"]
    (_pip, main, seen), (_again, gui, seen_gui) = desk.pips
    assert main[:2] == gui[:2] == ["--no-index", "--find-links"]
    assert [main[3:], gui[3:]] == [["--editable", str(desk.root)], ["--editable", f"{desk.root}[gui]"]]
    own = {WHEELS[0], WHEELS[1], WHEELS[3], WHEELS[9]}
    assert seen == own  # without Qt, which is not needed yet
    assert WHEELS[2] in seen_gui
    assert not [path for path in desk.root.iterdir() if path.name == ".venv-wheels"]
    assert f"Taking Python packages from {pack} " in desk.said[0]


@pytest.mark.parametrize(
    ("system", "processor", "version", "wheels"),
    [
        ("win32", "AMD64", (3, 12), {5, 10}),
        ("darwin", "arm64", (3, 12), {6, 11}),
        ("linux", "x86_64", (3, 11), {3, 8}),
    ],
)
def test_each_system_gets_its_own(
    desk: Desk, tmp_path: Path, system: str, processor: str, version: tuple[int, int], wheels: set[int]
) -> None:
    desk.machine.platform, desk.machine.processor, desk.machine.version = system, processor, version
    desk.start("--from", str(lab_pack(tmp_path / "lab")))
    assert desk.pips[0][2] == {WHEELS[0], WHEELS[1], *(WHEELS[n] for n in wheels)}


def test_a_python_without_ensurepip_gets_the_pip_of_the_pack(desk: Desk, tmp_path: Path) -> None:
    desk.machine.venv = False
    desk.start("--from", str(lab_pack(tmp_path / "lab")))
    assert any("--without-pip" in argv for argv in desk.machine.ran)
    first, second = desk.pips
    assert first[0][-1].endswith("pip-26.0-py3-none-any.whl/pip")
    assert first[1][-1] == "pip"
    assert second[0][-2:] == ["-m", "pip"]
    assert len([line for line in desk.said if line.startswith("Taking")]) == 1


def test_the_pack_is_remembered_and_the_index_is_the_last_resort(desk: Desk, tmp_path: Path) -> None:
    pack = lab_pack(tmp_path / "lab")
    desk.start("--from", str(pack))
    assert any(argv[-1] == str(pack) and "toolchains.pack_memory" in argv for argv in desk.machine.ran)
    desk.pips.clear()
    (desk.root / "pyproject.toml").write_text(_PYPROJECT + "# changed")
    desk.answers = [(1, "ERROR: No matching distribution found for new"), (0, "")]
    desk.start()
    assert [options[0] for _pip, options, _seen in desk.pips] == ["--no-index", "--editable"]
    assert "about 115 MB to download" in desk.said[-1]
    shutil.rmtree(pack)
    desk.pips.clear()
    (desk.root / "pyproject.toml").write_text(_PYPROJECT + "# once more")
    desk.start()
    assert [options[0] for _pip, options, _seen in desk.pips] == ["--editable"]
    assert any(f"There is no pack at {pack}" in line for line in desk.said)


def test_the_tests_own_packages_come_from_the_index(desk: Desk, tmp_path: Path) -> None:
    desk.start("--from", str(lab_pack(tmp_path / "lab")), "test", groups=("test",))
    assert [options for _pip, options, _seen in desk.pips][1] == ["pytest>=8"]


def test_a_second_start_does_not_even_look_at_the_pack(desk: Desk, tmp_path: Path) -> None:
    pack = lab_pack(tmp_path / "lab")
    desk.start("--from", str(pack))
    shutil.rmtree(pack)
    desk.pips.clear()
    desk.said.clear()
    desk.machine.ran.clear()
    desk.start()
    assert (desk.pips, desk.said, desk.machine.ran) == ([], [], [])


# --- what can be wrong with it --------------------------------------------------------------------------------------


def test_no_pack(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(PackNotThere, match=r"There is no pack at .*lab.*\.natmodpack, a folder with manifest\.json"):
        desk.start("--from", str(tmp_path / "lab"))
    assert desk.pips == []


@pytest.mark.parametrize("change", ["content", "gone", "longer"])
def test_a_wheel_that_is_not_what_the_manifest_says(desk: Desk, tmp_path: Path, change: str) -> None:
    pack = lab_pack(tmp_path / "lab")
    wheel = pack / "wheels" / WHEELS[3]
    if change == "gone":
        wheel.unlink()
    else:
        wheel.write_bytes(b"x" * len(wheel.name) if change == "content" else wheel.name.encode() * 2)
    with pytest.raises(PackDamaged, match=r"wheels/ziglang.*cannot be used: it .*Copy the pack again"):
        desk.start("--from", str(pack))
    assert desk.pips == []


def test_a_path_that_leads_out_of_the_pack_is_refused(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "evil-1-py3-none-any.whl").write_bytes(b"evil")
    row = packs.entry("../evil-1-py3-none-any.whl", b"evil", kind="wheel")
    pack = packs.folder(tmp_path / "lab", packs.manifest(row), {})
    with pytest.raises(StudioError, match="leads out of the pack"):
        desk.start("--from", str(pack))
    assert desk.pips == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"platforms": ["win64"]}, "lacks Python packages for linux-amd64: it is made for win64. Have the pack made"),
        ({"pythons": ["3.11"]}, "packages for Python 3.12: it has those for 3.11. Start it with python3.11"),
        ({"pythons": ["3.13"]}, "for 3.13. Have the pack made with --platforms linux-amd64 --python 3.12."),
        ({"only": "no wheel"}, "lacks the Python packages of Natmod Studio."),
    ],
)  # fmt: skip
def test_a_pack_for_others_says_for_whom(desk: Desk, tmp_path: Path, more: dict[str, Any], words: str) -> None:
    desk.machine.programs = {"python3.11"}
    with pytest.raises(PackLacks, match=re.escape(words)):
        desk.start("--from", str(lab_pack(tmp_path / "lab", **more)))
    assert desk.pips == []


def test_a_package_that_is_not_in_the_pack_is_named(desk: Desk, tmp_path: Path) -> None:
    desk.answers = [(1, "ERROR: No matching distribution found for watchfiles>=1.0\n")]
    with pytest.raises(studio.Stop, match=r"The pack .*lab lacks watchfiles for linux-amd64 and Python 3\.12\. Have"):
        desk.start("--from", str(lab_pack(tmp_path / "lab")))


# --- portable -------------------------------------------------------------------------------------------------------


def test_a_portable_copy_keeps_everything_beside_itself(desk: Desk, tmp_path: Path) -> None:
    desk.start("--portable")
    home = desk.root / "natmod-data"
    assert portable.marked(desk.root) == home
    assert desk.machine.environ["PIP_CACHE_DIR"] == str(home / "pip-cache")
    assert portable.environment({}, desk.root) == {"NATMOD_HOME": str(home)}
    assert desk.said[0] == f"From now on, all data are kept in {home}."
    desk.said.clear()
    desk.machine.environ.clear()
    desk.start()
    assert desk.machine.environ["PIP_CACHE_DIR"] == str(home / "pip-cache")
    assert desk.said == []


def test_on_windows_a_path_that_compilers_cannot_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path / "clé USB", monkeypatch)
    desk.machine.platform = "win32"
    desk.start("--portable")
    assert desk.said[1].startswith("Windows' compilers cannot read this path")


def test_natmod_home_wins(desk: Desk) -> None:
    desk.machine.environ["NATMOD_HOME"] = "/elsewhere"
    desk.start("--portable")
    assert desk.said[0] == "NATMOD_HOME is set: the data stay in /elsewhere."
    portable.mark(desk.root)
    assert portable.environment({"NATMOD_HOME": "/elsewhere"}, desk.root) == {"NATMOD_HOME": "/elsewhere"}


def test_only_a_marked_copy_is_one(tmp_path: Path) -> None:
    (tmp_path / "natmod-data").mkdir()
    assert portable.environment({"A": "1"}, tmp_path) == {"A": "1"}


@pytest.mark.parametrize("where", ["on the stick", "elsewhere"])
def test_it_moves_with_the_stick(desk: Desk, tmp_path: Path, where: str) -> None:
    pack = lab_pack(tmp_path / "lab")
    desk.start("--portable", "--from", str(pack), groups=("gui",))
    if where == "elsewhere":
        shutil.rmtree(pack)
    desk.moved()
    desk.start(groups=("gui",))
    assert [options[0] for _pip, options, _seen in desk.pips] == ["--no-index", "--no-index"]
    links = desk.pips[0][1][2]
    assert Path(links) == desk.root / "natmod-data" / "wheels"
    assert {WHEELS[0], WHEELS[3]} <= desk.pips[0][2]
    assert not any(re.search(r"\d+ MB to download|no pack", line) for line in desk.said)


def test_the_pack_is_found_where_the_stick_is_now(desk: Desk, tmp_path: Path) -> None:
    desk.start("--portable", "--from", str(lab_pack(tmp_path / "checkout" / "packs" / "lab")))
    desk.moved()
    desk.machine.ran.clear()
    desk.start()
    asked = next(argv for argv in desk.machine.ran if "toolchains.pack_memory" in argv)
    assert Path(asked[-1]) == desk.root / "packs" / "lab"


def test_another_system_on_the_same_stick_takes_its_own_from_the_pack(desk: Desk, tmp_path: Path) -> None:
    desk.start("--portable", "--from", str(lab_pack(tmp_path / "checkout" / "lab")))
    desk.pips.clear()
    desk.machine.platform, desk.machine.processor = "win32", "AMD64"
    desk.answers = [(1, "ERROR: No matching distribution found for ziglang"), (0, "")]
    desk.start()
    assert WHEELS[5] not in desk.pips[0][2]
    assert WHEELS[5] in desk.pips[1][2]


def test_nothing_of_the_set_up_needs_more_than_the_standard_library() -> None:
    import subprocess
    import sys

    from tests.homes import CHECKOUT

    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from toolchains import setup_packages, setting_up, pack_places, lab\n"
        "lab.beside()\n"
    )
    subprocess.run([sys.executable, "-I", "-S", "-c", code, CHECKOUT], check=True)


def test_packages_has_all_that_studio_calls() -> None:
    assert {"announce", "ways", "pip", "lacks", "close", "settle"} <= set(vars(Packages))
