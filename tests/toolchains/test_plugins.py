"""Plugins: what is found, what is used, and that a broken one is named while the others work."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.plugins import Plugins
from tests.homes import CHECKOUT
from toolchains import plugins
from toolchains.plugins import Broken, Found, PluginError, PluginFailed, PluginTaken, PluginTooNew, PluginWrong

_GROUP = "natmod_studio.panels"


@dataclass(frozen=True)
class Thing:
    """What plugins of the tests' group are."""

    id: str = "thing"
    api: int = 1


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plugins]:
    before = set(sys.modules)
    yield Plugins(tmp_path / "site", monkeypatch)
    for name in set(sys.modules) - before:
        del sys.modules[name]


def _entry(value: str, name: str = "thing") -> str:
    return f"[{_GROUP}]\n{name} = {value}\n"


_SOURCE = "from tests.toolchains.test_plugins import Thing\nTHING = Thing(id={id!r}, api={api})\n"


def _load() -> tuple[list[str], list[Broken]]:
    """The names of the good ones, and the broken ones; of the tests' distributions only."""
    good, bad = plugins.load(_GROUP, Thing, find=lambda group: [f for f in plugins.discover(group) if not f.builtin])
    return [one.plugin.id for one in good], bad


# --- what is found ---------------------------------------------------------------------------------------------------


def test_ours_are_found_first_and_nothing_is_imported(installed: Plugins) -> None:
    installed.add("aaa-first", _entry("aaa_first:THING"), "raise SystemExit('imported')")
    found = plugins.discover(_GROUP)
    assert found[-1] == Found(_GROUP, "thing", "aaa_first:THING", "aaa-first", "1.0")
    assert [one.builtin for one in found] == [True] * (len(found) - 1) + [False]
    assert {"console", "project", "build", "problems"} <= {one.name for one in found}
    assert "aaa_first" not in sys.modules


def test_it_finds_what_importlib_finds(installed: Plugins) -> None:
    from importlib import metadata

    entries = (
        f"[console_scripts]\nx = y:z\n\n[{_GROUP}]\n# none\nA.b-c=m.n : o.p [extra]\ntwo = m\n[other]\nthree = q\n"
    )
    installed.add("Big_Name.of-it", entries, version="2.0rc1+local")
    mine = plugins.discover(_GROUP, [str(installed.folder)])
    (distribution,) = metadata.distributions(path=[str(installed.folder)])
    theirs = distribution.entry_points.select(group=_GROUP)
    parts = [(one.name, *(part.strip() for part in one.value.partition(":")[::2])) for one in mine]
    assert parts == [(point.name, point.module, point.attr or "") for point in theirs]
    assert {(one.distribution, one.version) for one in mine} == {("big-name-of-it", "2.0rc1+local")}


def test_the_first_folder_with_a_distribution_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        Plugins(tmp_path / name, monkeypatch).add("same", _entry(f"{name}:X"))
    found = plugins.discover(_GROUP, [str(tmp_path / "two"), str(tmp_path / "one"), str(tmp_path / "nowhere")])
    assert [one.value for one in found] == ["two:X"]


def test_paths_that_are_no_folders_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "python.zip").write_bytes(b"PK")
    (tmp_path / "odd-1.dist-info").mkdir()
    (tmp_path / "odd-1.dist-info" / "entry_points.txt").mkdir()
    assert plugins.discover(_GROUP, [str(tmp_path / "python.zip"), str(tmp_path)]) == []


# --- what is used ----------------------------------------------------------------------------------------------------


def test_a_good_plugin_is_used(installed: Plugins) -> None:
    installed.add("good", _entry("good:THING"), _SOURCE.format(id="a", api=1))
    assert _load() == (["a"], [])


@pytest.mark.parametrize(
    ("value", "source", "kind", "words"),
    [
        ("bad:THING", "import nothing_of_that_name", PluginFailed, "ModuleNotFoundError: No module named 'nothing_of"),
        ("bad:THING", "raise RuntimeError", PluginFailed, "RuntimeError: RuntimeError."),
        ("bad:THING", "def f(:", PluginFailed, "SyntaxError: "),
        ("bad:THING", "import sys; sys.exit(3)", PluginFailed, "SystemExit: 3."),
        ("bad:THING", "def f(): f()\nf()", PluginFailed, "RecursionError: "),
        ("bad:OTHER", "", PluginFailed, "AttributeError: module 'bad' has no attribute 'OTHER'"),
        ("", "", PluginFailed, "ValueError: "),
        ("bad module:X", "", PluginFailed, "ModuleNotFoundError"),
        ("bad:THING", "THING = 'text'", PluginWrong, "bad:THING is a str, and Thing was expected."),
        ("bad:THING", _SOURCE.format(id="b", api=99), PluginTooNew, "interface 99, and this Natmod Studio has 1."),
        ("bad:THING", "class THING:\n    api = 2", PluginTooNew, "interface 2"),
    ],
)
def test_a_broken_plugin_is_named_and_the_others_work(
    installed: Plugins, value: str, source: str, kind: type[PluginError], words: str
) -> None:
    installed.add("bad", _entry(value), source)
    installed.add("good", _entry("good:THING"), _SOURCE.format(id="a", api=1))
    good, (broken,) = _load()
    assert good == ["a"]
    assert type(broken.error) is kind
    assert str(broken.error).startswith("The plugin thing of bad cannot be used. ")
    assert words in str(broken.error)
    assert broken.error.fields == {"plugin": "thing", "distribution": "bad", "group": _GROUP}
    if kind is PluginTooNew:
        assert str(broken.error).endswith("Install a newer Natmod Studio, or an older version of the plugin.")
    else:
        assert str(broken.error).endswith("pip uninstall bad")


def test_of_two_with_the_same_name_the_first_counts(installed: Plugins) -> None:
    installed.add("beta", _entry("beta:THING", "x"), _SOURCE.format(id="same", api=1))
    installed.add("alpha", _entry("alpha:THING", "y"), _SOURCE.format(id="same", api=1))
    good, (broken,) = _load()
    assert good == ["same"]
    assert isinstance(broken.error, PluginTaken)
    assert "The plugin x of beta cannot be used. alpha has one called same already." in str(broken.error)


def test_what_a_plugin_raises_later_is_blamed_on_it_too() -> None:
    def create() -> None:
        raise KeyError("colour")

    found = Found(_GROUP, "thing", "bad:THING", "bad", "1.0")
    with pytest.raises(PluginFailed, match=r"KeyError: 'colour'") as caught, plugins.blamed_on(found):
        create()
    assert "in create" in caught.value.detail


def test_ctrl_c_is_nobodys_fault() -> None:
    found = Found(_GROUP, "thing", "bad:THING", "bad", "1.0")
    with pytest.raises(KeyboardInterrupt), plugins.blamed_on(found):
        raise KeyboardInterrupt


def test_our_own_are_not_to_be_uninstalled() -> None:
    found = Found(_GROUP, "console", "nothing:PANEL", plugins.OURS, "1.0")
    opened = plugins.open_plugin(found, Thing)
    assert isinstance(opened, Broken)
    assert "pip" not in str(opened.error)


# --- a real one ------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not (CHECKOUT / "examples").is_dir(), reason="the example is in the checkout only")
def test_the_example_is_found_when_pip_has_installed_it(installed: Plugins) -> None:
    installed.install(CHECKOUT / "examples" / "plugin_hello")
    found = [one for one in plugins.discover(_GROUP) if not one.builtin]
    assert found == [Found(_GROUP, "hello", "natmod_hello:PANEL", "natmod-hello", "1.0")]
