"""studio.py speaks the person's language before anything is installed, and hands the wish over to natmod."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import studio
from tests.homes import CHECKOUT


@pytest.mark.parametrize(
    ("words", "environ", "begins"),
    [
        (["--lang", "fr"], {}, "Le disque est plein"),
        (["demo", "--lang=zh-Hant"], {}, "磁碟已滿"),
        ([], {"NATMOD_LANG": "zh_CN"}, "磁盘已满"),
        ([], {"NATMOD_LANG": "", "LANG": "fr_CA.UTF-8"}, "Le disque est plein"),
        (["--lang", "tlh"], {}, "The disk is full"),
    ],
)
def test_set_up_speaks_the_person_s_language(
    words: list[str], environ: dict[str, str], begins: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["studio.py", *words])
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert str(studio.explain("No space left on device", {})).startswith(begins)


def test_without_the_rest_of_the_project_it_still_speaks(tmp_path: Path) -> None:
    shutil.copy(CHECKOUT / "studio.py", tmp_path)
    code = "import studio; print(studio.explain('No space left', {}))"
    env = {"PATH": os.environ["PATH"], "LANG": "fr_FR.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("The disk is full")


@pytest.mark.parametrize(
    ("args", "verbs"),
    [
        ([], ["demo"]),
        (["--lang", "fr"], ["--lang", "fr", "demo"]),
        (["--lang=fr"], ["--lang=fr", "demo"]),
        (["--lang", "fr", "sim"], ["--lang", "fr", "sim"]),
        (["--help"], ["--help"]),
    ],
)
def test_a_language_alone_is_still_the_demo(args: list[str], verbs: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    handed = []
    monkeypatch.setattr(studio, "problem_of", lambda machine: None)
    monkeypatch.setattr(studio.Environment, "set_up", lambda environment, *groups: None)
    monkeypatch.setattr(studio.Machine, "has_display", lambda machine: False)
    monkeypatch.setattr(studio, "hand_over", lambda argv, platform: handed.append(argv))
    studio.start(args, studio.Machine())
    assert handed[0][handed[0].index("ide.cli") + 1 :] == verbs
