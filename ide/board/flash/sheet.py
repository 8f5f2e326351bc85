"""A page to print about many boards: which passed, which did not, and why. HTML, for the browser to show and print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from pathlib import Path

from ide.board.flash.errors import chip_title
from ide.board.flash.many import Row
from toolchains.errors import disk_errors
from toolchains.text import Text, _, _n
from toolchains.units import size_text

#: Black on white, and words beside the colours: most printers of schools have no colour.
_STYLE = """
body { font: 11pt/1.35 system-ui, sans-serif; margin: 1.5cm; color: #1b1f24; background: #fff; }
h1 { font-size: 16pt; margin: 0 0 .2cm; }
table { border-collapse: collapse; width: 100%; margin-top: .5cm; }
th, td { border: 1px solid #575f6b; padding: .12cm .2cm; text-align: left; vertical-align: top; }
th { background: #e6e9ee; white-space: nowrap; }
tr { break-inside: avoid; }
thead { display: table-header-group; }
.result { font-weight: 700; white-space: nowrap; }
.pass { color: #1a6e35; } .fail { color: #b3261e; }
.mono { font-family: ui-monospace, monospace; white-space: nowrap; }
.small { font-size: 9pt; color: #3a414b; }
.chip { min-width: 2.6cm; }
.checks { width: 42%; }
ul { margin: 0; padding: 0; list-style: none; }
li { display: inline; }
li + li::before { content: " · "; }
.sign { margin-top: 1cm; display: flex; gap: 1cm; }
.sign span { flex: 1; border-top: 1px solid #1b1f24; padding-top: .1cm; }
button { font: inherit; padding: .15cm .5cm; float: right; }
@page { margin: 1.2cm; }
@media print { button { display: none; } body { margin: 0 1px 0 0; font-size: 10pt; } .small { font-size: 8pt; } }
"""


def html(rows: Sequence[Row], when: datetime, *, title: str = "", language: str = "en") -> str:
    """The page. ``title`` is the person's own (a class, a batch); everything is escaped, nothing is loaded."""
    passed = sum(row.good for row in rows)
    heading = title or str(_("Boards"))
    head = "".join(f"<th>{_cell(text)}</th>" for text in _headings())
    body = "\n".join(_row(number, row) for number, row in enumerate(rows, 1))
    counted = _n("{passed} of {n} board passed", "{passed} of {n} boards passed", len(rows), passed=passed)
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(heading)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<button onclick="print()">{_cell(_("Print"))}</button>\n'
        f"<h1>{escape(heading)}</h1>\n"
        f"<p>{when.strftime('%Y-%m-%d %H:%M')} · <strong>{_cell(counted)}</strong></p>\n"
        f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n"
        f'<p class="sign"><span>{_cell(_("Checked by"))}</span><span>{_cell(_("Date"))}</span></p>\n'
        "</body>\n</html>\n"
    )


def write(rows: Sequence[Row], folder: Path, when: datetime, *, title: str = "", language: str = "en") -> Path:
    """Write the page into ``folder``; its file. Raises DiskError."""
    file = folder / f"boards-{when.strftime('%Y%m%d-%H%M%S')}.html"
    with disk_errors(file):
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(html(rows, when, title=title, language=language), "utf-8")
    return file


def _headings() -> tuple[Text, ...]:
    return (
        _("No."), _("Board"), _("Result"), _("Chip"), _("Firmware"), _("Checks"), _("Seconds"),
    )  # fmt: skip


def _row(number: int, row: Row) -> str:
    cells = [
        f"<td>{number}</td>",
        f"<td>{_board(row)}</td>",
        f'<td class="result {"pass" if row.good else "fail"}">{_result(row)}</td>',
        f'<td class="small chip">{_chip(row)}</td>',
        f'<td class="small">{_firmware(row)}</td>',
        f'<td class="small checks">{_checks(row)}</td>',
        f"<td>{row.seconds:.0f}</td>",
    ]
    return f"<tr>{''.join(cells)}</tr>"


def result_words(row: Row) -> Text:
    """The result in a word or two, as in the sheet."""
    if row.good:
        return _("PASS")
    if row.stage == "stopped":
        return _("STOPPED")
    return _("FAIL") if row.ended else _("not done")


def _result(row: Row) -> str:
    return f"{'✓' if row.good else '✗'} {_cell(result_words(row))}"


def _board(row: Row) -> str:
    port = row.flashed.port if row.flashed is not None else row.port
    lines = [f"<strong>{escape(row.label)}</strong>"] if row.label else []
    if row.mac:
        lines.append(f'<span class="small mono">{escape(row.mac)}</span>')
    return "<br>".join([*lines, f'<span class="small">{escape(port)}</span>'])


def _chip(row: Row) -> str:
    chip = row.facts.chip if row.facts is not None else None
    if chip is None:
        return ""
    lines = [escape(chip.description or chip_title(chip.chip))]
    if chip.flash_size:
        lines.append(_cell(_("flash {size}", size=size_text(chip.flash_size))))
    if chip.psram:
        lines.append(_cell(_("PSRAM {size}", size=size_text(chip.psram))))
    return "<br>".join(lines)


def _firmware(row: Row) -> str:
    running = row.flashed.running if row.flashed is not None else None
    lines = [escape(row.firmware)] if row.firmware else []
    if running is not None:
        lines.append(_cell(_("runs {version}", version=running.version)))
    return "<br>".join(lines)


def _checks(row: Row) -> str:
    found = [f"<li>{'✓' if check.good else '✗'} {_cell(check.name)}: {_cell(check.found)}</li>" for check in row.checks]
    listed = f"<ul>{''.join(found)}</ul>" if found else ""
    return listed + _why(row)


def _why(row: Row) -> str:
    if row.error is not None:
        return _lines(part for part in (row.error.what, row.error.why, row.error.next_step) if part is not None)
    if row.stage == "failed":
        return _cell(_("A fault of Natmod Studio stopped it."))
    return ""


def _lines(parts: Iterable[Text]) -> str:
    return " ".join(_cell(part) for part in parts)


def _cell(text: Text) -> str:
    return escape(str(text))
