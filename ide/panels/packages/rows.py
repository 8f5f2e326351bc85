"""The list of an index and what the board has, as rows of one table. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ide.package_work import Listing, OnBoard
from ide.table_row import Mood
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.board.mip.records import Installed, Listed

HEADS: tuple[Text, ...] = (_("Package"), _("Version"), _("On the board"), _("Description"))


@dataclass(frozen=True)
class Native:
    """A module of MicroPython that this firmware lacks and that can be built for the board."""

    name: str


@dataclass(frozen=True)
class Row:
    """One row. ``listed``, ``installed``, ``native``: what it is about, as far as it is known."""

    key: str
    cells: tuple[str, ...]
    mood: Mood = ""
    listed: Listed | None = None
    installed: Installed | None = None
    native: Native | None = None
    children: tuple[Row, ...] = ()

    @property
    def name(self) -> str:
        """The package's, or the module's."""
        return self.key.partition(" ")[2]

    @property
    def newer(self) -> str:
        """The version of the index, where the board has another one; "" where there is none."""
        if self.listed is None or self.installed is None or self.listed.version == self.installed.version:
            return ""
        return self.listed.version


def rows_of(listing: Listing | None, on_board: OnBoard | None, words: str) -> tuple[Row, ...]:
    """The sections, and in them the rows that have all of ``words``; a section without rows is left out."""
    listed = {one.name: one for one in listing.packages} if listing is not None else {}
    installed = {one.name: one for one in on_board.installed} if on_board is not None else {}
    here = [_installed(one, listed.get(one.name)) for one in installed.values()]
    lacking = [_native(name) for name in on_board.lacks] if on_board is not None else []
    there = on_board.others if on_board is not None else ()
    others = [_listed(one, there) for name, one in listed.items() if name not in installed]
    sections = (
        Row("section board", (str(_("On the board")),), "heading", children=_chosen(here, words)),
        Row("section native", (str(_("Lacking in this firmware")),), "heading", children=_chosen(lacking, words)),
        Row("section index", (str(_("Can be had")),), "heading", children=_chosen(others, words)),
    )
    return tuple(section for section in sections if section.children)


def _chosen(rows: list[Row], words: str) -> tuple[Row, ...]:
    """Rows that have all words; those with the first one in their name come first."""
    wanted = words.casefold().split()
    found = [row for row in rows if all(word in " ".join(row.cells).casefold() for word in wanted)]
    return tuple(sorted(found, key=lambda row: bool(wanted) and wanted[0] not in row.cells[0].casefold()))


def _listed(one: Listed, there: Sequence[str]) -> Row:
    """``there``: files and folders that somebody put on the board without a note; they may be this package's."""
    name = one.name.partition(".")[0]
    found = next((path for path in there if path in (f"{name}/", f"{name}.py", f"{name}.mpy")), "")
    state = str(_("{path} is there", path=found)) if found else ""
    mood: Mood = "look" if found else ""
    return Row(f"package {one.name}", (one.name, one.version, state, one.description), mood, listed=one)


def _installed(one: Installed, listed: Listed | None) -> Row:
    version = listed.version if listed is not None else ""
    description = listed.description if listed is not None else one.address
    newer = bool(version) and version != one.version
    state = f"✓ {one.version}".rstrip()
    if newer:
        state = str(_("{state}, {version} can be had", state=state, version=version))
    elif not one.wanted:
        state = str(_("{state}, others need it", state=state))
    cells = (one.name, version, state, description)
    return Row(f"package {one.name}", cells, "look" if newer else "good", listed=listed, installed=one)


def _native(name: str) -> Row:
    words = _("MicroPython's {name} as a native module, built for this board", name=name)
    return Row(f"native {name}", (name, "", "", str(words)), native=Native(name))


def facts_of(row: Row, needs: Sequence[str] = ()) -> list[tuple[Text | str, object]]:
    """What is known of a row, as names and values."""
    listed, installed = row.listed, row.installed
    pairs: list[tuple[Text | str, object]] = []
    if listed is not None:
        pairs += [(_("description"), listed.description), (_("newest"), listed.version),
                  (_("needs"), ", ".join(needs)), (_("license"), listed.license),
                  (_("author"), listed.author)]  # fmt: skip
    if installed is not None:
        pairs += [(_("on the board"), installed.version or installed.address), (_("files"), ", ".join(installed.files))]
        if not needs:
            pairs.append((_("needs"), ", ".join(installed.deps)))
    if row.native is not None:
        pairs.append((_("description"), row.cells[3]))
    return [(name, value) for name, value in pairs if value]
