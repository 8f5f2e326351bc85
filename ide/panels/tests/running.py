"""The tests on the board: the work that the board's own thread does. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from toolchains.errors import StudioError
from toolchains.jobs import JobContext

if TYPE_CHECKING:
    from ide.board.boards import Boards
    from ide.board.verdicts import Case
    from toolchains.recipe import Wishes


def run(
    ctx: JobContext,
    boards: Boards,
    folder: Path,
    address: str,
    names: Sequence[str],
    wishes: Wishes | None,
    tell: Callable[[Case], None],
) -> StudioError | None:
    """Run the tests with these names (none: all); ``tell`` gets each result. Returns why the rest could not run.

    Raises NoTests, Cancelled, and what loading the project raises.
    """
    from ide.board.testing import SuiteRequest, run_tests
    from toolchains.recipe import NO_WISHES

    for name in names or ("",):
        request = SuiteRequest(folder, (address,), name, wishes=wishes or NO_WISHES)
        results = run_tests(ctx, boards, request, lambda _address, case: tell(case))
        for result in results:
            if result.error is not None:
                return result.error
    return None
