"""What ``natmod toolchain list`` shows: who serves, what is here, what can be had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ide.cli.verb import Session
from toolchains.chips import Arch, arch, arches, chips
from toolchains.compilers import for_release
from toolchains.sdk_tree import DEFAULT_VERSION
from toolchains.text import Text, _
from toolchains.units import size_text

if TYPE_CHECKING:
    from toolchains.compilers import Candidate
    from toolchains.fetch import OfflineSource
    from toolchains.manager import Installed, Need
    from toolchains.providers import Offer


def show_list(session: Session, only: str | None, *, every: bool, sources: Sequence[OfflineSource] = ()) -> None:
    """Three tables: the compilers of each architecture, what is here, and, with ``every``, all that can be had.

    ``only``: an architecture, or a chip that has it. ``sources``: packs that are at hand.
    """
    only = chips()[only].arch if only in chips() else only
    toolchains, out = session.toolbox.toolchains, session.out
    wanted = [arch(only)] if only else list(arches().values())
    rows: list[tuple[object, ...]] = []
    served, lacking = [], []
    for one in wanted:
        candidates = session.toolbox.compilers.candidates(session.ctx, one)
        (need,) = toolchains.needs(session.ctx, [one.name], sources=sources)
        rows += _arch_rows(one, candidates, need)
        served += [_candidate_record(one, candidate, need) for candidate in candidates]
        lacking += [{"arch": one.name, **_offer_record(offer)} for offer in need.offers[:1]]
    installed = [one for one in toolchains.installed() if only is None or only in one.arches]
    offers = toolchains.offers(only, sources=sources)
    out.table((_("architecture"), _("compiler"), _("version"), _("remark")), rows)
    out.text()
    out.table(
        (_("here"), _("size"), _("where"), _("serves"), _("default for")), [_installed_row(one) for one in installed]
    )
    if every:
        out.text()
        heads = (_("can be had"), _("download"), _("on disk"), _("serves"), _("how"))
        out.table(heads, [_offer_row(offer) for offer in offers], right=(1, 2))
    for error in toolchains.broken():
        out.error(error)
    out.record(
        {
            "kind": "toolchains",
            "compilers": served,
            "lacking": lacking,
            "installed": [_installed_record(one) for one in installed],
            "offers": [_offer_record(offer) for offer in offers],
        }
    )


def show_installed(session: Session, got: Sequence[tuple[str, Installed]]) -> None:
    """What serves each thing that was asked for."""
    for what, one in got:
        session.out.text(_("{what}: {name} in {path}.", what=what, name=one.id, path=one.folder))
    records = [{"for": what, **_installed_record(one)} for what, one in got]
    session.out.record({"kind": "toolchains-installed", "toolchains": records})


def _arch_rows(one: Arch, candidates: list[Candidate], need: Need) -> list[tuple[object, ...]]:
    rows = [_candidate_row(one, candidate, need) for candidate in candidates]
    if need.offers:
        offer = need.offers[0]
        rows.append((one.name, offer.tool, offer.version, _how(offer, one.name)))
    elif need.choice is None:
        rows.append((one.name, "-", "-", _("no compiler, and none that we know can be had")))
    return rows


def _candidate_row(one: Arch, candidate: Candidate, need: Need) -> tuple[object, ...]:
    command = " ".join(candidate.command)
    compiler = candidate.compiler
    if compiler is None:
        return one.name, command, "-", candidate.problem
    if need.choice is not None and need.choice.compiler.command == compiler.command:
        return one.name, command, compiler.version, _("chosen: {reason}", reason=need.choice.reason)
    return one.name, command, compiler.version, for_release(candidate, one, DEFAULT_VERSION).problem or ""


def _how(offer: Offer, arch_name: str) -> Text:
    if offer.problem is not None:
        return _("not here: {reason}", reason=offer.problem)
    command = offer.command or f"natmod toolchain install {arch_name}"
    if offer.size is None:
        return _("not here; get it with: {command}", command=command)
    return _("not here; get it ({size}) with: {command}", size=size_text(offer.size), command=command)


def _installed_row(one: Installed) -> tuple[object, ...]:
    size = size_text(one.disk) if one.disk is not None else "-"
    return one.id, size, one.found_where, ", ".join(one.arches) or "-", ", ".join(one.default_for) or "-"


def _offer_row(offer: Offer) -> tuple[object, ...]:
    how = offer.problem or offer.command or f"natmod toolchain install {offer.id}"
    size = size_text(offer.size) if offer.size is not None else "-"
    disk = size_text(offer.disk) if offer.disk is not None else "-"
    return offer.id, size, disk, ", ".join(offer.arches) or ", ".join(offer.chips) or "-", how


def _candidate_record(one: Arch, candidate: Candidate, need: Need) -> dict[str, object]:
    compiler = candidate.compiler
    chosen = need.choice is not None and compiler is not None and need.choice.compiler.command == compiler.command
    return {
        "arch": one.name,
        "command": list(candidate.command),
        "toolchain": candidate.toolchain,
        "version": compiler.version if compiler else None,
        "origin": compiler.origin if compiler else None,
        "problem": str(candidate.problem) if candidate.problem else None,
        "chosen": chosen,
        "reason": str(need.choice.reason) if chosen and need.choice is not None else None,
    }


def _installed_record(one: Installed) -> dict[str, object]:
    return {
        "id": one.id,
        "tool": one.tool,
        "version": one.version or None,
        "arches": list(one.arches),
        "folder": str(one.folder),
        "bin": str(one.bin),
        "bytes": one.disk,
        "origin": one.origin,
        "where": one.found_where,
        "default_for": list(one.default_for),
    }


def _offer_record(offer: Offer) -> dict[str, object]:
    return {
        "provider": offer.provider,
        "id": offer.id,
        "program": offer.program,
        "arches": list(offer.arches),
        "chips": list(offer.chips),
        "micropython": list(offer.micropython),
        "download": offer.size,
        "disk": offer.disk,
        "command": offer.command or None,
        "problem": str(offer.problem) if offer.problem else None,
        "reason": str(offer.reason) if offer.reason else None,
    }
