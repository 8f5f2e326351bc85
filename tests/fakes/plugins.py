"""Distributions with plugins in a temporary folder, as pip would have left them there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.homes import CHECKOUT


class Plugins:
    """A folder on ``sys.path`` for this test."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        monkeypatch.syspath_prepend(folder)

    def add(self, distribution: str, entries: str, source: str = "", *, version: str = "1.0") -> None:
        """A distribution whose one module (called as it is, with ``_``) has this source, and its entry points."""
        module = distribution.replace("-", "_")
        (self.folder / f"{module}.py").write_text(source, "utf-8")
        info = self.folder / f"{module}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(entries, "utf-8")

    def install(self, project: Path) -> None:
        """Have pip build and install a project here, without its dependencies and without the network."""
        argv = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
        argv += ["--no-deps", "--no-build-isolation", "--no-compile", "--target", str(self.folder), str(project)]
        env = {**os.environ, "PYTHONWARNINGS": "", "PIP_NO_WARN_SCRIPT_LOCATION": "1"}
        done = subprocess.run(argv, cwd=CHECKOUT, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def forget(*modules: str) -> None:
    """Let the next test import modules of these names anew."""
    for name in modules:
        sys.modules.pop(name, None)
