"""Help, wrong words, and the next step that is printed for a person to type."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path

import pytest

from ide.cli.main import main


def test_help_is_a_verb_too(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        main(["help", "run"])
    assert ended.value.code == 0
    assert "usage: natmod run" in capsys.readouterr().out


def test_the_usage_line_names_the_verb(capsys: pytest.CaptureFixture[str]):
    assert main([]) == 0
    assert capsys.readouterr().out.startswith("usage: natmod [-h] [--version] [--lang LANG] VERB")


@pytest.mark.parametrize("folder", ["plain", "dossier à moi", "计算机 科学"])
def test_the_next_step_of_new_can_be_typed_as_it_stands(
    tmp_path: Path, folder: str, capsys: pytest.CaptureFixture[str]
):
    project = tmp_path / folder / "blinker"
    (tmp_path / folder).mkdir()
    assert main(["new", str(project)]) == 0
    typed = capsys.readouterr().out.partition("Next: ")[2]
    assert shlex.split(typed) == ["natmod", "run", str(project)]


@pytest.mark.parametrize("words", [["hlep"], ["run", "--bord", "x"], ["build", "a", "b"], ["inspect"]])
def test_a_wrong_word_is_one_sentence_and_a_record_with_json(words: list[str], capsys: pytest.CaptureFixture[str]):
    assert main(words) == 2
    said = capsys.readouterr().err
    assert said.startswith("Error: ")
    assert said.count("\n") == 1
    assert "--help" in said
    assert main([*words, "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["code"] == "usage"


def test_a_folder_that_is_gone_is_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> str:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(os, "getcwd", gone)
    assert main(["build"]) == 2
    assert capsys.readouterr().err.startswith("Error: The folder that you are in is not there any more. Go to")
