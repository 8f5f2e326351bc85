"""What a program consists of, found by reading it."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolchains.imports import Program, program_of


def program(root: Path, files: dict[str, str], *, starts: tuple[str, ...] = ("main.py",), **options: object) -> Program:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    return program_of(root, starts, **options)  # type: ignore[arg-type]


def outside(found: Program) -> dict[str, bool]:
    return {wanted.name: wanted.optional for wanted in found.outside}


@pytest.mark.parametrize(
    ("main", "wanted"),
    [
        ("import a", {"a.py"}),
        ("import a as b, c", {"a.py", "c.py"}),
        ("from a import *", {"a.py"}),
        ("import pkg", {"pkg/__init__.py"}),
        ("import pkg.b.d", {"pkg/__init__.py", "pkg/b/d.py"}),
        ("from pkg import b, c, name", {"pkg/__init__.py", "pkg/c.py"}),
        ("from pkg.b import d", {"pkg/__init__.py", "pkg/b/d.py"}),
        ("import pkg.up", {"pkg/__init__.py", "pkg/up.py", "pkg/c.py", "pkg/b/d.py"}),
        ("import pkg.b.up", {"pkg/__init__.py", "pkg/b/up.py", "pkg/c.py"}),
        ("def f():\n  if x:\n    import a", {"a.py"}),
        ("try:\n  import a\nexcept ImportError:\n  import c as a", {"a.py", "c.py"}),
        ("__import__('a')\nimportlib.import_module('pkg.c')", {"a.py", "pkg/__init__.py", "pkg/c.py"}),
        ("import ring_a", {"ring_a.py", "ring_b.py"}),
        ("import ready", {"ready.mpy"}),
        ("import both", {"both/__init__.py"}),
        ("x = " + "+".join("1" * 500) + "\nimport a", {"a.py"}),
        ("if TYPE_CHECKING:\n  import a\nelse:\n  import c", {"c.py"}),
        ("import tool", {"tool.py"}),
        ("import hidden.x, data", set()),
    ],
)
def test_imports_of_every_kind_are_followed(tmp_path: Path, main: str, wanted: set[str]) -> None:
    files = {
        "main.py": main,
        "a.py": "",
        "c.py": "",
        "pkg/__init__.py": "",
        "pkg/c.py": "",
        "pkg/unused.py": "",
        "pkg/b/d.py": "",
        "pkg/up.py": "from . import c\nfrom .b.d import thing",
        "pkg/b/up.py": "from ..c import x\nfrom ... import beyond",
        "ring_a.py": "import ring_b",
        "ring_b.py": "import ring_a",
        "ready.mpy": "M",
        "both/__init__.py": "",
        "both.py": "",
        ".hidden/x.py": "",
        "data/table.csv": "",
        "tool.py": "if __name__ == '__main__':\n  import a",
    }
    found = program(tmp_path, files)
    assert found.files[0] == "main.py"
    assert set(found.files[1:]) == wanted
    assert not found.unread


def test_what_is_not_in_the_project_is_named_where_it_is_wanted_first(tmp_path: Path) -> None:
    main = """\
import time, pkg.absent
try:
    import ulab
except (ImportError, OSError):
    ulab = None
try:
    import fast
except ValueError:
    pass
import a, native, native.part
from pkg import anything
"""
    found = program(
        tmp_path, {"main.py": main, "a.py": "import ulab\nimport time", "pkg/x.py": ""}, provided={"native"}
    )
    assert outside(found) == {"time": False, "pkg.absent": False, "ulab": False, "fast": False}
    places = {wanted.name: (wanted.path, wanted.line) for wanted in found.outside}
    assert places == {"time": ("main.py", 1), "pkg.absent": ("main.py", 1), "fast": ("main.py", 7), "ulab": ("a.py", 1)}


def test_files_that_are_opened_by_name_belong_to_it(tmp_path: Path) -> None:
    main = """\
a = open("data/table.csv")
with open("there.json", "r") as f: pass
open("log.txt", "w"); open("more.txt", mode); open("absent.txt"); open("../outside.txt"); open("/there.json")
open("main.py"); open(name); io.open("also.bin", "rb")
"""
    there = dict.fromkeys(("data/table.csv", "there.json", "log.txt", "more.txt", "also.bin"), "")
    (tmp_path / "outside.txt").write_text("")
    found = program(tmp_path / "project", {"main.py": main, **there})
    assert found.data == ("data/table.csv", "there.json", "more.txt", "also.bin")


def test_nothing_outside_the_project_belongs_to_it(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "key.py").write_text("")
    root = tmp_path / "project"
    root.mkdir()
    (root / "linked.py").symlink_to(tmp_path / "secret.py")
    (root / "away").symlink_to(tmp_path / "secrets")
    found = program(root, {"main.py": "import linked, away.key\nopen('linked.py')"})
    assert found.files == ("main.py",)
    assert set(outside(found)) == {"linked", "away"}


@pytest.mark.parametrize(
    ("text", "whats"),
    [
        ("import sys\nsys.exit()", ["sys.exit()"]),
        ("def f():\n  sys.exit(1)", ["sys.exit()"]),
        ("raise SystemExit(3)", ["raise SystemExit"]),
        ("raise SystemExit", ["raise SystemExit"]),
        ("machine.soft_reset()", ["machine.soft_reset()"]),
        ("try:\n  sys.exit()\nexcept SystemExit:\n  pass", []),
        ("try:\n  sys.exit()\nexcept:\n  exit()", ["exit()"]),
        ("try:\n  sys.exit()\nexcept Exception:\n  pass", ["sys.exit()"]),
        ("machine.reset()", []),
        ("if __name__ == '__main__':\n  quit()", ["quit()"]),
    ],
)
def test_places_where_a_program_ends_itself_are_found(tmp_path: Path, text: str, whats: list[str]) -> None:
    assert [place.what for place in program(tmp_path, {"main.py": text}).exits] == whats


@pytest.mark.parametrize("text", ["def f(:", "x = " + "(" * 400, "a\0b", "\ud800"])
def test_a_file_that_is_no_python_is_part_of_it_but_not_followed(tmp_path: Path, text: str) -> None:
    (tmp_path / "main.py").write_bytes(text.encode("utf-8", "surrogatepass"))
    found = program_of(tmp_path, ("main.py",))
    assert (found.files, found.unread) == (("main.py",), ("main.py",))


def test_modules_in_lib_are_imported_by_their_bare_names(tmp_path: Path) -> None:
    files = {"main.py": "import driver, pkg.part, both, none", "both.py": "", "lib/both.py": "", "lib/driver.py": ""}
    files |= {"lib/pkg/__init__.py": "from . import part", "lib/pkg/part.py": "import driver"}
    found = program(tmp_path, files)
    assert {*found.files} == {"main.py", "both.py", "lib/driver.py", "lib/pkg/__init__.py", "lib/pkg/part.py"}
    assert outside(found) == {"none": False}
