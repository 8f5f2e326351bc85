"""One call of ``natmod`` in the test's own process: quicker than a process, with the same words and exit code."""

from __future__ import annotations

import json

import pytest

from ide.cli.main import main


class Said:
    """Runs ``natmod`` in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: object) -> tuple[int, str, str]:
        code = main([*map(str, words)])
        said = self._capsys.readouterr()
        return code, said.out, said.err

    def records(self, *words: object) -> tuple[int, list[dict]]:
        code, out, _err = self(*words, "--json")
        return code, [json.loads(line) for line in out.splitlines()]
