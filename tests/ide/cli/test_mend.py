"""``natmod mend`` as a person types it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.homes import CHECKOUT
from tests.ide.cli.said import Said
from toolchains.mend import rules

OLD = CHECKOUT / "tests" / "data" / "old_modules"


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_it_is_told_mended_and_taken_back(natmod: Said, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(OLD / "v1_16", tmp_path / "old lamp"))
    before = _contents(folder)
    code, out, _err = natmod("mend", folder)
    assert code == 0
    assert "modlamp.c:14: STATIC is of an older MicroPython; today it is static." in out
    assert "natmod mend --fix" in out
    assert _contents(folder) == before
    code, out, _err = natmod("mend", folder, "--fix")
    assert code == 0
    assert "Changed 4 files: " in out
    assert b"STATIC" not in _contents(folder)["modlamp.c"]
    assert natmod("mend", folder)[1] == "Nothing here is of an older MicroPython.\n"
    code, _out, _err = natmod("mend", folder, "--undo")
    assert (code, _contents(folder)) == (0, before)


def test_one_rule_alone(natmod: Said, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(OLD / "v1_22", tmp_path / "old"))
    assert natmod("mend", folder, "--fix", "--only", "boards")[1] == "Nothing here is of an older MicroPython.\n"
    assert natmod("mend", folder, "--fix", "--only", "static")[0] == 0
    assert "static mp_obj_t mixer_level" in (folder / "mixer.c").read_text()


def test_the_rules_are_listed(natmod: Said) -> None:
    out = natmod("mend", "--list")[1]
    assert all(rule.id in out for rule in rules())


def test_programs_are_told_too(natmod: Said) -> None:
    record = json.loads(natmod("mend", OLD / "v1_22", "--json")[1])
    (one,) = record["found"]
    assert (one["rule"], one["line"], one["since"]) == ("static", 11, "1.23")


def test_no_folder(natmod: Said, tmp_path: Path) -> None:
    code, _out, err = natmod("mend", tmp_path / "nothing")
    assert code == 2
    assert "There is no folder" in err
