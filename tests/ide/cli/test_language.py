"""What a person reads who asked for another language: help, wrong words, tables, and what programs read."""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file

from ide.cli import columns
from ide.cli.language import argparse_in
from ide.cli.main import main
from ide.cli.output import Output
from tests.e2e.command import environment, start_argv
from tests.homes import CHECKOUT
from tests.tools import messages
from toolchains import languages

_LANGUAGES = ("fr", "zh_CN", "zh_TW")


def _help(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(args)
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("args", [("--lang", "fr", "sim"), ("sim", "--lang", "fr"), ("sim", "--lang=fr_CA.UTF-8")])
def test_the_language_goes_before_or_after_the_verb(args: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(args) == 0
    assert capsys.readouterr().out.startswith("Aucune carte simulée ne tourne.")


def test_the_session_s_language_is_the_default(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NATMOD_LANG", "zh_TW")
    assert main(["sim"]) == 0
    assert "模擬開發板" in capsys.readouterr().out
    assert main(["sim", "--lang", "en"]) == 0
    assert "simulated board" in capsys.readouterr().out


def test_an_unknown_language_is_an_error_for_people_and_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "tlh", "sim"]) == 2
    assert 'language "tlh". Use one of: en, fr, zh_CN, zh_TW.' in capsys.readouterr().err
    assert main(["sim", "--json", "--lang", "tlh"]) == 2
    record = json.loads(capsys.readouterr().err)
    assert (record["code"], record["fields"]) == ("usage", {"language": "tlh"})


@pytest.mark.parametrize("language", _LANGUAGES)
def test_the_whole_help_is_translated(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = _help(capsys, "--lang", language, "new", "--help")
    for english in ("usage", "positional", "show this", "print", "module's name"):
        assert english not in text
    assert "natmod new [-h]" in text
    assert main(["--lang", language]) == 0
    text = capsys.readouterr().out
    assert "usage" not in text
    assert "natmod demo" in text


def test_argparse_s_errors_are_translated(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "--lang", "fr"]) == 2
    assert "les arguments suivants sont obligatoires\N{NO-BREAK SPACE}: file." in capsys.readouterr().err
    assert main(["new", "x", "--template", "y", "--lang", "zh_CN"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("错误：参数 --template：无效的选择：'y'")
    assert "。“natmod new --help”" in said


def test_what_argparse_says_is_what_the_catalogue_translates() -> None:
    keys = {"_": None, "ngettext": (1, 2)}
    found = {message for _line, message, _comments, _context in extract_from_file("python", argparse.__file__, keys)}
    # Python 3.13 puts the colon of a heading into the sentence, and may name the near choice.
    assert [message for message in messages.ARGPARSE if message not in found and "choice" not in str(message)] == []


def test_the_words_of_argparse_are_lent_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "de")
    with argparse_in("fr"):
        assert "afficher cette aide" in argparse.ArgumentParser().format_help()
    assert "show this help" in argparse.ArgumentParser().format_help()


@pytest.mark.parametrize("verb", ["run", "build", "demo"])
@pytest.mark.parametrize("language", _LANGUAGES)
def test_options_fit_the_terminal(
    verb: str, language: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    text = _help(capsys, verb, "--help", "--lang", language)
    options = text[: text.rindex("\n\n")]
    assert [line for line in options.splitlines() if columns.width(line) > 70] == []


def test_columns_of_wide_and_narrow_words_are_straight(capsys: pytest.CaptureFixture[str]) -> None:
    Output().table(("連接埠", "b"), [("a", "板"), ("très long", "x")])
    rows = capsys.readouterr().out.splitlines()
    assert [columns.width(row[: row.rindex(" ")]) for row in rows] == [10, 10, 10]


def test_wide_text_breaks_between_its_characters_but_keeps_words_and_stops() -> None:
    lines = columns.wrapped("請先輸入（只有一次）natmod build examples/factorial，然後再試。", 20)
    assert lines == ["請先輸入（只有一次）", "natmod build", "examples/factorial，", "然後再試。"]
    assert columns.wrapped("", 20) == [""]


@pytest.mark.parametrize(
    ("text", "n", "fitted"), [("板板", 3, "板 "), ("板", 4, "板  "), ("é…", 3, "é… "), ("abc", 2, "ab")]
)
def test_a_text_is_cut_or_filled_to_its_columns(text: str, n: int, fitted: str) -> None:
    assert columns.fitted(text, n) == fitted


def test_output_that_has_no_chinese_letters_is_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe on a French Windows has the letters of one code page."""
    pipe = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr("sys.stdout", pipe)
    assert main(["sim", "--lang", "zh_TW"]) == 0
    assert main(["sim", "--lang", "fr"]) == 0
    pipe.flush()
    said = pipe.buffer.getvalue().decode("cp1252")  # type: ignore[attr-defined]
    assert "No simulated board is running" in said
    assert "Aucune carte simulée" in said


def test_a_whole_command_speaks_the_system_s_language(tmp_path: Path) -> None:
    env = {name: value for name, value in environment().items() if name not in ("NATMOD_LANG", "LC_ALL", "LANGUAGE")}
    env |= {"LC_MESSAGES": "zh_TW.UTF-8", "PYTHONUTF8": "1"}
    argv = start_argv("build", tmp_path, "--json")
    done = subprocess.run(argv, env=env, cwd=CHECKOUT, capture_output=True, check=False)
    record = json.loads(done.stderr)
    assert done.returncode == 1
    assert record["code"].startswith("project")
    assert "專案" in record["sentence"]


def test_help_costs_no_wide_tables_in_english() -> None:
    """rich is loaded for wide characters only: every start would pay for it."""
    code = "import sys; from ide.cli.main import main; main(['sim', '--lang', 'fr']); assert 'rich' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], env=environment(), cwd=CHECKOUT, capture_output=True, check=True)


def test_every_language_says_its_own_name() -> None:
    from toolchains.text import _

    names = {}
    for language in languages.known():
        languages.use(language)
        names[language] = str(_("English"))
    assert names == {"en": "English", "fr": "français", "zh_CN": "简体中文", "zh_TW": "繁體中文"}
