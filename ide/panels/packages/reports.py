"""What was done with packages, as a sentence. No Qt."""

from __future__ import annotations

from ide.board.mip.records import InstallReport, RemoveReport
from toolchains.text import Text, _


def sentence_of(report: object) -> Text:
    """What an install or a removal did."""
    if isinstance(report, RemoveReport):
        names = ", ".join(report.packages)
        if report.left:
            return _(
                "Removed {names}. Changed since, and left on the board: {paths}.",
                names=names, paths=", ".join(report.left),
            )  # fmt: skip
        return _("Removed {names}.", names=names)
    assert isinstance(report, InstallReport)
    return _installed(report)


def _installed(report: InstallReport) -> Text:
    names = ", ".join(f"{one.name} {one.version}".rstrip() for one in report.packages)
    if report.hidden:
        return _(
            "Installed {names} in {folder}. These were there before, and import finds them first: {paths}.",
            names=names, folder=report.lib, paths=", ".join(report.hidden),
        )  # fmt: skip
    if not report.written:
        return _("{names}: every file was there already.", names=names)
    return _("Installed {names} in {folder}.", names=names, folder=report.lib)
