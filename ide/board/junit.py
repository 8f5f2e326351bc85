"""Results of tests as JUnit XML, which every CI server reads: one suite a board, one case a test."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from ide.board.testing import BoardResult
from ide.board.verdicts import Case

#: The characters that XML 1.0 cannot hold.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ELEMENTS = {"failed": "failure", "timeout": "error", "error": "error", "skipped": "skipped"}


def junit_xml(project: str, results: Sequence[BoardResult]) -> bytes:
    """The whole file. A board that could not be used is a case that ended with an error."""
    root = ElementTree.Element("testsuites", name=_clean(project))
    for result in results:
        _suite(root, result)
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return text + b"\n"


def _suite(root: ElementTree.Element, result: BoardResult) -> None:
    kinds = [_ELEMENTS.get(case.status, "") for case in result.cases] + ["error"] * (result.error is not None)
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        name=_clean(result.address),
        tests=str(len(kinds)),
        failures=str(kinds.count("failure")),
        errors=str(kinds.count("error")),
        skipped=str(kinds.count("skipped")),
        time=f"{sum(case.seconds for case in result.cases):.3f}",
    )
    for case in result.cases:
        _case(suite, result.address, case)
    if result.error is not None:
        node = ElementTree.SubElement(suite, "testcase", classname=_clean(result.address), name="board", time="0")
        _fault(node, "error", str(result.error), result.error.detail)


def _case(suite: ElementTree.Element, address: str, case: Case) -> None:
    where = f"{address}.{case.file.removesuffix('.py').replace('/', '.')}"
    node = ElementTree.SubElement(
        suite,
        "testcase",
        classname=_clean(where),
        name=_clean(case.method or case.file),
        file=_clean(case.file),
        time=f"{case.seconds:.3f}",
    )
    element = _ELEMENTS.get(case.status)
    if element:
        _fault(node, element, case.message, case.detail)
    if case.output:
        ElementTree.SubElement(node, "system-out").text = _clean(case.output)


def _fault(node: ElementTree.Element, element: str, message: str, detail: str) -> None:
    fault = ElementTree.SubElement(node, element, message=_clean(message))
    if detail:
        fault.text = _clean(detail)


def _clean(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
