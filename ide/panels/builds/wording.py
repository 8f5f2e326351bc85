"""Builds in words: lines for the output, rows about a module. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.panels.builds.facts import Facts, Product
from toolchains import mpy_loads, mpy_words
from toolchains.matrix import Status
from toolchains.mpy_loads import NotLoadable
from toolchains.mpyfile import MpyFile
from toolchains.text import Text, _
from toolchains.units import signed_size_text, size_text, time_text

if TYPE_CHECKING:
    from ide.board.inspect import Identity
    from toolchains.build_records import BuildResult
    from toolchains.project import Project

Row = tuple[object, object]

SECTION_NAMES: dict[str, Text] = {
    "text": _("code"),
    "rodata": _("constants"),
    "bss": _("variables"),
    "got": _("address table"),
    "file": _(".mpy file"),
}
STATUSES: dict[Status, Text] = {
    "built": _("built"),
    "no-compiler": _("no compiler"),
    "too-new": _("not in this MicroPython"),
    "failed": _("failed"),
}


def product_lines(product: Product) -> list[str]:
    """How the build for one architecture ended: one line, or the sentences of its error."""
    result = product.result
    if result is None:
        words: object = product.error if product.status == "failed" else STATUSES[product.status]
        return [f"{product.arch}: {words}"]
    made = [name for name in result.rebuilt if name != result.path.name]
    size, took = size_text(result.file_size), sum(seconds for _name, seconds in result.steps)
    if made:
        line = _("{arch}: {size} in {time}; compiled: {names}", arch=product.arch, size=size, time=time_text(took),
                 names=", ".join(made))  # fmt: skip
    else:
        line = _("{arch}: {size} in {time}; all of it came from the cache", arch=product.arch, size=size,
                 time=time_text(took))  # fmt: skip
    return [str(line), str(result.path)]


def change_text(change: int | None) -> str:
    """``+12 B``; empty where there is nothing to compare with."""
    return "" if change is None else signed_size_text(change)


def module_rows(product: Product, facts: Facts, project: Project | None, identity: Identity | None) -> list[Row]:
    """All that is worth saying of a module, apart from its sizes."""
    result = product.result
    assert result is not None
    rows: list[Row] = [(_("file"), result.path)]
    rows.append((_("loads on"), loads(facts.mpy, identity)))
    rows.append((_("compiler"), f"{result.compiler.kind} {result.compiler.version}"))
    if product.choice is not None:
        rows.append((_("why this one"), product.choice.reason))
    rows.append((_("MicroPython"), result.sdk_version))
    rows.append((_("why this version"), sdk_reason(result.sdk_version, project, identity)))
    rows.append((_("compiled now"), ", ".join(facts.compiled) or _("nothing")))
    rows.append((_("from the cache"), ", ".join(facts.cached) or _("nothing")))
    return [*rows, *_remarks(result), *mpy_words.rows(facts.mpy)]


def _remarks(result: BuildResult) -> list[Row]:
    return [
        (title, ", ".join(names))
        for title, names in (
            (_("added from libraries"), result.helped),
            (_("compiled as one file"), result.together),
            (_("addresses kept"), result.moved),
        )
        if names
    ]


def loads(mpy: MpyFile, identity: Identity | None) -> Text | str:
    """Which boards load a file, and what the one that is connected says to it."""
    general = _general(mpy)
    if identity is None:
        return general
    try:
        mpy_loads.check_loads(mpy, identity.loader)
    except NotLoadable as error:
        return _("{boards}. Not on this board: {reason}", boards=general, reason=error)
    return _("{boards}. The board can load it.", boards=general)


def _general(mpy: MpyFile) -> Text:
    releases = mpy_loads.releases_text(mpy.version, mpy.sub_version, native=mpy.is_native)
    if not mpy.is_native:
        return _("every board with .mpy version {releases}", releases=releases)
    return _("boards with {arch} and .mpy version {releases}", arch=mpy_words.architecture(mpy), releases=releases)


def sdk_reason(version: str, project: Project | None, identity: Identity | None) -> Text:
    """Why the sources of this MicroPython were taken."""
    if project is not None and project.pin_micropython == version:
        return _("chosen in natmod.toml")
    if identity is None:
        return _("the usual one, since no board is connected")
    if identity.version == version:
        return _("the board's own version")
    return _("the nearest to the board's {version} that is here", version=identity.version)
