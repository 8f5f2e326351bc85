"""The facts as rows of one table: what is needed, what is installed, what can be had, older versions folded. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ide.table_row import Mood
from ide.toolchain_facts import Facts, name_of, serves
from toolchains.chips import arches
from toolchains.providers import Offer
from toolchains.text import Text, _, _n
from toolchains.toolchain_records import Installed, Need
from toolchains.units import size_text

Thing = Offer | Installed | Need | None

HEADS: tuple[Text, ...] = (
    _("Toolchain"), _("For"), _("Download"), _("On disk"), _("From"), _("State"),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One row. ``key`` stays the same while the facts change; ``search`` is what a filter looks at."""

    key: str
    cells: tuple[str, ...]
    thing: Thing = None
    mood: Mood = ""
    children: tuple[Row, ...] = ()
    unfolded: bool = True
    search: str = ""


def rows_of(facts: Facts) -> tuple[Row, ...]:
    """The sections; one without rows is left out, and what is needed where nothing is lacking."""
    needed = tuple(map(_needed, facts.needs)) if facts.lacking else ()
    modules = [offer for offer in facts.offers if offer.arches]
    others = [offer for offer in facts.offers if not offer.arches]
    sections = (
        Row("needed", (str(_("This project and board")),), None, "heading", needed),
        Row("installed", _installed_head(facts), None, "heading", tuple(_installed(facts))),
        Row("modules", (str(_("Can be had, for modules")),), None, "heading", tuple(_groups(facts, modules))),
        Row("others", (str(_("Can be had, for firmware and simulation")),), None, "heading",
            tuple(_groups(facts, others)), unfolded=False),
    )  # fmt: skip
    return tuple(section for section in sections if section.children)


def _needed(need: Need) -> Row:
    choice = need.choice
    if choice is None:
        cells = (need.arch, serves((need.arch,)), *_sizes(need.best), "", str(_("● lacking")))
    else:
        words = f"✓ {choice.compiler.kind} {choice.compiler.version}"
        cells = (need.arch, serves((need.arch,)), "", "", "", words)
    search = " ".join(cells).casefold()
    return Row(f"need {need.arch}", cells, need, "look" if choice is None else "good", search=search)


def _installed_head(facts: Facts) -> tuple[str, ...]:
    disk = sum(one.disk or 0 for one in facts.installed)
    return (str(_("Installed")), "", "", size_text(disk) if disk else "")


def _installed(facts: Facts) -> Iterable[Row]:
    for one in facts.installed:
        state = str(_("default for {arches}", arches=", ".join(one.default_for))) if one.default_for else ""
        served, disk = serves(one.arches), size_text(one.disk) if one.disk else ""
        where = facts.origin(one)
        cells = (name_of(one), served, "", disk, where, state)
        yield Row(f"installed {one.id} {one.found_where}", cells, one, search=_words(one, served, where))


def _groups(facts: Facts, offers: Sequence[Offer]) -> Iterable[Row]:
    """One row a tool: its best version; the others below, folded."""
    best = _recommended(offers)
    groups: dict[tuple[str, str], list[Offer]] = {}
    for offer in offers:
        groups.setdefault((offer.provider, offer.tool), []).append(offer)
    usable = [found for found in groups.values() if any(one.problem is None for one in found)]
    others = [found for found in groups.values() if found not in usable]
    for found in (*usable, *others):
        yield _group(facts, found, best)


def _group(facts: Facts, found: list[Offer], best: set[str]) -> Row:
    first, *rest = sorted(found, key=lambda one: one.problem is not None)
    row = _offered(facts, first, best)
    if not rest:
        return row
    older = tuple(_version(_offered(facts, one, best)) for one in rest)
    state = row.cells[5] or str(_n("{n} more version", "{n} more versions", len(rest)))
    return Row(row.key, (*row.cells[:5], state), row.thing, row.mood, older, unfolded=False, search=row.search)


def _version(row: Row) -> Row:
    """Below its tool, so that its number need not share the column with the tool's name."""
    assert isinstance(row.thing, Offer)
    return replace(row, cells=(row.thing.version, *row.cells[1:]))


def _offered(facts: Facts, offer: Offer, best: set[str]) -> Row:
    served, provider = serves(() if offer.chips else offer.arches, offer.chips), facts.title(offer)
    state: Text | str = ""
    if offer.problem is not None:
        state = _("not on this computer")
    elif key_of(offer) in best:
        state = _("recommended")
    elif offer.command:
        state = _("by a command")
    mood: Mood = "muted" if offer.problem is not None else ""
    cells = (name_of(offer), served, *_sizes(offer), provider, str(state))
    return Row(key_of(offer), cells, offer, mood, search=_words(offer, served, provider))


def key_of(offer: Offer) -> str:
    """An offer among all others: zig has one for each set of releases."""
    return f"offer {offer.provider} {offer.id} {' '.join(offer.arches)}"


def _recommended(offers: Iterable[Offer]) -> set[str]:
    """For each architecture the first that can be had: they come best first."""
    found = set()
    usable = [offer for offer in offers if offer.problem is None]
    for arch in arches():
        first = next((offer for offer in usable if arch in offer.arches), None)
        if first is not None:
            found.add(key_of(first))
    return found


def _sizes(offer: Offer | None) -> tuple[str, str]:
    if offer is None:
        return "", ""
    sizes = (offer.size, offer.disk)
    return tuple(size_text(size) if size is not None else "" for size in sizes)  # type: ignore[return-value]


def _words(one: Offer | Installed, *more: str) -> str:
    """All that somebody may type to find it."""
    chips = one.chips if isinstance(one, Offer) else ()
    micropython = one.micropython if isinstance(one, Offer) else ()
    return " ".join((one.id, one.tool, one.version, *one.arches, *chips, *micropython, *more)).casefold()
