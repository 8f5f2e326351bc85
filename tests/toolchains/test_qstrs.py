"""Interned strings are found in the sources and in the headers that they include, inside the project."""

from __future__ import annotations

from pathlib import Path

from toolchains.contents import MISSING
from toolchains.qstrs import scan


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def test_headers_are_followed(tmp_path: Path) -> None:
    files = {
        "src/a.c": '#include "b.h"\n  #  include <deep/c.h>\nMP_QSTR_a MP_QSTR_\n',
        "src/b.h": '#include "../inc/d.h"\nMP_QSTR_b\n',
        "inc/deep/c.h": '#include "c.h"\nMP_QSTR_c\n',
        "inc/d.h": "nothing\n",
        "inc/unused.h": "MP_QSTR_unused\n",
    }
    found = scan(write(tmp_path, files), ["src/a.c"], ["inc"])
    assert found.qstrs == {"MP_QSTR_", "MP_QSTR_a", "MP_QSTR_b", "MP_QSTR_c"}
    assert set(found.hashes) == {"src/a.c", "src/b.h", "inc/deep/c.h", "inc/d.h"}
    assert set(found.mentioning) == {"src/a.c", "src/b.h", "inc/deep/c.h"}


def test_files_outside_the_project_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path, {"outside.h": "MP_QSTR_outside\n", "p/a.c": '#include "../outside.h"\n#include </etc/passwd>\n'})
    assert scan(tmp_path / "p", ["a.c"], []).hashes.keys() == {"a.c"}


def test_text_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_bytes(b"// \xe9\xff\n MP_QSTR_a\n")
    assert scan(tmp_path, ["a.c"], []).qstrs == {"MP_QSTR_a"}


def test_a_missing_source(tmp_path: Path) -> None:
    assert scan(tmp_path, ["a.c"], []).hashes == {"a.c": MISSING}
