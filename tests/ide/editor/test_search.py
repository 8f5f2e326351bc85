"""Find and replace in the files of a project."""

from __future__ import annotations

from pathlib import Path

import pytest

from ide.editor import search
from ide.editor.search import BadPattern, FileHits, Query, Summary, find, hits_in, replace
from tests.conftest import RecordingContext
from toolchains.errors import Cancelled


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "projet été"
    files = {
        "main.c": b"int count;\r\nint counter; // Count \xc3\xa9 count\r\n",
        "src/old.c": b"// d\xe9j\xe0 count\n",
        "lib/wide.py": "count = 1\n".encode("utf-16"),
        "notes.md": b"nothing here\n",
        "firmware.bin": b"count\0count",
        "build/out.c": b"count",
        "build-rv32imc/out.c": b"count",
        ".natmod/x.c": b"count",
        ".git/config": b"count",
    }
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def _search(ctx: RecordingContext, root: Path, query: Query, **more: object) -> tuple[list[FileHits], Summary]:
    found: list[FileHits] = []
    summary = find(ctx, root, query, found.append, **more)
    return found, summary


def _places(found: list[FileHits], root: Path) -> list[str]:
    return [f"{one.path.relative_to(root).as_posix()}:{hit.line}:{hit.column}" for one in found for hit in one.hits]


def test_all_that_a_person_wrote_is_searched(ctx: RecordingContext, project: Path) -> None:
    found, summary = _search(ctx, project, Query("count"))
    assert _places(found, project) == [
        "main.c:1:5", "main.c:2:5", "main.c:2:17", "main.c:2:25", "lib/wide.py:1:1", "src/old.c:1:9",
    ]  # fmt: skip
    assert (summary.n_files, summary.n_hits, summary.n_looked, summary.cut) == (3, 6, 4, False)


@pytest.mark.parametrize(
    ("query", "places"),
    [
        (Query("Count", case=True), ["main.c:2:17"]),
        (Query("count", word=True, only=("*.c",)), ["main.c:1:5", "main.c:2:17", "main.c:2:25", "src/old.c:1:9"]),
        (Query(r"count(er)?;$", regex=True), ["main.c:1:5"]),
        (Query(r"^\w+ count", regex=True, case=True), ["main.c:1:1", "main.c:2:1"]),
        (Query("count", only=("src/*",)), ["src/old.c:1:9"]),
        (Query("count", never=("*.c",)), ["lib/wide.py:1:1"]),
        (Query("é"), ["main.c:2:23", "src/old.c:1:5"]),
        (Query("x*", regex=True), []),
        (Query("count;\r\nint"), []),
    ],
)
def test_ways_to_search(ctx: RecordingContext, project: Path, query: Query, places: list[str]) -> None:
    assert _places(_search(ctx, project, query)[0], project) == places


def test_what_is_not_saved_yet_is_what_is_searched(ctx: RecordingContext, project: Path) -> None:
    found, _summary = _search(ctx, project, Query("novel"), unsaved={project / "main.c": "a\nnovel\n"})
    assert _places(found, project) == ["main.c:2:1"]


@pytest.mark.parametrize("text", ["(", "[a", "*", "(?P<a>x)(?P<a>y)", "a{99999999999}"])
def test_an_expression_that_cannot_be_read_is_a_sentence(ctx: RecordingContext, project: Path, text: str) -> None:
    with pytest.raises(BadPattern, match="This regular expression cannot be read"):
        _search(ctx, project, Query(text, regex=True))


def test_a_replacement_that_cannot_be_read_is_a_sentence(ctx: RecordingContext, project: Path) -> None:
    with pytest.raises(BadPattern, match="This replacement cannot be read"):
        _search(ctx, project, Query("(count)", regex=True, replacement=r"\2"))


def test_lines_are_counted_alike_for_every_line_end() -> None:
    assert [hit.line for hit in hits_in("x\nx\r\nx\rx\n\n\r\nx", Query("x"))] == [1, 2, 3, 4, 7]


def test_a_long_line_is_shown_in_part() -> None:
    [hit] = hits_in(f"{'a' * 500}needle{'b' * 500}", Query("needle"))
    assert hit.shown[slice(*hit.mark)] == "needle"
    assert len(hit.shown) == 200


def test_a_search_without_end_stops(ctx: RecordingContext, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_HITS", 3)
    found, summary = _search(ctx, project, Query("count"))
    assert summary.cut
    assert sum(len(one.hits) for one in found) == 3


def test_a_search_can_be_cancelled(ctx: RecordingContext, project: Path) -> None:
    ctx.cancel()
    with pytest.raises(Cancelled):
        _search(ctx, project, Query("count"))


def test_replacing_keeps_encodings_and_line_ends(ctx: RecordingContext, project: Path) -> None:
    query = Query(r"\bcount\b", regex=True, case=True, replacement=r"<\g<0>é>")
    found, _summary = _search(ctx, project, query)
    assert [hit.fresh for one in found for hit in one.hits] == ["<counté>"] * 4
    done = replace(ctx, found)
    assert (len(done.files), done.n_places, done.changed, done.failed) == (3, 4, (), ())
    assert (project / "main.c").read_bytes() == "int <counté>;\r\nint counter; // Count é <counté>\r\n".encode()
    assert (project / "src/old.c").read_bytes() == "// déjà <counté>\n".encode("latin-1")
    assert (project / "lib/wide.py").read_text("utf-16") == "<counté> = 1\n"


def test_a_file_that_changed_since_the_search_is_left_alone(ctx: RecordingContext, project: Path) -> None:
    found, _summary = _search(ctx, project, Query("count", replacement="number"))
    (project / "main.c").write_text("other\n")
    (project / "src/old.c").unlink()
    done = replace(ctx, found)
    assert done.changed == (project / "main.c",)
    assert done.files == (project / "lib/wide.py",)
    assert "old.c" in str(done.failed[0])
    assert (project / "main.c").read_text() == "other\n"


def test_a_character_that_a_file_cannot_hold_stops_that_file_only(ctx: RecordingContext, project: Path) -> None:
    found, _summary = _search(ctx, project, Query("count", replacement="漢"))
    done = replace(ctx, found)
    assert [path.name for path in done.files] == ["main.c", "wide.py"]
    assert "漢 in line 1" in str(done.failed[0])
