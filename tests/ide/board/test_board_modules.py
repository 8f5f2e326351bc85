"""Which modules a board has, without importing one."""

from __future__ import annotations

from pathlib import Path

import pytest

from ide.board.board_modules import missing_modules
from ide.board.errors import BoardExecError
from tests.conftest import RecordingContext
from tests.sims import sim_board
from toolchains.jobs import JobContext

_NAMES = ("time", "utime", "json", "asyncio", "mine", "pkg", "ready", "absent", "uabsent", "modules")


@pytest.mark.parametrize("address", ["sim:unix", "sim:rv32"])
def test_built_in_frozen_and_own_modules_are_there(address: str, tmp_path: Path, ctx: RecordingContext) -> None:
    with sim_board(address, tmp_path) as sim:
        sim.link.exec(
            ctx,
            "import os\nos.mkdir('/lib')\nos.mkdir('/pkg')\n"
            "for n in ('/mine.py', '/lib/ready.mpy'):\n with open(n, 'w') as f:\n  f.write('raise Exception')\n",
        )
        assert missing_modules(ctx, sim.link, _NAMES) == ("absent", "uabsent", "modules")
        assert sim.link.ask(ctx, "[n for n in ('mine', 'asyncio') if n in sys.modules]", "import sys") == []


class Mute:
    """A board whose firmware has no help(), or one that lists nothing."""

    def __init__(self, said: bytes | None) -> None:
        self.said = said

    def exec(self, ctx: JobContext, code: str, **options: object) -> bytes:
        if self.said is None:
            raise BoardExecError("NameError: name 'help' isn't defined")
        return self.said


@pytest.mark.parametrize("said", [None, b"object modules is of type str\r\n"])
def test_a_board_that_cannot_tell_is_believed_to_have_all(said: bytes | None, ctx: RecordingContext) -> None:
    assert missing_modules(ctx, Mute(said), ["absent"]) == ()  # type: ignore[arg-type]


def test_a_program_that_imports_nothing_else_asks_nothing(ctx: RecordingContext) -> None:
    assert missing_modules(ctx, None, []) == ()  # type: ignore[arg-type]
