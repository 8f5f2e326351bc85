"""Opening and saving text files of every kind, and disks that refuse."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ide.editor import textfile
from ide.editor.textfile import FileRefused, Form, NotEncodable, blanks_at_ends, decode, form_to_save, load, save
from tests import disks
from toolchains.errors import DiskError

FRENCH = "/* entrée du programme */\nint x; // carte déjà là, ça marche\n"


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        (FRENCH, "utf-8", "UTF-8"),
        (FRENCH, "utf-8-sig", "UTF-8 BOM"),
        (FRENCH, "utf-16", "UTF-16 LE BOM"),
        (FRENCH, "utf-32", "UTF-32-LE BOM"),
        (FRENCH, "latin-1", "ISO 8859-1"),
        ("// é\n", "latin-1", "ISO 8859-1"),
        ("// “déjà” 5 €\n", "cp1252", "CP1252"),
        ("/* 這是一個測試檔案 */\nint x;\n", "big5", "BIG5"),
        ("/* 这是一个测试文件，用来检查编码 */\nint x;\n", "gb18030", "GB18030"),
        ("# -*- coding: iso-8859-15 -*-\n# 5 €\n", "iso-8859-15", "ISO8859-15"),
        ("", "utf-8", "UTF-8"),
    ],
)
def test_what_is_read_is_written_back_byte_for_byte(tmp_path: Path, text: str, codec: str, name: str) -> None:
    path = tmp_path / "main.c"
    path.write_bytes(text.encode(codec))
    before = path.read_bytes()
    file = load(path)
    assert file.text == text
    assert file.form.name == name
    save(path, file.text, file.form)
    assert path.read_bytes() == before


def test_a_cookie_of_nonsense_is_not_believed() -> None:
    for word in ("rot13", "hex", "martian", "utf-8"):
        data = f"# coding: {word}\n# é".encode("latin-1")
        assert decode(data, Path("a.py")).text.endswith("# é")


def test_a_python_source_that_declares_another_encoding_is_saved_in_it(tmp_path: Path) -> None:
    text = "# coding: latin-1\nname = 'é'\n"
    form = form_to_save(text, Form(), tmp_path / "a.py")
    save(tmp_path / "a.py", text, form)
    assert (tmp_path / "a.py").read_bytes().endswith(b"'\xe9'\n")
    assert form_to_save(text, Form(), tmp_path / "a.c") == Form()


@pytest.mark.parametrize(
    ("text", "eol", "mixed"),
    [("a\nb\n", "\n", False), ("a\r\nb\r\n", "\r\n", False), ("a\rb\r", "\r", False), ("a\r\nb\nc\r\n", "\r\n", True)],
)
def test_line_ends_are_seen_and_kept(tmp_path: Path, text: str, eol: str, mixed: bool) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode())
    file = load(path)
    assert (file.form.eol, file.mixed) == (eol, mixed)
    assert file.text == text


@pytest.mark.parametrize("data", [b"\x7fELF\1\1\0\0", bytes(range(256)), b"\x1f\x8b\x01\x02\x03\x04\x05\x06"])
def test_a_binary_file_is_refused_with_a_sentence(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "firmware.bin"
    path.write_bytes(data)
    with pytest.raises(FileRefused, match=r"firmware\.bin is not a text file"):
        load(path)


def test_a_file_of_200_mb_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    with pytest.raises(FileRefused, match=r"log\.txt has 200 MB; files up to 64 MB can be opened here"):
        load(path)


def test_a_pipe_and_a_folder_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileRefused, match="is not a file"):
        load(tmp_path / "pipe")
    with pytest.raises((FileRefused, DiskError)):
        load(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match=r"gone\.c"):
        load(tmp_path / "gone.c")


def test_a_folder_without_permission_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "été 1"
    folder.mkdir()
    path = folder / "main.c"
    path.write_text("int x;\n")
    with disks.read_only(folder):
        assert load(path).locked
        with pytest.raises(DiskError, match=r"no permission .*main\.c"):
            save(path, "int y;\n", Form())
        with pytest.raises(DiskError, match=r"no permission .*new\.c"):
            save(folder / "new.c", "int y;\n", Form())
    assert path.read_text() == "int x;\n"
    assert [one.name for one in folder.iterdir()] == ["main.c"]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    with disks.small_disk(tmp_path / "disk", "64k") as disk:
        path = disk / "main.c"
        path.write_text("old\n")
        with pytest.raises(DiskError, match=r"no space left to write .*main\.c"):
            save(path, "x" * 100_000, Form())
        assert path.read_text() == "old\n"
        assert [one.name for one in disk.iterdir()] == ["main.c"]


def test_a_full_disk_leaves_a_file_with_two_names(tmp_path: Path) -> None:
    with disks.small_disk(tmp_path / "disk", "64k") as disk:
        path = disk / "main.c"
        path.write_text("old\n")
        os.link(path, disk / "other.c")
        with pytest.raises(DiskError, match="no space left"):
            save(path, "x" * 100_000, Form())
        assert path.read_text() == (disk / "other.c").read_text() == "old\n"


def test_permissions_links_and_names_stay(tmp_path: Path) -> None:
    real = tmp_path / "sources" / "run me.sh"
    real.parent.mkdir()
    real.write_text("echo a\n")
    real.chmod(0o750)
    link, second = tmp_path / "link.sh", tmp_path / "second.sh"
    link.symlink_to(real)
    save(link, "echo b\n", Form())
    assert link.is_symlink()
    assert real.read_text() == "echo b\n"
    assert real.stat().st_mode & 0o777 == 0o750
    os.link(real, second)
    save(second, "c\n", Form())
    assert real.read_text() == "c\n"
    assert real.samefile(second)


def test_a_new_file_gets_what_new_files_get(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    save(tmp_path / "new.c", "int x;\n", Form())
    assert (tmp_path / "new.c").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_character_that_the_encoding_does_not_have_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.c"
    path.write_bytes(b"// \xe9\n")
    with pytest.raises(NotEncodable, match=r"€ in line 2 of .*a\.c cannot be written in ISO 8859-1") as caught:
        save(path, "// é\n// 5 €\n", Form("latin-1"))
    assert caught.value.fields["line"] == 2
    assert path.read_bytes() == b"// \xe9\n"


def test_the_stamp_tells_a_change(tmp_path: Path) -> None:
    path = tmp_path / "a.c"
    stamp = save(path, "a\n", Form())
    assert textfile.stamp_of(path) == stamp == load(path).stamp
    path.write_text("longer\n")
    assert textfile.stamp_of(path) != stamp
    path.unlink()
    assert textfile.stamp_of(path) is None


def test_blanks_at_the_ends_of_lines_are_found() -> None:
    data = b"a  \r\nb\n\t\nc d \n  "
    spans = blanks_at_ends(data)
    assert [data[start:end] for start, end in spans] == [b"  ", b"\t", b" ", b"  "]
