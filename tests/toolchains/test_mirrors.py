"""Mirrors, in the form that ESP-IDF's own installer knows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from toolchains.errors import DiskError
from toolchains.fetch import Download
from toolchains.host import Host
from toolchains.mirrors import FILE, PRESETS, MirrorError, Mirrors
from toolchains.paths import Paths

GITHUB = "https://github.com/espressif/crosstool-NG/releases/download/esp-14.2.0_20241119/x.tar.xz"
CHINA = "https://dl.espressif.cn/github_assets/espressif/crosstool-NG/releases/download/esp-14.2.0_20241119/x.tar.xz"
DL = "https://dl.espressif.com/dl/x.zip"


def _of(host: Host, paths: Paths, **environ: str) -> Mirrors:
    return Mirrors.of(replace(host, environ=environ), paths)


def test_without_settings_nothing_changes(host: Host, paths: Paths) -> None:
    mirrors = _of(host, paths)
    assert not mirrors
    assert mirrors.rewrite(GITHUB) == [GITHUB]


@pytest.mark.parametrize("value", ["dl.espressif.cn/github_assets", " dl.espressif.cn/github_assets// "])
def test_github_assets(host: Host, paths: Paths, value: str) -> None:
    mirrors = _of(host, paths, IDF_GITHUB_ASSETS=value)
    assert mirrors.rewrite(GITHUB) == [CHINA, GITHUB]
    assert mirrors.rewrite(DL) == [DL]
    assert mirrors.rewrite("https://example.org/https://github.com/") == ["https://example.org/https://github.com/"]


def test_the_first_item_that_changes_an_address_wins(host: Host, paths: Paths) -> None:
    value = r"^https://nowhere/,x;^https://dl\.espressif\.com/dl,http://lab.local:8000;^https://dl,https://other"
    mirrors = _of(host, paths, IDF_MIRROR_PREFIX_MAP=value)
    assert mirrors.rewrite(DL) == ["http://lab.local:8000/x.zip", DL]
    assert mirrors.rewrite(GITHUB) == [GITHUB]


def test_a_replacement_is_plain_text(host: Host, paths: Paths) -> None:
    mirrors = _of(host, paths, IDF_MIRROR_PREFIX_MAP=r"^https://(dl).*$,https://h/\1\g<0>")
    assert mirrors.rewrite(DL) == [r"https://h/\1\g<0>", DL]


def test_both_are_applied_one_after_the_other(host: Host, paths: Paths) -> None:
    """As idf_tools.py does: what the map made of it may be on github.com again."""
    mirrors = _of(host, paths, IDF_MIRROR_PREFIX_MAP="^https://old,https://github.com", IDF_GITHUB_ASSETS="m.example")
    assert mirrors.rewrite("https://old/a/b") == ["https://m.example/a/b", "https://old/a/b"]


@pytest.mark.parametrize("replacement", ["file:///etc/", "", "ftp://x/", "https:///", "http://["])
def test_what_is_no_web_address_is_not_used(host: Host, paths: Paths, replacement: str) -> None:
    assert _of(host, paths, IDF_MIRROR_PREFIX_MAP=f"^https://dl.*/,{replacement}").rewrite(DL) == [DL]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("IDF_GITHUB_ASSETS", "https://dl.espressif.cn/github_assets", "without https://, such as dl.espressif.com"),
        ("IDF_GITHUB_ASSETS", "two words", "two words is no name of a server"),
        ("IDF_GITHUB_ASSETS", "a@b", "is no name of a server"),
        ("IDF_GITHUB_ASSETS", "x" * 500, "is no name of a server"),
        ("IDF_MIRROR_PREFIX_MAP", "https://github.com", "no comma"),
        ("IDF_MIRROR_PREFIX_MAP", "[,x", "is no search pattern: "),
        ("IDF_MIRROR_PREFIX_MAP", ",x", "not a search pattern that is allowed"),
        ("IDF_MIRROR_PREFIX_MAP", ";".join(["a,b"] * 100), "more than 50 items"),
        ("IDF_MIRROR_PREFIX_MAP", "a," + "b" * 1000, "too long"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(host: Host, paths: Paths, name: str, value: str, words: str) -> None:
    with pytest.raises(MirrorError, match=words) as raised:
        _of(host, paths, **{name: value})
    assert str(raised.value).startswith(f"The mirrors in {name} cannot be used. ")


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a*)*b",
        "(a|a)*b",
        "(?:a+){9}b",
        "(a?){30}a{30}",
        "a*a*a*b",
        "a?" * 30 + "a" * 30,
        "(a|a)" * 30 + "b",
        r"(a*)\1b",
        "(?=a*)b",
        "(?P<x>a)(?P=x)*",
        "a++b",
        "x" * 300,
    ],
)
def test_a_pattern_that_could_keep_us_for_ever_is_refused(pattern: str) -> None:
    with pytest.raises(MirrorError, match="not a search pattern that is allowed"):
        Mirrors(prefix_map=(f"{pattern},x",))


@pytest.mark.parametrize(
    "pattern",
    [
        r"^https://github\.com/",
        "^https?://[^/]*/",
        r"^https://dl\.espressif\.(com)/dl/(.+)$",
        r"[*+?{(|]x\*\(\+",
        r"[]a]+[^]b]*",
    ],
)
def test_usual_patterns_are_taken(pattern: str) -> None:
    assert Mirrors(prefix_map=(f"{pattern},x",))


def test_an_endless_address_is_left_alone() -> None:
    url = "https://github.com/" + "a" * 600
    assert Mirrors(prefix_map=("a*a*b,x",)).rewrite(url) == [url]


# --- kept ----------------------------------------------------------------------------------------------------------


def test_what_was_saved_is_read_and_the_environment_goes_first(host: Host, paths: Paths) -> None:
    kept = Mirrors("dl.espressif.cn/github_assets", (r"^https://dl\.espressif\.com,http://lab.local",))
    kept.save(paths)
    assert _of(host, paths) == kept
    assert _of(host, paths).rewrite(DL) == ["http://lab.local/dl/x.zip", DL]
    other = _of(host, paths, IDF_GITHUB_ASSETS="m.example")
    assert (other.github_assets, other.prefix_map) == ("m.example", kept.prefix_map)
    Mirrors().save(paths)
    assert not (paths.config / FILE).exists()
    Mirrors().save(paths)


def test_the_presets_can_be_saved(host: Host, paths: Paths) -> None:
    for preset in PRESETS:
        Mirrors(preset.github_assets).save(paths)
        assert _of(host, paths).rewrite(GITHUB)[0].startswith(f"https://{preset.github_assets}/espressif/")
        assert str(preset.title).startswith("Espressif")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("github_assets =", "It is not TOML"),
        ("github_assets = 3", "github_assets must be a text"),
        ("prefix_map = 'a,b'", "prefix_map must be a list of texts"),
        ("prefix_map = [1]", "prefix_map must be a list of texts"),
        ("prefix_map = ['ab']", "no comma"),
        ("githubassets = 'x'", "githubassets is no setting of mirrors"),
        ("github_assets = 'http://x'", "without https://"),
    ],
)
def test_a_file_with_a_mistake_is_named(host: Host, paths: Paths, text: str, words: str) -> None:
    paths.config.mkdir(parents=True)
    (paths.config / FILE).write_text(text)
    with pytest.raises(MirrorError, match=words) as raised:
        _of(host, paths)
    assert str(paths.config / FILE) in str(raised.value)


def test_a_file_that_is_no_text_is_told(host: Host, paths: Paths) -> None:
    paths.config.mkdir(parents=True)
    (paths.config / FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(MirrorError, match="It is not TOML"):
        _of(host, paths)


def test_a_folder_in_its_place_is_told(host: Host, paths: Paths) -> None:
    (paths.config / FILE).mkdir(parents=True)
    with pytest.raises(DiskError):
        _of(host, paths)


def test_a_download_goes_to_the_mirrors_first(tmp_path: Path) -> None:
    mirrors = Mirrors("dl.espressif.cn/github_assets")
    plain = Download(GITHUB, "x", "sha256:00", 3, (DL,))
    assert mirrors.applied(plain) == replace(plain, url=CHINA, urls=(GITHUB, DL))
    assert Mirrors().applied(plain) == plain
