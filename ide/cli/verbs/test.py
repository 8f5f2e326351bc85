"""``natmod test``: the project's tests, on boards."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from ide.board.boards import Boards
from ide.board.testing import DEFAULT_TIMEOUT_S, BoardResult, SuiteRequest, run_tests
from ide.board.verdicts import Case, Status
from ide.cli.output import Output
from ide.cli.verb import Session, Verb, add_tools
from ide.cli.wishes import add_project, wishes_of
from toolchains.errors import UsageError, disk_errors
from toolchains.text import Text, _, _n
from toolchains.units import time_text

_RESULTS: dict[Status, Text] = {
    "passed": _("passed"),
    "failed": _("FAILED"),
    "error": _("ERROR"),
    "skipped": _("skipped"),
    "timeout": _("TIME-OUT"),
}


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument(
        "--board",
        action="append",
        default=[],
        metavar="PORT",
        help=str(_("a board to test on, as often as you like (default: the project's, else a simulated one)")),
    )
    parser.add_argument("-k", dest="pattern", default="", metavar="TEXT", help=str(_("only tests whose name has TEXT")))
    parser.add_argument("--junit", type=Path, metavar="FILE", help=str(_("write the results as JUnit XML, too")))
    parser.add_argument(
        "--timeout",
        type=float,
        default=DEFAULT_TIMEOUT_S,
        metavar="SECONDS",
        help=str(_("stop a file that takes longer (default: 60)")),
    )
    add_tools(parser)


def _run(options: argparse.Namespace, session: Session) -> int:
    if not options.timeout > 0:
        raise UsageError(_("A time-out is a number of seconds above zero."), next_step=_("Example: --timeout 120"))
    request = SuiteRequest(
        Path(options.project),
        tuple(dict.fromkeys(filter(None, options.board))),  # a script's variable may be empty
        options.pattern,
        options.timeout,
        options.sdk,
        options.compiler,
        wishes=wishes_of(options),
    )
    start = time.perf_counter()
    with Boards(session.toolbox) as boards:
        results = run_tests(session.ctx, boards, request, lambda board, case: _tell(session.out, board, case))
    ok = all(result.ok for result in results)
    session.out.record({"kind": "test", "ok": ok, "boards": [result.to_json() for result in results]})
    _show(session.out, results, time.perf_counter() - start)
    if options.junit is not None:  # last: a file that cannot be written takes no result away
        _write_junit(options.junit, request.project, results)
    return 0 if ok else 1


def _write_junit(path: Path, project: Path, results: Sequence[BoardResult]) -> None:
    from ide.board.junit import junit_xml  # only here: an XML writer costs 10 ms

    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(junit_xml(project.resolve().name, results))


def _tell(out: Output, board: str, case: Case) -> None:
    """What a failed test said, at once."""
    if out.verbose and case.output:
        out.text(case.output.rstrip())
    if case.good:
        return
    out.text(f"{_RESULTS[case.status]}  {board}  {case.name}  {case.message}".rstrip())
    printed = "" if out.verbose or not case.output.strip() else _("it printed:\n{output}", output=case.output.rstrip())
    for part in (case.detail, str(printed)):
        for line in part.splitlines():
            out.text(f"    {line}")


def _show(out: Output, results: Sequence[BoardResult], seconds: float) -> None:
    """Every test in a table, and the counts."""
    rows = [
        (result.address, case.name, _RESULTS[case.status], time_text(case.seconds), _reason(case))
        for result in results
        for case in result.cases
    ]
    if rows:
        out.table((_("board"), _("test"), _("result"), _("time"), ""), rows)
    for result in results:
        if result.error is not None:
            out.error(result.error)
    cases = [case for result in results for case in result.cases]
    skipped = sum(case.status == "skipped" for case in cases)
    bad = sum(not case.good for case in cases) + sum(result.error is not None for result in results)
    counts = [_n("{n} test passed", "{n} tests passed", len(cases) - skipped - sum(not case.good for case in cases))]
    counts += [_("{n} failed", n=bad)] * bool(bad) + [_("{n} skipped", n=skipped)] * bool(skipped)
    out.text(_("{counts} in {time}.", counts=", ".join(map(str, counts)), time=time_text(seconds)))


def _reason(case: Case) -> str:
    return case.message if case.status == "skipped" else ""


VERB = Verb(
    "test",
    _("run a project's tests on boards"),
    _(
        "Each file of the folder tests runs after a soft reset, with the module built and the project mounted.\n"
        "It passes if it ends without an exception; with unittest, each method is a test; with tests/x.py.exp beside\n"
        "it, it must print exactly that. A test that prints SKIP is skipped.\n"
        "Examples: natmod test examples/factorial --board sim:rv32 --board COM3 --junit results.xml\n"
        "          natmod test examples/factorial/tests/test_factorial.py"
    ),
    _arguments,
    _run,
)
