"""Changes of files: all or none, to the byte, and back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolchains import edits
from toolchains.edits import EditRefused, Fix, TextEdit, apply, difference, edited, preview, read_text, rebased
from toolchains.errors import DiskError, StudioError
from toolchains.text import _

_TITLE = _("change")


def test_a_change_is_made_and_taken_back_to_the_byte(tmp_path: Path) -> None:
    one, other = tmp_path / "one é.c", tmp_path / "sub folder" / "other.h"
    raw = b"\xef\xbb\xbfint a;\r\n// \xff\xfe latin\r\nint b;"
    one.write_bytes(raw)
    text = read_text(one)
    at = text.index("int b")
    fix = Fix(
        _TITLE,
        (TextEdit.at(one, text, at, at + 5, "int c;\nint d"), TextEdit.insert(one, 1, "/* new */\n"),
         TextEdit(other, 0, 0, "", "made\n")),
    )  # fmt: skip
    assert fix.paths == (one, other)
    shown = preview(fix)
    assert shown[one][0] == text
    done = fix.apply()
    assert one.read_bytes() == b"\xef\xbb\xbf/* new */\r\nint a;\r\n// \xff\xfe latin\r\nint c;\r\nint d;"
    assert read_text(one) == shown[one][1]
    assert other.read_text() == "made\n"
    again = done.undo()
    assert one.read_bytes() == raw
    assert not other.exists()
    again.undo()
    assert b"int d" in one.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one é.c", "sub folder"]  # nothing of ours stays


def test_a_file_that_changed_since_is_refused_and_no_other_is_written(tmp_path: Path) -> None:
    one, other = tmp_path / "one.c", tmp_path / "other.c"
    one.write_text("int a;\n")
    other.write_text("int a;\n")
    fix = Fix(_TITLE, tuple(TextEdit(path, 4, 5, "a", "b") for path in (one, other)))
    other.write_text("char a;\n")
    with pytest.raises(EditRefused, match=r"other\.c was not changed"):
        fix.apply()
    assert one.read_text() == "int a;\n"
    other.write_text("int a;\n")
    done = fix.apply()
    one.write_text("int b; // mine\n")
    with pytest.raises(EditRefused):
        done.undo()
    assert (one.read_text(), other.read_text()) == ("int b; // mine\n", "int b;\n")


def test_a_file_that_is_gone_or_has_come_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.c"
    with pytest.raises(EditRefused, match="not there any more"):
        apply(_TITLE, [TextEdit(path, 0, 1, "a", "b")])
    with pytest.raises(DiskError):
        read_text(path)
    done = apply(_TITLE, [TextEdit(path, 0, 0, "", "new\n")])
    path.unlink()
    with pytest.raises(EditRefused):
        done.undo()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_leaves_the_rest_alone(tmp_path: Path) -> None:
    good, bad = tmp_path / "a.c", tmp_path / "locked" / "b.c"
    good.write_text("a")
    bad.parent.mkdir()
    bad.write_text("a")
    bad.parent.chmod(0o500)
    with pytest.raises(DiskError):
        apply(_TITLE, [TextEdit(path, 0, 1, "a", "b") for path in (good, bad)])
    bad.parent.chmod(0o700)
    assert good.read_text() == "a"


def test_a_write_that_fails_in_the_middle_puts_the_others_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [tmp_path / name for name in ("a.c", "b.c", "c.c")]
    for path in paths:
        path.write_text("a")
    real, left = os.replace, [2]

    def replace(source: Path, target: Path) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr("toolchains.host.os.replace", replace)
    with pytest.raises(DiskError):
        apply(_TITLE, [TextEdit(path, 0, 1, "a", "b") for path in paths])
    assert [path.read_text() for path in paths] == ["a", "a", "a"]
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.skipif(os.name == "nt", reason="links and modes of POSIX")
def test_a_link_and_the_mode_of_a_file_stay(tmp_path: Path) -> None:
    target, link = tmp_path / "real.c", tmp_path / "link.c"
    target.write_text("a")
    target.chmod(0o640)
    link.symlink_to(target)
    apply(_TITLE, [TextEdit(link, 0, 1, "a", "b")])
    assert link.is_symlink()
    assert (target.read_text(), target.stat().st_mode & 0o777) == ("b", 0o640)


def test_changes_for_the_same_place_are_refused_and_insertions_keep_their_order(tmp_path: Path) -> None:
    path = tmp_path / "a.c"
    assert edited("ab", [TextEdit.insert(path, 1, "1"), TextEdit.insert(path, 1, "2")]) == "a12b"
    with pytest.raises(EditRefused, match="same place"):
        edited("abcd", [TextEdit(path, 0, 2, "ab", "x"), TextEdit(path, 1, 3, "bc", "y")])


def test_a_fix_finds_its_place_after_another_was_made(tmp_path: Path) -> None:
    path, text = tmp_path / "a.c", "one\r\ntwo\r\nthree\r\n"
    first = TextEdit.at(path, text, 0, 3, "1\n1")
    later = Fix(_TITLE, (TextEdit.at(path, text, 10, 15, "3"), first))
    moved = rebased(later, [first], {path: "\r\n"})
    assert moved is not None
    assert edited(edited(text, [first]), moved.edits) == "1\r\n1\r\ntwo\r\n3\r\n"
    assert rebased(Fix(_TITLE, (TextEdit.at(path, text, 2, 6, "x"),)), [first], {}) is None
    assert rebased(Fix(_TITLE, (first,)), [first], {}) is None


@given(st.text(max_size=30), st.text(max_size=30))
def test_the_difference_makes_one_of_the_other(before: str, after: str) -> None:
    edit = difference(Path("a"), before, after)
    if edit is None:
        assert before == after
    else:
        assert before[: edit.start] + edit.new + before[edit.end :] == after


def test_a_huge_file_is_no_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edits, "_MOST_BYTES", 10)
    path = tmp_path / "a.c"
    path.write_text("x" * 11)
    with pytest.raises(EditRefused, match="too long"):
        read_text(path)


@given(st.binary(max_size=60), st.data())
def test_any_bytes_come_back(tmp_path_factory: pytest.TempPathFactory, raw: bytes, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("e") / "a.c"
    path.write_bytes(raw)
    text = read_text(path)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    try:
        apply(_TITLE, [TextEdit.at(path, text, start, end, "new\n")]).undo()
    except StudioError:
        raise AssertionError("it fits") from None
    assert path.read_bytes() == raw
