"""Which language a person gets: what was asked for, what the system says, and English when in doubt."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from toolchains import host_languages, languages
from toolchains.errors import StudioError, UsageError
from toolchains.host import Host
from toolchains.text import _, sentences
from toolchains.units import percent_text, signed_size_text, size_text, time_text

_THERE = ["en", "fr", "zh_CN", "zh_TW"]


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("fr", "fr"),
        ("fr_CA.UTF-8", "fr"),
        ("FR-be", "fr"),
        ("en_GB", "en"),
        ("C", "en"),
        ("C.UTF-8", "en"),
        ("zh", "zh_CN"),
        ("zh_CN.GB18030", "zh_CN"),
        ("zh_SG", "zh_CN"),
        ("zh-Hans-HK", "zh_CN"),
        ("zh_TW.UTF-8", "zh_TW"),
        ("zh_HK", "zh_TW"),
        ("zh-Hant", "zh_TW"),
        ("zh-Hant-MO", "zh_TW"),
        ("zh_CHT", "zh_TW"),
        ("frr_DE", None),
        ("de_DE.UTF-8", None),
        ("", None),
    ],
)
def test_a_wish_finds_its_language(wish: str, language: str | None) -> None:
    assert host_languages.match(wish, _THERE) == language


def _language(system: str, **environ: str) -> str:
    return languages.of_system(Host(system, "x86_64", environ))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "zh_TW.UTF-8"}, "zh_TW"),
        ({"LANG": "fr_FR.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8", "LC_ALL": ""}, "zh_CN"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "de:zh_HK:fr"}, "zh_TW"),
        ({"LANGUAGE": "fr"}, "fr"),
        ({"LC_ALL": "C", "LANGUAGE": "fr"}, "en"),  # a script that wants neutral words
        ({"LANG": "tlh"}, "en"),
        ({"LANG": "fr_FR.UTF-8", "NATMOD_LANG": "zh-Hant"}, "zh_TW"),
        ({"LANG": "fr_FR.UTF-8", "NATMOD_LANG": "en"}, "en"),
        ({"LANG": "fr_FR.UTF-8", "NATMOD_LANG": "tlh"}, "fr"),
    ],
)
def test_posix_says_it_in_the_environment(environ: dict[str, str], language: str) -> None:
    assert _language("linux", **environ) == language
    assert _language("macos", HOME="/nowhere", **environ) == language


def test_macos_says_it_in_its_settings_too(tmp_path: Path) -> None:
    settings = tmp_path / "Library" / "Preferences" / ".GlobalPreferences.plist"
    settings.parent.mkdir(parents=True)
    settings.write_bytes(plistlib.dumps({"AppleLanguages": ["de-TW", "zh-Hant-TW"]}, fmt=plistlib.FMT_BINARY))
    assert _language("macos", HOME=str(tmp_path)) == "zh_TW"
    assert _language("macos", HOME=str(tmp_path), LANG="fr_FR.UTF-8") == "fr"
    assert _language("linux", HOME=str(tmp_path)) == "en"
    for damaged in (b"", b"bplist00 but not really", plistlib.dumps([1], fmt=plistlib.FMT_BINARY)):
        settings.write_bytes(damaged)
        assert _language("macos", HOME=str(tmp_path)) == "en"


@pytest.mark.parametrize(
    ("identifier", "language"),
    [
        (0x040C, "fr"),
        (0x0C0C, "fr"),
        (0x0404, "zh_TW"),
        (0x0C04, "zh_TW"),
        (0x0804, "zh_CN"),
        (0x0409, "en"),
        (0, "en"),
    ],
)
def test_windows_says_it_by_a_number(identifier: int, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_languages, "_windows_ui_language", lambda: identifier)
    assert _language("windows", LANG="xx") == language
    assert _language("windows", NATMOD_LANG="fr") == "fr"


def test_an_unknown_language_that_was_asked_for_is_an_error() -> None:
    with pytest.raises(UsageError, match=r'language "tlh". Use one of: en, fr, zh_CN, zh_TW.'):
        languages.asked_for("tlh")


@pytest.mark.parametrize(
    ("args", "wish", "rest"),
    [
        (["--lang", "fr", "build"], "fr", ["build"]),
        (["build", "--lang=fr", "."], "fr", ["build", "."]),
        (["build", "--lang", "fr", "--lang", "en"], "en", ["build"]),
        (["build", "--lang"], None, ["build", "--lang"]),
        (["build", "--lang", "--json"], None, ["build", "--lang", "--json"]),
        (["build", "--", "--lang", "fr"], None, ["build", "--", "--lang", "fr"]),
    ],
)
def test_the_option_is_taken_from_anywhere(args: list[str], wish: str | None, rest: list[str]) -> None:
    assert host_languages.taken(args) == (wish, rest)


def test_numbers_and_units_are_the_language_s_own() -> None:
    space = "\N{NO-BREAK SPACE}"
    languages.use("fr")
    assert [size_text(148), size_text(1126), size_text(2 << 20)] == [f"148{space}o", f"1,1{space}ko", f"2,0{space}Mo"]
    assert signed_size_text(-1126) == f"-1,1{space}ko"
    assert [time_text(0.04), time_text(200)] == [f"0,04{space}s", f"3{space}min 20{space}s"]
    assert percent_text(41, 100) == f"41{space}%"
    languages.use("zh_TW")
    assert [size_text(1126), time_text(0.04), time_text(200)] == ["1.1 kB", "0.04 秒", "3 分 20 秒"]


def test_an_error_is_said_in_the_language_of_the_moment_without_gaps() -> None:
    error = StudioError(
        _("The board restarts again and again."), next_step=_("Press its reset button, or unplug it and plug it in.")
    )
    assert str(error).startswith("The board restarts again and again. Press its reset")
    languages.use("zh_CN")
    assert str(error) == "开发板不断重启。请按下复位按钮，或拔下再插上。"
    assert sentences("a.", "b？", "c", None) == "a. b？c None"
