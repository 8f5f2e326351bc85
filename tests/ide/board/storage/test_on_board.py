"""What a board says of its flash, read as it comes; and our question itself, on real MicroPython with a played chip."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ide.board.errors import BoardGarbled
from ide.board.flash.table import Partition, Table, write_binary
from ide.board.flash.table_csv import read_csv
from ide.board.flash.templates import templates
from ide.board.link import Board
from ide.board.mount import board_source
from ide.board.storage.on_board import Storage, csv, look, storage_from
from tests.ide.board.recorded import flash_of_boards
from toolchains.jobs import JobContext

MB = 1 << 20
LITTLEFS = "<class 'VfsLfs2'>"
RECORDED = flash_of_boards()["boards"]


def rows(table: Table, apps: int | None = None) -> list[tuple[object, ...]]:
    """What esp32.Partition says of a table, with the size of each firmware."""
    return [(p.type, p.subtype, p.offset, p.size, p.name, p.encrypted, apps if p.is_app else None)
            for p in table.partitions]  # fmt: skip


def template(name: str) -> Table:
    return next(one.table for one in templates() if one.name == name)


def storage(answer: tuple[object, ...], version: str = "1.27.0", chip: str = "esp32s3") -> Storage:
    return storage_from(answer, version, chip)


def space(n_bytes: int, free: int, block: int = 4096) -> tuple[int, ...]:
    return (block, block, n_bytes // block, free // block, free // block, 0, 0, 0, 0, 255)


def recorded(number: int, **fields: Any) -> Storage:
    """One of the recorded boards; ``running`` and ``boots`` are addresses."""
    found = [(*row, None) for row in RECORDED[number]["partitions"]]
    answer = (None, found, fields.get("running"), fields.get("boots"), fields.get("flash"), fields.get("mounts", []))
    return storage_from(answer, fields.get("version", "1.19.1"), "esp32")


def test_a_real_table_with_two_places_for_files() -> None:
    found = recorded(0, running=65536, boots=65536, flash=8 * MB)
    assert [part.partition.name for part in found.parts] == ["nvs", "phy_init", "factory", "vfs", "data"]
    factory = found.parts[2]
    assert (factory.running, factory.boots_next) == (True, True)
    assert found.vfs is not None
    assert (found.vfs.offset, found.vfs.implicit) == (2 * MB, False)
    assert [part.partition.subtype_text for part in found.parts] == ["nvs", "phy", "factory", "fat", "fat"]


def test_which_app_runs_and_which_boots_next() -> None:
    found = recorded(1, running=65536, boots=1441792)
    assert [(part.partition.name, part.running, part.boots_next) for part in found.parts] == [
        ("ota_1", True, False),
        ("ota_2", False, True),
    ]


def test_types_of_their_owners_and_odd_sizes_are_shown_as_they_are() -> None:
    assert recorded(2).parts[0].partition.type_text == "0x5a"
    assert recorded(3, flash=32 * MB).parts[0].partition.end == 2 * MB + 14_000_000


def test_the_partition_that_the_firmware_makes_is_told_from_those_of_the_table() -> None:
    written = template("standard")
    seen = [*rows(written, apps=1_500_000), (1, 129, 2 * MB, 14 * MB, "vfs", False, None)]
    mounts = [("/", LITTLEFS, space(14 * MB, 13 * MB))]
    found = storage((write_binary(written).rstrip(b"\xff"), seen, 0x10000, 0x10000, 16 * MB, mounts))
    assert found.written == written
    vfs = found.parts[-1]
    assert (vfs.partition.name, vfs.partition.implicit, vfs.used) == ("vfs", True, MB)
    assert [part.partition.implicit for part in found.parts[:-1]] == [False] * (len(found.parts) - 1)
    assert found.mounts[0].partition == "vfs"
    app = next(part for part in found.parts if part.partition.is_app)
    assert (app.used, app.running) == (1_500_000, True)
    assert "# made by the firmware: vfs" in csv(found)
    assert read_csv(csv(found)).partitions == written.partitions


def test_flags_that_only_the_table_has_are_taken_from_it() -> None:
    row = Partition("vfs", 1, 0x81, 0x200000, 0x100000, readonly=True)
    written = Table((Partition("factory", 0, 0, 0x10000, 0x1F0000), row))
    found = storage((write_binary(written).rstrip(b"\xff"), rows(written), None, None, None, []))
    assert found.parts[1].partition.readonly


def test_types_that_older_firmware_does_not_find_are_in_the_table() -> None:
    seen = template("standard")
    table = Table(
        (*seen.partitions, Partition("ident", 0x5A, 0, 0x200000, 0x6000), Partition("far", 0x5A, 1, 8 * MB, MB))
    )
    found = storage((write_binary(table).rstrip(b"\xff"), rows(seen), None, None, 4 * MB, []))
    assert [part.partition.name for part in found.parts] == ["nvs", "phy_init", "factory", "ident"]


@pytest.mark.parametrize(("version", "implicit"), [("1.27.0", True), ("1.25.0", False)])
def test_without_the_table_it_is_guessed_by_what_the_firmware_would_make(version: str, implicit: bool) -> None:
    seen = [*rows(template("standard")), (1, 129, 2 * MB, 2 * MB, "vfs", False, None)]
    for raw in (None, b"", b"\xaa\x50nonsense", b"\x00" * 96):
        found = storage((raw, seen, None, None, 4 * MB, []), version)
        assert found.written is None
        assert found.vfs is not None
        assert found.vfs.implicit is implicit


def test_filesystems_and_the_partitions_that_they_are_on() -> None:
    more = (
        Partition("romfs", 1, 0x8F, 0x400000, 0x80000),
        Partition("vfs", 1, 0x81, 0x480000, 0x100000),
        Partition("extra", 1, 0x81, 0x600000, 0x40000),
    )
    table = Table((*template("standard").partitions, *more))
    mounts = [
        ("/", LITTLEFS, space(0x100000, 0x80000)),
        ("/rom", "<class 'VfsRom'>", (1, 1, 4000, 0, 0, 0, 0, 0, 0, 32767)),
        ("/extra", "<class 'VfsFat'>", space(0x40000, 0x10000, 512)),
        ("/sd", "<class 'VfsFat'>", space(32 << 30, 1 << 30, 65536)),
        ("/mine", "<class 'MyFS'>", None),
    ]
    found = storage((None, rows(table), None, None, 8 * MB, mounts))
    assert [(mount.path, mount.kind, mount.partition, mount.read_only) for mount in found.mounts] == [
        ("/", "littlefs", "vfs", False),
        ("/rom", "rom", "romfs", True),
        ("/extra", "fat", "extra", False),
        ("/sd", "fat", "", False),
        ("/mine", "MyFS", "", False),
    ]
    assert (found.mounts[0].total, found.mounts[0].free, found.mounts[0].used) == (0x100000, 0x80000, 0x80000)
    assert found.mounts[4].total is None


def test_a_root_that_holds_nothing_is_no_filesystem() -> None:
    nothing = tuple(flash_of_boards()["statvfs"][0]["values"])
    assert storage((None, [], None, None, None, [("/", "", nothing)])).mounts == ()


def test_less_than_nothing_free_is_nothing() -> None:
    (mount,) = storage((None, [], None, None, None, [("/", LITTLEFS, (4096, 4096, 250, -96, -96))])).mounts
    assert (mount.free, mount.total) == (0, 250 * 4096)


def test_the_record_says_it_all() -> None:
    record = json.loads(json.dumps(recorded(0, running=65536, flash=8 * MB).to_json()))
    assert record["flash_size"] == 8 * MB
    assert record["partitions"][3]["label"] == "vfs"


_any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.binary(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.lists(inner, max_size=6).map(tuple),
    max_leaves=10,
)


@given(
    st.tuples(*[_any] * 6),
    st.lists(st.tuples(*[st.integers(0, 1 << 33)] * 4, st.text(max_size=20), _any, _any), max_size=5),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_answer_gives_a_record(answer: tuple[object, ...], found: list[tuple[object, ...]]) -> None:
    for given_rows in (answer[1], found):
        whole = storage((answer[0], given_rows, *answer[2:]))
        assert len(whole.parts) <= 96
        json.dumps(whole.to_json())


@given(_any)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_no_answer_is_garbled(answer: object) -> None:
    if not isinstance(answer, tuple) or len(answer) != 6:
        with pytest.raises(BoardGarbled):
            storage_from(answer, "1.26.1", None)


# --- the question, on real MicroPython ----------------------------------------------------------------------------


def test_a_board_without_partitions_tells_its_filesystem(ctx: JobContext, real_board: Board) -> None:
    names = real_board.ask(ctx, "sorted(dir())")
    found = look(ctx, real_board)
    assert (found.parts, found.flash_size, found.written) == ((), None, None)
    (mount,) = found.mounts
    assert mount.path == "/"
    assert mount.kind in ("littlefs", "posix")
    assert mount.total
    assert mount.free
    assert real_board.ask(ctx, "sorted(dir())") == names


#: A chip of 4 MB that only has what esp32 and esp offer: an image of two segments with a hash at 0x10000.
PLAYED = """
import sys
ROWS = {rows}
FLASH = {flash}
def read(at, buf):
    n = len(buf)
    whole = b"\\xff" * n
    for start, data in FLASH.items():
        if start <= at < start + len(data):
            whole = (data[at - start : at - start + n] + whole)[:n]
    buf[:] = whole
