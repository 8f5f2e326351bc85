"""All about the chosen row, in words."""

from __future__ import annotations

from ide.panels.toolchains.rows import Row
from ide.toolchain_facts import Facts, chip_names, cost, name_of, serves
from toolchains.providers import Offer
from toolchains.text import Text, _
from toolchains.toolchain_records import Installed, Need
from toolchains.units import size_text

Pair = tuple[Text, object]


def pairs_of(facts: Facts, row: Row | None) -> list[Pair]:
    """Names and values; none for a heading."""
    thing = row.thing if row is not None else None
    if isinstance(thing, Offer):
        return _offer(facts, thing)
    if isinstance(thing, Installed):
        return _installed(facts, thing)
    if isinstance(thing, Need):
        return _need(facts, thing)
    return []


def _offer(facts: Facts, offer: Offer) -> list[Pair]:
    found: list[Pair | None] = [
        (_("what stands against it"), offer.problem) if offer.problem is not None else None,
        (_("command"), offer.command) if offer.command else None,
        (_("why this one"), offer.reason) if offer.reason is not None else None,
        (_("size"), cost(offer)) if cost(offer) else None,
        (_("for"), serves(() if offer.chips else offer.arches, offer.chips)),
        (_("architectures"), ", ".join(offer.arches)) if offer.arches else None,
        (_("MicroPython"), _releases(offer)) if offer.arches else (_("what for"), _("not for native modules")),
        (_("program"), offer.program) if offer.program else None,
        (_("from"), facts.title(offer)),
        (_("name"), offer.id),
    ]
    return [pair for pair in found if pair is not None]


def _releases(offer: Offer) -> Text | str:
    return ", ".join(offer.micropython) or _("every supported release")


def _installed(facts: Facts, one: Installed) -> list[Pair]:
    found: list[Pair | None] = [
        (_("default for"), ", ".join(one.default_for)) if one.default_for else None,
        (_("for"), serves(one.arches)),
        (_("architectures"), ", ".join(one.arches)) if one.arches else None,
        (_("on disk"), size_text(one.disk)) if one.disk else None,
        (_("from"), facts.origin(one)),
        (_("folder"), one.folder),
        (_("name"), one.id),
    ]
    return [pair for pair in found if pair is not None]


def _need(facts: Facts, need: Need) -> list[Pair]:
    found: list[Pair] = [(_("architecture"), chip_names(need.arch))]
    if need.choice is not None:
        compiler = need.choice.compiler
        found += [(_("compiler"), f"{compiler.kind} {compiler.version}"), (_("why this one"), need.choice.reason),
                  (_("name"), need.choice.toolchain or compiler.program)]  # fmt: skip
    elif not any(offer.problem is None for offer in need.offers):
        found.append((_("can be had"), _("nothing that we know of")))
    for offer in need.offers:
        if offer.problem is not None:
            continue
        price = cost(offer)
        words = f"{name_of(offer)} · {facts.title(offer)}"
        found.append((_("can be had"), f"{words}: {price}" if price else words))
        if offer.command:
            found.append((_("command"), offer.command))
    return found
