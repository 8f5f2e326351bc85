"""Results as the XML that CI servers read."""

from __future__ import annotations

from xml.etree import ElementTree

from ide.board.junit import junit_xml
from ide.board.testing import BoardResult
from ide.board.verdicts import Case
from toolchains.errors import BoardError
from toolchains.text import _


def test_suites_cases_and_faults_are_where_ci_servers_look_for_them() -> None:
    cases = (
        Case("tests/a.py", "", "passed", 0.5, output="odd \x00 text ✓\n"),
        Case("tests/a.py", "T.b", "failed", 0.25, "1 is not 2", "Traceback <1>"),
        Case("tests/b.py", "", "timeout", 2, "stopped"),
        Case("tests/c.py", "", "skipped", 0, "no ADC"),
    )
    gone = BoardResult("COM3", (), error=BoardError(_("It went.")))
    root = ElementTree.fromstring(junit_xml("blinker", [BoardResult("sim:rv32", cases), gone]))
    first, second = root.findall("testsuite")
    assert first.attrib == {
        "name": "sim:rv32",
        "tests": "4",
        "failures": "1",
        "errors": "1",
        "skipped": "1",
        "time": "2.750",
    }
    a, b, c, d = first.findall("testcase")
    assert (a.get("classname"), a.get("name"), a.get("time")) == ("sim:rv32.tests.a", "tests/a.py", "0.500")
    assert a.findtext("system-out") == "odd \ufffd text ✓\n"
    assert (b.get("name"), b.findtext("failure")) == ("T.b", "Traceback <1>")
    assert [node.get("message") for node in (b[0], c[0], d[0])] == ["1 is not 2", "stopped", "no ADC"]
    assert [node.tag for node in (c[0], d[0])] == ["error", "skipped"]
    (board,) = second.findall("testcase")
    assert board[0].get("message") == "It went."