class Partition:
    TYPE_APP, TYPE_DATA, BOOT, RUNNING = 0, 1, 0, 1
    def __init__(self, which):
        self.row = which if isinstance(which, tuple) else ROWS[0]
    @staticmethod
    def find(kind=0):
        return [Partition(row) for row in ROWS if row[0] == kind{any}]
    def info(self):
        return self.row
    def readblocks(self, n, buf, off=0):
        read(self.row[2] + n * 4096 + off, buf)
class esp32:
    pass
esp32.Partition = Partition
class esp:
    flash_read = staticmethod(read)
    flash_size = staticmethod(lambda: 4194304)
sys.modules["esp32"], sys.modules["esp"] = esp32, esp
"""


@pytest.mark.parametrize("any_type", [True, False], ids=["idf5", "older"])
def test_our_question_runs_on_real_micropython(ctx: JobContext, real_board: Board, any_type: bool) -> None:
    written = replace(template("standard"), md5=True)
    made = [row[:6] for row in rows(written)] + [(1, 129, 2 * MB, 2 * MB, "vfs", False)]
    apps_first = sorted(made, key=lambda row: row[0] != 0)
    header = bytes([0xE9, 2, 0, 0]) + bytes(19) + b"\x01"
    image = header + (0).to_bytes(4, "little") + (100).to_bytes(4, "little") + bytes(100)
    image += (0).to_bytes(4, "little") + (60).to_bytes(4, "little") + bytes(60)
    flash = {0x8000: write_binary(written).rstrip(b"\xff"), 0x10000: image}
    code = PLAYED.replace("{rows}", repr(apps_first)).replace("{flash}", repr(flash))
    real_board.exec(ctx, code.replace("{any}", " or kind == 255" if any_type else ""))
    found = look(ctx, real_board)
    app = next(part for part in found.parts if part.partition.is_app)
    assert app.used == 24 + 8 + 100 + 8 + 60 + 8 + 32  # filled to 16 with the checksum, then the hash
    assert (app.running, app.boots_next) == (True, True)
    assert found.written == written
    assert found.vfs is not None
    assert found.vfs.implicit
    assert found.flash_size == 4 * MB


def test_the_question_is_short() -> None:
    assert len(board_source(("storage",))) < 2000
