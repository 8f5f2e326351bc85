"""The real ``natmod`` command as a person starts it: a process, its two streams, its exit code."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Said:
    """What one call of the command said."""

    code: int
    out: str
    err: str

    @property
    def record(self) -> dict:
        """The one JSON record on standard output."""
        return json.loads(self.out)

    def assert_one_sentence(self) -> str:
        """The error's sentence; fails on a Python traceback of ours."""
        assert self.code not in (0, None), self.out
        assert "toolchains/" not in self.err.replace("\\", "/"), self.err
        assert 'File "' not in self.err.split("Error: ")[0], self.err
        errors = [line for line in self.err.splitlines() if line.startswith("Error: ")]
        assert len(errors) == 1, self.err
        return errors[0]


def natmod(*args: object, stdin: bytes = b"", cwd: Path = CHECKOUT, timeout: float = 240) -> Said:
    """Run ``natmod`` to its end with this test's ``NATMOD_HOME``."""
    done = subprocess.run(
        start_argv(*args), input=stdin, capture_output=True, cwd=cwd, timeout=timeout, env=environment(), check=False
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


def start(*args: object, **options: object) -> subprocess.Popen[bytes]:
    """Start ``natmod`` with piped streams, to be interrupted or killed."""
    pipe = subprocess.PIPE
    return subprocess.Popen(
        start_argv(*args), stdin=pipe, stdout=pipe, stderr=pipe, cwd=CHECKOUT, env=environment(), **options
    )


def start_argv(*args: object) -> list[str]:
    """The argv of ``natmod ARGS``."""
    return [sys.executable, "-m", "ide.cli", *map(str, args)]


def copy_example(name: str, into: Path) -> Path:
    """A copy of an example, as a learner has it: without what was built from it."""
    return Path(shutil.copytree(CHECKOUT / "examples" / name, into / name, ignore=shutil.ignore_patterns(".natmod")))


def environment() -> dict[str, str]:
    """This test's environment; the checkout is importable from any folder. Campaigns get their English here."""
    return {"NATMOD_LANG": "en", **os.environ, "PYTHONPATH": str(CHECKOUT)}
