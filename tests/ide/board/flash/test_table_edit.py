"""Editing a partition table, and what a change means for what is in the flash."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ide.board.flash import table_edit as edit
from ide.board.flash.table import Partition, Table
from ide.board.flash.table_check import check
from ide.board.flash.table_csv import read_csv
from ide.board.flash.templates import templates

_MB = 1 << 20
_FLASH = 4 * _MB


def _table(name: str) -> Table:
    return next(template.table for template in templates() if template.name == name)


_STANDARD, _EXPLICIT = _table("standard"), _table("explicit-4M")


def test_a_new_partition_goes_into_the_first_gap_that_fits() -> None:
    smaller = edit.resize(_STANDARD, "factory", _MB, _FLASH)
    more = edit.add(smaller, Partition("storage", 1, 0x81, 0, 0x8000), _FLASH)
    assert more.partitions[-1] == Partition("storage", 1, 0x81, 0x110000, 0x8000)
    assert check(more, _FLASH) == []
    other = edit.add(more, Partition("second", 0, 0x20, 0, 0x10000), _FLASH)
    assert other.find("second") == Partition("second", 0, 0x20, 0x120000, 0x10000), "firmware begins at 64 kB"


def test_growing_shifts_what_follows_and_the_files_give_the_room() -> None:
    grown = edit.resize(_EXPLICIT, "factory", 0x2F0000, _FLASH, shift=True)
    assert [(p.name, p.offset, p.size) for p in grown.partitions[2:]] == [
        ("factory", 0x10000, 0x2F0000), ("vfs", 0x300000, 0x100000),
    ]  # fmt: skip
    shrunk = edit.resize(grown, "factory", 0x1F0000, _FLASH, shift=True)
    assert shrunk == _EXPLICIT
    ota = edit.resize(_table("ota-4M"), "ota_0", 0x190000, _FLASH, shift=True)
    assert ota.find("ota_1") == Partition("ota_1", 0, 0x11, 0x1A0000, 0x180000)


def test_moving_removing_and_renaming() -> None:
    assert edit.move(_STANDARD, "factory", 0x20000, _FLASH).find("factory").offset == 0x20000
    assert edit.remove(_EXPLICIT, "vfs").partitions == _STANDARD.partitions
    renamed = edit.rename(_EXPLICIT, "vfs", "ffat")
    assert [p.name for p in renamed.partitions] == ["nvs", "phy_init", "factory", "ffat"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda: edit.resize(_EXPLICIT, "factory", 0x200000, _FLASH), "factory would lie on vfs"),
        (lambda: edit.resize(_STANDARD, "factory", 0x1234, _FLASH), "multiple of 4 kB"),
        (lambda: edit.resize(_STANDARD, "factory", 0, _FLASH), "multiple of 4 kB"),
        (lambda: edit.resize(_STANDARD, "factory", 8 * _MB, _FLASH), "the flash has"),
        (lambda: edit.resize(_STANDARD, "factory", 8 * _MB, _FLASH, shift=True), "the flash has"),
        (lambda: edit.move(_STANDARD, "factory", 0x11000, _FLASH), "must begin at a multiple of 64"),
        (lambda: edit.move(_STANDARD, "nvs", 0x8000, _FLASH), "from 0x9000 on"),
        (lambda: edit.remove(_STANDARD, "vfs"), "no partition vfs"),
        (lambda: edit.rename(_STANDARD, "nvs", "factory"), "already"),
        (lambda: edit.rename(_STANDARD, "nvs", "x" * 17), "1 to 16 letters"),
        (lambda: edit.add(_EXPLICIT, Partition("more", 1, 6, 0, 0x1000), _FLASH), "the flash has"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(change: object, said: str) -> None:
    with pytest.raises(edit.EditRefused) as refused:
        change()
    assert said in str(refused.value)


def test_the_whole_flash_as_a_bar() -> None:
    bar = edit.segments(_STANDARD, _FLASH)
    assert [(s.name, s.kind) for s in bar] == [
        ("", "boot"), ("", "table"), ("nvs", "data"), ("phy_init", "data"), ("factory", "app"), ("vfs", "files"),
    ]  # fmt: skip
    assert bar[-1].implicit
    old = edit.segments(_STANDARD, _FLASH, "1.25.0")
    assert (old[-1].kind, old[-1].size) == ("free", 0x200000)


def test_what_is_lost_is_said() -> None:
    to_ota = {change.name: change for change in edit.changes(_EXPLICIT, _table("ota-4M"), _FLASH)}
    assert {name: (change.kind, change.loses) for name, change in to_ota.items()} == {
        "nvs": ("resized", True), "phy_init": ("kept", False), "factory": ("removed", True),
        "vfs": ("moved", True), "otadata": ("added", False), "ota_0": ("added", False), "ota_1": ("added", False),
    }  # fmt: skip
    assert "is gone" in str(to_ota["factory"].text)
    same = edit.changes(_EXPLICIT, _STANDARD, _FLASH)
    assert {change.kind for change in same} == {"kept"}, "the row goes, and the firmware makes the same partition"


@given(
    st.sampled_from(templates()),
    st.lists(
        st.tuples(
            st.sampled_from(["add", "remove", "move", "resize", "shift"]),
            st.integers(0, 6),
            st.integers(0, 0x500).map(lambda n: n * 0x1000),
        ),
        max_size=8,
    ),
)  # fmt: skip
def test_no_edit_makes_a_table_that_overlaps_or_leaves_the_flash(template: object, edits: list[object]) -> None:
    chosen = next(one for one in templates() if one is template)
    table = chosen.table
    for kind, row, number in edits:
        name = table.partitions[row % len(table.partitions)].name if table.partitions else "none"
        try:
            if kind == "add":
                table = edit.add(table, Partition(f"new{number:x}", row % 2, 6, 0, number), chosen.flash)
            elif kind == "remove":
                table = edit.remove(table, name)
            elif kind == "move":
                table = edit.move(table, name, number, chosen.flash)
            else:
                table = edit.resize(table, name, number, chosen.flash, shift=kind == "shift")
        except edit.EditRefused:
            pass
        said = [str(complaint.text) for complaint in check(table, chosen.flash)]
        assert not any("overlap" in text or "and the flash has" in text or "must begin" in text for text in said), said
        bar = edit.segments(table, chosen.flash)
        assert sum(segment.size for segment in bar) == chosen.flash


def test_a_bar_of_a_hostile_table_has_no_overlap() -> None:
    table = read_csv("a,app,factory,0x10000,0x3FFFFFFF\nb,data,nvs,0x0,0x20000\nc,data,fat,0xFFFFF000,0x1000\n")
    bar = edit.segments(table, _FLASH)
    assert sum(segment.size for segment in bar) == _FLASH
    assert all(before.offset + before.size == after.offset for before, after in itertools.pairwise(bar))
