"""``natmod firmware size``: what takes how much of a firmware, and against what it was or would be without."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

from ide.cli.firmware_project import asked, sdk_for
from ide.cli.verb import Session
from toolchains.firmware import size_compare
from toolchains.firmware.results import result_of
from toolchains.firmware.size_compare import Change
from toolchains.firmware.sizes import Piece, Sizes
from toolchains.firmware.weighing import weigh
from toolchains.project import Project
from toolchains.text import _
from toolchains.units import percent_text, signed_size_text, size_text

_BY: Mapping[str, Callable[[Piece], str]] = {
    "part": size_compare.by_group,
    "file": size_compare.by_file,
    "symbol": size_compare.by_symbol,
}
#: Of files and symbols, as many as a person reads.
_MOST = 40


def arguments(parser: argparse.ArgumentParser) -> None:
    """What only this action takes."""
    words = _("size: compare with the build before (last), or with MicroPython alone (stock)")
    parser.add_argument("--against", choices=("last", "stock"), help=str(words))
    parser.add_argument(
        "--by", choices=tuple(_BY), default="part", help=str(_("size: rows of parts, files or symbols"))
    )


def run(options: argparse.Namespace, session: Session) -> int:
    """The table, and where there is one how it fits."""
    project = asked(options)
    now = weigh(project)
    before = _before(options, session, project)
    rows = size_compare.compare(now, before, _BY[options.by])
    out = session.out
    out.text(_("{flash} of flash, {ram} of RAM", flash=size_text(now.flash), ram=size_text(now.ram)))
    if options.against and before is None:
        out.text(_("There is no build before this one."))
    elif before is not None:
        out.text(_("Flash: {change}, RAM: {ram}", change=signed_size_text(now.flash - before.flash),
                   ram=signed_size_text(now.ram - before.ram)))  # fmt: skip
    shown = rows if options.by == "part" else rows[:_MOST]
    _table(session, shown, now.flash, compared=before is not None)
    _fit(session, project)
    out.record({
        "kind": "firmware-size", "flash": now.flash, "ram": now.ram, "regions": dict(now.totals),
        "groups": now.of_groups(), "by": options.by, "against": options.against,
        "rows": [{"name": one.name, "now": one.now, "before": one.before} for one in rows],
    })  # fmt: skip
    return 0


def _before(options: argparse.Namespace, session: Session, project: Project) -> Sizes | None:
    if options.against == "last":
        return size_compare.last(project)
    if options.against == "stock":
        box = session.toolbox
        return size_compare.stock(session.ctx, project, sdk_for(options, session, project), box.host, box.paths)
    return None


def _table(session: Session, rows: tuple[Change, ...], whole: int, *, compared: bool) -> None:
    cells = [
        (one.name or _("other"), size_text(one.now), percent_text(one.now, whole))
        + ((signed_size_text(one.change) if one.change else "",) if compared else ())
        for one in rows
    ]
    head = (_("name"), _("size"), "", *((_("change"),) if compared else ()))
    session.out.table(head, cells, right={1, 2, 3})


def _fit(session: Session, project: Project) -> None:
    """Whether the app fits its partition, and what is left of the memories."""
    from toolchains.firmware.fit import fit_of  # here, because few ask: pyelftools is loaded already

    result = result_of(project)
    if result is None:
        return
    found = fit_of(result.elf, result.files, result.product)
    rows = [(one.name, one.used, one.size) for one in found.regions if one.used]
    if found.partition_bytes is not None:
        rows.insert(0, (str(_("Partition of the app")), found.app_bytes, found.partition_bytes))
    if rows:
        cells = [(name, size_text(used), size_text(size), size_text(max(0, size - used))) for name, used, size in rows]
        session.out.table((_("memory"), _("used"), _("of"), _("left")), cells, right={1, 2, 3})
    if found.larger and (found.left or 0) < 0:
        session.out.text(_("Layouts with more room for the app: {names}", names=", ".join(found.larger)))
