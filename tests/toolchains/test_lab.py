"""lab.toml: what a teacher presets for a room; nothing in it can lead anywhere, and the person's own wishes win."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolchains import lab
from toolchains.lab import Lab
from toolchains.mirrors import Mirrors
from toolchains.paths import Paths
from toolchains.project_file import ProjectFileError

_ALL = """\
# the room on the second floor
language = "zh-Hant"
board = "COM3"
sdk = "1.25.0"
mirror = "espressif-china"
project = "ring_class"
hidden = ["tests", "search"]
"""


def _written(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lab.toml").write_text(text, "utf-8")
    return folder / "lab.toml"


def test_all_that_it_can_say(tmp_path: Path) -> None:
    mirror = Mirrors("dl.espressif.cn/github_assets")
    expected = Lab("zh_TW", "COM3", "1.25.0", mirror, "ring_class", ("tests", "search"))
    assert lab.load(_written(tmp_path, _ALL)) == expected


def test_it_may_say_nothing(tmp_path: Path) -> None:
    assert lab.load(_written(tmp_path, "# later\n")) == Lab()


@pytest.mark.parametrize(
    "mirror", ['"mirror.school.example:8080/assets"', '{github_assets = "mirror.school.example", prefix_map = ["a,b"]}']
)
def test_a_mirror_is_a_host_or_what_mirrors_toml_says(tmp_path: Path, mirror: str) -> None:
    found = lab.load(_written(tmp_path, f"mirror = {mirror}\n")).mirror
    assert found is not None
    assert found.github_assets.startswith("mirror.school.example")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('langauge = "fr"', 'lab.toml line 2: the key "langauge" is unknown. Did you mean "language"?'),
        ('run = "rm -rf /"', 'lab.toml line 2: the key "run" is unknown. The keys here are: language, board'),
        ('language = "tlh"', 'line 2: "language" cannot be that. Use one of: en, fr'),
        ("language = 3", 'line 2: "language" must be a text in quotes, not a whole number.'),
        ('board = "../../etc/passwd"', 'line 2: "board" cannot be that. Write it like COM3, /dev/ttyUSB0, sim:rv32.'),
        ('board = "/dev/../etc/passwd"', 'line 2: "board" cannot be that.'),
        ('board = "COM3; calc"', 'line 2: "board" cannot be that.'),
        ('sdk = "1.2"', "line 2: MicroPython 1.2 is not supported. Use a release from 1.22 to 1.29."),
        ('sdk = "new"', "line 2: new is no MicroPython version."),
        ('mirror = "http://x y"', "line 2:"),
        ('mirror = "mirror.example/$(id)`"', "line 2:"),
        ('project = "../secret"', 'line 2: "project" cannot be that. Write it like factorial.'),
        ('project = "C:\\\\work"', 'line 2: "project" cannot be that.'),
        ('hidden = ["ok", "../x"]', 'line 2: "hidden" has something that is no name of a panel.'),
        ("hidden = 'tests'", 'line 2: "hidden" must be a list of texts in quotes, not a text in quotes.'),
        ("language = ", "lab.toml line 2: this is not valid TOML"),
    ],
)
def test_what_it_cannot_say_is_refused_with_its_line(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(ProjectFileError) as caught:
        lab.load(_written(tmp_path, f"# a room\n{line}\n"))
    assert words in str(caught.value)


def test_the_one_beside_studio_py_comes_before_that_of_the_pack(paths: Paths, tmp_path: Path) -> None:
    assert lab.file_of(paths, tmp_path) is None
    of_pack = _written(paths.config, 'language = "fr"\n')
    assert lab.file_of(paths, tmp_path) == of_pack
    beside = _written(tmp_path, 'language = "en"\n')
    assert lab.file_of(paths, tmp_path) == beside


def test_it_presets_once(paths: Paths) -> None:
    _written(paths.config, 'language = "fr"\n')
    assert lab.first_time(paths, "window") == Lab(language="fr")
    assert lab.first_time(paths, "window") is None
    assert lab.first_time(paths, "other") is not None
    _written(paths.config, 'language = "en"\n')
    assert lab.first_time(paths, "window") == Lab(language="en")
    (paths.state / "lab-seen.json").write_text("garbage")
    assert lab.first_time(paths, "window") is not None


def test_the_mirror_is_the_room_s_until_the_person_takes_another(paths: Paths) -> None:
    lab.use_mirror(paths)
    assert not Mirrors.saved(paths)
    _written(paths.config, 'mirror = "espressif-china"\n')
    lab.use_mirror(paths)
    assert Mirrors.saved(paths).github_assets == "dl.espressif.cn/github_assets"
    Mirrors().save(paths)
    lab.use_mirror(paths)
    assert not Mirrors.saved(paths)


def test_a_mirror_of_the_person_s_own_stays(paths: Paths) -> None:
    Mirrors("mine.example").save(paths)
    _written(paths.config, 'mirror = "espressif-china"\n')
    lab.use_mirror(paths)
    assert Mirrors.saved(paths).github_assets == "mine.example"


def test_a_file_with_a_fault_presets_nothing_and_stops_nothing(paths: Paths) -> None:
    _written(paths.config, "lang = 1\n")
    assert lab.if_good(paths) == Lab()
